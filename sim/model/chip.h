/* SPDX-License-Identifier: MIT */
/*
 * The functional chip: everything behind the PCI function. sim/card/ puts configuration space and
 * the card_*() interface in front of it.
 */
#ifndef MODEL_CHIP_H
#define MODEL_CHIP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "abi/sl200_admin.h"
#include "sim/card/card.h"
#include "sim/model/card_mem.h"
#include "sim/model/doorbell.h"
#include "sim/model/engine.h"
#include "sim/model/fabric.h"
#include "sim/model/mcu.h"
#include "sim/model/msix.h"
#include "sim/model/telemetry.h"
#include "sim/model/timebase.h"

#define CHIP_BAR0_SIZE 0x10000u
#define CHIP_BAR4_SIZE 0x10000000u
/* 64-bit registers end below this offset: room for their latched high halves. */
#define CHIP_LATCH_END 0x5800u

enum chip_reset_level {
	CHIP_RESET_MCU,
	CHIP_RESET_CHIP,
	CHIP_RESET_FLR,
};

struct chip {
	struct timebase time;
	uint64_t serial;
	void (*console)(void *arg, const char *line);
	void *console_arg;

	struct card_mem dram;
	struct card_mem flash;
	uint8_t *tcm; /* HAL_TCM_SIZE bytes, 64-byte aligned */
	struct fabric fabric;
	struct doorbells doorbells;
	struct msix msix;
	struct mcu mcu;
	struct engine engine[SL200_MAX_ENGINES];
	unsigned int num_engines;
	struct telemetry telemetry;

	pthread_mutex_t reset_lock; /* one reset at a time */
	atomic_uint resets_mcu, resets_engine, resets_chip, resets_flr;

	/* Host registers. */
	atomic_uint scratch;
	atomic_uint aperture_lo, aperture_hi;
	atomic_uint boot_image_lo, boot_image_hi, boot_size, boot_source, boot_status, boot_detail;
	atomic_uint admin_sq_lo, admin_sq_hi, admin_cq_lo, admin_cq_hi, admin_depth;
	atomic_uint admin_ctrl, admin_status;
	atomic_uint heartbeat, fw_version, fw_abi, event_seq;
	atomic_uint inject_hang, inject_error;
	atomic_uint inject_corrupt_cqe;	       /* writes left */
	atomic_bool inject_all_ones;	       /* the BARs do not answer */
	atomic_uint latch[CHIP_LATCH_END / 4]; /* by offset of the HI register */
};

/* As card_create(): 0, -ENOMEM, -EAGAIN or -EINVAL. */
int chip_create(const struct card_config *config, struct chip **chip);
void chip_destroy(struct chip *chip);

/* Returns when all DMA of the old state has stopped. Thread-safe. */
void chip_reset(struct chip *chip, enum chip_reset_level level);

/* Registers, BAR0: offset a multiple of 4 below CHIP_BAR0_SIZE. Thread-safe. */
uint32_t chip_reg_read(struct chip *chip, uint32_t offset);
void chip_reg_write(struct chip *chip, uint32_t offset, uint32_t value);

/* A write to BAR2. Thread-safe. */
void chip_doorbell(struct chip *chip, uint64_t offset, unsigned int size, uint32_t value);

/*
 * BAR4: card DRAM through the aperture, size 4 or 8, naturally aligned. -EINVAL beyond DRAM.
 * Thread-safe.
 */
int chip_aperture_read(struct chip *chip, uint64_t offset, unsigned int size, uint64_t *value);
int chip_aperture_write(struct chip *chip, uint64_t offset, unsigned int size, uint64_t value);

#endif
