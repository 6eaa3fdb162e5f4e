/* SPDX-License-Identifier: MIT */
/* A first-fit allocator of address ranges. Not thread-safe. */
#ifndef SL_RANGE_H
#define SL_RANGE_H

#include <stdint.h>

struct range;

struct range_set {
	uint64_t base, size;
	uint64_t used;	     /* bytes allocated */
	struct range *first; /* allocated ranges, by address */
};

void range_init(struct range_set *set, uint64_t base, uint64_t size);
void range_fini(struct range_set *set);

/*
 * Take size bytes (not 0) at a multiple of align (a power of two), with at least guard bytes
 * unused behind them. Returns 0 and *start, or SL_ERR_NO_MEMORY.
 */
int range_alloc(struct range_set *set, uint64_t size, uint64_t align, uint64_t guard,
		uint64_t *start);

/* Give back what range_alloc() returned. */
void range_free(struct range_set *set, uint64_t start);

#endif
