/* SPDX-License-Identifier: MIT */
/* Memory on the card: an array of bytes that takes host memory only where it was touched. */
#ifndef MODEL_CARD_MEM_H
#define MODEL_CARD_MEM_H

#include <stdbool.h>
#include <stdint.h>

struct card_mem {
	uint8_t *base; /* page-aligned */
	uint64_t size;
};

/* All zero. Returns 0 or -ENOMEM. */
int card_mem_create(struct card_mem *mem, uint64_t size);
void card_mem_destroy(struct card_mem *mem);

static inline bool card_mem_holds(const struct card_mem *mem, uint64_t addr, uint64_t len)
{
	return len <= mem->size && addr <= mem->size - len;
}

#endif
