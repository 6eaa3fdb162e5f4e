#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Has Yosys elaborate the chip and map it to generic cells, and prints cells and memory bits per block.

  area.py OUTPUT_FOLDER SYSTEMVERILOG_FILE...

These are counts of Yosys's generic gates and flip-flops, no library's and no process's: they compare blocks with
each other and one version of the chip with the next, and say nothing of square millimetres. Memories stay
memories. Fails on a latch, an undriven or multiply driven net, or a combinational loop.
"""
import json
import os
import subprocess
import sys

TOP = "sl200_chip"
SCRIPT = """
read_verilog -sv -DSYNTHESIS {files}
hierarchy -check -top {top}
proc
check -assert
opt
memory_collect
select -assert-none t:$dlatch t:$adlatch t:$dlatchsr
wreduce
opt_clean
techmap
opt -fast
select -assert-none t:$_DLATCH*
check -assert
write_json {folder}/area.json
"""


def synthesise(folder, files):
    os.makedirs(folder, exist_ok=True)
    script = os.path.join(folder, "area.ys")
    with open(script, "w", encoding="utf-8") as f:
        f.write(SCRIPT.format(files=" ".join(files), top=TOP, folder=folder))
    log = os.path.join(folder, "area.log")
    with open(log, "w", encoding="utf-8") as f:
        if subprocess.run(["yosys", "-q", "-s", script], stdout=f, stderr=subprocess.STDOUT, check=False).returncode:
            with open(log, encoding="utf-8") as lines:
                sys.exit("".join(lines.readlines()[-10:]) + f"not ok - Yosys maps the chip; log: {log}")
    with open(os.path.join(folder, "area.json"), encoding="utf-8") as f:
        return json.load(f)["modules"]


class Size:
    def __init__(self, gates=0, flops=0, bits=0):
        self.gates, self.flops, self.bits = gates, flops, bits

    def add(self, other):
        self.gates += other.gates
        self.flops += other.flops
        self.bits += other.bits


def measure(modules, name, known):
    """The size of a module with all that is in it."""
    if name not in known:
        total = Size()
        for cell in modules[name]["cells"].values():
            kind = cell["type"]
            if kind in modules:
                total.add(measure(modules, kind, known))
            elif kind.startswith("$mem"):
                parameters = cell["parameters"]
                total.bits += int(parameters["SIZE"], 2) * int(parameters["WIDTH"], 2)
            elif "DFF" in kind:
                total.flops += 1
            else:
                total.gates += 1
        known[name] = total
    return known[name]


def main():
    modules = synthesise(sys.argv[1], sys.argv[2:])
    known = {}
    print("Generic cells by Yosys: for comparing blocks, not an area of silicon.\n")
    row = "{:<34}{:>10}{:>12}{:>14}"
    print(row.format("block", "gates", "flip-flops", "memory bits"))
    blocks = [(name, cell["type"]) for name, cell in modules[TOP]["cells"].items() if cell["type"] in modules]
    for name, kind in sorted(blocks, key=lambda block: -measure(modules, block[1], known).gates):
        size = measure(modules, kind, known)
        print(row.format(name.replace(".", " ").replace("\\", ""), size.gates, size.flops, size.bits))
    size = measure(modules, TOP, known)
    print(row.format("the chip", size.gates, size.flops, size.bits))


if __name__ == "__main__":
    main()
