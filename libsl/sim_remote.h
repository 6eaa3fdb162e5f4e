/* SPDX-License-Identifier: MIT */
/*
 * A card in another process, over vfio-user as its client (sim/card/vfio_user_proto.h). Private to
 * libsl/sim_remote*.c, but for the way in.
 *
 * What comes from the socket is the other process's to choose: it is checked, and what makes no
 * sense, comes late or not at all breaks the link for good. Functions return 0 or a negative errno
 * value; -ENODEV: the link is broken. All are thread-safe unless said otherwise.
 */
#ifndef SL_SIM_REMOTE_H
#define SL_SIM_REMOTE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/card/card.h"
#include "sim/card/vfio_user_proto.h"

struct sim_card_api;

/*
 * Connect to the card that listens on a socket: SL_ERR_NO_DEVICE, SL_ERR_BUSY (another client has
 * it), SL_ERR_PERMISSION, SL_ERR_NO_MEMORY or SL_ERR_SYSTEM after sl_fail().
 */
int remote_card_open(const char *path, struct card **card);

/* What the user driver does with it then. */
extern const struct sim_card_api remote_card_api;

/* No answer takes longer from a card that is well. */
#define REMOTE_TIMEOUT_MS 5000
/* Room for a reply's payload. */
#define REMOTE_MAX_REPLY 4096u

struct remote_link {
	int socket;
	pthread_mutex_t
		request_lock;	   /* one request and its reply at a time; taken before send_lock */
	pthread_mutex_t send_lock; /* whole messages on the socket; next_id */
	uint16_t next_id;
	_Atomic(const char *) broken; /* a static text: why; NULL while it is not */
};

/* One request and what its reply may be. */
struct remote_call {
	enum vfio_user_command command;
	const void *payload;
	size_t size;
	const int *fd; /* a descriptor that goes along, or NULL */
	void *reply;
	size_t reply_min,
		reply_max; /* bytes of payload that a good reply has; max: room at reply */
};

/* The reason when the other side has hung up. */
extern const char remote_link_ended[];

/* Takes the socket over, which has time-outs of REMOTE_TIMEOUT_MS. */
void remote_link_init(struct remote_link *link, int socket);
/* Closes the socket. No call may be under way. */
void remote_link_fini(struct remote_link *link);
/*
 * Agree on the protocol and make sure that a card is behind it. Returns 0, or SL_ERR_NO_DEVICE
 * after sl_fail() with the path, or 1 when the other side hung up at once, as on a client too many.
 */
int remote_link_greet(struct remote_link *link, const char *path);
/* From here on all calls fail; those under way end. The first reason stays. */
void remote_link_break(struct remote_link *link, const char *why);
/*
 * Ask and wait for the answer, whose payload's length goes to *got unless that is NULL. An error
 * reply becomes its errno value.
 */
int remote_request(struct remote_link *link, const struct remote_call *call, size_t *got);
/* Send a message that is not answered. Waits only while the socket is full. */
int remote_post(struct remote_link *link, enum vfio_user_command command, const void *payload,
		size_t size);

/*
 * Host memory of a card: ranges of one sparse file that the other process maps. Its offset 0 is at
 * bus address REMOTE_BUS_BASE.
 */
#define REMOTE_BUS_BASE 0x100000000ull
#define REMOTE_BUS_SIZE (1ull << 38)

struct remote_region;
struct remote_memory {
	int fd;
	uint64_t size;
	pthread_mutex_t lock;		       /* of changes of regions */
	_Atomic(struct remote_region *) first; /* a child of fork() follows it without the lock */
};

int remote_memory_init(struct remote_memory *memory);
/* All regions are freed. */
void remote_memory_fini(struct remote_memory *memory);
/* Zeroed memory at a bus address, page-aligned, which nothing else has. -ENOMEM. */
int remote_memory_map(struct remote_memory *memory, uint64_t bus, size_t size, void **cpu);
void remote_memory_unmap(struct remote_memory *memory, uint64_t bus, void *cpu, size_t size);
/*
 * In a child of fork(): give it copies of its own of all regions, which it then unmaps by itself,
 * and free the rest.
 */
void remote_memory_forked(struct remote_memory *memory);

/* Interrupts: an eventfd for each vector, and a thread that waits for them and for a broken link.
 */
struct remote_vector {
	int fd; /* -1: none */
	void (*fn)(void *arg);
	void *arg;
};

struct remote_irqs {
	struct remote_link *link;
	int epoll, stop;
	pthread_t thread;
	pthread_mutex_t lock; /* of vector; held while a handler runs */
	struct remote_vector vector[CARD_NUM_VECTORS];
};

int remote_irqs_init(struct remote_irqs *irqs, struct remote_link *link);
/* Ends the thread. */
void remote_irqs_fini(struct remote_irqs *irqs);
/* As card_set_irq(). A broken link calls all handlers once. */
int remote_irqs_set(struct remote_irqs *irqs, unsigned int vector, void (*fn)(void *arg),
		    void *arg);
/* In a child of fork(). */
void remote_irqs_forked(struct remote_irqs *irqs);

/* In this library, struct card is one in another process. */
struct card {
	struct remote_link link;
	struct remote_memory memory;
	struct remote_irqs irqs;
};

#endif
