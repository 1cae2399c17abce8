#!/usr/bin/env bash
# Installs what the clients need on Debian or Ubuntu, and builds them all: their conformance runners and examples, which the tests run.
# The C# client is part of SeaGrpc.sln.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(
    protobuf-compiler protobuf-compiler-grpc python3-grpcio python3-protobuf
    python3-pip python3-venv python3-setuptools python3-wheel mypy
    golang-go golang-google-grpc-dev golang-google-protobuf-dev protoc-gen-go protoc-gen-go-grpc
    protobuf-compiler-grpc-java-plugin libgrpc-java libprotobuf-java libgoogle-gson-java libguava-java
    libnetty-java libnetty-tcnative-java libnetty-tcnative-jni libperfmark-java libgeronimo-annotation-1.3-spec-java
    maven libmaven-antrun-plugin-java libbuild-helper-maven-plugin-java libmaven-resources-plugin-java libmaven-compiler-plugin-java
    libsurefire-java libmaven-jar-plugin-java libanimal-sniffer-java
    chromium
)
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
updated=""
update() { [ -n "$updated" ] || { $sudo apt-get update -qq && updated=yes; }; }

# Any JDK of 17 or later will do; where there is none, the oldest that this release has.
if ! javac -version 2>&1 | grep -qE '^javac (1[7-9]|[2-9][0-9])\b'; then
    update
    for jdk in openjdk-17-jdk-headless openjdk-21-jdk-headless default-jdk-headless; do
        if apt-cache show "$jdk" >/dev/null 2>&1; then
            packages+=("$jdk")
            break
        fi
    done
fi
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "Installing ${missing[*]}"
    update
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

echo "Python"
clients/python/generate.sh
echo "TypeScript"
npm ci --prefix clients/typescript --loglevel=error
npm run --prefix clients/typescript --silent build
echo "Go"
clients/go/build.sh
echo "Java"
clients/java/build.sh
