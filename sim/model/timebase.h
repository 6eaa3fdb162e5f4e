/* SPDX-License-Identifier: MIT */
/* The card's one timebase: nanoseconds since power-on. It survives every reset. */
#ifndef MODEL_TIMEBASE_H
#define MODEL_TIMEBASE_H

#include <stdint.h>
#include <time.h>

struct timebase {
	uint64_t origin; /* CLOCK_MONOTONIC at power-on */
};

static inline uint64_t timebase_monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline void timebase_start(struct timebase *tb)
{
	tb->origin = timebase_monotonic();
}

static inline uint64_t timebase_now(const struct timebase *tb)
{
	return timebase_monotonic() - tb->origin;
}

/* The CLOCK_MONOTONIC time of a card time, saturated: for timed waits. */
static inline struct timespec timebase_deadline(const struct timebase *tb, uint64_t ns)
{
	const uint64_t far = UINT64_MAX / 4;
	uint64_t t = (ns > far ? far : ns) + tb->origin;

	return (struct timespec){.tv_sec = (time_t)(t / 1000000000u),
				 .tv_nsec = (long)(t % 1000000000u)};
}

#endif
