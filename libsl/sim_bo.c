// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "libsl/error.h"
#include "libsl/sim.h"

static struct sim_client *to_client(struct transport *transport)
{
	return (struct sim_client *)transport;
}

static uint64_t alignment(uint64_t size)
{
	return size >= SL200_HUGE_SIZE ? SL200_HUGE_SIZE : SL200_PAGE_SIZE;
}

/*
 * Card memory keeps its contents when freed: what some client has used before is cleared before
 * another gets it.
 */
static int dram_alloc(struct sim_card *card, uint64_t size, uint64_t *dram)
{
	uint64_t used_end = 0;
	int ret;

	pthread_mutex_lock(&card->lock);
	ret = range_alloc(&card->dram, size, alignment(size), 0, dram);
	if (!ret) {
		used_end = card->dram_touched;
		if (card->dram_touched < *dram + size)
			card->dram_touched = *dram + size;
	}
	pthread_mutex_unlock(&card->lock);
	if (ret)
		return sl_fail(ret, "no card memory for %llu bytes", (unsigned long long)size);
	if (*dram >= used_end)
		return 0;
	if (used_end > *dram + size)
		used_end = *dram + size;
	return sim_clear_dram(card, *dram, used_end - *dram);
}

static void dram_free(struct sim_card *card, uint64_t dram)
{
	pthread_mutex_lock(&card->lock);
	range_free(&card->dram, dram);
	pthread_mutex_unlock(&card->lock);
}

/* Give the memory an IOVA and enter it in the page tables. */
static int bo_map(struct sim_client *client, struct sim_bo *bo)
{
	bool host = bo->base.memory == SL_MEMORY_HOST;
	int ret;

	pthread_mutex_lock(&client->lock);
	/* A page between any two buffers stays unmapped: running off the end of one faults. */
	ret = range_alloc(&client->iova, bo->base.size, alignment(bo->base.size), SL200_PAGE_SIZE,
			  &bo->base.iova);
	if (ret)
		goto unlock;
	ret = core_pt_map(&client->pagetable, bo->base.iova, host ? bo->dma.bus : bo->dram,
			  bo->base.size,
			  SL200_PTE_READ | SL200_PTE_WRITE | (host ? 0 : SL200_PTE_DRAM));
	if (ret) {
		range_free(&client->iova, bo->base.iova);
		ret = sl_fail(SL_ERR_NO_MEMORY, "no memory for page tables");
		goto unlock;
	}
	*(host ? &client->host_bytes : &client->card_bytes) += bo->base.size;
unlock:
	pthread_mutex_unlock(&client->lock);
	return ret;
}

static void bo_unmap(struct sim_client *client, struct sim_bo *bo)
{
	struct sim_card *card = client->card;
	int ret = 0;

	pthread_mutex_lock(&client->lock);
	core_pt_unmap(&client->pagetable, bo->base.iova, bo->base.size);
	if (!atomic_load(&card->lost))
		ret = core_admin_tlb_invalidate(&card->core.admin, client->asid, bo->base.iova,
						bo->base.size);
	/* Memory must not be freed under a card that may still use it: reset the card then. */
	if (ret && !atomic_load(&card->lost))
		sim_declare_lost(card, "an invalidation was not acknowledged: %s", strerror(-ret));
	core_pt_reap(&client->pagetable);
	range_free(&client->iova, bo->base.iova);
	*(bo->base.memory == SL_MEMORY_HOST ? &client->host_bytes : &client->card_bytes) -=
		bo->base.size;
	pthread_mutex_unlock(&client->lock);
}

int sim_bo_create(struct transport *transport, uint64_t size, enum sl_memory memory,
		  struct transport_bo **out)
{
	struct sim_client *client = to_client(transport);
	struct sim_card *card = client->card;
	struct sim_bo *bo;
	int ret;

	if (atomic_load(&card->lost))
		return sim_card_lost(card);
	bo = calloc(1, sizeof(*bo));
	if (!bo)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	bo->base.size = core_align_up(size, SL200_PAGE_SIZE);
	bo->base.memory = memory;
	if (memory == SL_MEMORY_HOST)
		ret = sim_dma_alloc(card, bo->base.size, &bo->dma);
	else
		ret = dram_alloc(card, bo->base.size, &bo->dram);
	if (ret)
		goto free_bo;
	bo->base.cpu = bo->dma.cpu;
	ret = bo_map(client, bo);
	if (ret)
		goto free_memory;
	*out = &bo->base;
	return 0;

free_memory:
	if (memory == SL_MEMORY_HOST)
		sim_dma_free(card, &bo->dma);
	else
		dram_free(card, bo->dram);
free_bo:
	free(bo);
	return ret;
}

void sim_bo_destroy(struct transport *transport, struct transport_bo *base)
{
	struct sim_client *client = to_client(transport);
	struct sim_bo *bo = (struct sim_bo *)base;

	bo_unmap(client, bo);
	if (bo->base.memory == SL_MEMORY_HOST)
		sim_dma_free(client->card, &bo->dma);
	else
		dram_free(client->card, bo->dram);
	free(bo);
}
