/* SPDX-License-Identifier: MIT */
#ifndef SL_MEMORY_H
#define SL_MEMORY_H

#include "sl200/device.h"
#include "abi/sl200_enc.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sl_memory {
	SL_MEMORY_HOST = 1, /* cached host memory, mapped for the CPU, reached by the card over PCIe */
	SL_MEMORY_CARD = 2, /* card DRAM: not mapped; copy jobs move data */
};

struct sl_buffer;

/*
 * Allocate size bytes (rounded up to pages), zeroed, with an IOVA in the device's address space.
 * SL_ERR_INVALID (size 0 or above 4 GiB), SL_ERR_NO_MEMORY.
 */
SL_API int sl_buffer_create(struct sl_device *device, uint64_t size, enum sl_memory memory,
			    struct sl_buffer **buffer);
/* Free it. The caller has seen every job that uses it complete. NULL is allowed. */
SL_API void sl_buffer_destroy(struct sl_buffer *buffer);

/* CPU address, or NULL for card memory. */
SL_API void *sl_buffer_map(const struct sl_buffer *buffer);
SL_API uint64_t sl_buffer_iova(const struct sl_buffer *buffer);
SL_API uint64_t sl_buffer_size(const struct sl_buffer *buffer);
SL_API enum sl_memory sl_buffer_memory(const struct sl_buffer *buffer);

struct sl_surface;

/*
 * Allocate a picture of width x height samples (even, 16..8192). Storage covers whole macroblocks,
 * so that any surface serves as source, reference and reconstruction.
 */
SL_API int sl_surface_create(struct sl_device *device, enum sl200_format format, uint32_t width,
			     uint32_t height, enum sl_memory memory, struct sl_surface **surface);
SL_API void sl_surface_destroy(struct sl_surface *surface);

/* The layout, as descriptors want it. Offsets are relative to the buffer. */
SL_API const struct sl200_surface *sl_surface_layout(const struct sl_surface *surface);
SL_API struct sl_buffer *sl_surface_buffer(const struct sl_surface *surface);

/* Number of planes of a format, and rows and bytes per row of a plane; 0 for an unknown one. */
SL_API uint32_t sl_format_planes(uint32_t format);
SL_API uint32_t sl_format_plane_rows(uint32_t format, uint32_t plane, uint32_t height);
SL_API uint32_t sl_format_plane_bytes(uint32_t format, uint32_t plane, uint32_t width);

#ifdef __cplusplus
}
#endif
#endif
