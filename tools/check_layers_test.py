"""Tests of check_layers.py on small source trees."""
import os
import subprocess
import tempfile
import unittest

import check_layers

LAYERS = "support:\nbinary: support\ntypes: binary\nengine: support\ncli: include/tenon binary\n"


class CheckLayersTest(unittest.TestCase):
    def problems(self, files, layers=LAYERS):
        with tempfile.TemporaryDirectory() as root:
            subprocess.run(["git", "init", "-q", root], check=True)
            for path, text in {"src/layers.txt": layers, **files}.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            return check_layers.check(root)

    def test_downward_and_through_others_is_allowed(self):
        self.assertEqual(self.problems({
            "src/support/arena.h": "#include <vector>\n",
            "src/types/type.h": '#include "support/arena.h"\n#include "tenon/result.h"\n',
        }), [])

    def test_upward_is_refused(self):
        self.assertEqual(self.problems({
            "src/types/type.h": "",
            "src/binary/read.h": '#pragma once\n#include "types/type.h"\n',
        }), ["src/binary/read.h:2: includes types/type.h: "
             "src/layers.txt does not let `binary` include `types`"])

    def test_pointers_to_void_that_are_cast_back_are_refused(self):
        self.assertEqual(self.problems({
            "src/binary/read.h": "std::weak_ptr<void> owner;  // types::Arena\n",
            "src/types/type.cc": "std::unique_ptr<void, Free> own;\n"
                                 "auto a = std::static_pointer_cast<A>(std::const_pointer_cast<void>(p));\n"}),
            ["src/binary/read.h:1: weak_ptr<void>: name a type, or an interface of this module",
             "src/types/type.cc:2: const_pointer_cast<void>: name a type, or an interface of this module"])

    def test_sideways_is_refused(self):
        self.assertEqual(len(self.problems({
            "src/engine/engine.h": "", "src/binary/read.cc": '#include "engine/engine.h"\n'})), 1)

    def test_tests_are_exempt(self):
        self.assertEqual(self.problems({
            "src/types/type.h": "", "src/binary/read_test.cc": '#include "types/type.h"\n'}), [])

    def test_a_row_with_the_public_api_is_complete(self):
        self.assertEqual(self.problems({
            "src/support/arena.h": "",
            "src/binary/read.h": '#include "support/arena.h"\n',
            "include/tenon/result.h": "",
            "src/cli/main.cc": '#include "tenon/result.h"\n#include "binary/read.h"\n'
                               '#include "support/arena.h"\n'}),
            ["src/cli/main.cc:3: includes support/arena.h: "
             "src/layers.txt does not let `cli` include `support`"])

    def test_public_headers_include_std_and_themselves(self):
        found = self.problems({
            "src/support/arena.h": "",
            "include/tenon/a.h": '#include <vector>\n#include <fmt/format.h>\n',
            "include/tenon/b.h": '#include "tenon/a.h"\n#include "support/arena.h"\n'})
        self.assertEqual([line.split(":")[0] for line in found], ["include/tenon/a.h", "include/tenon/b.h"])

    def test_only_engine_sees_the_engine(self):
        found = self.problems({
            "src/engine/engine.cc": "#include <wasmtime.h>\n",
            "src/types/type.cc": '#include "wasmtime/store.h"\n'})
        self.assertEqual(found, ["src/types/type.cc:1: includes wasmtime/store.h: "
                                 "only src/engine can include the engine"])

    def test_relative_paths_are_refused(self):
        self.assertEqual(len(self.problems({
            "src/types/a.h": "", "src/types/b.h": '#include "a.h"\n'})), 1)

    def test_header_cycles_are_named(self):
        found = self.problems({
            "src/types/a.h": '#include "types/b.h"\n', "src/types/b.h": '#include "types/a.h"\n'})
        self.assertEqual(found, ["headers include each other: "
                                 "src/types/a.h -> src/types/b.h -> src/types/a.h"])

    def test_layer_cycles_and_unknown_modules_are_named(self):
        self.assertIn("a cycle: a -> b -> a", self.problems({}, "a: b\nb: a\n")[0])
        self.assertIn("`c`, which has no row", self.problems({}, "a: c\n")[0])
        self.assertEqual(self.problems({"src/new/x.cc": ""}),
                         ["src/new: has no row in src/layers.txt"])


if __name__ == "__main__":
    unittest.main()
