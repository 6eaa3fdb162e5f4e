/* SPDX-License-Identifier: MIT */
/*
 * The other end of a vfio-user connection, for tests: sends messages, good and bad, to a card that
 * a thread serves, and reads what comes back. What goes wrong where no test expects it ends the
 * process.
 */
#ifndef VFIO_USER_PEER_H
#define VFIO_USER_PEER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/vfio.h>

#include "sim/card/vfio_user_client.h"
#include "sim/card/vfio_user_proto.h"

#define PEER_TIMEOUT_MS 200 /* for unread replies */

struct peer {
	int fd;
	int server_fd;
	struct card *card;
	pthread_t thread;
	int result; /* of vfio_user_serve() */
	atomic_uint complaints;
	uint16_t id;
	/* The last reply. */
	struct vfio_user_header header;
	uint8_t payload[VFIO_USER_MAX_MESSAGE];
	size_t size;
};

/* Connect to the card and serve it in a thread; nothing has been said yet. */
struct peer *peer_connect(struct card *card);

/* The same, with versions exchanged. */
struct peer *peer_open(struct card *card);

/* Leave, and wait for the server. Returns what vfio_user_serve() returned. */
int peer_close(struct peer *peer);

/* Send bytes as they are, with descriptors. False when the server has left. */
bool peer_send_raw(struct peer *peer, const void *bytes, size_t size, const int *fds,
		   unsigned int num_fds);

/* Send a message; its id is peer->id. */
bool peer_send(struct peer *peer, uint16_t command, uint32_t flags, const void *payload,
	       size_t size, const int *fds, unsigned int num_fds);

/* Read the next reply. False when the server has left. */
bool peer_receive(struct peer *peer);

/*
 * Both, and checks of the reply's header. Returns the error that the reply has, 0 for none, or -1
 * when there was none because the server left.
 */
int peer_call(struct peer *peer, uint16_t command, const void *payload, size_t size, const int *fds,
	      unsigned int num_fds);

/* Accesses to regions by message; -1 and the like as peer_call(). */
int peer_read(struct peer *peer, uint32_t region, uint64_t offset, uint32_t count, void *data);
int peer_write(struct peer *peer, uint32_t region, uint64_t offset, uint32_t count,
	       const void *data);

/* DMA_MAP of a range at offset 0 of a file; fd -1: none. */
int peer_map(struct peer *peer, uint64_t addr, uint64_t size, int fd);
int peer_unmap(struct peer *peer, uint64_t addr, uint64_t size, uint32_t flags);

/* SET_IRQS of MSI-X vectors. */
int peer_set_irqs(struct peer *peer, uint32_t flags, uint32_t start, uint32_t count,
		  const void *data, size_t size, const int *fds, unsigned int num_fds);

/* A shared file of size bytes. */
int peer_memory(size_t size);

/* Number of descriptors that this process has open. */
unsigned int peer_count_fds(void);

#endif
