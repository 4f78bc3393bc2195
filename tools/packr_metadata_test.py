#!/usr/bin/env python3
"""Tests that packr_metadata.py generates the bytes that packr-guest's own macro puts into a guest."""
import glob
import os
import unittest

import packr_metadata

GUESTS = os.path.join(packr_metadata.ROOT, "tests", "guests", "packr")
# Guests since 0.21, with generic parameters, maps and sets; and guests without metadata.
NOT_READ = ["collections", "collections_client", "generic_client", "generic_provider", "lib",
            "versioned_client", "versioned_math_1", "versioned_math_2"]


def read(*path):
    with open(os.path.join(GUESTS, *path), encoding="utf-8") as file:
        return file.read()


def types_of(name):
    """The text that the Rust guest passes to `pack_types!`, from a separate file or from its source."""
    if os.path.exists(os.path.join(GUESTS, "rust", "types", name + ".types")):
        return read("rust", "types", name + ".types")
    _, _, rest = read("rust", "src", name + ".rs").partition("pack_types! {")
    return rest[:rest.index("\n}\n")]


class PackrMetadataTest(unittest.TestCase):
    def test_the_bytes_are_those_of_the_macro(self):
        names = sorted(os.path.basename(path).removesuffix(".rs")
                       for path in glob.glob(os.path.join(GUESTS, "rust", "src", "*.rs")))
        compared = 0
        for name in sorted(set(names) - set(NOT_READ)):
            made = packr_metadata.metadata(types_of(name))
            for version in ("0.5.4", "0.21.0"):
                path = os.path.join(GUESTS, "wasm", version, name + ".wasm")
                if not os.path.exists(path):
                    continue
                with open(path, "rb") as file:
                    self.assertEqual(file.read().count(made), 1, f"{version}/{name}")
                compared += 1
        self.assertGreaterEqual(compared, 2 * 13)

    def test_names_of_types_and_parameters_do_not_change_a_hash(self):
        def digest(text):
            imports, exports, _ = packr_metadata.Parser(text).package()
            return packr_metadata.hash_of_interface("i", exports or imports)

        plain = digest("exports { f: func(a: list<u8>) -> s64 }")
        self.assertEqual(digest("type bytes = list<u8> exports { f: func(b: bytes) -> s64, }"), plain)
        self.assertNotEqual(digest("exports { f: func(a: list<s8>) -> s64 }"), plain)
        self.assertEqual(digest("record r { a: u8, b: u16 } exports { f: func(r: r) }"),
                         digest("record q { b: u16, a: u8 } exports { f: func(r: q) }"))

    def test_what_cannot_be_read_is_refused(self):
        for text in ("exports { f: func(a: nobody) }", "exports { f: func(", "exports { f func() }", "import { }", "%"):
            with self.assertRaises(SystemExit, msg=text):
                packr_metadata.metadata(text)


if __name__ == "__main__":
    unittest.main()
