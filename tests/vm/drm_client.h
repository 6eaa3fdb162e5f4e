/* SPDX-License-Identifier: MIT */
/*
 * The kernel driver as tests see it: ioctls and mappings as they are, with no library in between.
 * Functions return 0 or a negative errno value where not said otherwise.
 */
#ifndef TESTS_VM_DRM_CLIENT_H
#define TESTS_VM_DRM_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/sl200_queue.h"
#include "abi/uapi/drm/sl200_drm.h"

#define DRM_CLIENT_PAGE 4096u

/* Open the render node of the card with this index (0: first). -ENODEV: there are not so many. */
int drm_client_open(unsigned int card);

/* One ioctl, again after EINTR; no other error is hidden. */
int drm_client_call(int fd, unsigned long request, void *arg);

/* One answer of DRM_IOCTL_SL200_QUERY of exactly this size. */
int drm_client_query(int fd, uint32_t type, void *data, uint32_t size);

int drm_client_bo_create(int fd, uint64_t size, uint32_t flags, struct drm_sl200_bo_create *bo);
int drm_client_bo_info(int fd, uint32_t handle, struct drm_sl200_bo_info *info);
int drm_client_bo_close(int fd, uint32_t handle);
/* Map all of it for reading and writing; NULL with errno set. */
void *drm_client_bo_map(int fd, const struct drm_sl200_bo_create *bo);
/* A dma-buf file descriptor, and a handle for one. */
int drm_client_export(int fd, uint32_t handle, int *dmabuf);
int drm_client_import(int fd, int dmabuf, uint32_t *handle);

/* A queue with all its mappings. */
struct drm_client_queue {
	int fd;
	struct drm_sl200_queue_create info;
	struct sl200_sqe *sq;
	struct sl200_cqe *cq;
	volatile uint32_t *doorbell;
	volatile struct drm_sl200_queue_status *status;
	uint32_t tail, head; /* entries submitted, completions collected */
};

int drm_client_queue_create(int fd, uint32_t depth, struct drm_client_queue *queue);
/* Destroy it, and unmap. */
int drm_client_queue_destroy(struct drm_client_queue *queue);
void drm_client_queue_unmap(struct drm_client_queue *queue);

/* Write an entry and ring the doorbell: no system call. There must be room. */
void drm_client_submit(struct drm_client_queue *queue, const struct sl200_sqe *sqe);
/*
 * The next completion, waited for at most timeout_ms. -ETIME; -EPIPE: the queue faulted or was
 * lost, and no completion is there.
 */
int drm_client_collect(struct drm_client_queue *queue, struct sl200_cqe *cqe,
		       unsigned int timeout_ms);
/* Run one job and wait for it: its status, enum sl200_status; or a negative errno value. */
int drm_client_run(struct drm_client_queue *queue, const struct sl200_sqe *sqe);
/* Linear jobs: as drm_client_run(). */
int drm_client_copy(struct drm_client_queue *queue, uint64_t dst, uint64_t src, uint32_t size);
int drm_client_fill(struct drm_client_queue *queue, uint64_t dst, uint32_t size, uint64_t value);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t drm_client_now_ms(void);

/*
 * Write a number to a parameter of the module; *old, unless NULL, is what it was. Needs root.
 */
int drm_client_parameter(const char *name, unsigned int value, unsigned int *old);

#endif
