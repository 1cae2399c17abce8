#!/bin/sh
# On a machine with CUDA, the .NET SDK, PyTorch 2.10 and transformers: a policy and a reward model in the shape of Llama-3.2-1B, SEA by
# Langevin dynamics with 4 chains of 128 tokens in bf16, by SeaGrpc on PyTorch's own libtorch and by plain transformers, one after the
# other on the same folders. Figures are printed and kept under OUT.
#
#     eng/gpu/compare.sh OUT
set -eu
out=${1:?name a folder for the models (2.3 GiB) and the figures}
root=$(cd "$(dirname "$0")/../.." && pwd)
chains=4 tokens=128 iterations=30
mkdir -p "$out"

SEAGRPC_LIBTORCH=$(python3 -c "import os, torch; print(os.path.join(os.path.dirname(torch.__file__), 'lib'))")
export SEAGRPC_LIBTORCH
dotnet publish "$root/src/SeaGrpc.Cli" -c Release -p:Accelerator=external --artifacts-path "$out/build" -o "$out/seagrpc"

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader | tee "$out/gpu.txt"
# What the card holds is sampled beside the run: libtorch's allocator tells it to Python alone.
nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits -lms 200 > "$out/seagrpc-memory-mib.txt" &
sampler=$!
trap 'kill "$sampler" 2>/dev/null || true' EXIT
"$out/seagrpc/seagrpc" bench load --make "$out/models" --device cuda:0 --dtype BFloat16 --chains "$chains" --tokens "$tokens" --iterations "$iterations" --json \
    | tee "$out/seagrpc.json"
kill "$sampler"
echo "seagrpc: most memory used on the card, MiB: $(sort -n "$out/seagrpc-memory-mib.txt" | tail -1)"
python3 "$root/eng/gpu/sea_transformers.py" "$out/models" --chains "$chains" --tokens "$tokens" --iterations "$iterations" --dtype bfloat16 --device cuda:0 \
    | tee "$out/transformers.json"
