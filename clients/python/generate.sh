#!/usr/bin/env bash
# Generates seagrpc/_generated from protos/: with protoc and grpc_python_plugin (Debian: protobuf-compiler,
# protobuf-compiler-grpc) where they are installed, else with grpcio-tools of 1.51 or later.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
out=src/seagrpc/_generated
if command -v protoc >/dev/null && command -v grpc_python_plugin >/dev/null; then
    protoc=(protoc "--plugin=protoc-gen-grpc_python=$(command -v grpc_python_plugin)")
else
    protoc=("${PYTHON:-python3}" -m grpc_tools.protoc)
fi
rm -rf "$out"
mkdir -p "$out"
"${protoc[@]}" -I ../../protos -I ../protos "--python_out=$out" "--grpc_python_out=$out" ../../protos/sea/v1/*.proto
"${protoc[@]}" -I ../protos "--python_out=$out" ../protos/seagrpc/errors/v1/errors.proto
# The plugins write imports from the root of the protos; here they lie inside the package.
find "$out" -name '*.py' -exec sed -i -E 's/^from (sea|seagrpc)(\.[a-z0-9_.]+) import/from seagrpc._generated.\1\2 import/' {} +
find "$out" -type d -exec touch {}/__init__.py \;
