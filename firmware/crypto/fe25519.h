/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic modulo p = 2^255 - 19: eight 32-bit words, least significant first, any value below
 * 2^256 standing for its residue. Results may be one of the operands.
 */
#ifndef FW_FE25519_H
#define FW_FE25519_H

#include <stdint.h>

#define FE_BYTES 32u

struct fe {
	uint32_t v[8];
};

extern const struct fe fe_zero;
extern const struct fe fe_one;

void fe_add(struct fe *r, const struct fe *a, const struct fe *b);
void fe_sub(struct fe *r, const struct fe *a, const struct fe *b);
void fe_mul(struct fe *r, const struct fe *a, const struct fe *b);
void fe_sq(struct fe *r, const struct fe *a);
void fe_invert(struct fe *r, const struct fe *a);     /* 1/a; 0 for 0 */
void fe_pow22523(struct fe *r, const struct fe *a);   /* a^((p - 5) / 8) */
int fe_equal(const struct fe *a, const struct fe *b); /* 1 when congruent, else 0 */

/* The residue in 0..p-1 as 32 little-endian bytes. */
void fe_encode(uint8_t out[FE_BYTES], const struct fe *a);

/* Bits 0..254 of in. Returns 0, or -1 when they are not below p. */
int fe_decode(struct fe *r, const uint8_t in[FE_BYTES]);

#endif
