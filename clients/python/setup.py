"""Generates the code from the contract's protos before every build; all else about the package is in pyproject.toml."""

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.sdist import sdist

sys.path.insert(0, str(Path(__file__).resolve().parent))  # Builders do not.
import generate  # noqa: E402


class SourceDistribution(sdist):
    """Takes the protos along, which lie outside this folder in the repository."""

    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        for proto in generate.protos():
            copy = Path(base_dir, "protos", proto.relative_to(generate.root_of(proto)))
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(proto, copy)
        shutil.rmtree(Path(base_dir, "src", "seagrpc", "_generated"), ignore_errors=True)


generate.generate()
setup(install_requires=generate.requirements(), cmdclass={"sdist": SourceDistribution})
