#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much of the library the tests reach, by gcov: coverage.py BUILD_DIRECTORY LIST

A table of the rooms. LIST gets each line that no test reached, as FILE:LINE: TEXT. A line of a header counts once, whoever
includes it.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys

build, listing = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
top = pathlib.Path(__file__).resolve().parents[2]
library = top / "src/libsigpolicy"
# FILE -> LINE -> how often. A file that is compiled for several programs was reached where one of them reached it.
lines = collections.defaultdict(lambda: collections.defaultdict(int))


def documents(text):
    """gcov writes a line for each object."""
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


objects = sorted(str(path) for path in (build / "src/libsigpolicy").rglob("*.gcno"))
for at in range(0, len(objects), 50):
    done = subprocess.run(["gcov", "--json-format", "--stdout", *objects[at:at + 50]], cwd=build, capture_output=True, text=True, check=True)
    for document in documents(done.stdout):
        for file in document["files"]:
            path = pathlib.Path(os.path.normpath(os.path.join(document["current_working_directory"], file["file"])))
            if library in path.parents:
                for line in file["lines"]:
                    lines[path][line["line_number"]] += line["count"]

rooms = collections.defaultdict(lambda: [0, 0])
with open(listing, "w", encoding="utf-8") as out:
    for path in sorted(lines):
        text = path.read_text(encoding="utf-8").split("\n")
        room = rooms[path.relative_to(library).parts[0]]
        for number, count in sorted(lines[path].items()):
            room[0] += 1
            room[1] += count > 0
            if not count:
                out.write(f"{path.relative_to(top)}:{number}: {text[number - 1].strip()}\n")
print("| module | lines | reached | not |")
print("|---|---|---|---|")
for room, (count, reached) in sorted(rooms.items()):
    print(f"| `{room}` | {count:,} | {100 * reached / count:.1f} % | {count - reached:,} |")
count, reached = (sum(it[at] for it in rooms.values()) for at in (0, 1))
print(f"| all | {count:,} | {100 * reached / max(count, 1):.1f} % | {count - reached:,} |")
sys.exit(not reached)
