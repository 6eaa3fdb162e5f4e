/* SPDX-License-Identifier: MIT */
/*
 * What the stack tests share. They use the public interface on whatever card SL_DEVICE names, by
 * default the functional model inside the process.
 */
#ifndef TESTS_STACK_H
#define TESTS_STACK_H

#include <CUnit/Basic.h>
#include <stdbool.h>

#include "sl200/sl.h"

#define SECOND 1000000000ll
#define PATIENCE stack_patience() /* for what takes milliseconds on an idle machine */

#if defined(__SANITIZE_THREAD__)
#define STACK_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STACK_TSAN 1
#endif
#endif

/* Fail with the library's own words. */
#define CU_ASSERT_OK(call) stack_assert_ok((call), __LINE__, #call, __FILE__)
void stack_assert_ok(int ret, unsigned int line, const char *call, const char *file);

/* Run the suite's tests; the value to return from main(). The table ends on CU_TEST_INFO_NULL. */
int stack_run(const char *suite, CU_TestInfo *tests);
/* The same for tests that need an encoder: on a card without one, says so and runs none. */
int stack_run_encoder(const char *suite, CU_TestInfo *tests);

/* Whether the card is inside this process. */
bool stack_in_process(void);

/*
 * Whether the card is this process's alone, which boots it, inside it or in another: nobody else
 * has jobs on it or counts with it.
 */
bool stack_own_card(void);
/* Say that a test, or a part of one, is left out on this card, and why. */
void stack_skip(const char *what, const char *why);

struct sl_device *stack_open(void);

/*
 * Whether stack_open() has found the card to be an RTL simulation: tests move less data then, and
 * wait longer.
 */
bool stack_slow(void);
int64_t stack_patience(void); /* in nanoseconds */

/*
 * Booting a slow card takes long: stack_open() holds such a card powered until the suite ends,
 * unless told off. Telling it off powers the card off, if no device is open.
 */
void stack_hold(bool on);

/* The URI in SL_DEVICE with an option of the simulated card added to it. */
const char *stack_uri_with(const char *option);

/* Whether the card does a job of this kind, by its capabilities. */
bool stack_has(const struct sl_device *device, enum sl200_opcode opcode);

/* A new client's copy through card memory arrives intact: the card still serves. */
void stack_assert_healthy(void);

void stack_random(void *data, size_t size, unsigned int *seed);

/* Wait for a job and return its completion's status. */
int stack_wait_status(struct sl_queue *queue, uint64_t seqno);

#endif
