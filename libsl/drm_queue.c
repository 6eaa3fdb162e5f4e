// SPDX-License-Identifier: MIT
/*
 * Queues of the kernel driver: the rings, the doorbell page and a page with the queue's state are
 * mapped once; after that only sleeping, and waking a sleeper, are system calls.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "libsl/drm.h"
#include "libsl/error.h"
#include "libsl/event.h"

static struct drm_queue *to_queue(struct transport_queue *queue)
{
	return (struct drm_queue *)queue;
}

static size_t whole_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

static void unmap_parts(struct drm_transport *client, struct drm_queue *queue)
{
	int i;

	for (i = 0; i < DRM_QUEUE_PARTS; i++) {
		if (queue->part[i].cpu)
			client->sys->munmap(queue->part[i].cpu, queue->part[i].size);
	}
}

static int map_parts(struct drm_transport *client, struct drm_queue *queue,
		     const struct drm_sl200_queue_create *create)
{
	const struct {
		uint64_t offset;
		size_t size;
		int prot;
	} parts[DRM_QUEUE_PARTS] = {
		[DRM_QUEUE_SQ] = {create->sq_offset, create->depth * sizeof(struct sl200_sqe),
				  PROT_READ | PROT_WRITE},
		[DRM_QUEUE_CQ] = {create->cq_offset, create->depth * sizeof(struct sl200_cqe),
				  PROT_READ | PROT_WRITE},
		[DRM_QUEUE_DOORBELL] = {create->doorbell_offset, 1, PROT_READ | PROT_WRITE},
		[DRM_QUEUE_STATUS] = {create->status_offset, 1, PROT_READ},
	};
	int i;

	for (i = 0; i < DRM_QUEUE_PARTS; i++) {
		size_t size = whole_pages(parts[i].size);
		void *cpu = client->sys->mmap(NULL, size, parts[i].prot, MAP_SHARED, client->fd,
					      (off_t)parts[i].offset);

		if (cpu == MAP_FAILED)
			return -errno;
		queue->part[i].cpu = cpu;
		queue->part[i].size = size;
	}
	queue->base.sq = queue->part[DRM_QUEUE_SQ].cpu;
	queue->base.cq = queue->part[DRM_QUEUE_CQ].cpu;
	return 0;
}

int drm_queue_create(struct transport *transport, uint32_t depth, unsigned int priority,
		     unsigned int weight, struct transport_queue **out)
{
	struct drm_transport *client = to_drm(transport);
	struct drm_sl200_queue_create create = {
		.depth = depth,
		.priority = priority,
		.weight = weight,
	};
	struct drm_sl200_queue_destroy destroy = {0};
	struct drm_queue *queue = calloc(1, sizeof(*queue));
	int ret;

	if (!queue)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	ret = drm_call(client, DRM_IOCTL_SL200_QUEUE_CREATE, &create);
	if (ret == -EPERM)
		ret = sl_fail(SL_ERR_PERMISSION, "creating a queue: priority realtime needs "
						 "CAP_SYS_NICE");
	else if (ret == -ENOSPC)
		ret = sl_fail(SL_ERR_NO_MEMORY,
			      "all queues or address spaces of the card are in use, or all queues "
			      "that one client may have (%u)",
			      client->device.max_queues);
	else if (ret)
		ret = drm_fail(client, ret, "creating a queue");
	if (ret)
		goto free_queue;
	queue->base.qid = create.queue;
	queue->base.depth = depth;
	ret = map_parts(client, queue, &create);
	if (ret) {
		ret = drm_fail(client, ret, "mapping a queue");
		goto destroy_queue;
	}
	drm_transport_add_queue(client, queue);
	*out = &queue->base;
	return 0;

destroy_queue:
	unmap_parts(client, queue);
	destroy.queue = create.queue;
	drm_call(client, DRM_IOCTL_SL200_QUEUE_DESTROY, &destroy);
free_queue:
	free(queue);
	return ret;
}

/* Remember why the queue died. Lost is final; a fault may be followed by it. */
static void note_state(struct transport_queue *queue, int state)
{
	int old = atomic_load(&queue->state);

	while (old != state && old != SL_ERR_LOST &&
	       !atomic_compare_exchange_weak(&queue->state, &old, state))
		;
}

void drm_queue_stop(struct transport *transport, struct transport_queue *base)
{
	struct drm_sl200_queue_destroy destroy = {.queue = base->qid};

	/* If it fails, the card is gone, and the queue with it; the file's end ends all others. */
	drm_call(to_drm(transport), DRM_IOCTL_SL200_QUEUE_DESTROY, &destroy);
	note_state(base, SL_ERR_LOST);
}

void drm_queue_free(struct transport *transport, struct transport_queue *base)
{
	struct drm_transport *client = to_drm(transport);

	drm_transport_remove_queue(client, to_queue(base));
	unmap_parts(client, to_queue(base));
	free(to_queue(base));
}

void drm_queue_doorbell(struct transport *transport, struct transport_queue *base, uint32_t offset,
			uint32_t value)
{
	char *page = to_queue(base)->part[DRM_QUEUE_DOORBELL].cpu;

	/* The card must find what the doorbell tells of. */
	atomic_thread_fence(memory_order_release);
	*(volatile uint32_t *)(page + offset) = value;
}

uint32_t drm_queue_irqs(struct transport *transport, struct transport_queue *base)
{
	struct drm_sl200_queue_status *status = to_queue(base)->part[DRM_QUEUE_STATUS].cpu;
	uint32_t irqs = __atomic_load_n(&status->irqs, __ATOMIC_ACQUIRE);

	switch (__atomic_load_n(&status->state, __ATOMIC_ACQUIRE)) {
	case DRM_SL200_QUEUE_RUNNING:
		break;
	case DRM_SL200_QUEUE_FAULTED:
		note_state(base, SL_ERR_FAULT);
		break;
	default:
		note_state(base, SL_ERR_LOST);
		break;
	}
	return irqs;
}

void drm_queue_sleep(struct transport *transport, struct transport_queue *base, uint32_t seen,
		     int64_t timeout_ns)
{
	struct drm_transport *client = to_drm(transport);
	struct drm_sl200_queue_wait wait = {.queue = base->qid, .seen = seen};
	int64_t now = monotonic_ns();

	if (timeout_ns <= 0 || atomic_load(&client->forked))
		return;
	wait.timeout_ns = timeout_ns < INT64_MAX - now ? now + timeout_ns : INT64_MAX;
	if (!client->sys->ioctl(client->fd, DRM_IOCTL_SL200_QUEUE_WAIT, &wait))
		return;
	switch (errno) {
	case EINTR:
	case ETIME:
		break;
	case ENODEV:
	case ENOENT:
	case EBADF:
		note_state(base, SL_ERR_LOST);
		break;
	default: /* no sleep, and no reason to give up: do not spin either */
		usleep(1000);
		break;
	}
}

void drm_queue_wake(struct transport *transport, struct transport_queue *base)
{
	struct drm_sl200_queue_wake wake = {.queue = base->qid};

	/* There is nobody to wake any more when it fails: the queue is gone. */
	drm_call(to_drm(transport), DRM_IOCTL_SL200_QUEUE_WAKE, &wake);
}
