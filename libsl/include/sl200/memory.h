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

/* CPU address, or NULL for card memory, and for imported memory that is closed to the CPU. */
SL_API void *sl_buffer_map(const struct sl_buffer *buffer);
SL_API uint64_t sl_buffer_iova(const struct sl_buffer *buffer);
SL_API uint64_t sl_buffer_size(const struct sl_buffer *buffer);
SL_API enum sl_memory sl_buffer_memory(const struct sl_buffer *buffer);

/*
 * Sharing memory with other devices and processes by dma-buf, where the card is behind the kernel
 * driver; elsewhere SL_ERR_UNSUPPORTED.
 *
 * The card knows nothing of fences: whoever reads an exported buffer waits for the jobs that write
 * it first (sl_queue_wait()), and whoever submits jobs on an imported one waits for its exporter
 * first, by sl_buffer_wait(). Jobs on surfaces of imported memory do that themselves:
 * sl_queue_encode_h264() and so encoder sessions wait, for as long as it takes, until the source and
 * references may be read and bitstream, reconstruction and statistics written.
 */

/* A new dma-buf descriptor (close-on-exec) of the buffer's memory; the caller closes it. */
SL_API int sl_buffer_export(const struct sl_buffer *buffer, int *fd);
/*
 * Make a buffer of a dma-buf's memory, of all of it. The descriptor stays the caller's. Importing the
 * same memory again, or memory of this device's own, gives the same address.
 * SL_ERR_INVALID: not a dma-buf, or its memory is not reachable for the card. SL_ERR_NO_MEMORY.
 */
SL_API int sl_buffer_import(struct sl_device *device, int fd, struct sl_buffer **buffer);
/*
 * Wait until an imported buffer may be read by jobs, or with write also written: until nothing that
 * its exporter has started is left that writes it (or reads it). At most timeout_ns nanoseconds, 0:
 * only look, negative: forever. 0 at once for all other buffers. SL_ERR_TIMEOUT.
 */
SL_API int sl_buffer_wait(const struct sl_buffer *buffer, int write, int64_t timeout_ns);

struct sl_surface;

/*
 * Allocate a picture of width x height samples (even, 16..8192). Storage covers whole macroblocks,
 * so that any surface serves as source, reference and reconstruction.
 */
SL_API int sl_surface_create(struct sl_device *device, enum sl200_format format, uint32_t width,
			     uint32_t height, enum sl_memory memory, struct sl_surface **surface);
SL_API void sl_surface_destroy(struct sl_surface *surface);
/*
 * A surface in memory that is there already, such as an imported buffer's. layout: format, width,
 * height, offsets (relative to the buffer) and pitches, each a multiple of 64; iova and size are
 * filled in. The surface takes the buffer over, unless this fails: sl_surface_destroy() destroys both.
 * SL_ERR_INVALID: out of range, or the buffer is too small. A source may end with its last row;
 * references and reconstructions need room for whole macroblocks.
 */
SL_API int sl_surface_create_on(struct sl_buffer *buffer, const struct sl200_surface *layout,
				struct sl_surface **surface);

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
