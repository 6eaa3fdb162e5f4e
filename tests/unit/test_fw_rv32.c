// SPDX-License-Identifier: MIT
/*
 * The firmware's crypto and validation as the RV32 compiler makes them, under qemu-riscv32: a
 * freestanding Linux program. It checks one signature per word of its command line (its own name
 * is the first), so that the cost of one can be told from two runs. Exit status 0: all is well.
 */
#include "firmware/crypto/ed25519.h"
#include "firmware/crypto/sha256.h"
#include "firmware/fw/validate.h"
#include "firmware/lib/mem.h"
#include "tests/unit/test_fw_desc.h"

int selftest(int words);

/* RFC 8032 7.1, TEST 3 */
static const uint8_t key[32] = {0xfc, 0x51, 0xcd, 0x8e, 0x62, 0x18, 0xa1, 0xa3, 0x8d, 0xa4, 0x7e,
				0xd0, 0x02, 0x30, 0xf0, 0x58, 0x08, 0x16, 0xed, 0x13, 0xba, 0x33,
				0x03, 0xac, 0x5d, 0xeb, 0x91, 0x15, 0x48, 0x90, 0x80, 0x25};
static const uint8_t msg[2] = {0xaf, 0x82};
static const uint8_t good[64] = {0x62, 0x91, 0xd6, 0x57, 0xde, 0xec, 0x24, 0x02, 0x48, 0x27, 0xe6,
				 0x9c, 0x3a, 0xbe, 0x01, 0xa3, 0x0c, 0xe5, 0x48, 0xa2, 0x84, 0x74,
				 0x3a, 0x44, 0x5e, 0x36, 0x80, 0xd7, 0xdb, 0x5a, 0xc3, 0xac, 0x18,
				 0xff, 0x9b, 0x53, 0x8d, 0x16, 0xf2, 0x90, 0xae, 0x67, 0xf7, 0x60,
				 0x98, 0x4d, 0xc6, 0x59, 0x4a, 0x7c, 0x15, 0xe9, 0x71, 0x6e, 0xd2,
				 0x8d, 0xc0, 0x27, 0xbe, 0xce, 0xea, 0x1e, 0xc4, 0x0a};

/* FIPS 180-4, "abc" */
static const uint8_t abc_digest[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
				       0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
				       0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
				       0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};

static int check_hash(void)
{
	struct sha256 sha;
	uint8_t digest[SHA256_SIZE];

	sha256_init(&sha);
	sha256_update(&sha, "abc", 3);
	sha256_final(&sha, digest);
	return memcmp(digest, abc_digest, sizeof(digest)) != 0;
}

static int check_signatures(int count)
{
	uint8_t bad[64];

	memcpy(bad, good, sizeof(bad));
	bad[63] |= 0x20; /* S not below the order: refused at once */
	if (!ed25519_verify(bad, msg, sizeof(msg), key))
		return 1;
	while (count-- > 0)
		if (ed25519_verify(good, msg, sizeof(msg), key))
			return 1;
	return 0;
}

static int check_descriptor(void)
{
	uint64_t buffer[(SL200_H264_ENC_MAX_SIZE + 7) / 8];
	uint32_t size = test_desc_make(buffer, 0);
	struct verdict v = validate_h264(buffer, size, &test_desc_caps);

	if (v.status)
		return 1;
	((struct sl200_h264_enc *)buffer)->head.qp = 52;
	v = validate_h264(buffer, size, &test_desc_caps);
	return v.status != SL200_STATUS_INVALID_DESC ||
	       v.detail != offsetof(struct sl200_enc_head, qp);
}

int selftest(int words)
{
	return check_hash() | check_signatures(words) << 1 | check_descriptor() << 2;
}

/* Linux enters with the number of words at the stack pointer; system call 93 is exit. */
__asm__(".globl _start\n"
	"_start:\n"
	"	lw	a0, 0(sp)\n"
	"	call	selftest\n"
	"	li	a7, 93\n"
	"	ecall\n");
