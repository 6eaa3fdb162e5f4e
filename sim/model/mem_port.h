/* SPDX-License-Identifier: MIT */
/*
 * The memory port of an engine: how it reaches its client's memory through the chip's MMU.
 * The chip implements it; unit tests implement it over plain memory.
 */
#ifndef MEM_PORT_H
#define MEM_PORT_H

#include <stddef.h>
#include <stdint.h>

struct mem_port {
	/*
	 * Copy len bytes from or to IOVA. Return 0, or enum sl200_status
	 * (SL200_STATUS_MMU_FAULT, or SL200_STATUS_ABORTED when the engine is being reset);
	 * after an error the engine ends the job with that status. Callable from any of the
	 * engine's threads, concurrently.
	 */
	uint16_t (*read)(struct mem_port *port, uint64_t iova, void *dst, size_t len);
	uint16_t (*write)(struct mem_port *port, uint64_t iova, const void *src, size_t len);
};

#endif
