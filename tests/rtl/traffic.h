/* SPDX-License-Identifier: MIT */
/*
 * Random clients on the whole chip. A plan is made from a seed: address spaces, queues, entries and
 * what each must bring by the manual; a pass carries it out on a chip whose memories have some
 * timing. Every pass of a plan must have the plan's results.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_mmu.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "sim/rtl/harness/rtl_chip.h"

/* ---------------------------------------------------------------- chance */

struct dice {
	uint64_t state;
};

struct dice dice_make(uint64_t seed);
uint64_t dice_64(struct dice *dice);
/* 0 to below - 1. */
uint32_t dice_roll(struct dice *dice, uint32_t below);

/* ---------------------------------------------------------------- the card */

#define CYCLE_NS 1000u
#define DRAM_BYTES (64ull << 20)

struct traffic_card {
	struct rtl_chip *chip;
	struct rtl_memory *memory;
	struct rtl_chip_in in;
	struct rtl_chip_out out;
	uint64_t cycle, jumped_ns;
	uint32_t messages[64]; /* by vector */
};

/* Powers on and boots; ends the process when that fails. */
void card_boot(struct traffic_card *card, const char *rom, const char *image, uint64_t seed);
void card_off(struct traffic_card *card);
/* Other memories, with the host's at bus. Nothing may be in flight. */
void card_exchange_memory(struct traffic_card *card, const struct rtl_memory_config *config,
			  uint64_t bus, uint8_t *host, uint64_t size);
void card_steps(struct traffic_card *card, uint32_t cycles);
/* Until nothing is under way. */
void card_settle(struct traffic_card *card);
void card_jump(struct traffic_card *card, uint64_t ns);
uint64_t card_access(struct traffic_card *card, unsigned int bar, uint32_t addr, unsigned int size,
		     bool write, uint64_t value);
uint32_t card_read(struct traffic_card *card, uint32_t reg);
void card_write(struct traffic_card *card, uint32_t reg, uint32_t value);

/* ---------------------------------------------------------------- the plan */

#define PLAN_CLIENTS 4u
#define PLAN_QUEUES 8u
#define PLAN_ENTRIES 64u
#define PLAN_WORDS 256u /* of a queue's page of words */

/* Host memory: administration, page tables, single pages, a huge page for each client. */
#define HOST_BUS 0x240000000ull
#define HOST_ADMIN_SQ 0x0u
#define HOST_ADMIN_CQ 0x1000u
#define HOST_REPLY 0x2000u
#define HOST_LOG 0x3000u
#define HOST_TABLES 0x4000u
#define HOST_PAGES 0x80000u
#define HOST_HUGE SL200_HUGE_SIZE
#define HOST_BYTES (HOST_HUGE + PLAN_CLIENTS * SL200_HUGE_SIZE)
#define ADMIN_DEPTH 16u
#define LOG_DEPTH 64u
/* What is used of card memory: a huge page for each client, then single pages. */
#define CARD_BASE SL200_DRAM_MCU_RESERVED
#define CARD_PAGES (PLAN_CLIENTS * SL200_HUGE_SIZE)
#define CARD_BYTES (CARD_PAGES + SL200_HUGE_SIZE)

/* Memory as it should be, and which bytes of it nothing is promised about. */
struct plan_memory {
	uint8_t host[HOST_BYTES], card[CARD_BYTES];
	uint8_t host_any[HOST_BYTES], card_any[CARD_BYTES];
};

/* Pages of a queue's window, in order. */
enum plan_page {
	PAGE_SQ,
	PAGE_CQ,
	PAGE_DATA,
	PAGE_WORDS = PAGE_DATA + 16,
	PAGE_EXPORT,		      /* written once, then read by others */
	PAGE_TRASH = PAGE_EXPORT + 2, /* with a bad page behind each */
	PAGE_COUNT = PAGE_TRASH + 12,
};

/* The bad pages. */
enum plan_bad {
	BAD_ABSENT,
	BAD_READ_ONLY,
	BAD_WRITE_ONLY,
	BAD_ENTRY,
	BAD_BUS,
	BAD_RANGE,
	BAD_COUNT,
};

struct plan_client {
	uint16_t asid;
	uint64_t root;		       /* bus address */
	uint64_t window;	       /* IOVA: PAGE_COUNT pages a queue */
	uint64_t host_huge, card_huge; /* IOVA */
	unsigned int queues;
	uint64_t pte[PLAN_QUEUES * PAGE_COUNT]; /* of the window */
};

struct plan_entry {
	struct sl200_sqe sqe;
	bool completes; /* else a stopped queue never starts it */
	bool any_bytes; /* whole rows up to a failure */
	uint16_t status, detail;
	uint32_t bytes, crc;
};

struct plan_stop {
	bool stopped, by_engine, write;
	uint16_t status;
	uint8_t reason;
	uint64_t page; /* the fault's */
};

struct plan_interval {
	uint64_t from, to;
	bool write;
};

struct plan_queue {
	unsigned int client, index; /* index: in its client's window */
	uint8_t qid, priority, weight, vector;
	uint32_t depth;
	struct plan_entry entry[PLAN_ENTRIES];
	unsigned int entries;
	unsigned int words, exports; /* used so far */
	struct plan_stop stop;
	/* Of the jobs since the last barrier, which may run side by side. */
	struct plan_interval interval[2 * PLAN_ENTRIES];
	unsigned int intervals;
};

struct plan_signal {
	unsigned int client;
	uint64_t word, value, data;
	uint32_t bytes;
};

struct plan {
	uint64_t seed;
	struct dice dice;
	unsigned int num_clients, num_queues, num_signals;
	struct plan_client client[PLAN_CLIENTS];
	struct plan_queue queue[PLAN_QUEUES];
	struct plan_signal signal[PLAN_QUEUES * PLAN_ENTRIES];
	uint32_t next_table, next_host_page, next_card_page;
	struct plan_memory *before, *after;
};

/* World and entries from a seed. */
void plan_make(struct plan *plan, uint64_t seed);
/* The part of it that makes address spaces and memory. */
void plan_world(struct plan *plan);
/* Where a queue's page is in its client's space. */
uint64_t plan_page_iova(const struct plan *plan, const struct plan_queue *q, unsigned int page);
/* Where a host page of a queue is in host memory. */
uint32_t plan_page_host(const struct plan *plan, const struct plan_queue *q, unsigned int page);

/* Memory as the plan has it by now. */
void plan_read(const struct plan *plan, unsigned int client, uint64_t iova, uint8_t *data,
	       uint32_t len);
void plan_write(struct plan *plan, unsigned int client, uint64_t iova, const uint8_t *data,
		uint32_t len);
/* Nothing is promised about these bytes from now on. */
void plan_forget(struct plan *plan, unsigned int client, uint64_t iova, uint32_t len);
uint32_t plan_crc32c(const uint8_t *data, uint32_t len);

/* ---------------------------------------------------------------- a pass */

/*
 * Carry the plan out; seed is that of the host's timing. Returns NULL, or what went wrong, and a
 * digest of all results that may not depend on timing.
 */
const char *pass_run(struct traffic_card *card, const struct plan *plan,
		     const struct rtl_memory_config *config, uint8_t *host, uint64_t seed,
		     uint64_t *digest);

#endif
