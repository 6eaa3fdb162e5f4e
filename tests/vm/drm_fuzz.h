/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing of the kernel driver: processes with a few threads each that do random things to it, half
 * of them nearly right. See drm_fuzz.c.
 */
#ifndef TESTS_VM_DRM_FUZZ_H
#define TESTS_VM_DRM_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/uapi/drm/sl200_drm.h"

#define FUZZ_IOCTLS (DRM_SL200_QUEUE_INFO + 1) /* of the driver */

/* Shared by all processes; updated with atomic operations. */
struct fuzz_shared {
	uint64_t calls; /* system calls on the device so far */
	uint64_t tried[FUZZ_IOCTLS], done[FUZZ_IOCTLS];
	uint64_t core_tried, core_done; /* ioctls of DRM itself */
	uint64_t maps_tried, maps_done;
	uint64_t faults; /* touches of mappings that ended in SIGSEGV or SIGBUS */
	uint64_t doorbells;
	uint64_t victim_jobs; /* of the client that must not notice anything */
	uint32_t stop;
};

struct fuzz_random {
	uint64_t state;
};

uint64_t fuzz_next(struct fuzz_random *random);
/* 0 to limit - 1. */
uint32_t fuzz_below(struct fuzz_random *random, uint32_t limit);
/* True once in n. */
bool fuzz_one_in(struct fuzz_random *random, uint32_t n);
/* A number of the kind that limits and bit tests trip over. */
uint64_t fuzz_number(struct fuzz_random *random);

static inline void fuzz_count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* What a process has of the device; shared by its threads (drm_fuzz_state.c). */
struct fuzz_state;

/*
 * A place for a mapping. Places lie in a piece of address space reserved for them: nothing else is
 * ever there, whatever threads do to each other's mappings.
 */
#define FUZZ_PLACE_SIZE (4u << 20)

struct fuzz_place {
	char *cpu;
	size_t size; /* of what was mapped there last; 0: nothing */
};

/*
 * What there is to play with: a random one, or something wrong now and then. Objects may be gone by
 * the time they are used, as other threads play too. Thread-safe.
 */
struct fuzz_state *fuzz_state_create(struct fuzz_shared *shared);
struct fuzz_shared *fuzz_state_shared(struct fuzz_state *state);
int fuzz_fd(struct fuzz_state *state, struct fuzz_random *random);
int fuzz_any_fd(struct fuzz_state *state, struct fuzz_random *random); /* eventfds, dma-bufs too */
/* *owner: the file it is of, most of the time; else as it was. */
uint32_t fuzz_queue(struct fuzz_state *state, struct fuzz_random *random, int *owner);
uint32_t fuzz_handle(struct fuzz_state *state, struct fuzz_random *random, int *owner);
uint64_t fuzz_iova(struct fuzz_state *state, struct fuzz_random *random);
uint64_t fuzz_offset(struct fuzz_state *state, struct fuzz_random *random, size_t *size,
		     int *owner);
struct fuzz_place fuzz_place(struct fuzz_state *state, struct fuzz_random *random);

/* Note what came into being; what does not fit replaces something older. Descriptors are owned. */
void fuzz_keep_fd(struct fuzz_state *state, struct fuzz_random *random, int fd);
void fuzz_keep_other_fd(struct fuzz_state *state, struct fuzz_random *random, int fd);
void fuzz_keep_queue(struct fuzz_state *state, struct fuzz_random *random, int owner,
		     const struct drm_sl200_queue_create *queue);
void fuzz_keep_bo(struct fuzz_state *state, struct fuzz_random *random, int owner, uint32_t handle,
		  uint64_t iova, uint64_t offset, uint64_t size);
void fuzz_keep_mapping(struct fuzz_state *state, const struct fuzz_place *place);
/* Take a random one out of the table, or -1. */
int fuzz_take_fd(struct fuzz_state *state, struct fuzz_random *random);

/* One random action (drm_fuzz_calls.c). */
void fuzz_act(struct fuzz_state *state, struct fuzz_random *random);
/* Guard fuzz_act()'s touching of mappings: once in a process, before any thread. */
void fuzz_guard(void);

#endif
