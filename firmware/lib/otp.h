/* SPDX-License-Identifier: MIT */
/* One-time programmable memory: what the chip was fused with. */
#ifndef FW_LIB_OTP_H
#define FW_LIB_OTP_H

#include "firmware/hal/hal.h"
#include "firmware/lib/image.h"

/* Read the public key that images must be signed with. */
void otp_key(struct hal *hal, uint8_t key[IMAGE_KEY_SIZE]);

/* The oldest security version that may boot. */
uint32_t otp_min_version(struct hal *hal);

#endif
