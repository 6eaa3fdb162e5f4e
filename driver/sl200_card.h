/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Bringing a card up and down: BARs, firmware, admin queue. */
#ifndef SL200_CARD_H
#define SL200_CARD_H

#include "driver/sl200_device.h"

/* Map the BARs, set the DMA mask and check that it is an SL200; undone by devres. */
int sl200_card_map(struct sl200_device *sdev);

/* card_lock for writing. Unlocking wakes those who wait in sl200_card_enter(). */
void sl200_card_lock(struct sl200_device *sdev);
void sl200_card_unlock(struct sl200_device *sdev);

/* Change the state; card_lock is held for writing. */
void sl200_card_set_state(struct sl200_device *sdev, enum sl200_card_state state);
/* A word for it, for administrators. */
const char *sl200_card_state_text(enum sl200_card_state state);

/*
 * Start the firmware on a card that is reset, read its capabilities, and bind the address spaces
 * that exist. Caller holds card_lock for writing. On success state is SL200_CARD_RUNNING and
 * generation has moved. -ENOENT: no firmware file; -EINVAL: it was refused; -ETIMEDOUT; -ENODEV.
 * On failure the card is reset or gone, and nothing of core's is left.
 */
int sl200_card_start(struct sl200_device *sdev);

/*
 * Stop it: no DMA is under way afterwards (if even that fails, reset.dma_unsafe is set), core's
 * memory is freed. Caller holds card_lock for writing. Queues are lost (sl200_queues_lost())
 * before or after, by the caller, who knows why.
 */
void sl200_card_stop(struct sl200_device *sdev, enum sl200_card_state state);

/*
 * End the card's DMA without its help: bus mastering off. Returns whether it is sure that nothing
 * is under way any more. Any lock, may sleep for milliseconds.
 */
bool sl200_card_dma_off(struct sl200_device *sdev);

/* Contents of card memory are undefined: none of it is given out before it is cleared. */
void sl200_card_memory_lost(struct sl200_device *sdev);

extern const struct core_port_ops sl200_port_ops;

#endif
