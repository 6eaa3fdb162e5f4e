/* SPDX-License-Identifier: MIT */
#include "sim/rtl/harness/rtl_memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_fw.h"
#include "sim/card/card.h"

#define FLASH_ERASED 0xff
/* Requests that a port holds. */
#define READS_MAX 256u
#define WRITES_MAX 64u
#define ANSWERS_MAX 256u
/* Time is counted in parts of a cycle, for bandwidths that are not whole bytes. */
#define TICKS 1024u

/* A read that waits, or the answer to a write. */
struct flight {
	uint64_t due;	/* cycle */
	uint64_t order; /* among those of one cycle */
	struct rtl_request request;
	uint8_t resp; /* of a write */
};

/* By due and order, soonest first. */
struct heap {
	struct flight *flight;
	unsigned int count;
};

struct port {
	struct rtl_port_config config;
	const char *name;
	bool active; /* its signals may change by themselves */
	uint64_t order;

	struct flight read_flight[READS_MAX], answer_flight[ANSWERS_MAX];
	struct heap reads, answers;
	struct rtl_request writes[WRITES_MAX]; /* a ring: those whose beats are to come */
	unsigned int first_write, num_writes;

	/* The read and the write being answered, and the write whose beats are being taken. */
	bool answering, acknowledging;
	unsigned int read_beat, read_beats, write_beat;
	struct rtl_request read;
	uint8_t read_resp;
	uint8_t read_data[RTL_BLOCK_BYTES], write_data[RTL_BLOCK_BYTES];

	/* Cycles before which a channel does nothing, and ticks before which no bytes move. */
	uint64_t ar_pause, aw_pause, w_pause, r_pause, b_pause;
	uint64_t read_free, write_free;
};

struct rtl_memory {
	uint64_t cycle;
	uint64_t random;
	bool bus_master;
	struct host_mem host;
	struct card_mem dram, flash;
	struct port port[RTL_PORTS];
};

void rtl_memory_defaults(struct rtl_memory_config *config)
{
	*config = (struct rtl_memory_config){
		.port[RTL_PORT_HOST] = {.read_latency = 400,
					.write_latency = 40,
					.jitter = 64,
					.bandwidth = 21 * TICKS},
		.port[RTL_PORT_DRAM] = {.read_latency = 60,
					.write_latency = 20,
					.jitter = 16,
					.bandwidth = 27 * TICKS,
					.shared = true},
		.port[RTL_PORT_FLASH] = {.read_latency = 64,
					 .write_latency = 64,
					 .bandwidth = TICKS,
					 .shared = true},
		.seed = 1,
	};
}

void rtl_memory_stress(struct rtl_memory_config *config)
{
	const struct rtl_port_config port = {.read_latency = 1,
					     .write_latency = 1,
					     .jitter = 200,
					     .stall = 512,
					     .stall_cycles = 8};

	*config = (struct rtl_memory_config){.port = {port, port, port}, .seed = 1};
}

int rtl_memory_create(const struct rtl_memory_config *config, uint64_t dram_size,
		      struct rtl_memory **out)
{
	static const char *const name[RTL_PORTS] = {"host", "DRAM", "flash"};
	struct rtl_memory *memory = calloc(1, sizeof(*memory));
	int rc;

	if (!memory)
		return -ENOMEM;
	rc = card_mem_create(&memory->dram, dram_size);
	if (!rc)
		rc = card_mem_create(&memory->flash, SL200_FLASH_SIZE);
	if (rc) {
		rtl_memory_destroy(memory);
		return rc;
	}
	memset(memory->flash.base, FLASH_ERASED, memory->flash.size);
	/* Any seed is as good as another, but the generator stays at zero for ever. */
	memory->random = config->seed * 0x9e3779b97f4a7c15u | 1;
	for (unsigned int i = 0; i < RTL_PORTS; i++) {
		struct port *port = &memory->port[i];

		port->config = config->port[i];
		port->name = name[i];
		port->reads.flight = port->read_flight;
		port->answers.flight = port->answer_flight;
		port->active = true; /* to show the chip that it is ready */
	}
	*out = memory;
	return 0;
}

void rtl_memory_destroy(struct rtl_memory *memory)
{
	card_mem_destroy(&memory->flash);
	card_mem_destroy(&memory->dram);
	host_mem_destroy(&memory->host);
	free(memory);
}

struct host_mem *rtl_memory_host(struct rtl_memory *memory)
{
	return &memory->host;
}

struct card_mem *rtl_memory_dram(struct rtl_memory *memory)
{
	return &memory->dram;
}

void rtl_memory_set_bus_master(struct rtl_memory *memory, bool bus_master)
{
	memory->bus_master = bus_master;
}

static bool port_idle(const struct port *port)
{
	return !port->answering && !port->acknowledging && !port->reads.count &&
	       !port->answers.count && !port->num_writes;
}

bool rtl_memory_idle(const struct rtl_memory *memory)
{
	for (unsigned int i = 0; i < RTL_PORTS; i++)
		if (!port_idle(&memory->port[i]))
			return false;
	return true;
}

static void breach(const struct port *port, const char *what, const struct rtl_request *request)
{
	fprintf(stderr, "sl200 rtl: %s port: %s (address 0x%llx, length %u, id %u)\n", port->name,
		what, (unsigned long long)request->addr, request->len, request->id);
	abort();
}

/* ---------------------------------------------------------------- chance */

static uint32_t chance(struct rtl_memory *memory, uint32_t below)
{
	if (below < 2)
		return 0;
	memory->random ^= memory->random << 13;
	memory->random ^= memory->random >> 7;
	memory->random ^= memory->random << 17;
	return (uint32_t)((memory->random >> 32) * below >> 32);
}

/* The first cycle after this one in which a channel that has just moved something may go on. */
static uint64_t pause_after(struct rtl_memory *memory, const struct port *port)
{
	uint64_t next = memory->cycle + 1;

	if (port->config.stall && chance(memory, 1024) < port->config.stall)
		next += 1 + chance(memory, port->config.stall_cycles);
	return next;
}

/* ---------------------------------------------------------------- what is in flight */

static bool sooner(const struct flight *a, const struct flight *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void heap_push(struct heap *heap, const struct flight *flight)
{
	unsigned int at = heap->count++;

	while (at && sooner(flight, &heap->flight[(at - 1) / 2])) {
		heap->flight[at] = heap->flight[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap->flight[at] = *flight;
}

static struct flight heap_pop(struct heap *heap)
{
	struct flight first = heap->flight[0], last = heap->flight[--heap->count];
	unsigned int at = 0, child;

	while ((child = 2 * at + 1) < heap->count) {
		if (child + 1 < heap->count &&
		    sooner(&heap->flight[child + 1], &heap->flight[child]))
			child++;
		if (!sooner(&heap->flight[child], &last))
			break;
		heap->flight[at] = heap->flight[child];
		at = child;
	}
	heap->flight[at] = last;
	return first;
}

static void launch(struct rtl_memory *memory, struct port *port, struct heap *heap,
		   uint32_t latency, const struct rtl_request *request, uint8_t resp)
{
	const struct flight flight = {
		.due = memory->cycle + latency + chance(memory, port->config.jitter + 1),
		.order = port->order++,
		.request = *request,
		.resp = resp,
	};

	heap_push(heap, &flight);
}

/* ---------------------------------------------------------------- bytes */

static uint8_t *locate(struct rtl_memory *memory, const struct port *port,
		       const struct rtl_request *request, unsigned int prot)
{
	const struct host_region *region;
	const struct card_mem *mem =
		port == &memory->port[RTL_PORT_DRAM] ? &memory->dram : &memory->flash;

	if (port != &memory->port[RTL_PORT_HOST])
		return card_mem_holds(mem, request->addr, request->len) ? mem->base + request->addr
									: NULL;
	if (!memory->bus_master)
		return NULL;
	/* Regions are made of pages, which no request crosses. */
	region = host_mem_find(&memory->host, request->addr);
	return region && region->prot & prot ? region->vaddr + (request->addr - region->bus) : NULL;
}

/* Others look at the same memory: each word is whole, and those before it are there first. */
static void put(uint8_t *mem, const uint8_t *data, unsigned int len)
{
	while (len) {
		unsigned int n = 1;

		if (!((uintptr_t)mem & 7) && len >= 8) {
			uint64_t word;

			n = sizeof(word);
			memcpy(&word, data, n);
			__atomic_store_n((uint64_t *)mem, word, __ATOMIC_RELEASE);
		} else if (!((uintptr_t)mem & 3) && len >= 4) {
			uint32_t word;

			n = sizeof(word);
			memcpy(&word, data, n);
			__atomic_store_n((uint32_t *)mem, word, __ATOMIC_RELEASE);
		} else {
			__atomic_store_n(mem, *data, __ATOMIC_RELEASE);
		}
		mem += n;
		data += n;
		len -= n;
	}
}

static void get(uint8_t *mem, uint8_t *data, unsigned int len)
{
	while (len) {
		unsigned int n = 1;

		if (!((uintptr_t)mem & 7) && len >= 8) {
			uint64_t word = __atomic_load_n((uint64_t *)mem, __ATOMIC_ACQUIRE);

			n = sizeof(word);
			memcpy(data, &word, n);
		} else if (!((uintptr_t)mem & 3) && len >= 4) {
			uint32_t word = __atomic_load_n((uint32_t *)mem, __ATOMIC_ACQUIRE);

			n = sizeof(word);
			memcpy(data, &word, n);
		} else {
			*data = __atomic_load_n(mem, __ATOMIC_ACQUIRE);
		}
		mem += n;
		data += n;
		len -= n;
	}
}

/* Lines of a beat's size that a request touches. */
static unsigned int beats(const struct rtl_request *request)
{
	return (request->addr % RTL_BEAT_BYTES + request->len + RTL_BEAT_BYTES - 1) /
	       RTL_BEAT_BYTES;
}

/* Bytes of the request in its k-th line. */
static unsigned int beat_bytes(const struct rtl_request *request, unsigned int k)
{
	unsigned int head = request->addr % RTL_BEAT_BYTES, end = head + request->len;
	unsigned int from = k ? k * RTL_BEAT_BYTES : head, to = (k + 1) * RTL_BEAT_BYTES;

	return (to < end ? to : end) - from;
}

/* Ticks when the next bytes may move. Some idle time is made up for: a burst is not spread out. */
static void spend(struct rtl_memory *memory, struct port *port, uint64_t *free, unsigned int bytes)
{
	const uint64_t burst = 2 * TICKS, now = memory->cycle * TICKS;

	if (!port->config.bandwidth)
		return;
	if (*free + burst < now)
		*free = now - burst;
	*free += (uint64_t)bytes * TICKS * TICKS / port->config.bandwidth;
}

static uint64_t *write_free(struct port *port)
{
	return port->config.shared ? &port->read_free : &port->write_free;
}

static bool may_move(const struct rtl_memory *memory, uint64_t free)
{
	return free <= memory->cycle * TICKS;
}

/* ---------------------------------------------------------------- a cycle */

static void begin_answer(struct rtl_memory *memory, struct port *port)
{
	struct flight flight = heap_pop(&port->reads);
	uint8_t *mem = locate(memory, port, &flight.request, CARD_DMA_READ);

	port->answering = true;
	port->read = flight.request;
	port->read_beat = 0;
	port->read_beats = mem ? beats(&flight.request) : 1;
	port->read_resp = mem ? RTL_OK : RTL_ERROR;
	if (mem)
		get(mem, port->read_data + flight.request.addr % RTL_BEAT_BYTES,
		    flight.request.len);
}

static void drive_read(struct rtl_memory *memory, struct port *port, struct rtl_to_chip *to)
{
	if (to->r_valid) /* not yet taken: it stays as it is */
		return;
	if (memory->cycle < port->r_pause || !may_move(memory, port->read_free))
		return;
	if (!port->answering) {
		if (!port->reads.count || port->reads.flight[0].due > memory->cycle)
			return;
		begin_answer(memory, port);
	}
	to->r_valid = true;
	to->r_id = port->read.id;
	to->r_resp = port->read_resp;
	to->r_last = port->read_beat + 1 == port->read_beats;
	memcpy(to->r_data, port->read_data + port->read_beat * RTL_BEAT_BYTES, RTL_BEAT_BYTES);
}

static void drive_answer(struct rtl_memory *memory, struct port *port, struct rtl_to_chip *to)
{
	struct flight flight;

	if (to->b_valid || memory->cycle < port->b_pause || !port->answers.count ||
	    port->answers.flight[0].due > memory->cycle)
		return;
	flight = heap_pop(&port->answers);
	port->acknowledging = true;
	to->b_valid = true;
	to->b_id = flight.request.id;
	to->b_resp = flight.resp;
}

static void drive_port(struct rtl_memory *memory, struct port *port, struct rtl_to_chip *to)
{
	to->ar_ready = memory->cycle >= port->ar_pause && port->reads.count < READS_MAX;
	to->aw_ready = memory->cycle >= port->aw_pause && port->num_writes < WRITES_MAX;
	to->w_ready = memory->cycle >= port->w_pause && port->num_writes &&
		      port->answers.count < ANSWERS_MAX && may_move(memory, *write_free(port));
	drive_read(memory, port, to);
	drive_answer(memory, port, to);
	/* Once all pauses are over, an idle port has nothing more to change. */
	port->active = !port_idle(port) || !to->ar_ready || !to->aw_ready;
}

void rtl_memory_drive(struct rtl_memory *memory, struct rtl_to_chip to[RTL_PORTS])
{
	for (unsigned int i = 0; i < RTL_PORTS; i++)
		if (memory->port[i].active)
			drive_port(memory, &memory->port[i], &to[i]);
}

static void check(const struct port *port, const struct rtl_request *request)
{
	if (!request->len || request->addr % RTL_BLOCK_BYTES + request->len > RTL_BLOCK_BYTES)
		breach(port, "a request crosses a block", request);
}

static void take_beat(struct rtl_memory *memory, struct port *port,
		      const struct rtl_from_chip *from)
{
	const struct rtl_request *request = &port->writes[port->first_write];
	bool last = port->write_beat + 1 == beats(request);
	uint8_t *mem;

	if (from->w_last != last)
		breach(port, "a write has a wrong number of beats", request);
	memcpy(port->write_data + port->write_beat * RTL_BEAT_BYTES, from->w_data, RTL_BEAT_BYTES);
	spend(memory, port, write_free(port), beat_bytes(request, port->write_beat));
	port->w_pause = pause_after(memory, port);
	port->write_beat++;
	if (!last)
		return;
	mem = locate(memory, port, request, CARD_DMA_WRITE);
	if (mem)
		put(mem, port->write_data + request->addr % RTL_BEAT_BYTES, request->len);
	launch(memory, port, &port->answers, port->config.write_latency, request,
	       mem ? RTL_OK : RTL_ERROR);
	port->first_write = (port->first_write + 1) % WRITES_MAX;
	port->num_writes--;
	port->write_beat = 0;
}

static void take_read(struct rtl_memory *memory, struct port *port)
{
	unsigned int bytes =
		port->read_resp == RTL_OK ? beat_bytes(&port->read, port->read_beat) : 0;

	spend(memory, port, &port->read_free, bytes);
	port->r_pause = pause_after(memory, port);
	if (++port->read_beat == port->read_beats)
		port->answering = false;
}

static void take_requests(struct rtl_memory *memory, struct port *port,
			  const struct rtl_to_chip *to, const struct rtl_from_chip *from)
{
	if (from->ar_valid && to->ar_ready) {
		check(port, &from->ar);
		launch(memory, port, &port->reads, port->config.read_latency, &from->ar, 0);
		port->ar_pause = pause_after(memory, port);
		port->active = true;
	}
	if (from->aw_valid && to->aw_ready) {
		check(port, &from->aw);
		port->writes[(port->first_write + port->num_writes++) % WRITES_MAX] = from->aw;
		port->aw_pause = pause_after(memory, port);
		port->active = true;
	}
}

static void take_port(struct rtl_memory *memory, struct port *port, struct rtl_to_chip *to,
		      const struct rtl_from_chip *from)
{
	if (port->active) {
		if (from->w_valid && to->w_ready)
			take_beat(memory, port, from);
		if (to->r_valid && from->r_ready) {
			take_read(memory, port);
			to->r_valid = false;
		}
		if (to->b_valid && from->b_ready) {
			port->acknowledging = false;
			port->b_pause = pause_after(memory, port);
			to->b_valid = false;
		}
	}
	take_requests(memory, port, to, from);
}

void rtl_memory_take(struct rtl_memory *memory, struct rtl_to_chip to[RTL_PORTS],
		     const struct rtl_from_chip from[RTL_PORTS])
{
	for (unsigned int i = 0; i < RTL_PORTS; i++)
		if (memory->port[i].active || from[i].ar_valid || from[i].aw_valid)
			take_port(memory, &memory->port[i], &to[i], &from[i]);
	memory->cycle++;
}
