/* SPDX-License-Identifier: MIT */
/*
 * Surfaces shared with other devices and processes by dma-buf:
 * VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2, linear, all planes in one object. Where the card shares
 * no memory, none of it is there.
 */
#include "va-backend/surface.h"

#include <limits.h>
#include <stdlib.h>

#include <drm_fourcc.h>

/* A plane of a surface as a DRM format of its own, and all of them as one. */
static uint32_t plane_format(uint32_t fourcc, uint32_t plane)
{
	return fourcc == VA_FOURCC_NV12 && plane ? DRM_FORMAT_GR88 : DRM_FORMAT_R8;
}

static uint32_t surface_format(uint32_t fourcc)
{
	return fourcc == VA_FOURCC_NV12 ? DRM_FORMAT_NV12 : DRM_FORMAT_YUV420;
}

/* All but the descriptor of the memory. */
static void describe(const struct slva_surface *surface, const struct slva_storage *storage,
		     bool separate, VADRMPRIMESurfaceDescriptor *desc)
{
	const struct sl200_surface *layout = sl_surface_layout(storage->surface);
	uint32_t planes = surface->format->planes;

	*desc = (VADRMPRIMESurfaceDescriptor){
		.fourcc = surface->format->fourcc,
		.width = surface->width,
		.height = surface->height,
		.num_objects = 1,
		.objects[0] = {.size = (uint32_t)layout->size,
			       .drm_format_modifier = DRM_FORMAT_MOD_LINEAR},
		.num_layers = separate ? planes : 1,
	};
	for (uint32_t p = 0; p < planes; p++) {
		uint32_t layer = separate ? p : 0, place = separate ? 0 : p;

		desc->layers[layer].drm_format = separate ? plane_format(surface->format->fourcc, p)
							  : surface_format(surface->format->fourcc);
		desc->layers[layer].num_planes = place + 1;
		desc->layers[layer].offset[place] = layout->offset[p];
		desc->layers[layer].pitch[place] = layout->pitch[p];
	}
}

static VAStatus export_storage(struct slva_driver *drv, const struct slva_surface *surface,
			       const struct slva_storage *storage, bool separate,
			       VADRMPRIMESurfaceDescriptor *desc)
{
	struct sl_buffer *memory = slva_storage_memory(storage);
	int fd, result;

	if (sl_buffer_memory(memory) != SL_MEMORY_HOST)
		return slva_refuse(drv, VA_STATUS_ERROR_OPERATION_FAILED,
				   "the surface is in card memory, which is not shared");
	if (sl_buffer_size(memory) > UINT32_MAX)
		return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
	result = sl_buffer_export(memory, &fd);
	if (result != SL_OK)
		return slva_refuse(drv, slva_status(result), "%s", sl_last_error());
	describe(surface, storage, separate, desc);
	desc->objects[0].fd = fd;
	return VA_STATUS_SUCCESS;
}

VAStatus slva_surface_export(struct slva_driver *drv, struct slva_surface *surface, uint32_t type,
			     uint32_t flags, VADRMPRIMESurfaceDescriptor *desc)
{
	const uint32_t layers =
		VA_EXPORT_SURFACE_SEPARATE_LAYERS | VA_EXPORT_SURFACE_COMPOSED_LAYERS;
	struct slva_storage *storage;
	VAStatus status;

	if (!drv->shares_memory || type != VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2)
		return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
	if (!desc || (flags & layers) == layers || flags & ~(layers | VA_EXPORT_SURFACE_READ_WRITE))
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	status = slva_surface_storage(drv, surface, SLVA_PLACE_HOST, &storage);
	if (status != VA_STATUS_SUCCESS)
		return status;
	status = export_storage(drv, surface, storage, flags & VA_EXPORT_SURFACE_SEPARATE_LAYERS,
				desc);
	/* From now on somebody may write, and the memory must stay where it is. */
	if (status == VA_STATUS_SUCCESS)
		slva_surface_written(surface);
	slva_storage_put(storage);
	return status;
}

/* The planes of a descriptor in their order, however they are arranged in layers. */
static VAStatus planes_of(struct slva_driver *drv, const VADRMPRIMESurfaceDescriptor *desc,
			  const struct slva_format *format, struct sl200_surface *layout)
{
	uint32_t planes = 0;

	if (desc->num_objects != 1)
		return slva_refuse(drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "imported surfaces must be one object, not %u",
				   desc->num_objects);
	if (desc->objects[0].drm_format_modifier != DRM_FORMAT_MOD_LINEAR &&
	    desc->objects[0].drm_format_modifier != DRM_FORMAT_MOD_INVALID)
		return slva_refuse(drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "imported surfaces must be linear");
	if (desc->num_layers > 4)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	for (uint32_t l = 0; l < desc->num_layers; l++) {
		for (uint32_t p = 0; p < desc->layers[l].num_planes; p++) {
			if (p >= 4 || planes == format->planes || desc->layers[l].object_index[p])
				return VA_STATUS_ERROR_INVALID_PARAMETER;
			layout->offset[planes] = desc->layers[l].offset[p];
			layout->pitch[planes++] = desc->layers[l].pitch[p];
		}
	}
	return planes == format->planes ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_PARAMETER;
}

VAStatus slva_surface_import(struct slva_driver *drv, struct slva_surface *surface,
			     const VADRMPRIMESurfaceDescriptor *desc)
{
	struct sl200_surface layout = {
		.format = surface->format->format,
		.width = (uint16_t)((surface->width + 1) & ~1u),
		.height = (uint16_t)((surface->height + 1) & ~1u),
	};
	const struct slva_format *format = slva_format_find(desc->fourcc);
	VAStatus status;
	int result;

	if (!format || !format->surface || format->format != surface->format->format ||
	    desc->width < surface->width || desc->height < surface->height)
		return slva_refuse(drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "an imported surface of another format or size");
	status = planes_of(drv, desc, surface->format, &layout);
	if (status != VA_STATUS_SUCCESS)
		return status;
	result = slva_storage_import(drv, desc->objects[0].fd, &layout, &surface->storage);
	if (result != SL_OK)
		return slva_refuse(drv, slva_status(result), "%s", sl_last_error());
	surface->has_content = true;
	return VA_STATUS_SUCCESS;
}
