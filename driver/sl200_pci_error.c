// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "driver/sl200_card.h"
#include "driver/sl200_pci_error.h"
#include "driver/sl200_pm.h"
#include "driver/sl200_queue.h"
#include "driver/sl200_reset.h"

/*
 * The link is down, or about to be reset: registers must not be touched. What core has of the card
 * stays until the slot is reset. Until then its DMA is over only if that can be seen.
 */
static void link_lost(struct sl200_device *sdev, enum sl200_card_state state,
		      enum drm_sl200_lost_cause cause)
{
	sl200_reset_watch(sdev, false);
	sl200_card_lock(sdev);
	if (sdev->state == SL200_CARD_RUNNING) {
		sl200_queues_lost(sdev, cause, 0, 0);
		sdev->reset.dma_unsafe = !sl200_card_dma_off(sdev);
		sl200_card_set_state(sdev, state);
	}
	sl200_card_unlock(sdev);
}

static pci_ers_result_t error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct sl200_device *sdev = pci_get_drvdata(pdev);

	dev_err(&pdev->dev, "PCI error, channel state %u\n", state);
	switch (state) {
	case pci_channel_io_normal:
		return PCI_ERS_RESULT_CAN_RECOVER;
	case pci_channel_io_frozen:
		link_lost(sdev, SL200_CARD_SUSPENDED, DRM_SL200_LOST_RESET);
		return PCI_ERS_RESULT_NEED_RESET;
	case pci_channel_io_perm_failure:
	default:
		link_lost(sdev, SL200_CARD_GONE, DRM_SL200_LOST_REMOVED);
		return PCI_ERS_RESULT_DISCONNECT;
	}
}

/* The link works, and nothing was reset: a transaction was lost, of whom nobody knows. */
static pci_ers_result_t mmio_enabled(struct pci_dev *pdev)
{
	struct sl200_device *sdev = pci_get_drvdata(pdev);

	sl200_reset_request(sdev, "the link lost a transaction");
	return PCI_ERS_RESULT_RECOVERED;
}

static pci_ers_result_t slot_reset(struct pci_dev *pdev)
{
	struct sl200_device *sdev = pci_get_drvdata(pdev);

	pci_restore_state(pdev);
	atomic_inc(&sdev->reset.count);
	return sl200_pm_start(sdev) ? PCI_ERS_RESULT_DISCONNECT : PCI_ERS_RESULT_RECOVERED;
}

static void error_resume(struct pci_dev *pdev)
{
	dev_info(&pdev->dev, "recovered from the PCI error\n");
}

static void reset_prepare(struct pci_dev *pdev)
{
	sl200_pm_stop(pci_get_drvdata(pdev), DRM_SL200_LOST_RESET);
}

static void reset_done(struct pci_dev *pdev)
{
	struct sl200_device *sdev = pci_get_drvdata(pdev);

	atomic_inc(&sdev->reset.count);
	if (!sl200_pm_start(sdev))
		dev_info(&pdev->dev, "serving again after a reset by the PCI core\n");
}

const struct pci_error_handlers sl200_pci_error_handlers = {
	.error_detected = error_detected,
	.mmio_enabled = mmio_enabled,
	.slot_reset = slot_reset,
	.resume = error_resume,
	.reset_prepare = reset_prepare,
	.reset_done = reset_done,
};
