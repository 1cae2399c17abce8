#!/usr/bin/env bash
# The parts of a release, as .github/workflows/release.yml calls them:
#   eng/release.sh check VERSION   every package has the version, and CHANGELOG.md a section for it
#   eng/release.sh notes VERSION   that section, without its heading
#   eng/release.sh files VERSION   the names of all files that pack makes
#   eng/release.sh pack FOLDER     everything below, and the SHA-256 sums of all files; fails if a file is missing
#   eng/release.sh packages FOLDER NuGet, pip and npm packages of the clients, the .NET tool and the Helm chart
#   eng/release.sh wheel FOLDER    of these, the pip package alone; without a package index if a Python has all that builds it
#   eng/release.sh archives FOLDER the programs with .NET and without libtorch, for linux-x64 and linux-arm64
#   eng/release.sh sbom FOLDER     the bill of materials of the programs, in CycloneDX
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

notes() {
    awk -v heading="## [$1]" '
        index($0, "## [") == 1 { inside = index($0, heading) == 1; next }
        inside { print }' CHANGELOG.md
}

check() {
    local wrong=0
    same() {
        [ "$2" = "$3" ] || { echo "$1 has the version '$2', not '$3'." >&2; wrong=1; }
    }
    same Directory.Build.props "$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)" "$1"
    same clients/python/pyproject.toml "$(sed -n 's/^version = "\(.*\)"$/\1/p' clients/python/pyproject.toml)" "$1"
    same clients/typescript/package.json "$(sed -n 's/^  "version": "\(.*\)",$/\1/p' clients/typescript/package.json)" "$1"
    same clients/java/pom.xml "$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' clients/java/pom.xml)" "$1"
    # The chart's own version and its appVersion, and the version that the example depends on.
    same deploy/helm/seagrpc/Chart.yaml "$(sed -n 's/^version: //p' deploy/helm/seagrpc/Chart.yaml)" "$1"
    same "appVersion in deploy/helm/seagrpc/Chart.yaml" "$(sed -n 's/^appVersion: //p' deploy/helm/seagrpc/Chart.yaml)" "$1"
    same deploy/helm/examples/chat-backend/Chart.yaml "$(sed -n 's/^    version: //p' deploy/helm/examples/chat-backend/Chart.yaml)" "$1"
    [ -n "$(notes "$1" | tr -d '[:space:]')" ] || { echo "CHANGELOG.md has no section '## [$1]', or nothing in it." >&2; wrong=1; }
    return "$wrong"
}

files() {
    printf '%s\n' "SeaGrpc.Client.$1.nupkg" "SeaGrpc.Client.$1.snupkg" "SeaGrpc.Tool.$1.nupkg" "seagrpc-$1-py3-none-any.whl" \
        "seagrpc-client-$1.tgz" "seagrpc-chart-$1.tgz" "seagrpc-$1-linux-x64.tar.gz" "seagrpc-$1-linux-arm64.tar.gz" \
        "seagrpc-$1.cdx.json" SHA256SUMS
}

version() { sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props; }

# Builds of other kinds than the usual one keep their intermediate files to themselves.
apart() { mktemp -d; }

# What a Python lacks to build the pip package by itself; empty if nothing.
lacking() {
    "$1" - <<'END'
import sys
from importlib import metadata

sys.path.insert(0, "clients/python")
sys.dont_write_bytecode = True
import generate

lacking = []
for package, oldest in (("pip", 0), ("setuptools", 65), ("wheel", 0)):
    try:
        if int(metadata.version(package).split(".")[0]) < oldest:
            lacking.append(f"{package} {oldest} or later")
    except metadata.PackageNotFoundError:
        lacking.append(package)
try:
    generate.generator()
except SystemExit:
    lacking.append("protoc and grpc_python_plugin on the PATH, or grpcio-tools")
print(", ".join(lacking))
END
}

wheel() {
    local python found="" lacks
    for python in "${PYTHON:-python3}" ${PYTHON:-/usr/bin/python3}; do
        if lacks="$(lacking "$python" 2>/dev/null)" && [ -z "$lacks" ]; then
            found="$python"
            break
        fi
    done
    if [ -n "$found" ]; then
        "$found" -m pip wheel --quiet --disable-pip-version-check --no-index --no-build-isolation --no-deps --wheel-dir "$1" ./clients/python
        return
    fi
    python="${PYTHON:-python3}"
    lacks="$(lacking "$python")" || lacks="a Python 3.9 or later of the name $python"
    "$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$1" ./clients/python || {
        cat >&2 <<END
The Python package was not built, neither with what is installed nor with what pip could get. $python lacks: $lacks.
Install it, or name another Python in PYTHON.
  Debian and Ubuntu: apt-get install python3-pip python3-setuptools python3-wheel protobuf-compiler protobuf-compiler-grpc
  elsewhere:         $python -m pip install 'setuptools>=65' wheel 'grpcio-tools>=1.51'
END
        return 1
    }
}

packages() {
    local work
    work="$(apart)"
    wheel "$1" # The first, as it is the one that lacks something most often, and takes seconds.
    CI=true dotnet pack clients/csharp/SeaGrpc.Client -c Release -o "$1"
    CI=true dotnet pack src/SeaGrpc.Cli -c Release -p:AsTool=true -p:Accelerator=external -p:DebugType=none --artifacts-path "$work" -o "$1"
    npm ci --prefix clients/typescript --loglevel=error
    (cd clients/typescript && npm pack --silent --pack-destination "$1")
    tar -C deploy/helm -czf "$1/seagrpc-chart-$(version).tgz" seagrpc
    rm -rf "$work"
}

archives() {
    local work name runtime project
    work="$(apart)"
    for runtime in linux-x64 linux-arm64; do
        name="seagrpc-$(version)-$runtime"
        for project in Server Cli; do
            dotnet publish "src/SeaGrpc.$project" -c Release -r "$runtime" --self-contained -p:Accelerator=external -p:DebugType=none \
                --artifacts-path "$work/$runtime" -o "$work/$name"
        done
        cp src/SeaGrpc.Cli/README.md "$work/$name/"
        tar -C "$work" -czf "$1/$name.tar.gz" "$name"
    done
    rm -rf "$work"
}

sbom() {
    dotnet tool restore
    dotnet restore src/SeaGrpc.Cli
    dotnet CycloneDX src/SeaGrpc.Cli/SeaGrpc.Cli.csproj --output "$1" --filename "seagrpc-$(version).cdx.json" --output-format Json \
        --set-name seagrpc --set-version "$(version)" --disable-package-restore --recursive
}

pack() {
    packages "$1"
    archives "$1"
    sbom "$1"
    (cd "$1" && rm -f SHA256SUMS && sha256sum -- * > SHA256SUMS)
    local name missing=0
    for name in $(files "$(version)"); do
        [ -s "$1/$name" ] || { echo "$1/$name was not made." >&2; missing=1; }
    done
    return "$missing"
}

usage() { sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

[ $# -eq 2 ] || usage
case "$1" in
    check | notes | files) "$1" "$2" ;;
    pack | packages | wheel | archives | sbom) mkdir -p "$2"; "$1" "$(cd "$2" && pwd)" ;;
    *) usage ;;
esac
