// SPDX-License-Identifier: MIT
#include "firmware/crypto/sha256.h"
#include "firmware/lib/mem.h"

/* FIPS 180-4 4.2.2 */
static const uint32_t k256[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t ror(uint32_t x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

static uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Round n of eight: a to h are v[-n & 7] and those after it, so that nothing has to move on. */
static inline __attribute__((always_inline)) void round_n(uint32_t v[8], unsigned int n,
							  uint32_t input)
{
	uint32_t a = v[-n & 7];
	uint32_t b = v[(1 - n) & 7];
	uint32_t c = v[(2 - n) & 7];
	uint32_t e = v[(4 - n) & 7];
	uint32_t f = v[(5 - n) & 7];
	uint32_t g = v[(6 - n) & 7];
	uint32_t t1 = v[(7 - n) & 7] + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + (g ^ (e & (f ^ g))) +
		      input;

	v[(3 - n) & 7] += t1;
	v[(7 - n) & 7] = t1 + (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + ((a & b) | (c & (a | b)));
}

static void compress(uint32_t state[8], const uint8_t *block)
{
	/* By constants only, so that they can be registers. */
	uint32_t v[8] = {state[0], state[1], state[2], state[3],
			 state[4], state[5], state[6], state[7]};
	uint32_t w[64];

	for (unsigned int t = 0; t < 16; t++)
		w[t] = load_be32(block + 4 * t);
	for (unsigned int t = 16; t < 64; t++) {
		uint32_t w15 = w[t - 15];
		uint32_t w2 = w[t - 2];

		w[t] = w[t - 16] + (ror(w15, 7) ^ ror(w15, 18) ^ w15 >> 3) + w[t - 7] +
		       (ror(w2, 17) ^ ror(w2, 19) ^ w2 >> 10);
	}
	for (unsigned int t = 0; t < 64; t += 8) {
		round_n(v, 0, k256[t] + w[t]);
		round_n(v, 1, k256[t + 1] + w[t + 1]);
		round_n(v, 2, k256[t + 2] + w[t + 2]);
		round_n(v, 3, k256[t + 3] + w[t + 3]);
		round_n(v, 4, k256[t + 4] + w[t + 4]);
		round_n(v, 5, k256[t + 5] + w[t + 5]);
		round_n(v, 6, k256[t + 6] + w[t + 6]);
		round_n(v, 7, k256[t + 7] + w[t + 7]);
	}
	state[0] += v[0];
	state[1] += v[1];
	state[2] += v[2];
	state[3] += v[3];
	state[4] += v[4];
	state[5] += v[5];
	state[6] += v[6];
	state[7] += v[7];
}

void sha256_init(struct sha256 *sha)
{
	/* FIPS 180-4 5.3.3 */
	static const uint32_t initial[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	memcpy(sha->state, initial, sizeof(initial));
	sha->len = 0;
}

void sha256_update(struct sha256 *sha, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t fill = sha->len & 63;

	sha->len += len;
	while (len) {
		size_t n = 64 - fill < len ? 64 - fill : len;

		if (n == 64) {
			compress(sha->state, p);
		} else {
			memcpy(sha->block + fill, p, n);
			if (fill + n == 64)
				compress(sha->state, sha->block);
		}
		fill = 0;
		p += n;
		len -= n;
	}
}

void sha256_final(struct sha256 *sha, uint8_t digest[SHA256_SIZE])
{
	uint64_t bits = sha->len * 8;
	uint8_t tail[72] = {0x80};
	size_t pad = 64 - ((sha->len + 8) & 63); /* 1..64 bytes of 1000.. before the length */

	for (unsigned int i = 0; i < 8; i++)
		tail[pad + i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_update(sha, tail, pad + 8);
	for (unsigned int i = 0; i < SHA256_SIZE; i++)
		digest[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i & 3)));
}
