"""Shows a stream with a progress bar, then the answer: progress.py ADDRESS [PROMPT]"""

import sys

from seagrpc import Client, InvalidRequestError, SeaGrpcError, chat, v1


def main() -> int:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:50051"
    question = sys.argv[2] if len(sys.argv) > 2 else "My kettle is leaking, what can you do?"
    spec = v1.AlignmentSpec(prompt=chat(question), sea=v1.SeaParameters(), seed=1)
    try:
        with Client(address) as client:
            for event in client.stream(spec, timeout=60):
                show(event)
        return 0
    except InvalidRequestError as invalid:
        for violation in invalid.violations:
            print(f"{violation.field}: {violation.description}", file=sys.stderr)
        return 2
    except SeaGrpcError as failure:
        print(f"{failure.code.name} {failure.reason}: {failure}", file=sys.stderr)
        return 1


def show(event: v1.StreamAlignResponse) -> None:
    kind = event.WhichOneof("event")
    if kind == "draft":
        print(f"draft  {event.draft.best.reward:.2f}  {event.draft.best.text}")
    elif kind == "iteration":
        step = event.iteration
        done = 30 * step.index // step.total
        bar = "#" * done + "." * (30 - done)
        print(f"\r[{bar}] {step.index}/{step.total} reward {step.best.reward:.2f}", end="", file=sys.stderr, flush=True)
    elif kind == "final":
        print(file=sys.stderr)
        print(f"answer {event.final.response.reward:.2f}  {event.final.response.text}")


if __name__ == "__main__":
    sys.exit(main())
