#!/usr/bin/env bash
# Makes the server's container image with the .NET SDK alone, without a container engine, and writes it as an archive that
# 'docker load', 'podman load' and 'skopeo copy docker-archive:FILE' read. The base image is pulled from its registry.
#   eng/image.sh FILE.tar.gz [ARCHITECTURE] [ACCELERATOR]
#     ARCHITECTURE  x64 (default) or arm64 (which has no libtorch package: ACCELERATOR must be external)
#     ACCELERATOR   cpu (default), cuda, or external (docs/gpu.md)
# BASE names another base image. It must have the ASP.NET runtime.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '4,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

[ $# -ge 1 ] && [ $# -le 3 ] || usage
mkdir -p "$(dirname "$1")"
file="$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
architecture="${2:-x64}"
accelerator="${3:-cpu}"
case "$file" in *.tar.gz) ;; *) usage ;; esac
case "$architecture" in x64 | arm64) ;; *) usage ;; esac
case "$accelerator" in cpu | cuda | external) ;; *) usage ;; esac
if [ "$architecture" = arm64 ] && [ "$accelerator" != external ]; then
    echo "There is no libtorch package for arm64: add 'external', and mount one at /libtorch (docs/gpu.md)." >&2
    exit 2
fi

dotnet publish src/SeaGrpc.Server -c Release --os linux --arch "$architecture" --no-self-contained -t:PublishContainer \
    -p:Accelerator="$accelerator" -p:DebugType=none -p:ContainerArchiveOutputPath="$file" ${BASE:+-p:ContainerBaseImage="$BASE"}
