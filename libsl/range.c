// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "libsl/error.h"
#include "libsl/range.h"

struct range {
	struct range *next;
	uint64_t start, size, guard;
};

void range_init(struct range_set *set, uint64_t base, uint64_t size)
{
	set->base = base;
	set->size = size;
	set->used = 0;
	set->first = NULL;
}

void range_fini(struct range_set *set)
{
	while (set->first) {
		struct range *range = set->first;

		set->first = range->next;
		free(range);
	}
}

int range_alloc(struct range_set *set, uint64_t size, uint64_t align, uint64_t guard,
		uint64_t *start)
{
	uint64_t end = set->base + set->size, at = set->base;
	struct range **link = &set->first, *range;

	for (;;) {
		uint64_t limit = *link ? (*link)->start : end;

		at = (at + align - 1) & ~(align - 1);
		if (at < limit && limit - at >= size && limit - at - size >= guard)
			break;
		if (!*link)
			return sl_fail(SL_ERR_NO_MEMORY, "no range of %llu bytes is free",
				       (unsigned long long)size);
		at = (*link)->start + (*link)->size + (*link)->guard;
		link = &(*link)->next;
	}
	range = malloc(sizeof(*range));
	if (!range)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	*range = (struct range){.next = *link, .start = at, .size = size, .guard = guard};
	*link = range;
	set->used += size;
	*start = at;
	return 0;
}

void range_free(struct range_set *set, uint64_t start)
{
	struct range **link = &set->first, *range;

	while (*link && (*link)->start != start)
		link = &(*link)->next;
	range = *link;
	if (!range)
		return;
	set->used -= range->size;
	*link = range->next;
	free(range);
}
