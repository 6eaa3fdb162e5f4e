// SPDX-License-Identifier: MIT
/*
 * Firmware images of any content through the boot ROM, from host memory and from flash, signed anew
 * here so that the signature does not hide what is behind it. An image that starts is one that may.
 */
#include <sodium.h>
#include <string.h>

#include "firmware/lib/image.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/unit/test_fw_fake.h"

#define IMAGE_AT 0x40000u   /* in host memory, which ends at FAKE_HOST_SIZE */
#define PAYLOAD_MAX 0xd000u /* more than fits */

static struct hal *hal;
static unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
static unsigned char secret_key[crypto_sign_SECRETKEYBYTES];

struct image_case {
	uint8_t *memory; /* host memory or flash */
	uint32_t at;
	uint32_t size; /* as the host says */
};

static void reg_set(uint32_t addr, uint32_t value)
{
	hal->sys[(addr - SL200_SYS_BASE) / 4] = value;
}

static uint32_t reg_get(uint32_t addr)
{
	return hal->sys[(addr - SL200_SYS_BASE) / 4];
}

static void power_on(void)
{
	static const unsigned char seed[crypto_sign_SEEDBYTES] = {7};

	FUZZ_CHECK(sodium_init() >= 0);
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	hal = fake_create();
}

static void sign(struct sl200_fw_header *h, const uint8_t *payload, uint32_t payload_size)
{
	crypto_hash_sha256(h->payload_sha256, payload, payload_size);
	crypto_sign_detached(h->signature, NULL, (const unsigned char *)h,
			     offsetof(struct sl200_fw_header, signature), secret_key);
}

/* A good header, then bytes of it changed. */
static void make_image(struct image_case *c, struct fuzz_input *in)
{
	uint8_t shape = fuzz_u8(in);
	struct sl200_fw_header h = {
		.magic = SL200_FW_MAGIC,
		.header_version = SL200_FW_HEADER_VERSION,
		.header_size = sizeof(h),
		.payload_size = shape & 1 ? 1u + fuzz_u16(in) % PAYLOAD_MAX : 64,
		.load_addr = SL200_MCU_TCM_BASE,
		.entry = SL200_MCU_TCM_BASE,
		.version = fuzz_u8(in),
		.abi_max = 0xffff,
		.hw_max = UINT32_MAX,
		.security_version = fuzz_u8(in),
	};
	uint8_t *payload = c->memory + c->at + sizeof(h), fill = fuzz_u8(in);
	uint32_t payload_size = h.payload_size;

	memset(payload, fill, payload_size);
	if (shape & 2) {
		h.load_addr += fuzz_u16(in);
		h.entry = h.load_addr + fuzz_u16(in);
	}
	for (unsigned int n = fuzz_u8(in) % 16; n && n < 6; n--) {
		uint8_t at = fuzz_u8(in) % offsetof(struct sl200_fw_header, signature);

		((uint8_t *)&h)[at] = fuzz_u8(in);
	}
	c->size = sizeof(h) + payload_size;
	if (!(shape & 4))
		sign(&h, payload, payload_size);
	memcpy(c->memory + c->at, &h, sizeof(h));
	for (unsigned int n = fuzz_u8(in) % 16; n && n < 4; n--) {
		uint32_t at = fuzz_u16(in) % c->size;

		c->memory[c->at + at] ^= fuzz_u8(in);
	}
	if (shape & 8)
		c->size = shape & 16 ? fuzz_u32(in) : c->size + fuzz_u8(in) - 128u;
}

static void make_marks(struct fuzz_input *in)
{
	for (uint32_t i = 0; i < SL200_FLASH_MARKS; i++) {
		struct sl200_flash_mark mark = {0};
		uint8_t how = fuzz_u8(in);

		if (how & 1)
			flash_mark_make(&mark, fuzz_u32(in), how >> 1 & 3);
		if (how & 8)
			((uint8_t *)&mark)[how >> 4] ^= fuzz_u8(in);
		memcpy(hal->flash + SL200_FLASH_MARK_OFFSET(i), &mark, sizeof(mark));
	}
}

/* What the ROM let through is what the header's rules allow, byte for byte where it will run. */
static void check_started(const struct rom_boot *boot)
{
	struct sl200_fw_header h[3];
	uint32_t offset = boot->load_addr - SL200_MCU_TCM_BASE;
	unsigned char digest[crypto_hash_sha256_BYTES];
	bool known = false;

	FUZZ_CHECK(offset < SL200_MCU_CODE_SIZE && !(offset & 3));
	FUZZ_CHECK(boot->payload_size && boot->payload_size <= SL200_MCU_CODE_SIZE - offset);
	FUZZ_CHECK(boot->entry >= boot->load_addr &&
		   boot->entry - boot->load_addr < boot->payload_size && !(boot->entry & 1));
	crypto_hash_sha256(digest, hal->tcm + offset, boot->payload_size);
	memcpy(&h[0], hal->host + IMAGE_AT, sizeof(h[0]));
	memcpy(&h[1], hal->flash + SL200_FLASH_SLOT_OFFSET(0), sizeof(h[1]));
	memcpy(&h[2], hal->flash + SL200_FLASH_SLOT_OFFSET(1), sizeof(h[2]));
	for (unsigned int i = 0; i < 3; i++)
		known |= h[i].load_addr == boot->load_addr && h[i].entry == boot->entry &&
			 h[i].version == boot->version &&
			 h[i].security_version >= reg_get(SL200_SYS_OTP_MIN_VERSION) &&
			 !memcmp(h[i].payload_sha256, digest, sizeof(digest)) &&
			 !crypto_sign_verify_detached(h[i].signature, (const unsigned char *)&h[i],
						      offsetof(struct sl200_fw_header, signature),
						      public_key);
	FUZZ_CHECK(known);
	FUZZ_CHECK(reg_get(SL200_SYS_BOOT_STATUS) == SL200_BOOT_HASH_OK);
}

static void check_refused(void)
{
	uint32_t status = reg_get(SL200_SYS_BOOT_STATUS);

	FUZZ_CHECK(status >= SL200_BOOT_ERR_SIZE && status <= SL200_BOOT_ERR_NO_SLOT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	struct image_case c = {0};
	struct rom_boot boot;
	uint8_t source;

	if (!hal)
		power_on();
	fake_power_on(hal);
	for (unsigned int i = 0; i < IMAGE_KEY_SIZE / 4; i++) {
		uint32_t word;

		memcpy(&word, public_key + 4 * i, sizeof(word));
		reg_set(SL200_SYS_OTP_KEY(i), word);
	}
	source = fuzz_u8(&in);
	reg_set(SL200_SYS_OTP_MIN_VERSION, source >> 6);
	c.memory = source & 3 ? hal->flash : hal->host;
	c.at = source & 3 ? SL200_FLASH_SLOT_OFFSET(source >> 2 & 1) : IMAGE_AT;
	make_image(&c, &in);
	if (source & 3)
		make_marks(&in);
	reg_set(SL200_SYS_BOOT_SOURCE, source & 3);
	reg_set(SL200_SYS_BOOT_IMAGE_LO, IMAGE_AT + (source & 0x10 ? fuzz_u16(&in) : 0));
	reg_set(SL200_SYS_BOOT_IMAGE_HI, source & 0x20 ? fuzz_u32(&in) : 0);
	reg_set(SL200_SYS_BOOT_SIZE, c.size);
	if (rom_main(hal, &boot))
		check_refused();
	else
		check_started(&boot);
	return 0;
}
