/* SPDX-License-Identifier: MIT */
/* Starting the card's firmware from an image in host memory (abi/sl200_fw.h). */
#ifndef CORE_BOOT_H
#define CORE_BOOT_H

#include "abi/sl200_fw.h"
#include "driver/core/port.h"

struct core_boot_result {
	uint32_t status; /* enum sl200_boot_status, as the card left it */
	uint32_t detail; /* BOOT.DETAIL: the offset of the offending header field, for example */
};

/* A static text for enum sl200_boot_status. */
const char *core_boot_text(uint32_t status);

/*
 * Whether an image is worth handing to the card: SL200_BOOT_RUNNING, or the
 * enum sl200_boot_status error that the card would report, with its detail. The signature and
 * the hash are the card's to check.
 */
uint32_t core_boot_check(const void *image, size_t size, uint32_t *detail);

/*
 * Copy the image to memory the card reaches, start the boot ROM and wait for the firmware.
 * -EBUSY: firmware runs or boots already; -ENOMEM; -ENODEV: the card is gone; -EINVAL: the image
 * was refused, result tells why; -ETIMEDOUT: no end within timeout_ms (see patience.h),
 * result.status is the last step seen.
 */
int core_boot(struct core_port *port, const void *image, size_t size, unsigned int timeout_ms,
	      struct core_boot_result *result);

#endif
