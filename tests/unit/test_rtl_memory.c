// SPDX-License-Identifier: MIT
/* The memories behind the ports of the RTL: bytes, time, order, faults. */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_mmu.h"
#include "sim/card/card.h"
#include "sim/rtl/harness/rtl_memory.h"
#include "tests/suite.h"

#define HOST_BUS 0x40000000ull
#define HOST_SIZE (64u << 10)
#define DRAM_SIZE (32ull << 20)
#define IDS 512u /* more than a port holds */
#define BATCH 64u
#define CYCLES_MAX 200000u

/* A master of one port, and what came back. */
struct bench {
	struct rtl_memory *memory;
	struct rtl_to_chip to[RTL_PORTS];
	struct rtl_from_chip from[RTL_PORTS];
	uint8_t *host;
	uint64_t cycle;
	unsigned int port;
	uint64_t signature; /* of all that the memory said, and when */
	/* By id. */
	uint8_t data[IDS][RTL_BLOCK_BYTES];
	uint8_t resp[IDS];
	unsigned int beats[IDS];
	uint64_t answered[IDS];		      /* cycle of the last beat, or of the write's answer */
	unsigned int order[IDS], num_answers; /* since it was last zero */
};

static void bench_open(struct bench *bench, const struct rtl_memory_config *config)
{
	memset(bench, 0, sizeof(*bench));
	bench->host = aligned_alloc(SL200_PAGE_SIZE, HOST_SIZE);
	CU_ASSERT_PTR_NOT_NULL_FATAL(bench->host);
	for (unsigned int i = 0; i < HOST_SIZE; i++)
		bench->host[i] = (uint8_t)(i * 7 + (i >> 8));
	CU_ASSERT_EQUAL_FATAL(rtl_memory_create(config, DRAM_SIZE, &bench->memory), 0);
	CU_ASSERT_EQUAL(host_mem_add(rtl_memory_host(bench->memory), HOST_BUS, bench->host,
				     HOST_SIZE, CARD_DMA_READ | CARD_DMA_WRITE),
			0);
	rtl_memory_set_bus_master(bench->memory, true);
	for (unsigned int i = 0; i < RTL_PORTS; i++)
		bench->from[i].r_ready = bench->from[i].b_ready = true;
}

static void bench_close(struct bench *bench)
{
	CU_ASSERT_TRUE(rtl_memory_idle(bench->memory));
	rtl_memory_destroy(bench->memory);
	free(bench->host);
}

static void sign(struct bench *bench, uint64_t value)
{
	bench->signature = (bench->signature ^ value) * 0x100000001b3u;
}

static void collect(struct bench *bench)
{
	const struct rtl_to_chip *to = &bench->to[bench->port];
	const struct rtl_from_chip *from = &bench->from[bench->port];

	if (to->r_valid && from->r_ready) {
		unsigned int id = to->r_id;

		memcpy(bench->data[id] + RTL_BEAT_BYTES * bench->beats[id]++, to->r_data,
		       RTL_BEAT_BYTES);
		bench->resp[id] = to->r_resp;
		if (to->r_last) {
			bench->answered[id] = bench->cycle;
			bench->order[bench->num_answers++ % IDS] = id;
		}
		sign(bench, bench->cycle << 16 | id);
	}
	if (to->b_valid && from->b_ready) {
		bench->resp[to->b_id] = to->b_resp;
		bench->answered[to->b_id] = bench->cycle;
		bench->order[bench->num_answers++ % IDS] = to->b_id;
		sign(bench, bench->cycle << 16 | 0x8000u | to->b_id);
	}
}

/* One cycle; tells which of the bench's signals were taken. */
static void step(struct bench *bench, bool *ar, bool *aw, bool *w)
{
	const struct rtl_to_chip *to = &bench->to[bench->port];
	const struct rtl_from_chip *from = &bench->from[bench->port];

	rtl_memory_drive(bench->memory, bench->to);
	*ar = to->ar_ready && from->ar_valid;
	*aw = to->aw_ready && from->aw_valid;
	*w = to->w_ready && from->w_valid;
	collect(bench);
	rtl_memory_take(bench->memory, bench->to, bench->from);
	bench->cycle++;
}

static void idle(struct bench *bench, unsigned int cycles)
{
	bool ar, aw, w;

	while (cycles--)
		step(bench, &ar, &aw, &w);
}

static void drain(struct bench *bench)
{
	for (unsigned int i = 0; i < CYCLES_MAX && !rtl_memory_idle(bench->memory); i++)
		idle(bench, 1);
	CU_ASSERT_TRUE_FATAL(rtl_memory_idle(bench->memory));
}

static void ask(struct bench *bench, uint64_t addr, unsigned int len, unsigned int id)
{
	struct rtl_from_chip *from = &bench->from[bench->port];
	bool ar = false, aw, w;

	bench->beats[id] = 0;
	bench->answered[id] = 0;
	from->ar = (struct rtl_request){.addr = addr, .len = (uint16_t)len, .id = (uint16_t)id};
	from->ar_valid = true;
	for (unsigned int i = 0; i < CYCLES_MAX && !ar; i++)
		step(bench, &ar, &aw, &w);
	CU_ASSERT_TRUE_FATAL(ar);
	from->ar_valid = false;
}

static unsigned int lines(uint64_t addr, unsigned int len)
{
	return (unsigned int)((addr + len - 1) / RTL_BEAT_BYTES - addr / RTL_BEAT_BYTES + 1);
}

static void tell(struct bench *bench, uint64_t addr, unsigned int len, unsigned int id,
		 const uint8_t *data)
{
	struct rtl_from_chip *from = &bench->from[bench->port];
	uint8_t block[RTL_BLOCK_BYTES] = {0};
	unsigned int beat = 0, count = lines(addr, len);
	bool ar, aw, w;

	memcpy(block + addr % RTL_BEAT_BYTES, data, len);
	bench->answered[id] = 0;
	from->aw = (struct rtl_request){.addr = addr, .len = (uint16_t)len, .id = (uint16_t)id};
	from->aw_valid = from->w_valid = true;
	for (unsigned int i = 0; i < CYCLES_MAX && beat < count; i++) {
		memcpy(from->w_data, block + RTL_BEAT_BYTES * beat, RTL_BEAT_BYTES);
		from->w_last = beat + 1 == count;
		step(bench, &ar, &aw, &w);
		if (aw)
			from->aw_valid = false;
		beat += w;
	}
	CU_ASSERT_EQUAL_FATAL(beat, count);
	CU_ASSERT_FALSE(from->aw_valid);
	from->w_valid = false;
}

/* Latencies of their own for every port, and nothing by chance. */
static struct rtl_memory_config plain(void)
{
	const struct rtl_memory_config config = {
		.port[RTL_PORT_HOST] = {.read_latency = 100, .write_latency = 30},
		.port[RTL_PORT_DRAM] = {.read_latency = 20, .write_latency = 5},
		.port[RTL_PORT_FLASH] = {.read_latency = 7, .write_latency = 3},
		.seed = 1,
	};

	return config;
}

static void test_latency(void)
{
	static const unsigned int read[RTL_PORTS] = {100, 20, 7}, write[RTL_PORTS] = {30, 5, 3};
	const struct rtl_memory_config config = plain();
	const uint8_t byte = 0x5a;
	struct bench bench;

	bench_open(&bench, &config);
	for (bench.port = 0; bench.port < RTL_PORTS; bench.port++) {
		uint64_t addr = bench.port == RTL_PORT_HOST ? HOST_BUS : 0x1000, from;

		drain(&bench);
		ask(&bench, addr, RTL_BLOCK_BYTES, 3);
		from = bench.cycle - 1; /* of the request */
		idle(&bench, read[bench.port] + 6);
		CU_ASSERT_EQUAL(bench.beats[3], 7);
		CU_ASSERT_EQUAL(bench.answered[3], 0);
		idle(&bench, 1);
		CU_ASSERT_EQUAL(bench.beats[3], 8);
		CU_ASSERT_EQUAL(bench.answered[3], from + read[bench.port] + 7);

		tell(&bench, addr, 1, 4, &byte);
		from = bench.cycle - 1; /* of the last beat */
		drain(&bench);
		CU_ASSERT_EQUAL(bench.answered[4], from + write[bench.port]);
	}
	bench_close(&bench);
}

static void test_contents(void)
{
	struct rtl_memory_config config = plain();
	uint8_t data[RTL_BLOCK_BYTES];
	struct bench bench;

	bench_open(&bench, &config);
	bench.port = RTL_PORT_DRAM;
	ask(&bench, DRAM_SIZE - 32, 32, 0);
	drain(&bench);
	for (unsigned int i = 0; i < 32; i++)
		CU_ASSERT_EQUAL(bench.data[0][i], 0);
	bench.port = RTL_PORT_FLASH;
	ask(&bench, SL200_FLASH_SIZE - 256, 256, 0);
	drain(&bench);
	for (unsigned int i = 0; i < 256; i++)
		CU_ASSERT_EQUAL(bench.data[0][i], 0xff);
	/* What was written is there, and nothing beside it. */
	for (bench.port = 0; bench.port < RTL_PORTS; bench.port++) {
		uint64_t base = bench.port == RTL_PORT_HOST ? HOST_BUS : 0;

		for (unsigned int offset = 0; offset < 40; offset += 3) {
			for (unsigned int len = 1; len < 256 - offset; len += 29) {
				uint8_t before[RTL_BLOCK_BYTES];
				bool same = true;

				ask(&bench, base, 256, 1);
				drain(&bench);
				memcpy(before, bench.data[1], sizeof(before));
				for (unsigned int i = 0; i < len; i++)
					data[i] = before[offset + i] = (uint8_t)rand();
				tell(&bench, base + offset, len, 2, data);
				drain(&bench);
				ask(&bench, base, 256, 1);
				drain(&bench);
				CU_ASSERT_EQUAL(memcmp(bench.data[1], before, 256), 0);
				/* And a read of the same bytes has them in their lanes. */
				ask(&bench, base + offset, len, 1);
				drain(&bench);
				CU_ASSERT_EQUAL(bench.beats[1], lines(base + offset, len));
				for (unsigned int i = 0; i < len; i++)
					same &= bench.data[1][offset % 32 + i] == data[i];
				CU_ASSERT_TRUE(same);
			}
		}
	}
	bench_close(&bench);
}

/* Data is that of the moment of the answer, and of the last beat. */
static void test_moment(void)
{
	const struct rtl_memory_config config = plain();
	const uint8_t zero[64] = {0};
	struct bench bench;

	bench_open(&bench, &config);
	bench.host[0] = 1;
	ask(&bench, HOST_BUS, 1, 0);
	idle(&bench, 98);
	bench.host[0] = 2;
	drain(&bench);
	CU_ASSERT_EQUAL(bench.data[0][0], 2);

	/* Two beats: the first alone changes nothing. */
	bench.answered[0] = 0;
	bench.from[0].aw = (struct rtl_request){.addr = HOST_BUS, .len = 64, .id = 0};
	bench.from[0].aw_valid = true;
	idle(&bench, 1);
	bench.from[0].aw_valid = false;
	memcpy(bench.from[0].w_data, zero, 32);
	bench.from[0].w_valid = true;
	bench.from[0].w_last = false;
	idle(&bench, 1);
	bench.from[0].w_valid = false;
	idle(&bench, 50);
	CU_ASSERT_EQUAL(bench.host[0], 2);
	bench.from[0].w_valid = bench.from[0].w_last = true;
	idle(&bench, 1);
	bench.from[0].w_valid = false;
	CU_ASSERT_EQUAL(memcmp(bench.host, zero, 64), 0);
	CU_ASSERT_EQUAL(bench.answered[0], 0);
	drain(&bench);
	bench_close(&bench);
}

static void test_faults(void)
{
	const struct rtl_memory_config config = plain();
	const uint8_t data[16] = {1, 2, 3};
	struct bench bench;
	uint8_t *page = aligned_alloc(SL200_PAGE_SIZE, SL200_PAGE_SIZE);
	const struct {
		unsigned int port;
		uint64_t addr;
		unsigned int len;
		bool read_fails, write_fails;
	} cases[] = {
		{RTL_PORT_HOST, HOST_BUS - 16, 16, true, true},
		{RTL_PORT_HOST, HOST_BUS + HOST_SIZE, 16, true, true},
		{RTL_PORT_HOST, HOST_BUS + HOST_SIZE - 16, 16, false, false},
		{RTL_PORT_HOST, UINT64_MAX - 15, 16, true, true},
		{RTL_PORT_HOST, 0x1000, 16, false, true}, /* only to read */
		{RTL_PORT_HOST, 0x2000, 16, true, false}, /* only to write */
		{RTL_PORT_DRAM, DRAM_SIZE - 16, 16, false, false},
		{RTL_PORT_DRAM, DRAM_SIZE, 16, true, true},
		{RTL_PORT_DRAM, UINT64_MAX - 15, 16, true, true},
		{RTL_PORT_FLASH, SL200_FLASH_SIZE - 16, 16, false, false},
		{RTL_PORT_FLASH, SL200_FLASH_SIZE, 16, true, true},
	};

	CU_ASSERT_PTR_NOT_NULL_FATAL(page);
	memset(page, 0, SL200_PAGE_SIZE);
	bench_open(&bench, &config);
	host_mem_add(rtl_memory_host(bench.memory), 0x1000, page, SL200_PAGE_SIZE, CARD_DMA_READ);
	host_mem_add(rtl_memory_host(bench.memory), 0x2000, page, SL200_PAGE_SIZE, CARD_DMA_WRITE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bench.port = cases[i].port;
		ask(&bench, cases[i].addr, cases[i].len, 5);
		drain(&bench);
		CU_ASSERT_EQUAL(bench.resp[5], cases[i].read_fails ? RTL_ERROR : RTL_OK);
		CU_ASSERT_EQUAL(bench.beats[5], 1);
		tell(&bench, cases[i].addr, cases[i].len, 6, data);
		drain(&bench);
		CU_ASSERT_EQUAL(bench.resp[6], cases[i].write_fails ? RTL_ERROR : RTL_OK);
	}

	/* A failed read of many beats has one. */
	bench.port = RTL_PORT_DRAM;
	ask(&bench, DRAM_SIZE, 256, 5);
	drain(&bench);
	CU_ASSERT_EQUAL(bench.beats[5], 1);

	/* Without bus mastering, what is in flight fails as well; the card's own memory does not.
	 */
	bench.port = RTL_PORT_HOST;
	ask(&bench, HOST_BUS, 16, 5);
	rtl_memory_set_bus_master(bench.memory, false);
	drain(&bench);
	CU_ASSERT_EQUAL(bench.resp[5], RTL_ERROR);
	bench.host[0] = 0xee;
	tell(&bench, HOST_BUS, 16, 5, data);
	drain(&bench);
	CU_ASSERT_EQUAL(bench.resp[5], RTL_ERROR);
	CU_ASSERT_EQUAL(bench.host[0], 0xee);
	bench.port = RTL_PORT_DRAM;
	ask(&bench, 0, 16, 5);
	drain(&bench);
	CU_ASSERT_EQUAL(bench.resp[5], RTL_OK);

	/* So does memory that is taken away. */
	bench.port = RTL_PORT_HOST;
	rtl_memory_set_bus_master(bench.memory, true);
	ask(&bench, 0x1000, 16, 5);
	CU_ASSERT_EQUAL(host_mem_remove(rtl_memory_host(bench.memory), 0x1000, SL200_PAGE_SIZE), 0);
	drain(&bench);
	CU_ASSERT_EQUAL(bench.resp[5], RTL_ERROR);
	bench_close(&bench);
	free(page);
}

/* Cycles that a stream of whole blocks takes, from the first answer on. */
static double stream(struct bench *bench, bool write, unsigned int blocks)
{
	uint8_t data[RTL_BLOCK_BYTES] = {0};
	uint64_t first = bench->cycle;

	for (unsigned int i = 0; i < blocks; i++) {
		uint64_t addr = HOST_BUS + i * RTL_BLOCK_BYTES % HOST_SIZE;

		if (write)
			tell(bench, addr, RTL_BLOCK_BYTES, i % IDS, data);
		else
			ask(bench, addr, RTL_BLOCK_BYTES, i % IDS);
	}
	drain(bench);
	return (double)(bench->cycle - first);
}

static void test_bandwidth(void)
{
	static const unsigned int bytes[] = {1, 7, 16, 21, 27, 32};
	const unsigned int blocks = 400;

	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		struct rtl_memory_config config = plain();
		struct bench bench;
		double ideal = (double)blocks * RTL_BLOCK_BYTES / bytes[i];

		config.port[RTL_PORT_HOST].bandwidth = bytes[i] * 1024;
		bench_open(&bench, &config);
		/* The bench itself leaves a cycle between two writes. */
		for (int write = 0; write < (bytes[i] < RTL_BEAT_BYTES ? 2 : 1); write++) {
			double cycles = stream(&bench, write, blocks);

			CU_ASSERT_TRUE(cycles > ideal * 0.99);
			CU_ASSERT_TRUE(cycles < ideal * 1.02 + 130);
		}
		bench_close(&bench);
	}
}

/* Reads and writes at once: each way has the bandwidth, or both together. */
static void test_both_ways(void)
{
	for (int shared = 0; shared < 2; shared++) {
		struct rtl_memory_config config = plain();
		const uint8_t data[RTL_BLOCK_BYTES] = {0};
		const unsigned int blocks = 60;
		struct bench bench;
		double ideal = blocks * RTL_BLOCK_BYTES / 8.0 * (shared ? 2 : 1);

		config.port[RTL_PORT_HOST].bandwidth = 8 * 1024;
		config.port[RTL_PORT_HOST].shared = shared;
		bench_open(&bench, &config);
		for (unsigned int i = 0; i < blocks; i++)
			ask(&bench, HOST_BUS, RTL_BLOCK_BYTES, i);
		idle(&bench, 100 - blocks);
		bench.cycle = 0;
		for (unsigned int i = 0; i < blocks; i++)
			tell(&bench, HOST_BUS + 4096, RTL_BLOCK_BYTES, i, data);
		drain(&bench);
		CU_ASSERT_TRUE((double)bench.cycle > ideal * 0.98 - 10);
		CU_ASSERT_TRUE((double)bench.cycle < ideal * 1.03 + 40);
		bench_close(&bench);
	}
}

static uint64_t random_traffic(uint64_t seed, bool *reordered)
{
	struct rtl_memory_config config;
	uint8_t data[RTL_BLOCK_BYTES];
	struct bench bench;
	uint64_t signature;

	rtl_memory_stress(&config);
	config.seed = seed;
	bench_open(&bench, &config);
	srand(1); /* the same traffic for every seed */
	*reordered = false;
	for (unsigned int round = 0; round < 20; round++) {
		bench.num_answers = 0;
		for (unsigned int id = 0; id < BATCH; id++) {
			unsigned int block = (unsigned int)rand() % 16 + 16 * id % 256;
			unsigned int head = (unsigned int)rand() % 256;
			unsigned int len = 1 + (unsigned int)rand() % (256 - head);

			if (round % 2) {
				for (unsigned int i = 0; i < len; i++)
					data[i] = (uint8_t)rand();
				tell(&bench, HOST_BUS + 256 * block + head, len, id, data);
			} else {
				ask(&bench, HOST_BUS + 256 * block + head, len, id);
			}
			bench.from[0].r_ready = bench.from[0].b_ready = rand() % 4;
		}
		bench.from[0].r_ready = bench.from[0].b_ready = true;
		drain(&bench);
		CU_ASSERT_EQUAL(bench.num_answers, BATCH);
		for (unsigned int id = 0; id < BATCH; id++) {
			CU_ASSERT_TRUE(bench.answered[id] != 0);
			*reordered |= bench.order[id] != id;
		}
	}
	for (unsigned int i = 0; i < HOST_SIZE; i++)
		sign(&bench, bench.host[i]);
	signature = bench.signature;
	bench_close(&bench);
	return signature;
}

/* The same seed gives the same cycles, another one others. Bytes are checked elsewhere. */
static void test_determinism(void)
{
	uint64_t signature[8];
	bool reordered;

	for (unsigned int seed = 0; seed < 8; seed++) {
		signature[seed] = random_traffic(seed, &reordered);
		CU_ASSERT_TRUE(reordered);
		CU_ASSERT_EQUAL(random_traffic(seed, &reordered), signature[seed]);
		for (unsigned int other = 0; other < seed; other++)
			CU_ASSERT_NOT_EQUAL(signature[seed], signature[other]);
	}
}

/* Without chance, answers keep the order of the requests. */
static void test_order(void)
{
	const struct rtl_memory_config config = plain();
	struct bench bench;

	bench_open(&bench, &config);
	for (unsigned int id = 0; id < BATCH; id++)
		ask(&bench, HOST_BUS + 64 * id, 64, id);
	drain(&bench);
	for (unsigned int id = 0; id < BATCH; id++)
		CU_ASSERT_EQUAL(bench.order[id], id);
	bench_close(&bench);
}

/* An answer stays until it is taken, whatever else is asked and whatever memory does meanwhile. */
static void test_held(void)
{
	struct rtl_memory_config config = plain();
	const uint8_t data[1] = {9};
	struct rtl_to_chip held;
	struct bench bench;

	config.port[RTL_PORT_HOST].jitter = 300;
	bench_open(&bench, &config);
	bench.from[0].r_ready = bench.from[0].b_ready = false;
	ask(&bench, HOST_BUS, 64, 0);
	tell(&bench, HOST_BUS + 256, 1, 1, data);
	idle(&bench, 500);
	held = bench.to[0];
	CU_ASSERT_TRUE(held.r_valid && held.b_valid && !held.r_last);
	for (unsigned int id = 2; id < 20; id++) {
		ask(&bench, HOST_BUS + 64 * id, 8, id);
		tell(&bench, HOST_BUS + 512 + id, 1, id + 20, data);
	}
	idle(&bench, 500);
	bench.host[0]++;
	idle(&bench, 10);
	CU_ASSERT_EQUAL(held.r_id, bench.to[0].r_id);
	CU_ASSERT_EQUAL(held.b_id, bench.to[0].b_id);
	CU_ASSERT_EQUAL(memcmp(held.r_data, bench.to[0].r_data, sizeof(held.r_data)), 0);
	bench.from[0].r_ready = bench.from[0].b_ready = true;
	drain(&bench);
	CU_ASSERT_EQUAL(bench.num_answers, 38);
	bench_close(&bench);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"latency", test_latency},
		{"contents", test_contents},
		{"the moment of access", test_moment},
		{"faults", test_faults},
		{"order", test_order},
		{"held answers", test_held},
		{"bandwidth", test_bandwidth},
		{"both ways", test_both_ways},
		{"determinism", test_determinism},
		CU_TEST_INFO_NULL,
	};

	return suite_run("memories of the RTL", NULL, NULL, tests);
}
