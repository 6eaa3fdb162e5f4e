/* SPDX-License-Identifier: MIT */
#include "tests/rtl/dma_mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "abi/sl200_mmu.h"

#define TAGS 64
#define LINE 32u
#define BLOCK 256u
#define FAILURES_SHOWN 20

struct request {
	bool used, write, data_done;
	unsigned int space, asid, len, beat, beats;
	uint64_t addr, due, order;
};

struct client {
	struct request read[TAGS], write[TAGS];
	unsigned int data_order[TAGS], data_head, data_tail; /* tags of writes, as asked for */
	int reading; /* the tag whose beats are under way, or -1 */
	uint64_t now, orders;
	unsigned int requests;
};

struct dma_mem dma_mem[DMA_MEM_CLIENTS][DMA_MEM_SPACES];
struct dma_mem_timing dma_mem_timing;
unsigned int dma_mem_asid[DMA_MEM_CLIENTS];

static struct client clients[DMA_MEM_CLIENTS] = {{.reading = -1}, {.reading = -1}};
static uint32_t random_state = 1;
static unsigned int failures;

void dma_mem_seed(uint32_t seed)
{
	random_state = seed * 2654435761u | 1;
	for (int i = 0; i < 16; i++)
		dma_mem_random(2);
}

uint32_t dma_mem_random(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return below ? (uint32_t)((uint64_t)random_state * below >> 32) : 0;
}

bool dma_mem_check(bool ok, const char *format, ...)
{
	va_list args;

	if (ok || failures++ >= FAILURES_SHOWN)
		return ok;
	printf("not ok - ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	return false;
}

unsigned int dma_mem_failures(void)
{
	return failures;
}

unsigned int dma_mem_in_flight(int client)
{
	const struct client *c = &clients[client];
	unsigned int n = 0;

	for (unsigned int tag = 0; tag < TAGS; tag++)
		n += c->read[tag].used + c->write[tag].used;
	return n;
}

unsigned int dma_mem_requests(int client)
{
	unsigned int n = clients[client].requests;

	clients[client].requests = 0;
	return n;
}

unsigned int dma_mem_reason(int client, unsigned int space, uint64_t addr, bool write)
{
	const struct dma_mem *mem = &dma_mem[client][space];

	if (addr - mem->base >= DMA_MEM_SIZE)
		return SL200_MMU_RANGE;
	addr = (addr - mem->base) / DMA_MEM_PAGE;
	return write ? mem->write_reason[addr] : mem->read_reason[addr];
}

static bool held_back(void)
{
	return dma_mem_random(100) < dma_mem_timing.stall;
}

static uint64_t due_time(const struct client *c)
{
	const struct dma_mem_timing *t = &dma_mem_timing;

	return c->now + t->latency_min + dma_mem_random(t->latency_max - t->latency_min + 1);
}

static void accept(int client, bool write, const struct request *from, unsigned int tag)
{
	struct client *c = &clients[client];
	struct request *r = write ? &c->write[tag] : &c->read[tag];
	uint64_t last = from->addr + from->len - 1;

	dma_mem_check(!c->read[tag].used && !c->write[tag].used, "tag %u is free", tag);
	dma_mem_check(from->len >= 1 && from->len <= BLOCK && from->addr / BLOCK == last / BLOCK,
		      "%u bytes at 0x%llx stay inside a block", from->len,
		      (unsigned long long)from->addr);
	dma_mem_check(from->asid == dma_mem_asid[client], "address space %u", from->asid);
	dma_mem_check(from->space < DMA_MEM_SPACES, "space %u", from->space);
	*r = *from;
	r->used = true;
	r->write = write;
	r->beats = (unsigned int)(last / LINE - from->addr / LINE + 1);
	r->order = c->orders++;
	r->due = due_time(c);
	if (write)
		c->data_order[c->data_head++ % TAGS] = tag;
	c->requests++;
}

static void write_beat(int client, const uint32_t *data)
{
	struct client *c = &clients[client];
	struct request *r;
	struct dma_mem *mem;
	const uint8_t *lanes = (const uint8_t *)data;
	uint64_t line;

	if (!dma_mem_check(c->data_head != c->data_tail, "data belongs to a request"))
		return;
	r = &c->write[c->data_order[c->data_tail % TAGS]];
	mem = &dma_mem[client][r->space];
	line = r->addr / LINE * LINE + r->beat * LINE;
	if (!dma_mem_reason(client, r->space, r->addr, true))
		for (unsigned int i = 0; i < LINE; i++)
			if (line + i >= r->addr && line + i < r->addr + r->len)
				mem->bytes[line + i - mem->base] = lanes[i];
	if (++r->beat == r->beats) {
		r->data_done = true;
		r->due = due_time(c);
		c->data_tail++;
	}
}

/* The tag of a request that is due, or -1: any, or the oldest. */
static int pick(const struct client *c, const struct request *requests)
{
	int best = -1;
	unsigned int first = dma_mem_random(TAGS);

	for (unsigned int i = 0; i < TAGS; i++) {
		unsigned int tag = (first + i) % TAGS;
		const struct request *r = &requests[tag];

		if (!r->used || r->due > c->now || (r->write && !r->data_done))
			continue;
		if (!dma_mem_timing.in_order)
			return (int)tag;
		if (best < 0 || r->order < requests[best].order)
			best = (int)tag;
	}
	return best;
}

static void read_beat(int client, unsigned char *valid, int *tag, uint32_t *data,
		      unsigned char *last, int *reason)
{
	struct client *c = &clients[client];
	struct request *r;
	uint8_t lanes[LINE];

	*valid = 0;
	if (c->reading < 0)
		c->reading = pick(c, c->read);
	if (c->reading < 0 || held_back())
		return;
	r = &c->read[c->reading];
	*valid = 1;
	*tag = c->reading;
	*reason = (int)dma_mem_reason(client, r->space, r->addr, false);
	*last = *reason || r->beat + 1 == r->beats;
	/* Lanes that were not asked for carry rubbish. */
	for (unsigned int i = 0; i < LINE; i++) {
		uint64_t at = r->addr / LINE * LINE + r->beat * LINE + i;
		const struct dma_mem *mem = &dma_mem[client][r->space];

		lanes[i] = !*reason && at >= r->addr && at < r->addr + r->len
				   ? mem->bytes[at - mem->base]
				   : (uint8_t)dma_mem_random(256);
	}
	memcpy(data, lanes, LINE);
	r->beat++;
	if (*last) {
		r->used = false;
		c->reading = -1;
	}
}

static void answer_write(int client, unsigned char *valid, int *tag, int *reason)
{
	struct client *c = &clients[client];
	int found = pick(c, c->write);

	*valid = 0;
	if (found < 0 || held_back())
		return;
	*valid = 1;
	*tag = found;
	*reason = (int)dma_mem_reason(client, c->write[found].space, c->write[found].addr, true);
	c->write[found].used = false;
}

void dma_mem_cycle(int client, unsigned char req, unsigned char write, int space, int asid,
		   uint64_t addr, int len, int tag, unsigned char wdata_valid,
		   const uint32_t *wdata, unsigned char *req_ready, unsigned char *wready,
		   unsigned char *rvalid, int *rtag, uint32_t *rdata, unsigned char *rlast,
		   int *rreason, unsigned char *bvalid, int *btag, int *breason)
{
	struct client *c = &clients[client];

	c->now++;
	if (wdata_valid)
		write_beat(client, wdata);
	if (req) {
		struct request from = {
			.space = (unsigned int)space,
			.asid = (unsigned int)asid,
			.len = (unsigned int)len,
			.addr = addr,
		};

		accept(client, write, &from, (unsigned int)tag);
	}
	read_beat(client, rvalid, rtag, rdata, rlast, rreason);
	answer_write(client, bvalid, btag, breason);
	*req_ready = !held_back();
	*wready = !held_back();
}
