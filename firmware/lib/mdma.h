/* SPDX-License-Identifier: MIT */
/* One transfer of the MCU's DMA, waited for. */
#ifndef FW_LIB_MDMA_H
#define FW_LIB_MDMA_H

#include <stdint.h>

#include "abi/sl200_regs.h"
#include "firmware/hal/hal.h"

/* Values of MDMA.SPACE. */
#define MDMA_IOVA(asid) ((uint32_t)(asid))
#define MDMA_BUS MDMA_IOVA(0)
#define MDMA_DRAM (1u << 16)
#define MDMA_FLASH (2u << 16)

enum mdma_result {
	MDMA_OK = 0,
	MDMA_FAILED = 1,  /* refused or faulted */
	MDMA_STOPPED = 2, /* the core is to stop */
};

/*
 * Transfer len bytes (1..65536) between addr in space and the TCM, at tcm inside it. cmd is
 * SL200_MDMA_CMD_READ (into the TCM) or SL200_MDMA_CMD_WRITE.
 */
static inline enum mdma_result mdma_transfer(struct hal *hal, uint32_t cmd, uint32_t space,
					     uint64_t addr, void *tcm, uint32_t len)
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

#endif
