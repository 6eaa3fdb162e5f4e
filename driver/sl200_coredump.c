// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Device core dumps: text, of lines "name value..." in sections that start with "[section]". See
 * docs/kernel-driver.md.
 */
#include <linux/devcoredump.h>
#include <linux/ktime.h>
#include <linux/vmalloc.h>

#include <drm/drm_print.h>

#include "driver/sl200_card.h"
#include "driver/sl200_dump.h"
#include "driver/sl200_reset.h"

#define DUMP_SIZE (128u << 10)
#define DUMP_PAUSE_MS 10000 /* between two dumps, at least */

void sl200_coredump(struct sl200_device *sdev, const char *reason, unsigned int qid)
{
	bool running = sdev->state == SL200_CARD_RUNNING;
	struct drm_print_iterator iterator = { .remain = DUMP_SIZE };
	struct drm_printer p = drm_coredump_printer(&iterator);
	void *data;

	lockdep_assert_held(&sdev->card_lock);
	if (sdev->reset.next_dump && time_before(jiffies, sdev->reset.next_dump))
		return;
	data = vzalloc(DUMP_SIZE);
	if (!data)
		return;
	/* Zero stands for: never. */
	sdev->reset.next_dump = (jiffies + msecs_to_jiffies(DUMP_PAUSE_MS)) | 1;
	iterator.data = data;
	drm_printf(&p, "sl200 core dump, format 1\n[event]\nreason %s\nqueue %u\ntime_ns %llu\n",
		   reason, qid, ktime_get_real_ns());
	drm_puts(&p, "[versions]\n");
	sl200_dump_versions(sdev, &p);
	drm_puts(&p, "[registers]\n");
	sl200_dump_registers(sdev, &p);
	drm_puts(&p, "[log]\n");
	sl200_dump_log(sdev, &p);
	drm_puts(&p, "[queues]\n");
	sl200_dump_queues(sdev, &p, running);
	dev_coredumpv(&sdev->pdev->dev, data, DUMP_SIZE - iterator.remain, GFP_KERNEL);
}
