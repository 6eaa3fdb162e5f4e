/* SPDX-License-Identifier: MIT */
#include "va-backend/job.h"

#include <stdlib.h>
#include <string.h>

#include "va-backend/rate.h"

VAStatus slva_queue_create(struct slva_driver *drv, uint32_t depth, struct slva_queue **queue)
{
	struct sl_queue_params params = {.depth = depth, .priority = SL200_PRIO_NORMAL};
	struct slva_queue *new = calloc(1, sizeof(*new));

	if (!new)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	atomic_init(&new->refs, 1);

	int result = sl_queue_create(drv->device, &params, &new->queue);

	if (result != SL_OK) {
		free(new);
		return slva_status(result);
	}
	*queue = new;
	return VA_STATUS_SUCCESS;
}

void slva_queue_put(struct slva_queue *queue)
{
	if (!queue || atomic_fetch_sub(&queue->refs, 1) != 1)
		return;
	sl_queue_destroy(queue->queue);
	free(queue);
}

struct slva_job *slva_job_create(struct slva_queue *queue)
{
	struct slva_job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	atomic_init(&job->refs, 1);
	pthread_mutex_init(&job->lock, NULL);
	atomic_fetch_add(&queue->refs, 1);
	job->queue = queue;
	return job;
}

void slva_job_hold(struct slva_job *job, struct slva_storage *storage)
{
	job->storage[job->num_storages++] = slva_storage_ref(storage);
}

struct slva_job *slva_job_ref(struct slva_job *job)
{
	atomic_fetch_add(&job->refs, 1);
	return job;
}

void slva_job_put(struct slva_job *job)
{
	if (!job || atomic_fetch_sub(&job->refs, 1) != 1)
		return;
	for (unsigned int i = 0; i < job->num_storages; i++)
		slva_storage_put(job->storage[i]);
	slva_rate_put(job->rate);
	slva_queue_put(job->queue);
	pthread_mutex_destroy(&job->lock);
	free(job);
}

static void job_finish(struct slva_job *job, VAStatus status,
		       const struct sl_completion *completion)
{
	struct slva_storage *storage[SLVA_JOB_STORAGES];
	unsigned int num_storages = 0;

	pthread_mutex_lock(&job->lock);
	if (!slva_job_done(job)) {
		job->status = status;
		if (completion)
			job->completion = *completion;
		num_storages = job->num_storages;
		memcpy(storage, job->storage, num_storages * sizeof(storage[0]));
		job->num_storages = 0;
		atomic_store_explicit(&job->done, true, memory_order_release);
	}
	pthread_mutex_unlock(&job->lock);
	/* Freeing memory may talk to the card: not under the lock. */
	for (unsigned int i = 0; i < num_storages; i++)
		slva_storage_put(storage[i]);
}

VAStatus slva_job_wait(struct slva_job *job, uint64_t timeout_ns)
{
	struct sl_completion completion;
	int64_t timeout = timeout_ns > INT64_MAX ? SL_WAIT_FOREVER : (int64_t)timeout_ns;

	if (slva_job_done(job))
		return job->status;

	int result = sl_queue_wait(job->queue->queue, job->seqno, timeout, &completion);

	if (result == SL_ERR_TIMEOUT)
		return VA_STATUS_ERROR_TIMEDOUT;
	/*
	 * SL_ERR_INVALID: the queue has forgotten the job, because its context collected it for
	 * the next one meanwhile; job_finish() then keeps what that found.
	 */
	if (result != SL_OK)
		job_finish(job, slva_status(result), NULL);
	else if (completion.status == SL200_STATUS_OK || completion.status == SL200_STATUS_OVERFLOW)
		job_finish(job, VA_STATUS_SUCCESS, &completion);
	else
		job_finish(job, VA_STATUS_ERROR_ENCODING_ERROR, &completion);
	return job->status;
}
