// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver/core/ring.h"
#include "libsl/error.h"
#include "libsl/sim.h"

static struct sim_client *to_client(struct transport *transport)
{
	return (struct sim_client *)transport;
}

static struct sim_queue *to_queue(struct transport_queue *queue)
{
	return (struct sim_queue *)queue;
}

/*
 * Take a free queue number, and the interrupt vector with the fewest queues on it. The number is
 * visible to the monitor only once the queue exists on the card.
 */
static int queue_reserve(struct sim_card *card, struct sim_queue *queue)
{
	unsigned int qid, vector, best = 1, limit = card->core.caps.num_queues;
	unsigned int vectors = card->core.caps.num_vectors;

	if (limit > SL200_MAX_QUEUES)
		limit = SL200_MAX_QUEUES;
	if (vectors > CARD_NUM_VECTORS)
		vectors = CARD_NUM_VECTORS;
	pthread_mutex_lock(&card->lock);
	for (qid = 1; qid < limit && card->queue[qid]; qid++)
		;
	if (qid < limit) {
		card->queue[qid] = queue;
		for (vector = 1; vector < vectors; vector++) {
			if (card->vector_queues[vector] < card->vector_queues[best])
				best = vector;
		}
		card->vector_queues[best]++;
		queue->base.qid = qid;
		queue->vector = best;
		queue->id = ++card->next_queue_id;
	}
	pthread_mutex_unlock(&card->lock);
	return qid < limit ? 0 : SL_ERR_NO_MEMORY;
}

static void queue_release(struct sim_card *card, struct sim_queue *queue)
{
	pthread_mutex_lock(&card->lock);
	card->queue[queue->base.qid] = NULL;
	card->vector_queues[queue->vector]--;
	pthread_mutex_unlock(&card->lock);
}

static void rings_free(struct transport *transport, struct sim_queue *queue)
{
	if (queue->cq_bo)
		sim_bo_destroy(transport, queue->cq_bo);
	if (queue->sq_bo)
		sim_bo_destroy(transport, queue->sq_bo);
}

static int rings_alloc(struct transport *transport, struct sim_queue *queue)
{
	int ret;

	ret = sim_bo_create(transport, core_ring_bytes(queue->base.depth, sizeof(struct sl200_sqe)),
			    SL_MEMORY_HOST, &queue->sq_bo);
	if (!ret)
		ret = sim_bo_create(transport,
				    core_ring_bytes(queue->base.depth, sizeof(struct sl200_cqe)),
				    SL_MEMORY_HOST, &queue->cq_bo);
	if (ret)
		return ret;
	queue->base.sq = queue->sq_bo->cpu;
	queue->base.cq = queue->cq_bo->cpu;
	return 0;
}

int sim_queue_create(struct transport *transport, uint32_t depth, unsigned int priority,
		     unsigned int weight, struct transport_queue **out)
{
	struct sim_client *client = to_client(transport);
	struct sim_card *card = client->card;
	struct core_queue_config config;
	struct sim_queue *queue;
	int ret;

	queue = calloc(1, sizeof(*queue));
	if (!queue)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	queue->base.depth = depth;
	ret = rings_alloc(transport, queue);
	if (ret)
		goto free_rings;
	if (queue_reserve(card, queue)) {
		ret = sl_fail(SL_ERR_NO_MEMORY, "all queues of the card are in use");
		goto free_rings;
	}
	config = (struct core_queue_config){
		.qid = queue->base.qid,
		.asid = client->asid,
		.sq_iova = queue->sq_bo->iova,
		.cq_iova = queue->cq_bo->iova,
		.depth = depth,
		.priority = priority,
		.weight = weight,
		.vector = queue->vector,
	};
	ret = core_admin_queue_create(&card->core.admin, &config);
	if (ret) {
		ret = sim_core_fail(card, ret, "creating a queue");
		goto release;
	}
	/* A card lost meanwhile has told the queues it knew; this one may have come too late. */
	if (atomic_load(&card->lost))
		atomic_store(&queue->base.state, SL_ERR_LOST);
	*out = &queue->base;
	return 0;

release:
	queue_release(card, queue);
free_rings:
	rings_free(transport, queue);
	free(queue);
	return ret;
}

void sim_queue_stop(struct transport *transport, struct transport_queue *base)
{
	struct sim_card *card = to_client(transport)->card;
	int ret = 0;

	if (!atomic_load(&card->lost))
		ret = core_admin_queue_destroy(&card->core.admin, base->qid);
	if (ret && !atomic_load(&card->lost))
		sim_declare_lost(card, "queue %u could not be destroyed: %s", base->qid,
				 strerror(-ret));
	queue_release(card, to_queue(base));
	atomic_store(&base->state, SL_ERR_LOST);
	sim_queue_wake(transport, base);
}

void sim_queue_free(struct transport *transport, struct transport_queue *base)
{
	rings_free(transport, to_queue(base));
	free(to_queue(base));
}

void sim_queue_doorbell(struct transport *transport, struct transport_queue *queue, uint32_t offset,
			uint32_t value)
{
	struct sim_card *card = to_client(transport)->card;

	card->port.ops->doorbell(&card->port, queue->qid, offset, value);
}

uint32_t sim_queue_irqs(struct transport *transport, struct transport_queue *queue)
{
	return event_count(&to_client(transport)->card->vector[to_queue(queue)->vector]);
}

void sim_queue_sleep(struct transport *transport, struct transport_queue *queue, uint32_t seen,
		     int64_t timeout_ns)
{
	struct sim_card *card = to_client(transport)->card;

	/* A child of fork() has no monitor that would tell its queues. */
	if (atomic_load(&card->lost))
		atomic_store(&queue->state, SL_ERR_LOST);
	else
		event_sleep(&card->vector[to_queue(queue)->vector], seen, timeout_ns);
}

void sim_queue_wake(struct transport *transport, struct transport_queue *queue)
{
	event_signal(&to_client(transport)->card->vector[to_queue(queue)->vector]);
}
