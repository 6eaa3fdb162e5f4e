// SPDX-License-Identifier: MIT
/* Buffer objects of the kernel driver, shared ones among them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libsl/drm.h"
#include "libsl/error.h"
#include "libsl/event.h"

static struct drm_bo *to_bo(struct transport_bo *bo)
{
	return (struct drm_bo *)bo;
}

static void handle_close(struct drm_transport *client, uint32_t handle)
{
	struct drm_gem_close close = {.handle = handle};

	/* It can only fail when there is nothing to free. */
	drm_call(client, DRM_IOCTL_GEM_CLOSE, &close);
}

/* Map it for the CPU. Returns NULL with errno set. */
static void *map(struct drm_transport *client, uint64_t size, int fd, uint64_t offset)
{
	void *cpu = client->sys->mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
				      (off_t)offset);

	return cpu == MAP_FAILED ? NULL : cpu;
}

/* Enter it in the client's list. client->lock is held. */
static void add(struct drm_transport *client, struct drm_bo *bo)
{
	bo->refs = 1;
	bo->next = client->bos;
	client->bos = bo;
}

static int no_memory(struct drm_transport *client, uint64_t size, enum sl_memory memory)
{
	struct drm_sl200_query_memory use;
	bool host = memory == SL_MEMORY_HOST;

	if (drm_query(client, DRM_SL200_QUERY_MEMORY, &use, sizeof(use)) < 0)
		memset(&use, 0, sizeof(use));
	return sl_fail(
		SL_ERR_NO_MEMORY,
		"no %s memory for %llu bytes: this client uses %llu of %llu MiB that it may "
		"have, and may have %u buffers; or all address spaces of the card are in use",
		host ? "host" : "card", (unsigned long long)size,
		(unsigned long long)(host ? use.host_used : use.card_used) >> 20,
		(unsigned long long)(host ? use.host_limit : use.card_limit) >> 20,
		client->device.max_bos);
}

int drm_bo_create(struct transport *transport, uint64_t size, enum sl_memory memory,
		  struct transport_bo **out)
{
	struct drm_transport *client = to_drm(transport);
	struct drm_sl200_bo_create create = {
		.size = size,
		.flags = memory == SL_MEMORY_HOST ? DRM_SL200_BO_HOST : DRM_SL200_BO_CARD,
	};
	struct drm_bo *bo;
	int ret;

	if (size > client->device.max_bo_size)
		return sl_fail(
			SL_ERR_NO_MEMORY, "a buffer of %llu bytes: the kernel driver allows %llu",
			(unsigned long long)size, (unsigned long long)client->device.max_bo_size);
	bo = calloc(1, sizeof(*bo));
	if (!bo)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	ret = drm_call(client, DRM_IOCTL_SL200_BO_CREATE, &create);
	if (ret) {
		ret = ret == -ENOSPC ? no_memory(client, size, memory)
				     : drm_fail(client, ret, "creating a buffer");
		goto free_bo;
	}
	bo->handle = create.handle;
	bo->dmabuf = -1;
	bo->base.size = create.size;
	bo->base.iova = create.iova;
	bo->base.memory = memory;
	if (memory == SL_MEMORY_HOST) {
		bo->base.cpu = map(client, create.size, client->fd, create.mmap_offset);
		if (!bo->base.cpu) {
			ret = drm_fail(client, -errno, "mapping a buffer");
			goto close_handle;
		}
	}
	pthread_mutex_lock(&client->lock);
	add(client, bo);
	pthread_mutex_unlock(&client->lock);
	*out = &bo->base;
	return 0;

close_handle:
	handle_close(client, bo->handle);
free_bo:
	free(bo);
	return ret;
}

void drm_bo_destroy(struct transport *transport, struct transport_bo *base)
{
	struct drm_transport *client = to_drm(transport);
	struct drm_bo *bo = to_bo(base), **link;
	bool last;

	/* Until the handle is closed, an import of the same memory must still find it here. */
	pthread_mutex_lock(&client->lock);
	last = !--bo->refs;
	if (last) {
		for (link = &client->bos; *link != bo; link = &(*link)->next)
			;
		*link = bo->next;
		if (bo->base.cpu)
			client->sys->munmap(bo->base.cpu, bo->base.size);
		handle_close(client, bo->handle);
	}
	pthread_mutex_unlock(&client->lock);
	if (!last)
		return;
	if (bo->dmabuf >= 0)
		close(bo->dmabuf);
	free(bo);
}

int drm_bo_export(struct transport *transport, struct transport_bo *base, int *fd)
{
	struct drm_transport *client = to_drm(transport);
	struct drm_prime_handle prime = {
		.handle = to_bo(base)->handle,
		.flags = DRM_CLOEXEC | DRM_RDWR,
	};
	int ret = drm_call(client, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);

	if (ret)
		return drm_fail(client, ret, "exporting a buffer");
	*fd = prime.fd;
	return 0;
}

/* Fill in what the kernel says of an imported object. */
static int import_info(struct drm_transport *client, struct drm_bo *bo, int fd)
{
	struct drm_sl200_bo_info info = {.handle = bo->handle};
	int ret = drm_call(client, DRM_IOCTL_SL200_BO_INFO, &info);

	if (ret)
		return drm_fail(client, ret, "importing a buffer");
	bo->base.size = info.size;
	bo->base.iova = info.iova;
	bo->base.memory = info.flags & DRM_SL200_BO_CARD ? SL_MEMORY_CARD : SL_MEMORY_HOST;
	bo->dmabuf = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (bo->dmabuf < 0)
		return sl_fail(SL_ERR_SYSTEM, "importing a buffer: %s", strerror(errno));
	/* Not every exporter lets the CPU in: then it is the card's alone, as card memory is. */
	if (info.mmap_offset)
		bo->base.cpu = map(client, info.size, client->fd, info.mmap_offset);
	else if (bo->base.memory == SL_MEMORY_HOST)
		bo->base.cpu = map(client, info.size, bo->dmabuf, 0);
	return 0;
}

static struct drm_bo *find(struct drm_transport *client, uint32_t handle)
{
	struct drm_bo *bo;

	for (bo = client->bos; bo && bo->handle != handle; bo = bo->next)
		;
	return bo;
}

int drm_bo_import(struct transport *transport, int fd, struct transport_bo **out)
{
	struct drm_transport *client = to_drm(transport);
	struct drm_prime_handle prime = {.fd = fd};
	struct drm_bo *bo = NULL;
	int ret;

	/* Between the two calls, nobody may close the handle that the first one finds. */
	pthread_mutex_lock(&client->lock);
	ret = drm_call(client, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime);
	if (ret) {
		ret = ret == -EBADF || ret == -EINVAL
			      ? sl_fail(SL_ERR_INVALID,
					"descriptor %d is not a dma-buf that the "
					"card can reach",
					fd)
			      : drm_fail(client, ret, "importing a buffer");
		goto unlock;
	}
	bo = find(client, prime.handle);
	if (bo) {
		bo->refs++;
		goto unlock;
	}
	bo = calloc(1, sizeof(*bo));
	if (!bo) {
		ret = sl_fail(SL_ERR_NO_MEMORY, "out of memory");
		handle_close(client, prime.handle);
		goto unlock;
	}
	bo->handle = prime.handle;
	ret = import_info(client, bo, fd);
	if (ret) {
		handle_close(client, prime.handle);
		free(bo);
		goto unlock;
	}
	add(client, bo);
unlock:
	pthread_mutex_unlock(&client->lock);
	if (!ret)
		*out = &bo->base;
	return ret;
}

int drm_bo_wait(struct transport *transport, struct transport_bo *base, bool write,
		int64_t timeout_ns)
{
	/* A dma-buf is readable when its writers are done, and writable when its readers are too.
	 */
	struct pollfd poll_fd = {.fd = to_bo(base)->dmabuf, .events = write ? POLLOUT : POLLIN};
	int64_t deadline = 0, left = -1;
	int ret;

	if (poll_fd.fd < 0)
		return 0;
	if (timeout_ns >= 0)
		deadline = monotonic_ns() + timeout_ns;
	do {
		if (timeout_ns >= 0) {
			left = (deadline - monotonic_ns() + 999999) / 1000000;
			left = left < 0 ? 0 : left > INT_MAX ? INT_MAX : left;
		}
		ret = poll(&poll_fd, 1, (int)left);
	} while (ret < 0 && (errno == EINTR || errno == EAGAIN));
	if (ret < 0 || (ret && !(poll_fd.revents & poll_fd.events)))
		return sl_fail(SL_ERR_SYSTEM, "waiting for an imported buffer: %s",
			       ret < 0 ? strerror(errno) : "it is not a dma-buf");
	return ret ? 0
		   : sl_fail(SL_ERR_TIMEOUT, "an imported buffer is still in use by its exporter");
}
