/* SPDX-License-Identifier: MIT */
/*
 * Display attributes, of which there are none, and entry points that libva calls without looking
 * whether a driver has them.
 */
#include "va-backend/driver.h"

static VAStatus query_display_attributes(VADriverContextP ctx, VADisplayAttribute *attr_list,
					 int *num_attributes)
{
	if (!num_attributes)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	*num_attributes = 0;
	return VA_STATUS_SUCCESS;
}

static VAStatus get_display_attributes(VADriverContextP ctx, VADisplayAttribute *attr_list,
				       int num_attributes)
{
	return VA_STATUS_ERROR_UNIMPLEMENTED;
}

static VAStatus set_display_attributes(VADriverContextP ctx, VADisplayAttribute *attr_list,
				       int num_attributes)
{
	return VA_STATUS_ERROR_UNIMPLEMENTED;
}

static VAStatus lock_surface(VADriverContextP ctx, VASurfaceID surface, unsigned int *fourcc,
			     unsigned int *luma_stride, unsigned int *chroma_u_stride,
			     unsigned int *chroma_v_stride, unsigned int *luma_offset,
			     unsigned int *chroma_u_offset, unsigned int *chroma_v_offset,
			     unsigned int *buffer_name, void **buffer)
{
	return VA_STATUS_ERROR_UNIMPLEMENTED;
}

static VAStatus unlock_surface(VADriverContextP ctx, VASurfaceID surface)
{
	return VA_STATUS_ERROR_UNIMPLEMENTED;
}

void slva_display_hooks(struct VADriverVTable *vtable)
{
	vtable->vaQueryDisplayAttributes = query_display_attributes;
	vtable->vaGetDisplayAttributes = get_display_attributes;
	vtable->vaSetDisplayAttributes = set_display_attributes;
	vtable->vaLockSurface = lock_surface;
	vtable->vaUnlockSurface = unlock_surface;
}
