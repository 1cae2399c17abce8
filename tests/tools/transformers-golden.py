#!/usr/bin/env python3
"""Log-probabilities and rewards of transformers for the tests' tiny checkpoints, as golden files.

    SEAGRPC_CHECKPOINTS=/tmp/checkpoints tests/SeaGrpc.Modeling.Tests/bin/Release/net10.0/linux-x64/SeaGrpc.Modeling.Tests \\
        --filter-class "*TransformersTests"
    python3 tests/tools/transformers-golden.py /tmp/checkpoints tests/SeaGrpc.Modeling.Tests/Families/Golden/transformers

needs PyTorch and transformers; fp32 on the CPU. The tests read the files that are there.
"""
import hashlib
import json
import pathlib
import sys

POSITIONS = (0, 7, 22)
IDS = [at * 37 % 256 for at in range(23)]


def main(checkpoints, target):
    import torch
    import transformers

    target = pathlib.Path(target)
    target.mkdir(parents=True, exist_ok=True)
    for folder in sorted(path for path in pathlib.Path(checkpoints).iterdir() if (path / "config.json").is_file()):
        is_reward = not folder.name.endswith("ForCausalLM")
        kind = transformers.AutoModelForSequenceClassification if is_reward else transformers.AutoModelForCausalLM
        # phi3's default pad_token_id, 32000, lies outside the tiny vocabulary.
        extra = {"pad_token_id": 0} if json.loads((folder / "config.json").read_text())["model_type"] == "phi3" else {}
        model = kind.from_pretrained(folder, torch_dtype=torch.float32, attn_implementation="eager", **extra).eval()
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([IDS]), use_cache=False).logits[0]
        rows = [] if is_reward else torch.log_softmax(logits.double(), -1)[list(POSITIONS)].tolist()
        golden = {
            "made_with": f"transformers {transformers.__version__}, torch {torch.__version__}",
            "sha256": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
            "ids": IDS,
            "positions": [] if is_reward else list(POSITIONS),
            "log_probabilities": [[round(value, 6) for value in row] for row in rows],
            "reward": logits.flatten()[0].item() if is_reward else None,
        }
        (target / f"{folder.name}.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
        print(folder.name)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
