// SPDX-License-Identifier: MIT
/* What the start code of the chip's own core calls; the rest of the HAL is in access.h. */
#include "firmware/hal/hal.h"
#include "abi/sl200_regs.h"

void hal_trap(void);

/* An exception: there is no way to go on. */
void hal_trap(void)
{
	hal_write(0, SL200_SYS_PANIC, SL200_PANIC_TRAP);
}
