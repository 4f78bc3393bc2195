#!/usr/bin/env python3
"""Compares the binary interface of the C API with the recorded one, src/capi/abi.xml, by abidiff.

Usage: check_abi.py [--bless]

A change that programs notice (a function that is gone, another parameter, another struct) needs another SONAME: SOVERSION in
cmake/tenon_shared.cmake. New functions, and new members at the end of options, which have their size, do not. Either is
recorded with --bless. Exit: 0 equal, 1 not, 77 abigail-tools is missing.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HEADER = os.path.join(ROOT, "include", "tenon", "tenon_c.h")
RECORDED = os.path.join(ROOT, "src", "capi", "abi.xml")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def soname():
    version = re.search(r"SOVERSION (\d+)", read(os.path.join(ROOT, "cmake", "tenon_shared.cmake"))).group(1)
    return f"libtenon.so.{version}"


def build_model(folder):
    """A library that has the functions of the header and nothing else, with the descriptions of their types."""
    header = re.sub(r"/\*.*?\*/", "", read(HEADER), flags=re.S)
    functions = re.findall(r"^TENON_API\s+([^;]*\));", header, re.M)
    source = os.path.join(folder, "model.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write('#include "tenon/tenon_c.h"\n' + "".join(f"{function} {{ __builtin_trap(); }}\n" for function in functions))
    library = os.path.join(folder, "libmodel.so")
    subprocess.run(["gcc", "-std=c11", "-g", "-w", "-fPIC", "-shared", f"-Wl,-soname,{soname()}",
                    f"-I{os.path.join(ROOT, 'include')}", source, "-o", library], check=True)
    return library


def main():
    if not shutil.which("abidiff"):
        print("check_abi: abidiff is missing (Debian package abigail-tools)")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        library = build_model(folder)
        if sys.argv[1:] == ["--bless"]:
            subprocess.run(["abidw", "--no-show-locs", "--no-corpus-path", "--no-comp-dir-path", "--out-file", RECORDED, library],
                           check=True)
            return 0
        compared = subprocess.run(["abidiff", "--no-show-locs", RECORDED, library], text=True, capture_output=True)
    if compared.returncode == 0:
        print("abi: as recorded")
        return 0
    print(compared.stdout + compared.stderr)
    is_addition = "Functions changes summary: 0 Removed, 0 Changed" in compared.stdout
    if not is_addition and soname() in read(RECORDED):
        print(f"check_abi: if programs that were linked with {soname()} break, change SOVERSION in cmake/tenon_shared.cmake")
    print("check_abi: run `tools/check_abi.py --bless` to record it")
    return 1


if __name__ == "__main__":
    sys.exit(main())
