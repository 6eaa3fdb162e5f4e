/* SPDX-License-Identifier: MIT */
/* Engines: starting jobs, collecting results, and the watchdog. */
#ifndef FW_ENGINE_H
#define FW_ENGINE_H

#include "firmware/fw/fw.h"
#include "firmware/fw/queue.h"

/* Find the engines of the chip and what they can do. */
void engine_init(struct fw *fw);

/* An idle engine of a kind (enum sl200_engine_kind), or NULL. */
struct fw_engine *engine_idle(struct fw *fw, uint32_t kind);

/*
 * Start the entry at the head of q, which queue_head() found to need this idle engine. The entry is
 * consumed; what turns out to be wrong with it is its completion. Returns whether the engine runs.
 */
bool engine_start(struct fw *fw, struct fw_engine *e, struct fw_queue *q);

/* End the jobs of a queue by reset; they complete with ABORTED. */
void engine_abort_queue(struct fw *fw, uint32_t qid);

/* Collect finished jobs, end overdue ones. */
void engine_poll(struct fw *fw);

/* When to look again without an interrupt, or UINT64_MAX. */
uint64_t engine_next(const struct fw *fw);

/* When a job that starts now with this timeout (SQE timeout_us, 0: none) is overdue. */
uint64_t engine_deadline(const struct fw *fw, uint32_t timeout_us);

#endif
