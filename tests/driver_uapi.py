#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Layout of the kernel driver's user-space interface.

  driver_uapi.py check    the layout of 32-bit and 64-bit processes is the same, has no implicit
                          padding, and keeps all that tests/driver_uapi.layout records
  driver_uapi.py record   write tests/driver_uapi.layout

Reads the structs, enums and ioctls out of the header, and asks the compiler about each.
"""

import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HEADER = os.path.join(ROOT, "abi/uapi/drm/sl200_drm.h")
RECORD = os.path.join(ROOT, "tests/driver_uapi.layout")
SYSTEM_HEADERS = ["/usr/include/libdrm", "/usr/include/drm", "/usr/include/" + os.uname().machine + "-linux-gnu"]


def parse(text):
    """Names in the header: {struct: [fields]}, [enumerators], [macros with a number as value]."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    structs = {}
    for name, body in re.findall(r"struct (drm_sl200_\w+) \{(.*?)\n\};", text, flags=re.DOTALL):
        fields = re.findall(r"(\w+)(?:\[[^]]*\])?\s*;", body)
        if not fields or len(fields) != body.count(";"):
            sys.exit(f"struct {name}: cannot tell its fields")
        structs[name] = fields
    enums = []
    for body in re.findall(r"enum \w+ \{(.*?)\};", text, flags=re.DOTALL):
        enums += re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|\s*$)", body)
    macros = re.findall(r"^#define (DRM_(?:IOCTL_)?SL200_\w+)[ \t]+\d", text, flags=re.MULTILINE)
    macros += re.findall(r"^#define (DRM_IOCTL_SL200_\w+)[ \t]*\\$", text, flags=re.MULTILINE)
    return structs, enums, sorted(set(macros))


def measure(structs, names, bits):
    """{question: number}, as the compiler answers for processes of so many bits."""
    questions = []
    for struct, fields in structs.items():
        questions.append((f"sizeof {struct}", f"sizeof(struct {struct})"))
        for field in fields:
            questions.append((f"{struct}.{field} offset", f"offsetof(struct {struct}, {field})"))
            questions.append((f"{struct}.{field} size", f"sizeof(((struct {struct} *)0)->{field})"))
    questions += [(name, name) for name in names]
    lines = ['#include "abi/uapi/drm/sl200_drm.h"', "#define offsetof __builtin_offsetof", "void ask(void);",
             "void ask(void)", "{"]
    lines += [f'\tasm volatile("@answer {i} %0" :: "i"((long long)({expression}) & 0xffffffff));'
              for i, (_, expression) in enumerate(questions)]
    lines.append("}")
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "ask.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        command = ["gcc", f"-m{bits}", "-O1", "-S", "-o", "-", "-I", ROOT]
        for path in SYSTEM_HEADERS:
            command += ["-isystem", path]
        run = subprocess.run(command + [source], stdout=subprocess.PIPE, text=True, check=True)
    answers = {int(i): int(number) for i, number in re.findall(r"@answer (\d+) \$?(-?\d+)", run.stdout)}
    return {question: answers[i] & 0xffffffff for i, (question, _) in enumerate(questions)}


def problems(structs, layout64, layout32):
    for question, number in layout64.items():
        if layout32[question] != number:
            yield f"{question}: {number} for 64-bit processes, {layout32[question]} for 32-bit ones"
    for struct, fields in structs.items():
        end = 0
        for field in fields:
            if layout64[f"{struct}.{field} offset"] != end:
                yield f"{struct}: padding before {field}"
            end = layout64[f"{struct}.{field} offset"] + layout64[f"{struct}.{field} size"]
        size = layout64[f"sizeof {struct}"]
        if size != end:
            yield f"{struct}: padding at its end"
        if size % 8:
            yield f"{struct}: {size} bytes, not a multiple of 8"


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in ("check", "record"):
        sys.exit(__doc__)
    with open(HEADER, encoding="utf-8") as file:
        structs, enums, macros = parse(file.read())
    if not structs or not enums or not macros:
        sys.exit("the header holds no interface")
    layout64 = measure(structs, enums + macros, 64)
    layout32 = measure(structs, enums + macros, 32)
    bad = list(problems(structs, layout64, layout32))
    lines = [f"{question} {number}" for question, number in layout64.items()]
    if sys.argv[1] == "record":
        with open(RECORD, "w", encoding="utf-8") as file:
            file.write("# SPDX-License-Identifier: MIT\n# Written by driver_uapi.py record\n")
            file.write("\n".join(lines) + "\n")
    else:
        with open(RECORD, encoding="utf-8") as file:
            recorded = [line.strip() for line in file if not line.startswith("#")]
        # A struct may grow at its end, and with it the number of its ioctl; all else stays.
        for line in recorded:
            question, number = line.rsplit(" ", 1)
            if question not in layout64:
                bad.append(f"{question} is gone")
            elif question.startswith("sizeof ") or question == "DRM_SL200_VERSION_MINOR":
                if layout64[question] < int(number):
                    bad.append(f"{question}: was {number}, is {layout64[question]}")
            elif layout64[question] != int(number) and not question.startswith("DRM_IOCTL_"):
                bad.append(f"{question}: was {number}, is {layout64[question]}")
    print("\n".join(bad) if bad else f"{len(structs)} structs, {len(enums)} enumerators, {len(macros)} macros")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
