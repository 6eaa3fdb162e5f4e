#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compares what the core did, instruction by instruction, with what it should have done.

lockstep.py [--qemu] PROGRAM.elf=TRACE...
lockstep.py --qemu PROGRAM.elf...

The core's retirement trace (tests/rtl/tb_rv_core.sv) is held against rv32.py. With --qemu rv32.py
is held against qemu-system-riscv32 as well, by its registers before each instruction; programs may
then not do what qemu does in another manner: misaligned accesses, interrupts, counters. Prints the
first difference of each program, and how many instructions were compared in all.
"""

import argparse
import re
import subprocess
import sys

import rv32

QEMU = ['qemu-system-riscv32', '-M', 'spike', '-nographic', '-monitor', 'none', '-serial', 'none',
        '-bios', 'none', '-singlestep', '-d', 'exec,cpu,nochain', '-D', '/dev/stdout', '-cpu',
        'rv32,' + ','.join(f'{name}=off' for name in (
            'a', 'f', 'd', 's', 'u', 'h', 'mmu', 'pmp', 'zba', 'zbb', 'zbc', 'zbs', 'Zfh'))]
REGISTER = re.compile(r'x\d+/\w+ +([0-9a-f]{8})')
STEPS_MAX = 1000000


class Difference(Exception):
    pass


def describe(step):
    text = f'pc {step.pc:08x} insn {step.insn:x}'
    return text + (' trap' if step.trap else '')


def parse_trace(path):
    with open(path, encoding='ascii') as file:
        for line in file:
            fields = line.split()
            yield [int(field, 16) for field in fields[:7]] + [fields[7:] == ['trap']]


def compare_entry(machine, step, entry):
    """One retirement against the model's step."""
    pc, insn, rd, value, addr, mask, data, trap = entry
    if step.trap and machine.csrs['mcause'] == rv32.FETCH_FAULT:
        insn = step.insn
    if (step.pc, step.insn, step.trap) != (pc, insn, trap):
        raise Difference(f'expected {describe(step)}, the core: pc {pc:08x} insn {insn:x}'
                         + (' trap' if trap else ''))
    if step.rd != rd:
        raise Difference(f'expected a write of x{step.rd}, the core: x{rd}')
    if step.rd and step.value is None:
        machine.learn(step, value)
    if step.rd and step.value != value:
        raise Difference(f'expected x{rd} = {step.value:08x}, the core: {value:08x}')
    if step.size and step.addr != addr:
        raise Difference(f'expected the address {step.addr:08x}, the core: {addr:08x}')
    lane = step.addr & 3
    expected_mask = ((1 << step.size) - 1) << lane if step.write else 0
    if not step.trap and expected_mask != mask:
        raise Difference(f'expected byte enables {expected_mask:x}, the core: {mask:x}')
    if step.write and step.data << 8 * lane != data:
        raise Difference(f'expected the store of {step.data << 8 * lane:08x}, the core: {data:08x}')


def run_model(image, tohost, trace):
    """The model's steps, each compared with the trace's entry when there is a trace."""
    machine = rv32.Machine(image)
    entries = parse_trace(trace) if trace else None
    for count in range(STEPS_MAX):
        entry = None
        if entries:
            entry = next(entries, None)
            if entry is None:
                step = machine.step()
                # Halted by its own store, the core did not retire it.
                if step.write and step.addr == rv32.HALT:
                    return
                raise Difference(f'the core stopped after {count} instructions, at '
                                 f'pc {step.pc:08x}')
            if entry[0] != machine.pc:
                try:
                    machine.interrupt(entry[0])
                except ValueError as error:
                    raise Difference(f'instruction {count}: expected pc {machine.pc:08x}, '
                                     f'the core: {entry[0]:08x} ({error})') from None
        step = machine.step()
        if entry:
            try:
                compare_entry(machine, step, entry)
            except Difference as difference:
                raise Difference(f'instruction {count}, {describe(step)}: {difference}') from None
        yield machine, step
        if step.write and step.addr == tohost:
            return
    raise Difference('the program does not end')


def qemu_states(elf):
    """(pc, registers) before each instruction, from the reset vector on."""
    with subprocess.Popen(QEMU + ['-kernel', elf], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, encoding='ascii') as process:
        pc, regs = None, []
        try:
            for line in process.stdout:
                if line.startswith('Trace'):
                    pc, regs = None, []
                elif line.startswith(' pc '):
                    pc = int(line.split()[1], 16)
                elif line.startswith(' x'):
                    regs += [int(value, 16) for value in REGISTER.findall(line)]
                    if len(regs) == 32:
                        yield pc, regs
        finally:
            process.kill()


def compare_qemu(elf, steps, tohost):
    """Each step of the model with the registers qemu has after it; registers count once written."""
    states = qemu_states(elf)
    state = next((state for state in states if state[0] == rv32.BASE), None)
    known, count = {0}, 0
    for machine, step in steps:
        fault = step.trap and machine.csrs['mcause'] == rv32.FETCH_FAULT
        if not fault:
            if state is None or state[0] != step.pc:
                where = 'nothing' if state is None else f'pc {state[0]:08x}'
                raise Difference(f'instruction {count}: {describe(step)}, qemu: {where}')
            state = next(states, None)
        count += 1
        if step.rd:
            known.add(step.rd)
        if step.write and step.addr == tohost:
            break
        if state is None:
            raise Difference(f'qemu stopped after {count} instructions')
        # qemu has fields of mstatus for other modes.
        skip = step.rd if step.csr == 'mstatus' else 0
        for reg in known:
            if state[1][reg] != machine.regs[reg] and reg != skip:
                raise Difference(f'instruction {count - 1}, {describe(step)}: '
                                 f'x{reg} = {machine.regs[reg]:08x}, qemu: {state[1][reg]:08x}')
    states.close()
    return count


def check(job, qemu):
    """One program; how many instructions were compared."""
    elf, _, trace = job.partition('=')
    image, symbols = rv32.load_elf(elf)
    steps = run_model(image, symbols['tohost'], trace)
    if qemu:
        return compare_qemu(elf, steps, symbols['tohost'])
    return sum(1 for _ in steps)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--qemu', action='store_true')
    parser.add_argument('jobs', nargs='+', metavar='PROGRAM.elf=TRACE')
    arguments = parser.parse_args()
    total = failed = 0
    for job in arguments.jobs:
        try:
            total += check(job, arguments.qemu)
        except Difference as difference:
            print(f'not ok - {job}: {difference}')
            failed += 1
    print(f'# {total} instructions of {len(arguments.jobs)} runs compared')
    return int(failed != 0)


if __name__ == '__main__':
    sys.exit(main())
