/* SPDX-License-Identifier: MIT */
#include "sim/model/link.h"

void link_init(struct link *link, const struct card_link *config)
{
	link->bandwidth = config->bandwidth;
	link->latency_ns = config->latency_ns;
	for (int i = 0; i < LINK_DIRS; i++)
		atomic_init(&link->free_at[i], 0);
}

uint64_t link_transfer(struct link *link, enum link_dir dir, size_t bytes, uint64_t now)
{
	uint_fast64_t old, start, end;
	uint64_t ns;

	if (!link->bandwidth)
		return now;
	ns = (uint64_t)((double)bytes * 1e9 / (double)link->bandwidth);
	old = atomic_load_explicit(&link->free_at[dir], memory_order_relaxed);
	do {
		start = old > now ? old : now;
		end = start + ns;
	} while (!atomic_compare_exchange_weak_explicit(
		&link->free_at[dir], &old, end, memory_order_relaxed, memory_order_relaxed));
	return end;
}
