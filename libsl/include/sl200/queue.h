/* SPDX-License-Identifier: MIT */
/*
 * Queues: how jobs get to the card, and completions back, without a system call.
 *
 * Submission writes an entry, and for ENCODE a descriptor in a slot that the queue owns, and rings
 * the doorbell: no allocation, no copy of picture data, no lock shared between queues. Each job
 * gets a sequence number; numbers of one queue count up from 1. Jobs start in order and may end out
 * of order. A queue remembers the completions of its last depth jobs.
 */
#ifndef SL_QUEUE_H
#define SL_QUEUE_H

#include "sl200/memory.h"
#include "abi/sl200_queue.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sl_queue;

/* A finished job. */
struct sl_completion {
	uint64_t seqno;
	uint64_t user; /* sl_job_options.user */
	uint16_t status; /* enum sl200_status */
	uint16_t detail;
	uint32_t bytes;
	uint32_t crc_bitstream;
	uint32_t crc_recon;
	struct sl200_job_result result; /* ENCODE only, else zero */
};

struct sl_queue_params {
	uint32_t depth; /* jobs in flight at most, a power of two, 2..4096; 0: 64 */
	enum sl200_priority priority; /* SL200_PRIO_LOW.. */
	uint32_t weight; /* share inside the priority, 1..255; 0: 16 */
	/*
	 * When set, a thread of the queue calls it for every completion, in the order they arrive,
	 * and at the end, if the queue stops or the card is lost, for every job that will never
	 * complete, with SL200_STATUS_ABORTED. It may submit to any queue, and must not destroy
	 * this one. A callback that falls behind by depth completions holds submission back.
	 */
	void (*callback)(void *arg, const struct sl_completion *completion);
	void *callback_arg;
};

/* params NULL: defaults. SL_ERR_NO_MEMORY also when the card's queues are used up. */
SL_API int sl_queue_create(struct sl_device *device, const struct sl_queue_params *params,
			   struct sl_queue **queue);
/*
 * Destroy: jobs not yet started are dropped, running ones finish or are aborted; waiters return
 * SL_ERR_LOST. No other thread may enter the queue's functions any more. NULL is allowed.
 */
SL_API void sl_queue_destroy(struct sl_queue *queue);
/* The card's number for this queue, as in sl_device_queue_info(). */
SL_API uint32_t sl_queue_id(const struct sl_queue *queue);

struct sl_job_options {
	uint64_t user; /* returned in the completion */
	uint32_t flags; /* SL200_SQE_F_BARRIER */
	uint32_t timeout_us; /* 0: the card's watchdog */
};

/*
 * Submit one job. options may be NULL; seqno may be NULL. Thread-safe.
 * SL_ERR_AGAIN: job seqno - depth is still in flight, wait for it. SL_ERR_FAULT: the queue is stopped.
 * SL_ERR_LOST. Arguments that the card would refuse may be refused here (SL_ERR_INVALID) or in the
 * completion.
 */
SL_API int sl_queue_nop(struct sl_queue *queue, const struct sl_job_options *options,
			uint64_t *seqno);
/* Copy width bytes x height rows between IOVAs of this device. height 1: linear. */
SL_API int sl_queue_copy(struct sl_queue *queue, uint64_t dst, uint32_t dst_pitch, uint64_t src,
			 uint32_t src_pitch, uint32_t width, uint32_t height,
			 const struct sl_job_options *options, uint64_t *seqno);
/* Fill with a 64-bit little-endian pattern, which starts anew in each row. */
SL_API int sl_queue_fill(struct sl_queue *queue, uint64_t dst, uint32_t dst_pitch, uint64_t pattern,
			 uint32_t width, uint32_t height, const struct sl_job_options *options,
			 uint64_t *seqno);
/* Hold the queue until *(uint64_t *)iova >= value. iova is 8-byte aligned. */
SL_API int sl_queue_wait_value(struct sl_queue *queue, uint64_t iova, uint64_t value,
			       const struct sl_job_options *options, uint64_t *seqno);
/* Write value at iova once all earlier jobs of the queue are complete. */
SL_API int sl_queue_signal_value(struct sl_queue *queue, uint64_t iova, uint64_t value,
				 const struct sl_job_options *options, uint64_t *seqno);
/* Write the card's time in nanoseconds at iova. */
SL_API int sl_queue_timestamp(struct sl_queue *queue, uint64_t iova,
			      const struct sl_job_options *options, uint64_t *seqno);

struct sl_h264_picture; /* h264.h */
SL_API int sl_queue_encode_h264(struct sl_queue *queue, const struct sl_h264_picture *picture,
				const struct sl_job_options *options, uint64_t *seqno);

/*
 * Submit a raw entry, unchecked, for tests and tools; tag is replaced. A descriptor it names is
 * the caller's. SL_ERR_AGAIN as above.
 */
SL_API int sl_queue_raw(struct sl_queue *queue, const struct sl200_sqe *sqe,
			const struct sl_job_options *options, uint64_t *seqno);

#define SL_WAIT_FOREVER (-1)

/*
 * Wait until a job is complete, at most timeout_ns (0: look only; SL_WAIT_FOREVER). Returns 0 when
 * it is complete, whatever its status, and fills completion if not NULL. SL_ERR_TIMEOUT;
 * SL_ERR_INVALID: never submitted, or more than depth jobs ago; SL_ERR_FAULT and SL_ERR_LOST: it
 * will never complete. Any number of threads may wait; timeout 0 makes no system call.
 */
SL_API int sl_queue_wait(struct sl_queue *queue, uint64_t seqno, int64_t timeout_ns,
			 struct sl_completion *completion);
/* Wait until all submitted jobs are complete. */
SL_API int sl_queue_wait_idle(struct sl_queue *queue, int64_t timeout_ns);

/* Turn a job status into a result: SL_OK, SL_ERR_OVERFLOW, SL_ERR_FAULT, ... */
SL_API int sl_status_result(uint16_t status);
/* A static text for enum sl200_status. */
SL_API const char *sl_status_string(uint16_t status);

#ifdef __cplusplus
}
#endif
#endif
