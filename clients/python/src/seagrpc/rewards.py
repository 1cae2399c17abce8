"""What a reward of yours needs to be served to SeaGrpc: the base of the contract's RewardService, and how it joins a grpc server."""

from seagrpc._generated.sea.v1.reward_service_pb2_grpc import RewardServiceServicer, add_RewardServiceServicer_to_server

__all__ = ["RewardServiceServicer", "add_RewardServiceServicer_to_server"]
