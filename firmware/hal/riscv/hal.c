// SPDX-License-Identifier: MIT
/* The HAL on the chip's own core: loads, stores (access.h) and wfi. */
#include "firmware/hal/hal.h"
#include "abi/sl200_regs.h"

void hal_trap(void);

int hal_wait(struct hal *hal)
{
	while (!hal_read(hal, SL200_SYS_IRQ))
		__asm__ volatile("wfi" ::: "memory");
	return 0;
}

/* An exception: there is no way to go on. */
void hal_trap(void)
{
	hal_write(0, SL200_SYS_PANIC, SL200_PANIC_TRAP);
}
