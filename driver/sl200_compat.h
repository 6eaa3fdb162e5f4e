/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Differences between the kernels that the driver is built for. The driver is written for the
 * newest; here is what older ones lack. compat.h says what a kernel has: see driver/Kbuild.
 * Include it after the Linux headers.
 */
#ifndef SL200_COMPAT_H
#define SL200_COMPAT_H

#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/hwmon.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>

#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/drm_prime.h>

#include "compat.h"

/* Members of struct drm_driver that newer kernels fill in themselves, or dropped. */
#ifdef HAVE_DRM_DRIVER_DATE
#define SL200_DRM_DRIVER_DATE .date = "20261122",
#else
#define SL200_DRM_DRIVER_DATE
#endif
#ifdef HAVE_GEM_PRIME_MMAP
#define SL200_DRM_DRIVER_PRIME \
	.prime_handle_to_fd = drm_gem_prime_handle_to_fd, \
	.prime_fd_to_handle = drm_gem_prime_fd_to_handle, \
	.gem_prime_mmap = drm_gem_prime_mmap,
#else
#define SL200_DRM_DRIVER_PRIME
#endif
#define SL200_DRM_DRIVER_COMPAT SL200_DRM_DRIVER_DATE SL200_DRM_DRIVER_PRIME

/* Members of struct file_operations: offsets of a DRM file are 64 bits without a sign. */
#ifdef HAVE_FOP_FLAGS
#define SL200_FOPS_COMPAT .fop_flags = FOP_UNSIGNED_OFFSET,
#else
#define SL200_FOPS_COMPAT
#endif

#ifdef HAVE_IMPORT_NS_TOKEN
#define SL200_IMPORT_NS_DMA_BUF MODULE_IMPORT_NS(DMA_BUF)
#else
#define SL200_IMPORT_NS_DMA_BUF MODULE_IMPORT_NS("DMA_BUF")
#endif

/* const where struct hwmon_chip_info.info points to constant pointers. */
#ifdef HAVE_HWMON_CONST_INFO
#define SL200_HWMON_CONST const
#else
#define SL200_HWMON_CONST
#endif

#ifdef HAVE_EVENTFD_SIGNAL_COUNT
#define eventfd_signal(ctx) eventfd_signal(ctx, 1)
#endif

#ifndef HAVE_VM_FLAGS_SET
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	lockdep_assert_held_write(&vma->vm_mm->mmap_lock);
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	lockdep_assert_held_write(&vma->vm_mm->mmap_lock);
	vma->vm_flags &= ~flags;
}
#endif

/* Tell user space that only binding the driver again, or a reset of the bus, can help the card. */
static inline void sl200_wedged_event(struct drm_device *drm)
{
#ifdef HAVE_DRM_DEV_WEDGED_EVENT
	drm_dev_wedged_event(drm, DRM_WEDGE_RECOVERY_REBIND | DRM_WEDGE_RECOVERY_BUS_RESET, NULL);
#endif
}

#ifdef HAVE_PCIE_ERROR_REPORTING
#include <linux/aer.h>

static inline void sl200_error_reporting(struct pci_dev *pdev, bool on)
{
	if (on)
		pci_enable_pcie_error_reporting(pdev);
	else
		pci_disable_pcie_error_reporting(pdev);
}
#else
static inline void sl200_error_reporting(struct pci_dev *pdev, bool on)
{
}
#endif

#endif
