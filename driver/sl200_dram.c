// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "abi/sl200_fw.h"
#include "abi/sl200_mmu.h"
#include "abi/sl200_regs.h"
#include "driver/sl200_device.h"
#include "driver/sl200_dram.h"

int sl200_dram_init(struct sl200_device *sdev, u64 size)
{
	struct sl200_dram *dram = &sdev->dram;

	mutex_init(&dram->lock);
	mutex_init(&dram->clear_lock);
	size &= ~(u64)(SL200_PAGE_SIZE - 1);
	if (size <= SL200_DRAM_MCU_RESERVED || size - 1 > SL200_PTE_ADDR) {
		drm_err(&sdev->drm, "the card reports %llu bytes of memory\n", size);
		return -EINVAL;
	}
	dram->total = size - SL200_DRAM_MCU_RESERVED;
	drm_mm_init(&dram->mm, SL200_DRAM_MCU_RESERVED, dram->total);
	/*
	 * A driver before this one left the card reset, or this one reset it: without a reset since
	 * power-on nobody has used the memory.
	 */
	dram->touched = core_read32(&sdev->port, SL200_TOP_RESET_COUNT) ? size :
									   SL200_DRAM_MCU_RESERVED;
	return 0;
}

void sl200_dram_fini(struct sl200_device *sdev)
{
	struct sl200_dram *dram = &sdev->dram;

	/* Objects leaked on purpose keep their place in it. */
	if (drm_mm_initialized(&dram->mm) && drm_mm_clean(&dram->mm))
		drm_mm_takedown(&dram->mm);
	mutex_destroy(&dram->clear_lock);
	mutex_destroy(&dram->lock);
}

void sl200_dram_lost(struct sl200_device *sdev)
{
	struct sl200_dram *dram = &sdev->dram;

	mutex_lock(&dram->lock);
	dram->touched = SL200_DRAM_MCU_RESERVED + dram->total;
	mutex_unlock(&dram->lock);
}

int sl200_dram_alloc(struct sl200_device *sdev, u64 size, struct drm_mm_node *node)
{
	u64 align = size >= SL200_HUGE_SIZE ? SL200_HUGE_SIZE : SL200_PAGE_SIZE;
	struct sl200_dram *dram = &sdev->dram;
	u64 end, dirty_end;
	int ret;

	mutex_lock(&dram->lock);
	/* From below, so that memory nobody had yet stays together. */
	ret = drm_mm_insert_node_generic(&dram->mm, node, size, align, 0, DRM_MM_INSERT_LOW);
	if (ret) {
		mutex_unlock(&dram->lock);
		return ret;
	}
	end = node->start + size;
	dirty_end = min(dram->touched, end);
	dram->touched = max(dram->touched, end);
	dram->used += size;
	mutex_unlock(&dram->lock);

	if (node->start < dirty_end)
		ret = sl200_dram_clear(sdev, node->start, dirty_end - node->start);
	if (ret)
		sl200_dram_free(sdev, node);
	return ret;
}

void sl200_dram_free(struct sl200_device *sdev, struct drm_mm_node *node)
{
	struct sl200_dram *dram = &sdev->dram;

	mutex_lock(&dram->lock);
	dram->used -= node->size;
	drm_mm_remove_node(node);
	mutex_unlock(&dram->lock);
}
