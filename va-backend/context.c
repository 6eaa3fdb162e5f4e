/* SPDX-License-Identifier: MIT */
#include "va-backend/context.h"

#include <stdlib.h>

static void context_destroy(struct slva_object *object)
{
	struct slva_context *context = (struct slva_context *)object;

	slva_encode_fini(&context->encode);
	if (context->target)
		slva_object_put(&context->target->object);
	slva_object_put(&context->config->object);
	pthread_mutex_destroy(&context->lock);
	free(context);
}

/* All render targets exist. Surfaces may be created later as well, so none is needed. */
static VAStatus check_targets(struct slva_driver *drv, const VASurfaceID *targets, int num_targets)
{
	if (num_targets < 0 || (num_targets && !targets))
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	for (int i = 0; i < num_targets; i++) {
		struct slva_object *surface =
			slva_object_get(&drv->objects, SLVA_SURFACE, targets[i]);

		if (!surface)
			return VA_STATUS_ERROR_INVALID_SURFACE;
		slva_object_put(surface);
	}
	return VA_STATUS_SUCCESS;
}

static VAStatus create_context(VADriverContextP ctx, VAConfigID config_id, int picture_width,
			       int picture_height, int flag, VASurfaceID *render_targets,
			       int num_render_targets, VAContextID *id)
{
	struct slva_driver *drv = slva_driver(ctx);
	const struct sl200_enc_caps *caps = &drv->caps.h264;
	struct slva_config *config = slva_object_get(&drv->objects, SLVA_CONFIG, config_id);

	if (!config)
		return VA_STATUS_ERROR_INVALID_CONFIG;

	VAStatus status = check_targets(drv, render_targets, num_render_targets);
	struct slva_context *context = NULL;

	if (!id)
		status = VA_STATUS_ERROR_INVALID_PARAMETER;
	else if (picture_width < caps->min_dim || picture_width > caps->max_width ||
		 picture_height < caps->min_dim || picture_height > caps->max_height)
		status = slva_refuse(drv, VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED,
				     "pictures of %dx%d are not supported, only %ux%u to %ux%u",
				     picture_width, picture_height, caps->min_dim, caps->min_dim,
				     caps->max_width, caps->max_height);
	if (status == VA_STATUS_SUCCESS) {
		context = calloc(1, sizeof(*context));
		if (!context)
			status = VA_STATUS_ERROR_ALLOCATION_FAILED;
	}
	if (status != VA_STATUS_SUCCESS) {
		slva_object_put(&config->object);
		return status;
	}
	context->drv = drv;
	context->config = config;
	context->width = (uint32_t)picture_width;
	context->height = (uint32_t)picture_height;
	pthread_mutex_init(&context->lock, NULL);
	status = slva_encode_init(&context->encode, drv, config);
	if (status == VA_STATUS_SUCCESS)
		status = slva_object_add(&drv->objects, SLVA_CONTEXT, &context->object,
					 context_destroy);
	if (status != VA_STATUS_SUCCESS) {
		context_destroy(&context->object);
		return status;
	}
	*id = context->object.id;
	return VA_STATUS_SUCCESS;
}

static VAStatus destroy_context(VADriverContextP ctx, VAContextID id)
{
	struct slva_object *object =
		slva_object_remove(&slva_driver(ctx)->objects, SLVA_CONTEXT, id);

	if (!object)
		return VA_STATUS_ERROR_INVALID_CONTEXT;
	slva_object_put(object);
	return VA_STATUS_SUCCESS;
}

static VAStatus begin_picture(VADriverContextP ctx, VAContextID id, VASurfaceID target)
{
	struct slva_driver *drv = slva_driver(ctx);
	struct slva_context *context = slva_object_get(&drv->objects, SLVA_CONTEXT, id);

	if (!context)
		return VA_STATUS_ERROR_INVALID_CONTEXT;

	struct slva_surface *surface = slva_object_get(&drv->objects, SLVA_SURFACE, target);
	struct slva_surface *old = NULL;

	if (surface) {
		pthread_mutex_lock(&context->lock);
		old = context->target;
		context->target = surface;
		slva_encode_begin(&context->encode);
		pthread_mutex_unlock(&context->lock);
	}
	slva_object_put(old ? &old->object : NULL);
	slva_object_put(&context->object);
	return surface ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_SURFACE;
}

static VAStatus render_picture(VADriverContextP ctx, VAContextID id, VABufferID *buffers,
			       int num_buffers)
{
	struct slva_driver *drv = slva_driver(ctx);
	struct slva_context *context = slva_object_get(&drv->objects, SLVA_CONTEXT, id);
	VAStatus status = VA_STATUS_SUCCESS;

	if (!context)
		return VA_STATUS_ERROR_INVALID_CONTEXT;
	if (num_buffers < 0 || (num_buffers && !buffers)) {
		slva_object_put(&context->object);
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	}
	pthread_mutex_lock(&context->lock);
	if (!context->target)
		status = slva_refuse(drv, VA_STATUS_ERROR_OPERATION_FAILED,
				     "vaRenderPicture without vaBeginPicture");
	for (int i = 0; i < num_buffers && status == VA_STATUS_SUCCESS; i++) {
		struct slva_buffer *buffer =
			slva_object_get(&drv->objects, SLVA_BUFFER, buffers[i]);

		if (buffer) {
			status = slva_encode_render(&context->encode, buffer);
			slva_object_put(&buffer->object);
		} else {
			status = VA_STATUS_ERROR_INVALID_BUFFER;
		}
	}
	pthread_mutex_unlock(&context->lock);
	slva_object_put(&context->object);
	return status;
}

static VAStatus end_picture(VADriverContextP ctx, VAContextID id)
{
	struct slva_driver *drv = slva_driver(ctx);
	struct slva_context *context = slva_object_get(&drv->objects, SLVA_CONTEXT, id);
	VAStatus status;

	if (!context)
		return VA_STATUS_ERROR_INVALID_CONTEXT;
	pthread_mutex_lock(&context->lock);

	struct slva_surface *target = context->target;

	context->target = NULL;
	if (target)
		status = context->encode.codec->encode(&context->encode, target);
	else
		status = slva_refuse(drv, VA_STATUS_ERROR_OPERATION_FAILED,
				     "vaEndPicture without vaBeginPicture");
	pthread_mutex_unlock(&context->lock);
	slva_object_put(target ? &target->object : NULL);
	slva_object_put(&context->object);
	return status;
}

void slva_context_hooks(struct VADriverVTable *vtable)
{
	vtable->vaCreateContext = create_context;
	vtable->vaDestroyContext = destroy_context;
	vtable->vaBeginPicture = begin_picture;
	vtable->vaRenderPicture = render_picture;
	vtable->vaEndPicture = end_picture;
}
