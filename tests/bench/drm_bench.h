/* SPDX-License-Identifier: MIT */
/* What the parts of drm_bench share. A call that fails ends the program with a sentence. */
#ifndef TESTS_BENCH_DRM_BENCH_H
#define TESTS_BENCH_DRM_BENCH_H

#include <stddef.h>
#include <stdint.h>

/* Seconds of real time, and of this process's processor time, its kernel part included. */
double bench_now(void);
double bench_cpu(void);

/* End the program unless ret, 0 or a negative errno value, is 0. */
void bench_must(int ret, const char *what);
/* The same for a result of the library. */
void bench_must_sl(int ret, const char *what);

/*
 * Sorts; share: 0.5 for the median. What a thing costs by itself is in the least disturbed quarter,
 * BENCH_QUIET, as this machine may be a simulated one on a host with other work.
 */
#define BENCH_QUIET 0.25
double bench_quantile(double *values, size_t count, double share);

/*
 * System calls, reading the clock not among them, that run(arg) makes between its two calls of
 * bench_mark(), threads that it starts included. Needs root.
 */
uint64_t bench_count_calls(void (*run)(const void *arg), const void *arg);
void bench_mark(void);

/* drm_bench_jobs.c: empty jobs through one queue, by several ways. */
void bench_jobs(void);
/* drm_bench_memory.c: buffer objects of many sizes made, imported and closed. */
void bench_memory(void);
/* drm_bench_pictures.c: pictures encoded from card and host memory. */
void bench_pictures(void);

#endif
