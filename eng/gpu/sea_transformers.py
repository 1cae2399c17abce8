#!/usr/bin/env python3
"""SEA's Langevin sampler written plainly with transformers, to be timed beside `SeaGrpc.Bench load` on the same folders.

Each iteration reads hard embeddings of softmax-ed logits (straight through), takes the gradients of log pi(y|x) and of the reward at the
embeddings, carries both back to the logits, and makes one step with Gaussian noise. No cache: prompt and response are read together.

    python3 eng/gpu/sea_transformers.py FOLDER --chains 4 --tokens 128 --iterations 30 --dtype bfloat16 --device cuda
"""
import argparse
import json
import platform
import statistics
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="with the folders policy and reward, as `SeaGrpc.Bench load --make FOLDER` writes them")
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--prompt-tokens", type=int, default=12)
    parser.add_argument("--iterations", type=int, default=30)
    parser.add_argument("--dtype", default="bfloat16", choices=["bfloat16", "float32"])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--reward-weight", type=float, default=8.0)
    parser.add_argument("--step-size", type=float, default=0.1)
    parser.add_argument("--noise-scale", type=float, default=0.01)
    return parser.parse_args()


def log_probability_gradient(torch, policy, prompt, rows, ids):
    """d log pi(y|x) / d embeddings of y; [chains, tokens, hidden]."""
    rows = rows.detach().requires_grad_(True)
    logits = policy(inputs_embeds=torch.cat([prompt, rows], 1), use_cache=False).logits[:, prompt.shape[1] - 1 : -1]
    chosen = torch.log_softmax(logits.float(), -1).gather(-1, ids.unsqueeze(-1))
    return torch.autograd.grad(chosen.sum(), rows)[0]


def reward_gradient(torch, reward, prompt, rows, suffix):
    """d r(x, y) / d embeddings of y; the score is read at the last position."""
    rows = rows.detach().requires_grad_(True)
    hidden = reward.model(inputs_embeds=torch.cat([prompt, rows, suffix], 1), use_cache=False).last_hidden_state
    return torch.autograd.grad(reward.score(hidden[:, -1]).float().sum(), rows)[0]


def run(torch, policy, reward, options):
    device = torch.device(options.device)
    generator = torch.Generator(device=device).manual_seed(1)
    vocabulary = policy.config.vocab_size
    own = policy.get_input_embeddings().weight
    other = reward.get_input_embeddings().weight
    prompt_ids = torch.randint(0, 256, (1, options.prompt_tokens), device=device, generator=generator)
    with torch.no_grad():
        prompts = [weight[prompt_ids].expand(options.chains, -1, -1) for weight in (own, other)]
        suffix = other[prompt_ids[:, :1]].expand(options.chains, -1, -1)
    logits = torch.randn(options.chains, options.tokens, vocabulary, device=device, generator=generator)
    seconds = []
    for _ in range(options.iterations):
        synchronize(torch, device)
        start = time.perf_counter()
        ids = logits.argmax(-1)
        with torch.no_grad():
            rows = [weight[ids] for weight in (own, other)]
        pulls = log_probability_gradient(torch, policy, prompts[0], rows[0], ids), reward_gradient(torch, reward, prompts[1], rows[1], suffix)
        with torch.no_grad():
            toward = (pulls[0] @ own.t()).float() + options.reward_weight * (pulls[1] @ other.t()).float()
            probabilities = torch.softmax(logits, -1)
            gradient = probabilities * (toward - (probabilities * toward).sum(-1, keepdim=True))
            noise = torch.randn(logits.shape, device=device, generator=generator)
            logits += options.step_size * gradient + options.noise_scale * noise
        synchronize(torch, device)
        seconds.append(time.perf_counter() - start)
    return seconds


def synchronize(torch, device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def main():
    options = arguments()
    import torch
    import transformers

    dtype = getattr(torch, options.dtype)
    policy = transformers.AutoModelForCausalLM.from_pretrained(f"{options.folder}/policy", torch_dtype=dtype).to(options.device).eval()
    reward = transformers.AutoModelForSequenceClassification.from_pretrained(f"{options.folder}/reward", torch_dtype=dtype).to(options.device).eval()
    for model in (policy, reward):
        model.requires_grad_(False)
    seconds = run(torch, policy, reward, options)
    is_cuda = options.device.startswith("cuda")
    print(json.dumps({
        "what": "SEA by Langevin dynamics, plain transformers",
        "device": torch.cuda.get_device_name(options.device) if is_cuda else platform.processor() or "cpu",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "settings": vars(options),
        "seconds_first": seconds[0],
        "seconds_median": statistics.median(seconds),
        "seconds_all": seconds,
        "peak_gib": torch.cuda.max_memory_allocated(options.device) / 2**30 if is_cuda else None,
    }, indent=2))


if __name__ == "__main__":
    main()
