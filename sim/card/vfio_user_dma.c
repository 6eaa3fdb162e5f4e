// SPDX-License-Identifier: MIT
#include "sim/card/vfio_user_dma.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <linux/magic.h>
#include <linux/vfio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "abi/sl200_mmu.h"
#include "sim/card/vfio_user_guard.h"

#define PAGE_MASK ((uint64_t)SL200_PAGE_SIZE - 1)

/* What one client may take of this process's address space and of its number of mappings. */
#define MAX_FILES 1024u
#define MAX_MAPPED (4ull << 40)

struct vfio_user_file {
	dev_t dev;
	ino_t ino;
	int prot; /* PROT_* of the mapping */
	uint64_t size;
	uint8_t *base;
	size_t users; /* ranges */
	struct vfio_user_guard guard;
	struct vfio_user_file *next;
};

void vfio_user_dma_init(struct vfio_user_dma *dma, struct card *card, int fd)
{
	memset(dma, 0, sizeof(*dma));
	dma->card = card;
	dma->fd = fd;
}

void vfio_user_dma_destroy(struct vfio_user_dma *dma)
{
	vfio_user_dma_unmap_all(dma);
	free(dma->range);
}

static struct vfio_user_file *find_file(struct vfio_user_dma *dma, const struct stat *st, int prot,
					uint64_t end)
{
	for (struct vfio_user_file *f = dma->files; f; f = f->next)
		if (f->dev == st->st_dev && f->ino == st->st_ino && f->prot == prot &&
		    f->size >= end)
			return f;
	return NULL;
}

static bool is_shared_memory(int fd, const struct stat *st)
{
	struct statfs fs;

	return S_ISREG(st->st_mode) && !fstatfs(fd, &fs) &&
	       (fs.f_type == TMPFS_MAGIC || fs.f_type == HUGETLBFS_MAGIC);
}

/* All of the file, so that later ranges find it mapped. */
static int open_file(struct vfio_user_dma *dma, int fd, const struct stat *st, int prot,
		     struct vfio_user_file **out)
{
	uint64_t size = (uint64_t)st->st_size;
	struct vfio_user_file *file;

	if (dma->num_files == MAX_FILES || size > MAX_MAPPED - dma->mapped)
		return -ENOSPC;
	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->base = mmap(NULL, size, prot, MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (file->base == MAP_FAILED) {
		int rc = -errno;

		free(file);
		return rc;
	}
	file->dev = st->st_dev;
	file->ino = st->st_ino;
	file->prot = prot;
	file->size = size;
	file->guard = (struct vfio_user_guard){
		.base = file->base, .size = size, .fd = dma->fd, .hit = &dma->lost};
	vfio_user_guard_add(&file->guard);
	file->next = dma->files;
	dma->files = file;
	dma->num_files++;
	dma->mapped += size;
	*out = file;
	return 0;
}

static void put_file(struct vfio_user_dma *dma, struct vfio_user_file *file)
{
	if (file->users)
		return;
	for (struct vfio_user_file **f = &dma->files; *f; f = &(*f)->next) {
		if (*f == file) {
			*f = file->next;
			break;
		}
	}
	dma->num_files--;
	dma->mapped -= file->size;
	vfio_user_guard_remove(&file->guard);
	munmap(file->base, file->size);
	free(file);
}

static uint64_t last_of(const struct vfio_user_range *range)
{
	return range->addr + (range->size - 1);
}

/* Index of the first range that ends at or after addr. */
static size_t first_at(const struct vfio_user_dma *dma, uint64_t addr)
{
	size_t low = 0, high = dma->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (last_of(&dma->range[mid]) < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int reserve(struct vfio_user_dma *dma)
{
	size_t room = dma->room ? dma->room * 2 : 16;
	struct vfio_user_range *range;

	if (dma->count >= VFIO_USER_MAX_DMA_MAPS)
		return -ENOSPC;
	if (dma->count < dma->room)
		return 0;
	range = realloc(dma->range, room * sizeof(*range));
	if (!range)
		return -ENOMEM;
	dma->range = range;
	dma->room = room;
	return 0;
}

/* Show the range to the card and enter it; its file is there. */
static int add_range(struct vfio_user_dma *dma, const struct vfio_user_range *range)
{
	int rc = reserve(dma);
	size_t at;

	if (rc)
		return rc;
	rc = card_dma_map(dma->card, range->addr, range->file->base + range->offset, range->size,
			  range->prot);
	if (rc)
		return rc;
	at = first_at(dma, range->addr);
	memmove(&dma->range[at + 1], &dma->range[at], (dma->count - at) * sizeof(*dma->range));
	dma->range[at] = *range;
	dma->count++;
	range->file->users++;
	return 0;
}

static int check_range(const struct vfio_user_dma_map *map, int fd, struct stat *st)
{
	const uint32_t known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;

	if (!(map->flags & known) || map->flags & ~known || !map->size ||
	    (map->addr | map->size | map->offset) & PAGE_MASK ||
	    map->addr + (map->size - 1) < map->addr || fstat(fd, st) || !is_shared_memory(fd, st) ||
	    map->offset > (uint64_t)st->st_size || map->size > (uint64_t)st->st_size - map->offset)
		return -EINVAL;
	return 0;
}

int vfio_user_dma_map(struct vfio_user_dma *dma, const struct vfio_user_dma_map *map, int fd)
{
	struct vfio_user_range range = {
		.addr = map->addr, .size = map->size, .offset = map->offset};
	struct stat st;
	int rc = check_range(map, fd, &st), prot = PROT_READ;

	if (rc)
		return rc;
	if (map->flags & VFIO_DMA_MAP_FLAG_READ)
		range.prot |= CARD_DMA_READ;
	if (map->flags & VFIO_DMA_MAP_FLAG_WRITE) {
		range.prot |= CARD_DMA_WRITE;
		prot |= PROT_WRITE;
	}
	range.file = find_file(dma, &st, prot, map->offset + map->size);
	if (!range.file) {
		rc = open_file(dma, fd, &st, prot, &range.file);
		if (rc)
			return rc;
	}
	rc = add_range(dma, &range);
	if (rc)
		put_file(dma, range.file);
	return rc;
}

/*
 * Take what lies between addr and last out of a range. The card gives up ranges as a whole: what is
 * to be left of this one is mapped again, and should the card need just that in between, it sees
 * memory that does not answer.
 */
static void cut_range(struct vfio_user_dma *dma, size_t at, uint64_t addr, uint64_t last)
{
	struct vfio_user_range old = dma->range[at], rest;

	card_dma_unmap(dma->card, old.addr, old.size);
	dma->count--;
	memmove(&dma->range[at], &dma->range[at + 1], (dma->count - at) * sizeof(*dma->range));
	old.file->users--;
	if (addr > old.addr) {
		rest = old;
		rest.size = addr - old.addr;
		add_range(dma, &rest);
	}
	if (last < last_of(&old)) {
		rest = old;
		rest.size = last_of(&old) - last;
		rest.addr = last + 1;
		rest.offset += rest.addr - old.addr;
		add_range(dma, &rest);
	}
	put_file(dma, old.file);
}

/* Remove the ranges [from, to): all in one go, there may be many. */
static void remove_ranges(struct vfio_user_dma *dma, size_t from, size_t to)
{
	uint64_t addr, size;

	if (from == to)
		return;
	addr = dma->range[from].addr;
	size = last_of(&dma->range[to - 1]) - addr + 1;
	if (!size) {
		/* From end to end of the address space: that is more than a size can say. */
		size = dma->range[to - 1].addr - addr;
		card_dma_unmap(dma->card, dma->range[to - 1].addr, dma->range[to - 1].size);
	}
	card_dma_unmap(dma->card, addr, size);
	for (size_t i = from; i < to; i++) {
		struct vfio_user_file *file = dma->range[i].file;

		file->users--;
		put_file(dma, file);
	}
	memmove(&dma->range[from], &dma->range[to], (dma->count - to) * sizeof(*dma->range));
	dma->count -= to - from;
}

void vfio_user_dma_unmap(struct vfio_user_dma *dma, uint64_t addr, uint64_t size)
{
	uint64_t last = addr + (size - 1);
	size_t from, to;

	if (!size)
		return;
	if (last < addr)
		last = UINT64_MAX;
	addr &= ~PAGE_MASK;
	last |= PAGE_MASK;
	from = first_at(dma, addr);
	if (from < dma->count && dma->range[from].addr < addr) {
		cut_range(dma, from, addr, last);
		from = first_at(dma, addr);
	}
	for (to = from; to < dma->count && last_of(&dma->range[to]) <= last; to++)
		;
	remove_ranges(dma, from, to);
	if (from < dma->count && dma->range[from].addr <= last)
		cut_range(dma, from, addr, last);
}

void vfio_user_dma_unmap_all(struct vfio_user_dma *dma)
{
	vfio_user_dma_unmap(dma, 0, UINT64_MAX);
}
