#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the directed programs for the MCU's core: gen_tests.py FOLDER.

Every instruction with operands at the borders, at every distance from where they come from and go
to; expected values are rv32.py's. What the programs of the machine's traps, registers, counters and
interrupts check is in gen_machine.py.
"""

import os
import sys

import gen_machine
import rv32
from program import EDGES, FREE, TEMPORARY, Program

MUL = ('mul', 'mulh', 'mulhsu', 'mulhu')
DIV = ('div', 'divu', 'rem', 'remu')
IMMEDIATES = (0, 1, -1, 2, 31, 0x555, -1366, 2047, -2048, -2047)
SHORT = range(8, 16)


def register_form(name):
    """rd, rs1, rs2 all different, two of them one, all of them one, and x0 in each place."""
    p = Program(name)
    function = rv32.ALU[name]
    for a in EDGES:
        for b in EDGES:
            p.begin()
            rs1, rs2, rd = p.pick(3)
            rd = p.rng.choice((rd, rd, rs1, rs2))
            p.load((rs1, a), (rs2, b))
            p.emit(f'{name} {rd}, {rs1}, {rs2}')
            p.expect(rd, function(a, b))
    for a in EDGES:
        reg, other = p.pick(2)
        for rd, rs1, rs2, value in ((reg, reg, reg, function(a, a)),
                                    (other, reg, reg, function(a, a)),
                                    (other, 'zero', reg, function(0, a)),
                                    (other, reg, 'zero', function(a, 0)),
                                    ('zero', reg, reg, 0)):
            p.begin()
            p.load((reg, a))
            p.emit(f'{name} {rd}, {rs1}, {rs2}')
            p.expect(rd, value)
        # A result is the next instruction's operand, twice.
        p.begin()
        p.load((reg, a), (other, a ^ 5))
        p.emit(f'{name} {reg}, {reg}, {other}', f'{name} {reg}, {reg}, {other}',
               f'{name} {other}, {other}, {reg}')
        first = function(function(a, a ^ 5), a ^ 5)
        p.expect(reg, first, other)
        p.expect(other, function(a ^ 5, first))
    return p


def immediate_form(name):
    p = Program(name)
    function = rv32.ALU['sltu' if name == 'sltiu' else name[:-1]]
    immediates = range(32) if name in ('slli', 'srli', 'srai') else IMMEDIATES
    for a in EDGES:
        for imm in immediates:
            p.begin()
            rs1, rd = p.pick(2)
            rd = p.rng.choice((rd, rs1))
            p.load((rs1, a))
            p.emit(f'{name} {rd}, {rs1}, {imm}')
            p.expect(rd, function(a, imm & rv32.MASK))
    p.begin()
    p.emit('li a0, 99', f'{name} zero, a0, 3')
    p.expect('zero', 0)
    p.begin()
    p.emit('li a1, 99', f'{name} a1, zero, 3')
    p.expect('a1', function(0, 3))
    return p


def upper():
    p = Program('upper', TEMPORARY)
    for imm in (0, 1, 0x7FFFF, 0x80000, 0xFFFFF, 0x12345):
        for name in ('lui', 'auipc'):
            p.begin()
            here = p.label()
            p.nops()
            p.emit(f'{here}:', f'{name} a0, {imm:#x}')
            value = f'{imm << 12:#x}' + (f' + {here}' if name == 'auipc' else '')
            p.emit(f'lui a1, %hi({value})', f'addi a1, a1, %lo({value})', 'bne a0, a1, fail')
    p.begin()
    p.emit('lui zero, 0xfffff', 'auipc zero, 1')
    p.expect('zero', 0)
    return p


def branch(name):
    p = Program(name)
    for a in EDGES:
        for b in EDGES:
            rs1, rs2, spare = p.pick(3)
            taken = rv32.BRANCH[name](a, b)
            hit, miss, end = p.label(), p.label(), p.label()
            p.begin()
            p.emit(f'li {spare}, 7')
            p.load((rs1, a), (rs2, b))
            if p.rng.random() < 0.5:
                p.emit(f'{name} {rs1}, {rs2}, {hit}', f'addi {spare}, {spare}, 1')
                p.nops()
                p.emit(f'j {miss}' if not taken else 'j fail',
                       f'{hit}:', 'j fail' if not taken else f'j {miss}', f'{miss}:')
            else:
                p.emit(f'j {miss}', f'{hit}:', 'nop', f'j {end}' if taken else 'j fail')
                p.nops(3)
                p.emit(f'{miss}:', f'{name} {rs1}, {rs2}, {hit}', f'addi {spare}, {spare}, 1',
                       f'j {end}' if not taken else 'j fail', f'{end}:')
            p.expect(spare, 7 if taken else 8)
    # The ends of the range: +4094 bytes and -4096.
    a, b = next((a, b) for a in EDGES for b in EDGES if rv32.BRANCH[name](a, b))
    p.begin()
    p.load(('a0', a), ('a1', b))
    p.emit('j 2f', '.balign 4', '1:', 'j 3f', '.skip 4092', '2:', f'{name} a0, a1, 1b', 'j fail',
           '3:')
    p.begin()
    p.load(('a0', a), ('a1', b))
    p.emit('.option push', '.option norvc', f'{name} a0, a1, . + 4092', '.rept 1022', 'j fail',
           '.endr', '.option pop')
    return p


def jumps():
    p = Program('jumps', TEMPORARY)
    for reg in FREE:
        # Link and target; the instructions behind a jump don't happen.
        rd = f'x{reg}'
        spare = p.pick(1, [i for i in FREE if i != reg])[0]
        for call in ('jal {rd}, {to}', 'lla {rd}, {to}|jalr {rd}, 0({rd})',
                     'lla {spare}, {to}|jalr {rd}, 0({spare})',
                     'lla {spare}, {to} + 1|jalr {rd}, 0({spare})',
                     'lla {spare}, {to} - 2047|jalr {rd}, 2047({spare})',
                     'lla {spare}, {to} + 2048|jalr {rd}, -2048({spare})'):
            to, back = p.label(), p.label()
            p.begin()
            p.emit(*call.format(rd=rd, to=to, spare=spare).split('|'), f'{back}:',
                   f'li {rd}, 0', 'j fail')
            p.nops(3)
            p.emit(f'{to}:')
            p.expect_label(rd, back, spare)
    p.begin()
    p.emit('jal zero, 1f', 'j fail', '1:', 'lla a0, 2f', 'jr a0', 'j fail', '2:')
    p.expect('zero', 0)
    # A jump to a jump to a jump, back and forth.
    p.begin()
    p.emit('li a0, 0', 'j 2f', '1:', 'addi a0, a0, 1', 'j 3f', '2:', 'addi a0, a0, 2', 'j 1b',
           'addi a0, a0, 32', '3:', 'addi a0, a0, 4')
    p.expect('a0', 7)
    # Calls, two deep, in a loop that ends by its counter.
    p.begin()
    p.emit('li a0, 0', 'li a1, 50', '1:', 'jal ra, 2f', 'addi a1, a1, -1', 'bnez a1, 1b', 'j 4f',
           '2:', 'mv s11, ra', 'jal ra, 3f', 'jr s11', '3:', 'add a0, a0, a1', 'ret', '4:')
    p.expect('a0', 1275)
    # A target computed by a load, a division and an addition just before the jump.
    p.data += ['\t.balign 4', 'target:', '\t.word landing']
    p.begin()
    p.emit('lla a0, target', 'lw a0, 0(a0)', 'jr a0', 'j fail', 'landing:')
    p.begin()
    p.emit('lla a0, 6f', 'li a1, 1', 'div a0, a0, a1', 'jr a0', 'j fail', '6:')
    return p


PATTERN = (0x00FF7F80, 0x80017FFE, 0xFEDCBA98, 0x01234567)


def data_words(words):
    return '\t.word ' + ', '.join(f'{word:#x}' for word in words)


def load(name):
    p = Program(name)
    size, extend = rv32.LOADS[name]
    p.data += ['\t.balign 8', 'table:', data_words(PATTERN)]
    memory = b''.join(word.to_bytes(4, 'little') for word in PATTERN)
    for at in range(0, len(memory), size):
        value = int.from_bytes(memory[at:at + size], 'little')
        value = rv32.signed(value, 8 * size) & rv32.MASK if extend else value
        for offset in (0, at, -8, 2047 - size + 1 & ~(size - 1), -2048):
            base, rd, other = p.pick(3)
            rd = p.rng.choice((rd, base))
            p.begin()
            p.emit(f'lla {base}, table + {at} - ({offset})')
            p.nops()
            p.emit(f'{name} {rd}, {offset}({base})')
            p.expect(rd, value)
            # Used at once: both operands of the next instruction.
            p.begin()
            p.emit(f'lla {base}, table + {at} - ({offset})', f'{name} {rd}, {offset}({base})',
                   f'add {other}, {rd}, {rd}')
            p.expect(other, 2 * value & rv32.MASK)
    p.begin()
    p.emit('lla a0, table', f'{name} zero, 0(a0)')
    p.expect('zero', 0)
    return p


def store(name):
    p = Program(name)
    size = rv32.STORES[name]
    p.data += ['\t.balign 8', 'table:', data_words(PATTERN)]
    memory = bytearray(b''.join(word.to_bytes(4, 'little') for word in PATTERN))
    for at in range(0, len(memory), size):
        for offset in (0, -8, 2047 - size + 1 & ~(size - 1), -2048):
            value = p.rng.getrandbits(32)
            base, source, other = p.pick(3)
            p.begin()
            p.load((source, value))
            p.emit(f'lla {base}, table + {at} - ({offset})')
            p.nops()
            p.emit(f'{name} {source}, {offset}({base})')
            memory[at:at + size] = value.to_bytes(4, 'little')[:size]
            for word in p.rng.sample(range(4), 4):
                rd = p.pick(1)[0]
                p.emit(f'lla {other}, table', f'lw {rd}, {4 * word}({other})')
                p.expect(rd, int.from_bytes(memory[4 * word:4 * word + 4], 'little'))
    return p


def memory_hazards():
    """Loads and stores that feed each other and everything else without a pause."""
    p = Program('memory', TEMPORARY)
    p.data += ['\t.balign 8', 'chain:', '\t.word chain + 8, 17, chain + 4, 1, 0, 0, 0, 0']
    cases = (
        # A load's result as the address of the next, and of a store.
        (('lla a0, chain', 'lw a0, 0(a0)', 'lw a0, 0(a0)', 'lw a0, 0(a0)'), 17),
        (('lla a0, chain', 'li a1, 33', 'lw a0, 0(a0)', 'sw a1, 12(a0)', 'lla a0, chain',
          'lw a0, 20(a0)'), 33),
        # As the data of a store, and read again at once.
        (('lla a2, chain', 'lw a1, 4(a2)', 'sw a1, 16(a2)', 'lw a0, 16(a2)'), 17),
        (('lla a2, chain', 'lw a1, 4(a2)', 'sw a1, 16(a2)', 'lw a3, 16(a2)', 'sw a3, 24(a2)',
          'lw a3, 4(a2)', 'lw a0, 24(a2)', 'add a0, a0, a3'), 34),
        # As a divisor, a factor, a branch's operand.
        (('lla a2, chain', 'li a0, 100', 'lw a1, 4(a2)', 'div a0, a0, a1'), 5),
        (('lla a2, chain', 'li a0, 100', 'lw a1, 4(a2)', 'mul a0, a0, a1', 'mul a0, a0, a1'),
         28900),
        (('lla a2, chain', 'li a0, 1', 'lw a1, 4(a2)', 'beqz a1, fail', 'li a0, 2'), 2),
        # A quotient and a product as an address and as data.
        (('lla a2, chain + 4', 'li a1, 1', 'divu a2, a2, a1', 'lw a0, 0(a2)'), 17),
        (('lla a2, chain', 'li a1, 7', 'mul a1, a1, a1', 'sw a1, 16(a2)', 'lw a0, 16(a2)'), 49),
        # Bytes gathered into a word, halves likewise.
        (('lla a2, chain', 'li a1, 0x11', 'sb a1, 16(a2)', 'sb a1, 17(a2)', 'sb a1, 18(a2)',
          'sb a1, 19(a2)', 'lw a0, 16(a2)'), 0x11111111),
        (('lla a2, chain', 'li a1, 0x4321', 'sh a1, 18(a2)', 'sh a1, 16(a2)', 'lw a0, 16(a2)'),
         0x43214321),
        # Written twice in a row to one register; the later one counts.
        (('lla a2, chain', 'lw a0, 4(a2)', 'li a0, 3'), 3),
        (('lla a2, chain', 'li a0, 3', 'lw a0, 4(a2)'), 17),
        (('lla a2, chain', 'li a1, 9', 'div a0, a1, a1', 'lw a0, 4(a2)'), 17),
        (('lla a2, chain', 'li a1, 9', 'lw a0, 4(a2)', 'div a0, a1, a1'), 1),
        (('lla a2, chain', 'li a1, 9', 'li a0, 5', 'div zero, a1, a1', 'lw zero, 4(a2)'), 5),
    )
    for code, value in cases:
        p.begin()
        p.emit(*code)
        p.expect('a0', value)
    # A copy loop with no slack at all.
    p.data += ['\t.balign 4', 'source:', data_words(range(0x1001, 0x1001 + 64 * 77, 77)),
               'copy:', '\t.skip 256']
    p.begin()
    p.emit('lla a0, source', 'lla a1, copy', 'li a2, 64', '1:', 'lw a3, 0(a0)', 'sw a3, 0(a1)',
           'addi a0, a0, 4', 'addi a1, a1, 4', 'addi a2, a2, -1', 'bnez a2, 1b',
           'lla a0, source', 'lla a1, copy', 'li a2, 64', 'li a5, 0', '2:', 'lw a3, 0(a0)',
           'lw a4, 0(a1)', 'bne a3, a4, fail', 'add a5, a5, a4', 'addi a0, a0, 4',
           'addi a1, a1, 4', 'addi a2, a2, -1', 'bnez a2, 2b')
    p.expect('a5', sum(range(0x1001, 0x1001 + 64 * 77, 77)))
    return p


def division_mix():
    """Quotients and remainders of pairs, with other instructions between, in loops."""
    p = Program('division', TEMPORARY)
    for _ in range(60):
        a, b = (p.rng.getrandbits(p.rng.randint(1, 32)) for _ in range(2))
        p.begin()
        q, r, back, x, y = p.pick(5)
        signed = p.rng.random() < 0.5
        names = ('div', 'rem') if signed else ('divu', 'remu')
        p.load((x, a), (y, b))
        p.emit(f'{names[0]} {q}, {x}, {y}', f'{names[1]} {r}, {x}, {y}',
               f'mul {back}, {q}, {y}', f'add {back}, {back}, {r}', f'bne {back}, {x}, fail')
        p.expect(q, rv32.ALU[names[0]](a, b), r)
        p.expect(r, rv32.ALU[names[1]](a, b))
    p.begin()
    p.emit('li a0, 1000000007', 'li a1, 10', 'li a2, 0', '1:', 'remu a3, a0, a1',
           'divu a0, a0, a1', 'add a2, a2, a3', 'bnez a0, 1b')
    p.expect('a2', 8)
    return p


def compressed_alu():
    p = Program('c_alu')
    six = (1, -1, 2, 15, 31, -32, -17)
    for reg in FREE:
        for imm in p.rng.sample(six, 3):
            a = p.rng.choice(EDGES)
            p.begin()
            p.load((f'x{reg}', a))
            p.emit(f'c.addi x{reg}, {imm}')
            p.expect(f'x{reg}', (a + imm) & rv32.MASK)
            p.begin()
            p.emit(f'c.li x{reg}, {imm}')
            p.expect(f'x{reg}', imm & rv32.MASK)
        if reg != 2:
            for imm in (1, 31, 0xFFFE0, 0xFFFFF):
                p.begin()
                p.emit(f'c.lui x{reg}, {imm:#x}')
                p.expect(f'x{reg}', imm << 12)
        for shift in (1, 7, 16, 31):
            a = p.rng.choice(EDGES)
            p.begin()
            p.load((f'x{reg}', a))
            p.emit(f'c.slli x{reg}, {shift}')
            p.expect(f'x{reg}', rv32.ALU['sll'](a, shift))
        other = p.rng.choice([i for i in FREE if i != reg])
        a, b = p.rng.choice(EDGES), p.rng.choice(EDGES)
        for name, value in (('c.mv', b), ('c.add', (a + b) & rv32.MASK)):
            p.begin()
            p.load((f'x{reg}', a), (f'x{other}', b))
            p.emit(f'{name} x{reg}, x{other}')
            p.expect(f'x{reg}', value)
    for reg in SHORT:
        for name in ('srl', 'sra'):
            for shift in (1, 4, 16, 31):
                a = p.rng.choice(EDGES)
                p.begin()
                p.load((f'x{reg}', a))
                p.emit(f'c.{name}i x{reg}, {shift}')
                p.expect(f'x{reg}', rv32.ALU[name](a, shift))
        for imm in (0,) + six:
            a = p.rng.choice(EDGES)
            p.begin()
            p.load((f'x{reg}', a))
            p.emit(f'c.andi x{reg}, {imm}')
            p.expect(f'x{reg}', a & imm & rv32.MASK)
        for name in ('sub', 'xor', 'or', 'and'):
            for source in p.rng.sample(SHORT, 3):
                a, b = p.rng.choice(EDGES), p.rng.choice(EDGES)
                a = b if source == reg else a
                p.begin()
                p.load(*{f'x{reg}': a, f'x{source}': b}.items())
                p.emit(f'c.{name} x{reg}, x{source}')
                p.expect(f'x{reg}', rv32.ALU[name](a, b))
    return p


def compressed_stack():
    """Forms on the stack pointer, loads and stores, and the hints, which do nothing."""
    p = Program('c_memory')
    p.data += ['\t.balign 16', 'stack:', '\t.skip 1024']
    for imm in (-512, -16, 16, 32, 64, 128, 256, 496):
        p.begin()
        p.emit('li sp, 0x12345670', f'c.addi16sp sp, {imm}')
        p.expect('sp', 0x12345670 + imm)
    for reg in SHORT:
        for imm in p.rng.sample((4, 8, 16, 32, 64, 128, 256, 512, 1020), 4):
            p.begin()
            p.emit('li sp, 0x7ffffff0', f'c.addi4spn x{reg}, sp, {imm}')
            p.expect(f'x{reg}', 0x7FFFFFF0 + imm)
    for reg in FREE:
        offset = p.rng.choice((0, 4, 8, 16, 32, 64, 128, 252))
        value = p.rng.getrandbits(32)
        target = p.rng.choice([i for i in FREE if i not in (2, reg)])
        if reg == 2:
            continue
        p.begin()
        p.load((f'x{reg}', value))
        p.emit('lla sp, stack', f'c.swsp x{reg}, {offset}(sp)', f'c.lwsp x{target}, {offset}(sp)')
        p.expect(f'x{target}', value)
        p.emit('lla sp, stack', f'lw x{reg}, {offset}(sp)')
        p.expect(f'x{reg}', value)
    for base in SHORT:
        for offset in (0, 4, 8, 16, 32, 64, 124):
            source = p.rng.choice([i for i in SHORT if i != base])
            target = p.rng.choice(SHORT)
            value = p.rng.getrandbits(32)
            p.begin()
            p.load((f'x{source}', value))
            p.emit(f'lla x{base}, stack + 256', f'c.sw x{source}, {offset}(x{base})',
                   f'c.lw x{target}, {offset}(x{base})')
            p.expect(f'x{target}', value)
    # Hints: writes to x0, and additions of nothing.
    p.begin()
    for reg in FREE:
        p.emit(f'li x{reg}, {reg * 0x01010101:#x}')
    for half in (0x0001, 0x0005, 0x107D, 0x4001, 0x5075, 0x6005, 0x707D, 0x0002, 0x0006, 0x8006,
                 0x807E, 0x9006, 0x0081, 0x8081, 0x8481, 0x0082):
        p.emit(f'.half {half:#x}')
    for reg in FREE[:-1]:
        p.emit(f'li x31, {reg * 0x01010101:#x}', f'bne x{reg}, x31, fail')
    return p


def compressed_flow():
    p = Program('c_flow')
    for reg in SHORT:
        for value in (0, 1, 0x80000000, 0xFFFFFFFF):
            for name, taken in (('c.beqz', value == 0), ('c.bnez', value != 0)):
                hit, end = p.label(), p.label()
                p.begin()
                p.load((f'x{reg}', value))
                p.emit(f'{name} x{reg}, {hit}', 'c.nop' if not taken else 'j fail', f'j {end}',
                       f'{hit}:', 'j fail' if not taken else 'c.nop', f'{end}:')
    for reg in FREE:
        to, back = p.label(), p.label()
        spare = p.pick(1, [i for i in FREE if i not in (1, reg)])[0]
        p.begin()
        p.emit(f'lla x{reg}, {to}', f'c.jr x{reg}', 'j fail', f'{to}:')
        to = p.label()
        p.begin()
        p.emit(f'lla x{reg}, {to}', f'c.jalr x{reg}', f'{back}:', 'j fail', f'{to}:')
        p.expect_label('ra', back, spare)
    for name in ('c.j', 'c.jal'):
        to, back = p.label(), p.label()
        p.begin()
        p.emit('li ra, 5', f'{name} {to}', f'{back}:', 'j fail', f'{to}:')
        if name == 'c.jal':
            p.expect_label('ra', back, 'a0')
        else:
            p.expect('ra', 5)
    # The ends of the ranges.
    for name, forth, reverse in (('c.j', 2046, 2048), ('c.jal', 2046, 2048),
                                 ('c.beqz s0,', 254, 256), ('c.bnez s1,', 254, 256)):
        p.begin()
        p.emit('li s0, 0', 'li s1, 1', f'{name} . + {forth}', f'.rept {forth // 4}',
               '.option push', '.option norvc', 'j fail', '.option pop', '.endr')
        p.begin()
        p.emit('li s0, 0', 'li s1, 1', 'j 2f', '1:', 'c.j 3f', f'.skip {reverse - 2}', '2:',
               f'{name} 1b', 'j fail', '3:')
    return p


def straddle():
    """Long and short instructions in every alternation, entered at every offset of a window."""
    p = Program('straddle')
    shapes = [format(i, f'0{n}b') for n in range(1, 6) for i in range(2 ** n)]
    for shape in shapes:
        for offset in (0, 2, 4, 6):
            to = p.label()
            p.begin()
            p.emit('li a0, 0', f'j {to}', '.balign 8', f'.fill {offset}, 1', f'{to}:')
            total = 0
            for i, long in enumerate(shape):
                p.emit('.option push', '.option norvc', f'addi a0, a0, {i + 33}', '.option pop') \
                    if long == '1' else p.emit(f'c.addi a0, {i + 1}')
                total += i + 33 if long == '1' else i + 1
            p.expect('a0', total)
    return p


def self_modifying():
    """What is stored to memory is executed after fence.i, whatever was fetched before."""
    p = Program('fence_i', TEMPORARY)
    for distance in range(6):
        for value in (11, 22):
            p.begin()
            place, patch = p.label('place'), p.label('patch')
            p.emit(f'lla a0, {place}', f'lla a1, {patch}', 'lhu a2, 0(a1)', 'lhu a3, 2(a1)',
                   'sh a2, 0(a0)', 'sh a3, 2(a0)', 'fence.i')
            for _ in range(distance):
                p.emit('nop')
            p.emit('.option push', '.option norvc', f'{place}:', 'li a4, 99', 'j 1f', f'{patch}:',
                   f'li a4, {value}', '.option pop', '1:')
            p.expect('a4', value)
    p.begin()
    p.emit('li a5, 5', '1:', 'fence', 'fence.i', 'fence rw, rw', 'fence.tso', 'addi a5, a5, -1',
           'bnez a5, 1b')
    p.expect('a5', 0)
    return p


def programs():
    """(program, whether it needs compressed instructions and the rest as short as can be)"""
    register = [name for name in rv32.ALU]
    plain = [register_form(name) for name in register]
    plain += [immediate_form(name) for name in ('addi', 'slti', 'sltiu', 'xori', 'ori', 'andi',
                                                'slli', 'srli', 'srai')]
    plain += [branch(name) for name in rv32.BRANCH]
    plain += [load(name) for name in rv32.LOADS] + [store(name) for name in rv32.STORES]
    plain += [upper(), jumps(), memory_hazards(), division_mix(), self_modifying()]
    plain += gen_machine.plain()
    short = [compressed_alu(), compressed_stack(), compressed_flow(), straddle()]
    short += gen_machine.short()
    return plain, short


def main():
    folder = sys.argv[1]
    plain, short = programs()
    for kind, group in (('plain', plain), ('short', short)):
        os.makedirs(os.path.join(folder, kind), exist_ok=True)
        for program in group:
            with open(os.path.join(folder, kind, program.name + '.S'), 'w',
                      encoding='ascii') as file:
                file.write(program.text())


if __name__ == '__main__':
    main()
