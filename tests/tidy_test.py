#!/usr/bin/env python3
"""Each rule of tests/tidy finds what it is for, and leaves good text alone."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import shutil
import tempfile
import unittest
from pathlib import Path

LOADER = importlib.machinery.SourceFileLoader("tidy", str(Path(__file__).with_name("tidy")))
SPEC = importlib.util.spec_from_loader("tidy", LOADER)
tidy = importlib.util.module_from_spec(SPEC)
LOADER.exec_module(tidy)

LONG_FUNCTION = "// A file.\nvoid run() {\n" + "  step();\n" * 70 + "}\n"
LONG_METHOD = "class A final : public B {\n  int run(int a) const {\n" + "    step();\n" * 70 + "  }\n};\n"
LONG_PYTHON = '"""A file."""\ndef run():\n' + "    step()\n" * 70

WRONG = [
    ("discovery/a.cpp", '#include "bridge/outbox.hpp"\n', "arrow"),
    ("bridge/a.cpp", '#include "bridge/io/broker.hpp"\n', "arrow"),
    ("bridge/a.cpp", "#include <boost/asio.hpp>\n", "arrow"),
    ("bridge/io/a.cpp", '#include "bridge/cli/log.hpp"\n', "arrow"),
    ("bridge/io/a.cpp", "#include <new_library/all.hpp>\n", "arrow"),
    ("discovery/a.cpp", "#include <fmt/format.h>\n", "arrow"),
    ("discovery/a.cpp", "#include <fstream>\n", "arrow"),
    ("bridge/a.cpp", '#include "tests/support.hpp"\n', "arrow"),
    ("bridge/a.cpp", '#include "outbox.hpp"\n', "from the root"),
    ("bridge/a.cpp", "#include <simdjson.h>\n", "includes simdjson"),
    ("bridge/a.cpp", '#include "discovery/simdjson.hpp"\n', "uses simdjson"),
    ("bridge/a.cpp", "  auto now = std::chrono::steady_clock::now();\n", "clock"),
    ("bridge/a.cpp", "  std::random_device chance;\n", "source of chance"),
    ("bridge/a.cpp", '  publish("statebus/" + name + "/state/x");\n', "topic"),
    ("bridge/a.cpp", '  return base + "index/" + number;\n', "topic"),
    ("bridge/a.cpp", '  return base + "/status";\n', "topic"),
    ("bridge/cli/a.cpp", '  return prefix + "/+/+/config";\n', "topic"),
    ("bridge/io/a.cpp", "  std::this_thread::sleep_for(1s);\n", "banned"),
    ("bridge/io/a.cpp", "  auto* a = new Thing();\n", "banned"),
    ("bridge/io/a.cpp", "  delete thing;\n", "banned"),
    ("bridge/io/a.cpp", "  usleep(1);\n", "banned"),
    ("bridge/io/a.cpp", '  std::printf("a");\n', "banned"),
    ("bridge/io/a.cpp", "  std::cout << 1;\n", "banned"),
    ("bridge/io/a.cpp", "  int a = rand();\n", "banned"),
    ("discovery/a.cpp", "using namespace std;\n", "banned"),
    ("discovery/a.hpp", "// A file.\nusing namespace discovery;\n", "banned"),
    ("discovery/a.hpp", "#pragma once\n", "opening comment"),
    ("tests/a.py", "import os\n", "opening comment"),
    ("scripts/a", "#!/bin/bash\nset -e\n", "opening comment"),
    ("discovery/a.cpp", LONG_FUNCTION, "a function of 72 lines"),
    ("discovery/a.cpp", LONG_METHOD, "a function of 72 lines"),
    ("tests/a.py", LONG_PYTHON, "a function of 71 lines"),
    ("discovery/a.cpp", "int a;\n" * 301, "301 lines"),
    ("discovery/a.cpp", "int a;" + " " * 5 + "\n", "white space"),
    ("discovery/a.cpp", "// " + "x" * 98 + "\n", "columns"),
    ("discovery/a.cpp", "\tint a;\n", "a tab"),
    ("tests/a.py", '"""A."""\n# ' + "x" * 109 + "\n", "columns"),
    ("README.md", "x" * 121 + "\n", "columns"),
    ("discovery/a.cpp", "int a;", "no newline"),
    ("discovery/a.cpp", "// TO" + "DO: all of it\n", "work left over"),
    ("tests/a.py", "await asyncio.sleep(1)\n", "sleep"),
    ("README.md", "see /ro" + "ot/x\n", "a place of one machine"),
    ("scripts/a", "#!/bin/bash\n# A.\ncd /ho" + "me/me\n", "a place of one machine"),
    ("scripts/a", "pip install -i https://py" + "pi.org/simple a\n", "a package registry"),
]

RIGHT = [
    ("bridge/a.cpp", '#include "bridge/outbox.hpp"\n#include "discovery/topic.hpp"\n'),
    ("bridge/io/a.cpp", "  auto now = std::chrono::steady_clock::now();\n"),
    ("bridge/cli/a.cpp", '  std::cout << "/etc/statebus/statebus.yaml";\n#include <spdlog/spdlog.h>\n'),
    ("bridge/a.cpp", '  ask("config/entity_registry/list", "status", "/api/config");\n'),
    ("discovery/topic.cpp", '  return root + "/x/state/y" + "/config";\n'),
    ("discovery/registry.cpp", '#include "discovery/simdjson.hpp"\n'),
    ("discovery/a.cpp", '  say("new; delete it with rand() or sleep(1)", R"(new)", \'x\');  // printf()\n'),
    ("discovery/a.cpp", "const std::map<int, int> table = make({\n" + "  1,\n" * 80 + "});\n"),
    ("discovery/a.cpp", "  Thing(const Thing&) = delete;\n  // a new Home Assistant\n"),
    ("discovery/a.cpp", LONG_FUNCTION.replace("  step();\n", "", 2)),
    ("discovery/a_generated.cpp", "int a;\n" * 301),
    ("README.md", "| " + "x" * 121 + " |\n"),
    ("tests/a.py", '"""A file."""\n\n\nasync def go():\n    await wait_until(ready, 5, "it")\n'),
]


class Rules(unittest.TestCase):
    def test_what_is_wrong_is_found(self):
        for name, text, word in WRONG:
            with self.subTest(name=name, text=text[:60]):
                self.assertTrue([what for _, what in tidy.check_file(name, text) if word in what])

    def test_what_is_right_is_left_alone(self):
        for name, text in RIGHT:
            with self.subTest(name=name, text=text[:60]):
                self.assertEqual(list(tidy.check_file(name, text)), [])


class Form(unittest.TestCase):
    @unittest.skipIf(shutil.which("clang-format") is None, "clang-format is missing")
    def test_form_that_is_not_clang_formats_is_found(self):
        with tempfile.NamedTemporaryFile("w", suffix=".cpp") as file:
            file.write("int  a ;\n")
            file.flush()
            found = list(tidy.formatting([file.name]))
        self.assertTrue(found and found[0].startswith(f"{file.name}:1: not in clang-format's form"), found)


if __name__ == "__main__":
    unittest.main()
