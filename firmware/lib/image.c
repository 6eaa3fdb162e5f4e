// SPDX-License-Identifier: MIT
#include "firmware/lib/image.h"
#include "abi/sl200_regs.h"
#include "firmware/crypto/ed25519.h"
#include "firmware/crypto/sha256.h"
#include "firmware/lib/mem.h"

#define FIELD(name) ((uint32_t)offsetof(struct sl200_fw_header, name))

static uint32_t refuse(uint32_t *detail, uint32_t status, uint32_t offset)
{
	*detail = offset;
	return status;
}

static uint32_t check_load(const struct sl200_fw_header *h, uint32_t *detail)
{
	uint32_t offset = h->load_addr - SL200_MCU_TCM_BASE;

	if (h->load_addr & 3 || offset >= SL200_MCU_CODE_SIZE)
		return refuse(detail, SL200_BOOT_ERR_HEADER, FIELD(load_addr));
	if (h->payload_size > SL200_MCU_CODE_SIZE - offset)
		return refuse(detail, SL200_BOOT_ERR_HEADER, FIELD(payload_size));
	/* Instructions are 2-byte aligned with the C extension. */
	if (h->entry & 1 || h->entry - h->load_addr >= h->payload_size)
		return refuse(detail, SL200_BOOT_ERR_HEADER, FIELD(entry));
	return 0;
}

static int any_set(const uint8_t *p, uint32_t len)
{
	uint8_t any = 0;

	while (len--)
		any |= *p++;
	return any != 0;
}

uint32_t image_check_header(const struct sl200_fw_header *h, uint32_t size, int exact,
			    uint32_t min_security_version, uint32_t *detail)
{
	uint32_t status;

	if (h->magic != SL200_FW_MAGIC)
		return refuse(detail, SL200_BOOT_ERR_MAGIC, FIELD(magic));
	if (h->header_version != SL200_FW_HEADER_VERSION)
		return refuse(detail, SL200_BOOT_ERR_HEADER, FIELD(header_version));
	if (h->header_size != sizeof(*h))
		return refuse(detail, SL200_BOOT_ERR_HEADER, FIELD(header_size));
	if (!h->payload_size || h->payload_size > size - sizeof(*h) ||
	    (exact && h->payload_size != size - sizeof(*h)))
		return refuse(detail, SL200_BOOT_ERR_HEADER, FIELD(payload_size));
	status = check_load(h, detail);
	if (status)
		return status;
	if (h->abi_min > h->abi_max)
		return refuse(detail, SL200_BOOT_ERR_HEADER, FIELD(abi_min));
	if (h->hw_min > h->hw_max)
		return refuse(detail, SL200_BOOT_ERR_HEADER, FIELD(hw_min));
	if (h->build[sizeof(h->build) - 1])
		return refuse(detail, SL200_BOOT_ERR_HEADER, FIELD(build));
	if (any_set(h->reserved, sizeof(h->reserved)))
		return refuse(detail, SL200_BOOT_ERR_HEADER, FIELD(reserved));
	if (SL200_TOP_HW_VERSION_RESET_VALUE < h->hw_min ||
	    SL200_TOP_HW_VERSION_RESET_VALUE > h->hw_max)
		return refuse(detail, SL200_BOOT_ERR_HW, FIELD(hw_min));
	if (h->abi_min > SL200_TOP_ABI_RESET_VALUE >> SL200_TOP_ABI_MAX_SHIFT ||
	    h->abi_max < (SL200_TOP_ABI_RESET_VALUE & SL200_TOP_ABI_MIN))
		return refuse(detail, SL200_BOOT_ERR_ABI, FIELD(abi_min));
	if (h->security_version < min_security_version)
		return refuse(detail, SL200_BOOT_ERR_ROLLBACK, FIELD(security_version));
	return 0;
}

uint32_t image_check_signature(const struct sl200_fw_header *header,
			       const uint8_t public_key[IMAGE_KEY_SIZE])
{
	return ed25519_verify(header->signature, header, FIELD(signature), public_key)
		       ? SL200_BOOT_ERR_SIGNATURE
		       : 0;
}

static uint32_t mark_check(const struct sl200_flash_mark *mark)
{
	uint8_t digest[SHA256_SIZE];
	struct sha256 sha;
	uint32_t word;

	sha256_init(&sha);
	sha256_update(&sha, mark, offsetof(struct sl200_flash_mark, check));
	sha256_final(&sha, digest);
	memcpy(&word, digest, sizeof(word));
	return word;
}

int flash_mark_valid(const struct sl200_flash_mark *mark)
{
	return mark->magic == SL200_FLASH_MARK_MAGIC && mark->slot < SL200_FLASH_SLOTS &&
	       mark->check == mark_check(mark);
}

void flash_mark_make(struct sl200_flash_mark *mark, uint32_t generation, uint32_t slot)
{
	mark->magic = SL200_FLASH_MARK_MAGIC;
	mark->generation = generation;
	mark->slot = slot;
	mark->check = mark_check(mark);
}

int flash_mark_newest(const struct sl200_flash_mark marks[SL200_FLASH_MARKS])
{
	int valid0 = flash_mark_valid(&marks[0]);
	int valid1 = flash_mark_valid(&marks[1]);

	if (valid0 && valid1)
		/* Generations wrap; the two differ by one. */
		return (int32_t)(marks[1].generation - marks[0].generation) > 0;
	if (valid0)
		return 0;
	return valid1 ? 1 : -1;
}
