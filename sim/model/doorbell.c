/* SPDX-License-Identifier: MIT */
#include "sim/model/doorbell.h"

bool doorbell_write(struct doorbells *db, uint64_t offset, unsigned int size, uint32_t value)
{
	unsigned int queue = (unsigned int)(offset / SL200_DOORBELL_STRIDE) % SL200_MAX_QUEUES;
	unsigned int reg = (unsigned int)(offset % SL200_DOORBELL_STRIDE);
	uint32_t bit = 1u << (queue % 32);
	struct doorbell_page *page = &db->page[queue];

	if (size != 4 || (reg != SL200_DOORBELL_SQ_TAIL && reg != SL200_DOORBELL_CQ_HEAD) ||
	    !(atomic_load_explicit(&db->enable[queue / 32], memory_order_acquire) & bit)) {
		atomic_fetch_add_explicit(&page->dropped, 1, memory_order_relaxed);
		return false;
	}
	/* Release: what the client wrote to its ring before is visible to who reads the value. */
	atomic_store_explicit(reg == SL200_DOORBELL_SQ_TAIL ? &page->sq_tail : &page->cq_head,
			      value, memory_order_release);
	atomic_fetch_or(&db->pending[queue / 32], bit);
	atomic_fetch_add_explicit(&page->accepted, 1, memory_order_relaxed);
	return true;
}

void doorbell_set_enable(struct doorbells *db, unsigned int word, uint32_t value)
{
	uint32_t rising = value & ~atomic_load(&db->enable[word]);

	for (unsigned int bit = 0; bit < 32; bit++) {
		if (!(rising & (1u << bit)))
			continue;
		atomic_store(&db->page[word * 32 + bit].sq_tail, 0);
		atomic_store(&db->page[word * 32 + bit].cq_head, 0);
	}
	atomic_store(&db->enable[word], value);
}

bool doorbell_any_pending(struct doorbells *db)
{
	for (unsigned int i = 0; i < DOORBELL_WORDS; i++)
		if (atomic_load(&db->pending[i]))
			return true;
	return false;
}

void doorbell_reset(struct doorbells *db)
{
	for (unsigned int i = 0; i < DOORBELL_WORDS; i++) {
		atomic_store(&db->enable[i], 0);
		atomic_store(&db->pending[i], 0);
	}
}

uint64_t doorbell_accepted(struct doorbells *db)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < SL200_MAX_QUEUES; i++)
		sum += atomic_load_explicit(&db->page[i].accepted, memory_order_relaxed);
	return sum;
}

uint64_t doorbell_dropped(struct doorbells *db)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < SL200_MAX_QUEUES; i++)
		sum += atomic_load_explicit(&db->page[i].dropped, memory_order_relaxed);
	return sum;
}

void doorbell_clear_counters(struct doorbells *db)
{
	for (unsigned int i = 0; i < SL200_MAX_QUEUES; i++) {
		atomic_store(&db->page[i].accepted, 0);
		atomic_store(&db->page[i].dropped, 0);
	}
}
