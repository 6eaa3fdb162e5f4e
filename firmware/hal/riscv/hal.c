// SPDX-License-Identifier: MIT
/* The HAL on the chip's own core: loads, stores and wfi. */
#include "firmware/hal/hal.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"

void hal_trap(void);

uint32_t hal_read(struct hal *hal, uint32_t addr)
{
	return *(volatile uint32_t *)addr;
}

void hal_write(struct hal *hal, uint32_t addr, uint32_t value)
{
	/* The TCM's contents precede the register write that hands them over. */
	__asm__ volatile("fence" ::: "memory");
	*(volatile uint32_t *)addr = value;
}

void *hal_tcm(struct hal *hal)
{
	return (void *)SL200_MCU_TCM_BASE;
}

int hal_wait(struct hal *hal)
{
	while (!hal_read(hal, SL200_SYS_IRQ))
		__asm__ volatile("wfi" ::: "memory");
	return 0;
}

int hal_stopping(struct hal *hal)
{
	return 0;
}

/* An exception: there is no way to go on. */
void hal_trap(void)
{
	hal_write(0, SL200_SYS_PANIC, SL200_PANIC_TRAP);
}
