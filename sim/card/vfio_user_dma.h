/* SPDX-License-Identifier: MIT */
/*
 * Guest memory that a client shares with the card: files mapped into this process, and the ranges
 * of bus addresses that show parts of them. A file is mapped once, however many ranges it has.
 *
 * Files must be memfd, tmpfs or hugetlbfs, so that no access waits for somebody else's file system.
 * They may shrink at any time: see vfio_user_guard.h.
 *
 * Not thread-safe.
 */
#ifndef CARD_VFIO_USER_DMA_H
#define CARD_VFIO_USER_DMA_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/card/card.h"
#include "sim/card/vfio_user_proto.h"

/* A file of guest memory, in this process; kept as long as a range shows a part of it. */
struct vfio_user_file;

struct vfio_user_range {
	uint64_t addr;
	uint64_t size;
	struct vfio_user_file *file;
	uint64_t offset; /* in the file */
	unsigned int prot;
};

struct vfio_user_dma {
	struct card *card;
	int fd;			       /* the client's socket, shut down when memory goes away */
	struct vfio_user_range *range; /* sorted by address, without overlap */
	size_t count, room;
	struct vfio_user_file *files;
	unsigned int num_files;
	uint64_t mapped;  /* bytes of all files */
	atomic_bool lost; /* memory of the client went away */
};

void vfio_user_dma_init(struct vfio_user_dma *dma, struct card *card, int fd);

/* Unmaps everything. */
void vfio_user_dma_destroy(struct vfio_user_dma *dma);

/*
 * Let the card reach a range of the file behind fd, which stays the caller's. Returns 0, -EINVAL
 * (alignment, a range beyond the file or the address space, a file of another kind), -EEXIST (an
 * overlap), -ENOSPC (too many ranges or files), -EACCES (a file that may not be written), -ENOMEM.
 */
int vfio_user_dma_map(struct vfio_user_dma *dma, const struct vfio_user_dma_map *map, int fd);

/*
 * Take [addr, addr + size) away from the card, whatever is mapped there: nothing, several ranges,
 * or parts of some. Widened to whole pages, and cut at the end of the address space. When it
 * returns no access to the range is under way.
 */
void vfio_user_dma_unmap(struct vfio_user_dma *dma, uint64_t addr, uint64_t size);

void vfio_user_dma_unmap_all(struct vfio_user_dma *dma);

#endif
