// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "driver/core/ring.h"
#include "libsl/error.h"
#include "libsl/event.h"
#include "libsl/queue.h"

#define DEFAULT_DEPTH 64u
#define DEFAULT_WEIGHT 16u
#define SPINS 64 /* looks at the ring before sleeping: about as long as a system call takes */
#define SLEEP_NS 100000000ll /* an interrupt can get lost: look again after so long */

static int check_params(struct sl_device *device, struct sl_queue_params *params)
{
	uint32_t max_depth = device->transport->caps.max_depth;

	if (max_depth > SL200_QUEUE_DEPTH_MAX)
		max_depth = SL200_QUEUE_DEPTH_MAX;
	if (!params->depth)
		params->depth = DEFAULT_DEPTH < max_depth ? DEFAULT_DEPTH : max_depth;
	if (!params->weight)
		params->weight = DEFAULT_WEIGHT;
	if (!core_ring_depth_valid(params->depth, SL200_QUEUE_DEPTH_MIN, max_depth))
		return sl_fail(SL_ERR_INVALID,
			       "sl_queue_params.depth is %u: a power of two, %u to %u, is possible",
			       params->depth, SL200_QUEUE_DEPTH_MIN, max_depth);
	if ((unsigned int)params->priority >= SL200_PRIO_COUNT)
		return sl_fail(SL_ERR_INVALID,
			       "sl_queue_params.priority is %u: 0 to %u is possible",
			       (unsigned int)params->priority, SL200_PRIO_COUNT - 1);
	if (params->weight > 255)
		return sl_fail(SL_ERR_INVALID, "sl_queue_params.weight is %u: 1 to 255 is possible",
			       params->weight);
	return 0;
}

static void queue_free(struct sl_queue *queue)
{
	pthread_mutex_destroy(&queue->submit_lock);
	pthread_mutex_destroy(&queue->cq_lock);
	free(queue->undelivered);
	free(queue);
}

int sl_queue_create(struct sl_device *device, const struct sl_queue_params *wanted,
		    struct sl_queue **out)
{
	struct sl_queue_params params = {.priority = SL200_PRIO_NORMAL};
	struct transport *transport = device->transport;
	struct sl_queue *queue;
	int ret;

	if (wanted)
		params = *wanted;
	ret = check_params(device, &params);
	if (ret)
		return ret;
	queue = calloc(1, sizeof(*queue) + params.depth * sizeof(queue->record[0]));
	if (!queue)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	queue->device = device;
	queue->depth = params.depth;
	pthread_mutex_init(&queue->submit_lock, NULL);
	pthread_mutex_init(&queue->cq_lock, NULL);
	ret = transport->ops->queue_create(transport, params.depth, params.priority, params.weight,
					   &queue->transport_queue);
	if (ret)
		goto free_queue;
	if (params.callback) {
		ret = queue_callback_start(queue, &params);
		if (ret)
			goto stop_queue;
	}
	pthread_mutex_lock(&device->lock);
	link_add(&device->queues, &queue->link);
	pthread_mutex_unlock(&device->lock);
	*out = queue;
	return 0;

stop_queue:
	transport->ops->queue_stop(transport, queue->transport_queue);
	transport->ops->queue_free(transport, queue->transport_queue);
free_queue:
	queue_free(queue);
	return ret;
}

void sl_queue_destroy(struct sl_queue *queue)
{
	struct sl_device *device;
	struct transport *transport;

	if (!queue)
		return;
	device = queue->device;
	transport = device->transport;
	pthread_mutex_lock(&device->lock);
	link_remove(&queue->link);
	pthread_mutex_unlock(&device->lock);
	atomic_store(&queue->closing, true);
	transport->ops->queue_stop(transport, queue->transport_queue);
	while (atomic_load(&queue->users)) {
		transport->ops->queue_wake(transport, queue->transport_queue);
		usleep(100);
	}
	if (queue->callback)
		queue_callback_stop(queue);
	encode_slots_free(queue);
	transport->ops->queue_free(transport, queue->transport_queue);
	queue_free(queue);
}

uint32_t sl_queue_id(const struct sl_queue *queue)
{
	return queue->transport_queue->qid;
}

/* Look at a job's record. SL_ERR_TIMEOUT: not complete; SL_ERR_INVALID: forgotten. */
static int record_read(struct sl_queue *queue, uint64_t seqno, struct sl_completion *completion)
{
	struct record *record = queue_record(queue, seqno);
	uint64_t state, words[RECORD_WORDS];
	size_t i;

	state = atomic_load_explicit(&record->state, memory_order_acquire);
	if (state == 2 * seqno)
		return SL_ERR_TIMEOUT;
	if (state == 2 * seqno + 1 && !completion)
		return 0;
	for (i = 0; i < RECORD_WORDS; i++)
		words[i] = atomic_load_explicit(&record->word[i], memory_order_acquire);
	if (state != 2 * seqno + 1 || atomic_load(&record->state) != state)
		return SL_ERR_INVALID;
	memcpy(completion, words, sizeof(*completion));
	return 0;
}

/* Collect and look, without sleeping. */
static int queue_look(struct sl_queue *queue, uint64_t seqno, struct sl_completion *completion)
{
	int spins, ret;

	for (spins = 0; spins < SPINS; spins++) {
		queue_try_collect(queue);
		ret = record_read(queue, seqno, completion);
		if (ret != SL_ERR_TIMEOUT)
			return ret;
		cpu_relax();
	}
	return SL_ERR_TIMEOUT;
}

static int queue_sleep_until(struct sl_queue *queue, uint64_t seqno, int64_t timeout_ns,
			     struct sl_completion *completion)
{
	struct transport *transport = queue->device->transport;
	int64_t now = monotonic_ns(), left = SLEEP_NS, deadline = 0;
	int ret, dead;

	if (timeout_ns >= 0)
		deadline = timeout_ns < INT64_MAX - now ? now + timeout_ns : INT64_MAX;
	for (;;) {
		uint32_t irqs = transport->ops->queue_irqs(transport, queue->transport_queue);

		/* Read before collecting: a dead queue's last completions are in the ring. */
		dead = queue_dead(queue);
		queue_collect(queue);
		ret = record_read(queue, seqno, completion);
		if (ret != SL_ERR_TIMEOUT)
			return ret;
		if (dead)
			return dead;
		if (timeout_ns >= 0) {
			left = deadline - monotonic_ns();
			if (left <= 0)
				return SL_ERR_TIMEOUT;
		}
		transport->ops->queue_sleep(transport, queue->transport_queue, irqs,
					    left < SLEEP_NS ? left : SLEEP_NS);
	}
}

static int queue_wait(struct sl_queue *queue, uint64_t seqno, int64_t timeout_ns,
		      struct sl_completion *completion)
{
	int ret, dead;

	queue_try_collect(queue);
	ret = record_read(queue, seqno, completion);
	if (ret != SL_ERR_TIMEOUT)
		return ret;
	if (!timeout_ns) {
		dead = queue_dead(queue);
		if (!dead)
			return SL_ERR_TIMEOUT;
		queue_collect(queue);
		ret = record_read(queue, seqno, completion);
		return ret == SL_ERR_TIMEOUT ? dead : ret;
	}
	ret = queue_look(queue, seqno, completion);
	if (ret == SL_ERR_TIMEOUT)
		ret = queue_sleep_until(queue, seqno, timeout_ns, completion);
	return ret;
}

int sl_queue_wait(struct sl_queue *queue, uint64_t seqno, int64_t timeout_ns,
		  struct sl_completion *completion)
{
	uint64_t submitted = atomic_load(&queue->submitted);
	int ret;

	if (!seqno || seqno > submitted)
		return sl_fail(SL_ERR_INVALID, "queue %u has no job %llu yet", sl_queue_id(queue),
			       (unsigned long long)seqno);
	atomic_fetch_add(&queue->users, 1);
	ret = queue_wait(queue, seqno, timeout_ns, completion);
	if (ret == SL_ERR_INVALID)
		sl_fail(ret, "queue %u: the completion of job %llu is no longer remembered",
			sl_queue_id(queue), (unsigned long long)seqno);
	else if (ret == SL_ERR_TIMEOUT)
		sl_fail(ret, "queue %u: job %llu is not complete", sl_queue_id(queue),
			(unsigned long long)seqno);
	else if (ret)
		queue_fail(queue, ret);
	atomic_fetch_sub(&queue->users, 1);
	return ret;
}

int sl_queue_wait_idle(struct sl_queue *queue, int64_t timeout_ns)
{
	uint64_t last = atomic_load(&queue->submitted), seqno;
	int64_t deadline = 0;
	int ret;

	if (timeout_ns > 0)
		deadline = monotonic_ns() + timeout_ns;
	seqno = last > queue->depth ? last - queue->depth + 1 : 1;
	for (; seqno <= last; seqno++) {
		int64_t left = timeout_ns;

		if (timeout_ns > 0) {
			left = deadline - monotonic_ns();
			if (left < 0)
				left = 0;
		}
		ret = sl_queue_wait(queue, seqno, left, NULL);
		/* Forgotten jobs are complete. */
		if (ret && ret != SL_ERR_INVALID)
			return ret;
	}
	return 0;
}
