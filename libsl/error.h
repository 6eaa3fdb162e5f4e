/* SPDX-License-Identifier: MIT */
/* The calling thread's last error: a result and the sentence behind it. */
#ifndef SL_ERROR_H
#define SL_ERROR_H

#include "sl200/device.h"

/*
 * Remember a printf-formatted sentence (without newline, cut at 511 bytes) as this thread's last
 * error and return result, a negative enum sl_result. Thread-safe.
 */
int sl_fail(int result, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
