// SPDX-License-Identifier: MIT
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/sl200_queue.h"
#include "tests/vm/drm_client.h"
#include "tests/vm/drm_fuzz.h"

#define MAX_FDS 6u
#define MAX_OTHER_FDS 12u
#define MAX_QUEUES 24u
#define MAX_BOS 32u
#define PLACES 48u
#define WRONG_ONE_IN 12u

struct kept_queue {
	int owner; /* file */
	struct drm_sl200_queue_create info;
};

struct kept_bo {
	int owner;
	uint32_t handle;
	uint64_t iova, offset, size;
};

struct fuzz_state {
	struct fuzz_shared *shared;
	pthread_mutex_t lock; /* all below */
	int fd[MAX_FDS], other[MAX_OTHER_FDS];
	struct kept_queue queue[MAX_QUEUES];
	struct kept_bo bo[MAX_BOS];
	size_t mapped[PLACES];
	unsigned int fds, others, queues, bos;
	char *arena; /* PLACES of FUZZ_PLACE_SIZE */
};

uint64_t fuzz_next(struct fuzz_random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

uint32_t fuzz_below(struct fuzz_random *random, uint32_t limit)
{
	return (uint32_t)((fuzz_next(random) >> 32) * limit >> 32);
}

bool fuzz_one_in(struct fuzz_random *random, uint32_t n)
{
	return fuzz_below(random, n) == 0;
}

uint64_t fuzz_number(struct fuzz_random *random)
{
	uint64_t power = 1ull << fuzz_below(random, 64);

	switch (fuzz_below(random, 6)) {
	case 0:
		return fuzz_below(random, 8);
	case 1:
		return power;
	case 2:
		return power - 1;
	case 3:
		return -power;
	case 4:
		return power + fuzz_below(random, 5000);
	default:
		return fuzz_next(random);
	}
}

struct fuzz_state *fuzz_state_create(struct fuzz_shared *shared)
{
	struct fuzz_state *state = calloc(1, sizeof(*state));

	if (!state)
		return NULL;
	state->shared = shared;
	state->arena = mmap(NULL, (size_t)PLACES * FUZZ_PLACE_SIZE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (state->arena == MAP_FAILED) {
		free(state);
		return NULL;
	}
	pthread_mutex_init(&state->lock, NULL);
	return state;
}

struct fuzz_shared *fuzz_state_shared(struct fuzz_state *state)
{
	return state->shared;
}

/* Where a new entry of a full or not yet full table goes. Lock held. */
static unsigned int place(struct fuzz_random *random, unsigned int *count, unsigned int max)
{
	return *count < max ? (*count)++ : fuzz_below(random, max);
}

int fuzz_fd(struct fuzz_state *state, struct fuzz_random *random)
{
	int fd = -1;

	pthread_mutex_lock(&state->lock);
	/* Most things are of one client, so that what belongs together meets often enough. */
	if (state->fds)
		fd = state->fd[fuzz_one_in(random, 3) ? fuzz_below(random, state->fds) : 0];
	pthread_mutex_unlock(&state->lock);
	return fd;
}

int fuzz_any_fd(struct fuzz_state *state, struct fuzz_random *random)
{
	int fd = -1;

	if (fuzz_one_in(random, WRONG_ONE_IN))
		return (int)fuzz_number(random);
	if (fuzz_one_in(random, 4))
		return fuzz_fd(state, random);
	pthread_mutex_lock(&state->lock);
	if (state->others)
		fd = state->other[fuzz_below(random, state->others)];
	pthread_mutex_unlock(&state->lock);
	return fd;
}

uint32_t fuzz_queue(struct fuzz_state *state, struct fuzz_random *random, int *owner)
{
	uint32_t queue = 1;

	if (fuzz_one_in(random, WRONG_ONE_IN))
		return (uint32_t)fuzz_number(random);
	pthread_mutex_lock(&state->lock);
	if (state->queues) {
		struct kept_queue *kept = &state->queue[fuzz_below(random, state->queues)];

		queue = kept->info.queue;
		if (!fuzz_one_in(random, WRONG_ONE_IN))
			*owner = kept->owner;
	}
	pthread_mutex_unlock(&state->lock);
	return queue;
}

uint32_t fuzz_handle(struct fuzz_state *state, struct fuzz_random *random, int *owner)
{
	uint32_t handle = 1;

	if (fuzz_one_in(random, WRONG_ONE_IN))
		return (uint32_t)fuzz_number(random);
	pthread_mutex_lock(&state->lock);
	if (state->bos) {
		struct kept_bo *bo = &state->bo[fuzz_below(random, state->bos)];

		handle = bo->handle;
		if (!fuzz_one_in(random, WRONG_ONE_IN))
			*owner = bo->owner;
	}
	pthread_mutex_unlock(&state->lock);
	return handle;
}

uint64_t fuzz_iova(struct fuzz_state *state, struct fuzz_random *random)
{
	uint64_t iova = fuzz_number(random);

	if (fuzz_one_in(random, WRONG_ONE_IN))
		return iova;
	pthread_mutex_lock(&state->lock);
	if (state->bos) {
		struct kept_bo *bo = &state->bo[fuzz_below(random, state->bos)];

		iova = bo->iova +
		       (fuzz_one_in(random, 2) ? 0 : fuzz_below(random, (uint32_t)bo->size));
	}
	pthread_mutex_unlock(&state->lock);
	return iova;
}

/* An offset for mmap() and the size that belongs to it, or nearly. */
uint64_t fuzz_offset(struct fuzz_state *state, struct fuzz_random *random, size_t *size, int *owner)
{
	uint64_t offset = 0;

	*size = DRM_CLIENT_PAGE;
	pthread_mutex_lock(&state->lock);
	if (state->bos && fuzz_one_in(random, 3)) {
		struct kept_bo *bo = &state->bo[fuzz_below(random, state->bos)];

		*owner = bo->owner;
		offset = bo->offset;
		*size = bo->size;
	} else if (state->queues) {
		struct kept_queue *kept = &state->queue[fuzz_below(random, state->queues)];
		struct drm_sl200_queue_create *queue = &kept->info;

		*owner = kept->owner;
		switch (fuzz_below(random, 4)) {
		case 0:
			offset = queue->sq_offset;
			*size = (size_t)queue->depth * sizeof(struct sl200_sqe);
			break;
		case 1:
			offset = queue->cq_offset;
			*size = (size_t)queue->depth * sizeof(struct sl200_cqe);
			break;
		case 2:
			offset = queue->doorbell_offset;
			break;
		default:
			offset = queue->status_offset;
		}
	}
	pthread_mutex_unlock(&state->lock);
	if (fuzz_one_in(random, WRONG_ONE_IN))
		offset = fuzz_number(random);
	if (fuzz_one_in(random, WRONG_ONE_IN))
		offset += (uint64_t)(fuzz_below(random, 9) - 4) * DRM_CLIENT_PAGE;
	if (fuzz_one_in(random, WRONG_ONE_IN))
		*size = fuzz_below(random, 1u << 21);
	return offset;
}

struct fuzz_place fuzz_place(struct fuzz_state *state, struct fuzz_random *random)
{
	unsigned int i = fuzz_below(random, PLACES);
	struct fuzz_place place = {.cpu = state->arena + (size_t)i * FUZZ_PLACE_SIZE};

	pthread_mutex_lock(&state->lock);
	place.size = state->mapped[i];
	pthread_mutex_unlock(&state->lock);
	return place;
}

void fuzz_keep_mapping(struct fuzz_state *state, const struct fuzz_place *place)
{
	pthread_mutex_lock(&state->lock);
	state->mapped[(size_t)(place->cpu - state->arena) / FUZZ_PLACE_SIZE] = place->size;
	pthread_mutex_unlock(&state->lock);
}

void fuzz_keep_fd(struct fuzz_state *state, struct fuzz_random *random, int fd)
{
	unsigned int i;
	int old = -1;

	pthread_mutex_lock(&state->lock);
	if (state->fds == MAX_FDS)
		old = state->fd[i = fuzz_below(random, MAX_FDS)];
	else
		i = state->fds++;
	state->fd[i] = fd;
	pthread_mutex_unlock(&state->lock);
	if (old >= 0)
		close(old);
}

void fuzz_keep_other_fd(struct fuzz_state *state, struct fuzz_random *random, int fd)
{
	unsigned int i;
	int old = -1;

	pthread_mutex_lock(&state->lock);
	if (state->others == MAX_OTHER_FDS)
		old = state->other[i = fuzz_below(random, MAX_OTHER_FDS)];
	else
		i = state->others++;
	state->other[i] = fd;
	pthread_mutex_unlock(&state->lock);
	if (old >= 0)
		close(old);
}

int fuzz_take_fd(struct fuzz_state *state, struct fuzz_random *random)
{
	int fd = -1;

	pthread_mutex_lock(&state->lock);
	if (state->fds) {
		unsigned int i = fuzz_below(random, state->fds);

		fd = state->fd[i];
		state->fd[i] = state->fd[--state->fds];
	}
	pthread_mutex_unlock(&state->lock);
	return fd;
}

void fuzz_keep_queue(struct fuzz_state *state, struct fuzz_random *random, int owner,
		     const struct drm_sl200_queue_create *queue)
{
	pthread_mutex_lock(&state->lock);
	state->queue[place(random, &state->queues, MAX_QUEUES)] = (struct kept_queue){
		.owner = owner,
		.info = *queue,
	};
	pthread_mutex_unlock(&state->lock);
}

void fuzz_keep_bo(struct fuzz_state *state, struct fuzz_random *random, int owner, uint32_t handle,
		  uint64_t iova, uint64_t offset, uint64_t size)
{
	pthread_mutex_lock(&state->lock);
	state->bo[place(random, &state->bos, MAX_BOS)] = (struct kept_bo){
		.owner = owner,
		.handle = handle,
		.iova = iova,
		.offset = offset,
		.size = size,
	};
	pthread_mutex_unlock(&state->lock);
}
