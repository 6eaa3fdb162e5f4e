// SPDX-License-Identifier: MIT
#include "sim/card/vfio_user_irq.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* With the lock held. */
static void deliver(struct vfio_user_vector *v)
{
	const uint64_t one = 1;

	v->pending = v->masked || v->fd < 0;
	/* An eventfd too full to take one more has been signalled: nothing is lost. */
	if (!v->pending && write(v->fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		v->pending = true;
}

/* From a thread of the card. */
static void on_message(void *arg)
{
	struct vfio_user_vector *v = arg;

	pthread_mutex_lock(&v->lock);
	deliver(v);
	pthread_mutex_unlock(&v->lock);
}

void vfio_user_irqs_init(struct vfio_user_irqs *irqs, struct card *card)
{
	irqs->card = card;
	for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++) {
		struct vfio_user_vector *v = &irqs->vector[i];

		pthread_mutex_init(&v->lock, NULL);
		v->fd = -1;
		v->masked = v->pending = false;
		card_set_irq(card, i, on_message, v);
	}
	card_set_table_emulated(card, true);
}

void vfio_user_irqs_destroy(struct vfio_user_irqs *irqs)
{
	card_set_table_emulated(irqs->card, false);
	for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++) {
		card_set_irq(irqs->card, i, NULL, NULL);
		if (irqs->vector[i].fd >= 0)
			close(irqs->vector[i].fd);
		pthread_mutex_destroy(&irqs->vector[i].lock);
	}
}

void vfio_user_irqs_reset(struct vfio_user_irqs *irqs)
{
	for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++) {
		struct vfio_user_vector *v = &irqs->vector[i];

		pthread_mutex_lock(&v->lock);
		v->pending = false;
		pthread_mutex_unlock(&v->lock);
	}
}

int vfio_user_irqs_info(struct vfio_irq_info *info)
{
	if (info->index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	info->flags = 0;
	info->count = 0;
	if (info->index == VFIO_PCI_MSIX_IRQ_INDEX) {
		/* Vectors may come one by one: NORESIZE is not set. */
		info->flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE;
		info->count = CARD_NUM_VECTORS;
	}
	return 0;
}

/* Another kind of file could make a thread of the card wait. */
static bool is_eventfd(int fd)
{
	char path[32], target[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	return !strcmp(target, "anon_inode:[eventfd]");
}

/* fd may be -1. Takes it over. */
static void arm(struct vfio_user_vector *v, int fd)
{
	int old;

	pthread_mutex_lock(&v->lock);
	old = v->fd;
	v->fd = fd;
	if (v->pending)
		deliver(v);
	pthread_mutex_unlock(&v->lock);
	if (old >= 0)
		close(old);
}

static void set_masked(struct vfio_user_vector *v, bool masked)
{
	pthread_mutex_lock(&v->lock);
	v->masked = masked;
	if (v->pending)
		deliver(v);
	pthread_mutex_unlock(&v->lock);
}

static void disable(struct vfio_user_irqs *irqs)
{
	for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++) {
		struct vfio_user_vector *v = &irqs->vector[i];

		pthread_mutex_lock(&v->lock);
		if (v->fd >= 0)
			close(v->fd);
		v->fd = -1;
		v->masked = v->pending = false;
		pthread_mutex_unlock(&v->lock);
	}
}

/* One descriptor for each vector, or none, which disarms them. */
static int set_eventfds(struct vfio_user_irqs *irqs, const struct vfio_irq_set *set, int *fds,
			unsigned int num_fds)
{
	if (num_fds && num_fds != set->count)
		return -EINVAL;
	for (unsigned int i = 0; i < num_fds; i++)
		if (!is_eventfd(fds[i]) ||
		    fcntl(fds[i], F_SETFL, fcntl(fds[i], F_GETFL) | O_NONBLOCK) < 0)
			return -EINVAL;
	for (unsigned int i = 0; i < set->count; i++) {
		arm(&irqs->vector[set->start + i], num_fds ? fds[i] : -1);
		if (num_fds)
			fds[i] = -1;
	}
	return 0;
}

static void act(struct vfio_user_vector *v, uint32_t action)
{
	switch (action) {
	case VFIO_IRQ_SET_ACTION_MASK:
		set_masked(v, true);
		break;
	case VFIO_IRQ_SET_ACTION_UNMASK:
		set_masked(v, false);
		break;
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		on_message(v);
		break;
	}
}

int vfio_user_irqs_set(struct vfio_user_irqs *irqs, const struct vfio_irq_set *set,
		       const uint8_t *data, size_t size, int *fds, unsigned int num_fds)
{
	uint32_t type = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	uint32_t action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	struct vfio_irq_info info = {.index = set->index};

	if (set->flags & ~(VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK) ||
	    vfio_user_irqs_info(&info) || set->start > info.count ||
	    set->count > info.count - set->start)
		return -EINVAL;
	if (action != VFIO_IRQ_SET_ACTION_MASK && action != VFIO_IRQ_SET_ACTION_UNMASK &&
	    action != VFIO_IRQ_SET_ACTION_TRIGGER)
		return -EINVAL;
	if (type != VFIO_IRQ_SET_DATA_EVENTFD && num_fds)
		return -EINVAL;
	switch (type) {
	case VFIO_IRQ_SET_DATA_NONE:
		if (!set->count && action == VFIO_IRQ_SET_ACTION_TRIGGER) {
			if (info.count)
				disable(irqs);
			return 0;
		}
		break;
	case VFIO_IRQ_SET_DATA_BOOL:
		if (size != set->count)
			return -EINVAL;
		break;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		return action == VFIO_IRQ_SET_ACTION_TRIGGER ? set_eventfds(irqs, set, fds, num_fds)
							     : -EINVAL;
	default:
		return -EINVAL;
	}
	for (unsigned int i = 0; i < set->count; i++)
		if (type == VFIO_IRQ_SET_DATA_NONE || data[i])
			act(&irqs->vector[set->start + i], action);
	return 0;
}
