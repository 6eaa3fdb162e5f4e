/* SPDX-License-Identifier: MIT */
/*
 * Uses all that the MCU has, from the ROM, and says on the console how it went. Registers of the
 * bench, from BENCH on, are described in tb_mcu.sv. mcu_test.inc: addresses of the ABI's headers.
 *
 * s0 failures since the last report; s1 mcause, s2 mepc, s3 mtval of the last trap, s5 traps;
 * s4 where an exception goes on; s10 BENCH; s11 CONSOLE.TX.
 */
	.include "mcu_test.inc"

	.equ BENCH, SYS_BASE + 0xf000
	.equ END, 0x00
	.equ TIMER_AFTER, 0x04
	.equ EXTERNAL_AFTER, 0x08
	.equ IRQ_CLEAR, 0x0c
	.equ PASS, 0x14
	.equ IN_ROM, 0x18
	.equ SEQUENCE, 0x24
	.equ COUNT, 0x28

	/* What the core has of the TCM for itself: OWN bytes of either bank, and the stack. */
	.equ OWN, 0x1000
	.equ CODE, MCU_TCM_BASE
	.equ REST, MCU_TCM_BASE + MCU_CODE_SIZE
	.equ MAGIC, REST + OWN - 8

	.macro expect reg, value
	li	t6, \value
	beq	\reg, t6, 9f
	addi	s0, s0, 1
9:
	.endm

	.macro report text
	la	a0, 8f
	call	tell
	j	9f
8:	.asciz	"\text"
	.balign	4
9:
	.endm

	/* \insn faults with \cause and \value; what follows it is not executed. */
	.macro faults cause, value, insn:vararg
	la	s4, 9f
	li	s1, 0
	la	t5, 8f
8:	\insn
	addi	s0, s0, 1
	.balign	4
9:	beq	t5, s2, 9f
	addi	s0, s0, 1
9:	expect	s1, \cause
	expect	s3, \value
	.endm

	.section .text
	.globl	_start
_start:
	la	t0, trap
	csrw	mtvec, t0
	la	sp, MCU_TCM_BASE + MCU_TCM_SIZE
	li	s0, 0
	li	s5, 0
	li	s10, BENCH
	li	s11, CONSOLE_TX
	li	t0, 1
	sw	t0, IN_ROM(s10)

	/* ---------------------------------------------------------------- after a reset */
	lw	s9, PASS(s10)
	li	t0, MAGIC
	li	t1, 0x7e57ab1e
	beqz	s9, 1f
	lw	t2, 0(t0)
	sub	t2, t2, s9
	expect	t2, 0x7e57ab1e
1:	add	t1, t1, s9
	addi	t1, t1, 1		/* what the next pass looks for */
	sw	t1, 0(t0)
	report	"the TCM keeps its contents over a reset"

	/* ---------------------------------------------------------------- ROM */
	la	a1, constants
	lw	a0, 0(a1)
	expect	a0, 0x83828180
	lw	a0, 4(a1)
	expect	a0, 0x07868504
	lh	a0, 2(a1)
	expect	a0, 0xffff8382
	lhu	a0, 4(a1)
	expect	a0, 0x8504
	lh	a0, 6(a1)
	expect	a0, 0x0786
	lb	a0, 5(a1)
	expect	a0, 0xffffff85
	lbu	a0, 6(a1)
	expect	a0, 0x86
	lb	a0, 7(a1)
	expect	a0, 0x07
	report	"loads from the ROM"

	/* ---------------------------------------------------------------- TCM */
	li	a0, CODE
	call	sizes
	li	a0, REST
	call	sizes
	report	"loads and stores of all sizes in both banks"

	li	a0, CODE
	li	a1, OWN - 8
	call	march
	li	a0, REST
	li	a1, OWN - 8
	call	march
	report	"patterns in both banks"

	/* ---------------------------------------------------------------- code in the TCM */
	li	a0, CODE
	li	a1, CODE + 0x800
	call	run_from
	li	a0, REST + 2		/* an instruction across two words */
	li	a1, REST + 0x800
	call	run_from
	li	a0, CODE
	li	a1, REST
	call	run_from
	li	a0, REST
	li	a1, CODE
	call	run_from
	report	"code in either bank, data in either"

	li	a0, CODE + OWN - 16
	li	a1, REST
	call	modify
	li	a0, REST + 0x400
	li	a1, CODE
	call	modify
	report	"code that was just written"

	/* ---------------------------------------------------------------- registers */
	li	t0, 1
	li	t1, 200
1:	sw	t0, SEQUENCE(s10)	/* the bench watches that each comes once */
	addi	t0, t0, 1
	bleu	t0, t1, 1b
	lw	t0, COUNT(s10)
	li	t1, 200
1:	lw	t2, COUNT(s10)		/* counts reads */
	addi	t0, t0, 1
	beq	t0, t2, 2f
	addi	s0, s0, 1
2:	addi	t1, t1, -1
	bnez	t1, 1b
	report	"register accesses happen once"

	li	t0, SYS_BASE
	li	t1, 0x12345678
	li	t2, 16
1:	sw	t1, 0(t0)
	sw	t1, 0x700(t0)
	not	t3, t1
	sw	t3, 0x704(t0)
	lw	t4, 0x700(t0)
	xor	t4, t4, t1
	snez	t4, t4
	add	s0, s0, t4
	addi	t0, t0, 0x10
	slli	t1, t1, 1
	addi	t1, t1, 7
	addi	t2, t2, -1
	bnez	t2, 1b
	li	t0, SYS_BASE
	lhu	a0, 2(t0)
	expect	a0, 0x1234
	lb	a0, 0(t0)
	expect	a0, 0x78
	report	"registers hold what was written"

	/* ---------------------------------------------------------------- access faults */
	li	a1, MCU_ROM_SIZE
	faults	5, MCU_ROM_SIZE, lw a0, 0(a1)
	li	a1, MCU_TCM_BASE - 4
	faults	5, MCU_TCM_BASE - 4, lw a0, 0(a1)
	li	a1, MCU_TCM_BASE + MCU_TCM_SIZE
	faults	5, MCU_TCM_BASE + MCU_TCM_SIZE + 3, lbu a0, 3(a1)
	faults	7, MCU_TCM_BASE + MCU_TCM_SIZE + 2, sh a0, 2(a1)
	li	a1, SYS_BASE - 4
	faults	5, SYS_BASE - 4, lw a0, 0(a1)
	li	a1, SYS_BASE + 0x10000
	faults	5, SYS_BASE + 0x10000, lw a0, 0(a1)
	faults	7, SYS_BASE + 0x10004, sw a0, 4(a1)
	li	a1, 0xfffffff0
	faults	5, 0xfffffff0, lw a0, 0(a1)
	report	"loads and stores of nothing fault"

	la	a1, constants
	la	a2, constants
	la	s4, 1f
	sw	zero, 0(a1)
	addi	s0, s0, 1
	.balign	4
1:	expect	s1, 7
	sub	a3, s3, a2
	expect	a3, 0
	lw	a0, 0(a1)
	expect	a0, 0x83828180
	li	a1, SYS_BASE + 0x10
	li	a0, 0x600df00d
	sw	a0, 0(a1)
	li	a0, 0
	faults	7, SYS_BASE + 0x10, sb a0, 0(a1)
	faults	7, SYS_BASE + 0x12, sh a0, 2(a1)
	lw	a0, 0(a1)
	expect	a0, 0x600df00d
	report	"the ROM and parts of registers are not written"

	li	a1, SYS_BASE
	call	jump_to
	li	a1, MCU_ROM_SIZE
	call	jump_to
	li	a1, MCU_TCM_BASE + MCU_TCM_SIZE
	call	jump_to
	li	a1, 0x80000000
	call	jump_to
	report	"jumps to nothing fault"

	/* A line between two regions: the last word is good, the one behind it is not. */
	li	a1, MCU_TCM_BASE + MCU_TCM_SIZE - 4
	li	a0, 0x00000013		/* nop */
	lw	a2, 0(a1)
	sw	a0, 0(a1)
	fence.i
	la	s4, 1f
	jr	a1
	.balign	4
1:	sw	a2, 0(a1)
	expect	s1, 1
	expect	s2, MCU_TCM_BASE + MCU_TCM_SIZE
	report	"code that runs out of the TCM faults"

	/* ---------------------------------------------------------------- interrupts */
	li	t0, 1 << 7
	li	t1, 0x80000007
	li	t2, TIMER_AFTER
	call	interrupts
	report	"timer interrupts"
	li	t0, 1 << 11
	li	t1, 0x8000000b
	li	t2, EXTERNAL_AFTER
	call	interrupts
	report	"external interrupts"

	expect	s5, 24			/* 16 exceptions and 8 interrupts */
	report	"no trap but these"

	sw	zero, END(s10)
	/* Goes on until it is halted. */
	li	t0, CODE
	li	t1, 0
1:	addi	t1, t1, 1
	sw	t1, 0(t0)
	sw	t1, 0x700(s10)
	sw	t1, 0x7f0(t0)
	lw	t2, 0(t0)
	j	1b

	.balign	8
constants:
	.byte	0x80, 0x81, 0x82, 0x83, 0x04, 0x85, 0x86, 0x07

	/* ---------------------------------------------------------------- parts */
	/* Says whether all was well since the last time. a0: of what. */
tell:
	mv	t3, ra
	mv	t2, a0
	la	a0, text_ok
	beqz	s0, 1f
	la	a0, text_not_ok
1:	call	say
	mv	a0, t2
	call	say
	li	t0, '\n'
	sw	t0, 0(s11)
	li	s0, 0
	jr	t3
say:
	lbu	t0, 0(a0)
	beqz	t0, 1f
	sw	t0, 0(s11)
	addi	a0, a0, 1
	j	say
1:	ret
text_ok:
	.asciz	"ok - "
text_not_ok:
	.asciz	"not ok - "

	/* Loads and stores of all sizes at all places of a 64-bit word. a0: where. */
	.balign	4
sizes:
	li	t0, 0x33221100
	li	t1, 0x77665544
	sw	t0, 0(a0)
	sw	t1, 4(a0)
	li	t2, 0
1:	add	t3, a0, t2		/* each byte, to 0x80 + its place */
	lbu	t4, 0(t3)
	li	t5, 0x11
	mul	t5, t5, t2
	beq	t4, t5, 2f
	addi	s0, s0, 1
2:	addi	t4, t2, 0x80
	sb	t4, 0(t3)
	lb	t5, 0(t3)
	addi	t4, t4, -256		/* sign extended */
	beq	t4, t5, 2f
	addi	s0, s0, 1
2:	addi	t2, t2, 1
	li	t4, 8
	bne	t2, t4, 1b
	lw	t0, 0(a0)
	expect	t0, 0x83828180
	lw	t0, 4(a0)
	expect	t0, 0x87868584
	lh	t0, 0(a0)
	expect	t0, 0xffff8180
	lhu	t0, 2(a0)
	expect	t0, 0x8382
	lh	t0, 4(a0)
	expect	t0, 0xffff8584
	lhu	t0, 6(a0)
	expect	t0, 0x8786
	li	t0, 0x1234
	sh	t0, 2(a0)
	sh	t0, 4(a0)
	lw	t1, 0(a0)
	expect	t1, 0x12348180
	lw	t1, 4(a0)
	expect	t1, 0x87861234
	li	t0, 0x5678
	sh	t0, 0(a0)
	sh	t0, 6(a0)
	lw	t1, 4(a0)
	expect	t1, 0x56781234
	lw	t1, 0(a0)
	expect	t1, 0x12345678
	ret

	/* Writes words of a sequence upwards, then reads them. a0: where, a1: bytes. */
march:
	add	a1, a0, a1
	li	t0, 1664525
	mv	t1, a1
	mv	t2, a0
1:	sw	t1, 0(t2)
	mul	t1, t1, t0
	addi	t1, t1, 1223
	addi	t2, t2, 4
	bne	t2, a1, 1b
	mv	t1, a1
	mv	t2, a0
1:	lw	t3, 0(t2)
	beq	t1, t3, 2f
	addi	s0, s0, 1
2:	mul	t1, t1, t0
	addi	t1, t1, 1223
	addi	t2, t2, 4
	bne	t2, a1, 1b
	ret

	/* Copies `sum` to a0 and has it work on data at a1. */
run_from:
	addi	sp, sp, -16
	sw	ra, 0(sp)
	mv	t0, a0
	la	t1, sum
	la	t2, sum_end
1:	lhu	t3, 0(t1)
	sh	t3, 0(t0)
	addi	t0, t0, 2
	addi	t1, t1, 2
	bltu	t1, t2, 1b
	fence.i
	addi	a1, a1, 0x200		/* not over its own code */
	jalr	a0
	expect	a0, 64 * 65 / 2
	lw	ra, 0(sp)
	addi	sp, sp, 16
	ret

	/* Not at an address of its own: writes 1 to 64 to a1, returns what their sum is in memory. */
	.balign	4
sum:
	sw	zero, IN_ROM(s10)
	li	t0, 64
	mv	t1, a1
1:	sw	t0, 0(t1)
	addi	t1, t1, 4
	addi	t0, t0, -1
	bnez	t0, 1b
	li	a0, 0
	li	t0, 64
1:	addi	t1, t1, -4
	lw	t2, 0(t1)
	add	a0, a0, t2
	addi	t0, t0, -1
	bnez	t0, 1b
	ret
	.balign	4
sum_end:

	/* Writes a function at a0 that returns a constant, calls it, eight times; a1 is not touched. */
modify:
	addi	sp, sp, -16
	sw	ra, 0(sp)
	mv	t3, a0
	li	t4, 8
1:	li	t0, 0x00000513		/* li a0, 0 */
	slli	t1, t4, 20
	or	t0, t0, t1
	sw	t0, 0(t3)
	li	t0, 0x00008067		/* ret */
	sw	t0, 4(t3)
	fence.i
	jalr	t3
	beq	a0, t4, 2f
	addi	s0, s0, 1
2:	addi	t4, t4, -1
	bnez	t4, 1b
	lw	ra, 0(sp)
	addi	sp, sp, 16
	ret

	/* Jumps to a1, where nothing is. */
jump_to:
	la	s4, 1f
	li	s1, 0
	jr	a1
	.balign	4
1:	expect	s1, 1
	beq	s2, a1, 1f
	addi	s0, s0, 1
1:	beq	s3, a1, 1f
	addi	s0, s0, 1
1:	ret

	/* Interrupt with the mie bit t0 and the cause t1, raised by the bench's register at t2. */
interrupts:
	add	t2, t2, s10
	csrw	mie, t0
	/* Taken in the midst of work. */
	mv	t4, s5
	li	s1, 0
	csrsi	mstatus, 8
	li	t3, 25
	sw	t3, 0(t2)
	li	t3, 2000
1:	addi	t3, t3, -1
	bnez	s1, 2f
	bnez	t3, 1b
2:	bne	s1, t1, 3f
	/* Taken out of sleep, three times. */
	li	a0, 3
1:	li	s1, 0
	li	t3, 300
	sw	t3, 0(t2)
2:	wfi
	beqz	s1, 2b
	bne	s1, t1, 3f
	addi	a0, a0, -1
	bnez	a0, 1b
	/* Sleep ends, but nothing is taken, while they are masked. */
	csrci	mstatus, 8
	li	s1, 0
	li	t3, 200
	sw	t3, 0(t2)
	wfi
	csrr	t3, mip
	bne	t3, t0, 3f
	bnez	s1, 3f
	sw	zero, IRQ_CLEAR(s10)
	/* Nothing is taken that is not enabled. */
	csrw	mie, zero
	csrsi	mstatus, 8
	li	t3, 1
	sw	t3, 0(t2)
	li	t3, 100
1:	addi	t3, t3, -1
	bnez	t3, 1b
	sw	zero, IRQ_CLEAR(s10)
	csrci	mstatus, 8
	addi	t4, t4, 4
	beq	t4, s5, 4f
3:	addi	s0, s0, 1
4:	ret

	.balign	4
trap:
	csrr	s1, mcause
	csrr	s2, mepc
	csrr	s3, mtval
	addi	s5, s5, 1
	bltz	s1, 1f
	csrw	mepc, s4
	mret
1:	sw	zero, IRQ_CLEAR(s10)
	mret
