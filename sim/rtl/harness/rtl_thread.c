/* SPDX-License-Identifier: MIT */
#include "sim/rtl/harness/rtl_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/sl200_regs.h"
#include "firmware/keys/dev_key.h"
#include "sim/card/card.h"
#include "sim/model/timebase.h"
#include "sim/rtl/harness/rtl_chip.h"

#define POWER_ON_CYCLES 8u
/* Cycles until a change of the control inputs has reached all of the chip. */
#define CONTROL_CYCLES 8u
/* The chip is taken for idle when it has said so for so many cycles. */
#define IDLE_CYCLES 4u
/* As a root port's completion timeout. */
#define ANSWER_CYCLES 2000000u
#define LINE_MAX 256u
#define OTP_MIN_VERSION 0u

enum request_kind {
	REQUEST_ACCESS,
	REQUEST_CONTROL,
	REQUEST_FLR,
	REQUEST_MAP,
	REQUEST_UNMAP,
};

/* On the stack of the one who asks. */
struct request {
	struct request *next;
	enum request_kind kind;
	union {
		struct {
			unsigned int bar, size;
			uint32_t addr;
			bool write;
		} access;
		struct rtl_control control;
		struct {
			uint64_t bus, size;
			void *vaddr;
			unsigned int prot;
		} map;
	};
	uint64_t value; /* of an access */
	int rc;
	bool done; /* under the lock */
};

struct request_list {
	struct request *first, **end;
};

/* Where the request stands that is being worked on. */
enum phase {
	PHASE_NONE,
	PHASE_OFFER, /* until the chip takes it */
	PHASE_WAIT,  /* until the chip has done it */
};

struct rtl_thread {
	struct rtl_chip *chip;
	struct rtl_memory *memory;
	pthread_t thread;
	uint32_t cycle_ns;
	bool report;
	void (*console)(void *arg, const char *line);
	void *console_arg;
	struct rtl_observer *observer;

	/* The mailbox. posted is read without the lock, once a cycle. */
	pthread_mutex_t lock;
	pthread_cond_t wake, done;
	struct request_list mailbox;
	atomic_bool posted, stop;

	pthread_mutex_t irq_lock; /* held in a handler */
	struct {
		void (*fn)(void *arg);
		void *arg;
	} irq[CARD_NUM_VECTORS];

	/* The thread's own. */
	struct rtl_chip_in in;
	struct rtl_chip_out out;
	uint64_t cycle;
	struct rtl_counts counts; /* kept for the observer */
	uint64_t jumped_ns;	  /* time that passed without cycles */
	uint64_t slept_ns;
	unsigned int idle_cycles;
	struct request_list waiting; /* accesses, controls and resets, in their order */
	enum phase phase;	     /* of the first of them */
	uint64_t phase_cycle;	     /* when it began */
	bool dead;		     /* an access was not answered: no others are made */
	bool slept_last;	     /* for the observer */
	char line[LINE_MAX];
	size_t line_length;
};

/* ---------------------------------------------------------------- requests */

static void list_init(struct request_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void list_append(struct request_list *list, struct request *request)
{
	request->next = NULL;
	*list->end = request;
	list->end = &request->next;
}

static struct request *list_take(struct request_list *list)
{
	struct request *request = list->first;

	list->first = request->next;
	if (!list->first)
		list->end = &list->first;
	return request;
}

static void ask(struct rtl_thread *t, struct request *request)
{
	request->done = false;
	pthread_mutex_lock(&t->lock);
	list_append(&t->mailbox, request);
	atomic_store_explicit(&t->posted, true, memory_order_relaxed);
	pthread_cond_signal(&t->wake);
	while (!request->done)
		pthread_cond_wait(&t->done, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

static void finish(struct rtl_thread *t, struct request *request, int rc)
{
	request->rc = rc;
	pthread_mutex_lock(&t->lock);
	request->done = true;
	pthread_cond_broadcast(&t->done);
	pthread_mutex_unlock(&t->lock);
}

/* Between two cycles nothing of the chip touches host memory: changes need no waiting. */
static void change_memory(struct rtl_thread *t, struct request *request)
{
	struct host_mem *host = rtl_memory_host(t->memory);

	if (request->kind == REQUEST_MAP)
		finish(t, request,
		       host_mem_add(host, request->map.bus, request->map.vaddr, request->map.size,
				    request->map.prot));
	else
		finish(t, request, host_mem_remove(host, request->map.bus, request->map.size));
}

static void collect(struct rtl_thread *t)
{
	struct request_list mail;

	pthread_mutex_lock(&t->lock);
	mail.first = t->mailbox.first;
	list_init(&t->mailbox);
	atomic_store_explicit(&t->posted, false, memory_order_relaxed);
	pthread_mutex_unlock(&t->lock);
	while (mail.first) {
		struct request *request = mail.first;

		mail.first = request->next;
		if (request->kind == REQUEST_MAP || request->kind == REQUEST_UNMAP)
			change_memory(t, request);
		else
			list_append(&t->waiting, request);
	}
}

/* ---------------------------------------------------------------- the first request */

static void offer_access(struct rtl_thread *t, const struct request *request)
{
	t->in.host_valid = true;
	t->in.host_write = request->access.write;
	t->in.host_bar = (uint8_t)request->access.bar;
	t->in.host_addr = request->access.addr;
	t->in.host_size = (uint8_t)request->access.size;
	t->in.host_wdata = request->value;
}

static void set_control(struct rtl_thread *t, const struct rtl_control *control)
{
	t->in.bus_master = control->bus_master;
	t->in.msix_enable = control->msix_enable;
	t->in.msix_function_mask = control->msix_function_mask;
	t->in.msix_emulated = control->msix_emulated;
	/* The link refuses at once what the chip has under way. */
	rtl_memory_set_bus_master(t->memory, control->bus_master);
}

static void begin_request(struct rtl_thread *t)
{
	const struct request *request = t->waiting.first;

	t->phase = PHASE_WAIT;
	t->phase_cycle = t->cycle;
	switch (request->kind) {
	case REQUEST_ACCESS:
		t->phase = PHASE_OFFER;
		if (!t->dead)
			offer_access(t, request);
		break;
	case REQUEST_FLR:
		t->in.flr = !t->dead;
		break;
	default:
		set_control(t, &request->control);
	}
}

static void end_request(struct rtl_thread *t, int rc)
{
	t->phase = PHASE_NONE;
	finish(t, list_take(&t->waiting), rc);
}

static void give_up(struct rtl_thread *t, struct request *request)
{
	if (!t->dead) {
		fprintf(stderr, "sl200 rtl: no answer to %s, BAR%u 0x%x, in cycle %llu\n",
			request->kind == REQUEST_FLR ? "a function-level reset"
			: request->access.write	     ? "a write"
						     : "a read",
			request->kind == REQUEST_FLR ? 0 : request->access.bar,
			request->kind == REQUEST_FLR ? 0 : request->access.addr,
			(unsigned long long)t->cycle);
		t->dead = true;
	}
	request->value = UINT64_MAX;
	end_request(t, -ENXIO);
}

/* After a cycle: what its outputs say to the request that is being worked on. */
static void advance_request(struct rtl_thread *t)
{
	struct request *request = t->waiting.first;
	uint64_t cycles = t->cycle - t->phase_cycle;

	if (request->kind == REQUEST_CONTROL) {
		if (cycles >= CONTROL_CYCLES)
			end_request(t, 0);
		return;
	}
	if (t->dead || cycles >= ANSWER_CYCLES) {
		give_up(t, request);
		return;
	}
	if (request->kind == REQUEST_FLR) {
		t->in.flr = false;
		if (t->out.flr_done)
			end_request(t, 0);
		return;
	}
	if (t->phase == PHASE_OFFER && t->out.host_ready) {
		t->in.host_valid = false;
		t->phase = PHASE_WAIT;
	}
	if (t->phase == PHASE_WAIT && t->out.host_done) {
		request->value = t->out.host_rdata;
		end_request(t, t->out.host_error ? -EINVAL : 0);
	}
}

/* ---------------------------------------------------------------- what the chip says */

static void deliver(struct rtl_thread *t, unsigned int vector)
{
	pthread_mutex_lock(&t->irq_lock);
	if (t->irq[vector].fn)
		t->irq[vector].fn(t->irq[vector].arg);
	pthread_mutex_unlock(&t->irq_lock);
}

static void console(struct rtl_thread *t, char c)
{
	if (c != '\n' && t->line_length < LINE_MAX - 1) {
		t->line[t->line_length++] = c;
		return;
	}
	t->line[t->line_length] = '\0';
	t->line_length = 0;
	if (t->console)
		t->console(t->console_arg, t->line);
}

/* ---------------------------------------------------------------- cycles */

static uint64_t now(const struct rtl_thread *t)
{
	return t->cycle * t->cycle_ns + t->jumped_ns;
}

/* Whoever waits for a transfer of the MCU's DMA polls: only what runs outside of one is work. */
static void observe(struct rtl_thread *t)
{
	const struct rtl_chip_out *out = &t->out;
	unsigned int events = (out->doorbell ? RTL_EVENT_DOORBELL : 0) |
			      (out->fetch ? RTL_EVENT_FETCH : 0) |
			      (out->written ? RTL_EVENT_WRITTEN : 0) |
			      (out->msix_valid ? RTL_EVENT_INTERRUPT : 0) |
			      (out->sleeping && !t->slept_last ? RTL_EVENT_ASLEEP : 0);

	t->slept_last = out->sleeping;
	t->counts.cycles = t->cycle;
	t->counts.sleeping += out->sleeping && !out->mdma;
	t->counts.mdma += out->mdma;
	t->counts.memory += out->mdma && !rtl_memory_idle(t->memory);
	t->counts.polls += out->mdma && out->retire;
	t->counts.instructions += !out->mdma && out->retire;
	if (events)
		t->observer->event(t->observer->arg, events, &t->counts);
}

static void clock_once(struct rtl_thread *t)
{
	t->in.time = now(t);
	rtl_memory_drive(t->memory, t->in.port);
	rtl_chip_settle(t->chip, &t->in, &t->out);
	rtl_memory_take(t->memory, t->in.port, t->out.port);
	rtl_chip_edge(t->chip);
	t->cycle++;
	if (t->out.msix_valid)
		deliver(t, t->out.msix_vector % CARD_NUM_VECTORS);
	if (t->out.console_valid)
		console(t, t->out.console_char);
	if (t->observer)
		observe(t);
	t->idle_cycles = t->out.idle ? t->idle_cycles + 1 : 0;
}

/* Only an input or the timer changes anything: let time pass without cycles. */
static void sleep_idle(struct rtl_thread *t)
{
	uint64_t began = timebase_monotonic(), slept;
	const struct timebase wall = {.origin = began};
	struct timespec deadline;

	if (t->out.timer_armed && t->out.timer_cmp <= now(t))
		return;
	deadline = timebase_deadline(&wall, t->out.timer_cmp - now(t));
	pthread_mutex_lock(&t->lock);
	while (!atomic_load(&t->posted) && !atomic_load(&t->stop)) {
		if (!t->out.timer_armed)
			pthread_cond_wait(&t->wake, &t->lock);
		else if (pthread_cond_timedwait(&t->wake, &t->lock, &deadline) == ETIMEDOUT)
			break;
	}
	pthread_mutex_unlock(&t->lock);
	slept = timebase_monotonic() - began;
	t->slept_ns += slept;
	t->jumped_ns += slept;
	t->idle_cycles = 0;
}

/* Of the thread's own processor time: what else the machine does is not the chip's speed. */
static void report(const struct rtl_thread *t)
{
	struct timespec cpu;
	double seconds;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	seconds = (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9;
	fprintf(stderr, "sl200 rtl: %llu cycles in %.3f s of a processor, %.0f a second\n",
		(unsigned long long)t->cycle, seconds, (double)t->cycle / seconds);
	fprintf(stderr, "sl200 rtl: idle for %.3f s\n", (double)t->slept_ns / 1e9);
}

static void *thread_main(void *arg)
{
	struct rtl_thread *t = arg;

	while (!atomic_load_explicit(&t->stop, memory_order_relaxed)) {
		if (atomic_load_explicit(&t->posted, memory_order_relaxed))
			collect(t);
		if (t->phase == PHASE_NONE && t->waiting.first)
			begin_request(t);
		if (t->phase == PHASE_NONE && t->idle_cycles >= IDLE_CYCLES &&
		    rtl_memory_idle(t->memory) &&
		    !(t->observer && atomic_load(&t->observer->awake))) {
			sleep_idle(t);
			if (atomic_load_explicit(&t->posted, memory_order_relaxed))
				continue;
		}
		clock_once(t);
		if (t->phase != PHASE_NONE)
			advance_request(t);
	}
	if (t->report)
		report(t);
	return NULL;
}

static void power_on(struct rtl_thread *t)
{
	while (t->cycle < POWER_ON_CYCLES)
		clock_once(t);
	t->in.por_n = true;
}

/* ---------------------------------------------------------------- life */

static int create_locks(struct rtl_thread *t)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&t->lock, NULL);
	pthread_mutex_init(&t->irq_lock, NULL);
	pthread_cond_init(&t->done, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->wake, &attr);
	pthread_condattr_destroy(&attr);
	return 0;
}

static void destroy_locks(struct rtl_thread *t)
{
	pthread_cond_destroy(&t->wake);
	pthread_cond_destroy(&t->done);
	pthread_mutex_destroy(&t->irq_lock);
	pthread_mutex_destroy(&t->lock);
}

static void set_board(struct rtl_thread *t, const struct rtl_thread_config *config)
{
	t->in.dram_size = config->dram_size;
	t->in.serial = config->serial;
	memcpy(t->in.otp_key, sl200_dev_public_key, sizeof(t->in.otp_key));
	t->in.otp_min_version = OTP_MIN_VERSION;
	/* Sensors of a card that does nothing: a simulation has no heat of its own. */
	t->in.temp = SL200_TELEM_TEMP_RESET_VALUE;
	t->in.power = SL200_TELEM_POWER_RESET_VALUE;
}

int rtl_thread_create(const struct rtl_thread_config *config, struct rtl_thread **out)
{
	struct rtl_thread *t;
	int rc;

	if (access(config->rom, R_OK))
		return -ENOENT;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->cycle_ns = config->cycle_ns;
	t->report = config->report;
	t->console = config->console;
	t->console_arg = config->console_arg;
	t->observer = config->observer;
	list_init(&t->mailbox);
	list_init(&t->waiting);
	set_board(t, config);
	rc = rtl_memory_create(&config->memory, config->dram_size, &t->memory);
	if (rc)
		goto free_thread;
	t->chip = rtl_chip_create(config->rom, config->memory.seed);
	if (!t->chip) {
		rc = -ENOMEM;
		goto free_memory;
	}
	create_locks(t);
	power_on(t);
	rc = -pthread_create(&t->thread, NULL, thread_main, t);
	if (rc)
		goto free_chip;
	*out = t;
	return 0;

free_chip:
	destroy_locks(t);
	rtl_chip_destroy(t->chip);
free_memory:
	rtl_memory_destroy(t->memory);
free_thread:
	free(t);
	return rc;
}

void rtl_thread_destroy(struct rtl_thread *t)
{
	pthread_mutex_lock(&t->lock);
	atomic_store(&t->stop, true);
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	destroy_locks(t);
	rtl_chip_destroy(t->chip);
	rtl_memory_destroy(t->memory);
	free(t);
}

/* ---------------------------------------------------------------- for others */

int rtl_thread_access(struct rtl_thread *t, unsigned int bar, uint32_t addr, unsigned int size,
		      bool write, uint64_t *value)
{
	struct request request = {
		.kind = REQUEST_ACCESS,
		.access = {.bar = bar, .addr = addr, .size = size, .write = write},
		.value = *value,
	};

	ask(t, &request);
	*value = request.rc ? UINT64_MAX : request.value;
	return request.rc;
}

void rtl_thread_control(struct rtl_thread *t, const struct rtl_control *control)
{
	struct request request = {.kind = REQUEST_CONTROL, .control = *control};

	ask(t, &request);
}

void rtl_thread_flr(struct rtl_thread *t)
{
	struct request request = {.kind = REQUEST_FLR};

	ask(t, &request);
}

int rtl_thread_map(struct rtl_thread *t, uint64_t bus, void *vaddr, uint64_t size,
		   unsigned int prot)
{
	struct request request = {
		.kind = REQUEST_MAP,
		.map = {.bus = bus, .size = size, .vaddr = vaddr, .prot = prot},
	};

	ask(t, &request);
	return request.rc;
}

int rtl_thread_unmap(struct rtl_thread *t, uint64_t bus, uint64_t size)
{
	struct request request = {.kind = REQUEST_UNMAP, .map = {.bus = bus, .size = size}};

	ask(t, &request);
	return request.rc;
}

int rtl_thread_set_irq(struct rtl_thread *t, unsigned int vector, void (*fn)(void *arg), void *arg)
{
	if (vector >= CARD_NUM_VECTORS)
		return -EINVAL;
	pthread_mutex_lock(&t->irq_lock);
	t->irq[vector].fn = fn;
	t->irq[vector].arg = arg;
	pthread_mutex_unlock(&t->irq_lock);
	return 0;
}
