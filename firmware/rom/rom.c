// SPDX-License-Identifier: MIT
/*
 * The boot ROM. The header is copied once and judged by that copy; the payload is copied to where
 * it will run and hashed there. What the host changes after the copies has no effect.
 */
#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"
#include "firmware/crypto/sha256.h"
#include "firmware/hal/hal.h"
#include "firmware/lib/image.h"
#include "firmware/lib/mdma.h"
#include "firmware/lib/mem.h"
#include "firmware/lib/otp.h"

enum boot_source {
	BOOT_HOST = 0,
	BOOT_SLOT_A = 1,
	BOOT_SLOT_B = 2,
	BOOT_ACTIVE = 3,
};

/* In the TCM behind the code, where the DMA reaches it. */
struct rom {
	struct hal *hal;
	uint32_t detail; /* goes with the last error */
	int stopped;
	struct sl200_fw_header header;
	struct sl200_flash_mark marks[SL200_FLASH_MARKS];
};

#define MDMA_MAX 65536u

static void progress(struct rom *rom, uint32_t status)
{
	hal_write(rom->hal, SL200_SYS_BOOT_STATUS, status);
}

/* Returns 0 or SL200_BOOT_ERR_DMA. */
static uint32_t copy(struct rom *rom, uint32_t space, uint64_t addr, void *tcm, uint32_t len)
{
	enum mdma_result result;

	result = mdma_transfer(rom->hal, SL200_MDMA_CMD_READ, space, addr, tcm, len);
	if (result == MDMA_OK)
		return 0;
	rom->stopped = result == MDMA_STOPPED;
	rom->detail = SL200_MDMA_STATUS_ERROR;
	return SL200_BOOT_ERR_DMA;
}

/* Load and verify the image of at most size bytes at addr. Returns 0 or SL200_BOOT_ERR_*. */
static uint32_t load(struct rom *rom, uint32_t space, uint64_t addr, uint32_t size, int exact)
{
	struct sl200_fw_header *h = &rom->header;
	uint8_t key[IMAGE_KEY_SIZE];
	uint8_t digest[SHA256_SIZE];
	struct sha256 sha;
	uint32_t status;
	uint8_t *code;

	rom->detail = 0;
	if (size < sizeof(*h) || size > SL200_FW_MAX_SIZE)
		return SL200_BOOT_ERR_SIZE;
	status = copy(rom, space, addr, h, sizeof(*h));
	if (status)
		return status;
	progress(rom, SL200_BOOT_HEADER);
	status = image_check_header(h, size, exact, otp_min_version(rom->hal), &rom->detail);
	if (status)
		return status;
	progress(rom, SL200_BOOT_HEADER_OK);
	otp_key(rom->hal, key);
	status = image_check_signature(h, key);
	if (status)
		return status;
	progress(rom, SL200_BOOT_SIGNATURE_OK);
	code = (uint8_t *)hal_tcm(rom->hal) + (h->load_addr - SL200_MCU_TCM_BASE);
	_Static_assert(SL200_MCU_CODE_SIZE <= MDMA_MAX, "a payload is one transfer");
	status = copy(rom, space, addr + sizeof(*h), code, h->payload_size);
	if (status)
		return status;
	progress(rom, SL200_BOOT_COPIED);
	sha256_init(&sha);
	sha256_update(&sha, code, h->payload_size);
	sha256_final(&sha, digest);
	if (memcmp(digest, h->payload_sha256, sizeof(digest)))
		return SL200_BOOT_ERR_HASH;
	progress(rom, SL200_BOOT_HASH_OK);
	return 0;
}

static uint32_t load_host(struct rom *rom)
{
	uint64_t addr = (uint64_t)hal_read(rom->hal, SL200_SYS_BOOT_IMAGE_HI) << 32 |
			hal_read(rom->hal, SL200_SYS_BOOT_IMAGE_LO);

	if (addr & 63) {
		rom->detail = SL200_MDMA_STATUS_ERROR;
		return SL200_BOOT_ERR_DMA;
	}
	return load(rom, MDMA_BUS, addr, hal_read(rom->hal, SL200_SYS_BOOT_SIZE), 1);
}

static uint32_t load_slot(struct rom *rom, uint32_t slot)
{
	uint32_t size = SL200_FLASH_SLOT_SIZE < SL200_FW_MAX_SIZE ? SL200_FLASH_SLOT_SIZE
								  : SL200_FW_MAX_SIZE;

	return load(rom, MDMA_FLASH, SL200_FLASH_SLOT_OFFSET(slot), size, 0);
}

/* The active slot; when its image is not good the other one. */
static uint32_t load_active(struct rom *rom)
{
	uint32_t slot = 0;
	uint32_t status;
	int newest;

	for (uint32_t i = 0; i < SL200_FLASH_MARKS; i++) {
		status = copy(rom, MDMA_FLASH, SL200_FLASH_MARK_OFFSET(i), &rom->marks[i],
			      sizeof(rom->marks[i]));
		if (status)
			return status;
	}
	newest = flash_mark_newest(rom->marks);
	if (newest >= 0)
		slot = rom->marks[newest].slot;
	status = load_slot(rom, slot);
	if (!status || rom->stopped || !load_slot(rom, slot ^ 1))
		return 0;
	rom->detail = status;
	return SL200_BOOT_ERR_NO_SLOT;
}

int rom_main(struct hal *hal, struct rom_boot *boot)
{
	struct rom *rom = (struct rom *)((uint8_t *)hal_tcm(hal) + SL200_MCU_CODE_SIZE);
	uint32_t source = hal_read(hal, SL200_SYS_BOOT_SOURCE);
	uint32_t status;

	memset(rom, 0, sizeof(*rom));
	rom->hal = hal;
	hal_write(hal, SL200_SYS_BOOT_DETAIL, 0);
	progress(rom, SL200_BOOT_ROM);
	if (source == BOOT_HOST)
		status = load_host(rom);
	else if (source == BOOT_ACTIVE)
		status = load_active(rom);
	else
		status = load_slot(rom, source == BOOT_SLOT_B);
	if (rom->stopped)
		return -1;
	if (status) {
		hal_write(hal, SL200_SYS_BOOT_DETAIL, rom->detail);
		hal_write(hal, SL200_SYS_BOOT_STATUS, status);
		return -1;
	}
	boot->load_addr = rom->header.load_addr;
	boot->entry = rom->header.entry;
	boot->payload_size = rom->header.payload_size;
	boot->version = rom->header.version;
	return 0;
}
