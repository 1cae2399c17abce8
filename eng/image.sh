#!/usr/bin/env bash
# Makes the server's container image with the .NET SDK alone, without a container engine, and writes it as an archive that
# 'docker load', 'podman load' and 'skopeo copy docker-archive:FILE' read. The base image is pulled from its registry.
#   eng/image.sh FILE.tar [ACCELERATOR]
#     ACCELERATOR   cpu (default), cuda, or external (docs/gpu.md)
# BASE names another base image. It must have the ASP.NET runtime. The image is for linux-x64, the only Linux that TorchSharp supports.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '4,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

[ $# -ge 1 ] && [ $# -le 2 ] || usage
case "$1" in *.tar) ;; *) usage ;; esac
case "${2:-cpu}" in cpu | cuda | external) ;; *) usage ;; esac
mkdir -p "$(dirname "$1")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
dotnet publish src/SeaGrpc.Server -c Release -r linux-x64 --no-self-contained -t:PublishContainer -p:Accelerator="${2:-cpu}" -p:DebugType=none \
    -p:ContainerArchiveOutputPath="$(realpath "$(dirname "$1")")/$(basename "$1")" --artifacts-path "$work" ${BASE:+-p:ContainerBaseImage="$BASE"}
