/* SPDX-License-Identifier: MIT */
/* Key files of slfw: 64 hexadecimal digits; lines that start with # are comments. */
#ifndef SLFW_KEY_H
#define SLFW_KEY_H

#include <stdint.h>

#define SLFW_KEY_SIZE 32u

/* Read a key file. Returns 0, or -1 after a message on stderr. */
int slfw_key_read(const char *path, uint8_t key[SLFW_KEY_SIZE]);

/*
 * Write a key file that does not exist yet, readable by its owner only when secret is set.
 * Returns 0, or -1 after a message on stderr.
 */
int slfw_key_write(const char *path, const uint8_t key[SLFW_KEY_SIZE], const char *comment,
		   int secret);

#endif
