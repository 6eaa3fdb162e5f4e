// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "driver/core/ring.h"
#include "tests/vm/drm_client.h"

#define FIRST_NODE 128u
#define NODES 64u
#define JOB_TIMEOUT_MS 20000u
#define WAIT_STEP_MS 100

/* Whether the node is of the driver sl200. */
static bool is_ours(int fd)
{
	char name[sizeof(DRM_SL200_NAME)] = "";
	struct drm_version version = {.name = name, .name_len = sizeof(name) - 1};

	return !drm_client_call(fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, DRM_SL200_NAME);
}

int drm_client_open(unsigned int card)
{
	char path[64];
	unsigned int i;
	int fd;

	for (i = 0; i < NODES; i++) {
		snprintf(path, sizeof(path), "/dev/dri/renderD%u", FIRST_NODE + i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (is_ours(fd) && !card--)
			return fd;
		close(fd);
	}
	return -ENODEV;
}

int drm_client_call(int fd, unsigned long request, void *arg)
{
	while (ioctl(fd, request, arg)) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

int drm_client_query(int fd, uint32_t type, void *data, uint32_t size)
{
	struct drm_sl200_query query = {.type = type, .size = size, .pointer = (uintptr_t)data};
	int ret = drm_client_call(fd, DRM_IOCTL_SL200_QUERY, &query);

	if (!ret && query.size != size)
		ret = -EPROTO;
	return ret;
}

int drm_client_bo_create(int fd, uint64_t size, uint32_t flags, struct drm_sl200_bo_create *bo)
{
	*bo = (struct drm_sl200_bo_create){.size = size, .flags = flags};
	return drm_client_call(fd, DRM_IOCTL_SL200_BO_CREATE, bo);
}

int drm_client_bo_info(int fd, uint32_t handle, struct drm_sl200_bo_info *info)
{
	*info = (struct drm_sl200_bo_info){.handle = handle};
	return drm_client_call(fd, DRM_IOCTL_SL200_BO_INFO, info);
}

int drm_client_bo_close(int fd, uint32_t handle)
{
	struct drm_gem_close args = {.handle = handle};

	return drm_client_call(fd, DRM_IOCTL_GEM_CLOSE, &args);
}

void *drm_client_bo_map(int fd, const struct drm_sl200_bo_create *bo)
{
	void *cpu = mmap(NULL, bo->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 (off_t)bo->mmap_offset);

	return cpu == MAP_FAILED ? NULL : cpu;
}

int drm_client_export(int fd, uint32_t handle, int *dmabuf)
{
	struct drm_prime_handle args = {.handle = handle, .flags = DRM_CLOEXEC | DRM_RDWR};
	int ret = drm_client_call(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args);

	*dmabuf = ret ? -1 : args.fd;
	return ret;
}

int drm_client_import(int fd, int dmabuf, uint32_t *handle)
{
	struct drm_prime_handle args = {.fd = dmabuf};
	int ret = drm_client_call(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args);

	*handle = ret ? 0 : args.handle;
	return ret;
}

static void *map_part(int fd, size_t size, uint64_t offset, int prot)
{
	void *cpu = mmap(NULL, size, prot, MAP_SHARED, fd, (off_t)offset);

	return cpu == MAP_FAILED ? NULL : cpu;
}

int drm_client_queue_create(int fd, uint32_t depth, struct drm_client_queue *queue)
{
	struct drm_sl200_queue_create *info = &queue->info;
	int ret;

	memset(queue, 0, sizeof(*queue));
	queue->fd = fd;
	*info = (struct drm_sl200_queue_create){
		.depth = depth,
		.priority = SL200_PRIO_NORMAL,
		.weight = 16,
	};
	ret = drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_CREATE, info);
	if (ret)
		return ret;
	queue->sq = map_part(fd, core_ring_bytes(depth, sizeof(*queue->sq)), info->sq_offset,
			     PROT_READ | PROT_WRITE);
	queue->cq = map_part(fd, core_ring_bytes(depth, sizeof(*queue->cq)), info->cq_offset,
			     PROT_READ | PROT_WRITE);
	queue->doorbell =
		map_part(fd, DRM_CLIENT_PAGE, info->doorbell_offset, PROT_READ | PROT_WRITE);
	queue->status = map_part(fd, DRM_CLIENT_PAGE, info->status_offset, PROT_READ);
	if (queue->sq && queue->cq && queue->doorbell && queue->status)
		return 0;
	ret = -errno;
	drm_client_queue_destroy(queue);
	return ret;
}

void drm_client_queue_unmap(struct drm_client_queue *queue)
{
	if (queue->sq)
		munmap(queue->sq, core_ring_bytes(queue->info.depth, sizeof(*queue->sq)));
	if (queue->cq)
		munmap(queue->cq, core_ring_bytes(queue->info.depth, sizeof(*queue->cq)));
	if (queue->doorbell)
		munmap((void *)queue->doorbell, DRM_CLIENT_PAGE);
	if (queue->status)
		munmap((void *)queue->status, DRM_CLIENT_PAGE);
	queue->sq = NULL;
	queue->cq = NULL;
	queue->doorbell = NULL;
	queue->status = NULL;
}

int drm_client_queue_destroy(struct drm_client_queue *queue)
{
	struct drm_sl200_queue_destroy args = {.queue = queue->info.queue};
	int ret = drm_client_call(queue->fd, DRM_IOCTL_SL200_QUEUE_DESTROY, &args);

	drm_client_queue_unmap(queue);
	return ret;
}

void drm_client_submit(struct drm_client_queue *queue, const struct sl200_sqe *sqe)
{
	core_sq_write(queue->sq, queue->info.depth, queue->tail, sqe);
	queue->tail++;
	/* The entry before the doorbell. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	queue->doorbell[SL200_DOORBELL_SQ_TAIL / sizeof(uint32_t)] = queue->tail;
}

int drm_client_collect(struct drm_client_queue *queue, struct sl200_cqe *cqe,
		       unsigned int timeout_ms)
{
	int64_t now, deadline = drm_client_now_ms() + timeout_ms;
	struct drm_sl200_queue_wait wait;
	bool stopped;
	int ret;

	for (;;) {
		wait = (struct drm_sl200_queue_wait){
			.queue = queue->info.queue,
			.seen = queue->status->irqs,
		};
		stopped = queue->status->state != DRM_SL200_QUEUE_RUNNING;
		if (core_cq_read(queue->cq, queue->info.depth, queue->head, cqe))
			break;
		now = drm_client_now_ms();
		if (stopped)
			return -EPIPE;
		if (now >= deadline)
			return -ETIME;
		/* Faults of rings come without an interrupt of the queue's own: look now and then.
		 */
		wait.timeout_ns = (now + WAIT_STEP_MS) * 1000000;
		ret = drm_client_call(queue->fd, DRM_IOCTL_SL200_QUEUE_WAIT, &wait);
		if (ret && ret != -ETIME)
			return ret;
	}
	queue->head++;
	queue->doorbell[SL200_DOORBELL_CQ_HEAD / sizeof(uint32_t)] = queue->head;
	return 0;
}

int drm_client_run(struct drm_client_queue *queue, const struct sl200_sqe *sqe)
{
	struct sl200_sqe entry = *sqe;
	struct sl200_cqe cqe;
	int ret;

	entry.flags |= SL200_SQE_F_IRQ;
	drm_client_submit(queue, &entry);
	ret = drm_client_collect(queue, &cqe, JOB_TIMEOUT_MS);
	return ret ? ret : cqe.status;
}

int drm_client_copy(struct drm_client_queue *queue, uint64_t dst, uint64_t src, uint32_t size)
{
	struct sl200_sqe sqe = {
		.opcode = SL200_OP_COPY,
		.src = src,
		.dst = dst,
		.width = size,
		.height = 1,
	};

	return drm_client_run(queue, &sqe);
}

int drm_client_fill(struct drm_client_queue *queue, uint64_t dst, uint32_t size, uint64_t value)
{
	struct sl200_sqe sqe = {
		.opcode = SL200_OP_FILL,
		.dst = dst,
		.value = value,
		.width = size,
		.height = 1,
	};

	return drm_client_run(queue, &sqe);
}

int64_t drm_client_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

int drm_client_parameter(const char *name, unsigned int value, unsigned int *old)
{
	char path[96];
	FILE *file;
	int ret = 0;

	snprintf(path, sizeof(path), "/sys/module/sl200/parameters/%s", name);
	file = fopen(path, "r+");
	if (!file)
		return -errno;
	if (old && fscanf(file, "%u", old) != 1)
		ret = -EPROTO;
	rewind(file);
	if (!ret && fprintf(file, "%u\n", value) < 0)
		ret = -EIO;
	if (fclose(file) && !ret)
		ret = -errno;
	return ret;
}
