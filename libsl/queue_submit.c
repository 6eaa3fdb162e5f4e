// SPDX-License-Identifier: MIT
#include <stddef.h>

#include "driver/core/ring.h"
#include "libsl/error.h"
#include "libsl/queue.h"

int queue_check_options(const struct sl_job_options *options)
{
	if (options && (options->flags & ~SL200_SQE_F_BARRIER))
		return sl_fail(SL_ERR_INVALID,
			       "sl_job_options.flags is 0x%x: only "
			       "SL200_SQE_F_BARRIER is possible",
			       options->flags);
	return 0;
}

/* Whether job seqno may use its record, and the callback thread has room for its completion. */
static bool record_free(struct sl_queue *queue, uint64_t seqno)
{
	if (queue->callback && seqno - atomic_load(&queue->delivered) > queue->depth)
		return false;
	if (seqno <= queue->depth)
		return true;
	return atomic_load(&queue_record(queue, seqno)->state) == 2 * (seqno - queue->depth) + 1;
}

int queue_begin(struct sl_queue *queue, uint64_t *seqno)
{
	int ret;

	pthread_mutex_lock(&queue->submit_lock);
	ret = queue_dead(queue);
	if (!ret)
		ret = atomic_load(&queue->faulted);
	if (ret) {
		queue_fail(queue, ret);
		goto unlock;
	}
	*seqno = atomic_load(&queue->submitted) + 1;
	if (record_free(queue, *seqno))
		return 0;
	queue_collect(queue);
	if (record_free(queue, *seqno))
		return 0;
	ret = sl_fail(SL_ERR_AGAIN, "queue %u: %u jobs are in flight", sl_queue_id(queue),
		      queue->depth);
unlock:
	pthread_mutex_unlock(&queue->submit_lock);
	return ret;
}

void queue_cancel(struct sl_queue *queue)
{
	pthread_mutex_unlock(&queue->submit_lock);
}

void queue_commit(struct sl_queue *queue, uint64_t seqno, const struct sl200_sqe *sqe,
		  const struct sl_job_options *options, const struct sl200_job_result *result)
{
	struct transport *transport = queue->device->transport;
	struct transport_queue *ring = queue->transport_queue;
	struct record *record = queue_record(queue, seqno);
	uint32_t tail = (uint32_t)seqno;
	struct sl200_sqe entry = *sqe;

	record->result = result;
	atomic_store(&record->user, options ? options->user : 0);
	atomic_store(&record->state, 2 * seqno);
	entry.tag = seqno;
	entry.flags |= SL200_SQE_F_IRQ;
	if (options) {
		entry.flags |= (uint8_t)options->flags;
		entry.timeout_us = options->timeout_us;
	}
	core_sq_write(ring->sq, ring->depth, tail - 1, &entry);
	atomic_store(&queue->submitted, seqno);
	/*
	 * The card starts a job only when it knows of room for its completion. By now there is, as
	 * job seqno - depth is collected; tell the card as soon as it needs to know.
	 */
	if (tail - queue->cq_reported > queue->depth) {
		queue->cq_reported = atomic_load(&queue->cq_head);
		transport->ops->doorbell(transport, ring, SL200_DOORBELL_CQ_HEAD,
					 queue->cq_reported);
	}
	transport->ops->doorbell(transport, ring, SL200_DOORBELL_SQ_TAIL, tail);
	pthread_mutex_unlock(&queue->submit_lock);
}

static int submit(struct sl_queue *queue, const struct sl200_sqe *sqe,
		  const struct sl_job_options *options, uint64_t *seqno)
{
	uint64_t number;
	int ret;

	ret = queue_check_options(options);
	if (!ret)
		ret = queue_begin(queue, &number);
	if (ret)
		return ret;
	queue_commit(queue, number, sqe, options, NULL);
	if (seqno)
		*seqno = number;
	return 0;
}

int sl_queue_nop(struct sl_queue *queue, const struct sl_job_options *options, uint64_t *seqno)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP};

	return submit(queue, &sqe, options, seqno);
}

int sl_queue_copy(struct sl_queue *queue, uint64_t dst, uint32_t dst_pitch, uint64_t src,
		  uint32_t src_pitch, uint32_t width, uint32_t height,
		  const struct sl_job_options *options, uint64_t *seqno)
{
	struct sl200_sqe sqe = {
		.opcode = SL200_OP_COPY,
		.src = src,
		.dst = dst,
		.width = width,
		.height = height,
		.src_pitch = src_pitch,
		.dst_pitch = dst_pitch,
	};

	return submit(queue, &sqe, options, seqno);
}

int sl_queue_fill(struct sl_queue *queue, uint64_t dst, uint32_t dst_pitch, uint64_t pattern,
		  uint32_t width, uint32_t height, const struct sl_job_options *options,
		  uint64_t *seqno)
{
	struct sl200_sqe sqe = {
		.opcode = SL200_OP_FILL,
		.dst = dst,
		.value = pattern,
		.width = width,
		.height = height,
		.dst_pitch = dst_pitch,
	};

	return submit(queue, &sqe, options, seqno);
}

int sl_queue_wait_value(struct sl_queue *queue, uint64_t iova, uint64_t value,
			const struct sl_job_options *options, uint64_t *seqno)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_WAIT, .src = iova, .value = value};

	return submit(queue, &sqe, options, seqno);
}

int sl_queue_signal_value(struct sl_queue *queue, uint64_t iova, uint64_t value,
			  const struct sl_job_options *options, uint64_t *seqno)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_SIGNAL, .dst = iova, .value = value};

	return submit(queue, &sqe, options, seqno);
}

int sl_queue_timestamp(struct sl_queue *queue, uint64_t iova, const struct sl_job_options *options,
		       uint64_t *seqno)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_TIMESTAMP, .dst = iova};

	return submit(queue, &sqe, options, seqno);
}

int sl_queue_raw(struct sl_queue *queue, const struct sl200_sqe *sqe,
		 const struct sl_job_options *options, uint64_t *seqno)
{
	return submit(queue, sqe, options, seqno);
}
