// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The list of a chip's sensors is constant. */
#include <linux/hwmon.h>

#ifdef PROBE
static const struct hwmon_channel_info *const list[] = { NULL };
const struct hwmon_chip_info probe = { .info = list };
#else
static const struct hwmon_channel_info *list[] = { NULL };
const struct hwmon_chip_info probe = { .info = list };
#endif
