#!/usr/bin/env bash
# Vets and tests the module and builds its programs into build/ with Debian's Go and libraries (golang-google-grpc-dev), without a
# module proxy: in a GOPATH of its own, whose other half is /usr/share/gocode. With a proxy at hand: go mod tidy && go build ./...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
path=$PWD/build/gopath
mkdir -p "$path/src/github.com/seagrpc/seagrpc/clients"
ln -sfn "$PWD" "$path/src/github.com/seagrpc/seagrpc/clients/go"
# Without cgo: nothing here needs a C compiler.
export GO111MODULE=off GOPATH="$path:/usr/share/gocode" GOFLAGS= CGO_ENABLED=0
package=github.com/seagrpc/seagrpc/clients/go
cd "$path/src/$package"
go vet "$package" "$package/cmd/conformance" "$package/examples/progress" "$package/examples/tls"
go test -count=1 "$package"
go build -o build/conformance "$package/cmd/conformance"
go build -o build/progress "$package/examples/progress"
go build -o build/tls "$package/examples/tls"
