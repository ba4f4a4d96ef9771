"""Runs the tables in C++, and sees that docs/bad-input.md has every row of every test, and no other."""

from __future__ import annotations

import json
import subprocess

import pytest

from harness.bad_input_table import bad_input_table
from harness.bridge import REPOSITORY, program

from . import test_broker, test_configuration, test_flood, test_home, test_large, test_secrets

PAGE = REPOSITORY / "docs" / "bad-input.md"
MODULES = (test_broker, test_configuration, test_flood, test_home, test_large, test_secrets)


@pytest.fixture(scope="module")
def in_cpp(tmp_path_factory) -> list[dict]:
    """The rows that the tests of the machines have made, in the order in which they ran."""
    file = tmp_path_factory.mktemp("rows") / "rows"
    tests = program().parent / "tests" / "bad_input" / "bad_input_tests"
    env = {"BAD_INPUT_ROWS": str(file)}
    done = subprocess.run([tests], env=env, capture_output=True, text=True, timeout=900)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    return rows


def test_the_tables_of_the_machines_hold(in_cpp, record_property):
    for row in in_cpp:
        record_property("bad_input", row)
    assert len(in_cpp) > 100


def in_python() -> list[dict]:
    return [
        row.record(f"{module.__name__.rpartition('.')[2]}.py::{test}", row.message)
        for module in MODULES
        for test, rows in module.TABLES.items()
        for row in rows
    ]


def test_the_page_has_every_row_and_no_other(in_cpp):
    table = bad_input_table(in_cpp + in_python())
    assert f"\n{table}\n" in PAGE.read_text(), f"take over what tests/bad_input/run prints:\n{table}"


def test_no_kind_of_bad_input_is_without_a_row(in_cpp):
    assert {row["id"] for row in in_cpp + in_python()} == {f"B{number}" for number in range(1, 24)}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_table_is_the_table_of_a_test(module):
    assert all(callable(getattr(module, test)) for test in module.TABLES)
