// SPDX-License-Identifier: MIT
#include "firmware/fw/update.h"
#include "firmware/crypto/sha256.h"
#include "firmware/fw/log.h"
#include "firmware/lib/image.h"
#include "firmware/lib/otp.h"

/* Where an image is kept between verification and flash: no one but the MCU writes there. */
#define STAGE_ADDR 0u

/* A place that a payload is copied from, or to. */
struct place {
	uint32_t space;
	uint64_t addr;
};

static uint32_t check_header(struct fw *fw, const struct place *from, uint64_t size, bool exact)
{
	struct sl200_fw_header *h = &fw->header;
	uint8_t key[IMAGE_KEY_SIZE];
	uint32_t detail;
	uint32_t status;

	if (size < sizeof(*h) || size > SL200_FW_MAX_SIZE)
		return SL200_BOOT_ERR_SIZE;
	if (fw_mdma_read(fw, from->space, from->addr, h, sizeof(*h)))
		return SL200_BOOT_ERR_DMA;
	status = image_check_header(h, (uint32_t)size, exact, otp_min_version(fw->hal), &detail);
	if (status)
		return status;
	otp_key(fw->hal, key);
	return image_check_signature(h, key);
}

/* Copy the payload in pieces, hashing what passes; to NULL: only hash. */
static uint32_t pass_payload(struct fw *fw, const struct place *from, const struct place *to)
{
	uint8_t digest[SHA256_SIZE];
	struct sha256 sha;

	sha256_init(&sha);
	for (uint32_t at = sizeof(fw->header); at < sizeof(fw->header) + fw->header.payload_size;) {
		uint32_t len = (uint32_t)sizeof(fw->header) + fw->header.payload_size - at;

		if (len > FW_BOUNCE_SIZE)
			len = FW_BOUNCE_SIZE;
		if (fw_mdma_read(fw, from->space, from->addr + at, fw->scratch.bytes, len))
			return SL200_BOOT_ERR_DMA;
		sha256_update(&sha, fw->scratch.bytes, len);
		if (to && fw_mdma_write(fw, to->space, to->addr + at, fw->scratch.bytes, len))
			return SL200_BOOT_ERR_DMA;
		at += len;
		fw_beat(fw);
	}
	sha256_final(&sha, digest);
	return memcmp(digest, fw->header.payload_sha256, sizeof(digest)) ? SL200_BOOT_ERR_HASH : 0;
}

/* The header goes last and its place is cleared first: half an image is none. */
static uint32_t write_slot(struct fw *fw, const struct place *stage, const struct place *slot)
{
	uint32_t status;

	memset(fw->scratch.bytes, 0, sizeof(fw->header));
	if (fw_mdma_write(fw, slot->space, slot->addr, fw->scratch.bytes, sizeof(fw->header)))
		return SL200_BOOT_ERR_DMA;
	status = pass_payload(fw, stage, slot);
	if (!status && fw_mdma_write(fw, slot->space, slot->addr, &fw->header, sizeof(fw->header)))
		status = SL200_BOOT_ERR_DMA;
	return status;
}

uint32_t update_write(struct fw *fw, uint32_t slot, uint64_t addr, uint64_t size)
{
	struct place host = {MDMA_BUS, addr};
	struct place stage = {MDMA_DRAM, STAGE_ADDR};
	struct place flash = {MDMA_FLASH, SL200_FLASH_SLOT_OFFSET(slot)};
	uint32_t status;

	_Static_assert(STAGE_ADDR + SL200_FW_MAX_SIZE <= SL200_DRAM_MCU_RESERVED, "stage");
	_Static_assert(SL200_FW_MAX_SIZE <= SL200_FLASH_SLOT_SIZE, "an image fits in a slot");
	status = check_header(fw, &host, size, true);
	if (!status)
		status = pass_payload(fw, &host, &stage);
	if (!status)
		status = write_slot(fw, &stage, &flash);
	if (!status)
		log_event(fw, SL200_EVENT_FW_UPDATED, 0, slot, fw->header.version);
	return status;
}

uint32_t update_activate(struct fw *fw, uint32_t slot)
{
	struct place flash = {MDMA_FLASH, SL200_FLASH_SLOT_OFFSET(slot)};
	struct sl200_flash_mark *marks = fw->scratch.marks;
	uint32_t generation = 1;
	uint32_t older = 0;
	uint32_t status;
	int newest;

	status = check_header(fw, &flash, SL200_FW_MAX_SIZE, false);
	if (!status)
		status = pass_payload(fw, &flash, NULL);
	if (status)
		return status;
	for (uint32_t i = 0; i < SL200_FLASH_MARKS; i++)
		if (fw_mdma_read(fw, MDMA_FLASH, SL200_FLASH_MARK_OFFSET(i), &marks[i],
				 sizeof(marks[i])))
			return SL200_BOOT_ERR_DMA;
	newest = flash_mark_newest(marks);
	if (newest >= 0) {
		generation = marks[newest].generation + 1;
		older = newest ^ 1;
	}
	flash_mark_make(&marks[older], generation, slot);
	return fw_mdma_write(fw, MDMA_FLASH, SL200_FLASH_MARK_OFFSET(older), &marks[older],
			     sizeof(marks[older]))
		       ? SL200_BOOT_ERR_DMA
		       : 0;
}
