/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Watching over the card, the reset ladder, and what follows a reset. */
#ifndef SL200_RESET_H
#define SL200_RESET_H

#include <linux/types.h>

#include "driver/sl200_device.h"

void sl200_reset_init(struct sl200_device *sdev);
/* Stop watching; no work of it is running afterwards. */
void sl200_reset_fini(struct sl200_device *sdev);
/* (Re)start watching a card that runs, and stop, around suspend, which also drops requests. */
void sl200_reset_watch(struct sl200_device *sdev, bool on);

/*
 * Ask for a reset soon of the firmware that runs now. reason: a static text; the first one counts.
 * Any context.
 */
void sl200_reset_request(struct sl200_device *sdev, const char *reason);

/*
 * Reset now, unless the card has been started anew since generation was read. guilty_qid: the
 * queue because of which, or 0. Takes card_lock for writing: the caller holds none of its locks.
 * On return DMA of that generation has ended (see dma_unsafe).
 */
void sl200_reset_now(struct sl200_device *sdev, u32 generation, unsigned int guilty_qid,
		     const char *reason);

/* The rungs of the ladder, from the one that loses least. */
enum sl200_reset_rung {
	SL200_RESET_MCU,
	SL200_RESET_CHIP,
	SL200_RESET_FUNCTION,
	SL200_RESET_RUNGS,
};

/*
 * Reset because the administrator says so, from a rung of the ladder on; brings a wedged card
 * back, too, where it works. 0, or -EIO: the card is wedged now.
 */
int sl200_reset_manual(struct sl200_device *sdev, enum sl200_reset_rung rung);

/*
 * Reset and start a card that is stopped, from the second rung on. Caller holds card_lock for
 * writing. 0, or -EIO: it is wedged or gone now.
 */
int sl200_reset_start(struct sl200_device *sdev);

/* The rungs, for sl200_card.c too. 0 or a negative errno value; after 0 no DMA is under way. */
int sl200_reset_mcu(struct sl200_device *sdev);
int sl200_reset_chip(struct sl200_device *sdev);
int sl200_reset_function(struct sl200_device *sdev);

/* event_work: handle what is new in the event log (sl200_event.c). */
void sl200_event_work(struct work_struct *work);

/*
 * A device core dump with registers, event log and queues (sl200_coredump.c). Queues are asked
 * about while state is SL200_CARD_RUNNING. qid: the queue it is about, or 0. card_lock held.
 */
void sl200_coredump(struct sl200_device *sdev, const char *reason, unsigned int qid);

#endif
