// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>

#include "libsl/error.h"

static _Thread_local char last_error[512];

int sl_fail(int result, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(last_error, sizeof(last_error), fmt, args);
	va_end(args);
	return result;
}

const char *sl_last_error(void)
{
	return last_error;
}

const char *sl_version(void)
{
	return SL200_VERSION;
}

const char *sl_strerror(int result)
{
	switch ((enum sl_result)result) {
	case SL_OK:
		return "success";
	case SL_ERR_INVALID:
		return "invalid argument";
	case SL_ERR_NO_MEMORY:
		return "out of memory";
	case SL_ERR_NO_DEVICE:
		return "no such device";
	case SL_ERR_LOST:
		return "the card was lost";
	case SL_ERR_AGAIN:
		return "the queue is full";
	case SL_ERR_TIMEOUT:
		return "timed out";
	case SL_ERR_UNSUPPORTED:
		return "not supported by this card";
	case SL_ERR_FAULT:
		return "the queue stopped after a fault";
	case SL_ERR_OVERFLOW:
		return "the output buffer is too small";
	case SL_ERR_JOB:
		return "the job failed";
	case SL_ERR_BUSY:
		return "the object is in use";
	case SL_ERR_PERMISSION:
		return "permission denied";
	case SL_ERR_FIRMWARE:
		return "the card's firmware could not be started";
	case SL_ERR_SYSTEM:
		return "a system call failed";
	case SL_ERR_END:
		return "end of stream";
	}
	return "unknown error";
}
