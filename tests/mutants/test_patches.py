"""Every mutant is a patch of the tree as it is: whoever changes what one touches makes it anew."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent


@pytest.mark.parametrize("patch", sorted(FOLDER.glob("*.patch")), ids=lambda patch: patch.stem)
def test_a_mutant_applies(patch):
    command = ["git", "apply", "--check", patch]
    done = subprocess.run(command, cwd=FOLDER.parents[1], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
