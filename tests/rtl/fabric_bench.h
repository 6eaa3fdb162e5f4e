/* SPDX-License-Identifier: MIT */
/*
 * What stands around the fabric in its test: clients that ask at random, memories that answer late
 * and in any order, page tables that change, an MCU that binds and invalidates, and a plain
 * translation to compare with. Everything follows from the seed.
 */
#ifndef FABRIC_BENCH_H
#define FABRIC_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_mmu.h"

#define CLIENTS 5
#define APERTURE 0
#define TAGS 64
#define BLOCK 256u
#define BEAT 32u
#define REQ_BITS 98
#define PORT_BITS 83
#define WALKER 15u
#define MEM_ECC 7u

enum port { HOST, DRAM, FLASH, PORTS };
enum space { SPACE_IOVA, SPACE_DRAM, SPACE_FLASH, SPACE_NONE };
enum response { RESP_OK, RESP_ERROR, RESP_CORRECTED, RESP_ECC };

#define PAGES(bytes) ((bytes) >> SL200_PAGE_SHIFT)
#define HOST_BASE 0x123400000ull
#define HOST_SIZE (24u << 20)
#define TABLE_BASE 0x7f0000000000ull
#define TABLE_SIZE (4u << 20)
#define DRAM_SIZE ((9u << 20) + 3 * SL200_PAGE_SIZE)
#define SPARE_PAGES 2u /* of the host's, at the end: what the victim is mapped to in turn */

#define ASIDS 6u
#define ROOTS 2u
#define SMALLS 1024u
#define HUGES 8u
#define VICTIM 5u /* index of the space whose one page changes under way */
#define STREAM 4u /* index of the space that the streams use; no changes */

struct request {
	bool active, write, victim;
	unsigned int space, client, tag, asid, len, beats, beat, reason;
	uint64_t addr, phys;
	enum port port;
	uint8_t data[BLOCK]; /* by lane, from the start of the block */
};

struct client {
	struct request tag[TAGS];
	struct request *asking, *answering;
	struct request *send[TAGS]; /* writes whose beats are due */
	unsigned int sends, sent;
	bool sending;
	unsigned int space; /* where it goes on */
	uint64_t cursor;
};

struct access {
	uint64_t addr, ready;
	unsigned int len, id, beats, beat, response;
	bool taken; /* a read's data and response are there */
	uint8_t data[BLOCK];
};

struct access_list {
	struct access at[CLIENTS * TAGS + 16];
	unsigned int count;
};

struct channel {
	struct access_list reads, writes, answers;
	struct access *reading;
	unsigned int answering;
	bool answer;
};

/* What the fabric is shown. */
struct drive {
	uint32_t req_valid, wvalid, ar_ready, r_valid, r_id, r_last, r_resp, aw_ready, w_ready;
	uint32_t b_valid, b_id, b_resp, bus_req[2], control;
	uint32_t req[(CLIENTS * REQ_BITS + 31) / 32], wdata[CLIENTS * 8], r_data[PORTS * 8];
};

struct asid {
	unsigned int number;
	uint64_t small, huge; /* IOVA of what is mapped */
	uint64_t root[ROOTS];
	int bound; /* -1, or which root */
	bool locked;
};

enum phase {
	PHASE_MIXED,
	PHASE_QUIET, /* no stalls */
	PHASE_NO_MASTER,
	PHASE_MIXED_AGAIN,
	PHASE_READ,
	PHASE_COPY,
	PHASE_END,
};

enum change {
	CHANGE_NONE,
	CHANGE_EDIT, /* entries of a page, or of a huge one */
	CHANGE_UNBIND,
	CHANGE_BIND,
	CHANGE_VICTIM,
};

struct bench {
	uint64_t seed, random, cycle;
	enum phase phase;
	uint64_t phase_cycle, phase_bytes, done_bytes;
	struct drive drive;
	struct client client[CLIENTS];
	struct channel channel[PORTS];
	unsigned int outstanding;
	struct asid asid[ASIDS];
	uint64_t tables; /* of TABLE_SIZE in use */

	/* The MCU */
	enum change change;
	unsigned int changing, change_page, change_root, command, step;
	bool change_huge, change_whole;
	unsigned int poll;
	uint64_t victim, victim_old; /* what the victim is mapped to, and was */
	bool victim_settled;
	unsigned int binds; /* made at the start */
	bool started;
	bool quiesce;
	uint64_t quiesce_until;

	/* Counted here, to be compared */
	uint64_t bytes[4], bytes_seen[4];
	uint64_t faults, faults_seen, corrected, corrected_seen, uncorrected, uncorrected_seen;
	uint64_t lookups_seen, walks_seen, walking_seen, requests, ecc_answers, poisoned;
	unsigned int inject_corrected, inject_uncorrected;
	uint64_t reasons[8], changes, quiets;
	unsigned int failures;
	unsigned int stall; /* of 256 */
	unsigned int latency, jitter;
};

extern struct bench bench;

/* The memories, and what they should hold. */
extern uint8_t host[HOST_SIZE], tables[TABLE_SIZE], dram[DRAM_SIZE], flash[SL200_FLASH_SIZE];
extern uint8_t host_want[HOST_SIZE], dram_want[DRAM_SIZE], flash_want[SL200_FLASH_SIZE];

/* Numbers and bits */
uint64_t rnd(uint64_t below);
bool chance(unsigned int of_256);
void fail(const char *format, ...);
uint64_t get(const uint32_t *v, unsigned int at, unsigned int width);
void put(uint32_t *v, unsigned int at, unsigned int width, uint64_t value);
bool bit(uint32_t v, unsigned int i);

/* Memories and ports: fabric_memory.c */
bool registered(uint64_t page);
uint8_t *memory(enum port port, uint64_t addr, bool want);
uint8_t *busy(enum port port, uint64_t addr);
unsigned int beats_of(uint64_t addr, unsigned int len);
void see_port(enum port p, const uint32_t *ar_valid, const uint32_t *ar, const uint32_t *r_ready,
	      const uint32_t *aw_valid, const uint32_t *aw, const uint32_t *w_valid,
	      const uint32_t *w_data, const uint32_t *w_last, const uint32_t *b_ready);
void drive_port(enum port p);
void compare_memory(void);

/* Page tables: fabric_tables.c */
uint64_t *reach(uint64_t root, uint64_t iova, unsigned int level);
uint64_t random_leaf(void);
uint64_t random_huge(void);
void make_space(struct asid *asid, unsigned int index);
unsigned int translate(unsigned int number, uint64_t iova, bool write, enum port *port,
		       uint64_t *phys);

/* Clients: fabric_clients.c */
bool streams(void);
void finish(struct request *r, unsigned int reason, unsigned int expected);
void see_read(struct client *client, unsigned int c, unsigned int tag, bool last,
	      unsigned int reason, const uint32_t *data);
void drive_client(unsigned int c);

/* The MCU: fabric_mcu.c */
void drive_mcu(uint32_t rdata);

/* Phases of the test: fabric_ref.c */
bool pausing(void);

/* What tb_fabric.sv calls */
void fabric_start(unsigned int seed);
uint8_t fabric_see(const uint32_t *req_ready, const uint32_t *wready, const uint32_t *rvalid,
		   const uint32_t *rtag, const uint32_t *rdata, const uint32_t *rlast,
		   const uint32_t *rreason, const uint32_t *bvalid, const uint32_t *btag,
		   const uint32_t *breason, const uint32_t *ar_valid, const uint32_t *ar,
		   const uint32_t *r_ready, const uint32_t *aw_valid, const uint32_t *aw,
		   const uint32_t *w_valid, const uint32_t *w_data, const uint32_t *w_last,
		   const uint32_t *b_ready, const uint32_t *bus_rdata, uint8_t quiesced,
		   uint8_t idle, const uint32_t *bytes, const uint32_t *pulses);
void fabric_show(uint32_t *req_valid, uint32_t *req, uint32_t *wvalid, uint32_t *wdata,
		 uint32_t *ar_ready, uint32_t *r_valid, uint32_t *r_data, uint32_t *r_id,
		 uint32_t *r_last, uint32_t *r_resp, uint32_t *aw_ready, uint32_t *w_ready,
		 uint32_t *b_valid, uint32_t *b_id, uint32_t *b_resp, uint32_t *bus_req,
		 uint32_t *dram_size, uint32_t *control);

#endif
