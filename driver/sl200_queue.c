// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Queues: creating, ending, and what the card says about them. */
#include <linux/bitmap.h>
#include <linux/capability.h>
#include <linux/dma-mapping.h>
#include <linux/eventfd.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>

#include "driver/core/ring.h"
#include "driver/sl200_admin.h"
#include "driver/sl200_device.h"
#include "driver/sl200_queue.h"
#include "driver/sl200_trace.h"

/* A queue that was stopped has jobs running yet: how soon it is looked at again. */
#define STOP_DELAY_MIN_MS 2
#define STOP_DELAY_MAX_MS 100

static void queue_stop_work(struct work_struct *work);

static void queue_free(struct kref *ref)
{
	struct sl200_queue *queue = container_of(ref, struct sl200_queue, ref);
	unsigned int i;

	if (!queue->leaked && queue->pages) {
		for (i = 0; i < queue->sq_pages + queue->cq_pages; i++) {
			if (queue->pages[i])
				__free_page(queue->pages[i]);
		}
	}
	if (!queue->leaked)
		sg_free_table(&queue->sgt);
	kvfree(queue->pages);
	if (queue->status_page)
		__free_page(queue->status_page);
	if (queue->dummy_page)
		__free_page(queue->dummy_page);
	if (queue->eventfd)
		eventfd_ctx_put(queue->eventfd);
	mutex_destroy(&queue->map_lock);
	atomic_dec(&queue->client->num_queues);
	sl200_client_put(queue->client);
	kfree(queue);
}

void sl200_queue_put(struct sl200_queue *queue)
{
	kref_put(&queue->ref, queue_free);
}

struct sl200_queue *sl200_queue_get(struct sl200_client *client, unsigned int qid)
{
	struct sl200_queue *queue;

	xa_lock(&client->queues);
	queue = xa_load(&client->queues, qid);
	if (queue)
		kref_get(&queue->ref);
	xa_unlock(&client->queues);
	return queue;
}

/* Any client's queue, with a reference; or NULL. */
static struct sl200_queue *queue_by_number(struct sl200_device *sdev, unsigned int qid)
{
	struct sl200_queue *queue;
	unsigned long flags;

	spin_lock_irqsave(&sdev->queue_lock, flags);
	queue = sdev->queue[qid];
	if (queue)
		kref_get(&queue->ref);
	spin_unlock_irqrestore(&sdev->queue_lock, flags);
	return queue;
}

/* Memory of a queue, with nothing done to the card. Freed by sl200_queue_put(). */
static struct sl200_queue *queue_alloc(struct sl200_client *client,
				       const struct drm_sl200_queue_create *args)
{
	struct sl200_queue *queue;
	unsigned int i, count;

	queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);
	if (!queue)
		return NULL;
	kref_init(&queue->ref);
	queue->sdev = client->sdev;
	sl200_client_get(client);
	queue->client = client;
	atomic_inc(&client->num_queues);
	queue->depth = args->depth;
	queue->priority = args->priority;
	queue->weight = args->weight;
	mutex_init(&queue->map_lock);
	init_waitqueue_head(&queue->wait);
	spin_lock_init(&queue->lock);
	INIT_DELAYED_WORK(&queue->stop_work, queue_stop_work);

	queue->sq_pages = core_ring_bytes(args->depth, sizeof(struct sl200_sqe)) >> PAGE_SHIFT;
	queue->cq_pages = core_ring_bytes(args->depth, sizeof(struct sl200_cqe)) >> PAGE_SHIFT;
	count = queue->sq_pages + queue->cq_pages;
	queue->pages = kvcalloc(count, sizeof(*queue->pages), GFP_KERNEL_ACCOUNT);
	if (!queue->pages)
		goto put;
	for (i = 0; i < count; i++) {
		queue->pages[i] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!queue->pages[i])
			goto put;
	}
	queue->status_page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!queue->status_page)
		goto put;
	queue->status = page_address(queue->status_page);
	return queue;

put:
	sl200_queue_put(queue);
	return NULL;
}

static void queue_dma_unmap(struct sl200_queue *queue)
{
	mutex_lock(&queue->map_lock);
	if (queue->dma_mapped)
		dma_unmap_sgtable(&queue->sdev->pdev->dev, &queue->sgt, DMA_BIDIRECTIONAL, 0);
	queue->dma_mapped = false;
	mutex_unlock(&queue->map_lock);
}

/* Let the card see the rings, in the client's address space. */
static int queue_map(struct sl200_queue *queue)
{
	unsigned int count = queue->sq_pages + queue->cq_pages;
	u64 size = (u64)count << PAGE_SHIFT;
	int ret;

	ret = sg_alloc_table_from_pages(&queue->sgt, queue->pages, count, 0, size, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(&queue->sdev->pdev->dev, &queue->sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		return ret;
	mutex_lock(&queue->map_lock);
	queue->dma_mapped = true;
	mutex_unlock(&queue->map_lock);
	ret = sl200_vm_map(&queue->client->vm, &queue->mapping, &queue->sgt, 0, size, true);
	if (ret == -ENOTRECOVERABLE) {
		queue->leaked = true;
		return -ENODEV;
	}
	if (ret)
		queue_dma_unmap(queue);
	return ret;
}

/* Take the rings back; stopped: the card has ended the queue. */
static void queue_unmap(struct sl200_queue *queue, bool stopped)
{
	bool ended = sl200_vm_unmap(&queue->client->vm, &queue->mapping);

	if (ended && stopped)
		queue_dma_unmap(queue);
	else
		queue->leaked = true;
}

static unsigned int number_get_locked(struct sl200_device *sdev)
{
	unsigned int limit = min_t(u32, sdev->core.caps.num_queues, SL200_MAX_QUEUES);
	unsigned int qid;

	lockdep_assert_held(&sdev->queue_lock);
	qid = find_next_zero_bit(sdev->queue_numbers, SL200_MAX_QUEUES, 1);
	if (qid >= limit)
		return 0;
	__set_bit(qid, sdev->queue_numbers);
	return qid;
}

unsigned int sl200_queue_number_get(struct sl200_device *sdev)
{
	unsigned int qid;
	int idx;

	if (sl200_card_enter(sdev, &idx))
		return 0;
	spin_lock_irq(&sdev->queue_lock);
	qid = number_get_locked(sdev);
	spin_unlock_irq(&sdev->queue_lock);
	sl200_card_exit(sdev, idx);
	return qid;
}

void sl200_queue_number_put(struct sl200_device *sdev, unsigned int qid)
{
	spin_lock_irq(&sdev->queue_lock);
	__clear_bit(qid, sdev->queue_numbers);
	spin_unlock_irq(&sdev->queue_lock);
}

/* The vector with the fewest queues on it; 0 is not theirs. */
static unsigned int vector_choose(struct sl200_device *sdev)
{
	unsigned int count = min_t(u32, sdev->core.caps.num_vectors, sdev->irq.count);
	unsigned int vector, load, best = 1, best_load = SL200_MAX_QUEUES;

	lockdep_assert_held(&sdev->queue_lock);
	for (vector = 1; vector < count; vector++) {
		load = bitmap_weight(sdev->vector_queues[vector], SL200_MAX_QUEUES);
		if (load < best_load) {
			best_load = load;
			best = vector;
		}
	}
	return best;
}

/* Give the queue its number and vector: from now on the card's interrupts and losses reach it. */
static int queue_register(struct sl200_queue *queue)
{
	struct sl200_device *sdev = queue->sdev;
	unsigned int qid;

	lockdep_assert_held(&sdev->card_lock);
	spin_lock_irq(&sdev->queue_lock);
	qid = number_get_locked(sdev);
	if (qid) {
		queue->qid = qid;
		queue->vector = vector_choose(sdev);
		queue->generation = sdev->generation;
		__set_bit(qid, sdev->vector_queues[queue->vector]);
		sdev->queue[qid] = queue;
	}
	spin_unlock_irq(&sdev->queue_lock);
	return qid ? 0 : -ENOSPC;
}

static void queue_unregister(struct sl200_queue *queue)
{
	struct sl200_device *sdev = queue->sdev;

	spin_lock_irq(&sdev->queue_lock);
	sdev->queue[queue->qid] = NULL;
	__clear_bit(queue->qid, sdev->vector_queues[queue->vector]);
	/* The number of a queue that may still be running is not used again. */
	if (!queue->leaked)
		__clear_bit(queue->qid, sdev->queue_numbers);
	spin_unlock_irq(&sdev->queue_lock);
	/* Nobody finds the queue any more that would ask for the work. */
	if (cancel_delayed_work_sync(&queue->stop_work))
		sl200_queue_put(queue);
}

/*
 * End a registered queue: when it returns, no job of it runs, its number and rings are given back.
 * The caller's reference remains.
 */
static void queue_end(struct sl200_queue *queue)
{
	bool stopped;

	lockdep_assert_held(&queue->client->queue_lock);
	sl200_queue_revoke(queue);
	stopped = sl200_admin_queue_end(queue->sdev, queue->qid, queue->generation);
	sl200_queue_signal(queue, DRM_SL200_QUEUE_LOST);
	sl200_queue_set_eventfd(queue, NULL);
	queue_unmap(queue, stopped);
	queue_unregister(queue);
}

/* Create it on the card, and make it visible to the client. */
static int queue_start(struct sl200_queue *queue)
{
	struct sl200_client *client = queue->client;
	struct sl200_device *sdev = queue->sdev;
	struct core_queue_config config;
	int ret, idx;

	lockdep_assert_held(&client->queue_lock);
	ret = sl200_card_enter(sdev, &idx);
	if (ret)
		goto unmap;
	ret = -EINVAL;
	if (queue->depth > sdev->core.caps.max_depth)
		goto exit;
	ret = queue_register(queue);
	if (ret)
		goto exit;
	ret = xa_reserve(&client->queues, queue->qid, GFP_KERNEL);
	if (!ret) {
		config = (struct core_queue_config){
			.qid = queue->qid,
			.asid = client->vm.asid,
			.sq_iova = queue->mapping.node.start,
			.cq_iova = queue->mapping.node.start +
				   ((u64)queue->sq_pages << PAGE_SHIFT),
			.depth = queue->depth,
			.priority = queue->priority,
			.weight = queue->weight,
			.vector = queue->vector,
		};
		ret = core_admin_queue_create(&sdev->core.admin, &config);
		ret = sl200_admin_result(sdev, ret, "creating a queue");
		if (ret)
			xa_release(&client->queues, queue->qid);
	}
	sl200_card_exit(sdev, idx);
	if (ret) {
		/* Who knows whether a command without an answer was executed. */
		queue_end(queue);
		return ret;
	}
	trace_sl200_queue_create(queue);
	kref_get(&queue->ref);
	xa_store(&client->queues, queue->qid, queue, GFP_KERNEL);
	return 0;

exit:
	sl200_card_exit(sdev, idx);
unmap:
	queue_unmap(queue, true);
	return ret;
}

static int queue_create(struct sl200_client *client, struct drm_sl200_queue_create *args)
{
	struct sl200_queue *queue;
	int ret;

	lockdep_assert_held(&client->queue_lock);
	if (atomic_read(&client->num_queues) >= READ_ONCE(sl200_max_queues))
		return -ENOSPC;
	queue = queue_alloc(client, args);
	if (!queue)
		return -ENOMEM;
	ret = queue_map(queue);
	if (!ret)
		ret = queue_start(queue);
	if (!ret) {
		args->queue = queue->qid;
		args->sq_offset = sl200_queue_mmap_offset(queue, SL200_QUEUE_PART_SQ);
		args->cq_offset = sl200_queue_mmap_offset(queue, SL200_QUEUE_PART_CQ);
		args->doorbell_offset = sl200_queue_mmap_offset(queue, SL200_QUEUE_PART_DOORBELL);
		args->status_offset = sl200_queue_mmap_offset(queue, SL200_QUEUE_PART_STATUS);
	}
	sl200_queue_put(queue);
	return ret;
}

int sl200_ioctl_queue_create(struct drm_device *dev, void *data, struct drm_file *file)
{
	struct drm_sl200_queue_create *args = data;
	struct sl200_client *client = to_client(file);
	int ret, idx;

	if (args->flags || args->pad || args->priority >= SL200_PRIO_COUNT || !args->weight ||
	    args->weight > U8_MAX ||
	    !core_ring_depth_valid(args->depth, SL200_QUEUE_DEPTH_MIN, SL200_QUEUE_DEPTH_MAX))
		return -EINVAL;
	if (args->priority == SL200_PRIO_REALTIME && !capable(CAP_SYS_NICE) &&
	    !capable(CAP_SYS_ADMIN))
		return -EPERM;
	/* What is mapped for DMA is registered before the driver can leave the device. */
	if (!drm_dev_enter(dev, &idx))
		return -ENODEV;
	ret = mutex_lock_interruptible(&client->queue_lock);
	if (!ret) {
		ret = queue_create(client, args);
		mutex_unlock(&client->queue_lock);
	}
	drm_dev_exit(idx);
	return ret;
}

/* A queue just taken out of the client's table, with the table's reference. */
static void queue_destroy(struct sl200_queue *queue)
{
	struct sl200_client *client = queue->client;
	unsigned int i;

	lockdep_assert_held(&client->queue_lock);
	sl200_queue_revoke(queue);
	sl200_queue_refresh_busy(queue);
	for (i = 0; i < SL200_ENGINE_KINDS; i++)
		client->ended_ns[i] += queue->busy_ns[i];
	queue_end(queue);
	trace_sl200_queue_destroy(queue);
	sl200_queue_put(queue);
}

int sl200_ioctl_queue_destroy(struct drm_device *dev, void *data, struct drm_file *file)
{
	const struct drm_sl200_queue_destroy *args = data;
	struct sl200_client *client = to_client(file);
	struct sl200_queue *queue;
	int ret;

	if (args->pad)
		return -EINVAL;
	ret = mutex_lock_interruptible(&client->queue_lock);
	if (ret)
		return ret;
	queue = xa_erase(&client->queues, args->queue);
	if (queue)
		queue_destroy(queue);
	mutex_unlock(&client->queue_lock);
	return queue ? 0 : -ENOENT;
}

void sl200_client_queues_end(struct sl200_client *client)
{
	struct sl200_queue *queue;
	unsigned long qid;

	mutex_lock(&client->queue_lock);
	xa_for_each(&client->queues, qid, queue)
		sl200_queue_revoke(queue);
	xa_for_each(&client->queues, qid, queue) {
		xa_erase(&client->queues, qid);
		queue_destroy(queue);
	}
	mutex_unlock(&client->queue_lock);
}

void sl200_queues_irq(struct sl200_device *sdev, unsigned int vector)
{
	unsigned long flags;
	unsigned int qid;

	spin_lock_irqsave(&sdev->queue_lock, flags);
	for_each_set_bit(qid, sdev->vector_queues[vector], SL200_MAX_QUEUES)
		sl200_queue_signal(sdev->queue[qid], DRM_SL200_QUEUE_RUNNING);
	spin_unlock_irqrestore(&sdev->queue_lock, flags);
}

void sl200_queues_revoke(struct sl200_device *sdev)
{
	struct sl200_queue *queue;
	unsigned int qid;

	for (qid = 1; qid < SL200_MAX_QUEUES; qid++) {
		queue = queue_by_number(sdev, qid);
		if (!queue)
			continue;
		sl200_queue_revoke(queue);
		sl200_queue_put(queue);
	}
}

void sl200_queues_lost(struct sl200_device *sdev, enum drm_sl200_lost_cause cause, u32 panic,
		       unsigned int guilty_qid)
{
	struct sl200_queue *queue;
	unsigned int qid;
	u32 loss, state;

	sl200_queues_revoke(sdev);
	spin_lock_irq(&sdev->queue_lock);
	loss = ++sdev->loss;
	spin_unlock_irq(&sdev->queue_lock);
	for (qid = 1; qid < SL200_MAX_QUEUES; qid++) {
		queue = queue_by_number(sdev, qid);
		if (!queue)
			continue;
		sl200_queue_look(queue, NULL, &state);
		if (state != DRM_SL200_QUEUE_LOST) {
			/* Who sees the state can ask for the cause. */
			sl200_client_lost(queue->client, loss,
					  qid == guilty_qid ? DRM_SL200_LOST_GUILTY : cause,
					  panic);
			trace_sl200_queue_lost(queue, cause);
			sl200_queue_signal(queue, DRM_SL200_QUEUE_LOST);
		}
		sl200_queue_put(queue);
	}
}

void sl200_queues_unplug(struct sl200_device *sdev)
{
	struct sl200_queue *queue;
	unsigned int qid;
	bool unsafe;

	down_read(&sdev->card_lock);
	unsafe = sdev->reset.dma_unsafe;
	up_read(&sdev->card_lock);
	for (qid = 1; !unsafe && qid < SL200_MAX_QUEUES; qid++) {
		queue = queue_by_number(sdev, qid);
		if (!queue)
			continue;
		queue_dma_unmap(queue);
		sl200_queue_put(queue);
	}
}

/* What the firmware knows of a queue. -ENOENT: it does not know it. */
static int queue_query(struct sl200_queue *queue, struct sl200_queue_info *info)
{
	struct sl200_device *sdev = queue->sdev;
	int ret, idx;

	ret = sl200_query_enter(sdev, &idx);
	if (ret)
		return ret;
	ret = -ENOENT;
	if (queue->generation == sdev->generation) {
		ret = core_admin_queue_query(&sdev->core.admin, queue->qid, info);
		ret = sl200_admin_result(sdev, ret, "asking about a queue");
	}
	sl200_query_exit(sdev, idx);
	return ret;
}

void sl200_queue_refresh_busy(struct sl200_queue *queue)
{
	struct sl200_queue_info info;
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(info.busy_ns) != SL200_ENGINE_KINDS);
	lockdep_assert_held(&queue->client->queue_lock);
	if (queue_query(queue, &info))
		return;
	/* Never backwards, whatever the card says. */
	for (i = 0; i < SL200_ENGINE_KINDS; i++)
		queue->busy_ns[i] = max(queue->busy_ns[i], info.busy_ns[i]);
}

static void queue_stop_work(struct work_struct *work)
{
	struct sl200_queue *queue =
		container_of(to_delayed_work(work), struct sl200_queue, stop_work);
	struct sl200_queue_info info;
	unsigned int delay;

	if (!queue_query(queue, &info) && info.state == SL200_QUEUE_STOPPED) {
		if (!info.in_flight) {
			trace_sl200_queue_fault(queue, &info);
			sl200_queue_signal(queue, DRM_SL200_QUEUE_FAULTED);
		} else {
			delay = clamp_t(unsigned int, 2 * queue->stop_delay_ms, STOP_DELAY_MIN_MS,
					STOP_DELAY_MAX_MS);
			queue->stop_delay_ms = delay;
			if (schedule_delayed_work(&queue->stop_work, msecs_to_jiffies(delay)))
				return;
		}
	}
	sl200_queue_put(queue);
}

void sl200_queue_check_stopped(struct sl200_device *sdev, unsigned int qid)
{
	struct sl200_queue *queue = queue_by_number(sdev, qid);

	if (queue && !schedule_delayed_work(&queue->stop_work, 0))
		sl200_queue_put(queue);
}
