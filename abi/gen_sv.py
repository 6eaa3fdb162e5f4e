#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a SystemVerilog package of what the C headers in abi/ define: numeric macros, enumerators,
and of each struct its size and the byte offset of each field.

  gen_sv.py OUTPUT HEADER...

SL200_OP_COPY becomes OpCopy; struct sl200_sqe becomes SqeSize, SqeSrcOffset, ...
"""
import re
import sys

SIZES = {"uint8_t": 1, "char": 1, "uint16_t": 2, "uint32_t": 4, "uint64_t": 8}
NUMBER = re.compile(r"^\(?\s*(0x[0-9a-fA-F]+|\d+)(?:u|ull|ul)?(?:\s*<<\s*(\d+)(?:u|ull)?)?\s*\)?$")


def camel(name):
    return "".join(part.capitalize() for part in name.removeprefix("SL200_").removeprefix("sl200_").split("_"))


def number(text):
    match = NUMBER.match(text.strip())
    return int(match[1], 0) << int(match[2] or 0) if match else None


def macros(text):
    for name, value in re.findall(r"^#define\s+(SL200_\w+)\s+(.+)$", text, re.M):
        value = number(value)
        if value is not None:
            yield name, value


def enumerators(text):
    for body in re.findall(r"enum\s+\w+\s*\{(.*?)\}", text, re.S):
        following = 0
        for item in filter(None, (item.strip() for item in body.split(","))):
            name, _, value = (part.strip() for part in item.partition("="))
            following = number(value) if value else following
            if following is None:
                sys.exit(f"{name}: {value} is not a number")
            yield name, following
            following += 1


def structs(text, constants):
    """Yields (name, size, [(field, offset)]) for structs of plain integers and arrays of them."""
    sizes = {}
    for name, body in re.findall(r"^struct\s+(\w+)\s*\{(.*?)^\}", text, re.S | re.M):
        offset, align, fields = 0, 1, []
        for kind, field, count in re.findall(r"(?:struct\s+)?(\w+)\s+(\w+)(?:\[(\w+)\])?;", body):
            size = SIZES.get(kind) or sizes.get(kind)
            if not size:
                break
            unit = min(size, 8) if kind in SIZES else 8
            offset = (offset + unit - 1) // unit * unit
            align = max(align, unit)
            fields.append((field, offset))
            offset += size * (int(constants.get(count, count), 0) if isinstance(constants.get(count, count), str)
                              else constants[count]) if count else size
        else:
            sizes[name] = (offset + align - 1) // align * align
            yield name, sizes[name], fields


def main():
    out = ["// SPDX-License-Identifier: MIT", "// Generated from the headers in abi/; do not edit.", "",
           "package sl200_abi_pkg;", ""]
    seen = {}
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as f:
            text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
        out.append(f"  // {path}")
        for name, value in list(macros(text)) + list(enumerators(text)):
            seen[name] = value
            width = 64 if value >> 32 else 32
            out.append(f"  parameter logic [{width - 1}:0] {camel(name)} = {width}'h{value:x};")
        for name, size, fields in structs(text, seen):
            out.append(f"  parameter int unsigned {camel(name)}Size = {size};")
            out += [f"  parameter int unsigned {camel(name)}{camel(field)}Offset = {offset};"
                    for field, offset in fields]
        out.append("")
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        f.write("\n".join(out + ["endpackage", ""]))


if __name__ == "__main__":
    main()
