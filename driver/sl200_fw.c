// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/firmware.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"
#include "driver/sl200_device.h"
#include "driver/sl200_fw.h"

/* The name of a header field, by its offset: what a status of the boot ROM refers to. */
static const char *fw_field(u32 offset)
{
	static const struct {
		u32 offset;
		const char *name;
	} fields[] = {
		{ offsetof(struct sl200_fw_header, magic), "magic" },
		{ offsetof(struct sl200_fw_header, header_version), "header_version" },
		{ offsetof(struct sl200_fw_header, header_size), "header_size" },
		{ offsetof(struct sl200_fw_header, payload_size), "payload_size" },
		{ offsetof(struct sl200_fw_header, load_addr), "load_addr" },
		{ offsetof(struct sl200_fw_header, entry), "entry" },
		{ offsetof(struct sl200_fw_header, version), "version" },
		{ offsetof(struct sl200_fw_header, abi_min), "abi_min" },
		{ offsetof(struct sl200_fw_header, abi_max), "abi_max" },
		{ offsetof(struct sl200_fw_header, security_version), "security_version" },
		{ offsetof(struct sl200_fw_header, hw_min), "hw_min" },
		{ offsetof(struct sl200_fw_header, hw_max), "hw_max" },
		{ offsetof(struct sl200_fw_header, reserved), "reserved" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (fields[i].offset == offset)
			return fields[i].name;
	}
	return "unknown";
}

static void fw_log_refusal(struct sl200_device *sdev, u32 status, u32 detail)
{
	struct device *dev = &sdev->pdev->dev;

	if (status == SL200_BOOT_ERR_HEADER)
		dev_err(dev, "firmware %s: %s: %s (offset %u)\n", SL200_FW_FILE,
			core_boot_text(status), fw_field(detail), detail);
	else
		dev_err(dev, "firmware %s: %s (boot status 0x%02x, detail 0x%x)\n", SL200_FW_FILE,
			core_boot_text(status), status, detail);
}

static void fw_log_remedy(struct sl200_device *sdev)
{
	dev_err(&sdev->pdev->dev,
		"put the image that came with this driver at /lib/firmware/%s, then: echo %s > /sys/bus/pci/drivers/%s/bind\n",
		SL200_FW_FILE, pci_name(sdev->pdev), KBUILD_MODNAME);
}

int sl200_fw_load(struct sl200_device *sdev)
{
	struct device *dev = &sdev->pdev->dev;
	u32 status, detail;
	int ret;

	ret = firmware_request_nowarn(&sdev->fw, SL200_FW_FILE, dev);
	if (ret) {
		sdev->fw = NULL;
		if (ret == -ENOENT)
			dev_err(dev, "firmware %s: not found\n", SL200_FW_FILE);
		else
			dev_err(dev, "firmware %s: could not be read: error %d\n", SL200_FW_FILE,
				ret);
		goto remedy;
	}
	status = core_boot_check(sdev->fw->data, sdev->fw->size, &detail);
	if (status != SL200_BOOT_RUNNING) {
		fw_log_refusal(sdev, status, detail);
		sl200_fw_release(sdev);
		ret = -EINVAL;
		goto remedy;
	}
	return 0;

remedy:
	fw_log_remedy(sdev);
	return ret;
}

void sl200_fw_release(struct sl200_device *sdev)
{
	release_firmware(sdev->fw);
	sdev->fw = NULL;
}

void sl200_fw_log_start_error(struct sl200_device *sdev, int ret,
			      const struct core_start_result *result)
{
	struct device *dev = &sdev->pdev->dev;

	switch (result->step) {
	case CORE_START_IDENTIFY:
		if (ret == -EOPNOTSUPP)
			dev_err(dev, "the card speaks no host interface version of this driver: update the driver\n");
		else
			dev_err(dev, "the card does not identify itself as an SL200\n");
		return;
	case CORE_START_BOOT:
		if (ret == -EINVAL) {
			fw_log_refusal(sdev, result->boot.status, result->boot.detail);
			fw_log_remedy(sdev);
		} else {
			dev_err(dev, "firmware %s: boot failed: error %d, last status: %s\n",
				SL200_FW_FILE, ret, core_boot_text(result->boot.status));
		}
		return;
	case CORE_START_ADMIN:
		dev_err(dev, "the firmware did not take the admin queue: error %d\n", ret);
		return;
	case CORE_START_CAPS:
		break;
	}
	dev_err(dev, "the firmware did not tell its capabilities or take the event log: error %d\n",
		ret);
}

const char *sl200_fw_version_text(u32 version, char text[SL200_FW_VERSION_TEXT_SIZE])
{
	snprintf(text, SL200_FW_VERSION_TEXT_SIZE, "%u.%u.%u",
		 version >> SL200_MCU_FW_VERSION_MAJOR_SHIFT,
		 (version & SL200_MCU_FW_VERSION_MINOR) >> SL200_MCU_FW_VERSION_MINOR_SHIFT,
		 version & SL200_MCU_FW_VERSION_PATCH);
	return text;
}
