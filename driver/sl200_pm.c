// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/device.h>

#include "driver/sl200_card.h"
#include "driver/sl200_pm.h"
#include "driver/sl200_queue.h"
#include "driver/sl200_reset.h"

void sl200_pm_stop(struct sl200_device *sdev, enum drm_sl200_lost_cause cause)
{
	sl200_reset_watch(sdev, false);
	sl200_card_lock(sdev);
	if (sdev->state == SL200_CARD_RUNNING) {
		sl200_queues_lost(sdev, cause, 0, 0);
		sl200_card_stop(sdev, SL200_CARD_SUSPENDED);
	}
	sl200_card_unlock(sdev);
}

int sl200_pm_start(struct sl200_device *sdev)
{
	int ret = 0;

	sl200_card_lock(sdev);
	if (sdev->state == SL200_CARD_SUSPENDED)
		ret = sl200_reset_start(sdev);
	sl200_card_unlock(sdev);
	if (ret)
		return ret;
	/* The PCI core has restored it, which uses it up. */
	pci_save_state(sdev->pdev);
	sl200_reset_watch(sdev, true);
	return 0;
}

static int pm_suspend(struct device *dev)
{
	sl200_pm_stop(dev_get_drvdata(dev), DRM_SL200_LOST_SUSPEND);
	return 0;
}

static int pm_resume(struct device *dev)
{
	return sl200_pm_start(dev_get_drvdata(dev));
}

/* Also for hibernation: the card keeps nothing that an image of memory would refer to. */
DEFINE_SIMPLE_DEV_PM_OPS(sl200_pm_ops, pm_suspend, pm_resume);
