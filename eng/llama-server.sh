#!/usr/bin/env bash
# Puts llama.cpp's server into tests/tools/llama-server, where the tests of a real engine find it. It comes from Debian's next release, by
# the mirror that this Debian uses, with all libraries that it needs: nothing is installed. tests/tools/llama-server/run starts it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

release=forky
target="$PWD/tests/tools/llama-server"
[ ! -x "$target/run" ] || exit 0

architecture="$(dpkg --print-architecture)"
mirror="$(apt-get indextargets --format '$(SITE) $(LABEL)' 2>/dev/null | awk '$2 == "Debian" { print $1; exit }')"
if [ -z "$mirror" ]; then
    echo "eng/llama-server.sh: this is no Debian with package lists. Run apt-get update, or make $target/run a script" \
        "that starts a llama-server of yours with its arguments." >&2
    exit 1
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/lists/partial "$work"/cache/archives/partial "$work/root"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" > "$work/sources.list"
: > "$work/status"
cat > "$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
CONF
export APT_CONFIG="$work/apt.conf"
apt-get -qq update
apt-get -qq --yes --download-only -o Debug::NoLocking=true install llama.cpp-tools
for package in "$work"/cache/archives/*.deb; do
    dpkg-deb --extract "$package" "$work/root"
done

rm -rf "$target"
mkdir -p "$target"
cp -a "$work/root/usr" "$target/"
# Backends are looked for beside the program that runs, which is the loader.
ln -s "$target"/usr/lib/*-linux-gnu/ggml/backends0/*.so "$target"/usr/lib/*-linux-gnu/
dpkg-deb --field "$work"/cache/archives/llama.cpp-tools_*.deb Version > "$target/version"
cat > "$target/run" <<RUN
#!/usr/bin/env bash
# llama-server with the libraries beside it.
here="\$(cd "\$(dirname "\${BASH_SOURCE[0]}")" && pwd)"
libraries="\$(echo "\$here"/usr/lib/*-linux-gnu)"
exec "\$libraries"/ld-linux-*.so.* --library-path "\$libraries:\$libraries/llama" "\$here/usr/bin/llama-server" "\$@"
RUN
chmod +x "$target/run"
echo "llama.cpp's server $(cat "$target/version") ($architecture) is in $target"
