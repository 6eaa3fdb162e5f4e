/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic of submission and completion rings (abi/sl200_queue.h). Indices are free-running
 * 32-bit counters; the slot is index & (depth - 1).
 */
#ifndef CORE_RING_H
#define CORE_RING_H

#include "abi/sl200_queue.h"
#include "driver/core/port.h"

/* Whether a ring may have this many entries: a power of two within the given bounds. */
bool core_ring_depth_valid(uint32_t depth, uint32_t min, uint32_t max);

/* Bytes of a ring, rounded up to whole pages. entry_size is 64 or 32. */
size_t core_ring_bytes(uint32_t depth, size_t entry_size);

/* The phase bit of completion index in a ring of depth entries. */
static inline uint32_t core_cq_phase(uint32_t index, uint32_t depth)
{
	return index & depth ? 0 : SL200_CQE_PHASE;
}

/*
 * Copy the completion at index head out of the ring when the card has written it. The copy is
 * taken once: later changes of the ring's contents have no effect on it.
 */
bool core_cq_read(const struct sl200_cqe *cq, uint32_t depth, uint32_t head, struct sl200_cqe *cqe);

/* Write the entry at index tail. The doorbell that follows publishes it. */
void core_sq_write(struct sl200_sqe *sq, uint32_t depth, uint32_t tail,
		   const struct sl200_sqe *sqe);

/*
 * Whether head, as the card reports it, can be true: not before the head known so far, and not
 * beyond the tail.
 */
bool core_sq_head_valid(uint32_t known_head, uint32_t head, uint32_t tail);

#endif
