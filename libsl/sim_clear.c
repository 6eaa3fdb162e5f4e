// SPDX-License-Identifier: MIT
#include <string.h>

#include "driver/core/ring.h"
#include "libsl/error.h"
#include "libsl/sim.h"

#define CLEAR_DEPTH 8u
#define CLEAR_CHUNK ((uint64_t)1 << 29)

/* The driver's own address space and queue, made at the first need. Under clear_lock. */
static int clear_init(struct sim_card *card)
{
	int ret;

	if (card->clear_queue)
		return 0;
	if (!card->clear_client) {
		ret = sim_client_create(card, &card->clear_client);
		if (ret)
			return ret;
	}
	return sim_queue_create(&card->clear_client->base, CLEAR_DEPTH, SL200_PRIO_HIGH, 1,
				&card->clear_queue);
}

void sim_clear_fini(struct sim_card *card)
{
	if (card->clear_queue) {
		sim_queue_stop(&card->clear_client->base, card->clear_queue);
		sim_queue_free(&card->clear_client->base, card->clear_queue);
	}
	if (card->clear_client)
		sim_client_destroy(card->clear_client);
}

/* One fill job, start to end. */
static int clear_fill(struct sim_card *card, uint64_t iova, uint64_t size)
{
	struct transport *transport = &card->clear_client->base;
	struct transport_queue *queue = card->clear_queue;
	struct sl200_sqe sqe = {
		.opcode = SL200_OP_FILL,
		.flags = SL200_SQE_F_IRQ,
		.dst = iova,
		.width = (uint32_t)size,
		.height = 1,
	};
	struct sl200_cqe cqe;

	core_sq_write(queue->sq, CLEAR_DEPTH, card->clear_index, &sqe);
	sim_queue_doorbell(transport, queue, SL200_DOORBELL_SQ_TAIL, card->clear_index + 1);
	for (;;) {
		uint32_t irqs = sim_queue_irqs(transport, queue);

		if (core_cq_read(queue->cq, CLEAR_DEPTH, card->clear_index, &cqe))
			break;
		if (atomic_load(&card->lost))
			return sim_card_lost(card);
		sim_queue_sleep(transport, queue, irqs, 100000000);
	}
	card->clear_index++;
	sim_queue_doorbell(transport, queue, SL200_DOORBELL_CQ_HEAD, card->clear_index);
	if (cqe.status != SL200_STATUS_OK)
		return sl_fail(SL_ERR_NO_MEMORY, "clearing card memory failed: %s",
			       sl_status_string(cqe.status));
	return 0;
}

int sim_clear_dram(struct sim_card *card, uint64_t dram, uint64_t size)
{
	struct sim_client *client;
	uint64_t base, done, step;
	int ret;

	pthread_mutex_lock(&card->clear_lock);
	ret = clear_init(card);
	if (ret)
		goto unlock;
	client = card->clear_client;
	/* DRAM shows up at its own address above the client's other IOVAs. */
	base = client->iova.base + client->iova.size / 2 + dram;
	ret = core_pt_map(&client->pagetable, base, dram, size, SL200_PTE_WRITE | SL200_PTE_DRAM);
	if (ret) {
		ret = sl_fail(SL_ERR_NO_MEMORY, "no memory for page tables");
		goto unlock;
	}
	for (done = 0; !ret && done < size; done += step) {
		step = size - done < CLEAR_CHUNK ? size - done : CLEAR_CHUNK;
		ret = clear_fill(card, base + done, step);
	}
	core_pt_unmap(&client->pagetable, base, size);
	if (!atomic_load(&card->lost) &&
	    core_admin_tlb_invalidate(&card->core.admin, client->asid, base, size))
		sim_declare_lost(card, "an invalidation was not acknowledged");
	core_pt_reap(&client->pagetable);
unlock:
	pthread_mutex_unlock(&card->clear_lock);
	return ret;
}
