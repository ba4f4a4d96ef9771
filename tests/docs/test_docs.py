"""What the documentation shows is what the program does."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from harness.bridge import REPOSITORY, program
from harness.config import judge, unreachable
from harness.schemas import Schemas, form_of, leaves

from . import pages
from .pages import DOCS, Block, name_of, section

SCHEMAS = Schemas()
CONFIG = SCHEMAS.by_name["config"]
TOPICS = DOCS / "topics.md"
CONFIGURATION = DOCS / "configuration.md"
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
LONGEST = 120

MINIMAL = {
    "instance": "hubs",
    "home_assistant": {"url": "ws://127.0.0.1:8123", "token_file": "ha.token"},
    "broker": {"urls": ["mqtt://127.0.0.1"]},
}


# Every page


@pytest.mark.parametrize("page", pages.pages(), ids=name_of)
def test_every_link_leads_somewhere(page):
    for link in pages.links(page):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{name_of(page)} links to {link}"
        if anchor and target.suffix == ".md":
            assert anchor in pages.anchors(target), f"{name_of(page)} links to {link}"


@pytest.mark.parametrize("page", pages.pages(), ids=name_of)
def test_lines_are_not_too_long(page):
    """But for tables and what a terminal has shown."""
    lines = [line for line in page.read_text().splitlines() if not line.startswith(("    ", "| "))]
    assert not [line for line in lines if len(line) > LONGEST]


def test_every_page_that_the_sources_name_exists():
    found = set()
    for folder in ("bridge", "discovery", "tests", "schemas", "packaging", "scripts"):
        for file in (REPOSITORY / folder).rglob("*"):
            if file.is_file() and file.suffix != ".pyc" and file.stat().st_size < 1_000_000:
                found |= set(re.findall(r"\bdocs/[\w/-]+\.md", file.read_text(errors="replace")))
    assert found
    assert not [name for name in sorted(found) if not (REPOSITORY / name).exists()]


# The configuration


def configurations() -> list[Block]:
    """Blocks of YAML with a key of ours; other programs have theirs."""
    found = []
    for block in pages.all_blocks("yaml"):
        content = yaml.safe_load(block.text)
        if isinstance(content, dict) and set(content) & set(CONFIG["properties"]):
            found.append(block)
    return found


@pytest.mark.parametrize("block", configurations(), ids=str)
def test_every_configuration_shown_is_taken(block, tmp_path):
    config = {**MINIMAL, **yaml.safe_load(block.text)}
    assert not SCHEMAS.problems("config", config)
    verdict = judge(tmp_path, unreachable(config))
    assert verdict.accepted, verdict.text


def explanation(key: str) -> str:
    """What the page says in parentheses behind a key."""
    text = " ".join(CONFIGURATION.read_text().split())
    found = re.search(rf"`{re.escape(key)}` \(([^)]*)\)", text)
    assert found, f"configuration.md does not explain {key}"
    return found[1]


@pytest.mark.parametrize("key", leaves(CONFIG))
def test_every_key_is_explained_with_its_default_and_its_variable(key):
    text = explanation(key)
    schema = leaves(CONFIG)[key]
    assert f"`STATEBUS_{key.upper().replace('.', '_')}`" in text
    *sections, last = key.split(".")
    holder = CONFIG
    for name in sections:
        holder = holder["properties"][name]
    assert ("required" in text) == (last in holder.get("required", []))
    if "default" in schema:
        default = schema["default"]
        shown = default if isinstance(default, str) and default else json.dumps(default)
        assert f"default `{shown}`" in text


def test_no_key_or_variable_is_explained_that_does_not_exist():
    text = CONFIGURATION.read_text()
    variables = {f"STATEBUS_{key.upper().replace('.', '_')}" for key in leaves(CONFIG)}
    assert set(re.findall(r"STATEBUS_[A-Z_]+", text)) <= variables | {"STATEBUS_CONFIG"}
    explained = set(re.findall(r"`([a-z_.]+)` \((?:required|default)", " ".join(text.split())))
    assert explained == set(leaves(CONFIG))
    assert set(pages.first_cells(text)) == set(CONFIG["$defs"]["match"]["properties"])


# The command line


def help_of(*command: str) -> str:
    return subprocess.run([program(), *command, "--help"], capture_output=True, text=True).stdout


def test_every_help_shows_examples():
    names = re.findall(r"^  ([a-z]+) ", help_of().split("Subcommands:")[1].split("Examples:")[0], re.M)
    assert set(names) >= {"run", "check", "explain", "state", "domains", "token"}
    for command in ([], *([name] for name in names)):
        assert re.search(r"^Examples?:\n  statebus ", help_of(*command), re.M), command


def test_every_command_and_option_shown_exists():
    known = re.findall(r"^  ([a-z]+) ", help_of().split("Subcommands:")[1], re.M)
    everywhere = set(re.findall(r"--[a-z-]+", help_of()))
    options = {name: everywhere | set(re.findall(r"--[a-z-]+", help_of(name))) for name in known}
    shown = [(page, call) for page in pages.pages() for call in pages.commands(page)]
    assert shown
    for page, call in shown:
        name = next((word for word in call.split() if not word.startswith("-")), "")
        allowed = options[name] if name in known else everywhere
        assert name in known or call.startswith("-"), f"{name_of(page)}: statebus {call}"
        assert set(re.findall(r"(?<!\S)--[a-z-]+", call)) <= allowed, f"{name_of(page)}: statebus {call}"


# The topics


def forms() -> dict[str, str]:
    """The topic of each schema but the one of the file."""
    found = {name: form_of(schema) for name, schema in SCHEMAS.by_name.items()}
    return {form: name for name, form in found.items() if form}


def test_every_topic_has_a_schema_and_every_schema_is_shown():
    text = TOPICS.read_text()
    listed = pages.first_cells(text.split("## What an instance says")[0])
    assert sorted(listed) == sorted(forms())
    linked = set(re.findall(r"\(\.\./schemas/([\w.]+)\.schema\.json\)", text))
    assert linked == set(SCHEMAS.by_name) - {"config"}
    assert "../schemas/config.schema.json" in CONFIGURATION.read_text()


def examples() -> list[Block]:
    return pages.all_blocks("bus")


@pytest.mark.parametrize("block", examples(), ids=str)
def test_every_example_is_valid(block):
    topic, _, payload = block.text.partition("\n")
    assert not SCHEMAS.problems_at(topic, payload.replace("\n", ""))


def test_every_topic_has_an_example():
    shown = {SCHEMAS.name_of(block.text.partition("\n")[0]) for block in examples()}
    assert shown == set(SCHEMAS.by_name) - {"config"}


def reasons() -> list[tuple[str, ...]]:
    """Code, why and what to do of each reason but the one that is none."""
    source = (REPOSITORY / "discovery" / "reason.cpp").read_text()
    found = re.findall(r'\{"(\w+)",\s*"([^"]+)",\s*"([^"]+)"\}', source)
    assert found[0][0] == "published" and len(found) > 10
    return found[1:]


def test_every_reason_is_listed_with_the_words_of_the_program():
    listed = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", section(TOPICS, "What is left out"), re.M)
    assert listed == reasons()
    schema = SCHEMAS.by_name["info"]["properties"]["reasons"]["propertyNames"]["enum"]
    assert schema == [code for code, _, _ in reasons()]


def test_the_table_of_kinds_is_what_the_program_prints():
    done = subprocess.run([program(), "domains", "--markdown"], capture_output=True, text=True, check=True)
    assert (DOCS / "domains.md").read_text().endswith(f"\n\n{done.stdout}"), "take over what it prints"


def test_all_that_is_left_out_is_listed():
    source = (REPOSITORY / "discovery" / "filter.cpp").read_text()
    text = section(TOPICS, "What is left out")
    table = re.search(r"const FilterRule left_out\[\] = \{(.*?)\n\};", source, re.S)[1]
    rules = re.findall(r'\{\.(\w+) = "([^"]+)"\}', table)
    assert len(rules) == table.count("{.") - 1 and "{.hidden = true}" in table
    listed = re.findall(r"`([^`]+)`", text.split("| What | By |")[1].split("\n\n")[0])
    assert sorted(listed) == sorted([value for _, value in rules] + ["hidden: true"])


def test_every_refusal_is_listed():
    listed = set(pages.first_cells(section(TOPICS, "Refused")))
    codes = set()
    of_commands = ("bridge/command_desk.cpp", "bridge/ha_session.cpp", "discovery/command.cpp")
    of_calls = ("bridge/calls.cpp", "bridge/targets.cpp", "discovery/call.cpp")
    for name in of_commands + of_calls:
        text = (REPOSITORY / name).read_text()
        codes |= set(re.findall(r'(?:reject\(|Refusal\{|return \{|false, )"([a-z_]+)"', text))
        codes |= set(re.findall(r'\{id, false, "([a-z_]+)"', text))
    assert listed == codes
    assert listed <= set(SCHEMAS.by_name["refused"]["properties"]["code"]["examples"])


# The decisions


@pytest.mark.parametrize("page", DECISIONS, ids=name_of)
def test_a_decision_has_context_decision_and_consequences(page):
    assert re.findall(r"^## (.*)$", page.read_text(), re.M) == ["Context", "Decision", "Consequences"]
    assert re.match(rf"# {page.name[:3]} ", page.read_text())
    assert 15 <= len(page.read_text().splitlines()) <= 30


def test_decisions_are_numbered_and_listed():
    assert [page.name[:3] for page in DECISIONS] == [f"{n:03}" for n in range(1, len(DECISIONS) + 1)]
    listed = (DOCS / "decisions" / "README.md").read_text()
    for page in DECISIONS:
        title = page.read_text().splitlines()[0].removeprefix("# ")
        assert f"[{title}]({page.name})" in listed
