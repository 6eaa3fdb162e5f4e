/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Card memory: who has which part, and clearing it before somebody else gets it.
 *
 * Memory is cleared when it is allocated, not when it is freed: a client that ends is not held up,
 * what nobody asks for again is never cleared, and what a reset left behind is treated the same.
 * The price is that an allocation takes as long as a fill job over it; memory that nobody had since
 * power-on is spared that.
 */
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
	u64 touched; /* memory from here on was never used since power-on: it reads as zero */
	struct mutex clear_lock; /* clearer */
	struct sl200_dram_clearer *clearer; /* created when first needed */
};

/* size: bytes of card memory in all, the MCU's part included. The firmware runs. */
int sl200_dram_init(struct sl200_device *sdev, u64 size);
/* No object in card memory exists any more, but those that are leaked. */
void sl200_dram_fini(struct sl200_device *sdev);

/*
 * The card lost what is in its memory: a chip or function reset. All of it is cleared before it is
 * used again; what clients have in it is undefined. Any lock but dram.lock may be held.
 */
void sl200_dram_lost(struct sl200_device *sdev);

/* Zeroed memory; node->start is its address. -ENOSPC; and the errors of sl200_dram_clear(). */
int sl200_dram_alloc(struct sl200_device *sdev, u64 size, struct drm_mm_node *node);
void sl200_dram_free(struct sl200_device *sdev, struct drm_mm_node *node);

/*
 * Fill [addr, addr + size) with zeroes, and wait for it (sl200_dram_clear.c). -EINTR: a fatal
 * signal; -EIO: the card could not do it; -ENOMEM; the errors of sl200_card_enter(). After an error
 * nothing is filled any more.
 */
int sl200_dram_clear(struct sl200_device *sdev, u64 addr, u64 size);
/* End the driver's own queue, after drm_dev_unplug(); the card may be down. */
void sl200_dram_clear_fini(struct sl200_device *sdev);

#endif
