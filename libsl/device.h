/* SPDX-License-Identifier: MIT */
/* The library's objects, as its own files see them. */
#ifndef SL_DEVICE_PRIV_H
#define SL_DEVICE_PRIV_H

#include <pthread.h>

#include "libsl/transport.h"

/* A circular list; an object links itself into its device's. */
struct link {
	struct link *prev, *next;
};

static inline void link_init(struct link *head)
{
	head->prev = head->next = head;
}

static inline void link_add(struct link *head, struct link *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

static inline void link_remove(struct link *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
}

struct sl_device {
	struct link link; /* open_lock: the process's open devices */
	struct transport *transport;
	struct sl_device_info info;
	pthread_mutex_t lock; /* the lists; leaf lock */
	struct link queues, buffers, surfaces;
};

struct sl_buffer {
	struct link link; /* sl_device.lock */
	struct sl_device *device;
	struct transport_bo *bo;
};

struct sl_surface {
	struct link link; /* sl_device.lock */
	struct sl_buffer *buffer;
	struct sl200_surface layout;
};

/* stats_file.c: the last close of the process, or its exit, writes what SL_STATS asks for. */
void stats_file_write(const char *path, struct sl_device *device);

#endif
