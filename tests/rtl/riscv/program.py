# SPDX-License-Identifier: MIT
"""The frame of a directed test program: numbered checks, a trap handler, an end at `tohost`."""

import random

# Operands at the borders of what adders, shifters, comparators and dividers do.
EDGES = (0, 1, 2, 0x1F, 0x20, 0x7FFF, 0xFFFF8000, 0x55555555, 0xAAAAAAAA,
         0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFE, 0xFFFFFFFF)

# x3 holds the number of the check; the rest may be anything.
FREE = tuple(i for i in range(1, 32) if i != 3)
TEMPORARY = (28, 29, 30, 31)
START = '''\
\t.option norelax
\t.section .text.init, "ax"
\t.globl _start
_start:
\tlla t0, trap
\tcsrw mtvec, t0
\tj tests
'''

# A trap that a check announced in s0 (cause), s1 (mepc), s2 (mtval, zero allowed when s5 is zero)
# and s3 (where to go on) is counted in s4; every other one is a failure.
HANDLER = '''\
\t.balign 64
trap:
\tcsrr t0, mcause
\tbne t0, s0, fail
\tcsrr t0, mepc
\tbne t0, s1, fail
\tcsrr t0, mtval
\tbeq t0, s2, 1f
\tor t0, t0, s5
\tbnez t0, fail
1:
\taddi s4, s4, 1
\tcsrw mepc, s3
\tmret
'''

END = '''\
pass:
\tli a0, 1
\tj exit
fail:
\tslli a0, gp, 1
\tori a0, a0, 1
exit:
\tlla a1, tohost
\tsw a0, 0(a1)
\tsw zero, 4(a1)
1:
\tj 1b
\t.section .tohost, "aw"
\t.balign 8
\t.globl tohost, fromhost
\t.type tohost, @object
\t.type fromhost, @object
\t.size tohost, 8
\t.size fromhost, 8
tohost:
\t.dword 0
fromhost:
\t.dword 0
'''


class Program:
    def __init__(self, name, scratch=FREE):
        """scratch: the registers that comparisons may use."""
        self.name = name
        self.scratch = scratch
        self.rng = random.Random(name)
        self.lines = []
        self.data = []
        self.number = 1
        self.labels = 0
        self.handler = HANDLER

    def emit(self, *lines):
        for line in lines:
            self.lines.append(line if line.endswith(':') else '\t' + line)

    def label(self, name='l'):
        self.labels += 1
        return f'{name}{self.labels}'

    def begin(self):
        self.number += 1
        self.emit(f'li gp, {self.number}')

    def nops(self, most=2):
        for _ in range(self.rng.randint(0, most)):
            self.emit('nop')

    def pick(self, count, among=FREE):
        """Different registers."""
        return [f'x{i}' for i in self.rng.sample(among, count)]

    def load(self, *pairs):
        """Registers loaded with values, in any order, at any distance from what follows."""
        for reg, value in self.rng.sample(pairs, len(pairs)):
            self.emit(f'li {reg}, {value:#x}')
            self.nops(1)

    def expect(self, reg, value, *kept):
        """The register holds the value; compared at any distance, without a change of `kept`."""
        other = self.pick(1, [i for i in self.scratch if f'x{i}' not in (reg,) + kept])[0]
        self.nops()
        self.emit(f'li {other}, {value:#x}', f'bne {reg}, {other}, fail')

    def expect_label(self, reg, label, spare):
        self.emit(f'lla {spare}, {label}', f'bne {reg}, {spare}, fail')

    def expect_trap(self, code, cause, value, exact=True, before=(), at=None):
        """`code`, one instruction, traps.

        value: of mtval, a number or an address, the instruction's own when empty; not exact: or
        zero; before: code that prepares it; at: mepc when it is not the instruction.
        """
        here, after = self.label('at'), self.label('after')
        self.begin()
        self.emit(f'li s0, {cause}', f'lla s1, {at or here}', f'lla s3, {after}', 'li s4, 0',
                  f'li s5, {int(exact)}',
                  f'li s2, {value:#x}' if isinstance(value, int) else f'lla s2, {value or here}')
        self.emit(*before)
        self.emit(f'{here}:', code, 'j fail', f'{after}:', 'addi s4, s4, -1', 'bnez s4, fail')

    def text(self):
        parts = ['# SPDX-License-Identifier: MIT\n', START, 'tests:\n', '\n'.join(self.lines),
                 '\n\tj pass\n', self.handler, END]
        if self.data:
            parts += ['\t.section .data\n', '\n'.join(self.data), '\n']
        return ''.join(parts)
