// SPDX-License-Identifier: MIT
#include "firmware/fw/sched.h"
#include "firmware/fw/engine.h"
#include "firmware/fw/exec.h"

#define BATCH 16u /* entries started before the doorbells and engines are looked at again */
/* Virtual time a queue may lag behind its level: 20 ms at weight 1. It bounds the burst of a queue
 * that was kept waiting by its own doing. */
#define CREDIT (20 * NS_PER_MS << 8)

static uint64_t virtual_time(const struct fw_queue *q, uint64_t ns)
{
	return ns * q->vscale >> 8;
}

/* Before a start: the level's time is the start time of the queue that was served last. */
static void enter_service(struct fw *fw, struct fw_queue *q)
{
	uint64_t *level = &fw->level_vtime[q->priority];

	if (q->vtime >= *level)
		*level = q->vtime;
	else if (q->vtime + CREDIT < *level)
		q->vtime = *level - CREDIT;
}

void sched_charge(struct fw_queue *q, uint64_t charged, uint64_t busy_ns)
{
	uint64_t limit = FW_MAX_WATCHDOG_MS * NS_PER_MS;

	if (busy_ns > limit)
		busy_ns = limit;
	q->vtime += virtual_time(q, busy_ns) - charged;
	q->expected_ns = busy_ns > UINT32_MAX ? UINT32_MAX : (uint32_t)busy_ns;
}

/* Whether the head of q could start now. */
static bool runnable(struct fw *fw, struct fw_queue *q)
{
	enum fw_head head = queue_head(fw, q);

	/* A WAIT that has started is the business of sched_poll_waits(). */
	if (head == FW_HEAD_UNKNOWN || q->waiting || !queue_has_room(fw, q))
		return false;
	if (q->in_flight && exec_after_earlier(queue_head_sqe(q)))
		return false;
	return head != FW_HEAD_ENGINE || fw->engines_idle[q->head_engine];
}

static struct fw_queue *pick(struct fw *fw)
{
	for (uint32_t prio = SL200_PRIO_COUNT; prio-- > 0;) {
		struct fw_queue *best = NULL;

		for (uint32_t n = fw_set_first(&fw->active[prio]); n != FW_SET_END;
		     n = fw_set_next(&fw->active[prio], n)) {
			struct fw_queue *q = fw_queue_at(fw, n);

			if (runnable(fw, q) && (!best || q->vtime < best->vtime))
				best = q;
		}
		if (best)
			return best;
	}
	return NULL;
}

static void start(struct fw *fw, struct fw_queue *q)
{
	struct fw_engine *e;

	enter_service(fw, q);
	if (q->head != FW_HEAD_ENGINE) {
		q->vtime += q->mcu_vtime;
		exec_head(fw, q);
		return;
	}
	e = engine_idle(fw, q->head_engine);
	e->charged = virtual_time(q, q->expected_ns);
	if (engine_start(fw, e, q))
		q->vtime += e->charged;
	else
		q->vtime += q->mcu_vtime;
}

bool sched_run(struct fw *fw)
{
	for (uint32_t i = 0; i < BATCH; i++) {
		struct fw_queue *q = fw->recent;

		if (!fw->num_active || FW_STOPPING(fw))
			return false;
		/* A queue that is alone need not be looked for. */
		if (fw->num_active > 1 || !q->active)
			q = pick(fw);
		else if (!runnable(fw, q))
			q = NULL;
		if (!q || FW_STOPPING(fw))
			return false;
		start(fw, q);
	}
	return true;
}

void sched_poll_waits(struct fw *fw)
{
	for (uint32_t n = fw_set_first(&fw->waiting); n != FW_SET_END;
	     n = fw_set_next(&fw->waiting, n))
		if (fw->queues[n].wait_due <= fw->now)
			exec_poll_wait(fw, fw_queue_at(fw, n));
}

uint64_t sched_next_wait(const struct fw *fw)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t n = fw_set_first(&fw->waiting); n != FW_SET_END;
	     n = fw_set_next(&fw->waiting, n))
		if (fw->queues[n].wait_due < next)
			next = fw->queues[n].wait_due;
	return next;
}
