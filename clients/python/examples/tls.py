"""Calls a server over TLS: tls.py ADDRESS ROOTS.pem [CERTIFICATE.pem KEY.pem]"""

import os
import sys
from pathlib import Path

from seagrpc import Client, SeaGrpcError, chat, v1


def main() -> int:
    address, roots, *own = sys.argv[1:]
    spec = v1.AlignmentSpec(prompt=chat("My kettle is leaking, what can you do?"), sea=v1.SeaParameters(), seed=1)
    try:
        with Client(
            address,
            root_certificates=Path(roots).read_bytes(),  # Without it, those of the system.
            certificate_chain=Path(own[0]).read_bytes() if own else None,
            private_key=Path(own[1]).read_bytes() if own else None,
            token=os.environ.get("SEAGRPC_TOKEN"),
        ) as client:
            answer = client.align(spec, timeout=60).final.response
        print(f"answer {answer.reward:.2f}  {answer.text}")
        return 0
    except SeaGrpcError as failure:
        print(f"{failure.code.name} {failure.reason}: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
