#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes random programs for the core: gen_random.py FOLDER FIRST_SEED COUNT.

All instructions, loads and stores in a window, branches forward, short loops, calls, traps that a
small handler steps over. Odd seeds make tame-SEED.S; even ones wild-SEED.S, which do also what only
rv32.py answers as the core does: misaligned accesses, jumps to nowhere, interrupts at any time.
"""

import os
import random
import sys

import rv32
from program import END

WINDOW = 1024           # bytes around the pointers that loads and stores use
BLOCKS = 90
# Registers with a purpose; all others hold whatever the program made.
SP, HANDLER_A, HANDLER_B, POINTER, LOOP = 2, 3, 4, 8, 9
FREE = [i for i in range(1, 32) if i not in (SP, HANDLER_A, HANDLER_B, POINTER, LOOP)]
SHORT = [i for i in range(8, 16) if i not in (POINTER, LOOP)]
NOWHERE = (0x50000000, 0x50000008, 0xFFFFFFF0)
DEVICE = 0x40000000

# The cause decides how far to go on: a jump to nowhere goes on where x1 says, a compressed
# instruction is 2 bytes long, an interrupt's lines are lowered.
HANDLER = '''\
\t.balign 64
trap:
\tcsrr x3, mcause
\tbltz x3, 5f
\taddi x3, x3, -1
\tbeqz x3, 4f
\taddi x3, x3, -1
\tbeqz x3, 1f
\tcsrr x4, mtval
1:
\tcsrr x4, mstatus
\tandi x4, x4, 0x88
\tcsrr x3, mepc
\tlhu x4, 0(x3)
\tandi x4, x4, 3
\taddi x4, x4, -3
\tbnez x4, 2f
\taddi x3, x3, 2
2:
\taddi x3, x3, 2
3:
\tcsrw mepc, x3
\tmret
4:
\tcsrr x4, mtval
\tmv x3, x1
\tj 3b
5:
\tli x3, 0x40000000
\tsw zero, 0(x3)
\tcsrr x3, mepc
\tmret
'''


class Random:
    def __init__(self, seed, wild):
        self.rng = random.Random(seed)
        self.wild = wild
        self.lines = []
        self.labels = 0
        # What this program is rich in.
        self.weights = {kind: self.rng.choice((0, 1, 2, 4, 8)) for kind in self.kinds()}
        self.weights['alu'] += 2
        self.compressed = self.rng.choice((0, 0.3, 0.6, 0.9))

    def kinds(self):
        kinds = ['alu', 'immediate', 'upper', 'multiply', 'divide', 'load', 'store', 'csr',
                 'branch', 'call', 'indirect', 'trap', 'patch', 'fence']
        return kinds + ['misaligned', 'nowhere', 'interrupt'] if self.wild else kinds

    def emit(self, *lines):
        self.lines += lines

    def label(self):
        self.labels += 1
        return f'l{self.labels}'

    def reg(self):
        return f'x{self.rng.choice(FREE)}'

    def source(self):
        return f'x{self.rng.choice(FREE + [0, SP, POINTER, LOOP])}'

    def short(self):
        return f'x{self.rng.choice(SHORT)}'

    def target(self):
        return self.rng.choice((self.reg(), self.reg(), self.reg(), 'x0'))

    def alu(self):
        rng = self.rng
        if rng.random() < self.compressed:
            name = rng.choice(('sub', 'xor', 'or', 'and', 'mv', 'add'))
            if name in ('mv', 'add'):
                self.emit(f'c.{name} {self.reg()}, {self.reg()}')
            else:
                self.emit(f'c.{name} {self.short()}, {self.short()}')
            return
        name = rng.choice(('add', 'sub', 'sll', 'slt', 'sltu', 'xor', 'srl', 'sra', 'or', 'and'))
        self.emit(f'{name} {self.target()}, {self.source()}, {self.source()}')

    def immediate(self):
        rng = self.rng
        if rng.random() < self.compressed:
            six = rng.choice([i for i in range(-32, 32) if i])
            self.emit(rng.choice((
                f'c.addi {self.reg()}, {six}', f'c.li {self.reg()}, {six}',
                f'c.lui {self.reg()}, {rng.choice((1, 7, 31, 0xFFFE0, 0xFFFFF))}',
                f'c.slli {self.reg()}, {rng.randint(1, 31)}',
                f'c.srli {self.short()}, {rng.randint(1, 31)}',
                f'c.srai {self.short()}, {rng.randint(1, 31)}',
                f'c.andi {self.short()}, {six}', 'c.nop',
                f'c.addi4spn {self.short()}, sp, {4 * rng.randint(1, 255)}')))
        elif rng.random() < 0.4:
            name = rng.choice(('slli', 'srli', 'srai'))
            self.emit(f'{name} {self.target()}, {self.source()}, {rng.randint(0, 31)}')
        else:
            name = rng.choice(('addi', 'slti', 'sltiu', 'xori', 'ori', 'andi'))
            self.emit(f'{name} {self.target()}, {self.source()}, {rng.randint(-2048, 2047)}')

    def upper(self):
        name = self.rng.choice(('lui', 'auipc'))
        self.emit(f'{name} {self.target()}, {self.rng.getrandbits(20):#x}')

    def multiply(self):
        name = self.rng.choice(('mul', 'mulh', 'mulhsu', 'mulhu'))
        self.emit(f'{name} {self.target()}, {self.source()}, {self.source()}')

    def divide(self):
        name = self.rng.choice(('div', 'divu', 'rem', 'remu'))
        divisor = self.source()
        if self.rng.random() < 0.3:
            divisor = self.reg()
            self.emit(f'srai {divisor}, {divisor}, {self.rng.randint(8, 31)}')
        self.emit(f'{name} {self.target()}, {self.source()}, {divisor}')

    def place(self, size):
        base = self.rng.choice((SP, POINTER))
        offset = self.rng.randrange(-WINDOW // 2, WINDOW // 2, size)
        return f'{offset}(x{base})'

    def load(self):
        rng = self.rng
        if rng.random() < self.compressed:
            self.emit(rng.choice((f'c.lw {self.short()}, {4 * rng.randint(0, 31)}(x{POINTER})',
                                  f'c.lwsp {self.reg()}, {4 * rng.randint(0, 63)}(sp)')))
        else:
            name = rng.choice(tuple(rv32.LOADS))
            self.emit(f'{name} {self.target()}, {self.place(rv32.LOADS[name][0])}')

    def store(self):
        rng = self.rng
        if rng.random() < self.compressed:
            self.emit(rng.choice((f'c.sw {self.short()}, {4 * rng.randint(0, 31)}(x{POINTER})',
                                  f'c.swsp {self.reg()}, {4 * rng.randint(0, 63)}(sp)')))
        else:
            name = rng.choice(tuple(rv32.STORES))
            self.emit(f'{name} {self.source()}, {self.place(rv32.STORES[name])}')

    def csr(self):
        rng = self.rng
        # qemu keeps bit 0 of mepc.
        csr = rng.choice(('mscratch', 'mtval', 'mepc' if self.wild else 'mscratch'))
        kind = rng.randrange(3)
        if kind == 0:
            name = rng.choice(('csrrw', 'csrrs', 'csrrc'))
            self.emit(f'{name} {self.target()}, {csr}, {self.source()}')
        elif kind == 1:
            name = rng.choice(('csrrwi', 'csrrsi', 'csrrci'))
            self.emit(f'{name} {self.target()}, {csr}, {rng.randint(0, 31)}')
        else:
            rd = self.reg()
            self.emit(rng.choice((f'csrr {rd}, misa', f'csrr {rd}, mtvec', f'csrr {rd}, mcause',
                                  f'csrr {rd}, mhartid')))

    def branch(self):
        rng = self.rng
        to = self.label()
        if rng.random() < self.compressed:
            self.emit(rng.choice((f'c.beqz {self.short()}, {to}', f'c.bnez {self.short()}, {to}',
                                  f'c.j {to}')))
        else:
            name = rng.choice(tuple(rv32.BRANCH))
            self.emit(f'{name} {self.source()}, {self.source()}, {to}')
        for _ in range(rng.randint(0, 5)):
            self.simple()
        self.emit(f'{to}:')

    def call(self):
        to, over = self.label(), self.label()
        link = self.reg()
        self.emit(f'j {over}', f'{to}:')
        for _ in range(self.rng.randint(0, 3)):
            self.store()
        self.emit(f'jr {link}', f'{over}:', f'jal {link}, {to}')

    def indirect(self):
        to = self.label()
        rs1, rd = self.reg(), self.target()
        offset = self.rng.choice((0, 0, 1, self.rng.randint(-2048, 2047)))
        if offset == 0 and self.rng.random() < self.compressed:
            self.emit(f'lla {rs1}, {to}', f'c.jalr {rs1}' if rd == 'x0' else f'c.jr {rs1}')
        else:
            self.emit(f'lla {rs1}, {to} - ({offset})', f'jalr {rd}, {offset}({rs1})')
        for _ in range(self.rng.randint(0, 3)):
            self.simple()
        self.emit(f'{to}:')

    def trap(self):
        rng = self.rng
        kind = rng.randrange(6)
        if kind == 0:
            self.emit('ecall')
        elif kind == 1:
            self.emit(rng.choice(('ebreak', 'c.ebreak')))
        elif kind == 2:
            self.emit(rng.choice(('.half 0', '.half 0x9c41', '.half 0x8002', '.half 0x4002',
                                  '.half 0x6101')))
        elif kind == 3:
            self.emit(rng.choice(('.word 0xffffffff', '.word 0x02001013', '.word 0x40001033',
                                  '.word 0x7c079073', '.word 0x00003003', '.word 0x0000006b')))
        else:
            reg, address = self.reg(), rng.choice(NOWHERE)
            name = rng.choice(tuple(rv32.LOADS) + tuple(rv32.STORES))
            self.emit(f'li {reg}, {address:#x}',
                      f'{name} {self.reg()}, {4 * rng.randint(0, 3)}({reg})')

    def patch(self):
        """An instruction stored over another one, and executed after fence.i."""
        place, source = self.label(), self.label()
        a, b = (f'x{i}' for i in self.rng.sample(FREE, 2))
        self.emit(f'lla {a}, {place}', f'lla {b}, {source}', f'lhu {b}, 0({b})',
                  f'sh {b}, 0({a})')
        for _ in range(self.rng.randint(0, 2)):
            self.immediate()
        self.emit('fence.i')
        for _ in range(self.rng.randint(0, 2)):
            self.immediate()
        rd, six = self.reg(), self.rng.randint(1, 31)
        over = self.label()
        self.emit(f'{place}:', 'c.nop', f'c.j {over}', f'{source}:', f'c.addi {rd}, {six}',
                  f'{over}:')

    def fence(self):
        self.emit(self.rng.choice(('fence', 'fence.i', 'fence r, w')))

    def misaligned(self):
        name = self.rng.choice(('lh', 'lhu', 'lw', 'sh', 'sw'))
        offset = self.rng.randrange(-WINDOW // 2, WINDOW // 2, 4) + self.rng.choice((1, 3))
        self.emit(f'{name} {self.reg()}, {offset}(x{POINTER})')

    def nowhere(self):
        to, reg = self.label(), self.rng.choice([i for i in FREE if i != 1])
        self.emit(f'lla x1, {to}', f'li x{reg}, {self.rng.choice(NOWHERE):#x}', f'jr x{reg}')
        for _ in range(self.rng.randint(0, 3)):
            self.simple()
        self.emit(f'{to}:')

    def interrupt(self):
        a, b = (f'x{i}' for i in self.rng.sample(FREE, 2))
        self.emit(f'li {a}, {DEVICE:#x}', f'li {b}, {self.rng.randint(1, 60)}',
                  f'sw {b}, {self.rng.choice((4, 8))}({a})')
        if self.rng.random() < 0.2:
            self.emit('wfi')

    def simple(self):
        """One instruction that goes on with the next one."""
        getattr(self, self.rng.choice(('alu', 'immediate', 'load', 'store', 'multiply')))()

    def block(self):
        kinds = list(self.weights)
        loop = self.rng.random() < 0.15
        again = self.label()
        if loop:
            self.emit(f'li x{LOOP}, {self.rng.randint(2, 4)}', f'{again}:')
        for _ in range(self.rng.randint(4, 14)):
            getattr(self, self.rng.choices(kinds, self.weights.values())[0])()
        if loop:
            self.emit(f'addi x{LOOP}, x{LOOP}, -1', f'bnez x{LOOP}, {again}')

    def text(self):
        rng = self.rng
        self.emit('lla x3, trap', 'csrw mtvec, x3', f'lla x{SP}, window + 512',
                  f'lla x{POINTER}, window + 768', 'csrw mscratch, x0', 'csrw mepc, x0',
                  'csrw mtval, x0', 'li x3, 0', 'li x4, 0', f'li x{LOOP}, 0')
        for reg in FREE:
            self.emit(f'li x{reg}, {rng.getrandbits(rng.choice((1, 8, 16, 32))):#x}')
        if self.wild:
            self.emit('li x3, -1', 'csrw mie, x3', 'csrsi mstatus, 8')
        for _ in range(BLOCKS):
            self.block()
        # All of the window, read back.
        self.emit('csrci mstatus, 8', 'lla x3, window', 'lla x4, window_end', '1:', 'lw x1, 0(x3)',
                  'addi x3, x3, 4', 'bltu x3, x4, 1b', 'j pass')
        words = ', '.join(f'{rng.getrandbits(32):#x}' for _ in range(16))
        return ('# SPDX-License-Identifier: MIT\n\t.option norelax\n'
                '\t.section .text.init, "ax"\n\t.globl _start\n_start:\n'
                + '\n'.join('\t' * (not line.endswith(':')) + line for line in self.lines) + '\n'
                + HANDLER + END + '\t.section .data\n\t.balign 64\nwindow:\n\t.rept 20\n\t.word '
                + words + '\n\t.endr\nwindow_end:\n')


def main():
    folder, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.makedirs(folder, exist_ok=True)
    for seed in range(first, first + count):
        wild = seed % 2 == 0
        name = f'{"wild" if wild else "tame"}-{seed}.S'
        with open(os.path.join(folder, name), 'w', encoding='ascii') as file:
            file.write(Random(seed, wild).text())


if __name__ == '__main__':
    main()
