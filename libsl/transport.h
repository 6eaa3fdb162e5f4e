/* SPDX-License-Identifier: MIT */
/*
 * What a way to a card offers the library: the role that a kernel driver plays. A transport is one
 * client of one card: it has an address space, memory and queues of its own.
 *
 * Functions return 0 or a negative enum sl_result after sl_fail(), and are thread-safe; creating
 * and destroying one object is the caller's to keep apart from using it.
 */
#ifndef SL_TRANSPORT_H
#define SL_TRANSPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "sl200/memory.h"
#include "sl200/queue.h"

struct transport_bo {
	void *cpu; /* NULL for card memory */
	uint64_t iova;
	uint64_t size; /* whole pages */
	enum sl_memory memory;
};

struct transport_queue {
	uint32_t qid;
	uint32_t depth;
	struct sl200_sqe *sq;
	struct sl200_cqe *cq;
	/*
	 * 0, or why no further completion will come: SL_ERR_FAULT (stopped, and its running jobs
	 * have ended; completions written before are in the ring) or SL_ERR_LOST (the ring may show
	 * anything). queue_irqs() brings it up to date.
	 */
	_Atomic int state;
};

struct transport;

struct transport_ops {
	/* Destroy the client; its queues and buffers are destroyed already. */
	void (*close)(struct transport *transport);
	int (*stats)(struct transport *transport, struct sl_device_stats *stats);
	int (*log)(struct transport *transport, struct sl200_log_entry *entries, int max);
	int (*queue_info)(struct transport *transport, unsigned int qid,
			  struct sl200_queue_info *info);

	/* size is not 0 and at most 4 GiB. The memory reads as zero. */
	int (*bo_create)(struct transport *transport, uint64_t size, enum sl_memory memory,
			 struct transport_bo **bo);
	void (*bo_destroy)(struct transport *transport, struct transport_bo *bo);
	/*
	 * NULL where there are no dma-bufs: give the buffer's memory a descriptor, which is the
	 * caller's; make a buffer of a descriptor's memory, which stays the caller's; and wait for
	 * what others than the card still do to it, before the card reads or writes it.
	 */
	int (*bo_export)(struct transport *transport, struct transport_bo *bo, int *fd);
	int (*bo_import)(struct transport *transport, int fd, struct transport_bo **bo);
	int (*bo_wait)(struct transport *transport, struct transport_bo *bo, bool write,
		       int64_t timeout_ns);

	int (*queue_create)(struct transport *transport, uint32_t depth, unsigned int priority,
			    unsigned int weight, struct transport_queue **queue);
	/* End it on the card: no job of it runs any more, state is set and waiters are woken. */
	void (*queue_stop)(struct transport *transport, struct transport_queue *queue);
	/* Free a stopped queue's rings. */
	void (*queue_free)(struct transport *transport, struct transport_queue *queue);
	/* Write the queue's doorbell page at SL200_DOORBELL_*. Never sleeps. */
	void (*doorbell)(struct transport *transport, struct transport_queue *queue,
			 uint32_t offset, uint32_t value);
	/*
	 * A number that changes with each interrupt of the queue and with its state, which is
	 * brought up to date; no system call. And: sleep until it differs from seen, at most
	 * timeout_ns. Waking early is harmless.
	 */
	uint32_t (*queue_irqs)(struct transport *transport, struct transport_queue *queue);
	void (*queue_sleep)(struct transport *transport, struct transport_queue *queue,
			    uint32_t seen, int64_t timeout_ns);
	/* Wake all sleepers of the queue. */
	void (*queue_wake)(struct transport *transport, struct transport_queue *queue);

	/* What happened to lost queues, a sentence without full stop; NULL: not known. */
	void (*lost_reason)(struct transport *transport, char *text, size_t size);

	/*
	 * Write a register of the INJECT block, for tests. SL_ERR_UNSUPPORTED where the card or
	 * the transport has none.
	 */
	int (*inject)(struct transport *transport, uint32_t offset, uint32_t value);
};

struct transport {
	const struct transport_ops *ops;
	struct sl200_caps caps;
	struct sl_device_info info; /* uri: empty where it is the one that was asked for */
};

/*
 * Open the card that a URI names, or with NULL the first that works behind the kernel driver.
 */
int transport_open(const char *uri, struct transport **transport);

/* sl_device_info.implementation for TOP.IMPL's KIND, enum drm_sl200_implementation. */
const char *transport_implementation(uint32_t kind);

/* transport_sim.c: what follows "sim:" in the URI. */
int transport_sim_open(const char *options, struct transport **transport);

/* transport_drm.c: the path of a render node, or "": the first card that works. */
int transport_drm_open(const char *node, struct transport **transport);

#endif
