// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "libsl/device.h"
#include "libsl/error.h"

#define SURFACE_ALIGN 64u /* of offsets and pitches (struct sl200_surface) */
#define MACROBLOCK 16u

uint32_t sl_format_planes(uint32_t format)
{
	switch (format) {
	case SL200_FORMAT_NV12:
		return 2;
	case SL200_FORMAT_I420:
		return 3;
	default:
		return 0;
	}
}

uint32_t sl_format_plane_rows(uint32_t format, uint32_t plane, uint32_t height)
{
	if (plane >= sl_format_planes(format))
		return 0;
	return plane ? height / 2 + height % 2 : height;
}

uint32_t sl_format_plane_bytes(uint32_t format, uint32_t plane, uint32_t width)
{
	uint32_t chroma = width / 2 + width % 2;

	if (plane >= sl_format_planes(format))
		return 0;
	if (!plane)
		return width;
	return format == SL200_FORMAT_NV12 ? 2 * chroma : chroma;
}

static uint32_t align_up(uint32_t value, uint32_t align)
{
	return (value + align - 1) / align * align;
}

/* Returns the bytes needed. */
static uint32_t surface_layout(struct sl200_surface *layout, uint32_t format, uint32_t width,
			       uint32_t height)
{
	uint32_t plane, size = 0;

	*layout = (struct sl200_surface){
		.format = format,
		.width = (uint16_t)width,
		.height = (uint16_t)height,
	};
	width = align_up(width, MACROBLOCK);
	height = align_up(height, MACROBLOCK);
	for (plane = 0; plane < sl_format_planes(format); plane++) {
		uint32_t bytes = sl_format_plane_bytes(format, plane, width);

		layout->offset[plane] = size;
		layout->pitch[plane] = align_up(bytes, SURFACE_ALIGN);
		/* Pitches and 8 or 16 rows keep the offsets aligned. */
		size += layout->pitch[plane] * sl_format_plane_rows(format, plane, height);
	}
	return size;
}

/* Refuse what the descriptor's rules forbid, and what would be outside the buffer. */
static int check_layout(const struct sl200_surface *layout, uint64_t size)
{
	uint32_t plane;

	for (plane = 0; plane < sl_format_planes(layout->format); plane++) {
		uint32_t bytes = sl_format_plane_bytes(layout->format, plane, layout->width);
		uint32_t rows = sl_format_plane_rows(layout->format, plane, layout->height);
		uint32_t pitch = layout->pitch[plane], offset = layout->offset[plane];

		if (offset % SURFACE_ALIGN || pitch % SURFACE_ALIGN || pitch < bytes)
			return sl_fail(SL_ERR_INVALID,
				       "plane %u of a surface: offset %u and pitch %u must be "
				       "multiples of %u, the pitch at least %u",
				       plane, offset, pitch, SURFACE_ALIGN, bytes);
		if (offset + (uint64_t)pitch * (rows - 1) + bytes > size)
			return sl_fail(SL_ERR_INVALID,
				       "plane %u of a surface ends beyond its buffer of %llu bytes",
				       plane, (unsigned long long)size);
	}
	return 0;
}

/* Makes a surface of a buffer, which it takes over unless it fails. */
static int surface_add(struct sl_buffer *buffer, const struct sl200_surface *layout,
		       struct sl_surface **out)
{
	struct sl_surface *surface = calloc(1, sizeof(*surface));
	struct sl_device *device = buffer->device;

	if (!surface)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	surface->buffer = buffer;
	surface->layout = *layout;
	surface->layout.iova = sl_buffer_iova(buffer);
	surface->layout.size = sl_buffer_size(buffer);
	pthread_mutex_lock(&device->lock);
	link_add(&device->surfaces, &surface->link);
	pthread_mutex_unlock(&device->lock);
	*out = surface;
	return 0;
}

static int check_size(uint32_t format, uint32_t width, uint32_t height)
{
	if (!sl_format_planes(format))
		return sl_fail(SL_ERR_INVALID, "there is no surface format %u", format);
	if (width < SL200_H264_MIN_DIM || width > SL200_H264_MAX_DIM || width % 2 ||
	    height < SL200_H264_MIN_DIM || height > SL200_H264_MAX_DIM || height % 2)
		return sl_fail(SL_ERR_INVALID,
			       "a surface of %u x %u samples: both must be even, %u to %u", width,
			       height, SL200_H264_MIN_DIM, SL200_H264_MAX_DIM);
	return 0;
}

int sl_surface_create_on(struct sl_buffer *buffer, const struct sl200_surface *layout,
			 struct sl_surface **surface)
{
	int ret = check_size(layout->format, layout->width, layout->height);

	if (!ret)
		ret = check_layout(layout, sl_buffer_size(buffer));
	return ret ? ret : surface_add(buffer, layout, surface);
}

int sl_surface_create(struct sl_device *device, enum sl200_format format, uint32_t width,
		      uint32_t height, enum sl_memory memory, struct sl_surface **out)
{
	struct sl200_surface layout;
	struct sl_buffer *buffer;
	uint32_t size;
	int ret;

	ret = check_size(format, width, height);
	if (ret)
		return ret;
	size = surface_layout(&layout, format, width, height);
	ret = sl_buffer_create(device, size, memory, &buffer);
	if (ret)
		return ret;
	ret = surface_add(buffer, &layout, out);
	if (ret)
		sl_buffer_destroy(buffer);
	return ret;
}

void sl_surface_destroy(struct sl_surface *surface)
{
	struct sl_device *device;

	if (!surface)
		return;
	device = surface->buffer->device;
	pthread_mutex_lock(&device->lock);
	link_remove(&surface->link);
	pthread_mutex_unlock(&device->lock);
	sl_buffer_destroy(surface->buffer);
	free(surface);
}

const struct sl200_surface *sl_surface_layout(const struct sl_surface *surface)
{
	return &surface->layout;
}

struct sl_buffer *sl_surface_buffer(const struct sl_surface *surface)
{
	return surface->buffer;
}
