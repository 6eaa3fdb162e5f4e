/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The firmware image. */
#ifndef SL200_FW_IMAGE_H
#define SL200_FW_IMAGE_H

#include <linux/types.h>

struct core_start_result;
struct sl200_device;

/*
 * Get the image from the firmware search path and look it over; errors are logged with what to do
 * about them. -ENOENT: there is no file; -EINVAL: it is not a firmware image that fits. Owned by
 * sdev->fw until sl200_fw_release().
 */
int sl200_fw_load(struct sl200_device *sdev);
void sl200_fw_release(struct sl200_device *sdev);

/* Log why the card did not start with the image. ret: what core_card_start() returned. */
void sl200_fw_log_start_error(struct sl200_device *sdev, int ret,
			      const struct core_start_result *result);

/* A version as in MCU.FW_VERSION, as text in a buffer of the caller; returns the buffer. */
#define SL200_FW_VERSION_TEXT_SIZE 16
const char *sl200_fw_version_text(u32 version, char text[SL200_FW_VERSION_TEXT_SIZE]);

#endif
