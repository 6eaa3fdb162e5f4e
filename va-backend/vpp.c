/* SPDX-License-Identifier: MIT */
#include "va-backend/vpp.h"

#include "va-backend/driver.h"

/* A context is for encoding or does not exist. */
static VAStatus refuse(VADriverContextP ctx, VAContextID context)
{
	struct slva_object *object =
		slva_object_get(&slva_driver(ctx)->objects, SLVA_CONTEXT, context);

	if (!object)
		return VA_STATUS_ERROR_INVALID_CONTEXT;
	slva_object_put(object);
	return VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT;
}

static VAStatus query_video_proc_filters(VADriverContextP ctx, VAContextID context,
					 VAProcFilterType *filters, unsigned int *num_filters)
{
	return refuse(ctx, context);
}

static VAStatus query_video_proc_filter_caps(VADriverContextP ctx, VAContextID context,
					     VAProcFilterType type, void *filter_caps,
					     unsigned int *num_filter_caps)
{
	return refuse(ctx, context);
}

static VAStatus query_video_proc_pipeline_caps(VADriverContextP ctx, VAContextID context,
					       VABufferID *filters, unsigned int num_filters,
					       VAProcPipelineCaps *pipeline_caps)
{
	return refuse(ctx, context);
}

void slva_vpp_hooks(struct VADriverVTableVPP *vtable)
{
	vtable->vaQueryVideoProcFilters = query_video_proc_filters;
	vtable->vaQueryVideoProcFilterCaps = query_video_proc_filter_caps;
	vtable->vaQueryVideoProcPipelineCaps = query_video_proc_pipeline_caps;
}
