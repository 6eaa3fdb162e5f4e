/* SPDX-License-Identifier: MIT */
#include "va-backend/transfer.h"

#include <stdlib.h>

#include "va-backend/job.h"

/* Deep enough that no thread's completion is forgotten before it has looked. */
#define TRANSFER_DEPTH 1024u
#define POOL_ENTRIES 8

struct slva_transfer {
	struct slva_driver *drv;
	pthread_mutex_t lock;
	struct slva_queue *queue; /* created at first use: displays are opened only to be asked */
	struct slva_storage *pool[POOL_ENTRIES];
};

VAStatus slva_transfer_create(struct slva_driver *drv, struct slva_transfer **transfer)
{
	struct slva_transfer *new = calloc(1, sizeof(*new));

	if (!new)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	new->drv = drv;
	pthread_mutex_init(&new->lock, NULL);
	*transfer = new;
	return VA_STATUS_SUCCESS;
}

void slva_transfer_destroy(struct slva_transfer *transfer)
{
	if (!transfer)
		return;
	for (int i = 0; i < POOL_ENTRIES; i++)
		slva_storage_put(transfer->pool[i]);
	slva_queue_put(transfer->queue);
	pthread_mutex_destroy(&transfer->lock);
	free(transfer);
}

/* A reference to the queue for copies. */
static VAStatus queue_get(struct slva_transfer *transfer, struct slva_queue **queue)
{
	VAStatus status = VA_STATUS_SUCCESS;

	pthread_mutex_lock(&transfer->lock);
	if (!transfer->queue)
		status = slva_queue_create(transfer->drv, TRANSFER_DEPTH, &transfer->queue);
	if (status == VA_STATUS_SUCCESS) {
		*queue = transfer->queue;
		atomic_fetch_add(&transfer->queue->refs, 1);
	}
	pthread_mutex_unlock(&transfer->lock);
	return status;
}

/* Return it, with how its last job ended: the next copy gets another after one that has died. */
static void queue_return(struct slva_transfer *transfer, struct slva_queue *queue, int result)
{
	struct slva_queue *dead = NULL;

	if (result == SL_ERR_LOST || result == SL_ERR_FAULT) {
		pthread_mutex_lock(&transfer->lock);
		if (transfer->queue == queue) {
			dead = queue;
			transfer->queue = NULL;
		}
		pthread_mutex_unlock(&transfer->lock);
	}
	slva_queue_put(dead);
	slva_queue_put(queue);
}

static int submit(struct sl_queue *queue, const struct slva_copy *copy, uint64_t *seqno)
{
	for (;;) {
		int result = sl_queue_copy(queue, copy->dst, copy->dst_pitch, copy->src,
					   copy->src_pitch, copy->width, copy->height, NULL, seqno);

		if (result != SL_ERR_AGAIN)
			return result;
		result = sl_queue_wait_idle(queue, SL_WAIT_FOREVER);
		if (result != SL_OK)
			return result;
	}
}

static int copy_all(struct sl_queue *queue, const struct slva_copy *copies, unsigned int num)
{
	struct sl_completion completion;
	int failure = SL_OK;
	uint64_t seqno[4];

	while (num && failure == SL_OK) {
		unsigned int submitted = 0;

		while (submitted < num && submitted < 4 && failure == SL_OK) {
			failure = submit(queue, &copies[submitted], &seqno[submitted]);
			submitted += failure == SL_OK;
		}
		/* Even after a failure the jobs already submitted use the caller's memory. */
		for (unsigned int i = 0; i < submitted; i++) {
			int result = sl_queue_wait(queue, seqno[i], SL_WAIT_FOREVER, &completion);

			if (result == SL_OK)
				result = sl_status_result(completion.status);
			if (failure == SL_OK)
				failure = result;
		}
		copies += submitted;
		num -= submitted;
	}
	return failure;
}

VAStatus slva_transfer_copy(struct slva_transfer *transfer, const struct slva_copy *copies,
			    unsigned int num)
{
	int result = SL_ERR_LOST;

	/* The queue may have gone with a reset of the card since the last copy: once more then. */
	for (int attempt = 0; attempt < 2 && result == SL_ERR_LOST; attempt++) {
		struct slva_queue *queue;
		VAStatus status = queue_get(transfer, &queue);

		if (status != VA_STATUS_SUCCESS)
			return status;
		result = copy_all(queue->queue, copies, num);
		queue_return(transfer, queue, result);
	}
	return result == SL_OK ? VA_STATUS_SUCCESS
			       : slva_refuse(transfer->drv, VA_STATUS_ERROR_OPERATION_FAILED,
					     "copying a picture failed: %s", sl_strerror(result));
}

VAStatus slva_staging_get(struct slva_transfer *transfer, uint64_t size,
			  struct slva_storage **storage)
{
	struct slva_storage *found = NULL;

	pthread_mutex_lock(&transfer->lock);
	for (int i = 0; i < POOL_ENTRIES && !found; i++) {
		uint64_t have = transfer->pool[i] ? sl_buffer_size(transfer->pool[i]->buffer) : 0;

		/* Not much larger either, or a small image would hold a large one's memory. */
		if (have >= size && have / 2 <= size) {
			found = transfer->pool[i];
			transfer->pool[i] = NULL;
		}
	}
	pthread_mutex_unlock(&transfer->lock);
	if (!found)
		return slva_storage_buffer(transfer->drv, size, SL_MEMORY_HOST, storage);
	*storage = found;
	return VA_STATUS_SUCCESS;
}

void slva_staging_put(struct slva_transfer *transfer, struct slva_storage *storage)
{
	struct slva_storage *evicted = storage;

	/* Somebody else still uses it: it goes when they are done. */
	if (!storage || atomic_load(&storage->refs) != 1) {
		slva_storage_put(storage);
		return;
	}
	pthread_mutex_lock(&transfer->lock);
	for (int i = 0; i < POOL_ENTRIES && evicted; i++) {
		if (!transfer->pool[i]) {
			transfer->pool[i] = storage;
			evicted = NULL;
		}
	}
	if (evicted) {
		evicted = transfer->pool[0];
		for (int i = 1; i < POOL_ENTRIES; i++)
			transfer->pool[i - 1] = transfer->pool[i];
		transfer->pool[POOL_ENTRIES - 1] = storage;
	}
	pthread_mutex_unlock(&transfer->lock);
	slva_storage_put(evicted);
}
