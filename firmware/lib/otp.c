// SPDX-License-Identifier: MIT
#include "firmware/lib/otp.h"
#include "abi/sl200_regs.h"
#include "firmware/lib/mem.h"

_Static_assert(SL200_MCU_TCM_SIZE == HAL_TCM_SIZE, "TCM size");

void otp_key(struct hal *hal, uint8_t key[IMAGE_KEY_SIZE])
{
	for (uint32_t i = 0; i < IMAGE_KEY_SIZE / 4; i++) {
		uint32_t word = hal_read(hal, SL200_SYS_OTP_KEY(i));

		memcpy(key + 4 * i, &word, 4);
	}
}

uint32_t otp_min_version(struct hal *hal)
{
	return hal_read(hal, SL200_SYS_OTP_MIN_VERSION);
}
