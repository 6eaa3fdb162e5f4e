// SPDX-License-Identifier: MIT
#include "firmware/fw/exec.h"
#include "firmware/fw/engine.h"
#include "firmware/fw/log.h"
#include "firmware/fw/queue.h"

/* A waiting queue is polled at growing distances, so that many of them don't flood the link. */
#define POLL_MIN_NS (10 * NS_PER_US)
#define POLL_MAX_NS (500 * NS_PER_US)

static inline __attribute__((always_inline)) void complete_here(struct fw *fw, struct fw_queue *q,
								uint16_t status, uint16_t detail)
{
	const struct sl200_sqe *sqe = queue_head_sqe(q);

	queue_completion(fw, sqe->tag, status, detail);
	queue_consume(fw, q);
	queue_complete(fw, q, sqe->flags);
}

static __attribute__((noinline)) void complete(struct fw *fw, struct fw_queue *q, uint16_t status,
					       uint16_t detail)
{
	complete_here(fw, q, status, detail);
}

/* The MCU's own access for an entry was refused. */
static void fault(struct fw *fw, struct fw_queue *q, uint64_t iova, bool write)
{
	struct stop stop = {.status = SL200_STATUS_MMU_FAULT,
			    .engine = FW_ENGINE_MCU,
			    .write = write,
			    .iova = iova};

	complete(fw, q, SL200_STATUS_MMU_FAULT, 0);
	queue_stop(fw, q, &stop);
}

/* WAITs of the same client may have what they wait for: look at once. */
static void wake(struct fw *fw, uint16_t asid)
{
	for (uint32_t n = fw_set_first(&fw->waiting); n != FW_SET_END;
	     n = fw_set_next(&fw->waiting, n)) {
		struct fw_queue *q = fw_queue_at(fw, n);

		if (q->asid == asid) {
			q->wait_due = fw->now;
			q->wait_interval = POLL_MIN_NS;
		}
	}
}

static void store(struct fw *fw, struct fw_queue *q, uint64_t value)
{
	uint64_t dst = queue_head_sqe(q)->dst;

	fw->word = value;
	if (fw_mdma_write(fw, MDMA_IOVA(q->asid), dst, &fw->word, sizeof(fw->word))) {
		fault(fw, q, dst, true);
		return;
	}
	complete(fw, q, SL200_STATUS_OK, 0);
	wake(fw, q->asid);
}

void exec_poll_wait(struct fw *fw, struct fw_queue *q)
{
	const struct sl200_sqe *sqe = queue_head_sqe(q);

	if (fw_mdma_read(fw, MDMA_IOVA(q->asid), sqe->src, &fw->word, sizeof(fw->word))) {
		fault(fw, q, sqe->src, false);
		return;
	}
	if (fw->word >= sqe->value) {
		complete(fw, q, SL200_STATUS_OK, 0);
		return;
	}
	if (q->wait_deadline <= fw->now) {
		fw->stats.watchdog_expiries++;
		log_event(fw, SL200_EVENT_JOB_TIMEOUT, q->qid, FW_ENGINE_MCU, sqe->tag);
		complete(fw, q, SL200_STATUS_TIMEOUT, 0);
		return;
	}
	q->wait_due = fw->now + q->wait_interval;
	if (q->wait_due > q->wait_deadline)
		q->wait_due = q->wait_deadline;
	if (q->wait_interval < POLL_MAX_NS)
		q->wait_interval *= 2;
}

static void start_wait(struct fw *fw, struct fw_queue *q)
{
	q->waiting = true;
	fw_set_add(&fw->waiting, q->qid);
	q->wait_interval = POLL_MIN_NS;
	q->wait_deadline = engine_deadline(fw, queue_head_sqe(q)->timeout_us);
	exec_poll_wait(fw, q);
}

void exec_head(struct fw *fw, struct fw_queue *q)
{
	const struct sl200_sqe *sqe = queue_head_sqe(q);

	if (q->head == FW_HEAD_INVALID)
		complete(fw, q, q->head_status, q->head_detail);
	else if (sqe->opcode == SL200_OP_NOP)
		complete_here(fw, q, SL200_STATUS_OK, 0);
	else if (q->head == FW_HEAD_WAIT)
		start_wait(fw, q);
	else if (sqe->opcode == SL200_OP_SIGNAL)
		store(fw, q, sqe->value);
	else
		store(fw, q, fw_time(fw));
}
