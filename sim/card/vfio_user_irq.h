/* SPDX-License-Identifier: MIT */
/*
 * MSI-X messages as eventfds of a client. What comes while a vector has no eventfd or is masked is
 * remembered, once, as a pending bit would be, and signalled when that ends.
 *
 * Eventfds are made non-blocking, as the client's end of them sees. Functions are for one thread;
 * the card's threads deliver beside it.
 */
#ifndef CARD_VFIO_USER_IRQ_H
#define CARD_VFIO_USER_IRQ_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/vfio.h>

#include "sim/card/card.h"

struct vfio_user_vector {
	pthread_mutex_t lock; /* of all that follows */
	int fd;		      /* eventfd, or -1 */
	bool masked;
	bool pending;
};

struct vfio_user_irqs {
	struct card *card;
	struct vfio_user_vector vector[CARD_NUM_VECTORS];
};

/* Attach to the card's vectors; the card's own table is not looked at from here on. */
void vfio_user_irqs_init(struct vfio_user_irqs *irqs, struct card *card);

/* Detach, and close all eventfds. */
void vfio_user_irqs_destroy(struct vfio_user_irqs *irqs);

/* Forget what is pending, as a reset of the function does. */
void vfio_user_irqs_reset(struct vfio_user_irqs *irqs);

/* Fill in flags and count of the interrupt info->index. Returns 0 or -EINVAL. */
int vfio_user_irqs_info(struct vfio_irq_info *info);

/*
 * Do what a SET_IRQS message says: its fixed part, size bytes of data, and descriptors, of which
 * those that are kept are replaced by -1. Returns 0 or -EINVAL; then nothing has changed.
 */
int vfio_user_irqs_set(struct vfio_user_irqs *irqs, const struct vfio_irq_set *set,
		       const uint8_t *data, size_t size, int *fds, unsigned int num_fds);

#endif
