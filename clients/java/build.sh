#!/usr/bin/env bash
# Generates from protos/, compiles, and packs build/seagrpc-client.jar and the programs beside it, with Debian's protoc,
# protobuf-compiler-grpc-java-plugin, libgrpc-java, libnetty-tcnative-java and JDK, without a Maven repository. With one at hand: mvn package
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
rm -rf build
mkdir -p build/gen build/classes build/programs build/lib
for jar in grpc-api grpc-context grpc-core grpc-netty grpc-protobuf grpc-protobuf-lite grpc-stub protobuf protobuf-util guava gson \
    perfmark-api netty-buffer netty-codec netty-codec-http netty-codec-http2 netty-codec-socks netty-common netty-handler \
    netty-handler-proxy netty-resolver netty-transport netty-transport-native-unix-common netty-tcnative geronimo-annotation-1.3-spec; do
    ln -s "/usr/share/java/$jar.jar" build/lib/
done
# Debian's Netty has no TLS for HTTP/2 but by this library, which it looks for under another name.
mkdir build/native
cp /usr/lib/*/jni/libnetty-tcnative.so build/native/libnetty_tcnative.so
classpath='build/lib/*'
protoc -I ../../protos -I ../protos --java_out=build/gen --grpc-java_out=build/gen \
    --plugin=protoc-gen-grpc-java="$(command -v grpc_java_plugin)" \
    ../../protos/sea/v1/*.proto ../protos/seagrpc/*/v1/*.proto
find build/gen -name '*.java' > build/generated.txt
find src/main -name '*.java' > build/sources.txt
find src/examples src/conformance -name '*.java' > build/programs.txt
javac --release 17 -nowarn -proc:none -cp "$classpath" -d build/classes @build/generated.txt 2>&1 | grep -v '^Note:' || true
javac --release 17 -Xlint:all,-processing,-classfile,-path,-try -Werror -proc:none -cp "build/classes:$classpath" -d build/classes @build/sources.txt
javac --release 17 -Xlint:all,-processing,-classfile,-path,-try -Werror -proc:none -cp "build/classes:$classpath" -d build/programs @build/programs.txt
jar --create --file build/seagrpc-client.jar -C build/classes .
jar --create --file build/seagrpc-client-programs.jar -C build/programs .
