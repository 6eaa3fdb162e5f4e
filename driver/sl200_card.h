/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Bringing a card up and down: BARs, firmware, admin queue. */
#ifndef SL200_CARD_H
#define SL200_CARD_H

struct sl200_device;

/* Map the BARs and set the DMA mask; undone by devres. */
int sl200_card_map(struct sl200_device *sdev);

/*
 * Start the firmware on a card that is reset, read its capabilities, and bind the address spaces
 * that exist. Caller holds card_lock for writing. On success state is SL200_CARD_RUNNING and
 * generation has moved. -ENOENT: no firmware file; -EINVAL: it was refused; -ETIMEDOUT; -ENODEV.
 */
int sl200_card_start(struct sl200_device *sdev);

/*
 * Stop it: no DMA is under way afterwards, core's memory is freed. Caller holds card_lock for
 * writing. Queues are lost (sl200_queues_lost()) before or after, by the caller, who knows why.
 */
void sl200_card_stop(struct sl200_device *sdev, enum sl200_card_state state);

extern const struct core_port_ops sl200_port_ops;

#endif
