// SPDX-License-Identifier: MIT
/* The firmware's hashes and signature check, against published vectors and libsodium. */
#include <CUnit/Basic.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "firmware/crypto/ed25519.h"
#include "firmware/crypto/fe25519.h"
#include "firmware/crypto/sha256.h"
#include "firmware/crypto/sha512.h"
#include "tests/suite.h"

#define MAX_MSG 1024u

static void unhex(uint8_t *out, size_t size, const char *hex)
{
	size_t len = 0;

	CU_ASSERT_EQUAL_FATAL(sodium_hex2bin(out, size, hex, strlen(hex), NULL, &len, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(len, size);
}

/* RFC 8032 7.1 */
static const struct {
	const char *name, *key, *msg, *signature;
} vectors[] = {
	{"TEST 1", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
	 "cf9b46bd25bf5f0595bbe24655141438e7a100b"},
	{"TEST 2", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
	 "0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	{"TEST 3", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
	 "84dc6594a7c15e9716ed28dc027beceea1ec40a"},
	{"TEST SHA(abc)", "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
	 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a"
	 "3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	 "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66"
	 "431e0303dca179c138ac17ad9bef1177331a704"},
};

static void test_vectors(void)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint8_t key[32], signature[64], msg[64];
		size_t len = strlen(vectors[i].msg) / 2;

		unhex(key, 32, vectors[i].key);
		unhex(signature, 64, vectors[i].signature);
		if (len)
			unhex(msg, len, vectors[i].msg);
		CU_ASSERT_EQUAL(ed25519_verify(signature, msg, len, key), 0);
		signature[0] ^= 1;
		CU_ASSERT_EQUAL(ed25519_verify(signature, msg, len, key), -1);
	}
}

static void test_random(void)
{
	for (unsigned int i = 0; i < 64; i++) {
		uint8_t key[32], secret[64], signature[64], msg[MAX_MSG];
		size_t len = randombytes_uniform(MAX_MSG);

		randombytes_buf(msg, sizeof(msg));
		crypto_sign_keypair(key, secret);
		crypto_sign_detached(signature, NULL, msg, len, secret);
		CU_ASSERT_EQUAL(ed25519_verify(signature, msg, len, key), 0);
	}
}

/* One bit of signature, message or key flipped: refused here and there. */
static void test_corrupted(void)
{
	uint8_t buffer[64 + 32 + 100], secret[64];
	uint8_t *signature = buffer, *key = buffer + 64, *msg = buffer + 96;

	randombytes_buf(msg, 100);
	crypto_sign_keypair(key, secret);
	crypto_sign_detached(signature, NULL, msg, 100, secret);
	for (size_t byte = 0; byte < sizeof(buffer); byte++) {
		uint8_t bit = (uint8_t)(1u << (byte & 7));

		buffer[byte] ^= bit;
		CU_ASSERT_EQUAL(ed25519_verify(signature, msg, 100, key), -1);
		CU_ASSERT_EQUAL(crypto_sign_verify_detached(signature, msg, 100, key), -1);
		buffer[byte] ^= bit;
	}
	CU_ASSERT_EQUAL(ed25519_verify(signature, msg, 100, key), 0);
}

/* S + L verifies the same equation and must be refused (RFC 8032 5.1.7). */
static void test_malleable(void)
{
	static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
					  0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
					  0,	0,    0,    0,	  0,	0,    0,    0,
					  0,	0,    0,    0,	  0,	0,    0,    0x10};
	uint8_t key[32], secret[64], signature[64];
	unsigned int carry = 0;

	crypto_sign_keypair(key, secret);
	crypto_sign_detached(signature, NULL, (const uint8_t *)"m", 1, secret);
	for (unsigned int i = 0; i < 32; i++) {
		carry += signature[32 + i] + order[i];
		signature[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	CU_ASSERT_EQUAL(carry, 0);
	CU_ASSERT_EQUAL(ed25519_verify(signature, "m", 1, key), -1);
}

/* With the identity as key, S B = R holds for anyone. */
static void test_small_order_key(void)
{
	/* Encodings of the points of order 1, 2, 4 and 8, and of the identity with y = p + 1. */
	static const char *const keys[] = {
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	/* R = B, S = 1 */
	uint8_t signature[64] = {0x58};

	memset(signature + 1, 0x66, 31);
	signature[32] = 1;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		uint8_t key[32];

		unhex(key, 32, keys[i]);
		/* Among eight messages one makes h A vanish, whatever the order. */
		for (uint8_t m = 0; m < 64; m++)
			CU_ASSERT_EQUAL(ed25519_verify(signature, &m, 1, key), -1);
	}
}

/* A key's owner can make R the identity; the check refuses it as libsodium does. */
static void test_small_order_r(void)
{
	uint8_t key[32], secret[64], expanded[64], hash[64], h[32], a[64] = {0}, scalar[32];
	uint8_t signature[64] = {1};
	crypto_hash_sha512_state sha;

	crypto_sign_keypair(key, secret);
	crypto_hash_sha512(expanded, secret, 32);
	expanded[0] &= 248;
	expanded[31] &= 127;
	expanded[31] |= 64;
	memcpy(a, expanded, 32);
	crypto_core_ed25519_scalar_reduce(scalar, a);
	crypto_hash_sha512_init(&sha);
	crypto_hash_sha512_update(&sha, signature, 32);
	crypto_hash_sha512_update(&sha, key, 32);
	crypto_hash_sha512_update(&sha, (const uint8_t *)"m", 1);
	crypto_hash_sha512_final(&sha, hash);
	crypto_core_ed25519_scalar_reduce(h, hash);
	crypto_core_ed25519_scalar_mul(signature + 32, h, scalar);
	CU_ASSERT_EQUAL(ed25519_verify(signature, "m", 1, key), -1);
	CU_ASSERT_EQUAL(crypto_sign_verify_detached(signature, (const uint8_t *)"m", 1, key), -1);
}

/* Random keys: half of them are no points; the verdicts on decoding agree. */
static void test_invalid_points(void)
{
	uint8_t secret[64], good[32], signature[64], r[32];
	unsigned int refused = 0;

	crypto_sign_keypair(good, secret);
	crypto_sign_detached(signature, NULL, (const uint8_t *)"m", 1, secret);
	for (unsigned int i = 0; i < 40; i++) {
		randombytes_buf(r, 32);
		refused += !crypto_core_ed25519_is_valid_point(r);
		CU_ASSERT_EQUAL(ed25519_verify(signature, "m", 1, r), -1);
	}
	CU_ASSERT_TRUE(refused > 0);
}

static void test_hashes(void)
{
	uint8_t msg[400], mine[64], theirs[64];

	randombytes_buf(msg, sizeof(msg));
	for (size_t len = 0; len <= sizeof(msg); len++) {
		struct sha256 sha256;
		struct sha512 sha512;
		size_t cut = len ? randombytes_uniform((uint32_t)len) : 0;

		sha256_init(&sha256);
		sha256_update(&sha256, msg, cut);
		sha256_update(&sha256, msg + cut, len - cut);
		sha256_final(&sha256, mine);
		crypto_hash_sha256(theirs, msg, len);
		CU_ASSERT_EQUAL(memcmp(mine, theirs, SHA256_SIZE), 0);
		sha512_init(&sha512);
		sha512_update(&sha512, msg, cut);
		sha512_update(&sha512, msg + cut, len - cut);
		sha512_final(&sha512, mine);
		crypto_hash_sha512(theirs, msg, len);
		CU_ASSERT_EQUAL(memcmp(mine, theirs, SHA512_SIZE), 0);
	}
}

/* Field arithmetic at the edges of its representation. */
static void test_field(void)
{
	const struct fe ones = {{~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u}}; /* 2^256 - 1 = 37 */
	const struct fe p = {{0xffffffed, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x7fffffff}};
	const struct fe small = {{37}};
	const struct fe square = {{37 * 37}};
	struct fe r;

	CU_ASSERT_TRUE(fe_equal(&ones, &small));
	CU_ASSERT_TRUE(fe_equal(&p, &fe_zero));
	fe_mul(&r, &ones, &ones);
	CU_ASSERT_TRUE(fe_equal(&r, &square));
	fe_add(&r, &ones, &ones);
	fe_sub(&r, &r, &small);
	CU_ASSERT_TRUE(fe_equal(&r, &small));
	fe_sub(&r, &fe_zero, &ones);
	fe_add(&r, &r, &small);
	CU_ASSERT_TRUE(fe_equal(&r, &fe_zero));
	fe_invert(&r, &ones);
	fe_mul(&r, &r, &small);
	CU_ASSERT_TRUE(fe_equal(&r, &fe_one));
	fe_sq(&r, &ones);
	CU_ASSERT_TRUE(fe_equal(&r, &square));
}

/* Words at the ends of their range, where carries run far. */
static struct fe random_edges(void)
{
	struct fe r;

	for (unsigned int i = 0; i < 8; i++) {
		uint32_t kind = randombytes_uniform(4);

		r.v[i] = kind == 3 ? randombytes_random() : kind == 2 ? 1 : -kind;
	}
	return r;
}

static void test_identities(void)
{
	for (unsigned int n = 0; n < 20000; n++) {
		struct fe a = random_edges();
		struct fe b = random_edges();
		struct fe sum, diff, left, right;

		fe_mul(&left, &a, &a);
		fe_sq(&right, &a);
		CU_ASSERT_TRUE(fe_equal(&left, &right));
		fe_add(&sum, &a, &b);
		fe_sub(&diff, &a, &b);
		fe_mul(&left, &sum, &diff);
		fe_sq(&b, &b);
		fe_sub(&right, &right, &b);
		CU_ASSERT_TRUE(fe_equal(&left, &right));
		fe_add(&left, &left, &b);
		fe_mul(&right, &a, &a);
		CU_ASSERT_TRUE(fe_equal(&left, &right));
	}
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"RFC 8032 vectors", test_vectors},
		{"libsodium's signatures", test_random},
		{"every byte corrupted", test_corrupted},
		{"S not below the order", test_malleable},
		{"keys of small order", test_small_order_key},
		{"R of small order", test_small_order_r},
		{"keys that are no points", test_invalid_points},
		{"hashes of every length", test_hashes},
		{"field arithmetic", test_field},
		{"identities of field arithmetic", test_identities},
		CU_TEST_INFO_NULL,
	};

	if (sodium_init() < 0)
		return 1;
	return suite_run("firmware crypto", NULL, NULL, tests);
}
