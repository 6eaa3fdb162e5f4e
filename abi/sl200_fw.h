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

/*
 * Memory of the MCU. The tightly coupled memory (TCM) holds the running firmware, then its data;
 * an image is loaded at SL200_MCU_TCM_BASE and fits in SL200_MCU_CODE_SIZE. TCM offsets of the
 * MCU's registers are distances from SL200_MCU_TCM_BASE.
 */
#define SL200_MCU_ROM_BASE 0x00000000u
#define SL200_MCU_ROM_SIZE 0x00008000u
#define SL200_MCU_TCM_BASE 0x10000000u
#define SL200_MCU_TCM_SIZE 0x00040000u
#define SL200_MCU_CODE_SIZE 0x0000c000u

/* Start of card DRAM that belongs to the MCU: no page table of a client may map it. */
#define SL200_DRAM_MCU_RESERVED (16u << 20)

/*
 * Flash. A slot holds an image (header, payload) from its first byte on. The active slot is the
 * one named by the valid mark of the higher generation; marks are written in turn, so that a lost
 * power supply leaves the older one. Without a valid mark slot A is active.
 */
#define SL200_FLASH_SIZE (4u << 20)
#define SL200_FLASH_SLOTS 2u
#define SL200_FLASH_SLOT_OFFSET(slot) ((slot) * 0x200000u)
#define SL200_FLASH_SLOT_SIZE 0x1f0000u
#define SL200_FLASH_MARKS 2u
#define SL200_FLASH_MARK_OFFSET(mark) (0x3fe000u + (mark) * 0x1000u)
#define SL200_FLASH_MARK_MAGIC 0x4b4d4c53u /* "SLMK" */

struct sl200_flash_mark {
	uint32_t magic;
	uint32_t generation;
	uint32_t slot; /* 0: A, 1: B */
	uint32_t check; /* first word of the SHA-256 of the bytes before it */
};
SL200_ASSERT_SIZE(struct sl200_flash_mark, 16);

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
	SL200_PANIC_ASSERT = 3, /* internal consistency check, or hardware that does not answer */
};

#endif
