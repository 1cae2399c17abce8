#!/usr/bin/env bash
# Installs what the tests need on a new Debian or Ubuntu machine (the .NET SDK apart), then runs every check and test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() { printf '\n== %s\n' "$*"; }

if ! command -v dotnet >/dev/null; then
    echo "The .NET 10 SDK is needed: see https://dotnet.microsoft.com/download" >&2
    exit 1
fi

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    step "Installing Node.js"
    sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo"
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq nodejs npm
fi

step "Installing the test tools (buf and tokenizer oracles)"
npm install --prefix tests/tools --loglevel=error

step "Installing what the clients need, and building them"
eng/clients.sh

step "Building"
dotnet build SeaGrpc.sln -c Release

step "Formatting"
dotnet format SeaGrpc.sln --no-restore --verify-no-changes

step "Testing"
dotnet test --solution SeaGrpc.sln -c Release --no-build
