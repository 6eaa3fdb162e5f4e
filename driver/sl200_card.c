// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-mapping.h>
#include <linux/firmware.h>
#include <linux/io.h>

#include "abi/sl200_regs.h"
#include "driver/core/telemetry.h"
#include "driver/sl200_card.h"
#include "driver/sl200_fw.h"
#include "driver/sl200_reset.h"
#include "driver/sl200_vm.h"

#define BAR_REGS 0
#define BAR_DOORBELLS 2
#define REGS_SIZE 0x10000u
#define DOORBELLS_SIZE (SL200_MAX_QUEUES * SL200_DOORBELL_STRIDE)
#define HW_VERSION_MAJOR 1
#define DMA_BITS 52 /* of a bus address in a page table entry */

static int card_map_bar(struct sl200_device *sdev, unsigned int bar, resource_size_t size,
			void __iomem **base)
{
	if (pci_resource_len(sdev->pdev, bar) < size) {
		dev_err(&sdev->pdev->dev, "BAR%u is not the registers of an SL200\n", bar);
		return -ENODEV;
	}
	*base = devm_ioremap_resource(&sdev->pdev->dev, &sdev->pdev->resource[bar]);
	return PTR_ERR_OR_ZERO(*base);
}

static int card_identify(struct sl200_device *sdev)
{
	struct device *dev = &sdev->pdev->dev;
	u32 id = core_read32(&sdev->port, SL200_TOP_ID);

	if (id == CORE_ALL_ONES) {
		dev_err(dev, "the card does not answer: its registers read all-ones\n");
		return -ENODEV;
	}
	sdev->hw_version = core_read32(&sdev->port, SL200_TOP_HW_VERSION);
	if (id != SL200_TOP_ID_RESET_VALUE ||
	    sdev->hw_version >> SL200_TOP_HW_VERSION_MAJOR_SHIFT != HW_VERSION_MAJOR) {
		dev_err(dev, "unknown hardware: ID 0x%08x, version 0x%08x\n", id, sdev->hw_version);
		return -ENODEV;
	}
	sdev->serial = core_read64(&sdev->port, SL200_TOP_SERIAL_LO);
	return 0;
}

int sl200_card_map(struct sl200_device *sdev)
{
	struct pci_dev *pdev = sdev->pdev;
	int ret;

	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(DMA_BITS));
	if (ret) {
		dev_err(&pdev->dev, "no DMA with %u address bits: error %d\n", DMA_BITS, ret);
		return ret;
	}
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	ret = card_map_bar(sdev, BAR_REGS, REGS_SIZE, &sdev->regs);
	if (!ret)
		ret = card_map_bar(sdev, BAR_DOORBELLS, DOORBELLS_SIZE, &sdev->doorbells);
	if (ret)
		return ret;
	sdev->doorbell_base = pci_resource_start(pdev, BAR_DOORBELLS);
	return card_identify(sdev);
}

void sl200_card_lock(struct sl200_device *sdev)
{
	down_write(&sdev->card_lock);
}

void sl200_card_unlock(struct sl200_device *sdev)
{
	up_write(&sdev->card_lock);
	wake_up_all(&sdev->state_wait);
}

void sl200_card_set_state(struct sl200_device *sdev, enum sl200_card_state state)
{
	lockdep_assert_held_write(&sdev->card_lock);
	WRITE_ONCE(sdev->state, state);
}

const char *sl200_card_state_text(enum sl200_card_state state)
{
	switch (state) {
	case SL200_CARD_DOWN:
		return "resetting";
	case SL200_CARD_RUNNING:
		return "running";
	case SL200_CARD_SUSPENDED:
		return "suspended";
	case SL200_CARD_WEDGED:
		return "wedged";
	case SL200_CARD_GONE:
		return "gone";
	}
	return "unknown";
}

/* Bounds of what the rest of the driver builds on; whatever the firmware says. */
static int card_check_caps(struct sl200_device *sdev)
{
	struct sl200_caps *caps = &sdev->core.caps;

	caps->num_queues = min(caps->num_queues, SL200_MAX_QUEUES);
	caps->num_asids = min(caps->num_asids, SL200_MAX_ASIDS);
	caps->num_vectors = min(caps->num_vectors, sdev->irq.count);
	caps->max_depth = min(caps->max_depth, SL200_QUEUE_DEPTH_MAX);
	if (caps->num_queues < 2 || caps->num_asids < 2 || caps->num_vectors < 2 ||
	    caps->max_depth < SL200_QUEUE_DEPTH_MIN) {
		dev_err(&sdev->pdev->dev,
			"capabilities make no sense: %u queues, %u address spaces, %u vectors, depth %u\n",
			caps->num_queues, caps->num_asids, caps->num_vectors, caps->max_depth);
		return -EIO;
	}
	return 0;
}

int sl200_card_start(struct sl200_device *sdev)
{
	struct core_start_result result;
	int ret;

	lockdep_assert_held_write(&sdev->card_lock);
	if (!sdev->fw)
		return -ENOENT;
	pci_set_master(sdev->pdev);
	ret = core_card_start(&sdev->core, &sdev->port, sdev->fw->data, sdev->fw->size,
			      SL200_ADMIN_TIMEOUT_MS, &result);
	if (ret) {
		sl200_fw_log_start_error(sdev, ret, &result);
		goto reset;
	}
	ret = card_check_caps(sdev);
	if (ret)
		goto reset;
	sdev->generation++;
	sdev->reset.events_seen = 0;
	ret = sl200_vm_rebind_all(sdev);
	if (ret) {
		dev_err(&sdev->pdev->dev, "address spaces could not be bound: error %d\n", ret);
		goto reset;
	}
	sl200_card_set_state(sdev, SL200_CARD_RUNNING);
	return 0;

reset:
	if (sl200_reset_mcu(sdev))
		sdev->reset.dma_unsafe = !sl200_card_dma_off(sdev);
	core_card_stop(&sdev->core);
	/* Left behind where the firmware may still have taken it. */
	if (sdev->core.log.cpu)
		sdev->port.ops->dma_free(&sdev->port, &sdev->core.log);
	return ret;
}

void sl200_card_memory_lost(struct sl200_device *sdev)
{
	if (sdev->dram.total)
		sl200_dram_lost(sdev);
}

/* By whatever works; resets first, as after one the firmware is no matter any more. */
static bool card_quiesce(struct sl200_device *sdev)
{
	if (!sl200_reset_chip(sdev)) {
		sl200_card_memory_lost(sdev);
		return true;
	}
	if (sl200_card_dma_off(sdev))
		return true;
	if (!sl200_reset_function(sdev)) {
		sl200_card_memory_lost(sdev);
		return true;
	}
	dev_crit(&sdev->pdev->dev,
		 "neither a reset nor turning bus mastering off worked: memory the card knows of is leaked\n");
	return false;
}

void sl200_card_stop(struct sl200_device *sdev, enum sl200_card_state state)
{
	lockdep_assert_held_write(&sdev->card_lock);
	if (sdev->state == SL200_CARD_RUNNING)
		sdev->reset.dma_unsafe = !card_quiesce(sdev);
	core_card_stop(&sdev->core);
	sl200_card_set_state(sdev, state);
}

bool sl200_card_dma_off(struct sl200_device *sdev)
{
	struct pci_dev *pdev = sdev->pdev;
	u16 command;

	pci_clear_master(pdev);
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	/* A function that does not even answer there is not on the bus: its accesses end too. */
	if (PCI_POSSIBLE_ERROR(command))
		return true;
	return !(command & PCI_COMMAND_MASTER) && pci_wait_for_pending_transaction(pdev);
}
