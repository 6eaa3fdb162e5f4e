/* SPDX-License-Identifier: MIT */
/*
 * Firmware images and the stages of boot.
 *
 * An image is this header followed by the payload (the RV32 binary, loaded at load_addr). The
 * signature is Ed25519 (RFC 8032) over the header bytes before it; the header holds the SHA-256 of
 * the payload. The functional model verifies the image exactly so and then runs the native build of
 * the same sources in place of the RV32 payload.
 */
#ifndef SL200_FW_H
#define SL200_FW_H

#include "abi/sl200_types.h"

#define SL200_FW_MAGIC 0x57464c53u /* "SLFW" */
#define SL200_FW_HEADER_VERSION 1u
#define SL200_FW_MAX_SIZE (1u << 20)
#define SL200_FW_ABI 1u /* host interface version of this tree */
#define SL200_FW_FILE "sl200/sl200.fw" /* below the firmware search path */

struct sl200_fw_header {
	uint32_t magic;
	uint16_t header_version;
	uint16_t header_size; /* sizeof(struct sl200_fw_header) */
	uint32_t payload_size;
	uint32_t load_addr;
	uint32_t entry;
	uint32_t version; /* as MCU.FW_VERSION */
	uint16_t abi_min; /* host interface versions it speaks */
	uint16_t abi_max;
	uint32_t security_version; /* not below the card's OTP_MIN_VERSION */
	uint32_t hw_min; /* TOP.HW_VERSION range it runs on */
	uint32_t hw_max;
	char build[24]; /* text, zero-padded */
	uint8_t payload_sha256[32];
	uint8_t key_id[8]; /* first bytes of the public key, for messages */
	uint8_t reserved[24];
	uint8_t signature[64]; /* over all bytes before it */
};
SL200_ASSERT_SIZE(struct sl200_fw_header, 192);
SL200_ASSERT_OFFSET(struct sl200_fw_header, signature, 128);

/* BOOT.STATUS. Below 0x80 progress, 0x80 success, above failure. */
enum sl200_boot_status {
	SL200_BOOT_RESET = 0x00,
	SL200_BOOT_ROM = 0x01, /* started */
	SL200_BOOT_HEADER = 0x02, /* header copied */
	SL200_BOOT_HEADER_OK = 0x03, /* ranges checked */
	SL200_BOOT_SIGNATURE_OK = 0x04,
	SL200_BOOT_COPIED = 0x05, /* payload copied */
	SL200_BOOT_HASH_OK = 0x06,
	SL200_BOOT_RUNNING = 0x80, /* the firmware's main loop runs */
	SL200_BOOT_ERR_SIZE = 0x81, /* BOOT.SIZE below a header or above SL200_FW_MAX_SIZE */
	SL200_BOOT_ERR_DMA = 0x82, /* the image could not be read */
	SL200_BOOT_ERR_MAGIC = 0x83,
	SL200_BOOT_ERR_HEADER = 0x84, /* a header field out of range; DETAIL: its offset */
	SL200_BOOT_ERR_HW = 0x85, /* not for this hardware version */
	SL200_BOOT_ERR_ABI = 0x86, /* no host interface version in common */
	SL200_BOOT_ERR_ROLLBACK = 0x87, /* security version too old */
	SL200_BOOT_ERR_SIGNATURE = 0x88,
	SL200_BOOT_ERR_HASH = 0x89,
	SL200_BOOT_ERR_NO_SLOT = 0x8a, /* no valid image in flash */
};

enum sl200_panic {
	SL200_PANIC_NONE = 0,
	SL200_PANIC_INJECTED = 1, /* INJECT.MCU_CRASH */
	SL200_PANIC_TRAP = 2, /* exception in the firmware */
	SL200_PANIC_ASSERT = 3, /* internal consistency check */
};

#endif
