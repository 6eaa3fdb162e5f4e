/* SPDX-License-Identifier: MIT */
/* What a checkout of riscv-tests includes: its -p- programs on the core's bench. */
#ifndef SL200_RISCV_TEST_H
#define SL200_RISCV_TEST_H

/* Numbers of the privileged architecture. */
#define CAUSE_MISALIGNED_FETCH 0
#define CAUSE_FETCH_ACCESS 1
#define CAUSE_ILLEGAL_INSTRUCTION 2
#define CAUSE_BREAKPOINT 3
#define CAUSE_MISALIGNED_LOAD 4
#define CAUSE_LOAD_ACCESS 5
#define CAUSE_MISALIGNED_STORE 6
#define CAUSE_STORE_ACCESS 7
#define CAUSE_USER_ECALL 8
#define CAUSE_SUPERVISOR_ECALL 9
#define CAUSE_MACHINE_ECALL 11
#define PRV_U 0
#define PRV_S 1
#define PRV_M 3
#define MSTATUS_MIE 0x8
#define MSTATUS_MPIE 0x80
#define MSTATUS_MPP 0x1800
#define MSTATUS_FS 0x6000
#define MSTATUS_XS 0x18000
#define MSTATUS_TVM 0x100000
#define MSTATUS_TSR 0x400000
#define SSTATUS_SPIE 0x20
#define SSTATUS_SPP 0x100
#define SSTATUS_SUM 0x40000
#define SSTATUS_MXR 0x80000
#define MIP_SSIP 0x2
#define MCONTROL_M 0x40
#define MCONTROL_EXECUTE 0x4
#define MCONTROL_STORE 0x2
#define MCONTROL_LOAD 0x1

#define TESTNUM gp

#define RVTEST_RV32U
#define RVTEST_RV32M
#define RVTEST_RV64U
#define RVTEST_RV64M
#define RVTEST_RV64S

/* A trap goes to the test's handler when it has one, and is its end otherwise. */
#define RVTEST_CODE_BEGIN						\
	.section .text.init, "ax";					\
	.globl _start;							\
	.weak mtvec_handler;						\
_start:									\
	la	t0, 1f;							\
	csrw	mtvec, t0;						\
	li	TESTNUM, 0;						\
	la	t0, mtvec_handler;					\
	beqz	t0, 2f;							\
	csrw	mtvec, t0;						\
	j	2f;							\
	.balign	4;							\
1:									\
	li	t0, CAUSE_MACHINE_ECALL;				\
	csrr	t1, mcause;						\
	beq	t0, t1, 3f;						\
	li	TESTNUM, 1337;						\
3:									\
	slli	t0, TESTNUM, 1;						\
	ori	t0, t0, 1;						\
	la	t1, tohost;						\
	sw	t0, 0(t1);						\
	sw	zero, 4(t1);						\
4:									\
	j	4b;							\
2:

#define RVTEST_CODE_END							\
	unimp

#define RVTEST_PASS							\
	la	t1, tohost;						\
	li	t0, 1;							\
	sw	t0, 0(t1);						\
	sw	zero, 4(t1);						\
1:									\
	j	1b

#define RVTEST_FAIL							\
	la	t1, tohost;						\
	slli	t0, TESTNUM, 1;						\
	ori	t0, t0, 1;						\
	sw	t0, 0(t1);						\
	sw	zero, 4(t1);						\
1:									\
	j	1b

#define RVTEST_DATA_BEGIN						\
	.pushsection .tohost, "aw", @progbits;				\
	.balign	8;							\
	.globl	tohost, fromhost;					\
	.type	tohost, @object;					\
	.size	tohost, 8;						\
tohost:									\
	.dword	0;							\
	.type	fromhost, @object;					\
	.size	fromhost, 8;						\
fromhost:								\
	.dword	0;							\
	.popsection

#define RVTEST_DATA_END

#endif
