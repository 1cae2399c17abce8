#!/usr/bin/python3
"""Writes what Python's str says of characters where it does not follow from Unicode's general category and simple case mappings.

Reads UnicodeData.txt, SpecialCasing.txt, CaseFolding.txt and DerivedCoreProperties.txt of Unicode 15.0 (Debian's package unicode-data) and
writes src/SeaGrpc.Modeling/Tokenization/Jinja/PythonCharacters.txt:   python3 build/make-python-characters.py [/usr/share/unicode]
"""

import pathlib
import sys

source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode")
target = pathlib.Path(__file__).parent.parent / "src/SeaGrpc.Modeling/Tokenization/Jinja/PythonCharacters.txt"


def rows(name):
    for line in (source / name).read_text(encoding="utf-8").splitlines():
        fields = [field.strip() for field in line.split("#")[0].split(";")]
        if len(fields) > 1:
            yield fields


def points(field):
    first, _, last = field.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


category, upper, lower, title = {}, {}, {}, {}
digit = set()
pending = None
for row in rows("UnicodeData.txt"):
    code = int(row[0], 16)
    if row[1].endswith(", First>"):
        pending = code
        continue
    for c in range(pending or code, code + 1):
        category[c] = row[2]
    pending = None
    if row[7] and row[2] != "Nd":
        digit.add(code)
    upper[code] = [int(row[12] or row[0], 16)]
    lower[code] = [int(row[13] or row[0], 16)]
    title[code] = [int(row[14] or row[12] or row[0], 16)]

simple_upper, simple_lower = dict(upper), dict(lower)
for row in rows("SpecialCasing.txt"):
    if len(row) == 5:  # without a condition
        for map_, field in ((lower, row[1]), (title, row[2]), (upper, row[3])):
            map_[int(row[0], 16)] = [int(c, 16) for c in field.split()]

fold = {c: [c] for c in lower}
for row in rows("CaseFolding.txt"):
    if row[1] in "CF":
        fold[int(row[0], 16)] = [int(c, 16) for c in row[2].split()]

core = {}
for row in rows("DerivedCoreProperties.txt"):
    core.setdefault(row[1], set()).update(points(row[0]))
numeric = set()
for row in rows("extracted/DerivedNumericType.txt"):
    numeric.update(points(row[0]))


def ranges(codes):
    found = []
    for c in sorted(codes):
        if found and found[-1][1] == c - 1:
            found[-1][1] = c
        else:
            found.append([c, c])
    return " ".join(f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in found)


def of(*names):
    return {c for c, name in category.items() if name in names}


letters = of("Lu", "Ll", "Lt", "Lm", "Lo")
ignorable = core["Case_Ignorable"] - of("Mn", "Me", "Cf", "Lm", "Sk")
sets = {
    "digit": digit,
    "numeric": numeric - of("Nd", "Nl", "No"),
    "lowercase": core["Lowercase"] - of("Ll"),
    "uppercase": core["Uppercase"] - of("Lu"),
    "ignorable": ignorable,
    "idstart": core["XID_Start"] - letters - of("Nl"),
    "notidentifier": (letters | of("Nl", "Mn", "Mc", "Nd", "Pc")) - core["XID_Continue"],
    "notidstart": (letters | of("Nl")) - core["XID_Start"],
    "idcontinue": core["XID_Continue"] - letters - of("Nl", "Mn", "Mc", "Nd", "Pc"),
}
maps = {
    # .NET leaves the dotless i and the long s as they are.
    "upper": {c: to for c, to in upper.items() if to != simple_upper[c] or c in (0x131, 0x17F)},
    "title": {c: to for c, to in title.items() if to != upper[c]},
    "lower": {c: to for c, to in lower.items() if to != simple_lower[c]},
    "fold": {c: to for c, to in fold.items() if to != lower.get(c, [c])},
}
lines = ["# Unicode 15.0; written by build/make-python-characters.py."]
for name, codes in sets.items():
    lines += [f"[{name}]", ranges(codes)]
for name, map_ in maps.items():
    lines += [f"[{name}]"] + [" ".join(f"{c:X}" for c in [code, *to]) for code, to in sorted(map_.items())]
target.write_text("\n".join(line for line in lines if line) + "\n", encoding="utf-8")
