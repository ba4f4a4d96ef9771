"""Where real Home Assistant versions run: made once, kept in a cache, used by demo and tests.

2024.3.3 is the last version for Debian 12's Python 3.11 and lives in a virtual environment.
2026.11.0 needs Python 3.14 and lives in a Debian forky root, which only root can make and enter.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST = "2024.3.3"
NEWEST = "2026.11.0"

# Later releases of josepy lack what the certificate library of 2024.3.3 calls while onboarding.
PINS = {OLDEST: ["josepy<1.15"]}

# The integrations that demo and tests set up; what they need is installed beforehand, because Home
# Assistant's own installing at the first start takes long and was seen to fail when two overlap.
INTEGRATIONS = ["demo", "mqtt", "frontend", "automation", "script", "scene", "template", "history"]

# Those that tests/real_ha/instances sets up as well. None of them needs libraries of the system, or the
# Internet for what is asked of it.
MORE_INTEGRATIONS = [
    "kitchen_sink", "lovelace", "logbook", "energy", "group", "zone", "person", "tag", "alert", "plant",
    "input_boolean", "input_button", "input_datetime", "input_number", "input_select", "input_text",
    "counter", "timer", "schedule", "switch_as_x", "generic_thermostat", "generic_hygrostat", "min_max",
    "threshold", "utility_meter", "derivative", "integration", "trend", "statistics", "filter", "tod",
    "history_stats", "bayesian", "mold_indicator", "random", "worldclock", "workday", "uptime", "season",
    "moon", "sun", "universal", "manual", "proximity", "command_line", "tts", "conversation",
    "image_processing", "geo_location", "google_translate", "shopping_list", "local_todo", "local_calendar",
]  # fmt: skip

FORKY_PACKAGES = (
    "python3,python3-venv,python3-dev,ca-certificates,gcc,g++,libc6-dev,libffi-dev,libssl-dev"
)


class Unavailable(RuntimeError):
    """This machine cannot have that version; the message is the reason that a report prints."""


def cache_dir() -> Path:
    base = os.environ.get("STATEBUS_CACHE")
    return Path(base) if base else Path.home() / ".cache" / "statebus"


@dataclass(frozen=True)
class Environment:
    """A Home Assistant version that can be started."""

    version: str
    root: Path | None  # the Debian root to enter; None when it runs on the host's own Python
    hass: str  # the program, as seen from inside the root

    def command(self, config: Path) -> list[str]:
        if self.root is None:
            return [self.hass, "--config", str(config)]
        # A mount namespace of its own gives each instance its /config and leaves none behind.
        script = (
            'mount -t proc proc "$0/proc" && mkdir -p "$0/config" && '
            'mount --bind "$1" "$0/config" && exec chroot "$0" "$2" --config /config'
        )
        return ["unshare", "--mount", "sh", "-c", script, str(self.root), str(config), self.hass]

    def site_packages(self) -> Path:
        """The folder that holds the `homeassistant` package, for schemas and versions."""
        prefix = Path(self.hass).parent.parent
        base = self.root / prefix.relative_to("/") if self.root else prefix
        return next((base / "lib").glob("python3.*/site-packages"))


def package_version(root: Path, package: str) -> str:
    """Of a Debian package that is installed in that root."""
    status = (root / "var/lib/dpkg/status").read_text()
    about = status.split(f"\nPackage: {package}\n")[1].split("\n\n")[0]
    return next(line.split()[1] for line in about.splitlines() if line.startswith("Version:"))


def run(command: list[str], what: str, env: dict[str, str] | None = None) -> None:
    """Runs one installing step; its whole output is shown only when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(env or {})},
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-25:])
        raise Unavailable(f"{what} failed (exit code {done.returncode}):\n{tail}")


def requirements(package: Path, pending: list[str]) -> list[str]:
    """The PyPI names in the manifests of integrations and of all that they depend on."""
    found: set[str] = set()
    seen: set[str] = set()
    while pending:
        domain = pending.pop()
        folder = package / "components" / domain
        if domain in seen or not (folder / "manifest.json").exists():
            continue
        seen.add(domain)
        manifest = json.loads((folder / "manifest.json").read_text())
        found.update(manifest.get("requirements", []))
        pending += manifest.get("dependencies", [])
        if domain == "demo":
            # Its platforms, such as demo/camera.py, set up the integrations of their names.
            pending += [file.stem for file in folder.glob("*.py")]
    return sorted(found)


def install(environment: Environment, enter: list[str], integrations: list[str], done: Path, say) -> None:
    """pip install of Home Assistant and of what `integrations` need; `enter` runs it in its root.

    `done` lists the integrations that earlier runs have provided for; only what it lacks is installed.
    """
    there = set(done.read_text().split()) if done.exists() else None
    if there is not None and there >= set(integrations):
        return
    version = environment.version
    pip = [*enter, str(Path(environment.hass).parent / "pip"), "install", "--quiet"]
    if there is None:
        release = [f"homeassistant=={version}", *PINS.get(version, [])]
        run([*pip, *release], f"pip install homeassistant=={version}")
    say(f"installing what the integrations of Home Assistant {version} need (a minute or two, once)")
    package = environment.site_packages() / "homeassistant"
    needed = requirements(package, list(integrations))
    constraints = Path(environment.hass).parents[1] / "lib" / package.parent.parent.name
    constraints = constraints / "site-packages/homeassistant/package_constraints.txt"
    run([*pip, "--constraint", constraints, *needed, *PINS.get(version, [])], "pip install of requirements")
    done.write_text("\n".join(sorted({*integrations, *(there or ())})))


def host_environment(version: str, integrations: list[str], say=print) -> Environment:
    """A virtual environment on the host's own Python, which must be one that `version` accepts."""
    home = cache_dir() / f"ha-{version}"
    done = home / ".complete"
    if not done.exists():
        say(f"installing Home Assistant {version} into {home} (some minutes, once)")
        shutil.rmtree(home, ignore_errors=True)
        run([sys.executable, "-m", "venv", home], "making a virtual environment")
    environment = Environment(version, None, str(home / "bin/hass"))
    install(environment, [], integrations, done, say)
    return environment


def debian_mirror() -> str:
    """The mirror that this machine's apt already uses."""
    for source in [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]:
        if not source.is_file():
            continue
        found = re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+/debian/?)(?:\s|$)", source.read_text(), re.M)
        if found:
            return found.group(1)
    raise Unavailable("no Debian mirror is named in /etc/apt/sources.list or sources.list.d")


def debian_root(suite: str, packages: str, say=print, folder: str = "") -> Path:
    """A minimal Debian of that suite in the cache, made by debootstrap; `folder` is its name there."""
    if os.geteuid() != 0:
        raise Unavailable(f"a Debian {suite} root can only be made and entered by root")
    if shutil.which("debootstrap") is None:
        raise Unavailable("debootstrap is not installed (apt-get install debootstrap)")
    root = cache_dir() / (folder or suite)
    done = root / ".complete"
    if not done.exists() or done.read_text() != packages:
        say(f"making a Debian {suite} root in {root} (some minutes, once)")
        shutil.rmtree(root, ignore_errors=True)
        # Debian 12's debootstrap does not know the newer suites; they are all made like sid.
        script = Path("/usr/share/debootstrap/scripts") / suite
        if not script.exists():
            script.symlink_to("sid")
        command = ["debootstrap", "--variant=minbase", f"--include={packages}", suite, root, debian_mirror()]
        run(command, f"debootstrap {suite}")
        done.write_text(packages)
    for shared in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
        # In one step: what runs in the root already may be reading it.
        new = root / f"{shared}.{os.getpid()}"
        new.parent.mkdir(parents=True, exist_ok=True)  # a root without ca-certificates lacks it
        shutil.copyfile(Path("/") / shared, new)
        new.replace(root / shared)
    return root


def forky_environment(version: str, integrations: list[str], say=print) -> Environment:
    """A virtual environment inside a Debian forky root, for versions that need Python 3.14."""
    root = debian_root("forky", FORKY_PACKAGES, say)
    done = root / "ha" / f".complete-{version}"
    if not done.exists():
        say(f"installing Home Assistant {version} into {root}/ha (a minute or two, once)")
        shutil.rmtree(root / "ha", ignore_errors=True)
        run(["chroot", root, "python3", "-m", "venv", "/ha"], "making a virtual environment")
    environment = Environment(version, root, "/ha/bin/hass")
    install(environment, ["chroot", str(root)], integrations, done, say)
    return environment


def environment(version: str, say=print, more: list[str] | None = None) -> Environment:
    """The environment of one tested version; raises Unavailable with the reason when there is none.

    `more` names integrations beyond INTEGRATIONS that it must have what they need for.
    """
    integrations = [*INTEGRATIONS, *(more or [])]
    if version == NEWEST:
        return forky_environment(version, integrations, say)
    if sys.version_info[:2] != (3, 11):
        raise Unavailable(f"Home Assistant {version} runs on Python 3.11, this is {sys.version.split()[0]}")
    return host_environment(version, integrations, say)


def newest_here(say=print) -> Environment:
    """The newest release that this machine's own Python runs; 2024.3.3 on Debian 12."""
    if sys.version_info[:2] == (3, 11):
        return host_environment(OLDEST, INTEGRATIONS, say)
    wanted = subprocess.run(
        [sys.executable, "-m", "pip", "index", "versions", "homeassistant"], capture_output=True, text=True
    )
    found = re.search(r"homeassistant \((\d{4}\.\d+\.\d+)\)", wanted.stdout)
    if found is None:
        version = sys.version.split()[0]
        raise Unavailable(f"PyPI names no Home Assistant for Python {version}: {wanted.stderr}")
    return host_environment(found.group(1), INTEGRATIONS, say)


def main() -> None:
    """`python -m harness.environments` makes what this machine can have, and says what it cannot."""
    for version in (OLDEST, NEWEST):
        try:
            found = environment(version, more=MORE_INTEGRATIONS)
            print(f"Home Assistant {version}: ready in {found.root or Path(found.hass).parents[1]}")
        except Unavailable as reason:
            print(f"Home Assistant {version}: not here, its tests will be skipped: {reason}")


if __name__ == "__main__":
    main()
