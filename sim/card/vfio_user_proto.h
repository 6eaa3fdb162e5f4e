/* SPDX-License-Identifier: MIT */
/*
 * Messages of the vfio-user protocol, as they lie on the socket: a header, then a payload that
 * begins with one of the structures here or of <linux/vfio.h>. All little-endian.
 */
#ifndef CARD_VFIO_USER_PROTO_H
#define CARD_VFIO_USER_PROTO_H

#include <stdint.h>

#include "abi/sl200_types.h"

enum vfio_user_command {
	VFIO_USER_VERSION = 1,
	VFIO_USER_DMA_MAP = 2,
	VFIO_USER_DMA_UNMAP = 3,
	VFIO_USER_DEVICE_GET_INFO = 4,
	VFIO_USER_DEVICE_GET_REGION_INFO = 5,
	VFIO_USER_DEVICE_GET_IRQ_INFO = 7,
	VFIO_USER_DEVICE_SET_IRQS = 8,
	VFIO_USER_REGION_READ = 9,
	VFIO_USER_REGION_WRITE = 10,
	VFIO_USER_DEVICE_RESET = 13,
	VFIO_USER_REGION_WRITE_MULTI = 15,
};

#define VFIO_USER_F_TYPE_MASK 0xfu
#define VFIO_USER_F_REQUEST 0x0u
#define VFIO_USER_F_REPLY 0x1u
#define VFIO_USER_F_NO_REPLY 0x10u
#define VFIO_USER_F_ERROR 0x20u
#define VFIO_USER_F_MASK 0x3fu

struct vfio_user_header {
	uint16_t id; /* of a request, returned in its reply */
	uint16_t command;
	uint32_t size; /* of the whole message */
	uint32_t flags;
	uint32_t error; /* errno value, with VFIO_USER_F_ERROR */
};
SL200_ASSERT_SIZE(struct vfio_user_header, 16);

#define VFIO_USER_MAJOR 0u
#define VFIO_USER_MINOR 1u

/* Followed by capabilities in JSON, with a NUL at the end. */
struct vfio_user_version {
	uint16_t major;
	uint16_t minor;
};
SL200_ASSERT_SIZE(struct vfio_user_version, 4);

/* VFIO_DMA_MAP_FLAG_*; the file comes along as a descriptor. */
struct vfio_user_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset; /* in the file */
	uint64_t addr;
	uint64_t size;
};
SL200_ASSERT_SIZE(struct vfio_user_dma_map, 32);

struct vfio_user_dma_unmap {
	uint32_t argsz;
	uint32_t flags; /* VFIO_DMA_UNMAP_FLAG_* */
	uint64_t addr;
	uint64_t size;
};
SL200_ASSERT_SIZE(struct vfio_user_dma_unmap, 24);

struct vfio_user_device_info {
	uint32_t argsz;
	uint32_t flags; /* VFIO_DEVICE_FLAGS_* */
	uint32_t num_regions;
	uint32_t num_irqs;
};
SL200_ASSERT_SIZE(struct vfio_user_device_info, 16);

/* Followed by the data: in a write, and in the reply to a read. */
struct vfio_user_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
};
SL200_ASSERT_SIZE(struct vfio_user_region_access, 16);

/* An array of these follows a 64-bit count. */
struct vfio_user_write {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[8];
};
SL200_ASSERT_SIZE(struct vfio_user_write, 24);

/* Bounds of this server. The first three are told to the client. */
#define VFIO_USER_MAX_FDS 16u
#define VFIO_USER_MAX_DATA 65536u
#define VFIO_USER_MAX_DMA_MAPS 65535u
#define VFIO_USER_MAX_MESSAGE                                                                      \
	(sizeof(struct vfio_user_header) + sizeof(struct vfio_user_region_access) +                \
	 VFIO_USER_MAX_DATA)

#endif
