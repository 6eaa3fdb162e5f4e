/* SPDX-License-Identifier: MIT */
/*
 * Stand-ins for the programs that run on the chip and for its encode engine, so that the chip can
 * be tested from the MCU's side: the "firmware" runs functions that a test gives it.
 */
#ifndef TEST_CHIP_DOUBLES_H
#define TEST_CHIP_DOUBLES_H

#include <stdatomic.h>
#include <stdint.h>

#include "firmware/hal/hal.h"
#include "sim/card/card.h"

/* What rom_main() is to do on the next boot. */
enum double_rom {
	DOUBLE_ROM_OK,
	DOUBLE_ROM_REFUSE,	  /* ends with SL200_BOOT_ERR_MAGIC */
	DOUBLE_ROM_OTHER_VERSION, /* succeeds, with an image of another version */
};
extern atomic_int double_rom;

/* Boot: write BOOT.CTRL and wait until the double's main loop runs. */
void double_boot(struct card *card);

/* Run fn in the MCU's thread and wait for it. One at a time in the process. */
void double_call(struct card *card, void (*fn)(struct hal *hal, void *arg), void *arg);

/* A card with memory space and bus mastering enabled. */
struct card *double_card(const struct card_config *config);

uint32_t double_read(struct card *card, uint32_t offset);
uint64_t double_read64(struct card *card, uint32_t offset);
void double_write(struct card *card, uint32_t offset, uint32_t value);

/* Run a dma job by hand, from the MCU's side; returns the status in *result. */
struct double_dma {
	const void *sqe;
	uint32_t asid;
	unsigned int engine;
	void *result; /* struct sl200_job_result */
	uint32_t fault_info;
	uint64_t fault_iova;
};
void double_run_dma(struct hal *hal, void *double_dma);

/* The encode engine's double: when set, the job ends with this status; until then it waits. */
extern atomic_int double_venc_status;
#define DOUBLE_VENC_WAIT (-1)

#endif
