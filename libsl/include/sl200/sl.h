/* SPDX-License-Identifier: MIT */
/*
 * libsl: the user library of the SL200 video card.
 *
 * Objects are opaque and reference-free: every *_create() is matched by one *_destroy(), children
 * before parents (a device last). Functions return 0 or a negative enum sl_result; sl_strerror()
 * says what it means and sl_last_error() what exactly was wrong in this thread's last failing call.
 */
#ifndef SL_H
#define SL_H

#include "sl200/device.h"
#include "sl200/memory.h"
#include "sl200/queue.h"
#include "sl200/h264.h"
#include "sl200/rate_control.h"
#include "sl200/encoder.h"

#endif
