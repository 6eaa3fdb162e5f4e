/* SPDX-License-Identifier: MIT */
/*
 * The in-process user driver: what a kernel driver does for a card on the bus, done for a card
 * simulated inside this process or in another. Private to libsl/sim_*.c and transport_sim.c.
 *
 * Locks, in the order in which they may be taken: power (sim_power.c: which cards there are) >
 * sim_client.lock (one client's page tables, IOVAs and memory) > sim_card.lock (bus addresses,
 * DRAM, numbers of queues and ASIDs) > the port's locks. Interrupt handlers take none.
 */
#ifndef SL_SIM_H
#define SL_SIM_H

#include <pthread.h>
#include <stdarg.h>

#include "driver/core/card.h"
#include "driver/core/pagetable.h"
#include "libsl/event.h"
#include "libsl/range.h"
#include "libsl/sim_uri.h"
#include "libsl/transport.h"
#include "sim/card/card.h"

/*
 * How to reach a simulated card: in this process (sim_local.c) or in another (sim_remote.c).
 * Functions are as those of sim/card/card.h and thread-safe; errors are negative errno values.
 */
struct sim_card_api {
	uint64_t bus_base, bus_size; /* bus addresses that memory may have */
	bool clear;		     /* card memory reads as zero at first: nobody has used it */
	/* Power it off, or leave it. No call may be under way. */
	void (*destroy)(struct card *card);
	__typeof__(&card_config_read) config_read;
	__typeof__(&card_config_write) config_write;
	__typeof__(&card_bar_read) bar_read;
	__typeof__(&card_bar_write) bar_write;
	__typeof__(&card_set_irq) set_irq;
	/* Zeroed host memory, page-aligned, that the card reaches at a bus address nothing has. */
	int (*dma_alloc)(struct card *card, uint64_t bus, size_t size, void **cpu);
	void (*dma_free)(struct card *card, uint64_t bus, void *cpu, size_t size);
	/* End all its DMA for good; only memory is freed afterwards, and the card destroyed. */
	void (*stop)(struct card *card);
	/* Why it can be reached no more, a static text, or NULL while it can. */
	const char *(*gone)(struct card *card);
	/*
	 * In a child of fork(), where the card is the parent's: let go of it. The card is not used
	 * again, and its memory is this process's own to unmap.
	 */
	void (*forked)(struct card *card);
};

struct sim_queue {
	struct transport_queue base;
	struct transport_bo *sq_bo, *cq_bo;
	unsigned int vector;
	uint64_t id;   /* tells queues apart that had the same number */
	bool stopping; /* sim_card.lock: stopped, its running jobs may not have ended */
};

struct sim_card {
	struct core_port port;
	struct core_card core;
	const struct sim_card_api *api;
	struct card *card;
	char socket[SIM_SOCKET_PATH_SIZE]; /* "": in this process */
	enum sim_engine engine;		   /* of one in this process */
	pthread_mutex_t port_lock[CORE_LOCK_COUNT];
	unsigned int clients; /* power lock, as next */
	struct sim_card *next;

	pthread_mutex_t lock; /* the fields up to the blank line */
	struct range_set bus, dram;
	uint64_t dram_touched; /* card memory from here on has never been used: it reads as zero */
	uint64_t next_queue_id;
	bool asid_used[SL200_MAX_ASIDS];
	struct sim_queue *queue[SL200_MAX_QUEUES];
	unsigned int vector_queues[CARD_NUM_VECTORS];
	char lost_reason[160];

	struct event vector[CARD_NUM_VECTORS]; /* interrupts */
	_Atomic bool lost;		       /* no register of the card is meaningful any more */
	_Atomic bool forked; /* this process is a child of the card's: there is no card here */
	pthread_t monitor;
	_Atomic bool monitor_stop;

	pthread_mutex_t clear_lock; /* clearing card memory; taken with no other lock held */
	struct sim_client *clear_client;
	struct transport_queue *clear_queue;
	uint32_t clear_index;
};

struct sim_bo {
	struct transport_bo base;
	struct core_dma dma; /* host memory */
	uint64_t dram;	     /* card memory: its address there */
};

struct sim_client {
	struct transport base;
	struct sim_card *card;
	unsigned int asid;
	pthread_mutex_t lock; /* the fields below */
	struct range_set iova;
	struct core_pagetable pagetable;
	uint64_t host_bytes, card_bytes;
};

/* sim_local.c: the directory of this library, and a card inside this process. */
int sim_local_directory(const char **libdir);
int sim_local_open(const char *libdir, enum sim_engine engine, const struct card_config *config,
		   struct card **card, const struct sim_card_api **api);

/* sim_power.c: one card of each name for the whole process, powered on at the first get. */
int sim_card_get(const char *options, struct sim_card **card);
void sim_card_put(struct sim_card *card);
/* SL_ERR_LOST with the reason. */
int sim_card_lost(struct sim_card *card);

/* sim_firmware.c: read the image into *data, which the caller frees. */
int sim_firmware_read(const char *libdir, void **data, size_t *size, char *path, size_t path_size);

/* sim_port.c */
extern const struct core_port_ops sim_port_ops;
/* Host memory the card reaches, at least aligned to 2 MiB on the bus when that large. */
int sim_dma_alloc(struct sim_card *card, uint64_t size, struct core_dma *dma);
void sim_dma_free(struct sim_card *card, struct core_dma *dma);
/* Enable memory decoding, bus mastering and MSI-X with all vectors unmasked. */
int sim_pci_enable(struct sim_card *card);
void sim_pci_disable(struct sim_card *card);

/* sim_monitor.c: the thread that watches over the card. */
int sim_monitor_start(struct sim_card *card);
void sim_monitor_stop(struct sim_card *card);
/* Declare the card lost: stops its DMA, and wakes everyone with SL_ERR_LOST. */
void sim_declare_lost(struct sim_card *card, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* sim_client.c: address spaces. */
int sim_client_create(struct sim_card *card, struct sim_client **client);
void sim_client_destroy(struct sim_client *client);
/* What an errno value of driver/core means, as an error of what was tried. */
int sim_core_fail(struct sim_card *card, int ret, const char *what);

/* sim_bo.c, sim_queue.c: the transport's operations. */
int sim_bo_create(struct transport *transport, uint64_t size, enum sl_memory memory,
		  struct transport_bo **bo);
void sim_bo_destroy(struct transport *transport, struct transport_bo *bo);
int sim_queue_create(struct transport *transport, uint32_t depth, unsigned int priority,
		     unsigned int weight, struct transport_queue **queue);
void sim_queue_stop(struct transport *transport, struct transport_queue *queue);
void sim_queue_free(struct transport *transport, struct transport_queue *queue);
void sim_queue_doorbell(struct transport *transport, struct transport_queue *queue, uint32_t offset,
			uint32_t value);
uint32_t sim_queue_irqs(struct transport *transport, struct transport_queue *queue);
void sim_queue_sleep(struct transport *transport, struct transport_queue *queue, uint32_t seen,
		     int64_t timeout_ns);
void sim_queue_wake(struct transport *transport, struct transport_queue *queue);

/* sim_clear.c: zero a range of card DRAM by fill jobs of a queue of the driver's own. */
int sim_clear_dram(struct sim_card *card, uint64_t dram, uint64_t size);
void sim_clear_fini(struct sim_card *card);

#endif
