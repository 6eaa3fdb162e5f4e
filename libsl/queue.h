/* SPDX-License-Identifier: MIT */
/*
 * A queue inside the library.
 *
 * Job s (its sequence number, from 1) uses ring entry and record (s - 1) % depth. It may be
 * submitted once job s - depth is complete, so that entry, record, descriptor and place in the
 * completion ring are free by then, without any allocation.
 *
 * Locks: submit_lock > cq_lock; neither is shared between queues, and none is held while sleeping
 * or in a callback. Records are read without a lock.
 */
#ifndef SL_QUEUE_PRIV_H
#define SL_QUEUE_PRIV_H

#include "libsl/device.h"

#define RECORD_WORDS (sizeof(struct sl_completion) / sizeof(uint64_t))

/*
 * A job and, once complete, its completion. state is 2 * seqno from submission, and 2 * seqno + 1
 * from completion on. Readers copy the words and look at state again: the record may be in use by
 * a later job by then.
 */
struct record {
	_Atomic uint64_t state;
	_Atomic uint64_t user;
	const struct sl200_job_result *result; /* written by the card, or NULL; not by readers */
	_Atomic uint64_t word[RECORD_WORDS];
};

/*
 * Memory for the descriptors of ENCODE jobs: a slot for each record. When packed headers outgrow
 * the slots, larger ones are added; the old stay until the queue goes, as jobs may be using them.
 */
struct encode_slots {
	struct encode_slots *older;
	struct transport_bo *bo;
	uint32_t slot_size, header_space;
};

struct sl_queue {
	struct link link; /* sl_device.lock */
	struct sl_device *device;
	struct transport_queue *transport_queue;
	uint32_t depth;
	_Atomic uint32_t users; /* threads inside a wait */
	_Atomic bool closing;

	pthread_mutex_t submit_lock; /* the fields up to the blank line */
	_Atomic uint64_t submitted;  /* sequence number of the newest job; read by all */
	uint32_t cq_reported;	     /* completion head last told to the card */
	struct encode_slots *encode_slots;

	pthread_mutex_t cq_lock;	   /* the fields up to the blank line */
	_Atomic uint32_t cq_head;	   /* completions collected; read by all */
	uint32_t sq_head;		   /* as the card last reported it */
	struct sl_completion *undelivered; /* ring of depth, for the callback; or NULL */
	uint32_t undelivered_head, undelivered_tail;

	/* SL_ERR_FAULT: the card said that a job faulted; running jobs still end. */
	_Atomic int faulted;
	/* SL_ERR_FAULT: a completion made no sense; none is believed any more. */
	_Atomic int damaged;

	void (*callback)(void *arg, const struct sl_completion *completion);
	void *callback_arg;
	pthread_t callback_thread;
	_Atomic uint64_t delivered; /* completions taken by the callback thread */

	struct record record[]; /* depth */
};

static inline struct record *queue_record(struct sl_queue *queue, uint64_t seqno)
{
	return &queue->record[(seqno - 1) & (queue->depth - 1)];
}

/* What the transport knows of the queue's end now: 0, SL_ERR_FAULT or SL_ERR_LOST. */
static inline int queue_state(struct sl_queue *queue)
{
	struct transport *transport = queue->device->transport;

	transport->ops->queue_irqs(transport, queue->transport_queue);
	return atomic_load(&queue->transport_queue->state);
}

/* Why no further completion will come, or 0. */
static inline int queue_dead(struct sl_queue *queue)
{
	int damaged = atomic_load(&queue->damaged);

	return damaged ? damaged : queue_state(queue);
}

/* queue_collect.c: move completions from the ring to the records. */
void queue_collect(struct sl_queue *queue);
/* The same, unless another thread is at it. */
void queue_try_collect(struct sl_queue *queue);
/* sl_fail() with what a dead or faulted queue means. */
int queue_fail(struct sl_queue *queue, int result);

/* queue_callback.c */
int queue_callback_start(struct sl_queue *queue, const struct sl_queue_params *params);
void queue_callback_stop(struct sl_queue *queue);

/*
 * queue_submit.c: start a submission. On success the submit lock is held, *seqno is the job's
 * number, its record is prepared, and queue_commit() must follow.
 */
int queue_begin(struct sl_queue *queue, uint64_t *seqno);
/* Give up a submission begun. */
void queue_cancel(struct sl_queue *queue);
/* Write the entry and ring. result: where the card writes a job result, or NULL. */
void queue_commit(struct sl_queue *queue, uint64_t seqno, const struct sl200_sqe *sqe,
		  const struct sl_job_options *options, const struct sl200_job_result *result);
/* Whether options may be used with a job; SL_ERR_INVALID. NULL is fine. */
int queue_check_options(const struct sl_job_options *options);

/* queue_h264.c */
void encode_slots_free(struct sl_queue *queue);

#endif
