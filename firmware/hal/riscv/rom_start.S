/* SPDX-License-Identifier: MIT */
/* Reset vector: run the boot ROM once, then the image it has verified. */
	.section .text.start, "ax"
	.globl _start
_start:
	la	t0, trap
	csrw	mtvec, t0
	la	sp, stack_top
	addi	sp, sp, -16		/* struct rom_boot */
	li	a0, 0			/* no HAL state */
	mv	a1, sp
	call	rom_main
	bnez	a0, trap
	lw	t0, 4(sp)		/* entry */
	fence.i
	jr	t0

/* A failed boot waits for the host's next try, which resets the core. */
	.balign	4
trap:
	wfi
	j	trap
