// SPDX-License-Identifier: MIT
/*
 * The chip in RTL, measured in its own cycles: how fast they are simulated, what a job takes,
 * copies against the ceiling of the link's model, and the MMU. What is counted in cycles does not
 * depend on the machine, but for the moments at which the client submits.
 */
#include "tests/bench/rtl_bench.h"

#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 65536u
#define POLL_US 1000u

static struct {
	__typeof__(&card_bar_read) bar_read;
	struct card *card;
	clockid_t clock; /* of the card's thread */
	bool clock_known;

	pthread_mutex_t lock;
	bool recording, asleep;
	unsigned int count, lost;
	struct rtl_counts last;
	struct rtl_bench_event event[EVENTS_MAX];
} card = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void fail(const char *what)
{
	fprintf(stderr, "rtl_bench: %s\n", what);
	exit(EXIT_FAILURE);
}

void rtl_bench_must(int result)
{
	if (result) {
		fprintf(stderr, "rtl_bench: %s (%s)\n", sl_strerror(result), sl_last_error());
		exit(EXIT_FAILURE);
	}
}

/* ---------------------------------------------------------------- the card */

static void created(void *arg, struct card *new_card)
{
	card.card = new_card;
}

static void event(void *arg, unsigned int events, const struct rtl_counts *counts)
{
	pthread_mutex_lock(&card.lock);
	if (!card.clock_known)
		card.clock_known = !pthread_getcpuclockid(pthread_self(), &card.clock);
	card.last = *counts;
	/* What woke it, if it was asleep, was an event too, or the timer. */
	card.asleep = events & RTL_EVENT_ASLEEP;
	if (card.recording) {
		if (card.count < EVENTS_MAX)
			card.event[card.count++] = (struct rtl_bench_event){events, *counts};
		else
			card.lost++;
	}
	pthread_mutex_unlock(&card.lock);
}

static struct rtl_observer observer = {.created = created, .event = event};

/* The library that libsl will load too. */
static void observe(void)
{
	char path[PATH_MAX], library[PATH_MAX + 32];
	__typeof__(&card_observe) observe_cards;
	Dl_info info;
	void *object;

	if (!dladdr((void *)sl_device_open, &info) || !realpath(info.dli_fname, path))
		fail("libsl has no file");
	snprintf(library, sizeof(library), "%s/sl200/libslcard-rtl.so", dirname(path));
	object = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (!object)
		fail(dlerror());
	*(void **)&observe_cards = dlsym(object, "card_observe");
	*(void **)&card.bar_read = dlsym(object, "card_bar_read");
	if (!observe_cards || !card.bar_read)
		fail("the card's library is not of this build");
	observe_cards(&observer);
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double rtl_bench_card_seconds(void)
{
	return seconds(card.clock);
}

double rtl_bench_wall_seconds(void)
{
	return seconds(CLOCK_MONOTONIC);
}

uint64_t rtl_bench_counter(uint32_t lo)
{
	uint64_t low, high;

	if (card.bar_read(card.card, 0, lo, 4, &low) ||
	    card.bar_read(card.card, 0, lo + 4, 4, &high))
		fail("a register cannot be read");
	return high << 32 | low;
}

void rtl_bench_awake(bool awake)
{
	atomic_store(&observer.awake, awake);
}

void rtl_bench_record(void)
{
	pthread_mutex_lock(&card.lock);
	card.count = 0;
	card.recording = true;
	pthread_mutex_unlock(&card.lock);
}

const struct rtl_bench_event *rtl_bench_recorded(unsigned int *count)
{
	bool asleep;

	do {
		usleep(POLL_US);
		pthread_mutex_lock(&card.lock);
		asleep = card.asleep;
		card.recording = !asleep;
		pthread_mutex_unlock(&card.lock);
	} while (!asleep);
	if (card.lost)
		fail("too many events");
	*count = card.count;
	return card.event;
}

void rtl_bench_open(struct rtl_bench *bench)
{
	const struct sl_queue_params params = {.depth = RTL_BENCH_DEPTH};

	observe();
	bench->open_wall = rtl_bench_wall_seconds();
	rtl_bench_must(sl_device_open("sim:rtl", &bench->device));
	bench->open_wall = rtl_bench_wall_seconds() - bench->open_wall;
	bench->open_seconds = rtl_bench_card_seconds();
	pthread_mutex_lock(&card.lock);
	bench->open_cycles = card.last.cycles;
	pthread_mutex_unlock(&card.lock);
	for (unsigned int i = 0; i < RTL_BENCH_QUEUES; i++)
		rtl_bench_must(sl_queue_create(bench->device, &params, &bench->queue[i]));
}

void rtl_bench_close(struct rtl_bench *bench)
{
	for (unsigned int i = 0; i < RTL_BENCH_QUEUES; i++)
		sl_queue_destroy(bench->queue[i]);
	sl_device_close(bench->device);
}

/* ---------------------------------------------------------------- jobs */

/* The queue is full: make room for half of it. */
static bool again(struct sl_queue *queue, int result, uint64_t last)
{
	if (result != SL_ERR_AGAIN) {
		rtl_bench_must(result);
		return false;
	}
	rtl_bench_must(sl_queue_wait(queue, last - RTL_BENCH_DEPTH / 2, SL_WAIT_FOREVER, NULL));
	return true;
}

void rtl_bench_copy(struct sl_queue *queue, uint64_t dst, uint64_t src, uint32_t size,
		    uint64_t *seqno)
{
	int ret;

	do
		ret = sl_queue_copy(queue, dst, 0, src, 0, size, 1, NULL, seqno);
	while (again(queue, ret, *seqno));
}

void rtl_bench_nop(struct sl_queue *queue, uint64_t *seqno)
{
	int ret;

	do
		ret = sl_queue_nop(queue, NULL, seqno);
	while (again(queue, ret, *seqno));
}

void rtl_bench_finish(struct rtl_bench *bench, unsigned int queues)
{
	struct sl_completion completion;

	for (unsigned int i = 0; i < queues; i++) {
		rtl_bench_must(sl_queue_wait_idle(bench->queue[i], SL_WAIT_FOREVER));
		rtl_bench_must(sl_queue_wait(bench->queue[i], bench->seqno[i], 0, &completion));
		rtl_bench_must(sl_status_result(completion.status));
	}
}

int main(int argc, char **argv)
{
	bool all = argc > 1 && !strcmp(argv[1], "--all");
	static struct rtl_bench bench;

	if (argc != 2 + all) {
		fputs("rtl_bench [--all] results.json\n", stderr);
		return EXIT_FAILURE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	bench.json = fopen(argv[1 + all], "w");
	if (!bench.json)
		fail("the results cannot be written");
	rtl_bench_open(&bench);
	fputs("{\n", bench.json);
	rtl_bench_jobs(&bench);
	rtl_bench_copies(&bench, all);
	rtl_bench_mmu(&bench);
	rtl_bench_speed(&bench);
	fputs("}\n", bench.json);
	rtl_bench_close(&bench);
	if (fclose(bench.json))
		fail("the results cannot be written");
	return EXIT_SUCCESS;
}
