// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "libsl/device.h"
#include "libsl/error.h"

#define BUFFER_SIZE_MAX (1ull << 32)

static void add(struct sl_device *device, struct sl_buffer *buffer)
{
	buffer->device = device;
	pthread_mutex_lock(&device->lock);
	link_add(&device->buffers, &buffer->link);
	pthread_mutex_unlock(&device->lock);
}

static int unsupported(const struct sl_device *device)
{
	return sl_fail(SL_ERR_UNSUPPORTED,
		       "%s shares no memory by dma-buf: a card behind the kernel driver does",
		       device->info.uri);
}

int sl_buffer_create(struct sl_device *device, uint64_t size, enum sl_memory memory,
		     struct sl_buffer **out)
{
	struct transport *transport = device->transport;
	struct sl_buffer *buffer;
	int ret;

	if (!size || size > BUFFER_SIZE_MAX)
		return sl_fail(SL_ERR_INVALID, "a buffer of %llu bytes: 1 to 4 GiB are possible",
			       (unsigned long long)size);
	if (memory != SL_MEMORY_HOST && memory != SL_MEMORY_CARD)
		return sl_fail(SL_ERR_INVALID, "there is no kind of memory %d", (int)memory);
	buffer = calloc(1, sizeof(*buffer));
	if (!buffer)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	ret = transport->ops->bo_create(transport, size, memory, &buffer->bo);
	if (ret) {
		free(buffer);
		return ret;
	}
	add(device, buffer);
	*out = buffer;
	return 0;
}

int sl_buffer_export(const struct sl_buffer *buffer, int *fd)
{
	struct transport *transport = buffer->device->transport;

	if (!transport->ops->bo_export)
		return unsupported(buffer->device);
	return transport->ops->bo_export(transport, buffer->bo, fd);
}

int sl_buffer_import(struct sl_device *device, int fd, struct sl_buffer **out)
{
	struct transport *transport = device->transport;
	struct sl_buffer *buffer;
	int ret;

	if (!transport->ops->bo_import)
		return unsupported(device);
	buffer = calloc(1, sizeof(*buffer));
	if (!buffer)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	ret = transport->ops->bo_import(transport, fd, &buffer->bo);
	if (ret) {
		free(buffer);
		return ret;
	}
	add(device, buffer);
	*out = buffer;
	return 0;
}

int sl_buffer_wait(const struct sl_buffer *buffer, int write, int64_t timeout_ns)
{
	struct transport *transport = buffer->device->transport;

	if (!transport->ops->bo_wait)
		return 0;
	return transport->ops->bo_wait(transport, buffer->bo, write, timeout_ns);
}

void sl_buffer_destroy(struct sl_buffer *buffer)
{
	struct sl_device *device;

	if (!buffer)
		return;
	device = buffer->device;
	pthread_mutex_lock(&device->lock);
	link_remove(&buffer->link);
	pthread_mutex_unlock(&device->lock);
	device->transport->ops->bo_destroy(device->transport, buffer->bo);
	free(buffer);
}

void *sl_buffer_map(const struct sl_buffer *buffer)
{
	return buffer->bo->cpu;
}

uint64_t sl_buffer_iova(const struct sl_buffer *buffer)
{
	return buffer->bo->iova;
}

uint64_t sl_buffer_size(const struct sl_buffer *buffer)
{
	return buffer->bo->size;
}

enum sl_memory sl_buffer_memory(const struct sl_buffer *buffer)
{
	return buffer->bo->memory;
}
