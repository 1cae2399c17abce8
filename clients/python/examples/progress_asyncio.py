"""As progress.py, with asyncio: progress_asyncio.py ADDRESS [PROMPT]"""

import asyncio
import sys

from progress import show
from seagrpc import AsyncClient, SeaGrpcError, chat, v1


async def main() -> int:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:50051"
    question = sys.argv[2] if len(sys.argv) > 2 else "My kettle is leaking, what can you do?"
    spec = v1.AlignmentSpec(prompt=chat(question), sea=v1.SeaParameters(), seed=1)
    try:
        async with AsyncClient(address) as client:
            async for event in client.stream(spec, timeout=60):
                show(event)
        return 0
    except SeaGrpcError as failure:
        print(f"{failure.code.name} {failure.reason}: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
