/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The card's state as text, for core dumps and debugfs. */
#ifndef SL200_DUMP_H
#define SL200_DUMP_H

#include <drm/drm_print.h>

struct sl200_device;

/* All read card memory or registers: card_lock is held. Each prints lines, no heading. */
void sl200_dump_versions(struct sl200_device *sdev, struct drm_printer *p);
void sl200_dump_registers(struct sl200_device *sdev, struct drm_printer *p);
/* The event log, newest 256 entries; nothing while the firmware is down. May sleep. */
void sl200_dump_log(struct sl200_device *sdev, struct drm_printer *p);
/* ask: have the firmware tell about each queue, which takes an admin command each. May sleep. */
void sl200_dump_queues(struct sl200_device *sdev, struct drm_printer *p, bool ask);

#endif
