/* SPDX-License-Identifier: MIT */
/*
 * A card behind the kernel driver: the transport "drm:" on the driver's ioctls and mappings
 * (abi/uapi/drm/sl200_drm.h). Private to libsl/drm_*.c and transport_drm.c.
 *
 * Locks: registry (drm_client.c: clients and their queues, for fork()) and drm_transport.lock
 * (handles of buffer objects). Both are leaves, but that ioctls on handles are made under
 * drm_transport.lock.
 */
#ifndef SL_DRM_H
#define SL_DRM_H

#include <pthread.h>
#include <sys/types.h>

#include "abi/uapi/drm/sl200_drm.h"
#include "libsl/transport.h"

/* The system calls that the transport makes on the device node, so that a test can be the kernel.
 */
struct drm_sys {
	int (*open)(const char *path, int flags);
	int (*close)(int fd);
	int (*ioctl)(int fd, unsigned long request, void *arg);
	void *(*mmap)(void *addr, size_t size, int prot, int flags, int fd, off_t offset);
	int (*munmap)(void *addr, size_t size);
};

struct drm_bo {
	struct transport_bo base;
	struct drm_bo *next; /* drm_transport.lock, as refs */
	unsigned int refs;   /* the kernel knows an object by one handle, however often imported */
	uint32_t handle;
	int dmabuf; /* of an imported one: whose fences are waited for; else -1 */
};

enum drm_queue_part {
	DRM_QUEUE_SQ,
	DRM_QUEUE_CQ,
	DRM_QUEUE_DOORBELL,
	DRM_QUEUE_STATUS,
	DRM_QUEUE_PARTS,
};

struct drm_queue {
	struct transport_queue base;
	struct drm_queue *next; /* registry lock */
	struct {
		void *cpu;
		size_t size;
	} part[DRM_QUEUE_PARTS];
};

struct drm_transport {
	struct transport base;
	const struct drm_sys *sys;
	int fd;
	struct drm_transport *next; /* registry lock */
	struct drm_queue *queues;   /* registry lock */
	_Atomic bool forked;	    /* this process is a child of the client's */
	struct drm_sl200_query_device device;
	pthread_mutex_t lock; /* bos: their list and reference counts */
	struct drm_bo *bos;
};

static inline struct drm_transport *to_drm(struct transport *transport)
{
	return (struct drm_transport *)transport;
}

/*
 * drm_client.c: open the node at path (not NULL) and see that an sl200 driver of an interface
 * version known here is behind it. sys outlives the client.
 */
int drm_transport_open(const struct drm_sys *sys, const char *path, struct drm_transport **client);
/* Its queues and buffer objects are destroyed already. */
void drm_transport_close(struct drm_transport *client);
/* Make a queue known, so that a child of fork() does not run into its missing mappings. */
void drm_transport_add_queue(struct drm_transport *client, struct drm_queue *queue);
void drm_transport_remove_queue(struct drm_transport *client, struct drm_queue *queue);

/*
 * drm_call.c: make an ioctl, again after signals, and for a few seconds while the card is being
 * reset. Returns 0 or a negative errno value; -ENODEV in a child of fork().
 */
int drm_call(struct drm_transport *client, unsigned long request, void *arg);
/* sl_fail() with what a negative errno value of drm_call() means for what was tried. */
int drm_fail(struct drm_transport *client, int ret, const char *what);
/* What happened to the client's queues, a sentence without full stop. */
void drm_lost_reason(struct transport *transport, char *text, size_t size);
/*
 * DRM_IOCTL_SL200_QUERY into size bytes at data, of which the driver may know fewer: the rest is
 * zeroed. Returns the bytes of the answer, or a negative errno value.
 */
int drm_query(struct drm_transport *client, uint32_t type, void *data, uint32_t size);

/* drm_find.c: a card that the kernel driver serves. */
struct drm_card {
	char node[64]; /* path of its render node */
	char pci[16];  /* "0000:03:00.0" */
};
/* Up to max cards, in the order of their places on the bus. Returns how many there are. */
int drm_find_cards(struct drm_card *cards, int max);

/* drm_bo.c, drm_queue.c, drm_query.c, drm_inject.c: the transport's operations. */
int drm_bo_create(struct transport *transport, uint64_t size, enum sl_memory memory,
		  struct transport_bo **bo);
void drm_bo_destroy(struct transport *transport, struct transport_bo *bo);
int drm_bo_export(struct transport *transport, struct transport_bo *bo, int *fd);
int drm_bo_import(struct transport *transport, int fd, struct transport_bo **bo);
int drm_bo_wait(struct transport *transport, struct transport_bo *bo, bool write,
		int64_t timeout_ns);
int drm_queue_create(struct transport *transport, uint32_t depth, unsigned int priority,
		     unsigned int weight, struct transport_queue **queue);
void drm_queue_stop(struct transport *transport, struct transport_queue *queue);
void drm_queue_free(struct transport *transport, struct transport_queue *queue);
void drm_queue_doorbell(struct transport *transport, struct transport_queue *queue, uint32_t offset,
			uint32_t value);
uint32_t drm_queue_irqs(struct transport *transport, struct transport_queue *queue);
void drm_queue_sleep(struct transport *transport, struct transport_queue *queue, uint32_t seen,
		     int64_t timeout_ns);
void drm_queue_wake(struct transport *transport, struct transport_queue *queue);
int drm_stats(struct transport *transport, struct sl_device_stats *stats);
int drm_log(struct transport *transport, struct sl200_log_entry *entries, int max);
int drm_queue_info(struct transport *transport, unsigned int qid, struct sl200_queue_info *info);
int drm_inject(struct transport *transport, uint32_t offset, uint32_t value);

/* transport_drm.c: a client as a transport; takes the client over, also when it fails. */
int drm_transport_init(struct drm_transport *client, const char *node);

#endif
