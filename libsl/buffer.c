// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "libsl/device.h"
#include "libsl/error.h"

#define BUFFER_SIZE_MAX (1ull << 32)

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
	buffer->device = device;
	ret = transport->ops->bo_create(transport, size, memory, &buffer->bo);
	if (ret) {
		free(buffer);
		return ret;
	}
	pthread_mutex_lock(&device->lock);
	link_add(&device->buffers, &buffer->link);
	pthread_mutex_unlock(&device->lock);
	*out = buffer;
	return 0;
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
