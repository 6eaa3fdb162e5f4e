/* SPDX-License-Identifier: MIT */
/*
 * One client of a card over the vfio-user protocol, from its first message until it leaves.
 */
#ifndef CARD_VFIO_USER_CLIENT_H
#define CARD_VFIO_USER_CLIENT_H

#include "sim/card/card.h"

struct vfio_user_options {
	/* Sentences about what the client does wrong, a bounded number of them; NULL: dropped. */
	void (*log)(void *arg, const char *line);
	void *log_arg;
	int timeout_ms; /* a client that leaves replies unread so long is dropped */
};

/*
 * Serve the client at the other end of a stream socket until it leaves, breaks the protocol, or
 * somebody calls shutdown() on the socket, which stays the caller's. Afterwards the card is reset
 * and knows no memory and no interrupts of the client. The card must have no other user.
 *
 * Returns 0 when the client left, -EPROTO when it was dropped, -EFAULT when memory that it shared
 * went away, or another error of the socket or of this process.
 */
int vfio_user_serve(struct card *card, int fd, const struct vfio_user_options *options);

#endif
