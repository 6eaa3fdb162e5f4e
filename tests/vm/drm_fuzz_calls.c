// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi/sl200_admin.h"
#include "tests/vm/drm_client.h"
#include "tests/vm/drm_fuzz.h"

#define NS_PER_MS 1000000ll
#define BO_SIZE_USUAL (256u << 10)

static __thread sigjmp_buf touch_return;
static __thread volatile sig_atomic_t touching;

static void on_fault(int number)
{
	if (touching)
		siglongjmp(touch_return, 1);
	signal(number, SIG_DFL);
	raise(number);
}

void fuzz_guard(void)
{
	struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_NODEFER};

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

/* One ioctl, counted; arg may be anything. */
static int call(struct fuzz_state *state, int fd, unsigned long request, void *arg)
{
	struct fuzz_shared *shared = fuzz_state_shared(state);
	unsigned int number = _IOC_NR(request) - DRM_COMMAND_BASE;
	bool ours = _IOC_TYPE(request) == DRM_IOCTL_BASE && number < FUZZ_IOCTLS;
	int ret = ioctl(fd, request, arg);

	fuzz_count(&shared->calls);
	fuzz_count(ours ? &shared->tried[number] : &shared->core_tried);
	if (!ret)
		fuzz_count(ours ? &shared->done[number] : &shared->core_done);
	return ret;
}

/* Sometimes one word of a right argument is made a wrong one. */
static void spoil(struct fuzz_random *random, void *arg, size_t size)
{
	uint32_t word;

	if (!fuzz_one_in(random, 16))
		return;
	word = (uint32_t)fuzz_number(random);
	memcpy((char *)arg + 4 * fuzz_below(random, (uint32_t)size / 4), &word, sizeof(word));
}

static void do_open(struct fuzz_state *state, struct fuzz_random *random)
{
	int fd = drm_client_open(0);

	fuzz_count(&fuzz_state_shared(state)->calls);
	if (fd >= 0)
		fuzz_keep_fd(state, random, fd);
}

static void do_dup(struct fuzz_state *state, struct fuzz_random *random)
{
	int fd = dup(fuzz_fd(state, random));

	if (fd >= 0)
		fuzz_keep_fd(state, random, fd);
}

static void do_close(struct fuzz_state *state, struct fuzz_random *random)
{
	int fd = fuzz_take_fd(state, random);

	fuzz_count(&fuzz_state_shared(state)->calls);
	if (fd >= 0)
		close(fd);
}

static void do_query(struct fuzz_state *state, struct fuzz_random *random)
{
	uint64_t answer[1024];
	struct drm_sl200_query args = {
		.type = fuzz_below(random, DRM_SL200_QUERY_ERROR + 2),
		.size = fuzz_below(random, sizeof(answer) + 1),
		.pointer = (uintptr_t)answer,
	};

	if (fuzz_one_in(random, 8))
		args.size = 0;
	spoil(random, &args, offsetof(struct drm_sl200_query, pointer));
	/* A size that is not true must come with a pointer that is nobody's. */
	if (args.size > sizeof(answer))
		args.pointer = fuzz_number(random) & ~0x0000ffffffffffffull;
	call(state, fuzz_fd(state, random), DRM_IOCTL_SL200_QUERY, &args);
}

static void do_bo_create(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct drm_sl200_bo_create args = {
		.size = 1 + fuzz_below(random, BO_SIZE_USUAL),
		.flags = 1u << fuzz_below(random, 3),
	};

	if (fuzz_one_in(random, 8))
		args.size = fuzz_number(random);
	spoil(random, &args, sizeof(args));
	if (call(state, owner, DRM_IOCTL_SL200_BO_CREATE, &args))
		return;
	fuzz_keep_bo(state, random, owner, args.handle, args.iova, args.mmap_offset, args.size);
}

static void do_bo_info(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct drm_sl200_bo_info args = {.handle = fuzz_handle(state, random, &owner)};

	spoil(random, &args, sizeof(args));
	call(state, owner, DRM_IOCTL_SL200_BO_INFO, &args);
}

static void do_bo_close(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct drm_gem_close args = {.handle = fuzz_handle(state, random, &owner)};

	call(state, owner, DRM_IOCTL_GEM_CLOSE, &args);
}

static void do_export(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct drm_prime_handle args = {
		.handle = fuzz_handle(state, random, &owner),
		.flags = DRM_CLOEXEC | (fuzz_one_in(random, 2) ? DRM_RDWR : 0),
	};

	spoil(random, &args, sizeof(args));
	if (!call(state, owner, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args))
		fuzz_keep_other_fd(state, random, args.fd);
}

static void do_import(struct fuzz_state *state, struct fuzz_random *random)
{
	struct drm_prime_handle args = {.fd = fuzz_any_fd(state, random)};
	struct drm_sl200_bo_info info;
	int fd = fuzz_fd(state, random);

	if (call(state, fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args))
		return;
	info = (struct drm_sl200_bo_info){.handle = args.handle};
	if (!call(state, fd, DRM_IOCTL_SL200_BO_INFO, &info))
		fuzz_keep_bo(state, random, fd, args.handle, info.iova, info.mmap_offset,
			     info.size);
}

static void do_queue_create(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct drm_sl200_queue_create args = {
		.depth = 2u << fuzz_below(random, 12),
		.priority = fuzz_below(random, 4),
		.weight = 1 + fuzz_below(random, 255),
	};

	spoil(random, &args, sizeof(args));
	if (!call(state, owner, DRM_IOCTL_SL200_QUEUE_CREATE, &args))
		fuzz_keep_queue(state, random, owner, &args);
}

static void do_queue_destroy(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct drm_sl200_queue_destroy args = {.queue = fuzz_queue(state, random, &owner)};

	spoil(random, &args, sizeof(args));
	call(state, owner, DRM_IOCTL_SL200_QUEUE_DESTROY, &args);
}

static void do_queue_wait(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct drm_sl200_queue_wait args = {
		.queue = fuzz_queue(state, random, &owner),
		.seen = fuzz_below(random, 4),
	};
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	args.timeout_ns = now.tv_sec * 1000000000ll + now.tv_nsec;
	if (fuzz_one_in(random, 8))
		args.timeout_ns += fuzz_below(random, 5 * NS_PER_MS);
	if (fuzz_one_in(random, 32))
		args.timeout_ns = -(int64_t)(fuzz_number(random) >> 1);
	/* Until somebody wakes it, or the end of the process. */
	if (fuzz_one_in(random, 256))
		args.timeout_ns = INT64_MAX;
	call(state, owner, DRM_IOCTL_SL200_QUEUE_WAIT, &args);
}

static void do_queue_wake(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct drm_sl200_queue_wake args = {.queue = fuzz_queue(state, random, &owner)};

	spoil(random, &args, sizeof(args));
	call(state, owner, DRM_IOCTL_SL200_QUEUE_WAKE, &args);
}

static void do_queue_eventfd(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct drm_sl200_queue_eventfd args = {
		.queue = fuzz_queue(state, random, &owner),
		.fd = fuzz_one_in(random, 4) ? -1 : fuzz_any_fd(state, random),
	};

	if (fuzz_one_in(random, 4)) {
		int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

		if (fd >= 0)
			fuzz_keep_other_fd(state, random, fd);
	}
	call(state, owner, DRM_IOCTL_SL200_QUEUE_EVENTFD, &args);
}

static void do_queue_doorbell(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct drm_sl200_queue_doorbell args = {
		.queue = fuzz_queue(state, random, &owner),
		.offset = 4 * fuzz_below(random, 2),
		.value = fuzz_below(random, 32),
	};

	spoil(random, &args, sizeof(args));
	call(state, owner, DRM_IOCTL_SL200_QUEUE_DOORBELL, &args);
}

static void do_queue_info(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct sl200_queue_info info;
	struct drm_sl200_queue_info args = {
		.queue = fuzz_queue(state, random, &owner),
		.size = fuzz_below(random, sizeof(info) + 1),
		.pointer = (uintptr_t)&info,
	};

	if (fuzz_one_in(random, 8))
		args.pointer = fuzz_number(random) & ~0x0000ffffffffffffull;
	call(state, owner, DRM_IOCTL_SL200_QUEUE_INFO, &args);
}

/* Any ioctl of DRM, of any size, with any bytes; what it writes back lands in a place of ours. */
static void do_any_ioctl(struct fuzz_state *state, struct fuzz_random *random)
{
	/* The length in a request has 14 bits. */
	static __thread uint64_t arg[(1u << 14) / sizeof(uint64_t)];
	unsigned int i, size = 8 * fuzz_below(random, 12), number = fuzz_below(random, 256);

	if (fuzz_one_in(random, 2))
		number = DRM_COMMAND_BASE + fuzz_below(random, FUZZ_IOCTLS + 1);
	if (fuzz_one_in(random, 16))
		size = fuzz_below(random, sizeof(arg));
	/* Random addresses in the arguments are of nobody's memory. */
	for (i = 0; i < 16; i++)
		arg[i] = fuzz_number(random) | (fuzz_one_in(random, 2) ? 1ull << 63 : 0);
	call(state, fuzz_fd(state, random),
	     _IOC(fuzz_below(random, 4), DRM_IOCTL_BASE, number, size), arg);
}

static void do_mmap(struct fuzz_state *state, struct fuzz_random *random)
{
	int owner = fuzz_fd(state, random);
	struct fuzz_shared *shared = fuzz_state_shared(state);
	struct fuzz_place place = fuzz_place(state, random);
	int prot = PROT_READ | PROT_WRITE, flags = MAP_SHARED;
	size_t size;
	uint64_t offset = fuzz_offset(state, random, &size, &owner);

	if (fuzz_one_in(random, 8))
		prot = (int)fuzz_below(random, 8);
	if (fuzz_one_in(random, 4))
		prot = PROT_READ;
	if (fuzz_one_in(random, 12))
		flags = MAP_PRIVATE;
	if (fuzz_one_in(random, 4))
		flags |= MAP_POPULATE;
	if (size > FUZZ_PLACE_SIZE)
		size = FUZZ_PLACE_SIZE;
	place.size = size;
	fuzz_count(&shared->calls);
	fuzz_count(&shared->maps_tried);
	if (mmap(place.cpu, size, prot, flags | MAP_FIXED, owner, (off_t)offset) == MAP_FAILED)
		return;
	fuzz_count(&shared->maps_done);
	fuzz_keep_mapping(state, &place);
}

/* Change a mapping as a whole or in part. */
static void do_remap(struct fuzz_state *state, struct fuzz_random *random)
{
	static const int advices[] = {MADV_DONTNEED, MADV_DOFORK, MADV_DONTFORK, MADV_DODUMP,
				      MADV_WILLNEED, MADV_REMOVE, MADV_COLD,	 MADV_PAGEOUT};
	struct fuzz_place place = fuzz_place(state, random), other = fuzz_place(state, random);
	size_t size = place.size ? place.size : DRM_CLIENT_PAGE;
	char *cpu = place.cpu;

	if (fuzz_one_in(random, 3))
		size = (1 + fuzz_below(random, 4)) * DRM_CLIENT_PAGE;
	if (fuzz_one_in(random, 3))
		cpu += fuzz_below(random, 4) * DRM_CLIENT_PAGE;
	fuzz_count(&fuzz_state_shared(state)->calls);
	switch (fuzz_below(random, 4)) {
	case 0:
		munmap(cpu, size);
		break;
	case 1:
		mprotect(cpu, size, (int)fuzz_below(random, 8));
		break;
	case 2:
		madvise(cpu, size,
			advices[fuzz_below(random, sizeof(advices) / sizeof(advices[0]))]);
		break;
	default:
		if (place.cpu == other.cpu || size > FUZZ_PLACE_SIZE)
			return;
		if (mremap(cpu, fuzz_one_in(random, 8) ? 0 : size, size,
			   MREMAP_MAYMOVE | MREMAP_FIXED, other.cpu) == other.cpu) {
			other.size = size;
			fuzz_keep_mapping(state, &other);
		}
	}
}

/* An entry that may well be good. */
static void make_sqe(struct fuzz_state *state, struct fuzz_random *random, struct sl200_sqe *sqe)
{
	static const uint8_t opcodes[] = {
		SL200_OP_NOP,	 SL200_OP_NOP,	SL200_OP_COPY,	    SL200_OP_FILL,
		SL200_OP_SIGNAL, SL200_OP_WAIT, SL200_OP_TIMESTAMP, SL200_OP_ENCODE,
	};

	*sqe = (struct sl200_sqe){
		.opcode = opcodes[fuzz_below(random, sizeof(opcodes))],
		.flags = (uint8_t)fuzz_below(random, 4),
		.timeout_us = fuzz_below(random, 20000),
		.tag = fuzz_next(random),
	};
	switch (sqe->opcode) {
	case SL200_OP_COPY:
		sqe->src = fuzz_iova(state, random);
		/* fall through */
	case SL200_OP_FILL:
		sqe->dst = fuzz_iova(state, random);
		sqe->width = 1 + fuzz_below(random, 1u << fuzz_below(random, 18));
		sqe->height = 1 + (fuzz_one_in(random, 4) ? fuzz_below(random, 4) : 0);
		sqe->src_pitch = sqe->opcode == SL200_OP_COPY ? sqe->width : 0;
		sqe->dst_pitch = sqe->width;
		break;
	case SL200_OP_WAIT:
	case SL200_OP_ENCODE:
		sqe->src = fuzz_iova(state, random) & ~7ull;
		sqe->width = sqe->opcode == SL200_OP_ENCODE ? 376 : 0;
		break;
	case SL200_OP_SIGNAL:
	case SL200_OP_TIMESTAMP:
		sqe->dst = fuzz_iova(state, random) & ~7ull;
		break;
	default:
		break;
	}
	if (fuzz_one_in(random, 8))
		memset((char *)sqe + fuzz_below(random, sizeof(*sqe)), (int)fuzz_next(random), 1);
}

/* Write to whatever is mapped: entries where rings begin, indices where doorbells may be. */
static void do_touch(struct fuzz_state *state, struct fuzz_random *random)
{
	struct fuzz_shared *shared = fuzz_state_shared(state);
	struct fuzz_place place = fuzz_place(state, random);
	volatile uint32_t *words = (volatile uint32_t *)place.cpu;
	unsigned int i, limit = (unsigned int)(place.size / sizeof(uint32_t));
	struct sl200_sqe sqe;

	if (!limit)
		return;
	if (sigsetjmp(touch_return, 0)) {
		touching = 0;
		fuzz_count(&shared->faults);
		return;
	}
	touching = 1;
	switch (fuzz_below(random, 4)) {
	case 0:
		for (i = 0; i < 8 && (i + 1) * sizeof(sqe) <= place.size; i++) {
			touching = 0;
			make_sqe(state, random, &sqe);
			touching = 1;
			memcpy(place.cpu + i * sizeof(sqe), &sqe, sizeof(sqe));
		}
		break;
	case 1:
		fuzz_count(&shared->doorbells);
		words[fuzz_below(random, 2)] = fuzz_below(random, 12);
		break;
	case 2:
		for (i = 0; i < 4; i++)
			words[fuzz_below(random, limit)] = (uint32_t)fuzz_number(random);
		break;
	default:
		for (i = 0; i < 4; i++)
			(void)words[fuzz_below(random, limit)];
	}
	touching = 0;
}

/* What else a file can be asked, and what the kernel shows of the client. */
static void do_file(struct fuzz_state *state, struct fuzz_random *random)
{
	struct pollfd poll_fd = {.fd = fuzz_fd(state, random), .events = POLLIN | POLLOUT};
	char path[64], data[2048];
	int fd;

	fuzz_count(&fuzz_state_shared(state)->calls);
	switch (fuzz_below(random, 4)) {
	case 0:
		poll(&poll_fd, 1, 0);
		break;
	case 1:
		lseek(poll_fd.fd, (off_t)fuzz_number(random), (int)fuzz_below(random, 5));
		break;
	case 2:
		if (fcntl(poll_fd.fd, F_SETFL, O_NONBLOCK) ||
		    read(poll_fd.fd, data, sizeof(data)) < 0)
			return;
		break;
	default:
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", poll_fd.fd);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		while (fd >= 0 && read(fd, data, sizeof(data)) > 0)
			;
		if (fd >= 0)
			close(fd);
	}
}

/* A child with the same files but none of the mappings of queues; it ends somehow. */
static void do_fork(struct fuzz_state *state, struct fuzz_random *random)
{
	struct fuzz_random other = {fuzz_next(random)};
	unsigned int i, count = fuzz_below(random, 20);
	pid_t pid = fork();

	if (!pid) {
		/* Another thread may have held the lock of the table: only what takes none. */
		int fd = drm_client_open(0);

		for (i = 0; i < count; i++) {
			struct drm_sl200_queue_create args = {
				.depth = 2u << fuzz_below(&other, 8),
				.priority = fuzz_below(&other, 3),
				.weight = 1,
			};
			struct drm_sl200_query query = {.type = fuzz_below(&other, 10)};

			if (fuzz_one_in(&other, 2))
				call(state, fd, DRM_IOCTL_SL200_QUEUE_CREATE, &args);
			else
				call(state, fd, DRM_IOCTL_SL200_QUERY, &query);
		}
		if (fuzz_one_in(&other, 2))
			raise(SIGKILL);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

void fuzz_act(struct fuzz_state *state, struct fuzz_random *random)
{
	static const struct {
		void (*act)(struct fuzz_state *state, struct fuzz_random *random);
		unsigned int share;
	} actions[] = {
		{do_open, 4},
		{do_dup, 4},
		{do_close, 3},
		{do_query, 40},
		{do_bo_create, 20},
		{do_bo_info, 60},
		{do_bo_close, 20},
		{do_export, 20},
		{do_import, 20},
		{do_queue_create, 12},
		{do_queue_destroy, 12},
		{do_queue_wait, 80},
		{do_queue_wake, 80},
		{do_queue_eventfd, 60},
		{do_queue_doorbell, 60},
		{do_queue_info, 15},
		{do_any_ioctl, 200},
		{do_mmap, 80},
		{do_remap, 60},
		{do_touch, 120},
		{do_file, 20},
		{do_fork, 1},
	};
	const unsigned int count = sizeof(actions) / sizeof(actions[0]);
	unsigned int i, pick, total = 0;

	for (i = 0; i < count; i++)
		total += actions[i].share;
	pick = fuzz_below(random, total);
	for (i = 0; pick >= actions[i].share; i++)
		pick -= actions[i].share;
	actions[i].act(state, random);
}
