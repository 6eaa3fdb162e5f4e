#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What of the chip's SystemVerilog was executed and toggled: percent of lines and of signals' bits per block.

  coverage.py REPORT COVERAGE_FILE...

Coverage files are Verilator's: a line for each point, with its keys between bytes 1 and 2. A point counts as
covered when it is so in any instance of its block and in any of the files. A toggle is a change of a bit either
way. The report also names each line that never ran.
"""
import collections
import os
import sys


def points(path):
    with open(path, encoding="utf-8", errors="replace") as data:
        for line in data:
            if not line.startswith("C '"):
                continue
            names, count = line[3:].rsplit("' ", 1)
            yield dict(part.split("\2", 1) for part in names.split("\1") if "\2" in part), int(count)


def collect(paths):
    """Counts by (block, kind), then by what makes a point itself."""
    found = collections.defaultdict(lambda: collections.defaultdict(int))
    for path in paths:
        for key, count in points(path):
            kind = "toggle" if key.get("page", "").startswith("v_toggle") else "line"
            block = os.path.basename(key["f"])
            point = (int(key["l"]), key.get("n", ""), key.get("o", ""))
            found[block, kind][point] += count
    return found


def share(found, block, kind):
    counts = found.get((block, kind), {}).values()
    return sum(1 for count in counts if count), len(counts)


def cell(covered, total):
    return f"{100 * covered / total:6.1f} % of {total:6d}" if total else f"{'-':>18}"


def main():
    found = collect(sys.argv[2:])
    blocks = sorted({block for block, _ in found if block.endswith(".sv")})
    table = [f"{'block':28} {'lines':>18} {'toggles':>18}"]
    sums = collections.Counter()
    for block in blocks:
        line, toggle = share(found, block, "line"), share(found, block, "toggle")
        sums.update(line=line[0], lines=line[1], toggle=toggle[0], toggles=toggle[1])
        table.append(f"{block.removesuffix('.sv'):28} {cell(*line)} {cell(*toggle)}")
    if not sums["lines"]:
        sys.exit("coverage.py: nothing was counted")
    table.append(f"{'all':28} {cell(sums['line'], sums['lines'])} "
                 f"{cell(sums['toggle'], sums['toggles'])}")
    print("\n".join(table))
    with open(sys.argv[1], "w", encoding="utf-8") as report:
        report.write("\n".join(table) + "\n\nNever ran:\n")
        for block in blocks:
            for point, count in sorted(found[block, "line"].items()):
                if not count:
                    report.write(f"  {block}:{point[0]}  {point[2]}\n")


main()
