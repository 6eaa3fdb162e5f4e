// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Clearing card memory: the card does it itself, by fill jobs of a queue of the driver's own in an
 * address space of its own, so that a client's jobs and faults have no part in it.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>

#include "driver/core/patience.h"
#include "driver/core/ring.h"
#include "driver/sl200_admin.h"
#include "driver/sl200_device.h"
#include "driver/sl200_queue.h"

#define CLEAR_DEPTH 8u
#define CLEAR_CHUNK ((u64)64 << 20) /* bytes of one job: far from any watchdog */
/* A job waits for at most one of a client's on its engine, which has 10 s. */
#define CLEAR_TIMEOUT_MS 30000
#define CLEAR_ATTEMPTS 3 /* a reset in between costs one */

struct sl200_dram_clearer {
	struct sl200_vm vm;
	struct core_dma rings; /* a page for each */
	struct sl200_mapping mapping; /* of the rings */
	unsigned int qid;
	bool created; /* on the card of this generation */
	u32 generation;
	u32 index; /* of the next job */
};

static struct sl200_sqe *clearer_sq(struct sl200_dram_clearer *clearer)
{
	return clearer->rings.cpu;
}

static struct sl200_cqe *clearer_cq(struct sl200_dram_clearer *clearer)
{
	return clearer->rings.cpu + SL200_PAGE_SIZE;
}

/* The queue, where the card has it. False: the card may still use the rings. */
static bool clearer_queue_end(struct sl200_device *sdev, struct sl200_dram_clearer *clearer)
{
	if (clearer->created &&
	    !sl200_admin_queue_end(sdev, clearer->qid, clearer->generation))
		return false;
	clearer->created = false;
	return true;
}

static void clearer_destroy(struct sl200_device *sdev, struct sl200_dram_clearer *clearer)
{
	bool ended;

	/* What the card may still use is leaked: rings, tables, and what the CPU knows of them. */
	if (!clearer_queue_end(sdev, clearer))
		return;
	ended = sl200_vm_unmap(&clearer->vm, &clearer->mapping);
	sl200_vm_fini(&clearer->vm);
	sl200_queue_number_put(sdev, clearer->qid);
	if (!ended)
		return;
	sdev->port.ops->dma_free(&sdev->port, &clearer->rings);
	kfree(clearer);
}

static struct sl200_dram_clearer *clearer_create(struct sl200_device *sdev)
{
	struct sl200_dram_clearer *clearer;
	struct scatterlist sg;
	struct sg_table sgt = { .sgl = &sg, .nents = 1, .orig_nents = 1 };
	int ret;

	clearer = kzalloc(sizeof(*clearer), GFP_KERNEL);
	if (!clearer)
		return ERR_PTR(-ENOMEM);
	sl200_vm_init(&clearer->vm, sdev);
	clearer->vm.internal = true;
	ret = sdev->port.ops->dma_alloc(&sdev->port, 2 * SL200_PAGE_SIZE, &clearer->rings);
	if (ret)
		goto free_clearer;
	clearer->qid = sl200_queue_number_get(sdev);
	if (!clearer->qid) {
		ret = -ENOSPC;
		goto free_rings;
	}
	sg_init_table(&sg, 1);
	sg_dma_address(&sg) = clearer->rings.bus;
	sg_dma_len(&sg) = clearer->rings.size;
	ret = sl200_vm_map(&clearer->vm, &clearer->mapping, &sgt, 0, clearer->rings.size, true);
	if (ret)
		goto put_number;
	return clearer;

put_number:
	sl200_queue_number_put(sdev, clearer->qid);
	sl200_vm_fini(&clearer->vm);
	if (ret == -ENOTRECOVERABLE)
		return ERR_PTR(-ENODEV);
free_rings:
	sdev->port.ops->dma_free(&sdev->port, &clearer->rings);
free_clearer:
	kfree(clearer);
	return ERR_PTR(ret);
}

/* Have the queue on the card as it is now. */
static int clearer_queue_create(struct sl200_device *sdev, struct sl200_dram_clearer *clearer)
{
	struct core_queue_config config = {
		.qid = clearer->qid,
		.asid = clearer->vm.asid,
		.sq_iova = clearer->mapping.node.start,
		.cq_iova = clearer->mapping.node.start + SL200_PAGE_SIZE,
		.depth = CLEAR_DEPTH,
		.priority = SL200_PRIO_REALTIME,
		.weight = 1,
	};
	int ret, idx;

	ret = sl200_card_enter(sdev, &idx);
	if (ret)
		return ret;
	if (clearer->created && clearer->generation == sdev->generation)
		goto exit;
	memset(clearer->rings.cpu, 0, clearer->rings.size);
	clearer->index = 0;
	clearer->generation = sdev->generation;
	/* Without an answer it may exist nevertheless. */
	clearer->created = true;
	ret = sl200_admin_result(sdev, core_admin_queue_create(&sdev->core.admin, &config),
				 "creating the queue that clears memory");
exit:
	sl200_card_exit(sdev, idx);
	return ret;
}

/* Publish the entries up to tail, and give completions back. */
static int clearer_ring(struct sl200_device *sdev, struct sl200_dram_clearer *clearer, u32 tail)
{
	int ret, idx;

	ret = sl200_card_enter(sdev, &idx);
	if (ret)
		return ret;
	if (clearer->generation == sdev->generation) {
		sdev->port.ops->doorbell(&sdev->port, clearer->qid, SL200_DOORBELL_CQ_HEAD,
					 clearer->index);
		sdev->port.ops->doorbell(&sdev->port, clearer->qid, SL200_DOORBELL_SQ_TAIL, tail);
	} else {
		ret = -EAGAIN;
	}
	sl200_card_exit(sdev, idx);
	return ret;
}

static bool clear_late(struct sl200_device *sdev, ktime_t start)
{
	s64 ms = ktime_ms_delta(ktime_get(), start);

	return ms > CLEAR_TIMEOUT_MS && ms > core_patience_ms(&sdev->port, CLEAR_TIMEOUT_MS);
}

/* One fill job, start to end. -EAGAIN: a reset came in between. */
static int clear_fill(struct sl200_device *sdev, struct sl200_dram_clearer *clearer, u64 iova,
		      u32 size)
{
	struct sl200_sqe sqe = {
		.opcode = SL200_OP_FILL,
		.dst = iova,
		.width = size,
		.height = 1,
	};
	ktime_t start = ktime_get();
	unsigned int sleep_us = 20;
	struct sl200_cqe cqe;
	bool late = false;
	int ret;

	core_sq_write(clearer_sq(clearer), CLEAR_DEPTH, clearer->index, &sqe);
	ret = clearer_ring(sdev, clearer, clearer->index + 1);
	if (ret)
		return ret;
	while (!core_cq_read(clearer_cq(clearer), CLEAR_DEPTH, clearer->index, &cqe)) {
		if (drm_dev_is_unplugged(&sdev->drm))
			return -ENODEV;
		if (READ_ONCE(sdev->generation) != clearer->generation ||
		    READ_ONCE(sdev->state) != SL200_CARD_RUNNING)
			return -EAGAIN;
		if (late)
			return -EIO;
		/* The ring is looked at once more after the time has passed. */
		late = clear_late(sdev, start);
		usleep_range(sleep_us, 2 * sleep_us);
		sleep_us = min(2 * sleep_us, 1000u);
	}
	clearer->index++;
	return cqe.status == SL200_STATUS_OK ? 0 : -EIO;
}

static int clear_range(struct sl200_device *sdev, struct sl200_dram_clearer *clearer, u64 addr,
		       u64 size)
{
	struct sl200_mapping mapping = {};
	u64 done, step;
	int ret;

	ret = clearer_queue_create(sdev, clearer);
	if (ret)
		return ret;
	ret = sl200_vm_map(&clearer->vm, &mapping, NULL, addr, size, true);
	if (ret)
		return ret;
	for (done = 0; !ret && done < size; done += step) {
		step = min(size - done, CLEAR_CHUNK);
		ret = clear_fill(sdev, clearer, mapping.node.start + done, step);
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	}
	if (!sl200_vm_unmap(&clearer->vm, &mapping))
		ret = -ENODEV;
	return ret;
}

/* A queue that did not do its job is not tried again: the next attempt makes another one. */
static void clear_discard(struct sl200_device *sdev)
{
	struct sl200_dram_clearer *clearer = sdev->dram.clearer;

	lockdep_assert_held(&sdev->dram.clear_lock);
	sdev->dram.clearer = NULL;
	if (clearer)
		clearer_destroy(sdev, clearer);
}

int sl200_dram_clear(struct sl200_device *sdev, u64 addr, u64 size)
{
	struct sl200_dram *dram = &sdev->dram;
	int attempt, idx, ret = -ENODEV;

	if (!drm_dev_enter(&sdev->drm, &idx))
		return ret;
	mutex_lock(&dram->clear_lock);
	for (attempt = 0; attempt < CLEAR_ATTEMPTS; attempt++) {
		if (!dram->clearer) {
			struct sl200_dram_clearer *clearer = clearer_create(sdev);

			ret = PTR_ERR_OR_ZERO(clearer);
			if (ret)
				break;
			dram->clearer = clearer;
		}
		ret = clear_range(sdev, dram->clearer, addr, size);
		if (ret == -EIO) {
			drm_err_ratelimited(&sdev->drm, "card memory at %#llx was not cleared\n",
					    addr);
			clear_discard(sdev);
		}
		if (ret != -EAGAIN)
			break;
	}
	mutex_unlock(&dram->clear_lock);
	drm_dev_exit(idx);
	return ret;
}

void sl200_dram_clear_fini(struct sl200_device *sdev)
{
	mutex_lock(&sdev->dram.clear_lock);
	clear_discard(sdev);
	mutex_unlock(&sdev->dram.clear_lock);
}
