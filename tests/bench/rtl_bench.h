/* SPDX-License-Identifier: MIT */
/* Shared by the parts of rtl_bench, which measures the chip in RTL in its own cycles. */
#ifndef RTL_BENCH_H
#define RTL_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/rtl/harness/rtl_memory.h"
#include "sim/rtl/harness/rtl_observer.h"
#include "sl200/sl.h"

#define RTL_BENCH_DEPTH 256u
#define RTL_BENCH_QUEUES 32u

/* Events of the chip, and all counts at each. */
struct rtl_bench_event {
	unsigned int events; /* enum rtl_event */
	struct rtl_counts at;
};

struct rtl_bench {
	struct sl_device *device;
	struct sl_queue *queue[RTL_BENCH_QUEUES];
	uint64_t seqno[RTL_BENCH_QUEUES]; /* of their last jobs */
	double open_seconds; /* processor time of the card's thread, from power-on to the open card
			      */
	double open_wall;
	uint64_t open_cycles;
	FILE *json;
};

/* Ends the process unless a call of libsl went well. */
void rtl_bench_must(int result);

/* Power on a card and open it, which boots its firmware. */
void rtl_bench_open(struct rtl_bench *bench);
void rtl_bench_close(struct rtl_bench *bench);

/* A counter of BAR0 that has a low half, at lo, and a high one. */
uint64_t rtl_bench_counter(uint32_t lo);
/* Whether the chip is clocked when it is idle. */
void rtl_bench_awake(bool awake);
/* Processor time that the card's thread has used. */
double rtl_bench_card_seconds(void);
double rtl_bench_wall_seconds(void);

/* Begin to record events, from none. */
void rtl_bench_record(void);
/* Wait until the core sleeps, stop recording; *count events, in their order, until the next. */
const struct rtl_bench_event *rtl_bench_recorded(unsigned int *count);

/* Submit; when the queue is full wait for half of it first. *seqno is the queue's last job's. */
void rtl_bench_copy(struct sl_queue *queue, uint64_t dst, uint64_t src, uint32_t size,
		    uint64_t *seqno);
void rtl_bench_nop(struct sl_queue *queue, uint64_t *seqno);
/* Wait for all jobs of the first queues; their last ones must have gone well. */
void rtl_bench_finish(struct rtl_bench *bench, unsigned int queues);

/* The parts. Each prints a table and writes one member of the JSON object. */
void rtl_bench_speed(struct rtl_bench *bench);
void rtl_bench_jobs(struct rtl_bench *bench);
void rtl_bench_copies(struct rtl_bench *bench, bool all);
void rtl_bench_mmu(struct rtl_bench *bench);

#endif
