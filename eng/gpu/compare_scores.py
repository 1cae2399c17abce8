#!/usr/bin/env python3
"""Log-probabilities and rewards of transformers for the ids that `SeaGrpc.Bench scores` read, and how far the two are apart.

    python3 compare_scores.py FOLDER SCORES.json --dtype float32 --device cpu

FOLDER has the folders policy and reward. Prints JSON; exits with 1 where they differ by more than the tolerance: 0.001 nats or reward
units in float32; in bfloat16 0.1 nats on average and 0.1 reward units, which is what rounding alone does between two ways to multiply.
"""
import argparse
import json
import pathlib
import sys

TOLERANCE = {"float32": 0.001, "bfloat16": 0.1}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("scores", type=pathlib.Path)
    parser.add_argument("--dtype", default="float32", choices=sorted(TOLERANCE))
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    import torch
    import transformers

    figures = json.loads(options.scores.read_text())["figures"]
    ids = torch.tensor(figures["ids"], device=options.device)
    load = {"torch_dtype": getattr(torch, options.dtype)}
    with torch.no_grad():
        policy = transformers.AutoModelForCausalLM.from_pretrained(options.folder / "policy", **load).to(options.device).eval()
        logits = policy(input_ids=ids, use_cache=False).logits[:, :-1].float()
        found = torch.log_softmax(logits, -1).gather(-1, ids[:, 1:].unsqueeze(-1)).squeeze(-1).cpu()
        del policy
        reward = transformers.AutoModelForSequenceClassification.from_pretrained(options.folder / "reward", **load).to(options.device).eval()
        # The score at the last position, whatever the padding id is.
        hidden = reward.model(input_ids=ids, use_cache=False).last_hidden_state
        rewards = reward.score(hidden[:, -1]).float().flatten().cpu()
    differences = (found - torch.tensor(figures["log_probabilities"])).abs()
    reward_differences = (rewards - torch.tensor(figures["rewards"])).abs()
    log_probability = differences.max().item() if options.dtype == "float32" else differences.mean().item()
    passed = log_probability <= TOLERANCE[options.dtype] and reward_differences.max().item() <= TOLERANCE[options.dtype]
    print(json.dumps({
        "what": "SeaGrpc against transformers on the same ids and weights",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "dtype": options.dtype,
        "device": options.device,
        "log_probability_difference_max": differences.max().item(),
        "log_probability_difference_mean": differences.mean().item(),
        "reward_difference_max": reward_differences.max().item(),
        "tolerance": TOLERANCE[options.dtype],
        "passed": passed,
    }, indent=2))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
