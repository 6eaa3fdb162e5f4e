/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Stopping the card for a while and starting it again: suspend, and resets that others do. */
#ifndef SL200_PM_H
#define SL200_PM_H

#include <linux/pm.h>

#include "abi/uapi/drm/sl200_drm.h"

struct sl200_device;

extern const struct dev_pm_ops sl200_pm_ops;

/*
 * Stop it, whatever runs: queues are lost for the reason given; state is SL200_CARD_SUSPENDED.
 * May sleep for seconds.
 */
void sl200_pm_stop(struct sl200_device *sdev, enum drm_sl200_lost_cause cause);
/* Start it again, by resets if need be. -EIO: it is wedged or gone now. */
int sl200_pm_start(struct sl200_device *sdev);

#endif
