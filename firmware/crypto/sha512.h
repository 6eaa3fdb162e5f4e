/* SPDX-License-Identifier: MIT */
/* SHA-512 (FIPS 180-4 6.4), as Ed25519 needs it. Portable, freestanding, reentrant. */
#ifndef FW_SHA512_H
#define FW_SHA512_H

#include <stddef.h>
#include <stdint.h>

#define SHA512_SIZE 64u

struct sha512 {
	uint64_t state[8];
	uint64_t len; /* bytes so far; messages stay below 2^61 bytes */
	uint8_t block[128];
};

void sha512_init(struct sha512 *sha);
void sha512_update(struct sha512 *sha, const void *data, size_t len);
void sha512_final(struct sha512 *sha, uint8_t digest[SHA512_SIZE]);

#endif
