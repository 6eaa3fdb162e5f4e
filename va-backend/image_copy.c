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

/* Planes that both sides store alike: one copy job each. */
static struct slva_copy plane_copy(const struct slva_image *image, uint32_t image_plane,
				   const struct span *image_span,
				   const struct sl200_surface *surface, uint32_t plane,
				   const struct span *surface_span, bool to_surface)
{
	uint64_t a = sl_buffer_iova(image->storage->buffer) + image->image.offsets[image_plane] +
		     (uint64_t)image_span->y * image->image.pitches[image_plane] + image_span->x;
	uint64_t b = surface->iova + surface->offset[plane] +
		     (uint64_t)surface_span->y * surface->pitch[plane] + surface_span->x;
	struct slva_copy copy = {.width = image_span->width, .height = image_span->height};

	copy.src = to_surface ? a : b;
	copy.dst = to_surface ? b : a;
	copy.src_pitch = to_surface ? image->image.pitches[image_plane] : surface->pitch[plane];
	copy.dst_pitch = to_surface ? surface->pitch[plane] : image->image.pitches[image_plane];
	return copy;
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

/* One chroma row between interleaved and separate samples. */
static void convert_row(uint8_t *interleaved, uint8_t *cb, uint8_t *cr, uint32_t samples,
			bool interleave)
{
	for (uint32_t i = 0; i < samples; i++) {
		if (interleave) {
			interleaved[2 * i] = cb[i];
			interleaved[2 * i + 1] = cr[i];
		} else {
			cb[i] = interleaved[2 * i];
			cr[i] = interleaved[2 * i + 1];
		}
	}
}

/*
 * Chroma where one side interleaves it and the other does not: the CPU converts between the image
 * and host memory laid out as the surface, from or to which copy jobs go.
 */
static VAStatus convert_chroma(struct slva_driver *drv, const struct slva_image *image,
			       const struct slva_region *image_region,
			       const struct sl200_surface *surface,
			       const struct slva_region *surface_region, bool to_surface)
{
	enum sl200_format image_format = image->format->format, format = surface->format;
	bool interleaved_surface = format == SL200_FORMAT_NV12;
	uint32_t planes = sl_format_planes(format);
	struct slva_storage *staging;
	struct slva_copy copies[2];
	struct span at[3];
	uint32_t offset[3] = {0}, bytes = 0;

	for (uint32_t p = 1; p < planes; p++) {
		at[p] = plane_span(format, p, surface_region);
		offset[p] = bytes;
		bytes += at[p].width * at[p].height;
	}

	VAStatus status = slva_staging_get(drv->transfer, bytes, &staging);

	if (status != VA_STATUS_SUCCESS)
		return status;
	for (uint32_t p = 1; p < planes; p++) {
		uint64_t a = sl_buffer_iova(staging->buffer) + offset[p];
		uint64_t b = surface->iova + surface->offset[p] +
			     (uint64_t)at[p].y * surface->pitch[p] + at[p].x;

		copies[p - 1] = (struct slva_copy){
			.dst = to_surface ? b : a,
			.src = to_surface ? a : b,
			.dst_pitch = to_surface ? surface->pitch[p] : at[p].width,
			.src_pitch = to_surface ? at[p].width : surface->pitch[p],
			.width = at[p].width,
			.height = at[p].height,
		};
	}
	if (!to_surface)
		status = slva_transfer_copy(drv->transfer, copies, planes - 1);
	if (status == VA_STATUS_SUCCESS) {
		uint8_t *host = sl_buffer_map(staging->buffer);
		uint8_t *pixels = sl_buffer_map(image->storage->buffer);
		uint32_t rows = at[1].height;
		uint8_t *side[3]; /* the image's planes at the region */

		for (uint32_t c = 1; c < 3; c++) {
			uint32_t p = image_plane_of(image->format, c);

			if (p >= image->format->planes)
				continue;
			struct span span = plane_span(image_format, p, image_region);

			side[c] = pixels + image->image.offsets[p] +
				  (size_t)span.y * image->image.pitches[p] + span.x;
		}
		for (uint32_t y = 0; y < rows; y++) {
			size_t pitch = image->image.pitches[1]; /* that of both chroma planes */

			if (interleaved_surface)
				convert_row(host + (size_t)y * at[1].width, side[1] + y * pitch,
					    side[2] + y * pitch, at[1].width / 2, to_surface);
			else
				convert_row(side[1] + y * pitch,
					    host + offset[1] + (size_t)y * at[1].width,
					    host + offset[2] + (size_t)y * at[2].width, at[1].width,
					    !to_surface);
		}
	}
	if (status == VA_STATUS_SUCCESS && to_surface)
		status = slva_transfer_copy(drv->transfer, copies, planes - 1);
	slva_staging_put(drv->transfer, staging);
	return status;
}

VAStatus slva_image_copy(struct slva_driver *drv, const struct slva_image *image,
			 const struct slva_region *image_region, const struct slva_storage *storage,
			 const struct slva_region *surface_region, bool to_surface)
{
	const struct sl200_surface *surface = sl_surface_layout(storage->surface);
	bool alike = surface->format == (uint32_t)image->format->format;
	struct slva_copy copies[3];
	uint32_t planes = alike ? image->format->planes : 1;

	for (uint32_t p = 0; p < planes; p++) {
		uint32_t component = image->format->plane[p];
		struct span from = plane_span(image->format->format, p, image_region);
		struct span to = plane_span(surface->format, component, surface_region);

		copies[p] = plane_copy(image, p, &from, surface, component, &to, to_surface);
	}

	VAStatus status = slva_transfer_copy(drv->transfer, copies, planes);

	if (status == VA_STATUS_SUCCESS && !alike)
		status = convert_chroma(drv, image, image_region, surface, surface_region,
					to_surface);
	return status;
}
