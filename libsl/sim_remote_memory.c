// SPDX-License-Identifier: MIT
/*
 * One file for all memory of a card: the other process maps it once, whatever the number of
 * buffers, and this one needs no descriptor for each. A range that is given back is punched out:
 * its pages are freed, and it reads as zero in new hands.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "libsl/sim_remote.h"

struct remote_region {
	_Atomic(struct remote_region *) next;
	void *cpu;
	uint64_t offset;
	size_t size;
};

int remote_memory_init(struct remote_memory *memory)
{
	struct rlimit limit;

	memory->size = REMOTE_BUS_SIZE;
	/* Beyond this limit, a signal would end the process. */
	if (!getrlimit(RLIMIT_FSIZE, &limit) && limit.rlim_cur < memory->size)
		memory->size = limit.rlim_cur;
	memory->fd = memfd_create("sl200-host-memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memory->fd < 0)
		return -errno;
	/* The other process must not make the file shorter under accesses of this one. */
	if (ftruncate(memory->fd, (off_t)memory->size) ||
	    fcntl(memory->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		close(memory->fd);
		return -ENOMEM;
	}
	pthread_mutex_init(&memory->lock, NULL);
	atomic_init(&memory->first, NULL);
	return 0;
}

void remote_memory_fini(struct remote_memory *memory)
{
	close(memory->fd);
	pthread_mutex_destroy(&memory->lock);
}

int remote_memory_map(struct remote_memory *memory, uint64_t bus, size_t size, void **cpu)
{
	struct remote_region *region;
	uint64_t offset = bus - REMOTE_BUS_BASE;

	if (offset >= memory->size || size > memory->size - offset)
		return -ENOMEM;
	region = malloc(sizeof(*region));
	if (!region)
		return -ENOMEM;
	region->offset = offset;
	region->size = size;
	region->cpu =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, (off_t)offset);
	if (region->cpu == MAP_FAILED) {
		free(region);
		return -ENOMEM;
	}
	*cpu = region->cpu;
	pthread_mutex_lock(&memory->lock);
	atomic_store(&region->next, atomic_load(&memory->first));
	atomic_store(&memory->first, region);
	pthread_mutex_unlock(&memory->lock);
	return 0;
}

void remote_memory_unmap(struct remote_memory *memory, uint64_t bus, void *cpu, size_t size)
{
	struct remote_region *region;
	_Atomic(struct remote_region *) *link;

	pthread_mutex_lock(&memory->lock);
	for (link = &memory->first; (region = atomic_load(link)); link = &region->next) {
		if (region->cpu == cpu) {
			atomic_store(link, atomic_load(&region->next));
			break;
		}
	}
	pthread_mutex_unlock(&memory->lock);
	munmap(cpu, size);
	fallocate(memory->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		  (off_t)(bus - REMOTE_BUS_BASE), (off_t)size);
	free(region);
}

void remote_memory_forked(struct remote_memory *memory)
{
	struct remote_region *region = atomic_load(&memory->first), *next;

	for (; region; region = next) {
		next = atomic_load(&region->next);
		/* Without one the address must not lead to the parent's memory all the same. */
		if (mmap(region->cpu, region->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
			 memory->fd, (off_t)region->offset) == MAP_FAILED)
			munmap(region->cpu, region->size);
		free(region);
	}
	close(memory->fd);
}
