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

/* The parts of a version as in MCU.FW_VERSION, for "%u.%u.%u". */
#define SL200_FW_VERSION_PARTS(version) (version) >> 24, (version) >> 16 & 0xff, (version) & 0xffff

#endif
