/* SPDX-License-Identifier: MIT */
#include "va-backend/surface.h"

#include <stdlib.h>
#include <time.h>

static uint32_t storage_dim(uint32_t samples)
{
	return (samples + 1) & ~1u;
}

static void surface_destroy(struct slva_object *object)
{
	struct slva_surface *surface = (struct slva_surface *)object;

	for (unsigned int i = 0; i < surface->num_jobs; i++)
		slva_job_put(surface->job[i]);
	slva_storage_put(surface->storage);
	pthread_mutex_destroy(&surface->lock);
	free(surface);
}

VAStatus slva_surface_storage(struct slva_driver *drv, struct slva_surface *surface,
			      enum slva_place place, struct slva_storage **storage)
{
	VAStatus status = VA_STATUS_SUCCESS;
	struct slva_storage *old = NULL;
	enum sl_memory memory = place == SLVA_PLACE_RECON ? SL_MEMORY_CARD : SL_MEMORY_HOST;

	pthread_mutex_lock(&surface->lock);
	if (surface->storage && !surface->has_content && !surface->num_derived &&
	    sl_buffer_memory(slva_storage_memory(surface->storage)) != memory) {
		old = surface->storage;
		surface->storage = NULL;
	}
	if (!surface->storage)
		status = slva_storage_surface(
			drv, surface->format->format, storage_dim(surface->width),
			storage_dim(surface->height), memory, &surface->storage);
	if (status == VA_STATUS_SUCCESS)
		*storage = slva_storage_ref(surface->storage);
	pthread_mutex_unlock(&surface->lock);
	slva_storage_put(old);
	return status;
}

void slva_surface_written(struct slva_surface *surface)
{
	pthread_mutex_lock(&surface->lock);
	surface->has_content = true;
	pthread_mutex_unlock(&surface->lock);
}

/* Take the n-th job out of the list; its reference becomes the caller's. The lock is held. */
static struct slva_job *take_job(struct slva_surface *surface, unsigned int n)
{
	struct slva_job *job = surface->job[n];

	surface->num_jobs--;
	for (; n < surface->num_jobs; n++)
		surface->job[n] = surface->job[n + 1];
	return job;
}

void slva_surface_add_job(struct slva_surface *surface, struct slva_job *job)
{
	struct slva_job *gone[SLVA_SURFACE_JOBS];
	unsigned int num_gone = 0;

	pthread_mutex_lock(&surface->lock);
	for (unsigned int i = 0; i < surface->num_jobs;) {
		if (slva_job_done(surface->job[i]))
			gone[num_gone++] = take_job(surface, i);
		else
			i++;
	}
	while (surface->num_jobs == SLVA_SURFACE_JOBS) {
		struct slva_job *oldest = slva_job_ref(surface->job[0]);

		pthread_mutex_unlock(&surface->lock);
		slva_job_wait(oldest, VA_TIMEOUT_INFINITE);
		pthread_mutex_lock(&surface->lock);
		/* Another thread may have taken it out meanwhile. */
		if (surface->num_jobs && surface->job[0] == oldest)
			slva_job_put(take_job(surface, 0));
		slva_job_put(oldest);
	}
	surface->job[surface->num_jobs++] = slva_job_ref(job);
	pthread_mutex_unlock(&surface->lock);
	for (unsigned int i = 0; i < num_gone; i++)
		slva_job_put(gone[i]);
}

bool slva_surface_order(struct slva_surface *surface, const struct slva_queue *queue, bool writes)
{
	struct slva_job *others[SLVA_SURFACE_JOBS];
	unsigned int num_others = 0;
	bool barrier = false;

	pthread_mutex_lock(&surface->lock);
	for (unsigned int i = 0; i < surface->num_jobs; i++) {
		struct slva_job *job = surface->job[i];

		if (slva_job_done(job) || (!writes && job->target != surface->storage))
			continue;
		if (job->queue == queue)
			barrier = true;
		else
			others[num_others++] = slva_job_ref(job);
	}
	pthread_mutex_unlock(&surface->lock);
	for (unsigned int i = 0; i < num_others; i++) {
		slva_job_wait(others[i], VA_TIMEOUT_INFINITE);
		slva_job_put(others[i]);
	}
	return barrier;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

VAStatus slva_surface_wait(struct slva_surface *surface, uint64_t timeout_ns)
{
	struct slva_job *job[SLVA_SURFACE_JOBS];
	unsigned int num_jobs;
	VAStatus error = VA_STATUS_SUCCESS;
	uint64_t start = now_ns();

	pthread_mutex_lock(&surface->lock);
	num_jobs = surface->num_jobs;
	for (unsigned int i = 0; i < num_jobs; i++)
		job[i] = slva_job_ref(surface->job[i]);
	pthread_mutex_unlock(&surface->lock);

	for (unsigned int i = 0; i < num_jobs; i++) {
		uint64_t left = timeout_ns;

		if (timeout_ns != VA_TIMEOUT_INFINITE) {
			uint64_t gone = now_ns() - start;

			left = gone < timeout_ns ? timeout_ns - gone : 0;
		}

		VAStatus status = slva_job_wait(job[i], left);

		if (error == VA_STATUS_SUCCESS)
			error = status;
		slva_job_put(job[i]);
	}
	return error;
}

/* Memory types that surfaces can have. */
static uint32_t memory_types(const struct slva_driver *drv)
{
	return VA_SURFACE_ATTRIB_MEM_TYPE_VA |
	       (drv->shares_memory ? VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2 : 0);
}

/* What a client wants of new surfaces. */
struct wish {
	const struct slva_format *format;
	uint32_t memory_type;
	const VADRMPRIMESurfaceDescriptor *import; /* NULL: memory of the driver's own */
};

static VAStatus check_attributes(struct slva_driver *drv, const VASurfaceAttrib *attribs,
				 unsigned int num_attribs, struct wish *wish)
{
	const struct slva_format **format = &wish->format;

	for (unsigned int i = 0; i < num_attribs; i++) {
		const VASurfaceAttrib *attrib = &attribs[i];

		switch (attrib->type) {
		case VASurfaceAttribPixelFormat:
			if (attrib->value.type != VAGenericValueTypeInteger)
				return VA_STATUS_ERROR_INVALID_PARAMETER;
			*format = slva_format_find((uint32_t)attrib->value.value.i);
			if (!*format || !(*format)->surface ||
			    !slva_format_supported(&drv->caps, *format))
				return slva_refuse(drv, VA_STATUS_ERROR_INVALID_PARAMETER,
						   "surfaces cannot have pixel format %#x",
						   (uint32_t)attrib->value.value.i);
			break;
		case VASurfaceAttribMemoryType:
			if (attrib->value.type != VAGenericValueTypeInteger)
				return VA_STATUS_ERROR_INVALID_PARAMETER;
			wish->memory_type = (uint32_t)attrib->value.value.i;
			if (wish->memory_type & ~memory_types(drv))
				return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
			break;
		case VASurfaceAttribExternalBufferDescriptor:
			if (attrib->value.type != VAGenericValueTypePointer)
				return VA_STATUS_ERROR_INVALID_PARAMETER;
			wish->import = attrib->value.value.p;
			break;
		case VASurfaceAttribUsageHint: /* memory follows what is done, not what is said */
		case VASurfaceAttribMinWidth:  /* read-only, passed back by some clients */
		case VASurfaceAttribMaxWidth:
		case VASurfaceAttribMinHeight:
		case VASurfaceAttribMaxHeight:
			break;
		default:
			return VA_STATUS_ERROR_ATTR_NOT_SUPPORTED;
		}
	}
	/* The type says what the descriptor is, whichever of the two came first. */
	if (wish->import && wish->memory_type != VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2)
		return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
	return VA_STATUS_SUCCESS;
}

static VAStatus destroy_surfaces(VADriverContextP ctx, VASurfaceID *surface_list, int num_surfaces)
{
	struct slva_driver *drv = slva_driver(ctx);
	VAStatus status = VA_STATUS_SUCCESS;

	if (num_surfaces < 0 || (num_surfaces && !surface_list))
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	for (int i = 0; i < num_surfaces; i++) {
		struct slva_object *object =
			slva_object_remove(&drv->objects, SLVA_SURFACE, surface_list[i]);

		if (!object)
			status = VA_STATUS_ERROR_INVALID_SURFACE;
		slva_object_put(object);
	}
	return status;
}

static VAStatus create_surface(struct slva_driver *drv, const struct wish *wish, uint32_t width,
			       uint32_t height, VASurfaceID *id)
{
	struct slva_surface *surface = calloc(1, sizeof(*surface));

	if (!surface)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	surface->format = wish->format;
	surface->width = width;
	surface->height = height;
	pthread_mutex_init(&surface->lock, NULL);

	VAStatus status = VA_STATUS_SUCCESS;

	if (wish->import)
		status = slva_surface_import(drv, surface, wish->import);
	if (status == VA_STATUS_SUCCESS)
		status = slva_object_add(&drv->objects, SLVA_SURFACE, &surface->object,
					 surface_destroy);
	if (status == VA_STATUS_SUCCESS)
		*id = surface->object.id;
	else
		surface_destroy(&surface->object);
	return status;
}

static VAStatus create_surfaces2(VADriverContextP ctx, unsigned int rt_format, unsigned int width,
				 unsigned int height, VASurfaceID *surfaces,
				 unsigned int num_surfaces, VASurfaceAttrib *attrib_list,
				 unsigned int num_attribs)
{
	struct slva_driver *drv = slva_driver(ctx);
	const struct sl200_enc_caps *caps = &drv->caps.h264;
	struct wish wish = {.memory_type = VA_SURFACE_ATTRIB_MEM_TYPE_VA};
	VAStatus status;

	if (!surfaces || !num_surfaces || num_surfaces > SLVA_MAX_OBJECTS ||
	    (num_attribs && !attrib_list))
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	if (rt_format != VA_RT_FORMAT_YUV420)
		return VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
	if (width < caps->min_dim || width > caps->max_width || height < caps->min_dim ||
	    height > caps->max_height)
		return slva_refuse(drv, VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED,
				   "surfaces of %ux%u are not supported, only %ux%u to %ux%u",
				   width, height, caps->min_dim, caps->min_dim, caps->max_width,
				   caps->max_height);
	status = check_attributes(drv, attrib_list, num_attribs, &wish);
	if (status != VA_STATUS_SUCCESS)
		return status;
	if (!wish.format)
		wish.format =
			wish.import ? slva_format_find(wish.import->fourcc) : slva_format_at(0);
	if (!wish.format || !wish.format->surface || (wish.import && num_surfaces != 1))
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	for (unsigned int i = 0; i < num_surfaces && status == VA_STATUS_SUCCESS; i++) {
		status = create_surface(drv, &wish, width, height, &surfaces[i]);
		if (status != VA_STATUS_SUCCESS)
			destroy_surfaces(ctx, surfaces, (int)i);
	}
	return status;
}

static VAStatus create_surfaces(VADriverContextP ctx, int width, int height, int format,
				int num_surfaces, VASurfaceID *surfaces)
{
	if (width <= 0 || height <= 0 || num_surfaces <= 0)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	return create_surfaces2(ctx, (unsigned int)format, (unsigned int)width,
				(unsigned int)height, surfaces, (unsigned int)num_surfaces, NULL,
				0);
}

static VAStatus query_surface_attributes(VADriverContextP ctx, VAConfigID config_id,
					 VASurfaceAttrib *attrib_list, unsigned int *num_attribs)
{
	struct slva_driver *drv = slva_driver(ctx);
	const struct sl200_enc_caps *caps = &drv->caps.h264;
	VASurfaceAttrib list[16];
	unsigned int num = 0;
	struct slva_object *config = slva_object_get(&drv->objects, SLVA_CONFIG, config_id);
	const struct {
		VASurfaceAttribType type;
		uint32_t flags;
		int value;
	} fixed[] = {
		{VASurfaceAttribMinWidth, VA_SURFACE_ATTRIB_GETTABLE, caps->min_dim},
		{VASurfaceAttribMinHeight, VA_SURFACE_ATTRIB_GETTABLE, caps->min_dim},
		{VASurfaceAttribMaxWidth, VA_SURFACE_ATTRIB_GETTABLE, caps->max_width},
		{VASurfaceAttribMaxHeight, VA_SURFACE_ATTRIB_GETTABLE, caps->max_height},
		{VASurfaceAttribMemoryType, VA_SURFACE_ATTRIB_GETTABLE | VA_SURFACE_ATTRIB_SETTABLE,
		 (int)memory_types(drv)},
	};

	if (!config)
		return VA_STATUS_ERROR_INVALID_CONFIG;
	slva_object_put(config);
	if (!num_attribs)
		return VA_STATUS_ERROR_INVALID_PARAMETER;

	const struct slva_format *format;

	for (unsigned int n = 0; (format = slva_format_at(n)); n++) {
		if (!format->surface || !slva_format_supported(&drv->caps, format))
			continue;
		list[num++] = (VASurfaceAttrib){
			.type = VASurfaceAttribPixelFormat,
			.flags = VA_SURFACE_ATTRIB_GETTABLE | VA_SURFACE_ATTRIB_SETTABLE,
			.value = {.type = VAGenericValueTypeInteger,
				  .value.i = (int)format->fourcc},
		};
	}
	for (unsigned int n = 0; n < sizeof(fixed) / sizeof(fixed[0]); n++)
		list[num++] = (VASurfaceAttrib){
			.type = fixed[n].type,
			.flags = fixed[n].flags,
			.value = {.type = VAGenericValueTypeInteger, .value.i = fixed[n].value},
		};

	unsigned int room = *num_attribs;

	*num_attribs = num;
	if (!attrib_list)
		return VA_STATUS_SUCCESS;
	if (room < num)
		return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
	for (unsigned int n = 0; n < num; n++)
		attrib_list[n] = list[n];
	return VA_STATUS_SUCCESS;
}

static VAStatus get_surface_attributes(VADriverContextP ctx, VAConfigID config_id,
				       VASurfaceAttrib *attrib_list, unsigned int num_attribs)
{
	VASurfaceAttrib list[16];
	unsigned int num = 16;
	VAStatus status = query_surface_attributes(ctx, config_id, list, &num);

	if (status != VA_STATUS_SUCCESS)
		return status;
	if (!attrib_list && num_attribs)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	for (unsigned int i = 0; i < num_attribs; i++) {
		attrib_list[i].flags = VA_SURFACE_ATTRIB_NOT_SUPPORTED;
		for (unsigned int n = 0; n < num; n++) {
			if (list[n].type == attrib_list[i].type) {
				attrib_list[i] = list[n];
				break;
			}
		}
	}
	return VA_STATUS_SUCCESS;
}

static VAStatus sync_surface2(VADriverContextP ctx, VASurfaceID id, uint64_t timeout_ns)
{
	struct slva_surface *surface =
		slva_object_get(&slva_driver(ctx)->objects, SLVA_SURFACE, id);

	if (!surface)
		return VA_STATUS_ERROR_INVALID_SURFACE;

	VAStatus status = slva_surface_wait(surface, timeout_ns);

	slva_object_put(&surface->object);
	return status;
}

static VAStatus sync_surface(VADriverContextP ctx, VASurfaceID id)
{
	return sync_surface2(ctx, id, VA_TIMEOUT_INFINITE);
}

static VAStatus query_surface_status(VADriverContextP ctx, VASurfaceID id, VASurfaceStatus *status)
{
	struct slva_surface *surface =
		slva_object_get(&slva_driver(ctx)->objects, SLVA_SURFACE, id);

	if (!surface)
		return VA_STATUS_ERROR_INVALID_SURFACE;
	if (status)
		*status = slva_surface_wait(surface, 0) == VA_STATUS_ERROR_TIMEDOUT
				  ? VASurfaceRendering
				  : VASurfaceReady;
	slva_object_put(&surface->object);
	return status ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_PARAMETER;
}

/* Defined by VA-API for decoding errors alone; there are none to tell. */
static VAStatus query_surface_error(VADriverContextP ctx, VASurfaceID id, VAStatus error_status,
				    void **error_info)
{
	struct slva_object *surface = slva_object_get(&slva_driver(ctx)->objects, SLVA_SURFACE, id);

	if (!surface)
		return VA_STATUS_ERROR_INVALID_SURFACE;
	slva_object_put(surface);
	if (!error_info)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	*error_info = NULL;
	return VA_STATUS_ERROR_UNIMPLEMENTED;
}

static VAStatus export_surface_handle(VADriverContextP ctx, VASurfaceID id, uint32_t mem_type,
				      uint32_t flags, void *descriptor)
{
	struct slva_driver *drv = slva_driver(ctx);
	struct slva_surface *surface = slva_object_get(&drv->objects, SLVA_SURFACE, id);

	if (!surface)
		return VA_STATUS_ERROR_INVALID_SURFACE;

	VAStatus status = slva_surface_export(drv, surface, mem_type, flags, descriptor);

	slva_object_put(&surface->object);
	return status;
}

void slva_surface_hooks(struct VADriverVTable *vtable)
{
	vtable->vaCreateSurfaces = create_surfaces;
	vtable->vaCreateSurfaces2 = create_surfaces2;
	vtable->vaDestroySurfaces = destroy_surfaces;
	vtable->vaQuerySurfaceAttributes = query_surface_attributes;
	vtable->vaGetSurfaceAttributes = get_surface_attributes;
	vtable->vaSyncSurface = sync_surface;
	vtable->vaSyncSurface2 = sync_surface2;
	vtable->vaQuerySurfaceStatus = query_surface_status;
	vtable->vaQuerySurfaceError = query_surface_error;
	vtable->vaExportSurfaceHandle = export_surface_handle;
}
