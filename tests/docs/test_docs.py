"""What the documentation shows is what the program does."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from harness.bridge import REPOSITORY, Bridge, program
from harness.config import judge, unreachable
from harness.mosquitto import Listener, Mosquitto
from harness.schemas import Schemas, form_of
from harness.scripted import ScriptedHomeAssistant

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
    """But for what a terminal has shown."""
    lines = [line for line in page.read_text().splitlines() if not line.startswith("    ")]
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


def leaves(schema: dict, path: str = "") -> dict[str, dict]:
    """The keys with a value, such as broker.urls."""
    if "properties" not in schema:
        return {path: schema}
    start = f"{path}." if path else ""
    return {
        name: leaf
        for key, field in schema["properties"].items()
        for name, leaf in leaves(field, start + key).items()
    }


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
    if key != "publish.filter":
        assert f"`STATEBUS_{key.upper().replace('.', '_')}`" in text
    section_name, _, last = key.rpartition(".")
    holder = CONFIG["properties"][section_name] if section_name else CONFIG
    assert ("required" in text) == (last in holder.get("required", []))
    if "default" in schema:
        default = schema["default"]
        shown = json.dumps(default) if isinstance(default, (bool, int)) or default == "" else default
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


def test_every_command_and_option_shown_exists():
    known = re.findall(r"^  ([a-z]+) ", help_of().split("Subcommands:")[1], re.M)
    everywhere = set(re.findall(r"--[a-z-]+", help_of()))
    options = {name: everywhere | set(re.findall(r"--[a-z-]+", help_of(name))) for name in known}
    shown = [(page, call) for page in pages.pages() for call in pages.commands(page)]
    assert shown
    for page, call in shown:
        name = next((word for word in call.split() if not word.startswith("-")), "")
        if name in NOT_YET:
            assert is_announced_as_missing(page, name), f"{name_of(page)}: statebus {call}"
            continue
        allowed = options[name] if name in known else everywhere
        assert name in known or call.startswith("-"), f"{name_of(page)}: statebus {call}"
        assert set(re.findall(r"(?<!\S)--[a-z-]+", call)) <= allowed, f"{name_of(page)}: statebus {call}"


NOT_YET = {"explain", "purge", "restore", "call", "domains"}


def is_announced_as_missing(page: Path, name: str) -> bool:
    return f"statebus {name}`" in section(page, "Not there yet")


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


def test_every_reason_and_all_that_is_left_out_is_listed():
    source = (REPOSITORY / "discovery" / "filter.cpp").read_text()
    text = section(TOPICS, "What is left out")
    reasons = set(re.findall(r'return "(\w+)";', source)) - {"published"}
    assert set(pages.first_cells(text)) == reasons
    table = re.search(r"const FilterRule left_out\[\] = \{(.*?)\n\};", source, re.S)[1]
    rules = re.findall(r'\{\.(\w+) = "([^"]+)"\}', table)
    assert len(rules) == table.count("{.") - 1 and "{.hidden = true}" in table
    listed = re.findall(r"`([^`]+)`", text.split("| What | By |")[1].split("\n\n")[0])
    assert sorted(listed) == sorted([value for _, value in rules] + ["hidden: true"])


def test_every_refusal_is_listed():
    listed = set(pages.first_cells(section(TOPICS, "Refused")))
    codes = set()
    for name in ("bridge/command_desk.cpp", "bridge/ha_session.cpp", "discovery/command.cpp"):
        text = (REPOSITORY / name).read_text()
        codes |= set(re.findall(r'(?:reject\(|Refusal\{|return \{|false, )"([a-z_]+)"', text))
        codes |= set(re.findall(r'\{id, false, "([a-z_]+)"', text))
    assert listed == codes
    assert listed <= set(SCHEMAS.by_name["refused"]["properties"]["code"]["examples"])


# With a bridge that runs


@pytest.fixture(scope="module")
async def bus(tmp_path_factory):
    """A bridge whose user may do what the page on the configuration says, and no more."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "broker").mkdir()
    rules = pages.all_blocks("acl")
    assert len(rules) == 1
    # What stands before the first user holds for those without a name, the test itself.
    (folder / "broker" / "acl").write_text("topic readwrite #\n" + rules[0].text)
    (folder / "broker" / "users").touch(mode=0o600)
    users = ["mosquitto_passwd", "-b", folder / "broker" / "users", "hubs", "secret"]
    subprocess.run(users, check=True)
    broker = Mosquitto(folder / "broker", RESTRICTED)
    home = ScriptedHomeAssistant(folder / "ha", "--demo")
    await broker.start()
    await home.start()
    login = {"broker": {"username": "hubs", "password_file": "mqtt.pw"}}
    bridge = Bridge(folder / "bridge", "hubs", home.url, home.token, broker.url, **login)
    (folder / "bridge" / "mqtt.pw").write_text("secret")
    await bridge.start()
    await bridge.online()
    yield home, bridge, broker
    await bridge.stop()
    await home.stop()
    await broker.stop()


RESTRICTED = """\
listener {port} 127.0.0.1
allow_anonymous true
password_file {folder}/users
acl_file {folder}/acl
set_tcp_nodelay true
"""


def run(bridge: Bridge, *command: str) -> subprocess.CompletedProcess:
    arguments = [program(), *command, "-c", bridge.config]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=60)


async def test_the_access_list_shown_is_enough(bus):
    _, bridge, broker = bus
    document = {"state": "on", "attributes": {}, "last_changed": None, "last_updated": None}
    async with Listener(broker.port, "statebus/media/#") as other:
        other.publish("statebus/media/state/light/tv", json.dumps(document), retain=True)
        other.publish("statebus/media/info", '{"index_buckets":0}', retain=True)
        await other.until(lambda: len(other.topics) == 2, 10, "another instance")
    checked = run(bridge, "check")
    assert checked.returncode == 0, checked.stdout
    stated = run(bridge, "state", "--json")
    assert stated.returncode == 0, stated.stderr
    instances = json.loads(stated.stdout)["instances"]
    assert len(instances["hubs"]["entities"]) == 28 and len(instances["media"]["entities"]) == 1
    assert not re.findall(r"^.*(?:error|warning).*$", bridge.output(), re.M)


def services_shown() -> dict[str, set[str]]:
    """The services of each kind, from the list in topics.md."""
    text = section(TOPICS, "Command")
    rows = re.findall(r"^- `(\w+)`[^:]*:((?:.|\n(?!-|\n))*)", text, re.M)
    return {kind: set(re.findall(r"`(\w+)`", services)) for kind, services in rows}


async def test_the_services_shown_are_those_that_are_taken(bus):
    _, _, broker = bus
    shown = services_shown()
    async with Listener(broker.port, "statebus/hubs/#") as listener:
        await listener.until(lambda: "statebus/hubs/info" in listener.topics, 10, "the topics")
        entities = [topic.split("/", 3)[3] for topic in listener.topics if "/entity/" in topic]
        by_kind = {entity.split("/")[0]: entity for entity in entities}
        assert set(by_kind) == set(shown)
        for kind, entity in by_kind.items():
            assert await services_taken(listener, entity) == shown[kind], kind


async def services_taken(listener: Listener, entity: str) -> set[str]:
    """What a refusal says that the entity takes."""
    listener.publish(f"statebus/hubs/command/{entity}", '{"service": "explode"}')
    name = entity.replace("/", ".")

    def answered() -> str | None:
        refusals = [each.payload for each in listener.messages if each.topic == "statebus/hubs/refused"]
        return next((each for each in refusals if f'"{name}"' in each), None)

    message = json.loads(await listener.until(answered, 10, f"a refusal of {name}"))["message"]
    taken = re.search(r"it takes (.*)$", message)
    return set(taken[1].split(", ")) if taken else set()


def kinds_since(listener: Listener, begin: int) -> list[str]:
    """What came of the lamp and its shelf, by the names of schemas; `-` marks a cleared topic."""
    found = []
    for message in listener.messages[begin:]:
        name = SCHEMAS.name_of(message.topic)
        if re.search("/light/(lamp|spot)|lamp0|shelf", message.topic):
            found.append(name if message.payload else f"-{name}")
    return found


async def order(home: ScriptedHomeAssistant, listener: Listener, line: dict, count: int) -> list[str]:
    """The first messages about the lamp after something has happened."""
    begin = len(listener.messages)
    await home.send(line)
    await listener.until(lambda: len(kinds_since(listener, begin)) >= count, 20, f"{count} messages")
    return kinds_since(listener, begin)[:count]


async def test_messages_come_in_the_order_shown(bus):
    home, _, broker = bus
    lamp = {"supported_color_modes": ["brightness"], "color_mode": "brightness", "brightness": 1}
    row = {"entity_id": "light.lamp", "id": "lamp0", "device_id": "shelf", "state": "on", "attributes": lamp}
    async with Listener(broker.port, "statebus/#", "homeassistant/#", retained=False) as listener:
        await home.send({"create": {"devices": {"id": "shelf", "name": "Shelf"}}})
        new = await order(home, listener, {"add": row}, 5)
        assert new == ["device", "entity", "state", "view.light", "announcement"]
        dimmed = {"state": "on", "attributes": {**lamp, "brightness": 2}}
        assert await order(home, listener, {"set": {"light.lamp": dimmed}}, 2) == ["state", "view.light"]
        capable = {"state": "on", "attributes": {**lamp, "supported_features": 32}}
        changed = await order(home, listener, {"set": {"light.lamp": capable}}, 4)
        assert changed.index("announcement") < changed.index("state")
        renamed = await order(home, listener, {"rename": ["light.lamp", "light.spot"]}, 7)
        assert renamed[:4] == ["entity", "state", "view.light", "announcement"]
        assert set(renamed[4:]) == {"-entity", "-state", "-view.light"}
        removed = await order(home, listener, {"remove": "light.spot"}, 5)
        assert removed[0] == "-announcement"
        assert set(removed[1:]) == {"-entity", "-state", "-view.light", "-device"}
        assert_named_before_they_come(listener)


def assert_named_before_they_come(listener: Listener) -> None:
    """Each topic that came was in a bucket of the index that came before it."""
    named: set[str] = set()
    for message in listener.messages:
        if SCHEMAS.name_of(message.topic) == "index":
            named |= set(json.loads(message.payload))
        elif re.search("/light/(lamp|spot)|lamp0|shelf", message.topic) and message.payload:
            assert message.topic in named


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
