/* SPDX-License-Identifier: MIT */
/* What the boot ROM and the firmware's update command both check of an image. */
#ifndef FW_LIB_IMAGE_H
#define FW_LIB_IMAGE_H

#include <stdint.h>

#include "abi/sl200_fw.h"

#define IMAGE_KEY_SIZE 32u

/*
 * Check every field of a header but the signature against this chip. size is the number of bytes
 * the image may have; with exact set it must have just those. Returns 0, or the
 * SL200_BOOT_ERR_* that applies, with *detail the offset of the field.
 */
uint32_t image_check_header(const struct sl200_fw_header *header, uint32_t size, int exact,
			    uint32_t min_security_version, uint32_t *detail);

/* Check the header's signature. Returns 0 or SL200_BOOT_ERR_SIGNATURE. */
uint32_t image_check_signature(const struct sl200_fw_header *header,
			       const uint8_t public_key[IMAGE_KEY_SIZE]);

/* Whether a mark is one, written completely. */
int flash_mark_valid(const struct sl200_flash_mark *mark);

/* Fill in a mark. */
void flash_mark_make(struct sl200_flash_mark *mark, uint32_t generation, uint32_t slot);

/* The mark that counts: 0 or 1, or -1 when neither is valid. */
int flash_mark_newest(const struct sl200_flash_mark marks[SL200_FLASH_MARKS]);

#endif
