"""Writes src/support/display_width.def: which characters take no column, and which take two.

Usage: make_width_table.py > src/support/display_width.def

The data is Python's copy of the Unicode Character Database: general categories Mn, Me and Cf and
the joining jamo take none, East_Asian_Width W and F take two. Unassigned characters between two
of one kind go with them, which keeps the table short.
"""
import sys
import unicodedata


def kind_of(code):
    character = chr(code)
    category = unicodedata.category(character)
    if category == "Cn":
        return None
    if category in ("Mn", "Me", "Cf") and code != 0xAD or 0x1160 <= code <= 0x11FF:
        return "ZERO"
    return "DOUBLE" if unicodedata.east_asian_width(character) in "WF" else "ONE"


def ranges():
    """Yields (kind, first, last) of each run of one kind, unassigned characters left out."""
    run = None
    for code in range(0xA0, 0x110000):
        kind = kind_of(code)
        if kind is None:
            continue
        if run and run[0] == kind:
            run[2] = code
            continue
        if run:
            yield run
        run = [kind, code, code]
    yield run


def main():
    print("// Made by tools/make_width_table.py from Unicode %s." % unicodedata.unidata_version)
    print("// TENON_WIDTH_ZERO(first, last): characters without a column; TENON_WIDTH_DOUBLE: with two.")
    for kind, first, last in ranges():
        if kind != "ONE":
            print(f"TENON_WIDTH_{kind}(0x{first:x}, 0x{last:x})")


if __name__ == "__main__":
    sys.exit(main())
