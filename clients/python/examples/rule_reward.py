"""A rule as a reward, for SeaGrpc:Models:Rewards:NAME:Endpoint: rule_reward.py [HOST:PORT]"""

import sys
from concurrent import futures

import grpc
from seagrpc import v1
from seagrpc.rewards import RewardServiceServicer, add_RewardServiceServicer_to_server


def reward(question: str, answer: str) -> float:
    """Higher is better: an answer that is free of charge, and not longer than needed."""
    return 2.0 * ("free" in answer.lower()) - 0.01 * len(answer.split())


class Rule(RewardServiceServicer):
    def Score(self, request, context):
        return v1.RewardServiceScoreResponse(prompts=[
            v1.PromptRewards(rewards=[reward(prompt.messages[-1].content, one.text) for one in prompt.responses])
            for prompt in request.prompts
        ])


server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
add_RewardServiceServicer_to_server(Rule(), server)
address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50061"
port = server.add_insecure_port(address)
server.start()
print(f"http://{address.rsplit(':', 1)[0]}:{port}", flush=True)
server.wait_for_termination()
