/* SPDX-License-Identifier: MIT */
/*
 * Messages over a stream socket: whole messages in, with the descriptors that belong to each, and
 * replies out. One read of the socket takes in as many messages as have arrived.
 *
 * Not thread-safe; shutdown() of the socket by another thread ends a wait.
 */
#ifndef CARD_VFIO_USER_STREAM_H
#define CARD_VFIO_USER_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "sim/card/vfio_user_proto.h"

struct vfio_user_message {
	struct vfio_user_header header;
	const uint8_t *payload; /* the stream's; until the next receive */
	size_t size;		/* of the payload */
	int fds[VFIO_USER_MAX_FDS];
	unsigned int num_fds;
};

/* Descriptors that arrived before the message they belong to was complete. */
struct vfio_user_arrival {
	uint64_t message; /* place of its first byte in the stream */
	int fd;
};

/* Two messages' descriptors may be there at a time: of the one cut off and of the one before. */
#define VFIO_USER_MAX_ARRIVALS (2 * VFIO_USER_MAX_FDS)

struct vfio_user_stream {
	int fd;
	int timeout_ms; /* how long a client may leave a reply unread */
	uint8_t *buffer;
	size_t start, end; /* received, not yet handed out */
	uint64_t base;	   /* place of buffer[0] in the stream */
	struct vfio_user_arrival arrival[VFIO_USER_MAX_ARRIVALS];
	unsigned int num_arrivals;
};

/* The socket stays the caller's. Returns 0 or -ENOMEM. */
int vfio_user_stream_init(struct vfio_user_stream *stream, int fd, int timeout_ms);

/* Closes descriptors that nobody took. */
void vfio_user_stream_destroy(struct vfio_user_stream *stream);

/*
 * Wait for a message. Returns 1, 0 when the peer has left, or an error after which the stream is
 * of no more use: -EPROTO (a size that cannot be), -EMFILE (too many descriptors), or the
 * socket's. The descriptors become the caller's: vfio_user_message_close().
 */
int vfio_user_receive(struct vfio_user_stream *stream, struct vfio_user_message *message);

/* Close the descriptors that are not -1. */
void vfio_user_message_close(struct vfio_user_message *message);

/*
 * Send a message of two parts. Returns 0 or an error after which the stream is of no more use:
 * -ETIMEDOUT when the peer does not read, or the socket's.
 */
int vfio_user_send(struct vfio_user_stream *stream, const struct vfio_user_header *header,
		   const void *payload, size_t size);

#endif
