/* SPDX-License-Identifier: MIT */
#include "sim/model/host_mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_mmu.h"
#include "sim/card/card.h"

#define PAGE_MASK ((uint64_t)SL200_PAGE_SIZE - 1)

/* Ranges are compared by their last byte, so that one may end at the top of the address space. */
static uint64_t region_last(const struct host_region *region)
{
	return region->bus + (region->size - 1);
}

static bool range_valid(uint64_t bus, uint64_t size)
{
	return size && !((bus | size) & PAGE_MASK) && bus + (size - 1) >= bus;
}

/* Index of the first region that ends at or after bus. */
static size_t first_at(const struct host_mem *mem, uint64_t bus)
{
	size_t low = 0, high = mem->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (region_last(&mem->region[mid]) < bus)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void host_mem_destroy(struct host_mem *mem)
{
	free(mem->region);
	*mem = (struct host_mem){0};
}

int host_mem_add(struct host_mem *mem, uint64_t bus, void *vaddr, uint64_t size, unsigned int prot)
{
	size_t at;

	if (!range_valid(bus, size) || !vaddr || ((uintptr_t)vaddr & PAGE_MASK) || !prot ||
	    prot & ~(CARD_DMA_READ | CARD_DMA_WRITE) ||
	    (uintptr_t)vaddr + (size - 1) < (uintptr_t)vaddr)
		return -EINVAL;
	at = first_at(mem, bus);
	if (at < mem->count && mem->region[at].bus <= bus + (size - 1))
		return -EEXIST;
	if (mem->count == mem->room) {
		size_t room = mem->room ? mem->room * 2 : 16;
		struct host_region *region = realloc(mem->region, room * sizeof(*region));

		if (!region)
			return -ENOMEM;
		mem->region = region;
		mem->room = room;
	}
	memmove(&mem->region[at + 1], &mem->region[at], (mem->count - at) * sizeof(*mem->region));
	mem->region[at] =
		(struct host_region){.bus = bus, .size = size, .vaddr = vaddr, .prot = prot};
	mem->count++;
	return 0;
}

int host_mem_remove(struct host_mem *mem, uint64_t bus, uint64_t size)
{
	size_t from, to;
	uint64_t last = bus + (size - 1);

	if (!range_valid(bus, size))
		return -EINVAL;
	from = first_at(mem, bus);
	for (to = from; to < mem->count && mem->region[to].bus <= last; to++)
		if (mem->region[to].bus < bus || region_last(&mem->region[to]) > last)
			return -EINVAL;
	if (from == to)
		return -ENOENT;
	memmove(&mem->region[from], &mem->region[to], (mem->count - to) * sizeof(*mem->region));
	mem->count -= to - from;
	return 0;
}

const struct host_region *host_mem_find(const struct host_mem *mem, uint64_t bus)
{
	size_t at = first_at(mem, bus);

	return at < mem->count && mem->region[at].bus <= bus ? &mem->region[at] : NULL;
}
