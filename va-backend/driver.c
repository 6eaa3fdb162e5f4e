/* SPDX-License-Identifier: MIT */
#include "va-backend/driver.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <va/va_drmcommon.h>
#include <xf86drm.h>

#include "va-backend/transfer.h"
#include "va-backend/vpp.h"

VAStatus slva_status(int result)
{
	switch (result) {
	case SL_OK:
		return VA_STATUS_SUCCESS;
	case SL_ERR_INVALID:
	case SL_ERR_UNSUPPORTED:
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	case SL_ERR_NO_MEMORY:
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	case SL_ERR_AGAIN:
	case SL_ERR_BUSY:
		return VA_STATUS_ERROR_HW_BUSY;
	case SL_ERR_TIMEOUT:
		return VA_STATUS_ERROR_TIMEDOUT;
	case SL_ERR_OVERFLOW:
		return VA_STATUS_ERROR_NOT_ENOUGH_BUFFER;
	default:
		return VA_STATUS_ERROR_OPERATION_FAILED;
	}
}

static void driver_free(struct slva_driver *drv)
{
	slva_objects_fini(&drv->objects);
	slva_transfer_destroy(drv->transfer);
	sl_device_close(drv->device);
	free(drv);
}

static VAStatus terminate(VADriverContextP ctx)
{
	driver_free(slva_driver(ctx));
	ctx->pDriverData = NULL;
	return VA_STATUS_SUCCESS;
}

VAStatus slva_refuse(struct slva_driver *drv, VAStatus status, const char *fmt, ...)
{
	char text[256], line[300];
	va_list args;

	if (!drv->ctx->info_callback)
		return status;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	snprintf(line, sizeof(line), "sl200: %s\n", text);
	drv->ctx->info_callback(drv->ctx, line);
	return status;
}

static void report(VADriverContextP ctx, const char *message)
{
	char line[512];

	/* Before VA-API 1.1 there is no callback. */
	if (ctx->error_callback) {
		snprintf(line, sizeof(line), "sl200: %s\n", message);
		ctx->error_callback(ctx, line);
	} else {
		fprintf(stderr, "libva: sl200: %s\n", message);
	}
}

static void read_info(struct slva_driver *drv)
{
	struct sl_device_info info;

	sl_device_info(drv->device, &info);
	drv->shares_memory = info.shares_memory;
	snprintf(drv->vendor, sizeof(drv->vendor), "SL200 driver %s (%s, firmware %u.%u.%u)",
		 sl_version(), info.implementation, info.fw_version >> 24,
		 info.fw_version >> 16 & 0xff, info.fw_version & 0xffff);
}

/*
 * SL_DEVICE comes first. Without it, a display of a device node is on that node's card, or on the
 * one whose render node belongs to it; other displays get the first card.
 */
static int open_device(VADriverContextP ctx, struct sl_device **device)
{
	const struct drm_state *drm = ctx->drm_state;
	const char *env = secure_getenv("SL_DEVICE");
	char uri[128], *node = NULL;

	if ((!env || !*env) && drm && drm->fd >= 0)
		node = drmGetRenderDeviceNameFromFd(drm->fd);
	if (!node)
		return sl_device_open(NULL, device);
	snprintf(uri, sizeof(uri), "drm:%s", node);
	free(node);
	return sl_device_open(uri, device);
}

__attribute__((visibility("default"))) VAStatus __vaDriverInit_1_0(VADriverContextP ctx);

VAStatus __vaDriverInit_1_0(VADriverContextP ctx)
{
	struct slva_driver *drv = calloc(1, sizeof(*drv));
	VAStatus status = VA_STATUS_ERROR_OPERATION_FAILED;

	if (!drv)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	drv->ctx = ctx;
	slva_objects_init(&drv->objects);
	if (open_device(ctx, &drv->device) != SL_OK) {
		report(ctx, sl_last_error());
		goto fail;
	}
	slva_caps_init(&drv->caps, sl_device_caps(drv->device));
	if (!drv->caps.num_profiles) {
		report(ctx, "the card has no H.264 encoder");
		goto fail;
	}
	status = slva_transfer_create(drv, &drv->transfer);
	if (status != VA_STATUS_SUCCESS)
		goto fail;
	read_info(drv);

	ctx->pDriverData = drv;
	ctx->version_major = VA_MAJOR_VERSION;
	ctx->version_minor = VA_MINOR_VERSION;
	ctx->max_profiles = SLVA_MAX_PROFILES;
	ctx->max_entrypoints = 1;
	ctx->max_attributes = VAConfigAttribTypeMax;
	for (ctx->max_image_formats = 0; slva_format_at(ctx->max_image_formats);)
		ctx->max_image_formats++;
	ctx->max_subpic_formats = 1; /* libva refuses 0; none is ever listed */
	ctx->max_display_attributes = 0;
	ctx->str_vendor = drv->vendor;

	ctx->vtable->vaTerminate = terminate;
	slva_config_hooks(ctx->vtable);
	slva_surface_hooks(ctx->vtable);
	slva_image_hooks(ctx->vtable);
	slva_buffer_hooks(ctx->vtable);
	slva_context_hooks(ctx->vtable);
	slva_subpicture_hooks(ctx->vtable);
	slva_display_hooks(ctx->vtable);
	if (ctx->vtable_vpp)
		slva_vpp_hooks(ctx->vtable_vpp);
	return VA_STATUS_SUCCESS;

fail:
	driver_free(drv);
	return status;
}
