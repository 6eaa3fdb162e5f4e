// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What the firmware reports in its event log. */
#include <linux/bitmap.h>

#include "abi/sl200_regs.h"
#include "driver/sl200_admin.h"
#include "driver/sl200_device.h"
#include "driver/sl200_queue.h"
#include "driver/sl200_reset.h"

/* Whether a new entry is in the ring, from memory: cheaper than a register. card_lock held. */
static bool event_waits(struct sl200_device *sdev)
{
	const struct sl200_log_entry *ring = sdev->core.log.cpu;
	u32 seen = sdev->reset.events_seen;
	u32 seq = READ_ONCE(ring[seen % CORE_LOG_DEPTH].seq);

	/* The slot of the next entry holds the one of a round before, or nothing. */
	return seq != (seen < CORE_LOG_DEPTH ? 0 : seen + 1 - CORE_LOG_DEPTH);
}

/* card_lock held. Queues that may have stopped are noted in suspects. */
static void event_handle(struct sl200_device *sdev, const struct sl200_log_entry *event,
			 unsigned long *suspects)
{
	struct device *dev = &sdev->pdev->dev;

	switch (event->event) {
	case SL200_EVENT_QUEUE_STOPPED:
		dev_dbg(dev, "queue %u stopped: status 0x%x, IOVA 0x%llx\n", event->qid,
			event->arg0, event->arg1);
		break;
	case SL200_EVENT_BAD_DOORBELL:
		dev_dbg(dev, "queue %u stopped: doorbell value %u\n", event->qid, event->arg0);
		break;
	case SL200_EVENT_JOB_TIMEOUT:
		dev_warn_ratelimited(dev, "a job of queue %u on engine %u did not end in time\n",
				     event->qid, event->arg0);
		sl200_coredump(sdev, "a job did not end in time", event->qid);
		return;
	case SL200_EVENT_ENGINE_RESET:
		dev_warn_ratelimited(dev, "engine %u was reset\n", event->arg0);
		return;
	case SL200_EVENT_FW_UPDATED:
		dev_info_ratelimited(dev, "flash slot %u was written\n", event->arg0);
		return;
	default:
		return;
	}
	if (event->qid && event->qid < SL200_MAX_QUEUES)
		__set_bit(event->qid, suspects);
}

/* Handle what is new; card_lock held. */
static void event_read(struct sl200_device *sdev, unsigned long *suspects)
{
	struct sl200_reset *reset = &sdev->reset;
	u32 seq = core_read32(&sdev->port, SL200_MCU_EVENT_SEQ);
	int i, n;

	if (seq == reset->events_seen || seq == CORE_ALL_ONES)
		return;
	n = core_card_log(&sdev->core, reset->events_seen, reset->events, SL200_EVENTS_MAX);
	for (i = 0; i < n; i++)
		event_handle(sdev, &reset->events[i], suspects);
	/* More may have come since the register was read. */
	if (n && (s32)(reset->events[n - 1].seq - seq) > 0)
		seq = reset->events[n - 1].seq;
	/* After a gap any queue may have stopped. */
	if (n != seq - reset->events_seen)
		bitmap_fill(suspects, SL200_MAX_QUEUES);
	reset->events_seen = seq;
}

void sl200_event_work(struct work_struct *work)
{
	struct sl200_device *sdev = container_of(work, struct sl200_device, irq.event_work);
	DECLARE_BITMAP(suspects, SL200_MAX_QUEUES);
	unsigned int qid;
	int idx;

	if (sl200_card_enter(sdev, &idx))
		return;
	bitmap_zero(suspects, SL200_MAX_QUEUES);
	if (test_and_clear_bit(0, &sdev->reset.events_lost) || event_waits(sdev))
		event_read(sdev, suspects);
	sl200_card_exit(sdev, idx);
	for_each_set_bit(qid, suspects, SL200_MAX_QUEUES) {
		if (qid)
			sl200_queue_check_stopped(sdev, qid);
	}
}
