// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Attributes of the PCI device. */
#include <linux/device.h>

#include "abi/sl200_regs.h"
#include "driver/sl200_card.h"
#include "driver/sl200_fw.h"
#include "driver/sl200_sysfs.h"

static ssize_t fw_version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sl200_device *sdev = dev_get_drvdata(dev);
	char text[SL200_FW_VERSION_TEXT_SIZE];
	u32 version;

	down_read(&sdev->card_lock);
	version = sdev->core.fw_version;
	up_read(&sdev->card_lock);
	return sysfs_emit(buf, "%s\n", sl200_fw_version_text(version, text));
}
static DEVICE_ATTR_RO(fw_version);

static ssize_t hw_version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sl200_device *sdev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u.%u\n", sdev->hw_version >> SL200_TOP_HW_VERSION_MAJOR_SHIFT,
			  sdev->hw_version & SL200_TOP_HW_VERSION_MINOR);
}
static DEVICE_ATTR_RO(hw_version);

static ssize_t serial_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sl200_device *sdev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%016llx\n", sdev->serial);
}
static DEVICE_ATTR_RO(serial);

static ssize_t reset_count_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sl200_device *sdev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", atomic_read(&sdev->reset.count));
}
static DEVICE_ATTR_RO(reset_count);

static ssize_t state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sl200_device *sdev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%s\n", sl200_card_state_text(READ_ONCE(sdev->state)));
}
static DEVICE_ATTR_RO(state);

static struct attribute *sl200_attrs[] = {
	&dev_attr_fw_version.attr,
	&dev_attr_hw_version.attr,
	&dev_attr_serial.attr,
	&dev_attr_reset_count.attr,
	&dev_attr_state.attr,
	NULL,
};

static const struct attribute_group sl200_group = {
	.attrs = sl200_attrs,
};

const struct attribute_group *sl200_sysfs_groups[] = {
	&sl200_group,
	NULL,
};
