"""Tests of how a release is finished and checked, over a folder with small files in place of the packages."""
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest
import unittest.mock

import check_release
import engine_crates
import make_packages
import make_release
import make_sbom

# In a source tree without git, there is no other time.
os.environ.setdefault("SOURCE_DATE_EPOCH", "1790000000")
VERSION = "0.1.0"
BILL = f"tenon-{VERSION}.cdx.json"


class ReleaseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.key = os.path.join(cls.folder, "key")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", cls.key], check=True)
        cls.made = os.path.join(cls.folder, "made")
        os.mkdir(cls.made)
        for name in ("tenon_0.1.0_amd64.deb", "tenon-0.1.0-source.tar.xz"):
            with open(os.path.join(cls.made, name), "w", encoding="utf-8") as file:
                file.write(f"the content of {name}")
        make_release.write_bill(cls.made, VERSION)
        make_release.finish(cls.made, cls.key)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.release = os.path.join(self.folder, "release")
        shutil.copytree(self.made, self.release)
        self.addCleanup(shutil.rmtree, self.release)

    def path(self, name):
        return os.path.join(self.release, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def bill(self):
        with open(self.path(BILL), encoding="utf-8") as file:
            return json.load(file)

    def problems(self, signers=None):
        return check_release.check_release(self.release, signers)

    def assert_one_problem(self, part, signers=None):
        problems = self.problems(signers)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(part, problems[0])

    def test_a_release_is_complete(self):
        self.assertEqual(self.problems(), [])
        self.assertEqual(self.problems(self.path(check_release.SIGNERS)), [])
        checked = subprocess.run(["sha256sum", "--check", "--quiet", check_release.SUMS], cwd=self.release)
        self.assertEqual(checked.returncode, 0)

    def test_a_damaged_file_is_noticed(self):
        self.write("tenon_0.1.0_amd64.deb", "other content")
        self.assert_one_problem("tenon_0.1.0_amd64.deb: its SHA-256 is not the one in SHA256SUMS")

    def test_missing_and_further_files_are_noticed(self):
        os.rename(self.path("tenon_0.1.0_amd64.deb"), self.path("other.deb"))
        self.assertEqual(self.problems(), ["other.deb: SHA256SUMS does not name it", "tenon_0.1.0_amd64.deb: it is missing"])

    def test_changed_checksums_are_noticed(self):
        self.write("tenon_0.1.0_amd64.deb", "other content")
        lines = [f"{check_release.sha256_of(self.path(name))}  {name}\n" for name in check_release.read_sums(self.release)]
        self.write(check_release.SUMS, "".join(lines))
        self.assert_one_problem("it is not a signature of SHA256SUMS by an accepted key")

    def test_names_with_folders_are_refused(self):
        self.write(check_release.SUMS, f"{'0' * 64}  ../other\n")
        with self.assertRaises(SystemExit):
            self.problems()

    def test_a_signature_by_another_key_is_noticed(self):
        other = os.path.join(self.folder, "other")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
        self.addCleanup(os.remove, other)
        with open(other + ".pub", encoding="utf-8") as file:
            public = file.read()
        self.addCleanup(os.remove, other + ".pub")
        signers = os.path.join(self.folder, "signers")
        with open(signers, "w", encoding="utf-8") as file:
            file.write(f"tenon {public}")
        self.addCleanup(os.remove, signers)
        self.assert_one_problem("by an accepted key", signers)

    def test_a_release_without_a_signature_is_accepted_unless_a_key_is_named(self):
        signers = os.path.join(self.folder, "made", check_release.SIGNERS)
        os.remove(self.path(check_release.SIGNATURE))
        self.assertEqual(self.problems(), [])
        self.assert_one_problem("the release is not signed", signers)

    def test_the_bill_has_every_crate_that_is_linked(self):
        rows = {(row["name"], row["version"]): row for row in self.bill()["components"] if row["purl"].startswith("pkg:cargo/")}
        for crate in ("wasmtime", "wasmtime-wasi", "cranelift-codegen", "wasmparser", "tokio"):
            self.assertIn(crate, {name for name, _ in rows})
        for crate in engine_crates.linked():
            self.assertEqual(rows[crate]["scope"], "required")
            self.assertEqual(rows[crate]["hashes"][0]["content"], engine_crates.locked()[crate])
        for name in engine_crates.patched():
            self.assertTrue(any("pedigree" in row for (crate, _), row in rows.items() if crate == name), name)

    def test_the_bill_is_the_same_each_time(self):
        self.assertEqual(self.bill(), make_sbom.make_sbom())

    def test_mistakes_in_a_bill_are_noticed(self):
        def without(crate):
            return lambda bill: bill.update(components=[row for row in bill["components"] if row["name"] != crate])

        def change(key, value):
            return lambda bill: bill["components"][0].update({key: value})

        for part, mistake in [
                ("wasmtime 48", without("wasmtime")),
                ("nothing has this reference", without("fmt")),
                ("is not a package URL", change("purl", "cargo:x")),
                ("is not an SPDX expression", change("licenses", [{"expression": "MIT/Apache-2.0"}])),
                ("is not a SHA-256", change("hashes", [{"alg": "SHA-256", "content": "0"}])),
                ("its checksum is not the one in Cargo.lock", change("hashes", [{"alg": "SHA-256", "content": "0" * 64}])),
                ("it has no `version`", change("version", "")),
                ("there are several of it", lambda bill: bill["components"].append(bill["components"][0])),
                ("it is not CycloneDX 1.6", lambda bill: bill.update(specVersion="1.0")),
                ("is not a serial number", lambda bill: bill.update(serialNumber="1"))]:
            bill = self.bill()
            mistake(bill)
            self.assertTrue(any(part in problem for problem in check_release.check_sbom(bill)), part)

    def test_files_that_differ_are_named(self):
        other = os.path.join(self.folder, "again")
        shutil.copytree(self.release, other)
        self.addCleanup(shutil.rmtree, other)
        self.assertEqual(make_release.find_differences(self.release, other), [])
        self.write("tenon_0.1.0_amd64.deb", "other content")
        self.assertEqual(make_release.find_differences(self.release, other), ["tenon_0.1.0_amd64.deb"])

    def test_a_release_is_made_of_a_commit(self):
        def git(*words):
            return make_packages.run("git", "-c", "user.name=a", "-c", "user.email=a@b", *words, cwd=self.release)

        git("init", "-q")
        self.write("file", "one")
        git("add", "-A")
        git("commit", "-qm", "one")
        with unittest.mock.patch.object(make_release, "ROOT", self.release):
            first = make_release.check_tree()
            self.assertEqual(first, git("rev-parse", "HEAD"))
            self.write("file", "two")
            with self.assertRaisesRegex(SystemExit, "not committed"):
                make_release.check_tree()
            git("commit", "-qam", "two")
            self.assertNotEqual(make_release.check_tree(), first)

    def test_a_build_with_edited_files_is_refused(self):
        for edited, is_refused in (("", False), ("src/cli/main.cc", True)):
            self.write("CMakeCache.txt", f"TENON_EDITED:INTERNAL={edited}\n")
            with self.assertRaisesRegex(SystemExit, "edited") if is_refused else contextlib.nullcontext():
                make_release.check_build(self.release)


if __name__ == "__main__":
    unittest.main()
