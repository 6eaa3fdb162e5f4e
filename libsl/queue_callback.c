// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "libsl/error.h"
#include "libsl/queue.h"

#define SLEEP_NS 100000000ll

/* Take the oldest completion not yet delivered. */
static bool take(struct sl_queue *queue, struct sl_completion *completion)
{
	bool taken = false;

	pthread_mutex_lock(&queue->cq_lock);
	if (queue->undelivered_head != queue->undelivered_tail) {
		*completion = queue->undelivered[queue->undelivered_head++ & (queue->depth - 1)];
		taken = true;
	}
	pthread_mutex_unlock(&queue->cq_lock);
	if (taken)
		atomic_fetch_add(&queue->delivered, 1);
	return taken;
}

/* Report the jobs of a dead queue that will never complete. */
static void deliver_aborted(struct sl_queue *queue)
{
	uint64_t last, seqno;

	/* Whoever was submitting is done after this, and everyone later sees the dead queue. */
	pthread_mutex_lock(&queue->submit_lock);
	last = atomic_load(&queue->submitted);
	pthread_mutex_unlock(&queue->submit_lock);
	seqno = last > queue->depth ? last - queue->depth + 1 : 1;
	for (; seqno <= last && !atomic_load(&queue->closing); seqno++) {
		struct record *record = queue_record(queue, seqno);
		struct sl_completion completion = {
			.seqno = seqno,
			.user = atomic_load(&record->user),
			.status = SL200_STATUS_ABORTED,
		};

		if (atomic_load(&record->state) == 2 * seqno)
			queue->callback(queue->callback_arg, &completion);
	}
}

static void *callback_thread(void *arg)
{
	struct sl_queue *queue = arg;
	struct transport *transport = queue->device->transport;
	struct sl_completion completion;
	bool told = false;

	while (!atomic_load(&queue->closing)) {
		uint32_t irqs = transport->ops->queue_irqs(transport, queue->transport_queue);
		int dead = queue_dead(queue);
		bool any = false;

		queue_collect(queue);
		while (!atomic_load(&queue->closing) && take(queue, &completion)) {
			queue->callback(queue->callback_arg, &completion);
			any = true;
		}
		if (dead && !any && !told) {
			deliver_aborted(queue);
			told = true;
		}
		if (!any && !atomic_load(&queue->closing))
			transport->ops->queue_sleep(transport, queue->transport_queue, irqs,
						    SLEEP_NS);
	}
	return NULL;
}

int queue_callback_start(struct sl_queue *queue, const struct sl_queue_params *params)
{
	queue->undelivered = calloc(queue->depth, sizeof(queue->undelivered[0]));
	if (!queue->undelivered)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	queue->callback = params->callback;
	queue->callback_arg = params->callback_arg;
	if (pthread_create(&queue->callback_thread, NULL, callback_thread, queue))
		return sl_fail(SL_ERR_SYSTEM, "no thread can be created");
	return 0;
}

void queue_callback_stop(struct sl_queue *queue)
{
	struct transport *transport = queue->device->transport;

	transport->ops->queue_wake(transport, queue->transport_queue);
	pthread_join(queue->callback_thread, NULL);
}
