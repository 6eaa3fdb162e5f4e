// SPDX-License-Identifier: MIT
#include "firmware/crypto/fe25519.h"
#include "firmware/lib/mem.h"

const struct fe fe_zero = {{0}};
const struct fe fe_one = {{1}};

/* Add carry * 2^256, which is carry * 38 modulo p, to r. It seldom reaches far. */
static void fold(struct fe *r, uint32_t carry)
{
	while (carry) {
		uint64_t acc = (uint64_t)carry * 38;

		for (unsigned int i = 0; i < 8 && acc; i++) {
			acc += r->v[i];
			r->v[i] = (uint32_t)acc;
			acc >>= 32;
		}
		carry = (uint32_t)acc;
	}
}

void fe_add(struct fe *r, const struct fe *a, const struct fe *b)
{
	uint64_t acc = 0;

	for (unsigned int i = 0; i < 8; i++) {
		acc += (uint64_t)a->v[i] + b->v[i];
		r->v[i] = (uint32_t)acc;
		acc >>= 32;
	}
	fold(r, (uint32_t)acc);
}

void fe_sub(struct fe *r, const struct fe *a, const struct fe *b)
{
	int64_t acc = 0;

	for (unsigned int i = 0; i < 8; i++) {
		acc += (int64_t)a->v[i] - b->v[i];
		r->v[i] = (uint32_t)acc;
		acc >>= 32;
	}
	while (acc) {
		acc *= 38; /* a borrow of 2^256 is one of 38 */
		for (unsigned int i = 0; i < 8 && acc; i++) {
			acc += r->v[i];
			r->v[i] = (uint32_t)acc;
			acc >>= 32;
		}
	}
}

/* t += a * b of n words by one; t[n] is written only. The build unrolls it: n is a constant. */
static inline __attribute__((always_inline)) void mul_row(uint32_t *t, const uint32_t *a,
							  uint32_t b, unsigned int n)
{
	uint64_t acc = 0;

	for (unsigned int i = 0; i < n; i++) {
		acc += (uint64_t)a[i] * b + t[i];
		t[i] = (uint32_t)acc;
		acc >>= 32;
	}
	t[n] = (uint32_t)acc;
}

/* r = t modulo p. */
static void reduce(struct fe *r, const uint32_t t[16])
{
	uint64_t acc = 0;

	for (unsigned int i = 0; i < 8; i++) {
		acc += (uint64_t)t[i + 8] * 38 + t[i];
		r->v[i] = (uint32_t)acc;
		acc >>= 32;
	}
	fold(r, (uint32_t)acc);
}

void fe_mul(struct fe *r, const struct fe *a, const struct fe *b)
{
	uint32_t t[16];

	for (unsigned int i = 0; i < 8; i++)
		t[i] = 0;
	for (unsigned int i = 0; i < 8; i++)
		mul_row(t + i, b->v, a->v[i], 8);
	reduce(r, t);
}

void fe_sq(struct fe *r, const struct fe *a)
{
	const uint32_t *v = a->v;
	uint64_t acc = 0;
	uint32_t t[16];

	/* The products of different words, once, ... */
	for (unsigned int i = 0; i < 8; i++)
		t[i] = 0;
	mul_row(t + 1, v + 1, v[0], 7);
	mul_row(t + 3, v + 2, v[1], 6);
	mul_row(t + 5, v + 3, v[2], 5);
	mul_row(t + 7, v + 4, v[3], 4);
	mul_row(t + 9, v + 5, v[4], 3);
	mul_row(t + 11, v + 6, v[5], 2);
	mul_row(t + 13, v + 7, v[6], 1);
	t[15] = 0;
	/* ... then twice, with the squares between. */
	for (unsigned int i = 0; i < 8; i++) {
		uint64_t square = (uint64_t)v[i] * v[i];

		acc += 2 * (uint64_t)t[2 * i] + (uint32_t)square;
		t[2 * i] = (uint32_t)acc;
		acc >>= 32;
		acc += 2 * (uint64_t)t[2 * i + 1] + (square >> 32);
		t[2 * i + 1] = (uint32_t)acc;
		acc >>= 32;
	}
	reduce(r, t);
}

static void fe_sq_n(struct fe *r, const struct fe *a, unsigned int n)
{
	*r = *a;
	while (n--)
		fe_sq(r, r);
}

/* r = a^(2^250 - 1), a11 = a^11: what both exponentiations share. */
static void fe_pow_2_250_1(struct fe *r, struct fe *a11, const struct fe *a)
{
	struct fe t, u, a10, a50;

	fe_sq(&t, a);	    /* 2 */
	fe_sq_n(&u, &t, 2); /* 8 */
	fe_mul(&u, &u, a);  /* 9 */
	fe_mul(a11, &u, &t);
	fe_sq(&t, a11);	    /* 22 */
	fe_mul(&u, &u, &t); /* 2^5 - 1 */
	fe_sq_n(&t, &u, 5);
	fe_mul(&a10, &t, &u); /* 2^10 - 1 */
	fe_sq_n(&t, &a10, 10);
	fe_mul(&u, &t, &a10); /* 2^20 - 1 */
	fe_sq_n(&t, &u, 20);
	fe_mul(&u, &t, &u); /* 2^40 - 1 */
	fe_sq_n(&t, &u, 10);
	fe_mul(&a50, &t, &a10); /* 2^50 - 1 */
	fe_sq_n(&t, &a50, 50);
	fe_mul(&u, &t, &a50); /* 2^100 - 1 */
	fe_sq_n(&t, &u, 100);
	fe_mul(&u, &t, &u); /* 2^200 - 1 */
	fe_sq_n(&t, &u, 50);
	fe_mul(r, &t, &a50);
}

void fe_invert(struct fe *r, const struct fe *a)
{
	struct fe t, a11;

	fe_pow_2_250_1(&t, &a11, a);
	fe_sq_n(&t, &t, 5);
	fe_mul(r, &t, &a11); /* p - 2 = 2^255 - 32 + 11 */
}

void fe_pow22523(struct fe *r, const struct fe *a)
{
	struct fe t, a11, base = *a;

	fe_pow_2_250_1(&t, &a11, a);
	fe_sq_n(&t, &t, 2);
	fe_mul(r, &t, &base); /* (p - 5) / 8 = 2^252 - 4 + 1 */
}

/* Subtract p when the value is not below it. Returns whether it was not. */
static int subtract_p(struct fe *a)
{
	uint64_t acc = 19;
	struct fe t;

	/* a - p = a + 19 - 2^255 */
	for (unsigned int i = 0; i < 8; i++) {
		acc += a->v[i];
		t.v[i] = (uint32_t)acc;
		acc >>= 32;
	}
	if (!acc && !(t.v[7] >> 31))
		return 0;
	t.v[7] -= 1u << 31;
	*a = t;
	return 1;
}

static struct fe reduced(const struct fe *a)
{
	struct fe t = *a;

	while (subtract_p(&t))
		;
	return t;
}

int fe_equal(const struct fe *a, const struct fe *b)
{
	struct fe x = reduced(a);
	struct fe y = reduced(b);

	return memcmp(x.v, y.v, sizeof(x.v)) == 0;
}

void fe_encode(uint8_t out[FE_BYTES], const struct fe *a)
{
	struct fe t = reduced(a);

	for (unsigned int i = 0; i < FE_BYTES; i++)
		out[i] = (uint8_t)(t.v[i / 4] >> (8 * (i & 3)));
}

int fe_decode(struct fe *r, const uint8_t in[FE_BYTES])
{
	for (unsigned int i = 0; i < 8; i++)
		r->v[i] = in[4 * i] | (uint32_t)in[4 * i + 1] << 8 | (uint32_t)in[4 * i + 2] << 16 |
			  (uint32_t)in[4 * i + 3] << 24;
	r->v[7] &= 0x7fffffff;
	return subtract_p(r) ? -1 : 0;
}
