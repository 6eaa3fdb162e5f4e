/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Card memory: who has which part, and clearing it before somebody else gets it. */
#ifndef SL200_DRAM_H
#define SL200_DRAM_H

#include <linux/mutex.h>

#include <drm/drm_mm.h>

struct sl200_device;
struct sl200_dram_clearer; /* a queue of the driver's own that fills memory (sl200_dram_clear.c) */

struct sl200_dram {
	struct mutex lock; /* mm, used, touched */
	struct drm_mm mm;
	u64 total; /* bytes clients may have, fixed at init */
	u64 used;
	u64 touched; /* memory from this address on was never used since power-on: it reads as zero */
	struct mutex clear_lock; /* clearer */
	struct sl200_dram_clearer *clearer; /* created when first needed */
};

/* size: bytes of card memory in all, the MCU's part included. */
int sl200_dram_init(struct sl200_device *sdev, u64 size);
void sl200_dram_fini(struct sl200_device *sdev);

/* Zeroed memory; node->start is its address. -ENOSPC; and the errors of sl200_card_enter(). */
int sl200_dram_alloc(struct sl200_device *sdev, u64 size, struct drm_mm_node *node);
void sl200_dram_free(struct sl200_device *sdev, struct drm_mm_node *node);

/* Fill [addr, addr + size) with zeroes, and wait for it (sl200_dram_clear.c). */
int sl200_dram_clear(struct sl200_device *sdev, u64 addr, u64 size);
/* End the driver's own queue; the card may be down. */
void sl200_dram_clear_fini(struct sl200_device *sdev);

#endif
