"""Generates seagrpc/_generated, messages, stubs and type hints, from the contract's protos.

Run by ``generate.sh`` and by every build of the package (setup.py). It takes protoc and grpc_python_plugin where both are on the
PATH, else grpcio-tools.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE / "src" / "seagrpc" / "_generated"

# In the repository, and in a source distribution, which carries a copy (MANIFEST.in, setup.py).
CONTRACT, OWN = (
    (HERE / "protos", HERE / "protos") if (HERE / "protos").is_dir() else (HERE / "../../protos", HERE / "../protos")
)

OLDEST_TOOLS = (1, 51)
NO_GENERATOR = """\
nothing generates seagrpc's messages here. Either of these will do:
  protoc and grpc_python_plugin on the PATH (Debian and Ubuntu: apt-get install protobuf-compiler protobuf-compiler-grpc)
  grpcio-tools of 1.51 or later (pip install grpcio-tools)"""


def protos() -> list[Path]:
    """Every file of the contract, then the client's own."""
    return [*sorted(CONTRACT.glob("sea/v1/*.proto")), *sorted(OWN.glob("seagrpc/*/v1/*.proto"))]


def root_of(proto: Path) -> Path:
    """The folder that imports of this file count from."""
    return OWN if proto.is_relative_to(OWN / "seagrpc") else CONTRACT


def generate() -> None:
    """Generates all of it anew. Ends the program where nothing can generate, or a generator fails."""
    command = generator()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    own = [proto for proto in protos() if proto.is_relative_to(OWN / "seagrpc")]
    contract = [proto for proto in protos() if proto not in own]
    outputs = [f"--python_out={OUT}", f"--pyi_out={OUT}"]
    for arguments in ([*outputs, f"--grpc_python_out={OUT}", *contract], [*outputs, *own]):
        subprocess.run([*command, f"-I{CONTRACT}", f"-I{OWN}", *arguments], check=True)
    for file in [*OUT.rglob("*.py"), *OUT.rglob("*.pyi")]:
        # The plugins write imports from the root of the protos; here they lie inside the package.
        text = file.read_text(encoding="utf-8")
        file.write_text(
            re.sub(r"(?m)^from (sea|seagrpc)(\.[a-z0-9_.]+) import", r"from seagrpc._generated.\1\2 import", text), encoding="utf-8"
        )
    for folder in [OUT, *(path for path in OUT.rglob("*") if path.is_dir())]:
        (folder / "__init__.py").touch()


def generator() -> list[str]:
    """The command that generates. Ends the program with what to install where there is none."""
    protoc, plugin = shutil.which("protoc"), shutil.which("grpc_python_plugin")
    if protoc and plugin:
        return [protoc, f"--plugin=protoc-gen-grpc_python={plugin}"]
    try:
        version = metadata.version("grpcio-tools")
    except metadata.PackageNotFoundError:
        sys.exit(f"error: {NO_GENERATOR}")
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_TOOLS:
        sys.exit(f"error: grpcio-tools {version} is too old, and {NO_GENERATOR}")
    return [sys.executable, "-m", "grpc_tools.protoc"]


def requirements() -> list[str]:
    """What the generated code needs at run time: the oldest versions that the client works with, or the generators' own where
    the code says that it refuses anything older."""
    code = "".join(file.read_text(encoding="utf-8") for file in sorted(OUT.rglob("*_pb2*.py")))
    grpc = re.search(r"GRPC_GENERATED_VERSION = '([0-9.]+)'", code)
    protobuf = re.search(r"# Protobuf Python Version: ([0-9.]+)", code)
    return [f"grpcio>={grpc[1] if grpc else '1.51'}", f"protobuf>={protobuf[1] if protobuf else '4.21'}"]


if __name__ == "__main__":
    generate()
