/* SPDX-License-Identifier: MIT */
/* The firmware that is built into the functional model. */
#ifndef MODEL_NATIVE_FW_H
#define MODEL_NATIVE_FW_H

#include <stdint.h>

/* Its version, as MCU.FW_VERSION. */
uint32_t native_fw_version(void);

#endif
