/* SPDX-License-Identifier: MIT */
#include "va-backend/image.h"

#include <stdlib.h>

#include "va-backend/buffer.h"
#include "va-backend/transfer.h"

static VAStatus query_image_formats(VADriverContextP ctx, VAImageFormat *format_list,
				    int *num_formats)
{
	struct slva_driver *drv = slva_driver(ctx);
	const struct slva_format *format;
	int num = 0;

	if (!format_list || !num_formats)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	for (unsigned int n = 0; (format = slva_format_at(n)); n++) {
		if (!slva_format_supported(&drv->caps, format))
			continue;
		format_list[num++] = (VAImageFormat){
			.fourcc = format->fourcc,
			.byte_order = VA_LSB_FIRST,
			.bits_per_pixel = 12,
		};
	}
	*num_formats = num;
	return VA_STATUS_SUCCESS;
}

static void image_destroy(struct slva_object *object)
{
	struct slva_image *image = (struct slva_image *)object;
	struct slva_surface *surface = image->surface;

	slva_staging_put(image->drv->transfer, image->storage);
	if (surface) {
		pthread_mutex_lock(&surface->lock);
		surface->num_derived--;
		pthread_mutex_unlock(&surface->lock);
		slva_object_put(&surface->object);
	}
	free(image);
}

/* Give the image its ID and tell the client; takes the image over. */
static VAStatus image_publish(struct slva_driver *drv, struct slva_image *image, VAImage *out)
{
	VAStatus status = slva_object_add(&drv->objects, SLVA_IMAGE, &image->object, image_destroy);

	if (status != VA_STATUS_SUCCESS) {
		slva_object_put(slva_object_remove(&drv->objects, SLVA_BUFFER, image->image.buf));
		image_destroy(&image->object);
		return status;
	}
	image->image.image_id = image->object.id;
	*out = image->image;
	return VA_STATUS_SUCCESS;
}

static VAStatus create_image(VADriverContextP ctx, VAImageFormat *format, int width, int height,
			     VAImage *out)
{
	struct slva_driver *drv = slva_driver(ctx);

	if (!format || !out)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	*out = (VAImage){.image_id = VA_INVALID_ID, .buf = VA_INVALID_ID};

	const struct slva_format *known = slva_format_find(format->fourcc);

	if (!known || !slva_format_supported(&drv->caps, known))
		return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
	if (width <= 0 || height <= 0)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	if (width > drv->caps.h264.max_width || height > drv->caps.h264.max_height)
		return VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;

	struct slva_image *image = calloc(1, sizeof(*image));

	if (!image)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	image->drv = drv;
	image->format = known;

	VAStatus status = VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;

	if (slva_image_layout(known, (uint32_t)width, (uint32_t)height, &image->image))
		status = slva_staging_get(drv->transfer, image->image.data_size, &image->storage);
	if (status == VA_STATUS_SUCCESS)
		status = slva_buffer_wrap(drv, slva_storage_ref(image->storage),
					  image->image.data_size, NULL, &image->image.buf);
	if (status != VA_STATUS_SUCCESS) {
		image_destroy(&image->object);
		return status;
	}
	return image_publish(drv, image, out);
}

static VAStatus derive(struct slva_driver *drv, struct slva_surface *surface, VAImage *out)
{
	struct slva_storage *storage;
	VAStatus status = slva_surface_storage(drv, surface, SLVA_PLACE_HOST, &storage);

	if (status != VA_STATUS_SUCCESS)
		return status;

	struct slva_image *image = calloc(1, sizeof(*image));

	if (!image || !sl_buffer_map(slva_storage_memory(storage))) {
		slva_storage_put(storage);
		free(image);
		return image ? slva_refuse(
				       drv, VA_STATUS_ERROR_OPERATION_FAILED,
				       "the surface's memory is closed to the CPU: use vaGetImage")
			     : VA_STATUS_ERROR_ALLOCATION_FAILED;
	}

	const struct sl200_surface *layout = sl_surface_layout(storage->surface);
	uint64_t offset = layout->iova - sl_buffer_iova(slva_storage_memory(storage));

	image->drv = drv;
	image->format = surface->format;
	image->image = (VAImage){
		.format = {.fourcc = surface->format->fourcc,
			   .byte_order = VA_LSB_FIRST,
			   .bits_per_pixel = 12},
		.width = (uint16_t)surface->width,
		.height = (uint16_t)surface->height,
		.data_size = (uint32_t)sl_buffer_size(slva_storage_memory(storage)),
		.num_planes = surface->format->planes,
	};
	for (uint32_t p = 0; p < image->image.num_planes; p++) {
		image->image.pitches[p] = layout->pitch[p];
		image->image.offsets[p] = (uint32_t)offset + layout->offset[p];
	}
	status = slva_buffer_wrap(drv, storage, image->image.data_size, surface, &image->image.buf);
	if (status != VA_STATUS_SUCCESS) {
		free(image);
		return status;
	}
	pthread_mutex_lock(&surface->lock);
	surface->num_derived++;
	pthread_mutex_unlock(&surface->lock);
	atomic_fetch_add(&surface->object.refs, 1);
	image->surface = surface;
	return image_publish(drv, image, out);
}

static VAStatus derive_image(VADriverContextP ctx, VASurfaceID id, VAImage *out)
{
	struct slva_driver *drv = slva_driver(ctx);
	struct slva_surface *surface = slva_object_get(&drv->objects, SLVA_SURFACE, id);
	VAStatus status = VA_STATUS_ERROR_INVALID_PARAMETER;

	if (!surface)
		return VA_STATUS_ERROR_INVALID_SURFACE;
	if (out) {
		*out = (VAImage){.image_id = VA_INVALID_ID, .buf = VA_INVALID_ID};
		status = derive(drv, surface, out);
	}
	slva_object_put(&surface->object);
	return status;
}

static VAStatus destroy_image(VADriverContextP ctx, VAImageID id)
{
	struct slva_driver *drv = slva_driver(ctx);
	struct slva_image *image = slva_object_remove(&drv->objects, SLVA_IMAGE, id);

	if (!image)
		return VA_STATUS_ERROR_INVALID_IMAGE;
	/* The buffer first, so that its memory goes back to the pool with the image. */
	slva_object_put(slva_object_remove(&drv->objects, SLVA_BUFFER, image->image.buf));
	slva_object_put(&image->object);
	return VA_STATUS_SUCCESS;
}

static VAStatus set_image_palette(VADriverContextP ctx, VAImageID id, unsigned char *palette)
{
	struct slva_object *image = slva_object_get(&slva_driver(ctx)->objects, SLVA_IMAGE, id);

	if (!image)
		return VA_STATUS_ERROR_INVALID_IMAGE;
	slva_object_put(image);
	/* No format has one. */
	return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
}

/* Is the region inside width x height, and does it start on a chroma sample? */
static bool region_valid(const struct slva_region *region, uint32_t width, uint32_t height)
{
	return region->width && region->height && region->x <= width && region->y <= height &&
	       region->width <= width - region->x && region->height <= height - region->y &&
	       !(region->x & 1) && !(region->y & 1);
}

static VAStatus copy_image(VADriverContextP ctx, VASurfaceID surface_id,
			   const struct slva_region *surface_region, VAImageID image_id,
			   const struct slva_region *image_region, bool to_surface)
{
	struct slva_driver *drv = slva_driver(ctx);
	struct slva_surface *surface = slva_object_get(&drv->objects, SLVA_SURFACE, surface_id);
	struct slva_image *image = slva_object_get(&drv->objects, SLVA_IMAGE, image_id);
	struct slva_storage *storage = NULL;
	VAStatus status = VA_STATUS_SUCCESS;

	if (!surface)
		status = VA_STATUS_ERROR_INVALID_SURFACE;
	else if (!image)
		status = VA_STATUS_ERROR_INVALID_IMAGE;
	else if (!image->storage)
		status = slva_refuse(drv, VA_STATUS_ERROR_OPERATION_FAILED,
				     "a derived image is the surface: nothing to copy");
	else if (image_region->width != surface_region->width ||
		 image_region->height != surface_region->height)
		status = slva_refuse(drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				     "image transfers do not scale");
	else if (!region_valid(surface_region, surface->width, surface->height) ||
		 !region_valid(image_region, image->image.width, image->image.height))
		status = VA_STATUS_ERROR_INVALID_PARAMETER;
	else
		status = slva_surface_storage(drv, surface, SLVA_PLACE_HOST, &storage);
	if (status == VA_STATUS_SUCCESS)
		status = slva_surface_wait(surface, VA_TIMEOUT_INFINITE);
	/* Others may be at imported memory. */
	if (status == VA_STATUS_SUCCESS)
		status = slva_status(
			sl_buffer_wait(slva_storage_memory(storage), to_surface, SL_WAIT_FOREVER));
	if (status == VA_STATUS_SUCCESS)
		status = slva_image_copy(drv, image, image_region, storage, surface_region,
					 to_surface);
	if (storage && to_surface)
		slva_surface_written(surface);
	slva_storage_put(storage);
	slva_object_put(image ? &image->object : NULL);
	slva_object_put(surface ? &surface->object : NULL);
	return status;
}

static VAStatus get_image(VADriverContextP ctx, VASurfaceID surface, int x, int y,
			  unsigned int width, unsigned int height, VAImageID image)
{
	struct slva_region from = {(uint32_t)x, (uint32_t)y, width, height};
	struct slva_region to = {0, 0, width, height};

	if (x < 0 || y < 0)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	return copy_image(ctx, surface, &from, image, &to, false);
}

static VAStatus put_image(VADriverContextP ctx, VASurfaceID surface, VAImageID image, int src_x,
			  int src_y, unsigned int src_width, unsigned int src_height, int dest_x,
			  int dest_y, unsigned int dest_width, unsigned int dest_height)
{
	struct slva_region from = {(uint32_t)src_x, (uint32_t)src_y, src_width, src_height};
	struct slva_region to = {(uint32_t)dest_x, (uint32_t)dest_y, dest_width, dest_height};

	if (src_x < 0 || src_y < 0 || dest_x < 0 || dest_y < 0)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	return copy_image(ctx, surface, &to, image, &from, true);
}

void slva_image_hooks(struct VADriverVTable *vtable)
{
	vtable->vaQueryImageFormats = query_image_formats;
	vtable->vaCreateImage = create_image;
	vtable->vaDeriveImage = derive_image;
	vtable->vaDestroyImage = destroy_image;
	vtable->vaSetImagePalette = set_image_palette;
	vtable->vaGetImage = get_image;
	vtable->vaPutImage = put_image;
}
