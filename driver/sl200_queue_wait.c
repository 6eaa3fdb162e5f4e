// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What happens between the kernel and a queue that exists: interrupts, waiting, waking, ringing. */
#include <linux/hrtimer.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "driver/sl200_admin.h"
#include "driver/sl200_compat.h"
#include "driver/sl200_device.h"
#include "driver/sl200_queue.h"
#include "driver/sl200_trace.h"

void sl200_queue_signal(struct sl200_queue *queue, enum drm_sl200_queue_state state)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	queue->irqs++;
	if (state > queue->state)
		queue->state = state;
	WRITE_ONCE(queue->status->state, queue->state);
	/* Who sees the new irqs sees the state that belongs to it. */
	smp_store_release(&queue->status->irqs, queue->irqs);
	if (queue->eventfd)
		eventfd_signal(queue->eventfd);
	spin_unlock_irqrestore(&queue->lock, flags);
	wake_up_all(&queue->wait);
}

void sl200_queue_look(struct sl200_queue *queue, u32 *irqs, u32 *state)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	if (irqs)
		*irqs = queue->irqs;
	if (state)
		*state = queue->state;
	spin_unlock_irqrestore(&queue->lock, flags);
}

void sl200_queue_set_eventfd(struct sl200_queue *queue, struct eventfd_ctx *ctx)
{
	struct eventfd_ctx *old;

	spin_lock_irq(&queue->lock);
	old = queue->eventfd;
	queue->eventfd = ctx;
	spin_unlock_irq(&queue->lock);
	if (old)
		eventfd_ctx_put(old);
}

/* Whether a wait is over: something came, or nothing will come any more. */
static bool wait_over(struct sl200_queue *queue, struct drm_sl200_queue_wait *args)
{
	sl200_queue_look(queue, &args->irqs, &args->state);
	return args->irqs != args->seen || args->state != DRM_SL200_QUEUE_RUNNING;
}

static int queue_wait(struct sl200_queue *queue, struct drm_sl200_queue_wait *args)
{
	ktime_t expires = ns_to_ktime(args->timeout_ns);
	DEFINE_WAIT(wait);
	int ret = 0;

	for (;;) {
		prepare_to_wait(&queue->wait, &wait, TASK_INTERRUPTIBLE);
		if (wait_over(queue, args))
			break;
		if (ktime_compare(ktime_get(), expires) >= 0) {
			ret = -ETIME;
			break;
		}
		/* The time is absolute: the call can be made again as it is. */
		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		schedule_hrtimeout_range(&expires, current->timer_slack_ns, HRTIMER_MODE_ABS);
	}
	finish_wait(&queue->wait, &wait);
	return ret;
}

int sl200_ioctl_queue_wait(struct drm_device *dev, void *data, struct drm_file *file)
{
	struct drm_sl200_queue_wait *args = data;
	struct sl200_queue *queue;
	int ret;

	queue = sl200_queue_get(to_client(file), args->queue);
	if (!queue)
		return -ENOENT;
	ret = queue_wait(queue, args);
	trace_sl200_queue_wait(queue, args->seen, args->irqs, ret);
	sl200_queue_put(queue);
	return ret;
}

int sl200_ioctl_queue_wake(struct drm_device *dev, void *data, struct drm_file *file)
{
	const struct drm_sl200_queue_wake *args = data;
	struct sl200_queue *queue;

	if (args->pad)
		return -EINVAL;
	queue = sl200_queue_get(to_client(file), args->queue);
	if (!queue)
		return -ENOENT;
	sl200_queue_signal(queue, DRM_SL200_QUEUE_RUNNING);
	sl200_queue_put(queue);
	return 0;
}

int sl200_ioctl_queue_eventfd(struct drm_device *dev, void *data, struct drm_file *file)
{
	const struct drm_sl200_queue_eventfd *args = data;
	struct eventfd_ctx *ctx = NULL;
	struct sl200_queue *queue;

	if (args->fd < -1)
		return -EBADF;
	queue = sl200_queue_get(to_client(file), args->queue);
	if (!queue)
		return -ENOENT;
	if (args->fd >= 0) {
		ctx = eventfd_ctx_fdget(args->fd);
		if (IS_ERR(ctx)) {
			sl200_queue_put(queue);
			return -EBADF;
		}
	}
	sl200_queue_set_eventfd(queue, ctx);
	sl200_queue_put(queue);
	return 0;
}

int sl200_ioctl_queue_doorbell(struct drm_device *dev, void *data, struct drm_file *file)
{
	const struct drm_sl200_queue_doorbell *args = data;
	struct sl200_device *sdev = to_sl200(dev);
	struct sl200_queue *queue;
	int ret, idx;

	if (args->pad || (args->offset != SL200_DOORBELL_SQ_TAIL &&
			  args->offset != SL200_DOORBELL_CQ_HEAD))
		return -EINVAL;
	queue = sl200_queue_get(to_client(file), args->queue);
	if (!queue)
		return -ENOENT;
	ret = sl200_card_enter(sdev, &idx);
	if (!ret) {
		/* Not once the number may be another's. */
		mutex_lock(&queue->map_lock);
		if (!queue->revoked)
			sdev->port.ops->doorbell(&sdev->port, queue->qid, args->offset,
						 args->value);
		mutex_unlock(&queue->map_lock);
		sl200_card_exit(sdev, idx);
	}
	sl200_queue_put(queue);
	return ret;
}
