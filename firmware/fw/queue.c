// SPDX-License-Identifier: MIT
#include "firmware/fw/queue.h"
#include "firmware/fw/admin.h"
#include "firmware/fw/engine.h"
#include "firmware/fw/irq.h"
#include "firmware/fw/log.h"
#include "firmware/fw/validate.h"

#define MCU_ENTRY_NS 1000u /* charged for an entry that the MCU executes itself */

/* A queue that runs, after a doorbell. */
static void update_active(struct fw *fw, struct fw_queue *q)
{
	if (q->sq_head == q->sq_tail) {
		queue_set_inactive(fw, q);
	} else if (!q->active) {
		/* An idle queue saves nothing up: it resumes at the pace of the others. */
		if (q->vtime < fw->level_vtime[q->priority])
			q->vtime = fw->level_vtime[q->priority];
		q->active = true;
		fw_set_add(q->level, q->qid);
		fw->num_active++;
		fw->recent = q;
	}
}

void queue_create(struct fw *fw, uint32_t qid, const struct sl200_admin_sqe *cmd)
{
	struct fw_queue *q = fw_queue_at(fw, qid);

	memset(q, 0, sizeof(*q));
	q->state = SL200_QUEUE_RUNNING;
	q->qid = (uint8_t)qid;
	q->priority = cmd->priority;
	q->level = &fw->active[cmd->priority];
	q->vscale = 65536u / cmd->weight;
	q->mcu_vtime = MCU_ENTRY_NS * q->vscale >> 8;
	q->asid = cmd->asid;
	q->vector = cmd->vector;
	q->depth = cmd->depth;
	q->sq = cmd->addr;
	q->cq = cmd->addr2;
	fw->stats.queues++;
	fw_doorbell_enable(fw, qid, true);
}

/* A WAIT that has started ends when its queue does. */
static void abort_wait(struct fw *fw, struct fw_queue *q)
{
	const struct sl200_sqe *sqe;

	if (!q->waiting)
		return;
	sqe = queue_head_sqe(q);
	queue_completion(fw, sqe->tag, SL200_STATUS_ABORTED, 0);
	queue_consume(fw, q);
	queue_complete(fw, q, sqe->flags);
}

void queue_destroy(struct fw *fw, struct fw_queue *q, uint64_t tag, uint8_t flags)
{
	q->destroying = true;
	q->destroy_forced = false;
	q->destroy_tag = tag;
	q->destroy_flags = flags;
	q->destroy_epoch = fw->admin.epoch;
	q->destroy_deadline = fw->now + FW_DESTROY_GRACE_NS;
	fw_doorbell_enable(fw, q->qid, false);
	fw_set_add(&fw->destroying, q->qid);
	queue_set_inactive(fw, q);
	abort_wait(fw, q);
}

static FW_COLD void bad_doorbell(struct fw *fw, struct fw_queue *q, uint32_t value)
{
	struct stop stop = {.status = SL200_STATUS_INVALID_FIELD, .engine = FW_ENGINE_MCU};

	log_event(fw, SL200_EVENT_BAD_DOORBELL, q->qid, value, 0);
	queue_stop(fw, q, &stop);
}

void queue_doorbell(struct fw *fw, uint32_t qid)
{
	struct fw_queue *q = fw_queue_at(fw, qid);
	uint32_t tail = fw_read(fw, SL200_DB_SQ_TAIL(qid));
	uint32_t head = fw_read(fw, SL200_DB_CQ_HEAD(qid));
	/* A WAIT that has started cannot be taken back. */
	bool tail_bad = tail - q->sq_head > q->depth || (q->waiting && tail == q->sq_head);
	bool head_bad = head - q->cq_head > q->cq_tail - q->cq_head;

	if (FW_STOPPING(fw) || q->state != SL200_QUEUE_RUNNING || q->destroying)
		return;
	if (tail_bad || head_bad) {
		bad_doorbell(fw, q, tail_bad ? tail : head);
		return;
	}
	q->sq_tail = tail;
	q->cq_head = head;
	/* A tail that moved back takes entries away again, the head's included. */
	if (tail - q->sqe_first < q->sqe_count)
		q->sqe_count = tail - q->sqe_first;
	if (q->sq_head == tail)
		q->head = FW_HEAD_UNKNOWN;
	update_active(fw, q);
}

/* One of the rings could not be reached. */
static FW_COLD void ring_fault(struct fw *fw, struct fw_queue *q, uint64_t iova, bool write)
{
	struct stop stop = {.status = SL200_STATUS_MMU_FAULT,
			    .engine = FW_ENGINE_MCU,
			    .write = write,
			    .iova = iova};

	queue_stop(fw, q, &stop);
}

/* Fetch the entries from the head on: those of one window that are there, up to the ring's end. */
static int fetch(struct fw *fw, struct fw_queue *q)
{
	uint32_t slot = q->sq_head & (q->depth - 1);
	uint32_t count = q->sq_tail - q->sq_head;
	uint64_t addr = q->sq + slot * sizeof(q->sqe[0]);

	if (count > FW_SQE_WINDOW)
		count = FW_SQE_WINDOW;
	if (count > q->depth - slot)
		count = q->depth - slot;
	if (fw_mdma_read(fw, MDMA_IOVA(q->asid), addr, q->sqe, count * sizeof(q->sqe[0]))) {
		ring_fault(fw, q, addr, false);
		return -1;
	}
	q->sqe_first = q->sq_head;
	q->sqe_count = count;
	return 0;
}

static __attribute__((noinline)) void classify(struct fw *fw, struct fw_queue *q)
{
	const struct sl200_sqe *sqe = queue_head_sqe(q);
	struct verdict v = validate_sqe(sqe, fw->opcodes);

	if (v.status) {
		q->head = FW_HEAD_INVALID;
		q->head_status = v.status;
		q->head_detail = v.detail;
		return;
	}
	switch (sqe->opcode) {
	case SL200_OP_WAIT:
		q->head = FW_HEAD_WAIT;
		break;
	case SL200_OP_COPY:
	case SL200_OP_FILL:
		q->head = FW_HEAD_ENGINE;
		q->head_engine = SL200_ENGINE_DMA;
		break;
	case SL200_OP_CRC:
		q->head = FW_HEAD_ENGINE;
		q->head_engine = SL200_ENGINE_CRC;
		break;
	case SL200_OP_ENCODE:
		q->head = FW_HEAD_ENGINE;
		q->head_engine = SL200_ENGINE_VENC;
		break;
	default:
		q->head = FW_HEAD_MCU;
	}
}

enum fw_head queue_fetch_head(struct fw *fw, struct fw_queue *q)
{
	if (q->sq_head - q->sqe_first >= q->sqe_count && fetch(fw, q))
		return FW_HEAD_UNKNOWN;
	if (validate_is_nop(queue_head_sqe(q)))
		q->head = FW_HEAD_MCU;
	else
		classify(fw, q);
	return (enum fw_head)q->head;
}

void queue_backpressure(struct fw *fw, struct fw_queue *q)
{
	if (!q->backpressured)
		fw->stats.backpressure++;
	q->backpressured = true;
}

void queue_complete(struct fw *fw, struct fw_queue *q, uint8_t flags)
{
	uint64_t addr = q->cq + (q->cq_tail & (q->depth - 1)) * sizeof(fw->cqe);
	struct sl200_cqe *cqe = &fw->cqe;

	/* A completion nothing was started for would overrun the ring. */
	if (!q->in_flight || q->state == SL200_QUEUE_NONE) {
		fw_panic(fw, SL200_PANIC_ASSERT);
		return;
	}
	q->in_flight--;
	q->jobs++;
	if (cqe->status)
		q->errors++;
	cqe->sq_head = q->sq_head;
	cqe->phase = q->cq_tail & q->depth ? 0 : SL200_CQE_PHASE;
	/* One transfer of 32 bytes arrives as one: the phase is never seen before the rest. */
	if (fw_mdma_write(fw, MDMA_IOVA(q->asid), addr, cqe, sizeof(*cqe))) {
		ring_fault(fw, q, addr, true);
		return;
	}
	q->cq_tail++;
	if (flags & SL200_SQE_F_IRQ)
		irq_completion(fw, q->vector);
}

void queue_stop(struct fw *fw, struct fw_queue *q, const struct stop *stop)
{
	if (fw->stopping || q->state != SL200_QUEUE_RUNNING)
		return;
	q->state = SL200_QUEUE_STOPPED;
	q->stop_status = stop->status;
	if (stop->status == SL200_STATUS_MMU_FAULT) {
		fw->stats.faults++;
		q->fault_engine = stop->engine;
		q->fault_reason = stop->reason;
		q->fault_write = stop->write;
		q->fault_iova = stop->iova;
	}
	queue_set_inactive(fw, q);
	abort_wait(fw, q);
	log_event(fw, SL200_EVENT_QUEUE_STOPPED, q->qid, stop->status, stop->iova);
}

uint64_t queue_poll(struct fw *fw)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t n = fw_set_first(&fw->destroying); n != FW_SET_END;
	     n = fw_set_next(&fw->destroying, n)) {
		struct fw_queue *q = fw_queue_at(fw, n);

		if (!q->in_flight) {
			fw_set_remove(&fw->destroying, n);
			q->state = SL200_QUEUE_NONE;
			fw->stats.queues--;
			fw->stats.jobs += q->jobs;
			fw->stats.job_errors += q->errors;
			admin_complete_destroy(fw, q);
		} else if (!q->destroy_forced && q->destroy_deadline <= fw->now) {
			q->destroy_forced = true;
			engine_abort_queue(fw, n);
		} else if (!q->destroy_forced && q->destroy_deadline < next) {
			next = q->destroy_deadline;
		}
	}
	return next;
}
