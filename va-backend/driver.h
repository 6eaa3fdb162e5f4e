/* SPDX-License-Identifier: MIT */
/*
 * What the files of the backend share: the driver behind a VADisplay and the objects in it.
 *
 * Locks, in the order in which they nest: a context's lock (picture state; taken by Begin-, Render-
 * and EndPicture of that context alone), then a surface's or job's lock or the display lock, which
 * are leaves: nothing waits for the card under one of them.
 */
#ifndef SLVA_DRIVER_H
#define SLVA_DRIVER_H

#include <stdbool.h>

#include "sl200/sl.h"
#include "va-backend/caps.h"
#include "va-backend/object.h"

struct slva_driver {
	struct slva_objects objects;
	VADriverContextP ctx;
	struct sl_device *device;
	struct slva_caps caps;
	bool shares_memory; /* by dma-buf */
	struct slva_transfer *transfer;
	char vendor[160];
};

static inline struct slva_driver *slva_driver(VADriverContextP ctx)
{
	return ctx->pDriverData;
}

/* The VA status for a negative enum sl_result. */
VAStatus slva_status(int result);

/* Say why a call fails through libva's info callback (LIBVA_MESSAGING_LEVEL=2); returns status. */
VAStatus slva_refuse(struct slva_driver *drv, VAStatus status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Memory that jobs use: a surface's or a buffer's storage on the device. Reference-counted, because
 * the card may still work on it when the client has destroyed the object in front of it.
 */
struct slva_storage {
	atomic_uint refs;
	struct sl_surface *surface; /* one of the two is set */
	struct sl_buffer *buffer;
};

VAStatus slva_storage_surface(struct slva_driver *drv, enum sl200_format format, uint32_t width,
			      uint32_t height, enum sl_memory memory,
			      struct slva_storage **storage);
VAStatus slva_storage_buffer(struct slva_driver *drv, uint64_t size, enum sl_memory memory,
			     struct slva_storage **storage);
/* Storage in a dma-buf's memory. Returns an enum sl_result. */
int slva_storage_import(struct slva_driver *drv, int fd, const struct sl200_surface *layout,
			struct slva_storage **storage);
struct slva_storage *slva_storage_ref(struct slva_storage *storage);
void slva_storage_put(struct slva_storage *storage);
/* The memory behind either kind. */
struct sl_buffer *slva_storage_memory(const struct slva_storage *storage);

/* Entry points by the file that has them; see va_backend.h for their contracts. */
void slva_config_hooks(struct VADriverVTable *vtable);
void slva_surface_hooks(struct VADriverVTable *vtable);
void slva_image_hooks(struct VADriverVTable *vtable);
void slva_buffer_hooks(struct VADriverVTable *vtable);
void slva_context_hooks(struct VADriverVTable *vtable);
void slva_subpicture_hooks(struct VADriverVTable *vtable);
void slva_display_hooks(struct VADriverVTable *vtable);

#endif
