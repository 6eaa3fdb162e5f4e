#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""image.py PROGRAM.elf...: writes PROGRAM.hex for the bench's memory; prints name and `tohost`."""

import os
import sys

import rv32


def main():
    for elf in sys.argv[1:]:
        image, symbols = rv32.load_elf(elf)
        words = (image[at:at + 4][::-1].hex() for at in range(0, len(image), 4))
        stem = os.path.splitext(elf)[0]
        with open(stem + '.hex', 'w', encoding='ascii') as file:
            file.write('\n'.join(words) + '\n')
        print(stem, f'{symbols["tohost"]:x}')


if __name__ == '__main__':
    main()
