/* SPDX-License-Identifier: MIT */
/*
 * A stand-in for the fabric and the memory behind it, for block tests of its clients: answers after
 * a random time, in any order the fabric's rules allow, and says when a client breaks them.
 */
#ifndef SL200_TESTS_RTL_DMA_MEM_H
#define SL200_TESTS_RTL_DMA_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMA_MEM_CLIENTS 2
#define DMA_MEM_SPACES 3
#define DMA_MEM_PAGE 4096u
#define DMA_MEM_SIZE (4u << 20)
#define DMA_MEM_PAGES (DMA_MEM_SIZE / DMA_MEM_PAGE)

/* [base, base + DMA_MEM_SIZE) of one space of a client; elsewhere nothing answers. */
struct dma_mem {
	uint64_t base;
	uint8_t bytes[DMA_MEM_SIZE];
	uint8_t read_reason[DMA_MEM_PAGES]; /* 0: may be read; else the fault's reason */
	uint8_t write_reason[DMA_MEM_PAGES];
};

/* How the stand-in behaves. Percentages are of cycles in which a ready signal or beat is held back.
 */
struct dma_mem_timing {
	unsigned int latency_min, latency_max; /* cycles */
	unsigned int stall;
	bool in_order;
};

extern struct dma_mem dma_mem[DMA_MEM_CLIENTS][DMA_MEM_SPACES];
extern struct dma_mem_timing dma_mem_timing;
extern unsigned int dma_mem_asid[DMA_MEM_CLIENTS]; /* the one that requests are to carry */

/* One sequence of random numbers for the whole test. */
void dma_mem_seed(uint32_t seed);
uint32_t dma_mem_random(uint32_t below);

/* Prints a failure ("not ok") unless ok. Returns ok. */
bool dma_mem_check(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));
unsigned int dma_mem_failures(void);

unsigned int dma_mem_in_flight(int client);
/* Requests since the last call. */
unsigned int dma_mem_requests(int client);

/* 0, or the reason that an access faults with. */
unsigned int dma_mem_reason(int client, unsigned int space, uint64_t addr, bool write);

/* Called by the bench in every cycle: what the client's signals carried, and what to answer. */
void dma_mem_cycle(int client, unsigned char req, unsigned char write, int space, int asid,
		   uint64_t addr, int len, int tag, unsigned char wdata_valid,
		   const uint32_t *wdata, unsigned char *req_ready, unsigned char *wready,
		   unsigned char *rvalid, int *rtag, uint32_t *rdata, unsigned char *rlast,
		   int *rreason, unsigned char *bvalid, int *btag, int *breason);

#endif
