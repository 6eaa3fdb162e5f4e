/* SPDX-License-Identifier: MIT */
/*
 * A chip for the firmware's tests: the HAL over plain memory, with a clock that the test advances.
 * The firmware runs on a thread of its own, but never at the same time as the test: fake_run()
 * hands over and returns when the firmware sleeps with nothing left to do.
 */
#ifndef TEST_FW_FAKE_H
#define TEST_FW_FAKE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_enc.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "firmware/hal/hal.h"

#define FAKE_HOST_SIZE (1u << 20) /* every bound ASID, and the bus, sees the same memory */
#define FAKE_DRAM_SIZE (2u << 20)
#define FAKE_STARTS 4096u
#define FAKE_MS 1000000ull

struct fake_engine {
	uint32_t kind;
	uint32_t cap_flags, cap_dim, cap_limits;
	uint32_t status, asid, job, result;
	uint64_t done_at;
	/* What its jobs do. */
	uint64_t duration_ns; /* UINT64_MAX: hang */
	uint16_t result_status;
	uint64_t fault_iova;
	uint64_t reset_ns; /* how long a reset takes */
	uint32_t resets;
};

struct fake_start {
	uint8_t engine;
	uint16_t asid;
	uint64_t tag; /* of the entry; ENCODE: the descriptor's poc */
	uint64_t at;
};

struct hal {
	uint8_t *tcm, *host, *dram, *flash;
	uint64_t now;
	uint64_t run_until;
	uint64_t timer_cmp;
	bool timer_armed, timer_pending, host_pending;
	bool stop;
	uint32_t sys[64]; /* registers of SYS that are just memory, by offset / 4 */
	uint32_t mdma[6], mdma_status;
	uint32_t mdma_count;
	uint32_t mmu[8];
	bool asid_bound[SL200_MAX_ASIDS];
	uint32_t invalidations;
	uint64_t hole_start, hole_end; /* host addresses that fault */
	bool flash_broken;
	uint32_t db_pending[8], db_enable[8];
	uint32_t db_tail[SL200_MAX_QUEUES], db_head[SL200_MAX_QUEUES];
	uint32_t msix[SL200_MSIX_TABLE_COUNT];
	struct fake_engine engine[SL200_MAX_ENGINES];
	struct fake_start start[FAKE_STARTS];
	uint32_t starts;
	uint32_t status_seen[16]; /* values BOOT_STATUS took */
	uint32_t status_count;
	/* Called, if set, before the firmware's DMA writes to memory that it reaches. */
	void (*on_write)(struct hal *hal, uint32_t space, uint64_t addr, uint32_t len);
	/* Called when the firmware sleeps with nothing to do; returns whether it is to stop. */
	bool (*idle)(struct hal *hal);
	void *idle_arg;
	pthread_t thread;
	sem_t to_firmware, to_test;
	bool running;
	uint32_t admin_tail, admin_head;
};

/* A chip with two dma engines (0, 1) and one venc (2), its key the development key. */
struct hal *fake_create(void);
void fake_destroy(struct hal *hal);

/* Everything but the contents of flash, card DRAM and TCM as after fake_create(). */
void fake_power_on(struct hal *hal);

/* Start fw_main() on its thread and run it until it is idle. */
void fake_start(struct hal *hal);
void fake_stop(struct hal *hal);

/* Let ns of chip time pass. */
void fake_run(struct hal *hal, uint64_t ns);

/* What the host does. */
void fake_doorbell(struct hal *hal, uint32_t qid, uint32_t reg, uint32_t value);
void fake_admin_control(struct hal *hal, uint32_t value);
void fake_admin_setup(struct hal *hal);
void fake_admin_post(struct hal *hal, const struct sl200_admin_sqe *sqe);
bool fake_admin_reap(struct hal *hal, struct sl200_cqe *cqe);
/* Post, run without time passing, and return the completion (status 0xffff: there was none). */
struct sl200_cqe fake_admin(struct hal *hal, const struct sl200_admin_sqe *sqe);

struct fake_queue {
	struct hal *hal;
	uint32_t qid, depth, tail, head;
	uint64_t sq, cq;
};

#define FAKE_ADMIN_SQ 0x1000u
#define FAKE_ADMIN_CQ 0x2000u
#define FAKE_ADMIN_DEPTH 8u
#define FAKE_SCRATCH 0x4000u /* to 0x7fff: free for tests */

/* Bind the ASID if it is not yet, create a queue with its rings at a place of its own. */
struct fake_queue fake_queue(struct hal *hal, uint32_t qid, uint16_t asid, uint32_t depth,
			     uint8_t priority, uint8_t weight);
void fake_post(struct fake_queue *q, const struct sl200_sqe *sqe); /* without doorbell */
void fake_ring(struct fake_queue *q);
bool fake_reap(struct fake_queue *q, struct sl200_cqe *cqe); /* returns its slot, too */

#endif
