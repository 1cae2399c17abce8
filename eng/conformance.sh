#!/usr/bin/env bash
# Runs every case of clients/conformance with every client, and writes docs/conformance.md and docs/contract.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
eng/clients.sh
dotnet build tests/SeaGrpc.Clients.Tests -c Release --verbosity quiet
SEAGRPC_WRITE_PAGES=1 dotnet test --project tests/SeaGrpc.Clients.Tests -c Release --no-build
