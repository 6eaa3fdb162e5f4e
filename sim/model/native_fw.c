/* SPDX-License-Identifier: MIT */
#include "sim/model/native_fw.h"

#include <stdio.h>

#include "abi/sl200_regs.h"

uint32_t native_fw_version(void)
{
	unsigned int major = 0, minor = 0, patch = 0;

	/* The tree's one version, as the build passes it to the firmware, too. */
	sscanf(SL200_VERSION, "%u.%u.%u", &major, &minor, &patch);
	return major << SL200_MCU_FW_VERSION_MAJOR_SHIFT |
	       minor << SL200_MCU_FW_VERSION_MINOR_SHIFT |
	       patch << SL200_MCU_FW_VERSION_PATCH_SHIFT;
}
