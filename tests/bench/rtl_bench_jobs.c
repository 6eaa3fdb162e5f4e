// SPDX-License-Identifier: MIT
/* What an empty job takes, and how fast cycles go. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/sl200_mmu.h"
#include "abi/sl200_regs.h"
#include "tests/bench/rtl_bench.h"

#define SINGLE_JOBS 64u
#define WARM_UP 8u
#define RING_JOBS 1024u
#define COPY_SIZE 64u
#define BUSY_SIZE (4u << 20)
#define BUSY_JOBS 4u
#define IDLE_US 500000u
#define SPEED_GOAL 500000.0

/* Where a job's cycles went. */
struct share {
	double cycles, chip, memory, asleep, firmware, instructions, polls;
};

static struct share share_of(const struct rtl_counts *from, const struct rtl_counts *to,
			     double jobs)
{
	double cycles = (double)(to->cycles - from->cycles) / jobs;
	double mdma = (double)(to->mdma - from->mdma) / jobs;
	double asleep = (double)(to->sleeping - from->sleeping) / jobs;
	double memory = (double)(to->memory - from->memory) / jobs;

	return (struct share){
		.cycles = cycles,
		.memory = memory,
		.chip = mdma - memory,
		.firmware = cycles - mdma - asleep,
		.instructions = (double)(to->instructions - from->instructions) / jobs,
		.asleep = asleep,
		.polls = (double)(to->polls - from->polls) / jobs,
	};
}

static void add(struct share *sum, const struct share *one, double weight)
{
	sum->cycles += weight * one->cycles;
	sum->memory += weight * one->memory;
	sum->chip += weight * one->chip;
	sum->firmware += weight * one->firmware;
	sum->instructions += weight * one->instructions;
	sum->asleep += weight * one->asleep;
	sum->polls += weight * one->polls;
}

static void report(struct rtl_bench *bench, const char *what, const char *name,
		   const struct share *s, const char *comma)
{
	printf("  %-34s %8.0f %8.0f %9.0f %8.0f %9.0f %8.0f %8.0f\n", what, s->cycles, s->chip,
	       s->memory, s->asleep, s->firmware, s->instructions, s->polls);
	fprintf(bench->json,
		"  \"%s\": {\"cycles\": %.1f, \"chip\": %.1f, \"memory\": %.1f, \"asleep\": %.1f, "
		"\"firmware\": %.1f, \"instructions\": %.1f, \"polls\": %.1f}%s\n",
		name, s->cycles, s->chip, s->memory, s->asleep, s->firmware, s->instructions,
		s->polls, comma);
}

static const struct rtl_bench_event *find(const struct rtl_bench_event *event,
					  const struct rtl_bench_event *end, unsigned int events)
{
	while (event < end && !(event->events & events))
		event++;
	if (event == end) {
		fputs("rtl_bench: a job left out an event\n", stderr);
		exit(EXIT_FAILURE);
	}
	return event;
}

static void single(struct rtl_bench *bench)
{
	static const struct {
		const char *what, *name;
		unsigned int until;
	} leg[] = {
		{"empty job: doorbell to first fetch", "to_fetch", RTL_EVENT_FETCH},
		{"  to completion in memory", "to_completion", RTL_EVENT_WRITTEN},
		{"  to interrupt", "to_interrupt", RTL_EVENT_INTERRUPT},
		{"  to sleep", "to_sleep", RTL_EVENT_ASLEEP},
	};
	enum { LEGS = sizeof(leg) / sizeof(leg[0]) };
	struct share mean[LEGS] = {0};

	for (unsigned int job = 0; job < WARM_UP + SINGLE_JOBS; job++) {
		const struct rtl_bench_event *event, *first, *end;
		unsigned int count;

		rtl_bench_record();
		rtl_bench_nop(bench->queue[0], &bench->seqno[0]);
		rtl_bench_finish(bench, 1);
		event = rtl_bench_recorded(&count);
		end = event + count;
		first = event = find(event, end, RTL_EVENT_DOORBELL);
		for (unsigned int i = 0; job >= WARM_UP && i < LEGS; i++) {
			struct share s;

			event = find(event, end, leg[i].until);
			s = share_of(&first->at, &event->at, 1);
			add(&mean[i], &s, 1.0 / SINGLE_JOBS);
		}
	}
	fputs(" \"job_alone\": {\n", bench->json);
	for (unsigned int i = 0; i < LEGS; i++)
		report(bench, leg[i].what, leg[i].name, &mean[i], i + 1 < LEGS ? "," : "");
	fputs(" },\n", bench->json);
}

/* Keep the rings full of empty jobs or, with buffers, of small copies. */
static void ring(struct rtl_bench *bench, const char *what, const char *name, unsigned int queues,
		 const struct sl_buffer *dst, const struct sl_buffer *src, const char *comma)
{
	const struct rtl_bench_event *event, *from = NULL, *to = NULL;
	uint64_t *seqno = bench->seqno;
	unsigned int count, written = 0;
	struct share s;

	rtl_bench_record();
	for (unsigned int i = 0; i < RING_JOBS; i++) {
		unsigned int q = i % queues;

		if (dst)
			rtl_bench_copy(bench->queue[q], sl_buffer_iova(dst), sl_buffer_iova(src),
				       COPY_SIZE, &seqno[q]);
		else
			rtl_bench_nop(bench->queue[q], &seqno[q]);
	}
	rtl_bench_finish(bench, queues);
	event = rtl_bench_recorded(&count);
	for (unsigned int i = 0; i < count && !to; i++, event++) {
		if (!(event->events & RTL_EVENT_WRITTEN))
			continue;
		written++;
		if (written == RING_JOBS / 4)
			from = event;
		else if (written == RING_JOBS * 3 / 4)
			to = event;
	}
	if (!to) {
		fputs("rtl_bench: jobs without completions\n", stderr);
		exit(EXIT_FAILURE);
	}
	s = share_of(&from->at, &to->at, RING_JOBS / 2);
	report(bench, what, name, &s, comma);
}

static void rings(struct rtl_bench *bench)
{
	struct sl_buffer *host, *dram;

	rtl_bench_must(sl_buffer_create(bench->device, SL200_PAGE_SIZE, SL_MEMORY_HOST, &host));
	rtl_bench_must(sl_buffer_create(bench->device, SL200_PAGE_SIZE, SL_MEMORY_CARD, &dram));
	fputs(" \"ring_full\": {\n", bench->json);
	ring(bench, "empty job, one of a full ring", "nop_1", 1, NULL, NULL, ",");
	ring(bench, "empty job, one of 32 rings", "nop_32", RTL_BENCH_QUEUES, NULL, NULL, ",");
	ring(bench, "64-byte copy, one of a full ring", "copy_1", 1, dram, host, ",");
	ring(bench, "64-byte copy, one of 32 rings", "copy_32", RTL_BENCH_QUEUES, dram, host, "");
	fputs(" },\n", bench->json);
	sl_buffer_destroy(host);
	sl_buffer_destroy(dram);
}

void rtl_bench_jobs(struct rtl_bench *bench)
{
	printf("\nCycles of a job; the memories' are those of the model behind the chip's ports\n");
	printf("  %-34s %8s %8s %9s %8s %9s %8s %8s\n", "", "all", "chip", "memories", "asleep",
	       "firmware", "instr.", "polls");
	single(bench);
	rings(bench);
}

/* ---------------------------------------------------------------- simulation speed */

static void speed(struct rtl_bench *bench, const char *what, double cycles, double processor,
		  double wall, const char *comma)
{
	printf("  %-26s %12.0f %10.2f %10.2f %14.0f %8.2f\n", what, cycles, processor, wall,
	       cycles / processor, cycles / processor / SPEED_GOAL);
	fprintf(bench->json,
		"  \"%s\": {\"cycles\": %.0f, \"processor_seconds\": %.3f, \"wall_seconds\": "
		"%.3f}%s\n",
		what, cycles, processor, wall, comma);
}

/* Between two calls of this. */
struct moment {
	double cycles, processor, wall;
};

static struct moment moment(void)
{
	return (struct moment){
		.cycles = (double)rtl_bench_counter(SL200_TELEM_CLOCK_LO),
		.processor = rtl_bench_card_seconds(),
		.wall = rtl_bench_wall_seconds(),
	};
}

static void speed_since(struct rtl_bench *bench, const char *what, struct moment from,
			const char *comma)
{
	struct moment to = moment();

	speed(bench, what, to.cycles - from.cycles, to.processor - from.processor,
	      to.wall - from.wall, comma);
}

static void idle(struct rtl_bench *bench)
{
	struct moment from;

	rtl_bench_awake(true);
	from = moment();
	usleep(IDLE_US);
	speed_since(bench, "idle, clocked all the same", from, ",");
	rtl_bench_awake(false);
}

static void busy(struct rtl_bench *bench)
{
	struct sl_buffer *host, *dram;
	struct moment from;

	rtl_bench_must(sl_buffer_create(bench->device, BUSY_SIZE, SL_MEMORY_HOST, &host));
	rtl_bench_must(sl_buffer_create(bench->device, BUSY_SIZE, SL_MEMORY_CARD, &dram));
	from = moment();
	for (unsigned int i = 0; i < BUSY_JOBS; i++)
		rtl_bench_copy(bench->queue[i % 2], sl_buffer_iova(dram), sl_buffer_iova(host),
			       BUSY_SIZE, &bench->seqno[i % 2]);
	rtl_bench_finish(bench, 2);
	speed_since(bench, "copying 4 MiB, two engines", from, "");
	sl_buffer_destroy(host);
	sl_buffer_destroy(dram);
}

void rtl_bench_speed(struct rtl_bench *bench)
{
	printf("\nCycles a second of processor time, and as a ratio to the goal of %.0f\n",
	       SPEED_GOAL);
	printf("  %-26s %12s %10s %10s %14s %8s\n", "", "cycles", "CPU s", "wall s", "cycles/CPU s",
	       "ratio");
	fputs(" \"speed\": {\n", bench->json);
	speed(bench, "power-on to running", (double)bench->open_cycles, bench->open_seconds,
	      bench->open_wall, ",");
	idle(bench);
	busy(bench);
	fputs(" }\n", bench->json);
}
