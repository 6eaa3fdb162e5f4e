// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Temperature and power. */
#include <linux/err.h>
#include <linux/hwmon.h>

#include "abi/sl200_regs.h"
#include "driver/sl200_admin.h"
#include "driver/sl200_compat.h"
#include "driver/sl200_device.h"
#include "driver/sl200_sysfs.h"

static umode_t hwmon_is_visible(const void *data, enum hwmon_sensor_types type, u32 attr,
				int channel)
{
	return 0444;
}

/* Millidegrees Celsius, microwatts. */
static int hwmon_read(struct device *dev, enum hwmon_sensor_types type, u32 attr, int channel,
		      long *value)
{
	struct sl200_device *sdev = dev_get_drvdata(dev);
	u32 reading;
	int ret, idx;

	ret = sl200_card_enter(sdev, &idx);
	if (ret)
		return ret;
	reading = core_read32(&sdev->port,
			      type == hwmon_temp ? SL200_TELEM_TEMP : SL200_TELEM_POWER);
	sl200_card_exit(sdev, idx);
	if (reading == CORE_ALL_ONES)
		return -ENODATA;
	*value = type == hwmon_temp ? (long)reading : (long)reading * 1000;
	return 0;
}

static int hwmon_read_string(struct device *dev, enum hwmon_sensor_types type, u32 attr,
			     int channel, const char **text)
{
	*text = type == hwmon_temp ? "die" : "board";
	return 0;
}

static const struct hwmon_channel_info *SL200_HWMON_CONST hwmon_channels[] = {
	HWMON_CHANNEL_INFO(temp, HWMON_T_INPUT | HWMON_T_LABEL),
	HWMON_CHANNEL_INFO(power, HWMON_P_INPUT | HWMON_P_LABEL),
	NULL,
};

static const struct hwmon_ops hwmon_ops = {
	.is_visible = hwmon_is_visible,
	.read = hwmon_read,
	.read_string = hwmon_read_string,
};

static const struct hwmon_chip_info sensors_chip = {
	.ops = &hwmon_ops,
	.info = hwmon_channels,
};

void sl200_hwmon_init(struct sl200_device *sdev)
{
	struct device *dev = &sdev->pdev->dev;

	if (!IS_REACHABLE(CONFIG_HWMON))
		return;
	sdev->hwmon = hwmon_device_register_with_info(dev, "sl200", sdev, &sensors_chip, NULL);
	if (IS_ERR(sdev->hwmon)) {
		dev_warn(dev, "no sensors: error %ld\n", PTR_ERR(sdev->hwmon));
		sdev->hwmon = NULL;
	}
}

void sl200_hwmon_fini(struct sl200_device *sdev)
{
	if (sdev->hwmon)
		hwmon_device_unregister(sdev->hwmon);
	sdev->hwmon = NULL;
}
