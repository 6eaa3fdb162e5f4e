/* SPDX-License-Identifier: MIT */
/* The capabilities that the two ends of a vfio-user connection tell each other, in JSON. */
#ifndef CARD_VFIO_USER_VERSION_H
#define CARD_VFIO_USER_VERSION_H

#include <stddef.h>

/*
 * Judge what a client sends: size bytes, a JSON object with a NUL at its end, or nothing at all.
 * Unknown names are ignored. Returns 0, or -EINVAL and a sentence in error.
 */
int vfio_user_version_check(const char *text, size_t size, char *error, size_t error_size);

/* This server's capabilities, NUL-terminated, for the caller to free(); NULL without memory. */
char *vfio_user_version_text(void);

#endif
