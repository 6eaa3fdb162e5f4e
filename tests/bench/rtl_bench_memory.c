// SPDX-License-Identifier: MIT
/* Copies against the ceiling of the memories' model, and what translation costs. */
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_mmu.h"
#include "abi/sl200_regs.h"
#include "tests/bench/rtl_bench.h"

#define SIZE_MIN 64u
#define SIZE_MAX_COPY (4u << 20)
#define SIZE_STEP 4u
/* Of a measurement. */
#define BYTES_MAX (4u << 20)
#define JOBS_MAX 256u
/* Without --all: no measurement moves more than this. */
#define BYTES_MAX_QUICK (8u << 20)
/* From so many jobs on, the first eighth is not counted: the pipes fill. */
#define JOBS_STEADY 64u

/* Of enough of the pages for the TLB to forget some. */
#define WORKING_SET (32u << 20)
#define PIECE (1u << 20)
#define PIECES (WORKING_SET / PIECE)
#define SCATTERED_JOBS 512u

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((random_state >> 33) % limit);
}

/* Bytes a cycle from host memory to card DRAM: the slower of the link and the DRAM. */
static double ceiling(void)
{
	struct rtl_memory_config config;
	uint32_t host, dram;

	rtl_memory_defaults(&config);
	host = config.port[RTL_PORT_HOST].bandwidth;
	dram = config.port[RTL_PORT_DRAM].bandwidth;
	return (host < dram ? host : dram) / 1024.0;
}

/* ---------------------------------------------------------------- copies */

/* Bytes a cycle. */
static double copies(struct rtl_bench *bench, struct sl_buffer *dram, struct sl_buffer *host,
		     uint32_t size, unsigned int queues, uint32_t jobs)
{
	unsigned int count, first = jobs >= JOBS_STEADY ? jobs / 8 : 0, written = 0;
	uint64_t from = 0, to = 0;
	const struct rtl_bench_event *event;

	rtl_bench_record();
	for (uint32_t i = 0; i < jobs; i++) {
		uint64_t at = (uint64_t)i * size % SIZE_MAX_COPY;

		rtl_bench_copy(bench->queue[i % queues], sl_buffer_iova(dram) + at,
			       sl_buffer_iova(host) + at, size, &bench->seqno[i % queues]);
	}
	rtl_bench_finish(bench, queues);
	event = rtl_bench_recorded(&count);
	for (unsigned int i = 0; i < count; i++, event++) {
		if (!first && !from && event->events & RTL_EVENT_DOORBELL)
			from = event->at.cycles;
		if (!(event->events & RTL_EVENT_WRITTEN))
			continue;
		if (++written == first)
			from = event->at.cycles;
		to = event->at.cycles;
	}
	if (written != jobs) {
		fprintf(stderr, "rtl_bench: %u completions of %u jobs\n", written, jobs);
		exit(EXIT_FAILURE);
	}
	return (double)(jobs - first) * size / (double)(to - from);
}

static void table_head(double most)
{
	printf("\nCopies from host to card memory, bytes a cycle and percent of the link's %.1f\n",
	       most);
	printf("  %10s", "bytes");
	for (unsigned int queues = 1; queues <= RTL_BENCH_QUEUES; queues *= 2)
		printf("  %4u queue%s", queues, queues > 1 ? "s" : " ");
	printf("\n");
}

void rtl_bench_copies(struct rtl_bench *bench, bool all)
{
	struct sl_buffer *host, *dram;
	double most = ceiling();
	const char *comma = "";

	rtl_bench_must(sl_buffer_create(bench->device, SIZE_MAX_COPY, SL_MEMORY_HOST, &host));
	rtl_bench_must(sl_buffer_create(bench->device, SIZE_MAX_COPY, SL_MEMORY_CARD, &dram));
	table_head(most);
	fprintf(bench->json, " \"copy_ceiling\": %.3f,\n \"copies\": [", most);
	for (uint32_t size = SIZE_MIN; size <= SIZE_MAX_COPY; size *= SIZE_STEP) {
		printf("  %10u", size);
		for (unsigned int queues = 1; queues <= RTL_BENCH_QUEUES; queues *= 2) {
			uint32_t jobs = BYTES_MAX / size < JOBS_MAX ? BYTES_MAX / size : JOBS_MAX;
			double rate;

			jobs = jobs < queues ? queues : jobs;
			if (!all && (uint64_t)jobs * size > BYTES_MAX_QUICK) {
				printf("  %11s", "-");
				continue;
			}
			rate = copies(bench, dram, host, size, queues, jobs);
			printf("  %5.2f %4.1f%%", rate, 100 * rate / most);
			fflush(stdout);
			fprintf(bench->json,
				"%s\n  {\"bytes\": %u, \"queues\": %u, \"bytes_a_cycle\": %.3f}",
				comma, size, queues, rate);
			comma = ",";
		}
		printf("\n");
	}
	fputs("\n ],\n", bench->json);
	sl_buffer_destroy(host);
	sl_buffer_destroy(dram);
}

/* ---------------------------------------------------------------- translation */

struct pieces {
	struct sl_buffer *buffer[PIECES];
	unsigned int count;
};

/* A buffer of 2 MiB or more has large pages, a smaller one small ones. */
static void create(struct rtl_bench *bench, struct pieces *pieces, enum sl_memory memory, bool huge)
{
	pieces->count = huge ? 1 : PIECES;
	for (unsigned int i = 0; i < pieces->count; i++)
		rtl_bench_must(sl_buffer_create(bench->device, WORKING_SET / pieces->count, memory,
						&pieces->buffer[i]));
}

static void destroy(struct pieces *pieces)
{
	for (unsigned int i = 0; i < pieces->count; i++)
		sl_buffer_destroy(pieces->buffer[i]);
}

static uint64_t address(const struct pieces *pieces, uint32_t at)
{
	uint32_t size = WORKING_SET / pieces->count;

	return sl_buffer_iova(pieces->buffer[at / size]) + at % size;
}

static void translate(struct rtl_bench *bench, const struct pieces *dram, const struct pieces *host,
		      const char *what, const char *name, bool scattered, const char *comma)
{
	uint32_t size = scattered ? SL200_PAGE_SIZE : PIECE;
	uint32_t jobs = scattered ? SCATTERED_JOBS : BYTES_MAX / PIECE;
	uint64_t lookups, walks, cycles;
	double hits;

	lookups = rtl_bench_counter(SL200_TELEM_TLB_LOOKUPS_LO);
	walks = rtl_bench_counter(SL200_TELEM_TLB_WALKS_LO);
	cycles = rtl_bench_counter(SL200_TELEM_TLB_WALK_CYCLES_LO);
	for (uint32_t i = 0; i < jobs; i++) {
		uint32_t from = (scattered ? random_below(WORKING_SET / size) : i) * size;
		uint32_t to = (scattered ? random_below(WORKING_SET / size) : i) * size;

		rtl_bench_copy(bench->queue[i % 2], address(dram, to), address(host, from), size,
			       &bench->seqno[i % 2]);
	}
	rtl_bench_finish(bench, 2);
	lookups = rtl_bench_counter(SL200_TELEM_TLB_LOOKUPS_LO) - lookups;
	walks = rtl_bench_counter(SL200_TELEM_TLB_WALKS_LO) - walks;
	cycles = rtl_bench_counter(SL200_TELEM_TLB_WALK_CYCLES_LO) - cycles;
	hits = 1 - (double)walks / (double)lookups;
	printf("  %-44s %10llu %8llu %9.2f %% %12.1f\n", what, (unsigned long long)lookups,
	       (unsigned long long)walks, 100 * hits, walks ? (double)cycles / (double)walks : 0.0);
	fprintf(bench->json,
		"  \"%s\": {\"lookups\": %llu, \"walks\": %llu, \"walk_cycles\": %llu}%s\n", name,
		(unsigned long long)lookups, (unsigned long long)walks, (unsigned long long)cycles,
		comma);
}

static void translations(struct rtl_bench *bench, bool huge)
{
	struct pieces host, dram;

	create(bench, &host, SL_MEMORY_HOST, huge);
	create(bench, &dram, SL_MEMORY_CARD, huge);
	if (huge) {
		translate(bench, &dram, &host, "2 MiB pages: 1 MiB each, in order", "linear_2m",
			  false, ",");
		translate(bench, &dram, &host, "  4 KiB each, anywhere in 32 MiB", "scattered_2m",
			  true, "");
	} else {
		translate(bench, &dram, &host, "4 KiB pages: 1 MiB each, in order", "linear_4k",
			  false, ",");
		translate(bench, &dram, &host, "  4 KiB each, anywhere in 32 MiB", "scattered_4k",
			  true, ",");
	}
	destroy(&host);
	destroy(&dram);
}

void rtl_bench_mmu(struct rtl_bench *bench)
{
	printf("\nTranslation, two queues of copies\n");
	printf("  %-44s %10s %8s %11s %12s\n", "", "lookups", "walks", "hits", "cycles/walk");
	fputs(" \"mmu\": {\n", bench->json);
	translations(bench, false);
	translations(bench, true);
	fputs(" },\n", bench->json);
}
