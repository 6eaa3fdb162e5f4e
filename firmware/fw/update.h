/* SPDX-License-Identifier: MIT */
/* Firmware images in flash. */
#ifndef FW_UPDATE_H
#define FW_UPDATE_H

#include "firmware/fw/fw.h"

/*
 * Verify the image of size bytes at bus address addr and write it to a slot. Returns 0 or
 * SL200_BOOT_ERR_*; the slot is not touched before the image has been verified.
 */
uint32_t update_write(struct fw *fw, uint32_t slot, uint64_t addr, uint64_t size);

/*
 * Make a slot the active one. Returns 0 or SL200_BOOT_ERR_* when it holds no image that would
 * boot, or the flash failed.
 */
uint32_t update_activate(struct fw *fw, uint32_t slot);

#endif
