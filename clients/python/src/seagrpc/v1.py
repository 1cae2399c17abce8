"""The messages and enums of the contract, sea.v1."""

from seagrpc._generated.sea.v1.alignment_pb2 import *  # noqa: F403
from seagrpc._generated.sea.v1.alignment_service_pb2 import *  # noqa: F403
from seagrpc._generated.sea.v1.info_service_pb2 import *  # noqa: F403
from seagrpc._generated.sea.v1.method_pb2 import *  # noqa: F403
from seagrpc._generated.sea.v1.prompt_pb2 import *  # noqa: F403
from seagrpc._generated.sea.v1.reward_service_pb2 import *  # noqa: F403
