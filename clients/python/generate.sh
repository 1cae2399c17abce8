#!/usr/bin/env bash
# Generates seagrpc/_generated from protos/: with protoc and grpc_python_plugin (Debian: protobuf-compiler,
# protobuf-compiler-grpc) where they are installed, else with grpcio-tools of 1.51 or later. Building the package does it by itself.
set -euo pipefail
exec "${PYTHON:-python3}" "$(dirname "${BASH_SOURCE[0]}")/generate.py"
