/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: strict priorities, and inside a priority weighted fair sharing of engine time by
 * virtual time (start-time fair queueing).
 */
#ifndef FW_SCHED_H
#define FW_SCHED_H

#include "firmware/fw/fw.h"
#include "firmware/fw/queue.h"

/* Start what can be started, a bounded number of entries. Returns whether there may be more. */
bool sched_run(struct fw *fw);

/* Poll the WAITs that are due. */
void sched_poll_waits(struct fw *fw);

/* When the next poll of a WAIT is due, or UINT64_MAX. */
uint64_t sched_next_wait(const struct fw *fw);

/* Replace the virtual time charged in advance for a job by that of the time it took. */
void sched_charge(struct fw_queue *q, uint64_t charged, uint64_t busy_ns);

#endif
