// SPDX-License-Identifier: MIT
#include "firmware/lib/mdma.h"
#include "abi/sl200_regs.h"

enum mdma_result mdma_transfer(struct hal *hal, uint32_t cmd, uint32_t space, uint64_t addr,
			       void *tcm, uint32_t len)
{
	uint32_t status;

	hal_write(hal, SL200_MDMA_ADDR_LO, (uint32_t)addr);
	hal_write(hal, SL200_MDMA_ADDR_HI, (uint32_t)(addr >> 32));
	hal_write(hal, SL200_MDMA_SPACE, space);
	hal_write(hal, SL200_MDMA_TCM, (uint32_t)((uint8_t *)tcm - (uint8_t *)hal_tcm(hal)));
	hal_write(hal, SL200_MDMA_LEN, len);
	hal_write(hal, SL200_MDMA_CMD, cmd);
	while ((status = hal_read(hal, SL200_MDMA_STATUS)) & SL200_MDMA_STATUS_BUSY) {
		if (hal_stopping(hal))
			return MDMA_STOPPED;
	}
	return status & SL200_MDMA_STATUS_ERROR ? MDMA_FAILED : MDMA_OK;
}
