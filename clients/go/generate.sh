#!/usr/bin/env bash
# Generates sea/v1 and internal/errorsv1 from protos/ with protoc, protoc-gen-go and protoc-gen-go-grpc.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
rm -rf sea internal/errorsv1
protoc -I ../../protos -I ../protos --go_out=. --go-grpc_out=. \
    --go_opt=module=github.com/seagrpc/seagrpc/clients/go --go-grpc_opt=module=github.com/seagrpc/seagrpc/clients/go \
    ../../protos/sea/v1/*.proto ../protos/seagrpc/errors/v1/errors.proto
