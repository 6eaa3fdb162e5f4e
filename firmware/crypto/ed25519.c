// SPDX-License-Identifier: MIT
#include <stdbool.h>

#include "firmware/crypto/ed25519.h"
#include "firmware/crypto/fe25519.h"
#include "firmware/crypto/sha512.h"
#include "firmware/lib/mem.h"

/* Extended coordinates (RFC 8032 5.1.4): x = X/Z, y = Y/Z, x * y = T/Z. */
struct point {
	struct fe x, y, z, t;
};

/* The second operand of an addition, prepared: Y - X, Y + X, 2Z, 2dT. */
struct addend {
	struct fe minus, plus, z2, t2d;
};

/* RFC 8032 5.1: d, the base point B, and the square root of -1. */
static const struct fe curve_d = {{0x135978a3, 0x75eb4dca, 0x4141d8ab, 0x00700a4d, 0x7779e898,
				   0x8cc74079, 0x2b6ffe73, 0x52036cee}};
static const struct fe curve_2d = {{0x26b2f159, 0xebd69b94, 0x8283b156, 0x00e0149a, 0xeef3d130,
				    0x198e80f2, 0x56dffce7, 0x2406d9dc}};
static const struct fe sqrt_m1 = {{0x4a0ea0b0, 0xc4ee1b27, 0xad2fe478, 0x2f431806, 0x3dfbd7a7,
				   0x2b4d0099, 0x4fc1df0b, 0x2b832480}};
static const struct point base_point = {
	.x = {{0x8f25d51a, 0xc9562d60, 0x9525a7b2, 0x692cc760, 0xfdd6dc5c, 0xc0a4e231, 0xcd6e53fe,
	       0x216936d3}},
	.y = {{0x66666658, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666,
	       0x66666666}},
	.z = {{1}},
	.t = {{0xa5b7dda3, 0x6dde8ab3, 0x775152f5, 0x20f09f80, 0x64abe37d, 0x66ea4e8e, 0xd78b7665,
	       0x67875f0f}},
};
/* Order of B. */
static const uint32_t order[8] = {0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de,
				  0x00000000, 0x00000000, 0x00000000, 0x10000000};

/* X3 = E F, Y3 = G H, Z3 = F G: the end of both formulas, but for T3 = E H. */
static void finish(struct point *r, const struct fe *e, const struct fe *f, const struct fe *g,
		   const struct fe *h)
{
	fe_mul(&r->x, e, f);
	fe_mul(&r->y, g, h);
	fe_mul(&r->z, f, g);
}

/* RFC 8032 5.1.4; complete: also right for equal points and the identity. Adds -q if negative. */
static void point_add(struct point *r, const struct point *p, const struct addend *q, bool negative)
{
	struct fe a, b, c, d, e;

	fe_sub(&a, &p->y, &p->x);
	fe_mul(&a, &a, negative ? &q->plus : &q->minus);
	fe_add(&b, &p->y, &p->x);
	fe_mul(&b, &b, negative ? &q->minus : &q->plus);
	fe_mul(&c, &p->t, &q->t2d);
	if (negative)
		fe_sub(&c, &fe_zero, &c);
	fe_mul(&d, &p->z, &q->z2);
	fe_sub(&e, &b, &a);
	fe_add(&b, &b, &a); /* H */
	fe_sub(&a, &d, &c); /* F */
	fe_add(&d, &d, &c); /* G */
	finish(r, &e, &a, &d, &b);
	fe_mul(&r->t, &e, &b);
}

/* Does not need T of p, and leaves that of r out unless told that it is wanted. */
static void point_double(struct point *r, const struct point *p, bool want_t)
{
	struct fe a, b, c, e, g;

	fe_sq(&a, &p->x);
	fe_sq(&b, &p->y);
	fe_sq(&c, &p->z);
	fe_add(&c, &c, &c);
	fe_add(&e, &p->x, &p->y);
	fe_sq(&e, &e);
	fe_add(&g, &a, &b); /* H */
	fe_sub(&e, &g, &e);
	fe_sub(&a, &a, &b); /* G */
	fe_add(&c, &c, &a); /* F */
	finish(r, &e, &c, &a, &g);
	if (want_t)
		fe_mul(&r->t, &e, &g);
}

static void prepare(struct addend *r, const struct point *p)
{
	fe_sub(&r->minus, &p->y, &p->x);
	fe_add(&r->plus, &p->y, &p->x);
	fe_add(&r->z2, &p->z, &p->z);
	fe_mul(&r->t2d, &p->t, &curve_2d);
}

/* RFC 8032 5.1.3. Returns 0, or -1 when the bytes are no canonical encoding of a point. */
static int point_decode(struct point *r, const uint8_t in[32])
{
	struct fe u, v, v3, vx2, minus_u;
	unsigned int sign = in[31] >> 7;

	if (fe_decode(&r->y, in))
		return -1;
	fe_sq(&u, &r->y);
	fe_mul(&v, &u, &curve_d);
	fe_sub(&u, &u, &fe_one);
	fe_add(&v, &v, &fe_one);
	fe_sq(&v3, &v);
	fe_mul(&v3, &v3, &v);
	fe_sq(&r->x, &v3);
	fe_mul(&r->x, &r->x, &v);
	fe_mul(&r->x, &r->x, &u); /* u v^7 */
	fe_pow22523(&r->x, &r->x);
	fe_mul(&r->x, &r->x, &v3);
	fe_mul(&r->x, &r->x, &u); /* u v^3 (u v^7)^((p - 5) / 8) */
	fe_sq(&vx2, &r->x);
	fe_mul(&vx2, &vx2, &v);
	fe_sub(&minus_u, &fe_zero, &u);
	if (fe_equal(&vx2, &minus_u))
		fe_mul(&r->x, &r->x, &sqrt_m1);
	else if (!fe_equal(&vx2, &u))
		return -1;
	if (fe_equal(&r->x, &fe_zero)) {
		if (sign)
			return -1;
	} else {
		uint8_t bytes[FE_BYTES];

		fe_encode(bytes, &r->x);
		if ((bytes[0] & 1) != sign)
			fe_sub(&r->x, &fe_zero, &r->x);
	}
	r->z = fe_one;
	fe_mul(&r->t, &r->x, &r->y);
	return 0;
}

static void point_encode(uint8_t out[32], const struct point *p)
{
	uint8_t x_bytes[FE_BYTES];
	struct fe z, x, y;

	fe_invert(&z, &p->z);
	fe_mul(&x, &p->x, &z);
	fe_mul(&y, &p->y, &z);
	fe_encode(out, &y);
	fe_encode(x_bytes, &x);
	out[31] |= (uint8_t)((x_bytes[0] & 1) << 7);
}

/* Whether 8 P is the identity: the curve has eight such points, useless as keys. */
static int small_order(const struct point *p)
{
	struct point q;

	point_double(&q, p, false);
	point_double(&q, &q, false);
	point_double(&q, &q, false);
	return fe_equal(&q.x, &fe_zero) && fe_equal(&q.y, &q.z);
}

/* Subtract the order from s when s is not below it. Returns whether it was not. */
static int subtract_order(uint32_t s[8])
{
	uint32_t t[8];
	int64_t acc = 0;

	for (unsigned int i = 0; i < 8; i++) {
		acc += (int64_t)s[i] - order[i];
		t[i] = (uint32_t)acc;
		acc >>= 32;
	}
	if (acc)
		return 0;
	memcpy(s, t, sizeof(t));
	return 1;
}

/* in modulo the order, bit by bit: its cost is small beside that of the point arithmetic. */
static void reduce(uint32_t r[8], const uint8_t in[64])
{
	memset(r, 0, 8 * sizeof(r[0]));
	for (unsigned int n = 512; n-- > 0;) {
		uint32_t bit = in[n / 8] >> (n & 7) & 1;

		for (unsigned int i = 0; i < 8; i++) {
			uint32_t top = r[i] >> 31;

			r[i] = r[i] << 1 | bit;
			bit = top;
		}
		subtract_order(r);
	}
}

/*
 * Scalars below 2^253 in digits that are zero or odd and below 16 in magnitude, of which one in six
 * is not zero: a digit takes what makes the next four bits zero.
 */
#define DIGITS 254u
#define TABLE_SIZE 8u

static void recode(int8_t digits[DIGITS], const uint32_t scalar[8])
{
	uint32_t s[9] = {0};

	memcpy(s, scalar, 8 * sizeof(s[0]));
	for (unsigned int n = 0; n < DIGITS;) {
		unsigned int shift = n & 31;
		uint64_t pair = s[n / 32] | (uint64_t)s[n / 32 + 1] << 32;
		int digit = (int)(pair >> shift) & 31;

		digits[n] = 0;
		if (!(digit & 1)) {
			n++;
			continue;
		}
		if (digit > 16) {
			uint64_t carry = (uint64_t)32 << shift;

			for (unsigned int i = n / 32; i < 9 && carry; i++) {
				carry += s[i];
				s[i] = (uint32_t)carry;
				carry >>= 32;
			}
			digit -= 32;
		}
		digits[n++] = (int8_t)digit;
		for (unsigned int i = 0; i < 4 && n < DIGITS; i++)
			digits[n++] = 0;
	}
}

/* p, 3 p, 5 p, ... */
static void multiples(struct addend table[TABLE_SIZE], const struct point *p)
{
	struct point sum = *p;
	struct point twice;
	struct addend step;

	point_double(&twice, p, true);
	prepare(&step, &twice);
	prepare(&table[0], &sum);
	for (unsigned int i = 1; i < TABLE_SIZE; i++) {
		point_add(&sum, &sum, &step, false);
		prepare(&table[i], &sum);
	}
}

static void add_digit(struct point *r, const struct addend table[TABLE_SIZE], int digit)
{
	if (digit)
		point_add(r, r, &table[(digit < 0 ? -digit : digit) / 2], digit < 0);
}

/* r = s B + h P; its T is not for use. */
static void double_scalar_mul(struct point *r, const uint32_t s[8], const uint32_t h[8],
			      const struct point *p)
{
	struct addend base_table[TABLE_SIZE], table[TABLE_SIZE];
	int8_t base_digits[DIGITS], digits[DIGITS];

	multiples(base_table, &base_point);
	multiples(table, p);
	recode(base_digits, s);
	recode(digits, h);
	*r = (struct point){fe_zero, fe_one, fe_one, fe_zero};
	for (unsigned int n = DIGITS; n-- > 0;) {
		point_double(r, r, base_digits[n] || digits[n]);
		add_digit(r, base_table, base_digits[n]);
		add_digit(r, table, digits[n]);
	}
}

int ed25519_verify(const uint8_t signature[ED25519_SIGNATURE_SIZE], const void *msg, size_t len,
		   const uint8_t public_key[ED25519_KEY_SIZE])
{
	struct point a, r;
	struct sha512 sha;
	uint8_t digest[SHA512_SIZE];
	uint8_t encoded[32];
	uint32_t s[8], h[8];

	for (unsigned int i = 0; i < 8; i++)
		s[i] = signature[32 + 4 * i] | (uint32_t)signature[33 + 4 * i] << 8 |
		       (uint32_t)signature[34 + 4 * i] << 16 |
		       (uint32_t)signature[35 + 4 * i] << 24;
	if (subtract_order(s))
		return -1;
	if (point_decode(&a, public_key) || small_order(&a))
		return -1;
	sha512_init(&sha);
	sha512_update(&sha, signature, 32);
	sha512_update(&sha, public_key, ED25519_KEY_SIZE);
	sha512_update(&sha, msg, len);
	sha512_final(&sha, digest);
	reduce(h, digest);
	/* R = s B - h A */
	fe_sub(&a.x, &fe_zero, &a.x);
	fe_sub(&a.t, &fe_zero, &a.t);
	double_scalar_mul(&r, s, h, &a);
	if (small_order(&r))
		return -1;
	point_encode(encoded, &r);
	return memcmp(encoded, signature, sizeof(encoded)) ? -1 : 0;
}
