/* SPDX-License-Identifier: MIT */
/*
 * A picture on its way through the card. Surfaces and coded buffers refer to the jobs that use
 * them; whoever needs the result waits here, any number of threads at a time.
 */
#ifndef SLVA_JOB_H
#define SLVA_JOB_H

#include "va-backend/driver.h"

/* A queue that outlives its context while jobs refer to it. */
struct slva_queue {
	atomic_uint refs;
	struct sl_queue *queue;
};

VAStatus slva_queue_create(struct slva_driver *drv, uint32_t depth, struct slva_queue **queue);
void slva_queue_put(struct slva_queue *queue);

/* Source, reconstruction, coded buffer, QP map, and the references. */
#define SLVA_JOB_STORAGES (4 + SL200_H264_MAX_REFS)

struct slva_job {
	atomic_uint refs;
	struct slva_queue *queue;
	uint64_t seqno;
	uint32_t num_macroblocks;	   /* of the picture */
	const struct slva_storage *target; /* which of storage[] is a surface it writes */

	atomic_bool done; /* set last; what follows is then constant */
	VAStatus status;
	struct sl_completion completion;

	struct slva_rate *rate; /* controller that gets the feedback, with a reference; or NULL */
	uint32_t filler_bytes;	/* of filler data to follow the picture; rate's lock */

	pthread_mutex_t lock; /* of the change to done, and of storage[] */
	unsigned int num_storages;
	struct slva_storage *storage[SLVA_JOB_STORAGES]; /* held until done */
};

/* A job with one reference, not submitted yet. NULL when memory is exhausted. */
struct slva_job *slva_job_create(struct slva_queue *queue);
/* Keep a storage alive until the job is done. */
void slva_job_hold(struct slva_job *job, struct slva_storage *storage);
struct slva_job *slva_job_ref(struct slva_job *job);
void slva_job_put(struct slva_job *job);
static inline bool slva_job_done(struct slva_job *job)
{
	return atomic_load_explicit(&job->done, memory_order_acquire);
}
/* Mean QP of a done job's macroblocks; 0 when nothing was coded. */
static inline double slva_job_mean_qp(const struct slva_job *job)
{
	return job->num_macroblocks ? (double)job->completion.result.sum_qp / job->num_macroblocks
				    : 0.0;
}
/*
 * Wait for the job's end, at most timeout_ns (VA_TIMEOUT_INFINITE: as long as it takes). Returns
 * its status, or VA_STATUS_ERROR_TIMEDOUT. An output buffer that was too small is no failure here.
 */
VAStatus slva_job_wait(struct slva_job *job, uint64_t timeout_ns);

#endif
