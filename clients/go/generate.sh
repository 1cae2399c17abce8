#!/usr/bin/env bash
# Generates sea/v1 and internal from protos/ with protoc, protoc-gen-go and protoc-gen-go-grpc: generate.sh [FOLDER]
# The result is committed, since `go get` builds what it finds, and made with Debian 12's generators: their code runs with every later
# grpc and protobuf module, which the other way round it would not.
set -euo pipefail
out=$(realpath "${1:-$(dirname "${BASH_SOURCE[0]}")}")
cd "$(dirname "${BASH_SOURCE[0]}")"
rm -rf "$out/sea" "$out/internal"
module=github.com/seagrpc/seagrpc/clients/go
protoc -I ../../protos -I ../protos "--go_out=$out" "--go-grpc_out=$out" "--go_opt=module=$module" "--go-grpc_opt=module=$module" \
    ../../protos/sea/v1/*.proto ../protos/seagrpc/*/v1/*.proto
