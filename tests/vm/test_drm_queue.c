// SPDX-License-Identifier: MIT
/*
 * Queues through the kernel driver: jobs without system calls, waiting and waking, faults, limits
 * and rights. Runs in the virtual machine, as root.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi/sl200_admin.h"
#include "driver/core/ring.h"
#include "tests/suite.h"
#include "tests/vm/drm_client.h"

#define DEPTH 16u
#define JOBS 100u
#define LIMIT_MS 20000u		  /* of anything that must end; an emulated card is slow */
#define NO_SECCOMP 9		  /* exit status */
#define NOWHERE 0x123456789000ull /* an IOVA in no client's part */

static int fd = -1;

static int set_up(void)
{
	fd = drm_client_open(0);
	return fd < 0;
}

static int tear_down(void)
{
	return close(fd);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* One wait, as the system call answers it: 0 or a negative errno value. */
static int wait_once(uint32_t queue, uint32_t seen, int64_t timeout_ns,
		     struct drm_sl200_queue_wait *wait)
{
	*wait = (struct drm_sl200_queue_wait){
		.queue = queue,
		.seen = seen,
		.timeout_ns = timeout_ns,
	};
	return ioctl(fd, DRM_IOCTL_SL200_QUEUE_WAIT, wait) ? -errno : 0;
}

/* Whether the queue reaches a state soon. */
static bool reaches_state(const struct drm_client_queue *queue, uint32_t state)
{
	int64_t deadline = drm_client_now_ms() + LIMIT_MS;

	while (queue->status->state != state && drm_client_now_ms() < deadline)
		usleep(1000);
	return queue->status->state == state;
}

/*
 * A process that may read, write and exit and nothing else runs jobs: whatever else it called
 * would end it with SIGKILL.
 */
static void child_without_calls(void)
{
	struct drm_client_queue queue;
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP};
	struct sl200_cqe cqe;
	unsigned int i;
	int own = drm_client_open(0);

	if (own < 0 || drm_client_queue_create(own, DEPTH, &queue))
		_exit(2);
	alarm(LIMIT_MS / 1000);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		_exit(errno == EINVAL ? NO_SECCOMP : 3);
	for (i = 0; i < JOBS; i++) {
		sqe.tag = i + 1;
		drm_client_submit(&queue, &sqe);
		while (!core_cq_read(queue.cq, DEPTH, queue.head, &cqe))
			__asm__ volatile("" ::: "memory");
		queue.head++;
		queue.doorbell[SL200_DOORBELL_CQ_HEAD / sizeof(uint32_t)] = queue.head;
		if (cqe.tag != i + 1 || cqe.status != SL200_STATUS_OK)
			syscall(SYS_exit, 4);
	}
	syscall(SYS_exit, 0);
}

static int run_child(void (*function)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		function();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static void test_no_calls(void)
{
	int status = run_child(child_without_calls);

	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_SECCOMP)
		printf("skip - jobs without system calls: this kernel has no seccomp\n");
	else
		CU_ASSERT_EQUAL(status, 0);
}

/* Rings of two entries wrap all the time; completions of a queue of NOPs come in order. */
static void test_wrap(void)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP, .flags = SL200_SQE_F_IRQ};
	struct drm_client_queue queue;
	struct sl200_cqe cqe;
	uint64_t i;

	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, 2, &queue), 0);
	for (i = 0; i < JOBS; i++) {
		sqe.tag = i;
		drm_client_submit(&queue, &sqe);
		CU_ASSERT_EQUAL_FATAL(drm_client_collect(&queue, &cqe, LIMIT_MS), 0);
		CU_ASSERT_EQUAL(cqe.tag, i);
		CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_OK);
	}
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&queue), 0);
}

static void test_depths(void)
{
	struct drm_sl200_query_device device;
	struct drm_client_queue queue;
	uint32_t depth;

	CU_ASSERT_EQUAL(drm_client_query(fd, DRM_SL200_QUERY_DEVICE, &device, sizeof(device)), 0);
	for (depth = 2; depth <= device.max_depth; depth *= 2) {
		struct sl200_sqe sqe = {.opcode = SL200_OP_NOP};

		CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, depth, &queue), 0);
		CU_ASSERT_EQUAL(queue.cq[depth - 1].phase, 0);
		CU_ASSERT_EQUAL(drm_client_run(&queue, &sqe), SL200_STATUS_OK);
		CU_ASSERT_EQUAL(drm_client_queue_destroy(&queue), 0);
	}
}

/* The time is absolute, one that has passed only looks, and what happened before is seen. */
static void test_wait_time(void)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP, .flags = SL200_SQE_F_IRQ};
	struct drm_sl200_queue_wait wait;
	struct drm_client_queue queue;
	struct sl200_cqe cqe;
	uint32_t qid, seen;
	int64_t start;

	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &queue), 0);
	qid = queue.info.queue;
	seen = queue.status->irqs;
	CU_ASSERT_EQUAL(wait_once(qid, seen, 0, &wait), -ETIME);
	CU_ASSERT_EQUAL(wait_once(qid, seen, INT64_MIN, &wait), -ETIME);
	CU_ASSERT_EQUAL(wait_once(qid, seen, now_ns() - 1, &wait), -ETIME);
	start = now_ns();
	CU_ASSERT_EQUAL(wait_once(qid, seen, start + 50000000, &wait), -ETIME);
	CU_ASSERT_TRUE(now_ns() - start >= 50000000);
	CU_ASSERT_EQUAL(wait.irqs, seen);
	CU_ASSERT_EQUAL(wait.state, DRM_SL200_QUEUE_RUNNING);

	drm_client_submit(&queue, &sqe);
	CU_ASSERT_EQUAL(wait_once(qid, seen, INT64_MAX, &wait), 0);
	CU_ASSERT_NOT_EQUAL(wait.irqs, seen);
	CU_ASSERT_EQUAL(drm_client_collect(&queue, &cqe, LIMIT_MS), 0);
	/* It is known now that something came: no wait. */
	CU_ASSERT_EQUAL(wait_once(qid, seen, 0, &wait), 0);
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&queue), 0);
}

struct waiter {
	pthread_t thread;
	uint32_t queue, seen;
	int64_t timeout_ns;
	struct drm_sl200_queue_wait wait;
	int result;
	bool woken;
};

static void *waiter_run(void *arg)
{
	struct waiter *waiter = arg;

	waiter->result = wait_once(waiter->queue, waiter->seen, waiter->timeout_ns, &waiter->wait);
	__atomic_store_n(&waiter->woken, true, __ATOMIC_RELEASE);
	return NULL;
}

static void waiter_start(struct waiter *waiter, const struct drm_client_queue *queue,
			 int64_t timeout_ns)
{
	*waiter = (struct waiter){
		.queue = queue->info.queue,
		.seen = queue->status->irqs,
		.timeout_ns = timeout_ns,
	};
	CU_ASSERT_EQUAL_FATAL(pthread_create(&waiter->thread, NULL, waiter_run, waiter), 0);
	usleep(100000);
	CU_ASSERT_FALSE(__atomic_load_n(&waiter->woken, __ATOMIC_ACQUIRE));
}

static void test_wake(void)
{
	struct drm_sl200_queue_wake wake = {0};
	struct drm_client_queue queue;
	struct waiter waiter[3];
	unsigned int i;

	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &queue), 0);
	for (i = 0; i < 3; i++)
		waiter_start(&waiter[i], &queue, INT64_MAX);
	wake.queue = queue.info.queue;
	CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_WAKE, &wake), 0);
	for (i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(pthread_join(waiter[i].thread, NULL), 0);
		CU_ASSERT_EQUAL(waiter[i].result, 0);
		CU_ASSERT_EQUAL(waiter[i].wait.irqs, queue.status->irqs);
	}
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&queue), 0);
}

static void on_signal(int number)
{
	(void)number;
}

/* A wait goes on after a signal whose handler says so, until its time; else it ends. */
static void test_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, old;
	struct drm_client_queue queue;
	struct waiter waiter;
	int64_t start = now_ns();
	unsigned int i;

	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &queue), 0);
	sigaction(SIGUSR1, &action, &old);
	waiter_start(&waiter, &queue, start + 500000000);
	for (i = 0; i < 5; i++) {
		pthread_kill(waiter.thread, SIGUSR1);
		usleep(20000);
	}
	pthread_join(waiter.thread, NULL);
	CU_ASSERT_EQUAL(waiter.result, -ETIME);
	CU_ASSERT_TRUE(now_ns() - start >= 500000000);

	action.sa_flags = 0;
	sigaction(SIGUSR1, &action, NULL);
	waiter_start(&waiter, &queue, INT64_MAX);
	pthread_kill(waiter.thread, SIGUSR1);
	pthread_join(waiter.thread, NULL);
	CU_ASSERT_EQUAL(waiter.result, -EINTR);
	sigaction(SIGUSR1, &old, NULL);
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&queue), 0);
}

static int set_eventfd(uint32_t queue, int event)
{
	struct drm_sl200_queue_eventfd args = {.queue = queue, .fd = event};

	return drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_EVENTFD, &args);
}

static bool event_comes(int event, int timeout_ms)
{
	struct pollfd poll_fd = {.fd = event, .events = POLLIN};
	uint64_t count;

	return poll(&poll_fd, 1, timeout_ms) == 1 &&
	       read(event, &count, sizeof(count)) == sizeof(count);
}

static void test_eventfd(void)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP, .flags = SL200_SQE_F_IRQ};
	int first = eventfd(0, EFD_CLOEXEC), second = eventfd(0, EFD_CLOEXEC);
	struct drm_client_queue queue;
	uint32_t qid;

	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &queue), 0);
	qid = queue.info.queue;
	CU_ASSERT_EQUAL(set_eventfd(qid, first), 0);
	CU_ASSERT_EQUAL(drm_client_run(&queue, &sqe), SL200_STATUS_OK);
	CU_ASSERT_TRUE(event_comes(first, LIMIT_MS));

	CU_ASSERT_EQUAL(set_eventfd(qid, second), 0);
	CU_ASSERT_EQUAL(drm_client_run(&queue, &sqe), SL200_STATUS_OK);
	CU_ASSERT_TRUE(event_comes(second, LIMIT_MS));
	CU_ASSERT_FALSE(event_comes(first, 0));

	CU_ASSERT_EQUAL(set_eventfd(qid, fd), -EBADF);
	CU_ASSERT_EQUAL(set_eventfd(qid, 1000), -EBADF);
	CU_ASSERT_EQUAL(set_eventfd(qid, -2), -EBADF);
	/* A refusal changed nothing. */
	CU_ASSERT_EQUAL(drm_client_run(&queue, &sqe), SL200_STATUS_OK);
	CU_ASSERT_TRUE(event_comes(second, LIMIT_MS));

	CU_ASSERT_EQUAL(set_eventfd(qid, -1), 0);
	CU_ASSERT_EQUAL(drm_client_run(&queue, &sqe), SL200_STATUS_OK);
	CU_ASSERT_FALSE(event_comes(second, 50));

	/* One that its owner closed may still be signalled. */
	CU_ASSERT_EQUAL(set_eventfd(qid, first), 0);
	close(first);
	CU_ASSERT_EQUAL(drm_client_run(&queue, &sqe), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(set_eventfd(qid, second), 0);
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&queue), 0);
	CU_ASSERT_TRUE(event_comes(second, LIMIT_MS));
	close(second);
}

/* Waits end with the queue; its mappings stay and its doorbell rings nobody's bell. */
static void test_destroy_while_waiting(void)
{
	struct drm_sl200_queue_destroy destroy = {0};
	struct drm_sl200_query_stats before, after;
	struct drm_client_queue queue, other;
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP};
	struct sl200_cqe cqe;
	struct waiter waiter;

	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &queue), 0);
	/* Without an interrupt, which might come late and end the wait. */
	drm_client_submit(&queue, &sqe);
	CU_ASSERT_EQUAL(drm_client_collect(&queue, &cqe, LIMIT_MS), 0);
	waiter_start(&waiter, &queue, INT64_MAX);
	destroy.queue = queue.info.queue;
	CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_DESTROY, &destroy), 0);
	pthread_join(waiter.thread, NULL);
	CU_ASSERT_EQUAL(waiter.result, 0);
	CU_ASSERT_EQUAL(waiter.wait.state, DRM_SL200_QUEUE_LOST);
	CU_ASSERT_EQUAL(queue.status->state, DRM_SL200_QUEUE_LOST);
	CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_DESTROY, &destroy), -ENOENT);

	/* The number goes to the next. */
	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &other), 0);
	CU_ASSERT_EQUAL(other.info.queue, queue.info.queue);
	CU_ASSERT_EQUAL(drm_client_query(fd, DRM_SL200_QUERY_STATS, &before, sizeof(before)), 0);
	CU_ASSERT_EQUAL(queue.doorbell[0], 0);
	queue.doorbell[0] = 12345;
	queue.doorbell[1] = 12345;
	CU_ASSERT_EQUAL(drm_client_query(fd, DRM_SL200_QUERY_STATS, &after, sizeof(after)), 0);
	CU_ASSERT_EQUAL(after.doorbells, before.doorbells);
	CU_ASSERT_EQUAL(after.doorbells_dropped, before.doorbells_dropped);
	CU_ASSERT_EQUAL(drm_client_run(&other, &sqe), SL200_STATUS_OK);
	queue.sq[0].tag = 1;
	CU_ASSERT_EQUAL(queue.cq[0].phase & SL200_CQE_PHASE, SL200_CQE_PHASE);
	CU_ASSERT_EQUAL(other.status->state, DRM_SL200_QUEUE_RUNNING);
	drm_client_queue_unmap(&queue);
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&other), 0);
}

static void query_info(uint32_t queue, struct sl200_queue_info *info)
{
	struct drm_sl200_queue_info args = {
		.queue = queue,
		.size = sizeof(*info),
		.pointer = (uintptr_t)info,
	};

	CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_INFO, &args), 0);
	CU_ASSERT_EQUAL(args.size, sizeof(*info));
}

/* A job that touches what it may not stops its queue, tells where, and hurts no other. */
static void test_fault(void)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP};
	struct drm_client_queue queue, other;
	struct drm_sl200_queue_wait wait;
	struct sl200_queue_info info;

	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &queue), 0);
	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &other), 0);
	CU_ASSERT_EQUAL(drm_client_fill(&queue, NOWHERE, 64, 1), SL200_STATUS_MMU_FAULT);
	CU_ASSERT_TRUE(reaches_state(&queue, DRM_SL200_QUEUE_FAULTED));
	query_info(queue.info.queue, &info);
	CU_ASSERT_EQUAL(info.state, SL200_QUEUE_STOPPED);
	CU_ASSERT_EQUAL(info.stop_status, SL200_STATUS_MMU_FAULT);
	CU_ASSERT_EQUAL(info.fault_iova, NOWHERE);
	CU_ASSERT_EQUAL(info.fault_write, 1);
	/* Nothing will come any more, and so there is no wait for it. */
	CU_ASSERT_EQUAL(wait_once(queue.info.queue, queue.status->irqs, INT64_MAX, &wait), 0);
	CU_ASSERT_EQUAL(wait.state, DRM_SL200_QUEUE_FAULTED);
	CU_ASSERT_EQUAL(drm_client_run(&other, &sqe), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&queue), 0);
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&other), 0);
}

/* An index that cannot be stops the queue, by page and by ioctl. */
static void test_bad_doorbell(void)
{
	struct drm_sl200_queue_doorbell args = {.offset = SL200_DOORBELL_SQ_TAIL, .value = 1000};
	struct drm_client_queue queue;

	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &queue), 0);
	queue.doorbell[0] = DEPTH + 1;
	CU_ASSERT_TRUE(reaches_state(&queue, DRM_SL200_QUEUE_FAULTED));
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&queue), 0);

	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &queue), 0);
	args.queue = queue.info.queue;
	CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_DOORBELL, &args), 0);
	CU_ASSERT_TRUE(reaches_state(&queue, DRM_SL200_QUEUE_FAULTED));
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&queue), 0);
}

static void test_doorbell_ioctl(void)
{
	struct drm_sl200_queue_doorbell args = {.offset = SL200_DOORBELL_SQ_TAIL, .value = 1};
	struct drm_client_queue queue;
	struct sl200_cqe cqe;

	CU_ASSERT_EQUAL_FATAL(drm_client_queue_create(fd, DEPTH, &queue), 0);
	args.queue = queue.info.queue;
	queue.sq[0] = (struct sl200_sqe){
		.opcode = SL200_OP_NOP,
		.flags = SL200_SQE_F_IRQ,
		.tag = 77,
	};
	CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_DOORBELL, &args), 0);
	CU_ASSERT_EQUAL(drm_client_collect(&queue, &cqe, LIMIT_MS), 0);
	CU_ASSERT_EQUAL(cqe.tag, 77);
	args.offset = SL200_DOORBELL_CQ_HEAD;
	CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_DOORBELL, &args), 0);
	CU_ASSERT_EQUAL(drm_client_queue_destroy(&queue), 0);
}

/* What a client destroyed counts while it has it mapped: its memory is there yet. */
static void test_limit(void)
{
	struct drm_sl200_queue_destroy destroy = {0};
	struct drm_client_queue queue[3], extra;
	unsigned int old, i;

	CU_ASSERT_EQUAL_FATAL(drm_client_parameter("max_queues", 3, &old), 0);
	for (i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(drm_client_queue_create(fd, DEPTH, &queue[i]), 0);
	CU_ASSERT_EQUAL(drm_client_queue_create(fd, DEPTH, &extra), -ENOSPC);
	destroy.queue = queue[1].info.queue;
	CU_ASSERT_EQUAL(drm_client_call(fd, DRM_IOCTL_SL200_QUEUE_DESTROY, &destroy), 0);
	CU_ASSERT_EQUAL(drm_client_queue_create(fd, DEPTH, &extra), -ENOSPC);
	drm_client_queue_unmap(&queue[1]);
	CU_ASSERT_EQUAL(drm_client_queue_create(fd, DEPTH, &queue[1]), 0);
	for (i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(drm_client_queue_destroy(&queue[i]), 0);
	CU_ASSERT_EQUAL(drm_client_parameter("max_queues", old, NULL), 0);
}

/* All capabilities but these, given as bits of the first word. */
static int keep_capabilities(uint32_t bits)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{.effective = bits, .permitted = bits}, {0}};

	return (int)syscall(SYS_capset, &header, data);
}

static int create_realtime(void)
{
	struct drm_sl200_queue_create args = {
		.depth = DEPTH,
		.priority = SL200_PRIO_REALTIME,
		.weight = 1,
	};

	/* A client of its own, which ends with the process. */
	return drm_client_call(drm_client_open(0), DRM_IOCTL_SL200_QUEUE_CREATE, &args);
}

static void child_without_rights(void)
{
	if (keep_capabilities(0) || create_realtime() != -EPERM)
		_exit(1);
}

static void child_with_nice(void)
{
	if (keep_capabilities(1u << CAP_SYS_NICE) || create_realtime())
		_exit(1);
}

static void child_with_admin(void)
{
	if (keep_capabilities(1u << CAP_SYS_ADMIN) || create_realtime())
		_exit(1);
}

static void test_realtime(void)
{
	CU_ASSERT_EQUAL(run_child(child_without_rights), 0);
	CU_ASSERT_EQUAL(run_child(child_with_nice), 0);
	CU_ASSERT_EQUAL(run_child(child_with_admin), 0);
}

/* A client that is killed with queues and jobs leaves them all for the next. */
static void child_killed(void)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP};
	struct drm_client_queue queue[8];
	int own = drm_client_open(0);
	unsigned int i, j;

	for (i = 0; i < 8; i++) {
		if (drm_client_queue_create(own, DEPTH, &queue[i]))
			_exit(1);
		for (j = 0; j < DEPTH; j++)
			drm_client_submit(&queue[i], &sqe);
	}
	kill(getpid(), SIGKILL);
}

static void test_killed(void)
{
	struct sl200_fw_stats before, after;
	unsigned int i;

	CU_ASSERT_EQUAL(drm_client_query(fd, DRM_SL200_QUERY_FW_STATS, &before, sizeof(before)), 0);
	for (i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(run_child(child_killed), SIGKILL);
	CU_ASSERT_EQUAL(drm_client_query(fd, DRM_SL200_QUERY_FW_STATS, &after, sizeof(after)), 0);
	CU_ASSERT_EQUAL(after.queues, before.queues);
	CU_ASSERT_EQUAL(after.asids, before.asids);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{"no system calls", test_no_calls},
		{"wrap", test_wrap},
		{"depths", test_depths},
		{"wait until", test_wait_time},
		{"wake", test_wake},
		{"signals", test_signals},
		{"eventfd", test_eventfd},
		{"destroy while waiting", test_destroy_while_waiting},
		{"fault", test_fault},
		{"bad doorbell", test_bad_doorbell},
		{"doorbell ioctl", test_doorbell_ioctl},
		{"limit", test_limit},
		{"realtime", test_realtime},
		{"killed", test_killed},
		CU_TEST_INFO_NULL,
	};

	return suite_run("drm_queue", set_up, tear_down, tests);
}
