/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What administrators see: sysfs attributes, hwmon sensors, debugfs files. */
#ifndef SL200_SYSFS_H
#define SL200_SYSFS_H

#include <linux/sysfs.h>

struct drm_minor;
struct sl200_device;

/* pci_driver.dev_groups: fw_version, hw_version, serial, reset_count, state. */
extern const struct attribute_group *sl200_sysfs_groups[];

/* Temperature and power; the card works without when this fails. */
void sl200_hwmon_init(struct sl200_device *sdev);
void sl200_hwmon_fini(struct sl200_device *sdev);

/* drm_driver.debugfs_init: log, registers, queues, vms, dram; inject and reset (writable). */
void sl200_debugfs_init(struct drm_minor *minor);

#endif
