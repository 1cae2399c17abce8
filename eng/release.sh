#!/usr/bin/env bash
# The parts of a release, as .github/workflows/release.yml calls them:
#   eng/release.sh check VERSION   every package has the version, and CHANGELOG.md a section for it
#   eng/release.sh notes VERSION   that section, without its heading
#   eng/release.sh pack FOLDER     NuGet, pip and npm packages of the clients, and their SHA-256 sums
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
    [ -n "$(notes "$1" | tr -d '[:space:]')" ] || { echo "CHANGELOG.md has no section '## [$1]', or nothing in it." >&2; wrong=1; }
    return "$wrong"
}

pack() {
    mkdir -p "$1"
    local folder
    folder="$(cd "$1" && pwd)"
    CI=true dotnet pack clients/csharp/SeaGrpc.Client -c Release -o "$folder"
    python3 -m pip wheel --quiet --no-deps --wheel-dir "$folder" clients/python
    npm ci --prefix clients/typescript --loglevel=error
    (cd clients/typescript && npm pack --silent --pack-destination "$folder")
    (cd "$folder" && sha256sum -- *.nupkg *.snupkg *.whl *.tgz > SHA256SUMS)
}

usage() { sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

[ $# -eq 2 ] || usage
case "$1" in
    check | notes | pack) "$1" "$2" ;;
    *) usage ;;
esac
