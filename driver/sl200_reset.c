// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/delay.h>
#include <linux/math64.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>

#include "abi/sl200_regs.h"
#include "abi/uapi/drm/sl200_drm.h"
#include "driver/core/patience.h"
#include "driver/sl200_card.h"
#include "driver/sl200_compat.h"
#include "driver/sl200_queue.h"
#include "driver/sl200_reset.h"
#include "driver/sl200_trace.h"

#define MONITOR_MS 100 /* how soon a silent death of the card is noticed */
#define STALL_MS 5000 /* an emulated card may pause for longer than the manual's second */
#define SOFT_RESET_MS 50
#define SOFT_RESET_POLL_US 100

/* All-ones, or whatever else a bus gives where nobody answers. */
static bool registers_answer(struct sl200_device *sdev)
{
	return core_read32(&sdev->port, SL200_TOP_ID) == SL200_TOP_ID_RESET_VALUE;
}

static int reset_await_held(struct sl200_device *sdev)
{
	unsigned int i, polls;
	u32 state;

	/* The read also flushes the write of the reset register. */
	if (!registers_answer(sdev))
		return -ENODEV;
	polls = core_patience_ms(&sdev->port, SOFT_RESET_MS) * USEC_PER_MSEC / SOFT_RESET_POLL_US;
	for (i = 0; i < polls; i++) {
		state = core_read32(&sdev->port, SL200_MCU_STATE);
		if (state == CORE_ALL_ONES)
			return -ENODEV;
		if (state == SL200_MCU_STATE_RESET)
			return 0;
		usleep_range(SOFT_RESET_POLL_US, 2 * SOFT_RESET_POLL_US);
	}
	return -ETIMEDOUT;
}

int sl200_reset_mcu(struct sl200_device *sdev)
{
	core_write32(&sdev->port, SL200_TOP_RESET, SL200_TOP_RESET_MCU);
	return reset_await_held(sdev);
}

int sl200_reset_chip(struct sl200_device *sdev)
{
	core_write32(&sdev->port, SL200_TOP_RESET, SL200_TOP_RESET_CHIP);
	return reset_await_held(sdev);
}

/*
 * Not pci_reset_function(): that calls this driver's own reset_prepare() and reset_done(), which
 * are for resets that others ask for, and takes the device lock, under which removal waits for
 * resets to end.
 */
int sl200_reset_function(struct sl200_device *sdev)
{
	struct pci_dev *pdev = sdev->pdev;
	int ret = 0;

	if (!pci_device_is_present(pdev))
		return -ENODEV;
	pci_cfg_access_lock(pdev);
	if (!pdev->state_saved)
		ret = pci_save_state(pdev);
	if (!ret)
		ret = pcie_reset_flr(pdev, PCI_RESET_DO_RESET);
	if (!ret) {
		pci_restore_state(pdev);
		/* Restoring uses it up. */
		ret = pci_save_state(pdev);
	}
	pci_cfg_access_unlock(pdev);
	return ret ? ret : reset_await_held(sdev);
}

static const struct {
	const char *name;
	int (*reset)(struct sl200_device *sdev);
	bool memory_lost; /* card memory's contents are */
} rungs[SL200_RESET_RUNGS] = {
	[SL200_RESET_MCU] = { "MCU restart", sl200_reset_mcu, false },
	[SL200_RESET_CHIP] = { "chip reset", sl200_reset_chip, true },
	[SL200_RESET_FUNCTION] = { "function-level reset", sl200_reset_function, true },
};

/*
 * From a rung on, until the firmware serves again. *stopped: DMA of the old generation has ended,
 * and core's memory is freed. Returns the rung that worked, or a negative errno value.
 */
static int reset_climb(struct sl200_device *sdev, enum sl200_reset_rung rung, bool *stopped)
{
	int ret = -ENODEV;

	for (; rung < SL200_RESET_RUNGS; rung++) {
		if (drm_dev_is_unplugged(&sdev->drm) || !pci_device_is_present(sdev->pdev))
			return -ENODEV;
		/* Registers that do not answer take no reset either. */
		if (rung < SL200_RESET_FUNCTION && !registers_answer(sdev))
			continue;
		ret = rungs[rung].reset(sdev);
		if (ret) {
			dev_warn(&sdev->pdev->dev, "%s failed: error %d\n", rungs[rung].name, ret);
			continue;
		}
		sdev->reset.dma_unsafe = false;
		if (!*stopped)
			core_card_stop(&sdev->core);
		*stopped = true;
		if (rungs[rung].memory_lost)
			sl200_card_memory_lost(sdev);
		ret = sl200_card_start(sdev);
		if (!ret)
			return rung;
	}
	return ret;
}

/* No reset helped: turn the card's DMA off, and tell everybody. */
static void reset_give_up(struct sl200_device *sdev, u32 panic, unsigned int guilty_qid)
{
	struct device *dev = &sdev->pdev->dev;
	bool removed = drm_dev_is_unplugged(&sdev->drm);
	bool gone = !pci_device_is_present(sdev->pdev);

	lockdep_assert_held_write(&sdev->card_lock);
	sdev->reset.dma_unsafe = !sl200_card_dma_off(sdev);
	core_card_stop(&sdev->core);
	if (removed)
		sl200_card_set_state(sdev, SL200_CARD_DOWN);
	else
		sl200_card_set_state(sdev, gone ? SL200_CARD_GONE : SL200_CARD_WEDGED);
	sl200_queues_lost(sdev, gone || removed ? DRM_SL200_LOST_REMOVED : DRM_SL200_LOST_WEDGED,
			  panic, guilty_qid);
	if (sdev->reset.dma_unsafe)
		dev_crit(dev, "its DMA could not be turned off: memory it knows of is leaked\n");
	if (removed)
		return;
	if (gone) {
		dev_err(dev, "the card is gone from the bus\n");
		return;
	}
	dev_crit(dev, "wedged: no reset brought the card back; unbind and bind the driver, or power the card off and on\n");
	if (sdev->drm.registered)
		sl200_wedged_event(&sdev->drm);
}

static void reset_locked(struct sl200_device *sdev, enum sl200_reset_rung rung,
			 unsigned int guilty_qid, const char *reason)
{
	struct device *dev = &sdev->pdev->dev;
	u64 ns, start = ktime_get_ns();
	u32 panic = core_read32(&sdev->port, SL200_MCU_PANIC);
	bool stopped = false;
	int ret;

	if (panic == CORE_ALL_ONES)
		panic = 0;
	dev_err(dev, "resetting the card: %s%s%s\n", reason, panic ? ": " : "",
		panic ? core_panic_text(panic) : "");
	sl200_card_set_state(sdev, SL200_CARD_DOWN);
	if (registers_answer(sdev))
		sl200_coredump(sdev, reason, guilty_qid);
	atomic_inc(&sdev->reset.count);
	/* No access of a client's during the reset. */
	sl200_queues_revoke(sdev);
	ret = reset_climb(sdev, rung, &stopped);
	ns = ktime_get_ns() - start;
	trace_sl200_reset(sdev, reason, ret, ns);
	if (ret < 0) {
		reset_give_up(sdev, panic, guilty_qid);
		return;
	}
	sl200_queues_lost(sdev, DRM_SL200_LOST_RESET, panic, guilty_qid);
	dev_info(dev, "%s: serving again after %llu ms\n", rungs[ret].name,
		 div_u64(ns, NSEC_PER_MSEC));
}

int sl200_reset_start(struct sl200_device *sdev)
{
	bool stopped = false;

	lockdep_assert_held_write(&sdev->card_lock);
	sl200_card_set_state(sdev, SL200_CARD_DOWN);
	if (reset_climb(sdev, SL200_RESET_CHIP, &stopped) >= 0)
		return 0;
	reset_give_up(sdev, 0, 0);
	return -EIO;
}

void sl200_reset_now(struct sl200_device *sdev, u32 generation, unsigned int guilty_qid,
		     const char *reason)
{
	might_sleep();
	sl200_card_lock(sdev);
	if (sdev->state == SL200_CARD_RUNNING && sdev->generation == generation)
		reset_locked(sdev, SL200_RESET_MCU, guilty_qid, reason);
	sl200_card_unlock(sdev);
}

int sl200_reset_manual(struct sl200_device *sdev, enum sl200_reset_rung rung)
{
	int ret = -EIO;

	sl200_card_lock(sdev);
	if (sdev->state == SL200_CARD_RUNNING || sdev->state == SL200_CARD_WEDGED)
		reset_locked(sdev, rung, 0, "asked for by the administrator");
	if (sdev->state == SL200_CARD_RUNNING)
		ret = 0;
	sl200_card_unlock(sdev);
	if (!ret)
		sl200_reset_watch(sdev, true);
	return ret;
}

void sl200_reset_request(struct sl200_device *sdev, const char *reason)
{
	struct sl200_reset *reset = &sdev->reset;
	unsigned long flags;

	spin_lock_irqsave(&reset->lock, flags);
	if (!reset->reason) {
		reset->reason = reason;
		reset->generation = READ_ONCE(sdev->generation);
	}
	spin_unlock_irqrestore(&reset->lock, flags);
	queue_work(sdev->wq, &reset->work);
}

static void reset_work(struct work_struct *work)
{
	struct sl200_device *sdev = container_of(work, struct sl200_device, reset.work);
	struct sl200_reset *reset = &sdev->reset;
	const char *reason;
	u32 generation;

	spin_lock_irq(&reset->lock);
	reason = reset->reason;
	generation = reset->generation;
	reset->reason = NULL;
	spin_unlock_irq(&reset->lock);
	if (reason)
		sl200_reset_now(sdev, generation, 0, reason);
}

/* Look at a card that runs; card_lock is held. Returns why it must be reset, or NULL. */
static const char *monitor_look(struct sl200_device *sdev)
{
	struct sl200_reset *reset = &sdev->reset;

	if (reset->heartbeat_generation != sdev->generation) {
		reset->heartbeat_generation = sdev->generation;
		reset->heartbeat.since_ns = 0;
	}
	switch (core_card_health(&sdev->core, &reset->heartbeat, STALL_MS)) {
	case CORE_HEALTH_OK:
		break;
	case CORE_HEALTH_GONE:
		return "its registers do not answer";
	case CORE_HEALTH_HALTED:
		return "the firmware stopped";
	case CORE_HEALTH_STALLED:
		return "the firmware's heartbeat stands still";
	}
	/* The interrupt of an event may have been lost. */
	if (core_read32(&sdev->port, SL200_MCU_EVENT_SEQ) != reset->events_seen) {
		set_bit(0, &reset->events_lost);
		queue_work(sdev->wq, &sdev->irq.event_work);
	}
	return NULL;
}

static void monitor_work(struct work_struct *work)
{
	struct sl200_device *sdev =
		container_of(to_delayed_work(work), struct sl200_device, reset.monitor);
	const char *reason = NULL;
	bool over = false;

	/* Under a reset there is nothing to look at. */
	if (down_read_trylock(&sdev->card_lock)) {
		if (sdev->state == SL200_CARD_RUNNING)
			reason = monitor_look(sdev);
		over = sdev->state == SL200_CARD_WEDGED || sdev->state == SL200_CARD_GONE;
		if (reason)
			sl200_reset_request(sdev, reason);
		up_read(&sdev->card_lock);
	}
	if (!over)
		queue_delayed_work(sdev->wq, &sdev->reset.monitor, msecs_to_jiffies(MONITOR_MS));
}

void sl200_reset_init(struct sl200_device *sdev)
{
	struct sl200_reset *reset = &sdev->reset;

	INIT_DELAYED_WORK(&reset->monitor, monitor_work);
	INIT_WORK(&reset->work, reset_work);
	spin_lock_init(&reset->lock);
	atomic_set(&reset->count, 0);
}

void sl200_reset_watch(struct sl200_device *sdev, bool on)
{
	if (on) {
		mod_delayed_work(sdev->wq, &sdev->reset.monitor, msecs_to_jiffies(MONITOR_MS));
		return;
	}
	cancel_delayed_work_sync(&sdev->reset.monitor);
	cancel_work_sync(&sdev->irq.event_work);
	cancel_work_sync(&sdev->reset.work);
	spin_lock_irq(&sdev->reset.lock);
	sdev->reset.reason = NULL;
	spin_unlock_irq(&sdev->reset.lock);
}

void sl200_reset_fini(struct sl200_device *sdev)
{
	sl200_reset_watch(sdev, false);
}
