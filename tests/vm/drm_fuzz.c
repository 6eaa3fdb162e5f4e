// SPDX-License-Identifier: MIT
/*
 * A fuzzer of the kernel driver. Processes come and go, many of them killed; their threads call
 * every ioctl with arguments that are right, nearly right or random, map what there is and what is
 * not, write to rings and ring doorbells. Meanwhile one well-behaved client works, which must not
 * notice. The kernel's log tells what the kernel made of it; this program tells whether the card
 * still works and was never reset.
 *
 *   drm_fuzz [-s SEED] [-n CALLS] [-t SECONDS] [-p PROCESSES] [-j THREADS]
 *
 * Ends at the first of the limits. The seed makes the same choices again; what threads do to each
 * other in between is the machine's. Prints "ok - " and "not ok - " lines. Needs root.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi/sl200_admin.h"
#include "tests/vm/drm_client.h"
#include "tests/vm/drm_fuzz.h"

#define MAX_PROCESSES 64u
#define MAX_THREADS 16u
#define LIFE_MS 2000u /* of a process, at most */
#define HOST_MB 16u   /* limits of a client: many of them live at once */
#define CARD_MB 64u
#define VICTIM_DEPTH 16u
#define VICTIM_PAUSE_US 2000
#define SETTLE_MS 10000

static const char *const ioctl_names[FUZZ_IOCTLS] = {
	"QUERY",      "BO_CREATE",  "BO_INFO",	     "QUEUE_CREATE",   "QUEUE_DESTROY",
	"QUEUE_WAIT", "QUEUE_WAKE", "QUEUE_EVENTFD", "QUEUE_DOORBELL", "QUEUE_INFO",
};

static struct options {
	uint64_t seed, calls;
	unsigned int seconds, processes, threads;
} options = {.calls = 100000, .seconds = 600, .processes = 4, .threads = 3};

static struct fuzz_shared *shared;

struct worker {
	pthread_t thread;
	struct fuzz_state *state;
	struct fuzz_random random;
};

static bool stopping(void)
{
	return __atomic_load_n(&shared->stop, __ATOMIC_RELAXED);
}

static void *worker_run(void *arg)
{
	struct worker *worker = arg;

	while (!stopping())
		fuzz_act(worker->state, &worker->random);
	return NULL;
}

/* One process of the fuzzer, from fork() to its end: by itself, or killed. */
static void process_run(uint64_t seed)
{
	static struct worker workers[MAX_THREADS];
	struct fuzz_random random = {seed};
	struct fuzz_state *state;
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fuzz_guard();
	state = fuzz_state_create(shared);
	if (!state)
		_exit(2);
	fuzz_keep_fd(state, &random, drm_client_open(0));
	/* An end of its own, with everything open and calls under way in other threads. */
	for (i = 0; i < options.threads; i++) {
		workers[i].state = state;
		workers[i].random.state = fuzz_next(&random);
		if (pthread_create(&workers[i].thread, NULL, worker_run, &workers[i]))
			_exit(2);
	}
	usleep(1000 * (1 + fuzz_below(&random, LIFE_MS)));
	_exit(0);
}

/* The client that minds its own business: every job of it succeeds. */
static int victim_run(void)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP};
	struct drm_sl200_bo_create bo;
	struct drm_client_queue queue;
	struct drm_sl200_query_error error;
	int fd = drm_client_open(0), ret;
	uint64_t i;
	uint64_t *memory;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd < 0 || drm_client_queue_create(fd, VICTIM_DEPTH, &queue) ||
	    drm_client_bo_create(fd, DRM_CLIENT_PAGE, DRM_SL200_BO_HOST, &bo))
		return 2;
	memory = drm_client_bo_map(fd, &bo);
	if (!memory)
		return 2;
	for (i = 1; !stopping(); i++) {
		sqe.tag = i;
		ret = drm_client_run(&queue, &sqe);
		if (!ret)
			ret = drm_client_fill(&queue, bo.iova, DRM_CLIENT_PAGE, i);
		if (ret || memory[0] != i || memory[DRM_CLIENT_PAGE / 8 - 1] != i) {
			fprintf(stderr, "job %" PRIu64 " of the well-behaved client: %d\n", i, ret);
			return 1;
		}
		fuzz_count(&shared->victim_jobs);
		usleep(VICTIM_PAUSE_US);
	}
	ret = drm_client_query(fd, DRM_SL200_QUERY_ERROR, &error, sizeof(error));
	return ret || error.losses;
}

static int64_t now_ms(void)
{
	return drm_client_now_ms();
}

/* Keep processes running until a limit is reached. Returns how many of them ended badly. */
static unsigned int fuzz(pid_t victim, bool *victim_ended)
{
	struct fuzz_random random = {options.seed};
	int64_t end = now_ms() + options.seconds * 1000ll, report = now_ms();
	pid_t pids[MAX_PROCESSES] = {0};
	unsigned int i, bad = 0;
	int status;

	while (now_ms() < end &&
	       __atomic_load_n(&shared->calls, __ATOMIC_RELAXED) < options.calls) {
		for (i = 0; i < options.processes; i++) {
			uint64_t seed = fuzz_next(&random);

			if (pids[i])
				continue;
			pids[i] = fork();
			if (!pids[i])
				process_run(seed);
			if (pids[i] < 0)
				pids[i] = 0;
		}
		usleep(20000);
		i = fuzz_below(&random, options.processes);
		if (pids[i] && fuzz_one_in(&random, 30))
			kill(pids[i], SIGKILL);
		for (i = 0; i < options.processes; i++) {
			if (!pids[i] || waitpid(pids[i], &status, WNOHANG) != pids[i])
				continue;
			pids[i] = 0;
			if (status && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) {
				fprintf(stderr, "a fuzzing process ended with status %#x\n",
					status);
				bad++;
			}
		}
		if (victim > 0 && waitpid(victim, &status, WNOHANG) == victim) {
			*victim_ended = true;
			break;
		}
		if (now_ms() - report >= 30000) {
			report = now_ms();
			printf("# %" PRIu64 " calls\n", shared->calls);
			fflush(stdout);
		}
	}
	for (i = 0; i < options.processes; i++) {
		if (pids[i]) {
			kill(pids[i], SIGKILL);
			waitpid(pids[i], NULL, 0);
		}
	}
	return bad;
}

static void print_counts(int64_t began)
{
	unsigned int i;

	printf("# %" PRIu64 " calls in %.1f s\n", shared->calls, (double)(now_ms() - began) / 1000);
	for (i = 0; i < FUZZ_IOCTLS; i++)
		printf("#   %-15s %9" PRIu64 " tried %9" PRIu64 " succeeded\n", ioctl_names[i],
		       shared->tried[i], shared->done[i]);
	printf("#   %-15s %9" PRIu64 " tried %9" PRIu64 " succeeded\n", "DRM's own",
	       shared->core_tried, shared->core_done);
	printf("#   %-15s %9" PRIu64 " tried %9" PRIu64 " succeeded\n", "mmap", shared->maps_tried,
	       shared->maps_done);
	printf("#   %" PRIu64 " doorbells, %" PRIu64 " faults, %" PRIu64
	       " jobs of the well-behaved client\n",
	       shared->doorbells, shared->faults, shared->victim_jobs);
}

static int failures;

static void check(bool good, const char *what)
{
	printf("%s - %s\n", good ? "ok" : "not ok", what);
	failures += !good;
}

/*
 * What the firmware has now that the driver itself has all that it needs: a queue to clear memory
 * with, once memory is used a second time.
 */
static int baseline(int fd, struct sl200_fw_stats *stats)
{
	struct drm_sl200_bo_create bo;
	int own = drm_client_open(0), ret = 0;
	unsigned int i;

	for (i = 0; !ret && i < 2; i++) {
		ret = drm_client_bo_create(own, DRM_CLIENT_PAGE, DRM_SL200_BO_CARD, &bo);
		if (!ret)
			ret = drm_client_bo_close(own, bo.handle);
	}
	close(own);
	return ret ? ret : drm_client_query(fd, DRM_SL200_QUERY_FW_STATS, stats, sizeof(*stats));
}

/* Whether all is given back soon: children of processes that were killed may live a little. */
static bool given_back(int fd, const struct sl200_fw_stats *before)
{
	int64_t deadline = now_ms() + SETTLE_MS;
	struct sl200_fw_stats after;

	do {
		if (drm_client_query(fd, DRM_SL200_QUERY_FW_STATS, &after, sizeof(after)))
			return false;
		if (after.queues == before->queues && after.asids == before->asids)
			return true;
		usleep(50000);
	} while (now_ms() < deadline);
	fprintf(stderr, "queues: %u, were %u; address spaces: %u, were %u\n", after.queues,
		before->queues, after.asids, before->asids);
	return false;
}

/* Afterwards the card has what it had before, and works. */
static void check_card(const struct sl200_fw_stats *before,
		       const struct drm_sl200_query_device *device)
{
	struct drm_sl200_query_memory memory = {0};
	struct drm_sl200_query_device now = {0};
	struct sl200_sqe sqe = {.opcode = SL200_OP_NOP};
	struct drm_client_queue queue;
	int fd = drm_client_open(0);
	bool works;

	check(given_back(fd, before), "fuzz: queues and address spaces are all given back");
	drm_client_query(fd, DRM_SL200_QUERY_MEMORY, &memory, sizeof(memory));
	check(memory.card_total && !memory.card_allocated, "fuzz: card memory is all given back");
	drm_client_query(fd, DRM_SL200_QUERY_DEVICE, &now, sizeof(now));
	check(now.serial == device->serial && now.reset_count == device->reset_count,
	      "fuzz: the card was not reset");
	works = !drm_client_queue_create(fd, VICTIM_DEPTH, &queue) &&
		drm_client_run(&queue, &sqe) == SL200_STATUS_OK &&
		!drm_client_queue_destroy(&queue);
	check(works, "fuzz: the card works");
	close(fd);
}

static int parse(int argc, char **argv)
{
	int option;

	if (getrandom(&options.seed, sizeof(options.seed), 0) != sizeof(options.seed))
		options.seed = (uint64_t)time(NULL);
	while ((option = getopt(argc, argv, "s:n:t:p:j:")) != -1) {
		uint64_t value = optarg ? strtoull(optarg, NULL, 0) : 0;

		switch (option) {
		case 's':
			options.seed = value;
			break;
		case 'n':
			options.calls = value;
			break;
		case 't':
			options.seconds = (unsigned int)value;
			break;
		case 'p':
			options.processes = (unsigned int)value;
			break;
		case 'j':
			options.threads = (unsigned int)value;
			break;
		default:
			return -1;
		}
	}
	return optind != argc || options.processes < 1 || options.processes > MAX_PROCESSES ||
			       options.threads < 1 || options.threads > MAX_THREADS
		       ? -1
		       : 0;
}

int main(int argc, char **argv)
{
	struct drm_sl200_query_device device;
	unsigned int old_host, old_card, bad;
	struct sl200_fw_stats before;
	bool victim_ended = false;
	int fd, status = 0;
	int64_t began;
	pid_t victim;

	if (parse(argc, argv)) {
		fprintf(stderr,
			"usage: %s [-s SEED] [-n CALLS] [-t SECONDS] [-p PROCESSES] [-j THREADS]\n",
			argv[0]);
		return 2;
	}
	fd = drm_client_open(0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (fd < 0 || shared == MAP_FAILED || baseline(fd, &before) ||
	    drm_client_query(fd, DRM_SL200_QUERY_DEVICE, &device, sizeof(device)) ||
	    drm_client_parameter("max_host_mb", HOST_MB, &old_host) ||
	    drm_client_parameter("max_card_mb", CARD_MB, &old_card)) {
		fprintf(stderr, "fuzz: no card to begin with, or not root\n");
		return 2;
	}
	close(fd);
	printf("# drm_fuzz -s %#" PRIx64 " -n %" PRIu64 " -t %u -p %u -j %u\n", options.seed,
	       options.calls, options.seconds, options.processes, options.threads);
	fflush(stdout);
	began = now_ms();
	victim = fork();
	if (!victim)
		_exit(victim_run());
	bad = fuzz(victim, &victim_ended);
	__atomic_store_n(&shared->stop, 1, __ATOMIC_RELAXED);
	if (!victim_ended && waitpid(victim, &status, 0) != victim)
		victim_ended = true;
	print_counts(began);
	check(!bad, "fuzz: only the kernel's doing ends a process");
	check(!victim_ended && !status && shared->victim_jobs,
	      "fuzz: the well-behaved client noticed nothing");
	check_card(&before, &device);
	drm_client_parameter("max_host_mb", old_host, NULL);
	drm_client_parameter("max_card_mb", old_card, NULL);
	return failures ? 1 : 0;
}
