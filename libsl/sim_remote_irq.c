// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "libsl/sim_remote.h"

/* What an event is about: a vector's number, or one of these. */
#define ABOUT_LINK CARD_NUM_VECTORS
#define ABOUT_STOP (CARD_NUM_VECTORS + 1)
#define MAX_EVENTS 16

static void call_handler(struct remote_irqs *irqs, unsigned int vector)
{
	pthread_mutex_lock(&irqs->lock);
	if (irqs->vector[vector].fn)
		irqs->vector[vector].fn(irqs->vector[vector].arg);
	pthread_mutex_unlock(&irqs->lock);
}

static void *wait_for_irqs(void *arg)
{
	struct remote_irqs *irqs = arg;
	struct epoll_event events[MAX_EVENTS];
	unsigned int vector;
	int i, n;

	for (;;) {
		n = epoll_wait(irqs->epoll, events, MAX_EVENTS, -1);
		for (i = 0; i < n; i++) {
			switch (events[i].data.u32) {
			case ABOUT_STOP:
				return NULL;
			case ABOUT_LINK:
				remote_link_break(irqs->link, remote_link_ended);
				for (vector = 0; vector < CARD_NUM_VECTORS; vector++)
					call_handler(irqs, vector);
				break;
			default:
				call_handler(irqs, events[i].data.u32);
			}
		}
	}
}

/* Edges, so that nothing has to be read: every signal of an eventfd is one. */
static int watch(struct remote_irqs *irqs, int fd, uint32_t events, uint32_t about)
{
	struct epoll_event event = {.events = events | EPOLLET, .data.u32 = about};

	return epoll_ctl(irqs->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int remote_irqs_init(struct remote_irqs *irqs, struct remote_link *link)
{
	unsigned int i;
	int ret;

	irqs->link = link;
	for (i = 0; i < CARD_NUM_VECTORS; i++)
		irqs->vector[i] = (struct remote_vector){.fd = -1};
	irqs->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (irqs->epoll < 0)
		return -errno;
	irqs->stop = eventfd(0, EFD_CLOEXEC);
	if (irqs->stop < 0) {
		ret = -errno;
		goto close_epoll;
	}
	ret = watch(irqs, irqs->stop, EPOLLIN, ABOUT_STOP);
	if (!ret)
		ret = watch(irqs, link->socket, EPOLLRDHUP, ABOUT_LINK);
	if (ret)
		goto close_stop;
	pthread_mutex_init(&irqs->lock, NULL);
	ret = -pthread_create(&irqs->thread, NULL, wait_for_irqs, irqs);
	if (!ret)
		return 0;
	pthread_mutex_destroy(&irqs->lock);
close_stop:
	close(irqs->stop);
close_epoll:
	close(irqs->epoll);
	return ret;
}

static void close_all(struct remote_irqs *irqs)
{
	unsigned int i;

	for (i = 0; i < CARD_NUM_VECTORS; i++) {
		if (irqs->vector[i].fd >= 0)
			close(irqs->vector[i].fd);
	}
	close(irqs->stop);
	close(irqs->epoll);
}

void remote_irqs_fini(struct remote_irqs *irqs)
{
	eventfd_write(irqs->stop, 1);
	pthread_join(irqs->thread, NULL);
	close_all(irqs);
	pthread_mutex_destroy(&irqs->lock);
}

void remote_irqs_forked(struct remote_irqs *irqs)
{
	close_all(irqs);
}

/* The other process may keep it, so it has to be taken off the list. */
static void let_go(struct remote_irqs *irqs, int fd)
{
	if (fd < 0)
		return;
	epoll_ctl(irqs->epoll, EPOLL_CTL_DEL, fd, NULL);
	close(fd);
}

/* fd -1 disarms the vector. */
static int arm(struct remote_irqs *irqs, unsigned int vector, int fd)
{
	const struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.start = vector,
		.count = 1,
	};
	const struct remote_call call = {
		.command = VFIO_USER_DEVICE_SET_IRQS,
		.payload = &set,
		.size = sizeof(set),
		.fd = fd < 0 ? NULL : &fd,
	};

	return remote_request(irqs->link, &call, NULL);
}

/* Exchange what a vector leads to; returns the eventfd it had. */
static int exchange(struct remote_irqs *irqs, unsigned int vector, struct remote_vector to)
{
	int fd;

	pthread_mutex_lock(&irqs->lock);
	fd = irqs->vector[vector].fd;
	irqs->vector[vector] = to;
	pthread_mutex_unlock(&irqs->lock);
	return fd;
}

int remote_irqs_set(struct remote_irqs *irqs, unsigned int vector, void (*fn)(void *arg), void *arg)
{
	struct remote_vector to = {.fd = -1, .fn = fn, .arg = arg};
	int old, ret;

	if (vector >= CARD_NUM_VECTORS)
		return -EINVAL;
	if (fn) {
		to.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (to.fd < 0)
			return -errno;
		ret = watch(irqs, to.fd, EPOLLIN, vector);
		if (ret) {
			close(to.fd);
			return ret;
		}
	}
	old = exchange(irqs, vector, to);
	ret = arm(irqs, vector, to.fd);
	let_go(irqs, old);
	if (ret && fn)
		let_go(irqs, exchange(irqs, vector, (struct remote_vector){.fd = -1}));
	/* Disarming a card that is gone has succeeded. */
	return fn ? ret : 0;
}
