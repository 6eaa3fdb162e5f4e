// SPDX-License-Identifier: MIT
#include "tests/unit/test_fw_image.h"

#include <sodium.h>
#include <string.h>

#include "abi/sl200_regs.h"
#include "tools/slfw_key.h"

void test_image_sign(struct test_image *image)
{
	uint8_t seed[SLFW_KEY_SIZE], key[32], secret[64];

	if (slfw_key_read("firmware/keys/dev_key.sec", seed))
		return;
	crypto_sign_seed_keypair(key, secret, seed);
	crypto_sign_detached(image->header.signature, NULL, (const uint8_t *)image,
			     offsetof(struct sl200_fw_header, signature), secret);
}

void test_image_make(struct test_image *image, uint32_t version)
{
	memset(image, 0, sizeof(*image));
	for (uint32_t i = 0; i < TEST_IMAGE_PAYLOAD; i++)
		image->payload[i] = (uint8_t)(i * 7 + version);
	image->header = (struct sl200_fw_header){
		.magic = SL200_FW_MAGIC,
		.header_version = SL200_FW_HEADER_VERSION,
		.header_size = sizeof(image->header),
		.payload_size = TEST_IMAGE_PAYLOAD,
		.load_addr = SL200_MCU_TCM_BASE + 0x100,
		.entry = SL200_MCU_TCM_BASE + 0x102,
		.version = version,
		.abi_min = SL200_FW_ABI,
		.abi_max = SL200_FW_ABI,
		.security_version = 3,
		.hw_min = SL200_TOP_HW_VERSION_RESET_VALUE,
		.hw_max = SL200_TOP_HW_VERSION_RESET_VALUE,
		.build = "test",
	};
	crypto_hash_sha256(image->header.payload_sha256, image->payload, TEST_IMAGE_PAYLOAD);
	test_image_sign(image);
}
