/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * An address space of the card: an ASID, its page tables, its IOVAs, and the accounts of what is
 * in it. ASIDs are few: a client gets its own at the first use of it.
 *
 * Page tables are memory mapped for DMA, and so end with the binding of the driver to the device,
 * not with the last file: whoever touches them is inside drm_dev_enter(), so that after
 * drm_dev_unplug() only sl200_vms_unplug() and sl200_vm_fini() do, under vms_lock.
 */
#ifndef SL200_VM_H
#define SL200_VM_H

#include <linux/mutex.h>
#include <linux/scatterlist.h>

#include <drm/drm_mm.h>

#include "driver/core/pagetable.h"

struct sl200_device;

struct sl200_vm {
	struct sl200_device *sdev;
	bool internal; /* the driver's own: no client, no limits. Constant */
	struct mutex lock; /* the fields up to the blank line */
	bool bound; /* has an ASID */
	bool ended; /* the card translates by it no more, or by leaked tables */
	bool leaked; /* tables are kept on purpose: nothing is mapped any more */
	struct drm_mm iova;
	u64 host_bytes, card_bytes; /* charged for mappings */
	u32 bos; /* charged for buffer objects */

	unsigned int asid; /* constant once bound */
	struct core_pagetable pagetable; /* lock and drm_dev_enter(); root: NULL under vms_lock */
	struct list_head link; /* vms_lock: sl200_device.vms while bound */
	bool closing; /* vms_lock: is not bound to a restarted card */
	u32 generation; /* vms_lock: of the card that the ASID was last bound on */
};

/* One mapping, zeroed by its owner: iova is node.start. */
struct sl200_mapping {
	struct drm_mm_node node;
	u64 size;
	u64 host_bytes, card_bytes; /* charged; sl200_vm.lock */
	u32 bos;
};

/* Without an ASID yet. */
void sl200_vm_init(struct sl200_vm *vm, struct sl200_device *sdev);
/*
 * Its last queue has ended, and nothing is mapped from now on: end the card's access to all that is
 * mapped by one command, so that what follows need not do it piece by piece. May sleep.
 */
void sl200_vm_end(struct sl200_vm *vm);
/* End it, give the ASID back, free the tables. Nothing is mapped any more. */
void sl200_vm_fini(struct sl200_vm *vm);

/*
 * Make sure that the address space exists on the card. -ENOSPC: ASIDs are used up; and the
 * errors of sl200_card_enter().
 */
int sl200_vm_bind(struct sl200_vm *vm);

/*
 * Bind all address spaces to a card just started, whose generation is sl200_device.generation.
 * card_lock held for writing.
 */
int sl200_vm_rebind_all(struct sl200_device *sdev);

/*
 * Free all page tables, as the driver is about to leave the device. After drm_dev_unplug() and
 * after the card was stopped.
 */
void sl200_vms_unplug(struct sl200_device *sdev);

/*
 * Charge a mapping to the client's account before its memory is allocated: -ENOSPC when a limit is
 * reached. bo: a buffer object. Undone by sl200_vm_unmap(), or by sl200_vm_uncharge() when it was
 * not mapped. What is not charged yet is charged by sl200_vm_map().
 */
int sl200_vm_charge(struct sl200_vm *vm, struct sl200_mapping *mapping, u64 size, bool host,
		    bool bo);
void sl200_vm_uncharge(struct sl200_vm *vm, struct sl200_mapping *mapping);

/*
 * Map size bytes: the pages of sgt (host memory, mapped for DMA) or, with sgt NULL, card memory
 * from dram on. writable: else the card may only read. Binds the space if needed. May sleep.
 * -ENOMEM; -ENOSPC: no IOVA, or a limit of the client; -EINVAL: segments that are not whole pages
 * or do not add up to size; -ENOTRECOVERABLE: it failed half-way and the card may have access
 * nevertheless: the memory must be leaked; the errors of sl200_card_enter().
 * On failure nothing is mapped, and what this call charged is uncharged.
 */
int sl200_vm_map(struct sl200_vm *vm, struct sl200_mapping *mapping, struct sg_table *sgt, u64 dram,
		 u64 size, bool writable);
/*
 * Unmap and uncharge; when this returns true the card has no access any more. False: the memory
 * behind must be leaked (sl200_admin.h).
 */
bool sl200_vm_unmap(struct sl200_vm *vm, struct sl200_mapping *mapping);

#endif
