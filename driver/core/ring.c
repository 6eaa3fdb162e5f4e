// SPDX-License-Identifier: MIT
#include "abi/sl200_mmu.h"
#include "driver/core/ring.h"

bool core_ring_depth_valid(uint32_t depth, uint32_t min, uint32_t max)
{
	return depth && depth >= min && depth <= max && !(depth & (depth - 1));
}

size_t core_ring_bytes(uint32_t depth, size_t entry_size)
{
	return core_align_up((uint64_t)depth * entry_size, SL200_PAGE_SIZE);
}

bool core_cq_read(const struct sl200_cqe *cq, uint32_t depth, uint32_t head, struct sl200_cqe *cqe)
{
	const struct sl200_cqe *entry = &cq[head & (depth - 1)];
	uint32_t phase = core_load_acquire32(&entry->phase);

	if ((phase & SL200_CQE_PHASE) != core_cq_phase(head, depth))
		return false;
	*cqe = *entry;
	return true;
}

void core_sq_write(struct sl200_sqe *sq, uint32_t depth, uint32_t tail, const struct sl200_sqe *sqe)
{
	sq[tail & (depth - 1)] = *sqe;
}

bool core_sq_head_valid(uint32_t known_head, uint32_t head, uint32_t tail)
{
	return head - known_head <= tail - known_head;
}
