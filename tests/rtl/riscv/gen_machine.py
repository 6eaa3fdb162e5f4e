# SPDX-License-Identifier: MIT
"""Directed programs on machine mode: its registers, traps, counters, interrupts."""

import rv32
from program import EDGES, FREE, TEMPORARY, Program

# The bench's interrupt lines: bit 0 of the first word is the timer's, bit 1 the external one. A
# store of N to the second or the third word raises the one or the other N cycles later.
DEVICE = 0x40000000
NOWHERE = (0x00000000, 0x50000000, rv32.BASE - 4, rv32.BASE + rv32.SIZE, 0xFFFFFFFC)


def registers():
    p = Program('csr', TEMPORARY)
    forms = (('csrrw', lambda old, x: x), ('csrrs', lambda old, x: old | x),
             ('csrrc', lambda old, x: old & ~x))
    # All six instructions on the register that keeps anything.
    for a in EDGES:
        for name, function in forms:
            for b in p.rng.sample(EDGES, 4):
                rs1, rd = p.pick(2)
                rd = p.rng.choice((rd, rs1, 'zero'))
                p.begin()
                p.load((rs1, a))
                p.emit(f'csrw mscratch, {rs1}')
                p.load((rs1, b))
                p.emit(f'{name} {rd}, mscratch, {rs1}')
                p.expect(rd, a if rd != 'zero' else 0)
                p.emit(f'csrr {rd}, mscratch')
                p.expect(rd, function(a, b) if rd != 'zero' else 0)
            imm = p.rng.choice((0, 1, 16, 31))
            p.begin()
            p.emit(f'li a0, {a:#x}', 'csrw mscratch, a0', f'{name}i a1, mscratch, {imm}',
                   'csrr a2, mscratch')
            p.expect('a1', a)
            p.expect('a2', function(a, imm))
        p.begin()
        p.emit(f'li a0, {a:#x}', 'csrw mscratch, a0', 'csrrs a1, mscratch, zero',
               'csrrc a2, mscratch, zero', 'csrrw a3, mscratch, zero', 'csrr a4, mscratch')
        for reg, value in (('a1', a), ('a2', a), ('a3', a), ('a4', 0)):
            p.expect(reg, value)
    # What the others keep of what is written; mtvec is put back.
    p.emit('csrr s11, mtvec')
    for name in ('mstatus', 'misa', 'mie', 'mtvec', 'mepc', 'mtval', 'mip', 'mcountinhibit'):
        for value in (0xFFFFFFFF, 0, 0xAAAAAAAA, 0x55555554, 0x80000000):
            if name == 'mstatus':
                value &= ~8
            model = rv32.Machine(b'')
            model.write_csr(name, value)
            p.begin()
            p.emit(f'li a0, {value:#x}', f'csrw {name}, a0', f'csrr a1, {name}')
            p.expect('a1', model.csrs[name])
    p.emit('csrw mtvec, s11', 'csrw mcountinhibit, zero')
    for cause in (0, 1, 2, 3, 4, 5, 6, 7, 11, 0x80000007, 0x8000000B):
        p.begin()
        p.emit(f'li a0, {cause:#x}', 'csrw mcause, a0', 'csrr a1, mcause')
        p.expect('a1', cause)
    p.begin()
    p.emit('csrr a0, mhartid')
    p.expect('a0', 0)
    for name in ('mvendorid', 'marchid', 'mimpid'):
        p.emit(f'csrr a0, {name}')
    # Values on their way: from a load, a product, a quotient, into a load, a branch, an address.
    p.data += ['\t.balign 4', 'word:', '\t.word 0x1234, 0']
    p.begin()
    p.emit('lla a0, word', 'lw a1, 0(a0)', 'csrrw a2, mscratch, a1', 'csrrw a3, mscratch, a2',
           'sw a3, 4(a0)', 'lw a4, 4(a0)')
    p.expect('a4', 0x1234)
    p.begin()
    p.emit('li a0, 77', 'li a1, 7', 'div a2, a0, a1', 'csrw mscratch, a2', 'mul a2, a0, a1',
           'csrrs a3, mscratch, a2', 'csrrc a4, mscratch, a3')
    p.expect('a3', 11)
    p.expect('a4', 539 | 11)
    p.begin()
    p.emit('lla a0, word', 'csrw mscratch, a0', 'csrr a1, mscratch', 'lw a2, 0(a1)')
    p.expect('a2', 0x1234)
    return p


def illegal_words():
    """32-bit encodings next to every instruction that exists, and some at random."""
    rng = Program('words').rng
    words = set()
    for opcode in range(3, 128, 4):
        for f3 in range(8):
            for f7 in (0, 1, 2, 4, 8, 16, 32, 33, 64, 127):
                words.add(f7 << 25 | rng.getrandbits(10) << 15 | f3 << 12 | rng.getrandbits(5) << 7
                          | opcode)
    for fixed in (0x00000073, 0x00100073, 0x30200073, 0x10500073):
        words |= {fixed ^ 1 << bit for bit in range(7, 32)}
    words |= {0xFFFFFFFF, 0x00200073, 0x10200073, 0x12000073, 0x7B200073, 0x70200073}
    words |= {rng.getrandbits(30) << 2 | 3 for _ in range(600)}
    return sorted(word for word in words if not rv32.is_legal(word))


def slot_program(name, items, size):
    """Each item is put into a slot and executed there; it must be illegal and do nothing else."""
    p = Program(name)
    directive = '.word' if size == 4 else '.half'
    p.data += ['\t.balign 4', 'items:']
    p.data += ['\t' + directive + ' ' + ', '.join(f'{i:#x}' for i in items[at:at + 12])
               for at in range(0, len(items), 12)]
    p.begin()
    # Every register but the handler's has a value that must outlive it all.
    kept = [i for i in FREE if i not in (5, 6, 7, 8, 9, 18, 19, 20, 21, 22)]
    for reg in kept:
        p.emit(f'li x{reg}, {reg * 0x01010101:#x}')
    p.emit('lla s6, items', 'li s0, 2', 'lla s1, slot', 'lla s3, back', 'li s5, 0', 'li s4, 0',
           'next:')
    if size == 4:
        p.emit('lw s2, 0(s6)', 'lla t1, slot', 'sh s2, 0(t1)', 'srli t2, s2, 16', 'sh t2, 2(t1)')
    else:
        p.emit('lhu s2, 0(s6)', 'lla t1, slot', 'sh s2, 0(t1)')
    p.emit(f'addi s6, s6, {size}', 'fence.i', 'j slot', '.balign 8', '.skip 6', 'slot:', 'nop',
           'nop', 'j fail', 'back:', 'lla t1, items_end', 'bne s6, t1, next')
    p.data.append('items_end:')
    p.emit(f'li t1, {len(items)}', 'bne s4, t1, fail')
    for reg in kept:
        p.emit(f'li t1, {reg * 0x01010101:#x}', f'bne x{reg}, t1, fail')
    return p


def traps():
    p = Program('traps', TEMPORARY)
    p.data += ['\t.balign 8', 'table:', '\t.word 0x11223344, 0x55667788, 0x99aabbcc']
    illegal = (0x00000000, 0xFFFFFFFF, 0x02051513, 0x4000A033, 0x00002063)
    for word in illegal:
        p.expect_trap(f'{".word" if word & 3 == 3 else ".half"} {word:#x}', rv32.ILLEGAL, word,
                      exact=False)
    # Registers that don't exist, exist in other modes only, or can't be written.
    for number in (0x000, 0x001, 0x100, 0x105, 0x180, 0x200, 0x3FF, 0x7C0, 0x800, 0xBC0, 0xFC0,
                   0xFFF):
        p.expect_trap(f'csrr t1, {number:#x}', rv32.ILLEGAL, rv32_csr(2, 6, 0, number),
                      exact=False)
        p.expect_trap(f'csrw {number:#x}, zero', rv32.ILLEGAL, rv32_csr(1, 0, 0, number),
                      exact=False)
    for number in (0xF11, 0xF12, 0xF13, 0xF14):
        for kind, rd, rs1 in ((1, 0, 0), (1, 6, 5), (2, 6, 5), (3, 6, 5), (5, 0, 0), (6, 6, 1),
                              (7, 6, 31)):
            p.expect_trap(f'.word {rv32_csr(kind, rd, rs1, number):#x}', rv32.ILLEGAL,
                          rv32_csr(kind, rd, rs1, number), exact=False, before=('li t0, 0',))
    # A refused access writes neither the register nor rd.
    p.emit('li t1, 0x77')
    p.expect_trap('csrrw t1, 0x7c0, t1', rv32.ILLEGAL, rv32_csr(1, 6, 6, 0x7C0), exact=False)
    p.emit('li t2, 0x77', 'bne t1, t2, fail')
    p.expect_trap('ecall', rv32.ECALL, 0)
    p.expect_trap('ebreak', rv32.BREAKPOINT, '', exact=False)

    # Misaligned and refused accesses: mtval is the address, and nothing is loaded or stored.
    for name, (size, _) in rv32.LOADS.items():
        for offset in range(1, size):
            for at in (0, 4):
                p.expect_trap(f'{name} t1, {at + offset}(t2)', rv32.LOAD_ALIGN,
                              f'table + {at + offset}', before=('lla t2, table', 'li t1, 0x123'))
                p.expect('t1', 0x123)
        for address in NOWHERE:
            p.expect_trap(f'{name} t1, 0(t2)', rv32.LOAD_FAULT, address,
                          before=(f'li t2, {address:#x}', 'li t1, 0x456'))
            p.expect('t1', 0x456)
            # With users of the register close behind.
            p.expect_trap(f'{name} t2, 0(t2)\n\taddi t2, t2, 1\n\tsw t2, 0(sp)', rv32.LOAD_FAULT,
                          address, before=(f'li t2, {address:#x}', 'lla sp, table'))
            p.expect('t2', address)
    for name, size in rv32.STORES.items():
        for offset in range(1, size):
            p.expect_trap(f'{name} t1, {offset}(t2)', rv32.STORE_ALIGN, f'table + {offset}',
                          before=('lla t2, table', 'li t1, 0'))
        for address in NOWHERE:
            p.expect_trap(f'{name} t1, 0(t2)', rv32.STORE_FAULT, address,
                          before=(f'li t2, {address:#x}', 'li t1, 0'))
            p.expect_trap(f'{name} t1, 0(t2)\n\tsw t1, 0(sp)', rv32.STORE_FAULT, address,
                          before=(f'li t2, {address:#x}', 'li t1, 0', 'lla sp, table'))
    p.begin()
    for i, value in enumerate((0x11223344, 0x55667788, 0x99AABBCC)):
        p.emit('lla t2, table', f'lw t1, {4 * i}(t2)')
        p.expect('t1', value)
    return p


def rv32_csr(kind, rd, rs1, number):
    return number << 20 | rs1 << 15 | kind << 12 | rd << 7 | 0x73


def fetch_faults():
    """Jumps to where no memory is, into its last bytes, and past its end."""
    p = Program('fetch_fault', TEMPORARY)
    for address in NOWHERE + (0x50000002, 0x50000004, 0x50000006):
        for jump in ('jr t2', 'jalr ra, 0(t2)'):
            p.expect_trap(jump, rv32.FETCH_FAULT, address, at=f'{address:#x}',
                          before=(f'li t2, {address:#x}',))
    end = rv32.BASE + rv32.SIZE
    # Slow code up to the last half-word, while what lies beyond is fetched ahead.
    p.begin()
    p.emit('lla t1, 1f', f'li t2, {end - 16:#x}', 'li t0, 4', '2:', 'lw a0, 0(t1)',
           'sw a0, 0(t2)', 'addi t1, t1, 4', 'addi t2, t2, 4', 'addi t0, t0, -1', 'bnez t0, 2b',
           'fence.i', 'li a0, 100', 'li a1, 5', 'jalr ra, -16(t2)', 'j 3f', '.balign 4', '1:',
           'div a0, a0, a1', 'div a0, a0, a1', 'addi a0, a0, 3', '.half 0x0505, 0x8082', '3:')
    p.expect('a0', 8)
    # The last half-word: a return that is executed although nothing follows it ...
    p.begin()
    p.emit(f'li t2, {end - 2:#x}', 'li t1, 0x8082', 'sh t1, 0(t2)', 'fence.i', 'jalr ra, 0(t2)')
    # ... and the first half of an instruction whose other half is outside.
    p.emit('li t1, 0x0513', 'sh t1, 0(t2)', 'fence.i')
    p.expect_trap('jalr ra, 0(t2)', rv32.FETCH_FAULT, end, at=f'{end - 2:#x}',
                  before=(f'li t2, {end - 2:#x}',))
    # The last word: executed, and then the end is run over.
    p.begin()
    p.emit(f'li t2, {end - 4:#x}', 'li t1, 0x00100513', 'sw t1, 0(t2)', 'fence.i', 'li a0, 0')
    p.expect_trap('jr t2', rv32.FETCH_FAULT, end, at=f'{end:#x}',
                  before=(f'li t2, {end - 4:#x}',))
    p.expect('a0', 1)
    return p


def trap_order():
    """What stands behind a jump, a trap or a slow instruction: not too soon, or not at all."""
    p = Program('trap_order', TEMPORARY)
    p.begin()
    p.emit('j 1f', '.word 0xffffffff', 'ecall', '1:')
    p.begin()
    p.emit('li a0, 0', 'beqz a0, 1f', 'ecall', 'ebreak', '1:')
    p.begin()
    p.emit('li a0, 0x50000000', 'beqz zero, 1f', 'lw a1, 0(a0)', 'sw a1, 0(a0)', '1:')
    p.begin()
    p.emit('li a0, 5', '1:', 'addi a0, a0, -1', 'bnez a0, 1b', 'bnez zero, fail')
    for before in (('li a0, 1000', 'li a1, 3', 'div a2, a0, a1'),
                   ('li a0, 1000', 'li a1, 3', 'mul a2, a0, a1'),
                   ('lla a0, word', 'lw a2, 0(a0)'), ('lla a0, word', 'sw a0, 4(a0)'),
                   ('lla a0, word', 'lw a2, 0(a0)', 'sw a2, 4(a0)')):
        for code, cause, value in (('ecall', rv32.ECALL, 0), ('.word 0xffffffff', rv32.ILLEGAL,
                                                               0xFFFFFFFF),
                                   ('lw a3, 2(t2)', rv32.LOAD_ALIGN, 'word + 2'),
                                   ('sh a3, 1(t2)', rv32.STORE_ALIGN, 'word + 1'),
                                   ('lw a3, 0(t1)', rv32.LOAD_FAULT, 0x50000000),
                                   ('sw a3, 0(t1)', rv32.STORE_FAULT, 0x50000000)):
            p.expect_trap(code, cause, value, exact=False,
                          before=('lla t2, word', 'li t1, 0x50000000', 'li a2, 0') + before)
            if 'div' in before[-1]:
                p.expect('a2', 333)
            elif 'mul' in before[-1]:
                p.expect('a2', 3000)
            elif before[-1].startswith('lw'):
                p.expect('a2', 0x600D)
    # Two refused accesses in a row: the first one traps, the second doesn't happen.
    p.expect_trap('lw a0, 0(t1)\n\tsw a0, 4(t1)\n\tlw a1, 8(t1)', rv32.LOAD_FAULT, 0x50000000,
                  before=('li t1, 0x50000000',))
    p.expect_trap('sw a0, 0(t1)\n\tlw a0, 4(t1)\n\tecall', rv32.STORE_FAULT, 0x50000000,
                  before=('li t1, 0x50000000',))
    p.expect_trap('sw a0, 0(t1)\n\tcsrw mscratch, t1', rv32.STORE_FAULT, 0x50000000,
                  before=('li t1, 0x50000000', 'csrw mscratch, zero'))
    p.begin()
    p.emit('csrr a0, mscratch')
    p.expect('a0', 0)
    p.expect_trap('lw a0, 0(t1)\n\tj fail', rv32.LOAD_FAULT, 0x50000000,
                  before=('li t1, 0x50000000',))
    p.expect_trap('sw a0, 0(t1)\n\tmret', rv32.STORE_FAULT, 0x50000000,
                  before=('li t1, 0x50000000', 'lla t2, fail', 'csrw mepc, t2'))
    p.data += ['\t.balign 8', 'word:', '\t.word 0x600d, 0']
    # mstatus: the interrupt enable is put away, and comes back.
    for enabled in (0, 8):
        p.begin()
        after = p.label('after')
        p.emit('csrw mie, zero', f'csrwi mstatus, {enabled}', 'csrr s6, mtvec', 'lla t1, 1f',
               'csrw mtvec, t1', 'ecall', '.balign 4', '1:', 'csrr a0, mstatus', f'lla t1, {after}',
               'csrw mepc, t1', 'csrw mtvec, s6', 'mret', 'j fail', f'{after}:', 'csrr a1, mstatus')
        p.expect('a0', rv32.MSTATUS_MPP | enabled << 4)
        p.expect('a1', rv32.MSTATUS_MPP | rv32.MSTATUS_MPIE | enabled)
        p.emit('csrwi mstatus, 0')
    # mret without a trap, to an address whose bit 0 was set.
    p.begin()
    p.emit('li a0, 0x80', 'csrw mstatus, a0', 'lla a1, 1f + 1', 'csrw mepc, a1', 'mret', 'j fail',
           '1:', 'csrr a2, mstatus', 'csrwi mstatus, 0')
    p.expect('a2', rv32.MSTATUS_MPP | rv32.MSTATUS_MPIE | rv32.MSTATUS_MIE)
    # An exception goes to the base of a vectored table too.
    p.begin()
    p.emit('csrr s6, mtvec', 'lla t1, 2f + 1', 'csrw mtvec, t1', 'ecall', 'j fail', '.balign 64',
           '2:', 'csrr a0, mcause', 'csrw mtvec, s6')
    p.expect('a0', rv32.ECALL)
    return p


def counters():
    p = Program('counters', TEMPORARY)
    # Between two reads, what stood there: each instruction one, whatever it is.
    p.data += ['\t.balign 4', 'word:', '\t.word 3, 0']
    cases = ((), ('nop',), ('nop',) * 7, ('li a2, 5', 'div a3, a2, a2', 'mul a3, a2, a2'),
             ('lw a2, 0(s0)', 'sw a2, 4(s0)', 'lw a2, 4(s0)', 'addi a2, a2, 1'),
             ('j 1f', 'nop', 'nop', '1:', 'nop'), ('fence', 'fence.i', 'csrr a2, mscratch'))
    counts = (0, 1, 7, 3, 4, 2, 3)
    for code, count in zip(cases, counts):
        p.begin()
        p.emit('lla s0, word', 'csrr a0, minstret', *code, 'csrr a1, minstret', 'sub a1, a1, a0')
        p.expect('a1', count + 1)
        # Cycles: not fewer than instructions.
        p.begin()
        p.emit('lla s0, word', 'csrr a0, mcycle', *code, 'csrr a1, mcycle', 'sub a1, a1, a0',
               f'li a2, {count + 1}', 'bltu a1, a2, fail')
    # A trapping instruction is not counted, nor what it threw out; the handler has 9 in all.
    for code in ('ecall', 'ebreak', '.word 0xffffffff', 'lw a2, 0(t1)\n\tnop\n\tnop',
                 'sw a2, 0(t1)\n\tnop\n\tnop', 'lh a2, 1(t1)'):
        p.begin()
        p.emit('csrr s6, mtvec', 'lla a3, 1f', 'csrw mtvec, a3', 'li t1, 0x50000000',
               'csrr a0, minstret', 'nop', code, 'j fail', '.balign 4', '1:', 'csrr a1, minstret',
               'csrw mtvec, s6', 'sub a1, a1, a0')
        p.expect('a1', 2)
    # A write is what the next instruction reads; it carries from the low word into the high one.
    for value in (0, 1, 0x12345678, 0xFFFFFFFF):
        p.begin()
        p.emit(f'li a0, {value:#x}', 'csrw minstreth, zero', 'csrw minstret, a0',
               'csrr a1, minstret', 'csrr a2, minstret', 'csrr a3, minstreth')
        p.expect('a1', value)
        p.expect('a2', (value + 1) & rv32.MASK)
        p.expect('a3', int(value == 0xFFFFFFFF))
    p.begin()
    p.emit('li a0, -1', 'csrw minstret, a0', 'csrw minstreth, a0', 'nop', 'csrr a1, minstret',
           'csrr a2, minstreth')
    p.expect('a1', 0)
    p.expect('a2', 0)
    p.begin()
    p.emit('li a0, -16', 'csrw mcycle, a0', 'csrw mcycleh, zero', 'li a1, 20', '1:',
           'addi a1, a1, -1', 'bnez a1, 1b', 'csrr a2, mcycleh', 'csrr a3, mcycle',
           'li a1, 2000', 'bgeu a3, a1, fail')
    p.expect('a2', 1)
    # Inhibited counters stand, each alone, and go on from where they stood.
    for bits in (1, 4, 5):
        p.begin()
        p.emit(f'li t0, {bits}', 'csrw mcountinhibit, t0', 'csrr a0, mcycle', 'csrr a1, minstret',
               'li t1, 20', '1:', 'addi t1, t1, -1', 'bnez t1, 1b', 'csrr a2, mcycle',
               'csrr a3, minstret', 'csrw mcountinhibit, zero', 'sub a2, a2, a0',
               'sub a3, a3, a1')
        p.emit('bnez a2, fail' if bits & 1 else 'beqz a2, fail')
        p.expect('a3', 0 if bits & 4 else 43)
        p.emit('csrr a0, mcycle', 'csrr a1, minstret', 'nop', 'csrr a2, mcycle',
               'csrr a3, minstret', 'beq a0, a2, fail', 'beq a1, a3, fail')
    p.begin()
    p.emit('csrwi mcountinhibit, 5', 'li a0, 0x111', 'csrw mcycle, a0', 'csrw minstreth, a0',
           'csrw mcycleh, a0', 'csrw minstret, a0', 'csrr a1, mcycle', 'csrr a2, mcycleh',
           'csrr a3, minstret', 'csrr a4, minstreth', 'csrw mcountinhibit, zero')
    for reg in ('a1', 'a2', 'a3', 'a4'):
        p.expect(reg, 0x111)
    return p


# s0: the device; s1: how many were taken; s2, s3: mepc, mcause of the last one; s9: the handler's.
VECTORED = '''\
\t.balign 64
trap:
\tj fail
vector:
\t.balign 64
table:
\t.option push
\t.option norvc
\t.rept 7
\tj fail
\t.endr
\tj timer
\t.rept 3
\tj fail
\t.endr
\tj external
\t.rept 4
\tj fail
\t.endr
\t.option pop
\t.balign 4
direct:
\tcsrw mscratch, t0
\tcsrr t0, mcause
\tslli t0, t0, 1
\taddi t0, t0, -14
\tbeqz t0, 1f
\tcsrr t0, mscratch
\tj external
1:
\tcsrr t0, mscratch
timer:
\tlw s9, 0(s0)
\tandi s9, s9, 2
\tj taken
external:
\tlw s9, 0(s0)
\tandi s9, s9, 1
taken:
\tsw s9, 0(s0)
\taddi s1, s1, 1
\tcsrr s2, mepc
\tcsrr s3, mcause
\tmret
'''

# Which word raises the line, and its interrupt.
LINES = ((4, rv32.IRQ_TIMER), (8, rv32.IRQ_EXTERNAL))


def interrupts():
    p = Program('interrupts', TEMPORARY)
    p.handler = VECTORED
    p.data += ['\t.balign 8', 'word:', '\t.word 0x600d, 0, 0, 0']
    p.emit(f'li s0, {DEVICE:#x}', 'li s4, -1', 'lla s7, word')
    for mode, vector in (('direct', 'direct'), ('vectored', 'table + 1')):
        p.emit(f'lla t0, {vector}', 'csrw mtvec, t0')
        for offset, code in LINES:
            bit = 1 << code
            begin = ('csrci mstatus, 8', 'li s1, 0', 'li s2, 0', 'li s3, 0',
                     f'li s5, {bit:#x}', 'csrw mie, zero')
            # The line is seen in mip, enabled or not, and lowered again.
            p.begin()
            p.emit(*begin, 'csrr a0, mip', 'li t0, 1', f'sw t0, {offset}(s0)', '.rept 4', 'nop',
                   '.endr', 'csrr a1, mip', 'sw zero, 0(s0)', '.rept 4', 'nop', '.endr',
                   'csrr a2, mip', 'bnez s1, fail')
            p.expect('a0', 0)
            p.expect('a1', bit)
            p.expect('a2', 0)
            # Not taken: enabled in mie only, in mstatus only, or the other one enabled.
            other = (1 << rv32.IRQ_TIMER | 1 << rv32.IRQ_EXTERNAL) ^ bit
            for mie, mstatus in ((bit, 0), (0, 8), (other, 8)):
                p.begin()
                p.emit(*begin, f'li t0, {mie:#x}', 'csrw mie, t0', f'csrsi mstatus, {mstatus}',
                       'li t0, 1', f'sw t0, {offset}(s0)', 'li t0, 20', '1:', 'addi t0, t0, -1',
                       'bnez t0, 1b', 'sw zero, 0(s0)', 'nop', 'nop', 'nop',
                       'bnez s1, fail')
            # Pending, then enabled: taken before the next instruction, once.
            for enable, disable in (('csrsi mstatus, 8', 'csrw mie, s5'),
                                    ('csrw mie, s5', 'csrsi mstatus, 8')):
                here = p.label('here')
                p.begin()
                p.emit(*begin, 'li t0, 1', f'sw t0, {offset}(s0)', '.rept 4', 'nop', '.endr',
                       disable, 'li a0, 0', enable, f'{here}:', 'mv a0, s1', 'nop', 'nop')
                p.expect('a0', 1)
                p.expect('s1', 1)
                p.expect_label('s2', here, 't0')
                p.expect('s3', 1 << 31 | code)
                p.emit('csrr a0, mstatus')
                p.expect('a0', rv32.MSTATUS_MPP | rv32.MSTATUS_MPIE | rv32.MSTATUS_MIE)
            # wfi ends on the line, with the interrupt taken behind it, or not at all.
            for delay in (1, 2, 3, 5, 50):
                here = p.label('here')
                p.begin()
                p.emit(*begin, 'csrw mie, s5', 'csrsi mstatus, 8', f'li t0, {delay}',
                       f'sw t0, {offset}(s0)', '1:', 'wfi', f'{here}:', 'beqz s1, 1b')
                p.expect('s1', 1)
                p.expect('s3', 1 << 31 | code)
                p.begin()
                p.emit(*begin, 'csrw mie, s5', f'li t0, {delay}', f'sw t0, {offset}(s0)', 'wfi',
                       'csrr a0, mip', 'nop', 'bnez s1, fail', 'sw zero, 0(s0)', 'nop',
                       'nop', 'nop')
                p.expect('a0', bit)
            # Well asleep before the line: the return address is the one behind.
            here = p.label('here')
            p.begin()
            p.emit(*begin, 'csrw mie, s5', 'csrsi mstatus, 8', 'li t0, 400',
                   f'sw t0, {offset}(s0)', 'wfi', f'{here}:')
            p.expect('s1', 1)
            p.expect_label('s2', here, 't0')
        # Both at once: the external one first.
        p.begin()
        p.emit('csrci mstatus, 8', 'li s1, 0', 'csrw mie, s4', 'li t0, 1', 'sw t0, 4(s0)',
               'sw t0, 8(s0)', '.rept 6', 'nop', '.endr', 'csrr a0, mip', 'lla t0, 1f',
               'csrw mscratch, t0', 'csrr s8, mtvec', 'csrr t0, mscratch', 'csrw mtvec, t0',
               'csrsi mstatus, 8', 'j fail', '.balign 64', '1:', 'nop', '.rept 6', 'nop', '.endr',
               'csrr a1, mcause', 'csrw mtvec, s8', 'lla t0, 2f', 'csrw mepc, t0', 'mret', '2:',
               'nop', 'nop')
        p.expect('a0', 1 << rv32.IRQ_TIMER | 1 << rv32.IRQ_EXTERNAL)
        if mode == 'direct':
            p.expect('a1', 1 << 31 | rv32.IRQ_EXTERNAL)
            p.expect('s1', 2)
        p.emit('csrci mstatus, 8', 'sw zero, 0(s0)')
    return p


def interrupted():
    """Interrupts at every distance into code of every kind, whose results stay what they are."""
    p = Program('interrupted', TEMPORARY)
    p.handler = VECTORED
    p.data += ['\t.balign 8', 'word:', '\t.word 0, 0, 0, 0']
    p.emit(f'li s0, {DEVICE:#x}', 'lla t0, table + 1', 'csrw mtvec, t0', 'li t0, -1',
           'csrw mie, t0', 'csrsi mstatus, 8', 'lla s7, word')
    bodies = {
        'loads': (('lw t1, 0(s7)', 'addi t1, t1, 3', 'sw t1, 0(s7)', 'lw a1, 0(s7)'), 3),
        'division': (('addi a1, a1, 5', 'mul t1, a1, a1', 'div t1, t1, a1', 'mv a1, t1'), 5),
        'calls': (('jal ra, 8f', 'jal ra, 8f', 'j 9f', '8:', 'addi a1, a1, 2', 'ret', '9:'), 4),
        'registers': (('csrw mcountinhibit, zero', 'csrr t1, misa', 'addi a1, a1, 1'), 1),
    }
    for body, (code, step) in bodies.items():
        for delay in list(range(1, 24)) + [31, 47, 64]:
            p.begin()
            offset = 4 + 4 * (delay & 1)
            p.emit('li s1, 0', 'li a0, 12', 'li a1, 0', 'sw zero, 0(s7)', f'li t0, {delay}',
                   f'sw t0, {offset}(s0)', '1:', *code, 'addi a0, a0, -1', 'bnez a0, 1b', '2:',
                   'beqz s1, 2b')
            p.expect('a1', 12 * step)
            p.expect('s1', 1)
    return p


def halts():
    """Halted from outside, in the middle of everything: nothing happens any more."""
    bodies = {
        'jump': ('j .',), 'wfi': ('csrw mie, t0', 'wfi'), 'trap': ('.rept 8', 'ecall', '.endr'),
        'division': ('div a0, a1, s0', 'sw a0, 0(s7)', 'j .'),
        'stores': ('.rept 12', 'sw a0, 0(s7)', 'lw a0, 4(s7)', 'sw a0, 8(s7)', '.endr'),
        'loads': ('.rept 12', 'lw a0, 0(s7)', 'lw a1, 4(s7)', '.endr', 'csrw mscratch, a1'),
        'faults': ('li s7, 0', '.rept 8', 'lw a0, 0(s7)', '.endr'),
    }
    programs = []
    for name, code in bodies.items():
        p = Program('halt_' + name)
        p.data += ['\t.balign 8', 'word:', '\t.word 1, 2, 3, 4']
        p.emit(f'li s0, {rv32.HALT:#x}', 'lla s7, word', 'li t0, -1', 'li a0, 5', 'li a1, 6',
               'sw a0, 0(s0)', *code, 'j fail')
        programs.append(p)
    return programs


def compressed_traps():
    p = Program('c_traps', TEMPORARY)
    p.data += ['\t.balign 8', 'table:', '\t.word 0x11223344, 0x55667788']
    p.expect_trap('c.ebreak', rv32.BREAKPOINT, '', exact=False)
    for half in (0x0000, 0x8002, 0x4002, 0x6101, 0x9C41, 0x9C61, 0x1082,
                 0x9001, 0x2000, 0xA000, 0x6002, 0xE002, 0x8000):
        if not rv32.is_legal(half):
            p.expect_trap(f'.half {half:#x}', rv32.ILLEGAL, half, exact=False)
    p.expect_trap('c.lw a0, 0(a1)', rv32.LOAD_ALIGN, 'table + 1',
                  before=('lla a1, table + 1', 'li a0, 5'))
    p.expect('a0', 5)
    p.expect_trap('c.sw a0, 4(a1)', rv32.STORE_ALIGN, 'table + 6',
                  before=('lla a1, table + 2', 'li a0, 5'))
    p.expect_trap('c.lw a0, 4(a1)', rv32.LOAD_FAULT, 0x50000004,
                  before=('li a1, 0x50000000', 'li a0, 5'))
    p.expect('a0', 5)
    p.expect_trap('c.sw a0, 4(a1)', rv32.STORE_FAULT, 0x50000004, before=('li a1, 0x50000000',))
    p.expect_trap('c.lwsp a0, 8(sp)', rv32.LOAD_FAULT, 0x50000008, before=('li sp, 0x50000000',))
    p.expect_trap('c.swsp a0, 8(sp)', rv32.STORE_FAULT, 0x50000008, before=('li sp, 0x50000000',))
    p.expect_trap('c.jr a0', rv32.FETCH_FAULT, 0x50000002, at='0x50000002',
                  before=('li a0, 0x50000003',))
    return p


def plain():
    words = illegal_words()
    return [registers(), traps(), fetch_faults(), trap_order(), counters(), interrupts(),
            interrupted(), slot_program('illegal', words, 4)] + halts()


def short():
    halves = [half for half in range(0x10000) if half & 3 != 3 and not rv32.is_legal(half)]
    few = Program('halves').rng.sample(halves, 3000)
    return [compressed_traps(), slot_program('c_illegal', sorted(few), 2)]
