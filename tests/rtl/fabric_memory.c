/* SPDX-License-Identifier: MIT */
/* The memories behind the ports: late, in any order, with stalls. */
#include "tests/rtl/fabric_bench.h"

#include <inttypes.h>
#include <string.h>

uint8_t host[HOST_SIZE], tables[TABLE_SIZE], dram[DRAM_SIZE], flash[SL200_FLASH_SIZE];
/* What the memories should hold, and which blocks have requests in flight. */
uint8_t host_want[HOST_SIZE], dram_want[DRAM_SIZE], flash_want[SL200_FLASH_SIZE];
static uint8_t host_busy[HOST_SIZE / BLOCK], dram_busy[DRAM_SIZE / BLOCK + 1],
	flash_busy[SL200_FLASH_SIZE / BLOCK];

/* One page in 64 of the host is not registered; none of the last ones. */
bool registered(uint64_t page)
{
	return page % 64 != 37 || page >= 3072;
}

/* Memory, what it should hold, or its busy marks: NULL where nothing answers. */
uint8_t *memory(enum port port, uint64_t addr, bool want)
{
	switch (port) {
	case HOST:
		if (addr - TABLE_BASE < TABLE_SIZE)
			return tables + (addr - TABLE_BASE);
		addr -= HOST_BASE;
		if (addr >= HOST_SIZE || !registered(PAGES(addr)))
			return NULL;
		return (want ? host_want : host) + addr;
	case DRAM:
		return addr < DRAM_SIZE ? (want ? dram_want : dram) + addr : NULL;
	default:
		return addr < SL200_FLASH_SIZE ? (want ? flash_want : flash) + addr : NULL;
	}
}

uint8_t *busy(enum port port, uint64_t addr)
{
	switch (port) {
	case HOST:
		return &host_busy[(addr - HOST_BASE) / BLOCK];
	case DRAM:
		return &dram_busy[addr / BLOCK];
	default:
		return &flash_busy[addr / BLOCK];
	}
}

unsigned int beats_of(uint64_t addr, unsigned int len)
{
	return (unsigned int)((addr + len - 1) / BEAT - addr / BEAT + 1);
}

static struct access *accept(struct access_list *list, const uint32_t *vec, unsigned int p)
{
	struct access *access;

	if (list->count == sizeof(list->at) / sizeof(list->at[0])) {
		fail("port %u: more requests than there are ids", p);
		list->count = 0;
	}
	access = &list->at[list->count++];
	access->id = (unsigned int)get(vec, p * PORT_BITS, 10);
	access->len = (unsigned int)get(vec, p * PORT_BITS + 10, 9);
	access->addr = get(vec, p * PORT_BITS + 19, 64);
	access->beats = beats_of(access->addr, access->len);
	access->beat = 0;
	access->taken = false;
	access->ready = bench.cycle + bench.latency + (bench.jitter ? rnd(bench.jitter) : 0);
	if (!access->len || access->addr % BLOCK + access->len > BLOCK)
		fail("port %u: a request of %u bytes at %" PRIx64, p, access->len, access->addr);
	for (unsigned int i = 0; i + 1 < list->count; i++)
		if (list->at[i].id == access->id)
			fail("port %u: id %x twice", p, access->id);
	return access;
}

static void drop(struct access_list *list, unsigned int i)
{
	memmove(&list->at[i], &list->at[i + 1], (list->count - i - 1) * sizeof(list->at[0]));
	list->count--;
}

/* Any that is ready, in the order of asking when nothing is to be random. */
static int choose(const struct access_list *list)
{
	unsigned int at;

	if (!list->count)
		return -1;
	at = bench.jitter ? (unsigned int)rnd(list->count) : 0;
	for (unsigned int i = 0; i < list->count; i++, at = (at + 1) % list->count)
		if (list->at[at].ready <= bench.cycle)
			return (int)at;
	return -1;
}

static void count_bytes(enum port p, bool write, const struct access *access)
{
	if (p != FLASH && access->id >> 6 != WALKER && access->response != RESP_ERROR &&
	    access->response != RESP_ECC)
		bench.bytes[p * 2 + write] += access->len;
}

static bool is_client(unsigned int id)
{
	return id >> 6 < CLIENTS;
}

static struct request *owner(unsigned int id)
{
	return &bench.client[id >> 6].tag[id & 63];
}

static void take_data(enum port p, struct access *access)
{
	uint8_t *from = memory(p, access->addr, false);

	access->response = from ? RESP_OK : RESP_ERROR;
	if (from)
		memcpy(access->data, from - access->addr % BLOCK, BLOCK);
	access->taken = true;
}

static void begin_read(enum port p, struct access *access)
{
	bool from;

	if (!access->taken)
		take_data(p, access);
	from = access->response == RESP_OK;
	if (p == DRAM && from && chance(6)) {
		access->response = chance(128) ? RESP_CORRECTED : RESP_ECC;
		if (access->response == RESP_CORRECTED) {
			bench.corrected++;
		} else {
			bench.uncorrected++;
			bench.ecc_answers++;
			owner(access->id)->reason = MEM_ECC;
		}
	}
	if (access->response == RESP_ERROR || access->response == RESP_ECC)
		access->beats = 1;
	if (p == HOST && access->response == RESP_ERROR && is_client(access->id))
		bench.faults++;
}

void see_port(enum port p, const uint32_t *ar_valid, const uint32_t *ar, const uint32_t *r_ready,
	      const uint32_t *aw_valid, const uint32_t *aw, const uint32_t *w_valid,
	      const uint32_t *w_data, const uint32_t *w_last, const uint32_t *b_ready)
{
	struct channel *channel = &bench.channel[p];

	if (bit(bench.drive.r_valid, p) && bit(*r_ready, p)) {
		struct access *access = channel->reading;

		bench.drive.r_valid &= ~(1u << p);
		if (++access->beat == access->beats) {
			count_bytes(p, false, access);
			drop(&channel->reads, (unsigned int)(access - channel->reads.at));
			channel->reading = NULL;
		}
	}
	if (bit(bench.drive.b_valid, p) && bit(*b_ready, p)) {
		bench.drive.b_valid &= ~(1u << p);
		count_bytes(p, true, &channel->answers.at[channel->answering]);
		drop(&channel->answers, channel->answering);
	}
	if (bit(bench.drive.w_ready, p) && bit(*w_valid, p)) {
		struct access *access = &channel->writes.at[0];

		if (!channel->writes.count) {
			fail("port %u: a beat before its request", p);
			return;
		}
		memcpy(access->data + (access->addr / BEAT + access->beat) * BEAT % BLOCK,
		       w_data + p * 8, BEAT);
		access->beat++;
		if (bit(*w_last, p) != (access->beat == access->beats))
			fail("port %u: last at beat %u of %u", p, access->beat, access->beats);
		if (access->beat == access->beats) {
			uint8_t *to = memory(p, access->addr, false);

			access->response = to ? RESP_OK : RESP_ERROR;
			if (to)
				memcpy(to, access->data + access->addr % BLOCK, access->len);
			if (p == HOST && !to)
				bench.faults++;
			access->ready = bench.cycle + bench.latency +
					(bench.jitter ? rnd(bench.jitter) : 0);
			channel->answers.at[channel->answers.count++] = *access;
			drop(&channel->writes, 0);
		}
	}
	if (bit(bench.drive.aw_ready, p) && bit(*aw_valid, p))
		accept(&channel->writes, aw, p);
	if (bit(bench.drive.ar_ready, p) && bit(*ar_valid, p)) {
		ptrdiff_t reading = channel->reading ? channel->reading - channel->reads.at : -1;
		struct access *access = accept(&channel->reads, ar, p);

		/* What it finds may be old when it is answered. */
		if (chance(128))
			take_data(p, access);
		channel->reading = reading < 0 ? NULL : &channel->reads.at[reading];
	}
}

void drive_port(enum port p)
{
	struct channel *channel = &bench.channel[p];
	struct drive *d = &bench.drive;
	int i;

	put(&d->ar_ready, p, 1, !chance(bench.stall));
	put(&d->aw_ready, p, 1, !chance(bench.stall));
	put(&d->w_ready, p, 1, !chance(bench.stall));
	if (!bit(d->r_valid, p) && !chance(bench.stall)) {
		struct access *access = channel->reading;

		if (!access) {
			i = choose(&channel->reads);
			if (i >= 0) {
				access = channel->reading = &channel->reads.at[i];
				begin_read(p, access);
			}
		}
		if (access) {
			put(&d->r_valid, p, 1, 1);
			put(&d->r_id, p * 10, 10, access->id);
			put(&d->r_last, p, 1, access->beat + 1 == access->beats);
			put(&d->r_resp, p * 2, 2, access->response);
			memcpy(d->r_data + p * 8,
			       access->data + (access->addr / BEAT + access->beat) * BEAT % BLOCK,
			       BEAT);
		}
	}
	if (!bit(d->b_valid, p) && !chance(bench.stall)) {
		i = choose(&channel->answers);
		if (i >= 0) {
			channel->answering = (unsigned int)i;
			put(&d->b_valid, p, 1, 1);
			put(&d->b_id, p * 10, 10, channel->answers.at[i].id);
			put(&d->b_resp, p * 2, 2, channel->answers.at[i].response);
		}
	}
}

void compare_memory(void)
{
	if (memcmp(host, host_want, HOST_SIZE))
		fail("host memory differs");
	if (memcmp(dram, dram_want, DRAM_SIZE))
		fail("DRAM differs");
	if (memcmp(flash, flash_want, SL200_FLASH_SIZE))
		fail("flash differs");
}
