// SPDX-License-Identifier: MIT
/*
 * The transport of the kernel driver, and the library's queues on it, against a kernel that is this
 * file: one memfd is the device node's memory, counters tell what was asked for.
 */
#include <CUnit/Basic.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/sl200_fw.h"
#include "driver/core/ring.h"
#include "libsl/device.h"
#include "libsl/drm.h"
#include "libsl/event.h"
#include "libsl/queue.h"
#include "tests/suite.h"

#define PAGE 4096u
#define NODE "/dev/dri/renderD128"
#define DEPTH 4u
#define IOVA_OF(handle) (0x10000000ull * (handle))

static struct {
	/* what the kernel answers */
	int open_errno, fail_errno;
	unsigned long fail_request; /* fails with fail_errno */
	unsigned int fail_times;
	const char *name;
	int major;
	unsigned int fail_mmap; /* the n-th from now */
	size_t log_entries;
	struct drm_sl200_query_error error;

	/* what it knows */
	int fd;
	uint64_t end; /* of the node's memory in use */
	uint32_t handles, closed;
	struct {
		uint64_t offset, size;
		uint32_t flags;
		int dmabuf;
	} bo[32];
	unsigned int queues_created, queues_destroyed;
	uint64_t queue_offset[4];
	struct drm_sl200_queue_status *status;
	struct sl200_sqe *sq;
	struct sl200_cqe *cq;
	volatile uint32_t *doorbell;
	_Atomic unsigned int ioctls, waits;
	int64_t wait_until;
	unsigned int open_fds;
	_Atomic int mappings;
} kernel;

static int fake_open(const char *path, int flags)
{
	if (kernel.open_errno) {
		errno = kernel.open_errno;
		return -1;
	}
	CU_ASSERT_STRING_EQUAL(path, NODE);
	kernel.open_fds++;
	return kernel.fd;
}

static int fake_close(int fd)
{
	CU_ASSERT_EQUAL(fd, kernel.fd);
	kernel.open_fds--;
	return 0;
}

static void *fake_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	void *cpu;
	int i;

	if (fd == kernel.fd && kernel.fail_mmap && !--kernel.fail_mmap) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	cpu = mmap(addr, size, prot, flags, fd, offset);
	if (cpu == MAP_FAILED)
		return cpu;
	if (!(flags & MAP_FIXED))
		kernel.mappings++;
	/* As the driver does: a child of fork() has no mapping of a queue. */
	for (i = 0; fd == kernel.fd && i < 4; i++) {
		if ((uint64_t)offset == kernel.queue_offset[i])
			madvise(cpu, size, MADV_DONTFORK);
	}
	return cpu;
}

static int fake_munmap(void *addr, size_t size)
{
	kernel.mappings--;
	return munmap(addr, size);
}

static uint64_t take(uint64_t size)
{
	uint64_t offset = kernel.end;

	kernel.end += (size + PAGE - 1) / PAGE * PAGE;
	CU_ASSERT_EQUAL_FATAL(ftruncate(kernel.fd, (off_t)kernel.end), 0);
	return offset;
}

static void *window(uint64_t offset, uint64_t size)
{
	void *cpu = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, kernel.fd, (off_t)offset);

	CU_ASSERT_FATAL(cpu != MAP_FAILED);
	return cpu;
}

static int answer(struct drm_sl200_query *query, const void *data, size_t size)
{
	if (query->size) {
		query->size = query->size < size ? query->size : (uint32_t)size;
		memcpy((void *)(uintptr_t)query->pointer, data, query->size);
	} else {
		query->size = (uint32_t)size;
	}
	return 0;
}

static int fake_query(struct drm_sl200_query *query)
{
	/* An older driver: it knows less of the capabilities than this library. */
	static const struct sl200_caps caps = {
		.num_queues = 100000, .num_asids = 8, .max_depth = 65536, .num_enc = 77};
	static const struct drm_sl200_query_device device = {
		.serial = 0x1234,
		.implementation = DRM_SL200_RTL,
		.max_queues = 9,
		.max_depth = 4096,
		.max_bos = 10,
		.max_bo_size = 1 << 30,
	};
	static const struct drm_sl200_query_memory memory = {.host_used = 1 << 20,
							     .host_limit = 2 << 20};
	static const struct drm_sl200_query_stats stats = {.doorbells = 11};
	static const struct drm_sl200_query_engine engines[2] = {
		{.kind = SL200_ENGINE_DMA}, {.kind = SL200_ENGINE_VENC, .jobs = 5}};
	struct sl200_log_entry log[16] = {0};
	size_t i;

	switch (query->type) {
	case DRM_SL200_QUERY_DEVICE:
		return answer(query, &device, sizeof(device));
	case DRM_SL200_QUERY_CAPS:
		return answer(query, &caps, offsetof(struct sl200_caps, enc));
	case DRM_SL200_QUERY_MEMORY:
		return answer(query, &memory, sizeof(memory));
	case DRM_SL200_QUERY_STATS:
		return answer(query, &stats, sizeof(stats));
	case DRM_SL200_QUERY_ENGINES:
		return answer(query, engines, sizeof(engines));
	case DRM_SL200_QUERY_FW_STATS:
		return answer(query, &(struct sl200_fw_stats){.jobs = 3},
			      sizeof(struct sl200_fw_stats));
	case DRM_SL200_QUERY_LOG:
		for (i = 0; i < 16; i++)
			log[i].seq = (uint32_t)i + 1;
		return answer(query, log, kernel.log_entries * sizeof(log[0]));
	case DRM_SL200_QUERY_ERROR:
		return answer(query, &kernel.error, sizeof(kernel.error));
	default:
		errno = EINVAL;
		return -1;
	}
}

static int fake_version(struct drm_version *version)
{
	version->version_major = kernel.major;
	memcpy(version->name, kernel.name,
	       strlen(kernel.name) < version->name_len ? strlen(kernel.name) : version->name_len);
	version->name_len = strlen(kernel.name);
	return 0;
}

static uint32_t new_handle(uint64_t size, uint32_t flags, int dmabuf)
{
	uint32_t handle = ++kernel.handles;

	CU_ASSERT_FATAL(handle < 32);
	kernel.bo[handle].size = (size + PAGE - 1) / PAGE * PAGE;
	kernel.bo[handle].offset = flags & DRM_SL200_BO_HOST ? take(size) : 0;
	kernel.bo[handle].flags = flags;
	kernel.bo[handle].dmabuf = dmabuf;
	return handle;
}

static int fake_bo_create(struct drm_sl200_bo_create *create)
{
	create->handle = new_handle(create->size, create->flags, -1);
	create->size = kernel.bo[create->handle].size;
	create->iova = IOVA_OF(create->handle);
	create->mmap_offset = kernel.bo[create->handle].offset;
	return 0;
}

/* The kernel knows a dma-buf by its file, whatever the descriptor: here, by its device and inode.
 */
static int fake_import(struct drm_prime_handle *prime)
{
	uint32_t i;

	for (i = 1; i <= kernel.handles; i++) {
		if (kernel.bo[i].dmabuf == prime->fd) {
			prime->handle = i;
			return 0;
		}
	}
	prime->handle = new_handle(2 * PAGE, DRM_SL200_BO_IMPORTED, prime->fd);
	return 0;
}

static int fake_queue_create(struct drm_sl200_queue_create *create)
{
	const uint64_t size[4] = {create->depth * sizeof(*kernel.sq),
				  create->depth * sizeof(*kernel.cq), PAGE, PAGE};
	int i;

	for (i = 0; i < 4; i++)
		kernel.queue_offset[i] = take(size[i]);
	create->queue = 7;
	create->sq_offset = kernel.queue_offset[0];
	create->cq_offset = kernel.queue_offset[1];
	create->doorbell_offset = kernel.queue_offset[2];
	create->status_offset = kernel.queue_offset[3];
	kernel.sq = window(create->sq_offset, PAGE);
	kernel.cq = window(create->cq_offset, PAGE);
	kernel.doorbell = window(create->doorbell_offset, PAGE);
	kernel.status = window(create->status_offset, PAGE);
	kernel.queues_created++;
	return 0;
}

static int fake_wait(struct drm_sl200_queue_wait *wait)
{
	CU_ASSERT_EQUAL(wait->queue, 7);
	kernel.wait_until = wait->timeout_ns;
	kernel.waits++;
	while (__atomic_load_n(&kernel.status->irqs, __ATOMIC_ACQUIRE) == wait->seen) {
		if (monotonic_ns() > wait->timeout_ns) {
			errno = ETIME;
			return -1;
		}
		usleep(100);
	}
	return 0;
}

static void signal_state(uint32_t state)
{
	__atomic_store_n(&kernel.status->state, state, __ATOMIC_RELEASE);
	__atomic_fetch_add(&kernel.status->irqs, 1, __ATOMIC_RELEASE);
}

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	CU_ASSERT_EQUAL(fd, kernel.fd);
	kernel.ioctls++;
	if (request == kernel.fail_request && kernel.fail_times) {
		kernel.fail_times--;
		errno = kernel.fail_errno;
		return -1;
	}
	switch (request) {
	case DRM_IOCTL_VERSION:
		return fake_version(arg);
	case DRM_IOCTL_SL200_QUERY:
		return fake_query(arg);
	case DRM_IOCTL_SL200_BO_CREATE:
		return fake_bo_create(arg);
	case DRM_IOCTL_SL200_BO_INFO: {
		struct drm_sl200_bo_info *info = arg;

		info->size = kernel.bo[info->handle].size;
		info->flags = kernel.bo[info->handle].flags;
		info->iova = IOVA_OF(info->handle);
		info->mmap_offset = kernel.bo[info->handle].offset;
		return 0;
	}
	case DRM_IOCTL_GEM_CLOSE:
		kernel.bo[((struct drm_gem_close *)arg)->handle].dmabuf = -1;
		kernel.closed++;
		return 0;
	case DRM_IOCTL_PRIME_FD_TO_HANDLE:
		return fake_import(arg);
	case DRM_IOCTL_PRIME_HANDLE_TO_FD: {
		struct drm_prime_handle *prime = arg;

		CU_ASSERT_EQUAL(prime->flags, DRM_CLOEXEC | DRM_RDWR);
		prime->fd = memfd_create("dmabuf", MFD_CLOEXEC);
		kernel.bo[prime->handle].dmabuf = prime->fd;
		return 0;
	}
	case DRM_IOCTL_SL200_QUEUE_CREATE:
		return fake_queue_create(arg);
	case DRM_IOCTL_SL200_QUEUE_DESTROY:
		CU_ASSERT_EQUAL(((struct drm_sl200_queue_destroy *)arg)->queue, 7);
		kernel.queues_destroyed++;
		signal_state(DRM_SL200_QUEUE_LOST);
		return 0;
	case DRM_IOCTL_SL200_QUEUE_WAIT:
		return fake_wait(arg);
	case DRM_IOCTL_SL200_QUEUE_WAKE:
		__atomic_fetch_add(&kernel.status->irqs, 1, __ATOMIC_RELEASE);
		return 0;
	case DRM_IOCTL_SL200_QUEUE_INFO:
		((struct sl200_queue_info *)(uintptr_t)((struct drm_sl200_queue_info *)arg)
			 ->pointer)
			->jobs = 42;
		return 0;
	default:
		errno = ENOTTY;
		return -1;
	}
}

static const struct drm_sys sys = {
	.open = fake_open,
	.close = fake_close,
	.ioctl = fake_ioctl,
	.mmap = fake_mmap,
	.munmap = fake_munmap,
};

static void boot(void)
{
	if (kernel.fd)
		close(kernel.fd);
	memset(&kernel, 0, sizeof(kernel));
	kernel.fd = memfd_create("node", MFD_CLOEXEC);
	CU_ASSERT_FATAL(kernel.fd > 0);
	kernel.end = PAGE;
	kernel.name = "sl200";
	kernel.major = DRM_SL200_VERSION_MAJOR;
}

static int try_open(struct drm_transport **drm)
{
	int ret = drm_transport_open(&sys, NODE, drm);

	return ret ? ret : drm_transport_init(*drm, NODE);
}

/* A device as sl_device_open() makes it. */
static struct sl_device *setup(void)
{
	struct sl_device *device = calloc(1, sizeof(*device));
	struct drm_transport *drm = NULL;

	boot();
	CU_ASSERT_EQUAL_FATAL(try_open(&drm), 0);
	device->transport = &drm->base;
	device->info = drm->base.info;
	pthread_mutex_init(&device->lock, NULL);
	link_init(&device->queues);
	link_init(&device->buffers);
	link_init(&device->surfaces);
	return device;
}

/* All that was taken is given back. */
static void teardown(struct sl_device *device)
{
	device->transport->ops->close(device->transport);
	free(device);
	CU_ASSERT_EQUAL(kernel.open_fds, 0);
	CU_ASSERT_EQUAL(kernel.mappings, 0);
	CU_ASSERT_EQUAL(kernel.closed, kernel.handles);
	CU_ASSERT_EQUAL(kernel.queues_created, kernel.queues_destroyed);
}

static void fail_next(unsigned long request, int error, unsigned int times)
{
	kernel.fail_request = request;
	kernel.fail_errno = error;
	kernel.fail_times = times;
}

static void expect_refusal(int ret, const char *word)
{
	struct drm_transport *drm;

	CU_ASSERT_EQUAL(try_open(&drm), ret);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), word));
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), NODE));
	CU_ASSERT_EQUAL(kernel.open_fds, 0);
}

static void test_open(void)
{
	struct sl_device *device;

	boot();
	kernel.open_errno = ENOENT;
	expect_refusal(SL_ERR_NO_DEVICE, "No such file");
	kernel.open_errno = EACCES;
	expect_refusal(SL_ERR_PERMISSION, "usermod -aG render");
	kernel.open_errno = 0;
	kernel.name = "i915";
	expect_refusal(SL_ERR_NO_DEVICE, "'i915'");
	kernel.name = "sl200-and-a-name-that-is-longer-than-any";
	expect_refusal(SL_ERR_NO_DEVICE, "driver is 'sl200-and");
	kernel.name = "sl200";
	kernel.major++;
	expect_refusal(SL_ERR_NO_DEVICE, "one release");
	kernel.major--;
	fail_next(DRM_IOCTL_VERSION, ENOTTY, 1);
	expect_refusal(SL_ERR_NO_DEVICE, "not a DRM device");

	device = setup();
	CU_ASSERT_STRING_EQUAL(device->info.uri, "drm:" NODE);
	CU_ASSERT_STRING_EQUAL(device->info.implementation, "RTL simulation");
	CU_ASSERT_EQUAL(device->info.serial, 0x1234);
	/* What the card says is bounded, and what the driver did not say is zero. */
	CU_ASSERT_EQUAL(device->transport->caps.num_queues, SL200_MAX_QUEUES);
	CU_ASSERT_EQUAL(device->transport->caps.max_depth, 4096);
	CU_ASSERT_EQUAL(device->transport->caps.num_enc, SL200_CAPS_MAX_ENC);
	CU_ASSERT_EQUAL(device->transport->caps.enc[0].codec, 0);
	teardown(device);
}

static void test_errors(void)
{
	static const struct {
		int error, result;
	} errors[] = {
		{ENOMEM, SL_ERR_NO_MEMORY},   {ENOSPC, SL_ERR_NO_MEMORY},
		{ENODEV, SL_ERR_LOST},	      {EINVAL, SL_ERR_INVALID},
		{EAGAIN, SL_ERR_BUSY},	      {EPERM, SL_ERR_PERMISSION},
		{ENOTTY, SL_ERR_UNSUPPORTED}, {EDOM, SL_ERR_SYSTEM},
	};
	struct sl_device *device = setup();
	struct sl_buffer *buffer;
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fail_next(DRM_IOCTL_SL200_BO_CREATE, errors[i].error, 100);
		CU_ASSERT_EQUAL(sl_buffer_create(device, 1, SL_MEMORY_HOST, &buffer),
				errors[i].result);
	}
	/* Signals are nobody's business, and a reset that ends soon is waited for. */
	fail_next(DRM_IOCTL_SL200_BO_CREATE, EINTR, 50);
	CU_ASSERT_EQUAL(sl_buffer_create(device, 1, SL_MEMORY_HOST, &buffer), 0);
	sl_buffer_destroy(buffer);
	fail_next(DRM_IOCTL_SL200_BO_CREATE, EAGAIN, 2);
	CU_ASSERT_EQUAL(sl_buffer_create(device, 1, SL_MEMORY_HOST, &buffer), 0);
	sl_buffer_destroy(buffer);
	kernel.error.cause = DRM_SL200_LOST_GUILTY;
	kernel.error.panic = SL200_PANIC_INJECTED;
	fail_next(DRM_IOCTL_SL200_BO_CREATE, ENODEV, 1);
	CU_ASSERT_EQUAL(sl_buffer_create(device, 1, SL_MEMORY_HOST, &buffer), SL_ERR_LOST);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "injected"));
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "of this client"));
	teardown(device);
}

static void test_buffers(void)
{
	struct sl_device *device = setup();
	struct sl_buffer *host, *card, *none;

	CU_ASSERT_EQUAL(sl_buffer_create(device, 5000, SL_MEMORY_HOST, &host), 0);
	CU_ASSERT_EQUAL(sl_buffer_size(host), 8192);
	CU_ASSERT_EQUAL(sl_buffer_iova(host), IOVA_OF(1));
	memset(sl_buffer_map(host), 0x5a, 8192);
	CU_ASSERT_EQUAL(*(uint8_t *)window(kernel.bo[1].offset + PAGE, PAGE), 0x5a);
	CU_ASSERT_EQUAL(sl_buffer_create(device, 1, SL_MEMORY_CARD, &card), 0);
	CU_ASSERT_EQUAL(kernel.bo[2].flags, DRM_SL200_BO_CARD);
	CU_ASSERT_PTR_NULL(sl_buffer_map(card));
	CU_ASSERT_EQUAL(sl_buffer_wait(host, 1, 0), 0);
	/* Too large for the driver, out of the client's limit, and not to be mapped. */
	CU_ASSERT_EQUAL(sl_buffer_create(device, (1 << 30) + 1, SL_MEMORY_HOST, &none),
			SL_ERR_NO_MEMORY);
	fail_next(DRM_IOCTL_SL200_BO_CREATE, ENOSPC, 1);
	CU_ASSERT_EQUAL(sl_buffer_create(device, 1, SL_MEMORY_HOST, &none), SL_ERR_NO_MEMORY);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "1 of 2 MiB"));
	kernel.fail_mmap = 1;
	CU_ASSERT_EQUAL(sl_buffer_create(device, 1, SL_MEMORY_HOST, &none), SL_ERR_NO_MEMORY);
	CU_ASSERT_EQUAL(kernel.closed, 1);
	sl_buffer_destroy(host);
	sl_buffer_destroy(card);
	teardown(device);
}

static void test_sharing(void)
{
	struct sl_device *device = setup();
	struct sl200_surface layout = {.format = SL200_FORMAT_NV12,
				       .width = 64,
				       .height = 64,
				       .pitch = {64, 64},
				       .offset = {0, 4096}};
	struct sl_buffer *own, *again, *other[2];
	struct sl_surface *surface;
	int fd, pipe_fd[2];

	CU_ASSERT_EQUAL(sl_buffer_create(device, 1, SL_MEMORY_HOST, &own), 0);
	CU_ASSERT_EQUAL(sl_buffer_export(own, &fd), 0);
	CU_ASSERT_EQUAL(sl_buffer_import(device, fd, &again), 0);
	close(fd);
	CU_ASSERT_EQUAL(sl_buffer_iova(again), sl_buffer_iova(own));
	CU_ASSERT_EQUAL(sl_buffer_wait(again, 1, 0), 0);
	/* The kernel has one handle of it: it goes with the last. */
	sl_buffer_destroy(own);
	CU_ASSERT_EQUAL(kernel.closed, 0);
	memset(sl_buffer_map(again), 1, PAGE);
	sl_buffer_destroy(again);
	CU_ASSERT_EQUAL(kernel.closed, 1);

	/* A pipe can be mapped as little as many exporters' memory, and is busy until written. */
	CU_ASSERT_EQUAL_FATAL(pipe(pipe_fd), 0);
	CU_ASSERT_EQUAL(sl_buffer_import(device, pipe_fd[0], &other[0]), 0);
	CU_ASSERT_EQUAL(sl_buffer_import(device, pipe_fd[0], &other[1]), 0);
	CU_ASSERT_PTR_NULL(sl_buffer_map(other[0]));
	CU_ASSERT_EQUAL(sl_buffer_size(other[0]), 2 * PAGE);
	CU_ASSERT_EQUAL(sl_buffer_iova(other[0]), sl_buffer_iova(other[1]));
	sl_buffer_destroy(other[1]);
	CU_ASSERT_EQUAL(sl_buffer_wait(other[0], 0, 0), SL_ERR_TIMEOUT);
	CU_ASSERT_EQUAL(sl_buffer_wait(other[0], 0, 2000000), SL_ERR_TIMEOUT);
	CU_ASSERT_EQUAL(write(pipe_fd[1], "", 1), 1);
	CU_ASSERT_EQUAL(sl_buffer_wait(other[0], 0, SL_WAIT_FOREVER), 0);
	/* A surface takes it over, if the layout is inside. */
	layout.pitch[1] = 32;
	CU_ASSERT_EQUAL(sl_surface_create_on(other[0], &layout, &surface), SL_ERR_INVALID);
	layout.pitch[1] = 64;
	layout.offset[1] = 8192 - 64 * 32 + 64;
	CU_ASSERT_EQUAL(sl_surface_create_on(other[0], &layout, &surface), SL_ERR_INVALID);
	layout.offset[1] -= 64;
	CU_ASSERT_EQUAL_FATAL(sl_surface_create_on(other[0], &layout, &surface), 0);
	CU_ASSERT_EQUAL(sl_surface_layout(surface)->iova, IOVA_OF(2));
	sl_surface_destroy(surface);
	CU_ASSERT_EQUAL(kernel.closed, 2);

	fail_next(DRM_IOCTL_PRIME_FD_TO_HANDLE, EINVAL, 1);
	CU_ASSERT_EQUAL(sl_buffer_import(device, pipe_fd[1], &again), SL_ERR_INVALID);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "not a dma-buf"));
	fail_next(DRM_IOCTL_SL200_BO_INFO, EDOM, 1);
	CU_ASSERT_EQUAL(sl_buffer_import(device, pipe_fd[1], &again), SL_ERR_SYSTEM);
	CU_ASSERT_EQUAL(kernel.closed, 3);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	teardown(device);
}

static struct sl_queue *make_queue(struct sl_device *device)
{
	struct sl_queue_params params = {.depth = DEPTH};
	struct sl_queue *queue = NULL;

	CU_ASSERT_EQUAL_FATAL(sl_queue_create(device, &params, &queue), 0);
	return queue;
}

/* The card completes the job of a number. */
static void complete(uint32_t seqno)
{
	struct sl200_cqe *cqe = &kernel.cq[(seqno - 1) & (DEPTH - 1)];

	cqe->tag = seqno;
	cqe->sq_head = seqno;
	cqe->status = SL200_STATUS_OK;
	__atomic_store_n(&cqe->phase, core_cq_phase(seqno - 1, DEPTH), __ATOMIC_RELEASE);
}

static void test_no_system_call(void)
{
	struct sl_device *device = setup();
	struct sl_queue *queue = make_queue(device);
	unsigned int before = kernel.ioctls;
	uint32_t i;

	for (i = 1; i <= 100; i++) {
		CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), 0);
		CU_ASSERT_EQUAL(kernel.sq[(i - 1) & (DEPTH - 1)].tag, i);
		CU_ASSERT_EQUAL(kernel.doorbell[SL200_DOORBELL_SQ_TAIL / 4], i);
		complete(i);
		CU_ASSERT_EQUAL(sl_queue_wait(queue, i, 0, NULL), 0);
	}
	CU_ASSERT_EQUAL(kernel.ioctls, before);
	CU_ASSERT_TRUE(kernel.doorbell[SL200_DOORBELL_CQ_HEAD / 4] >= 100 - DEPTH);
	sl_queue_destroy(queue);
	teardown(device);
}

static void *complete_soon(void *arg)
{
	while (!kernel.waits)
		usleep(1000);
	complete(1);
	signal_state(DRM_SL200_QUEUE_RUNNING);
	return NULL;
}

static void test_sleep(void)
{
	struct sl_device *device = setup();
	struct sl_queue *queue = make_queue(device);
	int64_t start = monotonic_ns();
	pthread_t thread;

	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), 0);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, 3000000, NULL), SL_ERR_TIMEOUT);
	/* The limit is a point in time, so that a signal does not prolong it. */
	CU_ASSERT_TRUE(kernel.waits >= 1 && kernel.wait_until > start &&
		       kernel.wait_until < monotonic_ns());
	kernel.waits = 0;
	CU_ASSERT_EQUAL(pthread_create(&thread, NULL, complete_soon, NULL), 0);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, SL_WAIT_FOREVER, NULL), 0);
	pthread_join(thread, NULL);
	/* Errors that say nothing of the queue end no wait early, and are no reason to give up. */
	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), 0);
	fail_next(DRM_IOCTL_SL200_QUEUE_WAIT, ENOMEM, 3);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 2, 20000000, NULL), SL_ERR_TIMEOUT);
	/* One that is gone does. */
	kernel.error.cause = DRM_SL200_LOST_REMOVED;
	fail_next(DRM_IOCTL_SL200_QUEUE_WAIT, ENODEV, 1);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 2, SL_WAIT_FOREVER, NULL), SL_ERR_LOST);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "removed"));
	sl_queue_destroy(queue);
	teardown(device);
}

static void test_fault(void)
{
	struct sl_device *device = setup();
	struct sl_queue *queue = make_queue(device);
	unsigned int before;

	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), 0);
	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), 0);
	complete(1);
	signal_state(DRM_SL200_QUEUE_FAULTED);
	before = kernel.ioctls;
	/* What the card completed before is there, and the rest never comes. */
	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), SL_ERR_FAULT);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 1, SL_WAIT_FOREVER, NULL), 0);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 2, 0, NULL), SL_ERR_FAULT);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 2, SL_WAIT_FOREVER, NULL), SL_ERR_FAULT);
	CU_ASSERT_EQUAL(kernel.ioctls, before);
	/* Worse may follow. */
	signal_state(DRM_SL200_QUEUE_LOST);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 2, SL_WAIT_FOREVER, NULL), SL_ERR_LOST);
	signal_state(DRM_SL200_QUEUE_FAULTED);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 2, SL_WAIT_FOREVER, NULL), SL_ERR_LOST);
	sl_queue_destroy(queue);
	teardown(device);
}

/* Zeroes look like completions in every second pass: what is lost is not taken for overwritten. */
static void test_lost(void)
{
	uint32_t jobs, i;

	for (jobs = 1; jobs <= 2 * DEPTH + 1; jobs++) {
		struct sl_device *device = setup();
		struct sl_queue *queue = make_queue(device);

		for (i = 1; i <= jobs; i++) {
			CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), 0);
			if (i == jobs)
				break;
			complete(i);
			CU_ASSERT_EQUAL(sl_queue_wait(queue, i, 0, NULL), 0);
		}
		kernel.error.cause = DRM_SL200_LOST_RESET;
		signal_state(DRM_SL200_QUEUE_LOST);
		memset(kernel.cq, 0, PAGE);
		CU_ASSERT_EQUAL(sl_queue_wait(queue, jobs, SL_WAIT_FOREVER, NULL), SL_ERR_LOST);
		CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "not because of this client"));
		CU_ASSERT_EQUAL(sl_queue_wait(queue, jobs, 0, NULL), SL_ERR_LOST);
		CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), SL_ERR_LOST);
		sl_queue_destroy(queue);
		teardown(device);
	}
}

static void test_queue_create_fails(void)
{
	struct sl_device *device = setup();
	struct sl_queue *queue;
	unsigned int i;

	for (i = 1; i <= 4; i++) {
		kernel.fail_mmap = i;
		CU_ASSERT_EQUAL(sl_queue_create(device, NULL, &queue), SL_ERR_NO_MEMORY);
		CU_ASSERT_EQUAL(kernel.mappings, 0);
		CU_ASSERT_EQUAL(kernel.queues_destroyed, i);
	}
	fail_next(DRM_IOCTL_SL200_QUEUE_CREATE, EPERM, 1);
	CU_ASSERT_EQUAL(sl_queue_create(device, NULL, &queue), SL_ERR_PERMISSION);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "CAP_SYS_NICE"));
	fail_next(DRM_IOCTL_SL200_QUEUE_CREATE, ENOSPC, 1);
	CU_ASSERT_EQUAL(sl_queue_create(device, NULL, &queue), SL_ERR_NO_MEMORY);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "may have (9)"));
	teardown(device);
}

static void test_queries(void)
{
	struct sl_device *device = setup();
	struct sl200_log_entry entries[16];
	struct sl200_queue_info info;
	struct sl_device_stats stats;

	CU_ASSERT_EQUAL(sl_device_stats(device, &stats), 0);
	CU_ASSERT_EQUAL(stats.doorbells, 11);
	CU_ASSERT_EQUAL(stats.firmware.jobs, 3);
	CU_ASSERT_EQUAL(stats.num_engines, 2);
	CU_ASSERT_EQUAL(stats.engine[1].jobs, 5);
	CU_ASSERT_EQUAL(stats.host_bytes, 1 << 20);
	/* A client without queues has lost none, but the card is not well. */
	kernel.error.card_state = DRM_SL200_CARD_WEDGED;
	fail_next(DRM_IOCTL_SL200_QUERY, ENODEV, 1);
	CU_ASSERT_EQUAL(sl_device_stats(device, &stats), SL_ERR_LOST);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "resets failed"));
	CU_ASSERT_EQUAL(sl_device_log(device, entries, 16), 0);
	kernel.log_entries = 10;
	CU_ASSERT_EQUAL(sl_device_log(device, entries, 16), 10);
	CU_ASSERT_EQUAL(sl_device_log(device, entries, 3), 3);
	/* The newest, oldest first. */
	CU_ASSERT_EQUAL(entries[0].seq, 8);
	CU_ASSERT_EQUAL(entries[2].seq, 10);
	CU_ASSERT_EQUAL(sl_device_log(device, NULL, 0), 0);
	fail_next(DRM_IOCTL_SL200_QUERY, EPERM, 1);
	CU_ASSERT_EQUAL(sl_device_log(device, entries, 3), SL_ERR_PERMISSION);
	CU_ASSERT_EQUAL(sl_device_queue_info(device, 7, &info), 0);
	CU_ASSERT_EQUAL(info.jobs, 42);
	fail_next(DRM_IOCTL_SL200_QUEUE_INFO, ENOENT, 1);
	CU_ASSERT_EQUAL(sl_device_queue_info(device, 8, &info), SL_ERR_INVALID);
	teardown(device);
}

/* A child has the file, but must not touch what is its parent's. */
static int in_child(struct sl_device *device, struct sl_queue *queue, struct sl_buffer *buffer)
{
	unsigned int before = kernel.ioctls, failures = CU_get_number_of_failures();
	struct sl_buffer *another;

	CU_ASSERT_EQUAL(sl_queue_wait(queue, 6, SL_WAIT_FOREVER, NULL), SL_ERR_LOST);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "fork()"));
	CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), SL_ERR_LOST);
	CU_ASSERT_EQUAL(sl_buffer_create(device, 1, SL_MEMORY_HOST, &another), SL_ERR_LOST);
	sl_buffer_destroy(buffer);
	sl_queue_destroy(queue);
	CU_ASSERT_EQUAL(kernel.ioctls, before);
	return CU_get_number_of_failures() > failures;
}

static void test_fork(void)
{
	struct sl_device *device = setup();
	struct sl_queue *queue = make_queue(device);
	struct sl_buffer *buffer;
	int status = -1;
	uint32_t i;
	pid_t pid;

	CU_ASSERT_EQUAL(sl_buffer_create(device, 1, SL_MEMORY_HOST, &buffer), 0);
	for (i = 1; i <= 6; i++) {
		CU_ASSERT_EQUAL(sl_queue_nop(queue, NULL, NULL), 0);
		if (i < 6) {
			complete(i);
			CU_ASSERT_EQUAL(sl_queue_wait(queue, i, 0, NULL), 0);
		}
	}
	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(in_child(device, queue, buffer));
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
	/* The parent goes on. */
	complete(6);
	CU_ASSERT_EQUAL(sl_queue_wait(queue, 6, 0, NULL), 0);
	sl_queue_destroy(queue);
	sl_buffer_destroy(buffer);
	teardown(device);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"opening", test_open},
		{"errors", test_errors},
		{"buffers", test_buffers},
		{"dma-bufs", test_sharing},
		{"no system call", test_no_system_call},
		{"sleeping", test_sleep},
		{"a queue stops", test_fault},
		{"a queue is lost", test_lost},
		{"no queue", test_queue_create_fails},
		{"queries", test_queries},
		{"fork", test_fork},
		CU_TEST_INFO_NULL,
	};

	return suite_run("libsl on the kernel driver", NULL, NULL, tests);
}
