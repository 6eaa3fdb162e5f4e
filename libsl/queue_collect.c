// SPDX-License-Identifier: MIT
#include <string.h>

#include "driver/core/ring.h"
#include "libsl/error.h"
#include "libsl/queue.h"

_Static_assert(sizeof(struct sl_completion) % sizeof(uint64_t) == 0, "copied in words");

/*
 * Enter one completion. What the card wrote is believed only as far as it names a job in flight:
 * the rings are in the client's own memory, which the client may have overwritten.
 */
static int collect_one(struct sl_queue *queue, const struct sl200_cqe *cqe)
{
	uint64_t submitted = atomic_load(&queue->submitted), words[RECORD_WORDS], seqno = cqe->tag;
	struct sl_completion completion;
	struct record *record;
	size_t i;

	if (!seqno || seqno > submitted || submitted - seqno >= queue->depth ||
	    !core_sq_head_valid(queue->sq_head, cqe->sq_head, (uint32_t)submitted))
		return SL_ERR_FAULT;
	record = queue_record(queue, seqno);
	if (atomic_load(&record->state) != 2 * seqno)
		return SL_ERR_FAULT;
	memset(&completion, 0, sizeof(completion));
	completion.seqno = seqno;
	completion.user = atomic_load(&record->user);
	completion.status = cqe->status;
	completion.detail = cqe->detail;
	completion.bytes = cqe->bytes;
	completion.crc_bitstream = cqe->crc_bitstream;
	completion.crc_recon = cqe->crc_recon;
	if (record->result)
		completion.result = *record->result;
	if (queue->undelivered)
		queue->undelivered[queue->undelivered_tail++ & (queue->depth - 1)] = completion;
	if (cqe->status == SL200_STATUS_MMU_FAULT)
		atomic_store(&queue->faulted, SL_ERR_FAULT);
	memcpy(words, &completion, sizeof(words));
	for (i = 0; i < RECORD_WORDS; i++)
		atomic_store_explicit(&record->word[i], words[i], memory_order_release);
	queue->sq_head = cqe->sq_head;
	atomic_store_explicit(&record->state, 2 * seqno + 1, memory_order_release);
	return 0;
}

static void collect_locked(struct sl_queue *queue)
{
	uint32_t head = atomic_load(&queue->cq_head);
	struct sl200_cqe cqe;

	while (!atomic_load(&queue->damaged) &&
	       core_cq_read(queue->transport_queue->cq, queue->depth, head, &cqe)) {
		int damaged = collect_one(queue, &cqe);

		if (damaged) {
			/* A ring that is gone with the card shows zeroes, in any order. */
			if (queue_state(queue) == SL_ERR_LOST)
				break;
			atomic_store(&queue->damaged, damaged);
		}
		atomic_store(&queue->cq_head, ++head);
	}
}

void queue_collect(struct sl_queue *queue)
{
	pthread_mutex_lock(&queue->cq_lock);
	collect_locked(queue);
	pthread_mutex_unlock(&queue->cq_lock);
}

void queue_try_collect(struct sl_queue *queue)
{
	if (pthread_mutex_trylock(&queue->cq_lock))
		return;
	collect_locked(queue);
	pthread_mutex_unlock(&queue->cq_lock);
}

int queue_fail(struct sl_queue *queue, int result)
{
	struct transport *transport = queue->device->transport;
	uint32_t qid = queue->transport_queue->qid;
	char reason[200];

	if (atomic_load(&queue->damaged))
		return sl_fail(result,
			       "queue %u: a completion names no job in flight: its rings "
			       "were overwritten",
			       qid);
	if (result == SL_ERR_LOST && transport->ops->lost_reason) {
		transport->ops->lost_reason(transport, reason, sizeof(reason));
		return sl_fail(result, "queue %u: %s", qid, reason);
	}
	if (result == SL_ERR_LOST)
		return sl_fail(result, "queue %u: the card was lost or the queue destroyed", qid);
	return sl_fail(result, "queue %u was stopped by the card after a fault", qid);
}
