/* SPDX-License-Identifier: MIT */
/*
 * Host memory as the card sees it: the regions registered for DMA, sorted by bus address.
 * Changes are made with the gate closed and look-ups inside the gate (sim/model/gate.h).
 */
#ifndef MODEL_HOST_MEM_H
#define MODEL_HOST_MEM_H

#include <stddef.h>
#include <stdint.h>

struct host_region {
	uint64_t bus;
	uint64_t size;
	uint8_t *vaddr;
	unsigned int prot; /* CARD_DMA_* */
};

struct host_mem {
	struct host_region *region;
	size_t count;
	size_t room;
};

void host_mem_destroy(struct host_mem *mem);

/* As card_dma_map(): 0, -EINVAL, -EEXIST, -ENOMEM. */
int host_mem_add(struct host_mem *mem, uint64_t bus, void *vaddr, uint64_t size, unsigned int prot);

/*
 * Remove every region inside [bus, bus + size). -EINVAL when a region lies there in part (nothing
 * is removed then) or when the range is not page-aligned or empty; -ENOENT when none lies there.
 */
int host_mem_remove(struct host_mem *mem, uint64_t bus, uint64_t size);

/* The region that holds bus, or NULL. */
const struct host_region *host_mem_find(const struct host_mem *mem, uint64_t bus);

#endif
