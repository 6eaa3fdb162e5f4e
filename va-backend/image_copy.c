/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "va-backend/image.h"
#include "va-backend/transfer.h"

static uint32_t align64(uint32_t value)
{
	return (value + 63) & ~63u;
}

bool slva_image_layout(const struct slva_format *format, uint32_t width, uint32_t height,
		       VAImage *image)
{
	uint64_t size = 0;

	*image = (VAImage){
		.format = {.fourcc = format->fourcc,
			   .byte_order = VA_LSB_FIRST,
			   .bits_per_pixel = 12},
		.width = (uint16_t)width,
		.height = (uint16_t)height,
		.num_planes = format->planes,
	};
	for (uint32_t p = 0; p < format->planes; p++) {
		uint32_t even_width = (width + 1) & ~1u, even_height = (height + 1) & ~1u;
		uint32_t pitch = align64(sl_format_plane_bytes(format->format, p, even_width));

		image->offsets[p] = (uint32_t)size;
		image->pitches[p] = pitch;
		size += (uint64_t)pitch * sl_format_plane_rows(format->format, p, even_height);
		if (size > INT32_MAX)
			return false;
	}
	image->data_size = (uint32_t)size;
	return true;
}

/* A plane's part of a region, in bytes and rows. */
struct span {
	uint32_t x, y, width, height;
};

static struct span plane_span(enum sl200_format format, uint32_t plane,
			      const struct slva_region *region)
{
	/* At an odd right or bottom edge the last chroma sample belongs to it. */
	uint32_t width = (region->width + 1) & ~1u, height = (region->height + 1) & ~1u;

	if (plane == 0)
		return (struct span){region->x, region->y, region->width, region->height};
	return (struct span){
		sl_format_plane_bytes(format, plane, region->x),
		sl_format_plane_rows(format, plane, region->y),
		sl_format_plane_bytes(format, plane, width),
		sl_format_plane_rows(format, plane, height),
	};
}

/* One side of a copy: where a plane's span begins. */
struct side {
	uint64_t iova;
	uint8_t *cpu; /* NULL: card memory */
	uint32_t pitch;
};

static struct side image_side(const struct slva_image *image, uint32_t plane,
			      const struct slva_region *region)
{
	struct span span = plane_span(image->format->format, plane, region);
	uint32_t pitch = image->image.pitches[plane];
	uint64_t offset = image->image.offsets[plane] + (uint64_t)span.y * pitch + span.x;

	return (struct side){
		.iova = sl_buffer_iova(image->storage->buffer) + offset,
		.cpu = (uint8_t *)sl_buffer_map(image->storage->buffer) + offset,
		.pitch = pitch,
	};
}

static struct side surface_side(const struct slva_storage *storage, uint32_t plane,
				const struct span *span)
{
	const struct sl200_surface *layout = sl_surface_layout(storage->surface);
	const struct sl_buffer *buffer = sl_surface_buffer(storage->surface);
	uint64_t offset = layout->iova - sl_buffer_iova(buffer) + layout->offset[plane] +
			  (uint64_t)span->y * layout->pitch[plane] + span->x;
	uint8_t *cpu = sl_buffer_map(buffer);

	return (struct side){
		.iova = sl_buffer_iova(buffer) + offset,
		.cpu = cpu ? cpu + offset : NULL,
		.pitch = layout->pitch[plane],
	};
}

/* Between host and card a copy job moves the bytes; inside the host it would only go around. */
static VAStatus copy_plane(struct slva_driver *drv, const struct side *dst, const struct side *src,
			   uint32_t width, uint32_t height)
{
	struct slva_copy copy = {dst->iova, src->iova, dst->pitch, src->pitch, width, height};

	if (!dst->cpu || !src->cpu)
		return slva_transfer_copy(drv->transfer, &copy, 1);
	for (uint32_t y = 0; y < height; y++)
		memcpy(dst->cpu + (size_t)y * dst->pitch, src->cpu + (size_t)y * src->pitch, width);
	return VA_STATUS_SUCCESS;
}

/* Which plane of the image has colour component plane (0 Y, 1 Cb, 2 Cr). */
static uint32_t image_plane_of(const struct slva_format *format, uint32_t plane)
{
	for (uint32_t p = 0; p < format->planes; p++) {
		if (format->plane[p] == plane)
			return p;
	}
	return plane;
}

/* Chroma between interleaved and separate samples, by the CPU. */
static void convert_chroma(const struct side *cbcr, const struct side *cb, const struct side *cr,
			   uint32_t width, uint32_t height, bool interleave)
{
	for (uint32_t y = 0; y < height; y++) {
		uint8_t *both = cbcr->cpu + (size_t)y * cbcr->pitch;
		uint8_t *u = cb->cpu + (size_t)y * cb->pitch;
		uint8_t *v = cr->cpu + (size_t)y * cr->pitch;

		for (uint32_t x = 0; x < width; x++) {
			if (interleave) {
				both[2 * x] = u[x];
				both[2 * x + 1] = v[x];
			} else {
				u[x] = both[2 * x];
				v[x] = both[2 * x + 1];
			}
		}
	}
}

/*
 * Chroma where one of the two interleaves it and the other does not. What is in card memory goes
 * through host memory.
 */
static VAStatus copy_chroma(struct slva_driver *drv, const struct slva_image *image,
			    const struct slva_region *image_region,
			    const struct slva_storage *storage,
			    const struct slva_region *surface_region, bool to_surface)
{
	enum sl200_format format = sl_surface_layout(storage->surface)->format;
	uint32_t planes = sl_format_planes(format), bytes = 0;
	struct slva_storage *staging = NULL;
	struct side card[3] = {0}, host[3] = {0}, pixels[3] = {0};
	struct span span[3] = {0};
	VAStatus status = VA_STATUS_SUCCESS;

	for (uint32_t p = 1; p < planes; p++) {
		span[p] = plane_span(format, p, surface_region);
		card[p] = host[p] = surface_side(storage, p, &span[p]);
		host[p].pitch = card[p].cpu ? card[p].pitch : span[p].width;
		bytes += span[p].width * span[p].height;
	}
	if (!card[1].cpu) {
		uint64_t offset = 0;

		status = slva_staging_get(drv->transfer, bytes, &staging);
		if (status != VA_STATUS_SUCCESS)
			return status;
		for (uint32_t p = 1; p < planes; p++) {
			host[p].iova = sl_buffer_iova(staging->buffer) + offset;
			host[p].cpu = (uint8_t *)sl_buffer_map(staging->buffer) + offset;
			offset += (uint64_t)span[p].width * span[p].height;
		}
	}
	for (uint32_t p = 1; p < planes && staging && !to_surface && status == VA_STATUS_SUCCESS;
	     p++)
		status = copy_plane(drv, &host[p], &card[p], span[p].width, span[p].height);
	for (uint32_t c = 1; c < 3 && image_plane_of(image->format, c) < image->format->planes; c++)
		pixels[c] = image_side(image, image_plane_of(image->format, c), image_region);
	if (status == VA_STATUS_SUCCESS && format == SL200_FORMAT_NV12)
		convert_chroma(&host[1], &pixels[1], &pixels[2], span[1].width / 2, span[1].height,
			       to_surface);
	else if (status == VA_STATUS_SUCCESS)
		convert_chroma(&pixels[1], &host[1], &host[2], span[1].width, span[1].height,
			       !to_surface);
	for (uint32_t p = 1; p < planes && staging && to_surface && status == VA_STATUS_SUCCESS;
	     p++)
		status = copy_plane(drv, &card[p], &host[p], span[p].width, span[p].height);
	slva_staging_put(drv->transfer, staging);
	return status;
}

VAStatus slva_image_copy(struct slva_driver *drv, const struct slva_image *image,
			 const struct slva_region *image_region, const struct slva_storage *storage,
			 const struct slva_region *surface_region, bool to_surface)
{
	uint32_t format = sl_surface_layout(storage->surface)->format;
	bool alike = format == (uint32_t)image->format->format;
	uint32_t planes = alike ? image->format->planes : 1;
	VAStatus status = VA_STATUS_SUCCESS;

	for (uint32_t p = 0; p < planes && status == VA_STATUS_SUCCESS; p++) {
		uint32_t component = image->format->plane[p];
		struct span span = plane_span(format, component, surface_region);
		struct side pixels = image_side(image, p, image_region);
		struct side there = surface_side(storage, component, &span);

		status = copy_plane(drv, to_surface ? &there : &pixels,
				    to_surface ? &pixels : &there, span.width, span.height);
	}
	if (status == VA_STATUS_SUCCESS && !alike)
		status = copy_chroma(drv, image, image_region, storage, surface_region, to_surface);
	return status;
}
