/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "va-backend/driver.h"

static struct slva_storage *storage_alloc(void)
{
	struct slva_storage *storage = calloc(1, sizeof(*storage));

	if (storage)
		atomic_init(&storage->refs, 1);
	return storage;
}

VAStatus slva_storage_surface(struct slva_driver *drv, enum sl200_format format, uint32_t width,
			      uint32_t height, enum sl_memory memory, struct slva_storage **storage)
{
	struct slva_storage *new = storage_alloc();

	if (!new)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;

	int result = sl_surface_create(drv->device, format, width, height, memory, &new->surface);

	if (result != SL_OK) {
		free(new);
		return slva_status(result);
	}
	*storage = new;
	return VA_STATUS_SUCCESS;
}

VAStatus slva_storage_buffer(struct slva_driver *drv, uint64_t size, enum sl_memory memory,
			     struct slva_storage **storage)
{
	struct slva_storage *new = storage_alloc();

	if (!new)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;

	int result = sl_buffer_create(drv->device, size, memory, &new->buffer);

	if (result != SL_OK) {
		free(new);
		return slva_status(result);
	}
	*storage = new;
	return VA_STATUS_SUCCESS;
}

int slva_storage_import(struct slva_driver *drv, int fd, const struct sl200_surface *layout,
			struct slva_storage **storage)
{
	struct slva_storage *new = storage_alloc();
	struct sl_buffer *buffer;
	int result;

	if (!new)
		return SL_ERR_NO_MEMORY;
	result = sl_buffer_import(drv->device, fd, &buffer);
	if (result != SL_OK)
		goto fail;
	result = sl_surface_create_on(buffer, layout, &new->surface);
	if (result != SL_OK) {
		sl_buffer_destroy(buffer);
		goto fail;
	}
	*storage = new;
	return SL_OK;

fail:
	free(new);
	return result;
}

struct slva_storage *slva_storage_ref(struct slva_storage *storage)
{
	if (storage)
		atomic_fetch_add(&storage->refs, 1);
	return storage;
}

void slva_storage_put(struct slva_storage *storage)
{
	if (!storage || atomic_fetch_sub(&storage->refs, 1) != 1)
		return;
	if (storage->surface)
		sl_surface_destroy(storage->surface);
	else
		sl_buffer_destroy(storage->buffer);
	free(storage);
}

struct sl_buffer *slva_storage_memory(const struct slva_storage *storage)
{
	return storage->surface ? sl_surface_buffer(storage->surface) : storage->buffer;
}
