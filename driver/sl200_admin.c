// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <drm/drm_drv.h>

#include "driver/sl200_admin.h"
#include "driver/sl200_device.h"
#include "driver/sl200_reset.h"

#define ENTER_WAIT_MS 1000

static int card_try_enter(struct sl200_device *sdev, int *idx)
{
	int ret;

	if (!drm_dev_enter(&sdev->drm, idx))
		return -ENODEV;
	if (!down_read_trylock(&sdev->card_lock)) {
		drm_dev_exit(*idx);
		return -EAGAIN;
	}
	if (sdev->state == SL200_CARD_RUNNING)
		return 0;
	if (sdev->state == SL200_CARD_WEDGED || sdev->state == SL200_CARD_GONE)
		ret = -ENODEV;
	else
		ret = -EAGAIN;
	up_read(&sdev->card_lock);
	drm_dev_exit(*idx);
	return ret;
}

int sl200_card_enter(struct sl200_device *sdev, int *idx)
{
	int ret;

	might_sleep();
	/* Whoever has the lock for writing wakes state_wait when it gives it back. */
	wait_event_timeout(sdev->state_wait, (ret = card_try_enter(sdev, idx)) != -EAGAIN,
			   msecs_to_jiffies(ENTER_WAIT_MS));
	return ret;
}

void sl200_card_exit(struct sl200_device *sdev, int idx)
{
	up_read(&sdev->card_lock);
	drm_dev_exit(idx);
}

int sl200_admin_result(struct sl200_device *sdev, int ret, const char *what)
{
	const char *reason;

	switch (ret) {
	case -ETIMEDOUT:
		reason = "the firmware did not answer a command";
		break;
	case -EIO:
		reason = "the firmware gave a wrong answer to a command";
		break;
	case -ENODEV:
		reason = "the firmware stopped during a command";
		break;
	default:
		return ret;
	}
	lockdep_assert_held(&sdev->card_lock);
	dev_err_ratelimited(&sdev->pdev->dev, "%s: error %d\n", what, ret);
	sl200_reset_request(sdev, reason);
	return -EAGAIN;
}

/*
 * Not sl200_card_enter(): what is to be ended may run until the state says otherwise, also while
 * the card is being removed.
 */
static bool card_end_begin(struct sl200_device *sdev)
{
	might_sleep();
	down_read(&sdev->card_lock);
	return sdev->state == SL200_CARD_RUNNING;
}

/* ret: of the command; -ENOENT means that the firmware knows nothing to be ended. */
static bool card_end_finish(struct sl200_device *sdev, int ret, unsigned int guilty_qid,
			    const char *what)
{
	u32 generation = sdev->generation;
	bool safe = !sdev->reset.dma_unsafe;

	up_read(&sdev->card_lock);
	if (!ret || ret == -ENOENT)
		return safe;
	dev_err_ratelimited(&sdev->pdev->dev, "%s: error %d\n", what, ret);
	sl200_reset_now(sdev, generation, guilty_qid, what);
	down_read(&sdev->card_lock);
	safe = !sdev->reset.dma_unsafe;
	up_read(&sdev->card_lock);
	return safe;
}

bool sl200_admin_queue_end(struct sl200_device *sdev, unsigned int qid, u32 generation)
{
	int ret = 0;

	if (card_end_begin(sdev) && sdev->generation == generation)
		ret = core_admin_queue_destroy(&sdev->core.admin, qid);
	return card_end_finish(sdev, ret, qid, "a queue could not be ended");
}

bool sl200_admin_asid_end(struct sl200_device *sdev, unsigned int asid, u32 generation)
{
	int ret = 0;

	if (card_end_begin(sdev) && sdev->generation == generation)
		ret = core_admin_asid_unbind(&sdev->core.admin, asid);
	return card_end_finish(sdev, ret, 0, "an address space could not be unbound");
}

bool sl200_admin_tlb_invalidate(struct sl200_device *sdev, unsigned int asid, u64 iova, u64 size)
{
	int ret = 0;

	if (card_end_begin(sdev))
		ret = core_admin_tlb_invalidate(&sdev->core.admin, asid, iova, size);
	return card_end_finish(sdev, ret, 0, "an invalidation was not acknowledged");
}
