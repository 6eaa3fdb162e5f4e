/* SPDX-License-Identifier: MIT */
/* User queues: their life, their rings, and their doorbells. */
#ifndef FW_QUEUE_H
#define FW_QUEUE_H

#include "firmware/fw/fw.h"

/* Why a queue stops. */
struct stop {
	uint16_t status; /* enum sl200_status */
	uint8_t engine;	 /* or FW_ENGINE_MCU */
	uint8_t reason;	 /* enum sl200_mmu_reason; 0 when the MCU's own DMA was refused */
	bool write;
	uint64_t iova;
};

/* Start queue qid as the command asks, which has been validated. */
void queue_create(struct fw *fw, uint32_t qid, const struct sl200_admin_sqe *cmd);

/*
 * End a queue: nothing more starts, running jobs have FW_DESTROY_GRACE_NS to finish. The admin
 * command completes from queue_poll().
 */
void queue_destroy(struct fw *fw, struct fw_queue *q, uint64_t tag, uint8_t flags);

/* Its doorbell page was written. */
void queue_doorbell(struct fw *fw, uint32_t qid);

/*
 * Look at the entry at the head: fetch and validate it when that is still to do. The queue must
 * have entries. Returns enum fw_head, or FW_HEAD_UNKNOWN when the ring could not be read (the queue
 * has then stopped).
 */
enum fw_head queue_fetch_head(struct fw *fw, struct fw_queue *q);

static inline enum fw_head queue_head(struct fw *fw, struct fw_queue *q)
{
	return q->head ? (enum fw_head)q->head : queue_fetch_head(fw, q);
}

static inline struct sl200_sqe *queue_head_sqe(struct fw_queue *q)
{
	return &q->sqe[q->sq_head - q->sqe_first];
}

/* Count that the head waits for completion ring space, once. */
void queue_backpressure(struct fw *fw, struct fw_queue *q);

/* Whether the completion ring has room for one more entry; counts back-pressure when not. */
static inline bool queue_has_room(struct fw *fw, struct fw_queue *q)
{
	if (q->cq_tail - q->cq_head + q->in_flight < q->depth)
		return true;
	queue_backpressure(fw, q);
	return false;
}

static inline void queue_set_inactive(struct fw *fw, struct fw_queue *q)
{
	if (q->active) {
		q->active = false;
		fw_set_remove(q->level, q->qid);
		fw->num_active--;
	}
}

/* Take the head off the ring: it has started. Reserves its completion. */
static inline void queue_consume(struct fw *fw, struct fw_queue *q)
{
	q->sq_head++;
	q->in_flight++;
	q->head = FW_HEAD_UNKNOWN;
	q->backpressured = false;
	if (q->waiting) {
		q->waiting = false;
		fw_set_remove(&fw->waiting, q->qid);
	}
	if (q->sq_head == q->sq_tail)
		queue_set_inactive(fw, q);
}

/* Begin a completion, in fw->cqe, as it is when the entry produced nothing. */
static inline void queue_completion(struct fw *fw, uint64_t tag, uint16_t status, uint16_t detail)
{
	fw->cqe.tag = tag;
	fw->cqe.bytes = 0;
	fw->cqe.crc_bitstream = 0;
	fw->cqe.crc_recon = 0;
	fw->cqe.status = status;
	fw->cqe.detail = detail;
}

/* Complete a started entry, which had these flags, with what queue_completion() has begun. */
void queue_complete(struct fw *fw, struct fw_queue *q, uint8_t flags);

/* Stop a queue after a fault or a violation. Its running jobs go on. */
void queue_stop(struct fw *fw, struct fw_queue *q, const struct stop *stop);

/* Finish destroyed queues. Returns when to look again, or UINT64_MAX. */
uint64_t queue_poll(struct fw *fw);

#endif
