/* SPDX-License-Identifier: MIT */
/*
 * A card behind a listening socket, with a thread of its own. One client at a time: another one is
 * turned away while the first is there.
 */
#ifndef CARD_VFIO_USER_SERVER_H
#define CARD_VFIO_USER_SERVER_H

#include <stdbool.h>

#include "sim/card/vfio_user_client.h"

struct vfio_user_server;

struct vfio_user_server_config {
	const char *path; /* of the socket; mode 0600 */
	struct vfio_user_options options;
	bool verbose; /* log clients that come and leave, too */
	/* A client has left and the card is reset. From the server's thread. */
	void (*left)(void *arg);
	void *left_arg;
};

/*
 * Listen for clients of the card, which stays the caller's and must live longer. A socket file
 * that nobody listens on is replaced. Returns 0 and *server, -ENAMETOOLONG, -EADDRINUSE (somebody
 * listens there), -EEXIST (the file is no socket), or what the system says.
 */
int vfio_user_server_create(const struct vfio_user_server_config *config, struct card *card,
			    struct vfio_user_server **server);

/* Readable when a client waits: call vfio_user_server_accept() then. */
int vfio_user_server_fd(const struct vfio_user_server *server);

/* Take the next client that waits, or turn it away. For one thread. */
void vfio_user_server_accept(struct vfio_user_server *server);

/* Drop the client, end the thread and remove the socket file if it is still the server's. */
void vfio_user_server_destroy(struct vfio_user_server *server);

#endif
