/* SPDX-License-Identifier: MIT */
/* Entry of the firmware image. */
	.section .text.start, "ax"
	.globl _start
_start:
	la	t0, trap
	csrw	mtvec, t0
	la	sp, stack_top
	li	t0, 1 << 11		/* external interrupts end a wfi; none is ever taken */
	csrw	mie, t0
	li	a0, 0			/* no HAL state */
	call	fw_main
	/* fw_main() returns for a stop only, and nothing stops this core but reset. */
	.balign	4
trap:
	la	sp, stack_top
	call	hal_trap
1:	wfi
	j	1b
