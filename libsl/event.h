/* SPDX-License-Identifier: MIT */
/*
 * A counter to sleep on. Signalling makes no system call while nobody sleeps and takes no lock,
 * so that interrupt handlers may do it.
 */
#ifndef SL_EVENT_H
#define SL_EVENT_H

#include <linux/futex.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct event {
	_Atomic uint32_t count;
	_Atomic uint32_t sleepers;
};

static inline uint32_t event_count(struct event *event)
{
	return atomic_load(&event->count);
}

static inline void event_signal(struct event *event)
{
	atomic_fetch_add(&event->count, 1);
	if (atomic_load(&event->sleepers))
		syscall(SYS_futex, &event->count, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* Sleep until the count differs from seen, a signal arrives, or timeout_ns have passed. */
static inline void event_sleep(struct event *event, uint32_t seen, int64_t timeout_ns)
{
	struct timespec timeout = {
		.tv_sec = timeout_ns / 1000000000,
		.tv_nsec = timeout_ns % 1000000000,
	};

	if (timeout_ns <= 0)
		return;
	atomic_fetch_add(&event->sleepers, 1);
	syscall(SYS_futex, &event->count, FUTEX_WAIT_PRIVATE, seen, &timeout, NULL, 0);
	atomic_fetch_sub(&event->sleepers, 1);
}

/* In a loop that waits for another processor. */
static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static inline int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

#endif
