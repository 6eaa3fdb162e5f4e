// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The driver of the SL200: binding to a card and letting go of it. What a card is made of is in
 * sl200_device.h, how its parts fit together in docs/kernel-driver.md.
 */
#include <linux/module.h>
#include <linux/pci.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_managed.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"
#include "abi/uapi/drm/sl200_drm.h"
#include "driver/sl200_bo.h"
#include "driver/sl200_card.h"
#include "driver/sl200_client.h"
#include "driver/sl200_compat.h"
#include "driver/sl200_fw.h"
#include "driver/sl200_irq.h"
#include "driver/sl200_pci_error.h"
#include "driver/sl200_pm.h"
#include "driver/sl200_queue.h"
#include "driver/sl200_reset.h"
#include "driver/sl200_sysfs.h"

#define PCI_VENDOR_SL200 0x1024
#define PCI_DEVICE_SL200 0x0101

static const struct drm_ioctl_desc sl200_ioctls[] = {
	DRM_IOCTL_DEF_DRV(SL200_QUERY, sl200_ioctl_query, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(SL200_BO_CREATE, sl200_ioctl_bo_create, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(SL200_BO_INFO, sl200_ioctl_bo_info, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(SL200_QUEUE_CREATE, sl200_ioctl_queue_create, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(SL200_QUEUE_DESTROY, sl200_ioctl_queue_destroy, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(SL200_QUEUE_WAIT, sl200_ioctl_queue_wait, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(SL200_QUEUE_WAKE, sl200_ioctl_queue_wake, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(SL200_QUEUE_EVENTFD, sl200_ioctl_queue_eventfd, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(SL200_QUEUE_DOORBELL, sl200_ioctl_queue_doorbell, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(SL200_QUEUE_INFO, sl200_ioctl_queue_info, DRM_RENDER_ALLOW),
};

static const struct file_operations sl200_fops = {
	.owner = THIS_MODULE,
	.open = drm_open,
	.release = sl200_client_release,
	.unlocked_ioctl = drm_ioctl,
	.compat_ioctl = drm_compat_ioctl,
	.poll = drm_poll,
	.read = drm_read,
	.llseek = noop_llseek,
	.mmap = sl200_mmap,
	.show_fdinfo = sl200_show_fdinfo,
	SL200_FOPS_COMPAT
};

/* Versions: 1.0 the interface as in abi/uapi/drm/sl200_drm.h. */
static const struct drm_driver sl200_drm_driver = {
	.driver_features = DRIVER_GEM | DRIVER_RENDER,
	.name = DRM_SL200_NAME,
	.desc = "StreamLake 200 video processor",
	.major = DRM_SL200_VERSION_MAJOR,
	.minor = DRM_SL200_VERSION_MINOR,
	.fops = &sl200_fops,
	.ioctls = sl200_ioctls,
	.num_ioctls = ARRAY_SIZE(sl200_ioctls),
	.open = sl200_client_open,
	.postclose = sl200_client_postclose,
	.gem_create_object = sl200_gem_create_object,
	.gem_prime_import = sl200_gem_prime_import,
	.gem_prime_import_sg_table = sl200_gem_prime_import_sg_table,
	.debugfs_init = sl200_debugfs_init,
	SL200_DRM_DRIVER_COMPAT
};

/* The last file is closed. */
static void device_release(struct drm_device *drm, void *data)
{
	struct sl200_device *sdev = data;

	if (sdev->dram.total)
		sl200_dram_fini(sdev);
	ida_destroy(&sdev->asids);
	mutex_destroy(&sdev->bos_lock);
	mutex_destroy(&sdev->vms_lock);
	mutex_destroy(&sdev->query_lock);
	mutex_destroy(&sdev->admin_lock);
	mutex_destroy(&sdev->regs_lock);
}

static int device_init(struct sl200_device *sdev, struct pci_dev *pdev)
{
	sdev->pdev = pdev;
	sdev->port.ops = &sl200_port_ops;
	mutex_init(&sdev->regs_lock);
	mutex_init(&sdev->admin_lock);
	init_rwsem(&sdev->card_lock);
	init_waitqueue_head(&sdev->state_wait);
	mutex_init(&sdev->query_lock);
	mutex_init(&sdev->vms_lock);
	INIT_LIST_HEAD(&sdev->vms);
	mutex_init(&sdev->bos_lock);
	INIT_LIST_HEAD(&sdev->bos);
	ida_init(&sdev->asids);
	spin_lock_init(&sdev->queue_lock);
	atomic_set(&sdev->irq.admin_irqs, 0);
	init_waitqueue_head(&sdev->irq.admin_wait);
	INIT_WORK(&sdev->irq.event_work, sl200_event_work);
	sl200_reset_init(sdev);
	return drmm_add_action_or_reset(&sdev->drm, device_release, sdev);
}

/* Start a card in whatever state it was left, and the account of its memory. */
static int first_start(struct sl200_device *sdev)
{
	const struct sl200_caps *caps = &sdev->core.caps;
	char text[SL200_FW_VERSION_TEXT_SIZE];
	int ret = 0;

	sl200_card_lock(sdev);
	/* Somebody else's firmware may be running. */
	if (core_read32(&sdev->port, SL200_MCU_STATE) != SL200_MCU_STATE_RESET) {
		ret = sl200_reset_chip(sdev);
		if (ret)
			ret = sl200_reset_function(sdev);
		if (ret)
			dev_err(&sdev->pdev->dev, "the card cannot be reset: error %d\n", ret);
	}
	if (!ret)
		ret = sl200_card_start(sdev);
	sl200_card_unlock(sdev);
	if (ret)
		return ret;
	dev_info(&sdev->pdev->dev, "SL200 %016llx, firmware %s, %llu MiB, %u queues, %u vectors\n",
		 sdev->serial, sl200_fw_version_text(sdev->core.fw_version, text),
		 caps->dram_size >> 20, caps->num_queues, caps->num_vectors);
	return sl200_dram_init(sdev, caps->dram_size);
}

static void card_down(struct sl200_device *sdev)
{
	sl200_card_lock(sdev);
	sl200_queues_lost(sdev, DRM_SL200_LOST_REMOVED, 0, 0);
	sl200_card_stop(sdev, SL200_CARD_DOWN);
	sl200_card_unlock(sdev);
	pci_clear_master(sdev->pdev);
}

static int sl200_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct sl200_device *sdev;
	int ret;

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	sdev = devm_drm_dev_alloc(&pdev->dev, &sl200_drm_driver, struct sl200_device, drm);
	if (IS_ERR(sdev))
		return PTR_ERR(sdev);
	pci_set_drvdata(pdev, sdev);
	ret = device_init(sdev, pdev);
	if (ret)
		return ret;
	ret = sl200_card_map(sdev);
	if (ret)
		return ret;
	ret = sl200_fw_load(sdev);
	if (ret)
		return ret;
	sdev->wq = alloc_workqueue("sl200-%s", WQ_UNBOUND, 0, pci_name(pdev));
	if (!sdev->wq) {
		ret = -ENOMEM;
		goto release_fw;
	}
	ret = sl200_irq_init(sdev);
	if (ret)
		goto destroy_wq;
	ret = first_start(sdev);
	if (ret)
		goto stop;
	ret = drm_dev_register(&sdev->drm, 0);
	if (ret)
		goto stop;
	sl200_error_reporting(pdev, true);
	pci_save_state(pdev);
	sl200_hwmon_init(sdev);
	sl200_reset_watch(sdev, true);
	return 0;

stop:
	card_down(sdev);
	sl200_reset_watch(sdev, false);
	sl200_irq_fini(sdev);
destroy_wq:
	destroy_workqueue(sdev->wq);
release_fw:
	sl200_fw_release(sdev);
	return ret;
}

/*
 * The card may be gone from the bus already: nothing here waits for it then, as commands give up
 * when registers read all-ones. Clients may still have it open: they get -ENODEV.
 */
static void sl200_remove(struct pci_dev *pdev)
{
	struct sl200_device *sdev = pci_get_drvdata(pdev);

	drm_dev_unplug(&sdev->drm);
	sl200_hwmon_fini(sdev);
	sl200_reset_fini(sdev);
	card_down(sdev);
	sl200_dram_clear_fini(sdev);
	sl200_vms_unplug(sdev);
	sl200_queues_unplug(sdev);
	sl200_bos_unplug(sdev);
	sl200_irq_fini(sdev);
	destroy_workqueue(sdev->wq);
	sl200_fw_release(sdev);
	sl200_error_reporting(pdev, false);
}

/* Before the next kernel: it must find a card that writes to no memory. */
static void sl200_shutdown(struct pci_dev *pdev)
{
	struct sl200_device *sdev = pci_get_drvdata(pdev);

	sl200_reset_watch(sdev, false);
	card_down(sdev);
}

static const struct pci_device_id sl200_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_SL200, PCI_DEVICE_SL200) },
	{}
};
MODULE_DEVICE_TABLE(pci, sl200_ids);

static struct pci_driver sl200_pci_driver = {
	.name = "sl200",
	.id_table = sl200_ids,
	.probe = sl200_probe,
	.remove = sl200_remove,
	.shutdown = sl200_shutdown,
	.err_handler = &sl200_pci_error_handlers,
	.dev_groups = sl200_sysfs_groups,
	.driver.pm = pm_sleep_ptr(&sl200_pm_ops),
};
module_pci_driver(sl200_pci_driver);

MODULE_AUTHOR("The SL200 stack's authors");
MODULE_DESCRIPTION("StreamLake 200 PCI Express video processor");
MODULE_VERSION(SL200_VERSION);
MODULE_FIRMWARE(SL200_FW_FILE);
MODULE_LICENSE("Dual MIT/GPL");
SL200_IMPORT_NS_DMA_BUF;
