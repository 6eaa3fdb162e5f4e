/* SPDX-License-Identifier: MIT */
/*
 * Registers and the TCM from the chip's own core, included by firmware/hal/hal.h. The core makes
 * its accesses in program order; the barriers have the compiler do the same: what is in the TCM
 * precedes the register write that hands it over, and follows the read that tells it is there.
 */
#ifndef HAL_RISCV_ACCESS_H
#define HAL_RISCV_ACCESS_H

#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"

static inline uint32_t hal_read(struct hal *hal, uint32_t addr)
{
	uint32_t value = *(volatile uint32_t *)addr;

	__asm__ volatile("" ::: "memory");
	return value;
}

static inline void hal_write(struct hal *hal, uint32_t addr, uint32_t value)
{
	__asm__ volatile("" ::: "memory");
	*(volatile uint32_t *)addr = value;
}

static inline void *hal_tcm(struct hal *hal)
{
	return (void *)SL200_MCU_TCM_BASE;
}

static inline int hal_wait(struct hal *hal)
{
	while (!hal_read(hal, SL200_SYS_IRQ))
		__asm__ volatile("wfi" ::: "memory");
	return 0;
}

/* Nothing stops this core but reset. */
static inline int hal_stopping(struct hal *hal)
{
	return 0;
}

#endif
