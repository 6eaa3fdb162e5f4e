/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * An address space of the card: an ASID, its page tables, its IOVAs, and the accounts of what is
 * in it. ASIDs are few: a client gets its own at the first use of it.
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
	struct mutex lock; /* all below but link */
	bool bound; /* has an ASID */
	unsigned int asid;
	u32 generation; /* of the card that the ASID was last bound on; card_lock too */
	struct core_pagetable pagetable;
	struct drm_mm iova;
	u64 host_bytes, card_bytes; /* mapped */
	u32 bos;
	struct list_head link; /* sl200_device.vms, under vms_lock */
};

/* Without an ASID yet. */
void sl200_vm_init(struct sl200_vm *vm, struct sl200_device *sdev);
/* Give the ASID back, free the tables. Nothing is mapped any more, or never will be used. */
void sl200_vm_fini(struct sl200_vm *vm);

/*
 * Make sure that the address space exists on the card. -ENOSPC: ASIDs are used up; and the
 * errors of sl200_card_enter().
 */
int sl200_vm_bind(struct sl200_vm *vm);

/* Bind all address spaces to a card just started. card_lock held for writing. */
int sl200_vm_rebind_all(struct sl200_device *sdev);

/* One mapping: iova is node.start. */
struct sl200_mapping {
	struct drm_mm_node node;
	u64 size;
};

/*
 * Map size bytes: the pages of sgt (host memory) or, with sgt NULL, card memory from dram on.
 * writable: else the card may only read. -ENOMEM, -ENOSPC (no IOVA). Binds the space if needed.
 */
int sl200_vm_map(struct sl200_vm *vm, struct sl200_mapping *mapping, struct sg_table *sgt, u64 dram,
		 u64 size, bool writable);
/*
 * Unmap; when this returns true the card has no access any more. False: the memory behind must be
 * leaked (sl200_admin.h).
 */
bool sl200_vm_unmap(struct sl200_vm *vm, struct sl200_mapping *mapping);

#endif
