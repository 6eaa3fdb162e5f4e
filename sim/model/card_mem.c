/* SPDX-License-Identifier: MIT */
#include "sim/model/card_mem.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

int card_mem_create(struct card_mem *mem, uint64_t size)
{
	void *base = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return -ENOMEM;
	/* Card memory is not the process's state: a core file need not carry gigabytes of it. */
	madvise(base, size, MADV_DONTDUMP);
	mem->base = base;
	mem->size = size;
	return 0;
}

void card_mem_destroy(struct card_mem *mem)
{
	if (mem->base)
		munmap(mem->base, mem->size);
	*mem = (struct card_mem){0};
}
