# SPDX-License-Identifier: MIT
"""RV32IMC_Zicsr_Zifencei in machine mode, as a plain interpreter.

The reference for the core's programs: it shares nothing with the RTL, and is itself held against
another simulator by lockstep.py. One Machine.step() is one entry of the core's retirement trace.
"""

import struct

BASE = 0x80000000
SIZE = 0x10000
MASK = 0xFFFFFFFF
# The bench's devices: not memory, but no access fault either. What they read is theirs to say.
DEVICE = range(0x40000000, 0x40000014)
HALT = 0x4000000C

FETCH_FAULT, ILLEGAL, BREAKPOINT, LOAD_ALIGN, LOAD_FAULT, STORE_ALIGN, STORE_FAULT, ECALL = (
    1, 2, 3, 4, 5, 6, 7, 11)
IRQ_TIMER, IRQ_EXTERNAL = 7, 11
IRQ_MASK = 1 << IRQ_TIMER | 1 << IRQ_EXTERNAL

MSTATUS_MIE, MSTATUS_MPIE, MSTATUS_MPP = 0x8, 0x80, 0x1800
MISA = 1 << 30 | 1 << 12 | 1 << 8 | 1 << 2

CSRS = {
    'mstatus': 0x300, 'misa': 0x301, 'mie': 0x304, 'mtvec': 0x305, 'mcountinhibit': 0x320,
    'mscratch': 0x340, 'mepc': 0x341, 'mcause': 0x342, 'mtval': 0x343, 'mip': 0x344,
    'mcycle': 0xB00, 'minstret': 0xB02, 'mcycleh': 0xB80, 'minstreth': 0xB82,
    'mvendorid': 0xF11, 'marchid': 0xF12, 'mimpid': 0xF13, 'mhartid': 0xF14,
}
CSR_NAMES = {number: name for name, number in CSRS.items()}
COUNTERS = ('mcycle', 'mcycleh', 'minstret', 'minstreth')
# Registers whose value the model does not know: time passes, or a constant of the implementation.
FREE_CSRS = COUNTERS + ('mip', 'mvendorid', 'marchid', 'mimpid', 'mhartid')


def signed(value, bits=32):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def divide(a, b):
    """Quotient and remainder of signed integers, rounded to zero."""
    quotient = abs(a) // abs(b)
    if (a < 0) != (b < 0):
        quotient = -quotient
    return quotient, a - quotient * b


def div(a, b):
    return MASK if b == 0 else divide(signed(a), signed(b))[0] & MASK


def rem(a, b):
    return a if b == 0 else divide(signed(a), signed(b))[1] & MASK


# What each operation on two values gives; register and immediate forms share it.
ALU = {
    'add': lambda a, b: (a + b) & MASK,
    'sub': lambda a, b: (a - b) & MASK,
    'sll': lambda a, b: (a << (b & 31)) & MASK,
    'slt': lambda a, b: int(signed(a) < signed(b)),
    'sltu': lambda a, b: int(a < b),
    'xor': lambda a, b: a ^ b,
    'srl': lambda a, b: a >> (b & 31),
    'sra': lambda a, b: (signed(a) >> (b & 31)) & MASK,
    'or': lambda a, b: a | b,
    'and': lambda a, b: a & b,
    'mul': lambda a, b: (a * b) & MASK,
    'mulh': lambda a, b: (signed(a) * signed(b) >> 32) & MASK,
    'mulhsu': lambda a, b: (signed(a) * b >> 32) & MASK,
    'mulhu': lambda a, b: a * b >> 32,
    'div': div,
    'divu': lambda a, b: MASK if b == 0 else a // b,
    'rem': rem,
    'remu': lambda a, b: a if b == 0 else a % b,
}
BRANCH = {
    'beq': lambda a, b: a == b,
    'bne': lambda a, b: a != b,
    'blt': lambda a, b: signed(a) < signed(b),
    'bge': lambda a, b: signed(a) >= signed(b),
    'bltu': lambda a, b: a < b,
    'bgeu': lambda a, b: a >= b,
}
LOADS = {'lb': (1, True), 'lh': (2, True), 'lw': (4, True), 'lbu': (1, False), 'lhu': (2, False)}
STORES = {'sb': 1, 'sh': 2, 'sw': 4}

OP = {(0, 0): 'add', (0, 32): 'sub', (1, 0): 'sll', (2, 0): 'slt', (3, 0): 'sltu', (4, 0): 'xor',
      (5, 0): 'srl', (5, 32): 'sra', (6, 0): 'or', (7, 0): 'and',
      (0, 1): 'mul', (1, 1): 'mulh', (2, 1): 'mulhsu', (3, 1): 'mulhu',
      (4, 1): 'div', (5, 1): 'divu', (6, 1): 'rem', (7, 1): 'remu'}
OP_IMM = {0: 'add', 2: 'slt', 3: 'sltu', 4: 'xor', 6: 'or', 7: 'and'}
BRANCHES = {0: 'beq', 1: 'bne', 4: 'blt', 5: 'bge', 6: 'bltu', 7: 'bgeu'}
LOAD = {0: 'lb', 1: 'lh', 2: 'lw', 4: 'lbu', 5: 'lhu'}
STORE = {0: 'sb', 1: 'sh', 2: 'sw'}


def bits(word, high, low):
    return word >> low & ((1 << (high - low + 1)) - 1)


def gather(word, fields):
    """An immediate put together of runs of the word's bits: (high, low, where low goes)."""
    return sum(bits(word, high, low) << to for high, low, to in fields)


class Illegal(Exception):
    pass


def decode(word):
    """A 32-bit instruction as (name, rd, rs1, rs2, immediate)."""
    rd, rs1, rs2 = bits(word, 11, 7), bits(word, 19, 15), bits(word, 24, 20)
    f3, f7 = bits(word, 14, 12), bits(word, 31, 25)
    i_imm = signed(word >> 20, 12)
    opcode = word & 127
    if opcode == 0x37:
        return 'lui', rd, 0, 0, word & 0xFFFFF000
    if opcode == 0x17:
        return 'auipc', rd, 0, 0, word & 0xFFFFF000
    if opcode == 0x6F:
        offset = gather(word, ((31, 31, 20), (30, 21, 1), (20, 20, 11), (19, 12, 12)))
        return 'jal', rd, 0, 0, signed(offset, 21)
    if opcode == 0x67 and f3 == 0:
        return 'jalr', rd, rs1, 0, i_imm
    if opcode == 0x63 and f3 in BRANCHES:
        offset = gather(word, ((31, 31, 12), (30, 25, 5), (11, 8, 1), (7, 7, 11)))
        return BRANCHES[f3], 0, rs1, rs2, signed(offset, 13)
    if opcode == 0x03 and f3 in LOAD:
        return LOAD[f3], rd, rs1, 0, i_imm
    if opcode == 0x23 and f3 in STORE:
        return STORE[f3], 0, rs1, rs2, signed(f7 << 5 | rd, 12)
    if opcode == 0x13:
        if f3 in OP_IMM:
            return OP_IMM[f3] + 'i', rd, rs1, 0, i_imm
        if (f3, f7) in ((1, 0), (5, 0), (5, 32)):
            return OP[f3, f7] + 'i', rd, rs1, 0, rs2
    if opcode == 0x33 and (f3, f7) in OP:
        return OP[f3, f7], rd, rs1, rs2, 0
    if opcode == 0x0F and f3 in (0, 1):
        return ('fence', 'fence.i')[f3], 0, 0, 0, 0
    if opcode == 0x73:
        if f3 in (1, 2, 3, 5, 6, 7):
            name = ('csrrw', 'csrrs', 'csrrc')[(f3 & 3) - 1]
            return name + ('i' if f3 & 4 else ''), rd, rs1, 0, word >> 20
        fixed = {0x00000073: 'ecall', 0x00100073: 'ebreak', 0x30200073: 'mret', 0x10500073: 'wfi'}
        if word in fixed:
            return fixed[word], 0, 0, 0, 0
    raise Illegal


def decode_compressed(half):
    """A 16-bit instruction as what it stands for, in the form of decode()."""
    rd, rs2 = bits(half, 11, 7), bits(half, 6, 2)
    rd_s, rs1_s = bits(half, 4, 2) + 8, bits(half, 9, 7) + 8
    imm = signed(bits(half, 12, 12) << 5 | rs2, 6)
    shamt = bits(half, 12, 12) << 5 | rs2
    place = (half & 3, half >> 13)
    if place == (0, 0):
        value = gather(half, ((12, 11, 4), (10, 7, 6), (6, 6, 2), (5, 5, 3)))
        if value:
            return 'addi', rd_s, 2, 0, value
    elif place in ((0, 2), (0, 6)):
        offset = gather(half, ((12, 10, 3), (6, 6, 2), (5, 5, 6)))
        return ('lw', rd_s, rs1_s, 0, offset) if place[1] == 2 else ('sw', 0, rs1_s, rd_s, offset)
    elif place == (1, 0):
        return 'addi', rd, rd, 0, imm
    elif place in ((1, 1), (1, 5)):
        offset = gather(half, ((12, 12, 11), (11, 11, 4), (10, 9, 8), (8, 8, 10), (7, 7, 6),
                               (6, 6, 7), (5, 3, 1), (2, 2, 5)))
        return 'jal', 1 if place[1] == 1 else 0, 0, 0, signed(offset, 12)
    elif place == (1, 2):
        return 'addi', rd, 0, 0, imm
    elif place == (1, 3) and imm:
        if rd == 2:
            value = gather(half, ((12, 12, 9), (6, 6, 4), (5, 5, 6), (4, 3, 7), (2, 2, 5)))
            return 'addi', 2, 2, 0, signed(value, 10)
        return 'lui', rd, 0, 0, imm << 12 & MASK
    elif place == (1, 4):
        kind = bits(half, 11, 10)
        if kind == 2:
            return 'andi', rs1_s, rs1_s, 0, imm
        if kind == 3 and not half >> 12 & 1:
            return ('sub', 'xor', 'or', 'and')[bits(half, 6, 5)], rs1_s, rs1_s, rd_s, 0
        if kind < 2 and shamt < 32:
            return ('srli', 'srai')[kind], rs1_s, rs1_s, 0, shamt
    elif place in ((1, 6), (1, 7)):
        offset = gather(half, ((12, 12, 8), (11, 10, 3), (6, 5, 6), (4, 3, 1), (2, 2, 5)))
        return ('beq', 'bne')[place[1] - 6], 0, rs1_s, 0, signed(offset, 9)
    elif place == (2, 0) and shamt < 32:
        return 'slli', rd, rd, 0, shamt
    elif place == (2, 2) and rd:
        return 'lw', rd, 2, 0, gather(half, ((12, 12, 5), (6, 4, 2), (3, 2, 6)))
    elif place == (2, 4):
        if not half >> 12 & 1:
            if rs2:
                return 'add', rd, 0, rs2, 0
            if rd:
                return 'jalr', 0, rd, 0, 0
        elif rs2:
            return 'add', rd, rd, rs2, 0
        elif rd:
            return 'jalr', 1, rd, 0, 0
        else:
            return 'ebreak', 0, 0, 0, 0
    elif place == (2, 6):
        return 'sw', 0, 2, rs2, gather(half, ((12, 9, 2), (8, 7, 6)))
    raise Illegal


def is_legal(word):
    """Whether the bits, 16 of them when the low two are not 11, are an instruction."""
    try:
        decode(word) if word & 3 == 3 else decode_compressed(word & 0xFFFF)
    except Illegal:
        return False
    return True


class Trap(Exception):
    def __init__(self, cause, value=0):
        super().__init__(cause)
        self.cause = cause
        self.value = value


class Step:
    """What one instruction did. value is None when the model can't know it."""

    __slots__ = ('pc', 'insn', 'trap', 'rd', 'value', 'addr', 'size', 'write', 'data',
                 'csr')

    def __init__(self, pc):
        self.pc = pc
        self.insn = 0
        self.trap = self.write = False
        self.rd = self.value = self.addr = self.size = self.data = 0
        self.csr = None


class Machine:
    def __init__(self, image, pc=BASE):
        self.mem = bytearray(image.ljust(SIZE, b'\0'))
        self.regs = [0] * 32
        self.pc = pc
        self.csrs = dict.fromkeys(CSRS, 0)
        self.csrs['mstatus'] = MSTATUS_MPP
        self.csrs['misa'] = MISA

    def read(self, addr, size):
        offset = addr - BASE
        if addr in DEVICE:
            return None
        if not 0 <= offset <= SIZE - size:
            raise IndexError
        return int.from_bytes(self.mem[offset:offset + size], 'little')

    def write(self, addr, size, value):
        offset = addr - BASE
        if addr in DEVICE:
            return
        if not 0 <= offset <= SIZE - size:
            raise IndexError
        self.mem[offset:offset + size] = value.to_bytes(4, 'little')[:size]

    def fetch(self):
        try:
            half = self.read(self.pc, 2)
        except IndexError:
            raise Trap(FETCH_FAULT, self.pc) from None
        if half is None:
            raise Trap(FETCH_FAULT, self.pc)
        if half & 3 != 3:
            return half
        try:
            return half | self.read(self.pc + 2, 2) << 16
        except IndexError:
            raise Trap(FETCH_FAULT, self.pc + 2) from None

    def enter(self, cause, value, interrupt=False):
        """Take a trap at the present pc."""
        csrs = self.csrs
        csrs['mepc'] = self.pc
        csrs['mcause'] = cause | int(interrupt) << 31
        csrs['mtval'] = value
        enabled = csrs['mstatus'] >> 3 & 1
        csrs['mstatus'] = MSTATUS_MPP | enabled << 7
        vector = csrs['mtvec'] & ~3
        self.pc = vector + 4 * cause if interrupt and csrs['mtvec'] & 1 else vector

    def write_csr(self, name, value):
        if name == 'mstatus':
            value = value & (MSTATUS_MIE | MSTATUS_MPIE) | MSTATUS_MPP
        elif name in ('misa', 'mip'):
            return
        elif name == 'mie':
            value &= IRQ_MASK
        elif name == 'mtvec':
            value &= ~2
        elif name == 'mepc':
            value &= ~1
        elif name == 'mcountinhibit':
            value &= 5
        self.csrs[name] = value & MASK

    def csr(self, step, name, number, source, immediate):
        write = name.startswith('csrrw') or source != 0
        if number not in CSR_NAMES or (write and number >> 10 == 3):
            raise Trap(ILLEGAL, step.insn)
        csr = CSR_NAMES[number]
        old = self.csrs[csr]
        operand = source if immediate else self.regs[source]
        if write:
            new = {'csrrw': operand, 'csrrs': old | operand, 'csrrc': old & ~operand}[name[:5]]
            self.write_csr(csr, new)
        step.csr = csr
        return None if csr in FREE_CSRS else old

    def interrupt(self, pc):
        """An interrupt is taken; its handler's address says which, or a read of mcause will."""
        vector = self.csrs['mtvec'] & ~3
        cause = (pc - vector) // 4
        if not self.csrs['mstatus'] & MSTATUS_MIE:
            raise ValueError('an interrupt while they are disabled')
        if self.csrs['mtvec'] & 1:
            if not self.csrs['mie'] & IRQ_MASK & 1 << cause:
                raise ValueError(f'interrupt {cause}, which is not enabled')
            self.enter(cause, 0, interrupt=True)
        else:
            self.enter(0, 0, interrupt=True)
            self.csrs['mcause'] = None

    def step(self):
        step = Step(self.pc)
        try:
            step.insn = self.fetch()
            self.execute(step)
        except Trap as trap:
            step.trap = True
            step.rd = step.value = step.size = 0
            step.write = False
            self.enter(trap.cause, trap.value)
        return step

    def execute(self, step):
        word = step.insn
        length = 4 if word & 3 == 3 else 2
        try:
            name, rd, rs1, rs2, imm = decode(word) if length == 4 else decode_compressed(word)
        except Illegal:
            raise Trap(ILLEGAL, word) from None
        regs = self.regs
        a, b = regs[rs1], regs[rs2]
        target = (self.pc + length) & MASK
        value = 0
        if name in ALU:
            value = ALU[name](a, b)
        elif name[:-1] in ALU:
            value = ALU[name[:-1]](a, imm & MASK)
        elif name in LOADS:
            value = self.load(step, name, (a + imm) & MASK)
        elif name in STORES:
            self.store(step, STORES[name], (a + imm) & MASK, b)
        elif name in BRANCH:
            if BRANCH[name](a, b):
                target = (self.pc + imm) & MASK
        elif name == 'lui':
            value = imm
        elif name == 'auipc':
            value = (self.pc + imm) & MASK
        elif name == 'jal':
            value, target = target, (self.pc + imm) & MASK
        elif name == 'jalr':
            value, target = target, (a + imm) & MASK & ~1
        elif name.startswith('csr'):
            value = self.csr(step, name, imm, rs1, name.endswith('i'))
        elif name == 'mret':
            status = self.csrs['mstatus']
            self.csrs['mstatus'] = MSTATUS_MPP | MSTATUS_MPIE | (status >> 7 & 1) << 3
            target = self.csrs['mepc']
        elif name == 'ecall':
            raise Trap(ECALL)
        elif name == 'ebreak':
            raise Trap(BREAKPOINT)
        # fence, fence.i, wfi: one hart, no cache, and the wait is not the model's
        if rd:
            step.rd, step.value = rd, value
            regs[rd] = value
        self.pc = target

    def load(self, step, name, addr):
        size, extend = LOADS[name]
        step.addr = addr
        if addr % size:
            raise Trap(LOAD_ALIGN, addr)
        try:
            value = self.read(addr, size)
        except IndexError:
            raise Trap(LOAD_FAULT, addr) from None
        step.size = size
        if value is not None and extend:
            value = signed(value, 8 * size) & MASK
        return value

    def store(self, step, size, addr, value):
        step.addr = addr
        if addr % size:
            raise Trap(STORE_ALIGN, addr)
        try:
            self.write(addr, size, value)
        except IndexError:
            raise Trap(STORE_FAULT, addr) from None
        step.size, step.write, step.data = size, True, value & ((1 << 8 * size) - 1)

    def learn(self, step, value):
        """Take over a value that only the core could know."""
        step.value = value
        if step.rd:
            self.regs[step.rd] = value
        if step.csr == 'mcause':
            self.csrs['mcause'] = value


def load_elf(path):
    """The bytes of memory from BASE, and the symbols, of a 32-bit little-endian ELF file."""
    with open(path, 'rb') as file:
        data = file.read()
    if data[:6] != b'\x7fELF\x01\x01':
        raise ValueError(f'{path}: not a 32-bit little-endian ELF file')
    phoff, shoff = struct.unpack_from('<II', data, 28)
    phentsize, phnum, shentsize, shnum = struct.unpack_from('<HHHH', data, 42)
    image = bytearray(SIZE)
    for i in range(phnum):
        kind, offset, _, addr, filesz = struct.unpack_from('<5I', data, phoff + i * phentsize)
        if kind == 1 and filesz:
            start = addr - BASE
            if not 0 <= start <= SIZE - filesz:
                raise ValueError(f'{path}: a segment is outside the memory')
            image[start:start + filesz] = data[offset:offset + filesz]
    headers = [struct.unpack_from('<10I', data, shoff + i * shentsize) for i in range(shnum)]
    symbols = {}
    for header in headers:
        if header[1] != 2:
            continue
        strings = headers[header[6]][4]
        for at in range(header[4], header[4] + header[5], 16):
            name, value = struct.unpack_from('<II', data, at)
            end = data.index(b'\0', strings + name)
            symbols[data[strings + name:end].decode()] = value
    return bytes(image), symbols
