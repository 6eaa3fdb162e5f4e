/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* MSI-X vectors: vector 0 is the admin queue's and the event log's, the others are queues'. */
#ifndef SL200_IRQ_H
#define SL200_IRQ_H

struct sl200_device;

/* Allocate and request up to SL200_NUM_VECTORS. */
int sl200_irq_init(struct sl200_device *sdev);
/* Free them; handlers have returned and event_work is not running afterwards. */
void sl200_irq_fini(struct sl200_device *sdev);

#endif
