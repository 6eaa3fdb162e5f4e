// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-mapping.h>
#include <linux/idr.h>
#include <linux/overflow.h>
#include <linux/sched.h>

#include <drm/drm_drv.h>

#include "abi/sl200_fw.h"
#include "driver/sl200_admin.h"
#include "driver/sl200_client.h"
#include "driver/sl200_device.h"
#include "driver/sl200_trace.h"
#include "driver/sl200_vm.h"

/*
 * Each address space hands out IOVAs of a part of its own: one client's address means nothing in
 * another's space, so that a mix-up faults instead of hitting something.
 */
#define VM_IOVA_SHIFT 39

static_assert(((u64)SL200_MAX_ASIDS << VM_IOVA_SHIFT) <= 1ull << SL200_IOVA_BITS,
	      "every ASID has its part of the IOVAs");

void sl200_vm_init(struct sl200_vm *vm, struct sl200_device *sdev)
{
	memset(vm, 0, sizeof(*vm));
	vm->sdev = sdev;
	mutex_init(&vm->lock);
	INIT_LIST_HEAD(&vm->link);
}

/* Nothing may be mapped any more: tables and whatever they show stay where they are. */
static void vm_leak(struct sl200_vm *vm)
{
	lockdep_assert_held(&vm->lock);
	if (!vm->leaked)
		drm_err_once(&vm->sdev->drm,
			     "access of the card could not be ended: its memory is kept for good\n");
	vm->leaked = true;
}

/* An ASID with an empty table. Called outside of sl200_card_enter(). */
static int vm_bind_locked(struct sl200_vm *vm)
{
	struct sl200_device *sdev = vm->sdev;
	unsigned int num_asids;
	int ret, asid, idx;
	u32 generation;

	lockdep_assert_held(&vm->lock);
	if (vm->bound)
		return 0;
	ret = sl200_card_enter(sdev, &idx);
	if (ret)
		return ret;
	generation = sdev->generation;
	num_asids = min_t(u32, sdev->core.caps.num_asids, SL200_MAX_ASIDS);
	asid = num_asids < 2 ? -ENOSPC :
			       ida_alloc_range(&sdev->asids, 1, num_asids - 1, GFP_KERNEL);
	if (asid < 0) {
		ret = asid;
		goto exit;
	}
	ret = core_pt_init(&vm->pagetable, &sdev->port);
	if (ret)
		goto free_asid;
	ret = sl200_admin_result(sdev,
				 core_admin_asid_bind(&sdev->core.admin, asid,
						      core_pt_root(&vm->pagetable)),
				 "binding an address space");
	if (ret)
		goto end_asid;
	vm->asid = asid;
	drm_mm_init(&vm->iova, (u64)asid << VM_IOVA_SHIFT, 1ull << VM_IOVA_SHIFT);
	mutex_lock(&sdev->vms_lock);
	vm->generation = generation;
	list_add_tail(&vm->link, &sdev->vms);
	mutex_unlock(&sdev->vms_lock);
	vm->bound = true;
exit:
	sl200_card_exit(sdev, idx);
	return ret;

end_asid:
	sl200_card_exit(sdev, idx);
	/* Who knows whether a command without an answer was executed. */
	if (!sl200_admin_asid_end(sdev, asid, generation)) {
		vm_leak(vm);
		return ret;
	}
	core_pt_fini(&vm->pagetable);
	ida_free(&sdev->asids, asid);
	return ret;

free_asid:
	ida_free(&sdev->asids, asid);
	goto exit;
}

int sl200_vm_bind(struct sl200_vm *vm)
{
	int ret;

	mutex_lock(&vm->lock);
	ret = vm->ended || vm->leaked ? -ENODEV : vm_bind_locked(vm);
	mutex_unlock(&vm->lock);
	return ret;
}

int sl200_vm_rebind_all(struct sl200_device *sdev)
{
	struct sl200_vm *vm;
	int ret = 0;

	lockdep_assert_held_write(&sdev->card_lock);
	mutex_lock(&sdev->vms_lock);
	list_for_each_entry(vm, &sdev->vms, link) {
		if (vm->closing)
			continue;
		ret = core_admin_asid_bind(&sdev->core.admin, vm->asid,
					   core_pt_root(&vm->pagetable));
		if (ret)
			break;
		vm->generation = sdev->generation;
	}
	mutex_unlock(&sdev->vms_lock);
	return ret;
}

/* The tables, with the space unlinked: no reset binds it any more, nobody frees them twice. */
static void vm_free_tables(struct sl200_vm *vm)
{
	lockdep_assert_held(&vm->sdev->vms_lock);
	list_del_init(&vm->link);
	if (vm->pagetable.root)
		core_pt_fini(&vm->pagetable);
}

void sl200_vms_unplug(struct sl200_device *sdev)
{
	struct sl200_vm *vm, *next;

	mutex_lock(&sdev->vms_lock);
	list_for_each_entry_safe(vm, next, &sdev->vms, link)
		vm_free_tables(vm);
	mutex_unlock(&sdev->vms_lock);
}

void sl200_vm_end(struct sl200_vm *vm)
{
	struct sl200_device *sdev = vm->sdev;
	u32 generation;

	mutex_lock(&vm->lock);
	if (vm->bound && !vm->ended) {
		mutex_lock(&sdev->vms_lock);
		vm->closing = true;
		generation = vm->generation;
		mutex_unlock(&sdev->vms_lock);
		if (!sl200_admin_asid_end(sdev, vm->asid, generation))
			vm_leak(vm);
	}
	vm->ended = true;
	mutex_unlock(&vm->lock);
}

void sl200_vm_fini(struct sl200_vm *vm)
{
	struct sl200_device *sdev = vm->sdev;

	sl200_vm_end(vm);
	if (vm->bound) {
		mutex_lock(&sdev->vms_lock);
		if (vm->leaked)
			list_del_init(&vm->link);
		else
			vm_free_tables(vm);
		mutex_unlock(&sdev->vms_lock);
		if (!vm->leaked)
			ida_free(&sdev->asids, vm->asid);
		drm_mm_takedown(&vm->iova);
	}
	mutex_destroy(&vm->lock);
}

static int vm_charge_locked(struct sl200_vm *vm, struct sl200_mapping *mapping, u64 size, bool host,
			    bool bo)
{
	lockdep_assert_held(&vm->lock);
	if (!vm->internal) {
		struct sl200_client *client = container_of(vm, struct sl200_client, vm);
		u64 limit = host ? sl200_client_host_limit(client) :
				   sl200_client_card_limit(client);
		u64 used = host ? vm->host_bytes : vm->card_bytes;

		if (used > limit || size > limit - used)
			return -ENOSPC;
		if (bo && vm->bos >= READ_ONCE(sl200_max_bos))
			return -ENOSPC;
	}
	mapping->host_bytes = host ? size : 0;
	mapping->card_bytes = host ? 0 : size;
	mapping->bos = bo;
	vm->host_bytes += mapping->host_bytes;
	vm->card_bytes += mapping->card_bytes;
	vm->bos += mapping->bos;
	return 0;
}

static void vm_uncharge_locked(struct sl200_vm *vm, struct sl200_mapping *mapping)
{
	lockdep_assert_held(&vm->lock);
	vm->host_bytes -= mapping->host_bytes;
	vm->card_bytes -= mapping->card_bytes;
	vm->bos -= mapping->bos;
	mapping->host_bytes = 0;
	mapping->card_bytes = 0;
	mapping->bos = 0;
}

int sl200_vm_charge(struct sl200_vm *vm, struct sl200_mapping *mapping, u64 size, bool host,
		    bool bo)
{
	int ret;

	mutex_lock(&vm->lock);
	ret = vm_charge_locked(vm, mapping, size, host, bo);
	mutex_unlock(&vm->lock);
	return ret;
}

void sl200_vm_uncharge(struct sl200_vm *vm, struct sl200_mapping *mapping)
{
	mutex_lock(&vm->lock);
	vm_uncharge_locked(vm, mapping);
	mutex_unlock(&vm->lock);
}

static bool vm_charged(const struct sl200_mapping *mapping)
{
	return mapping->host_bytes || mapping->card_bytes;
}

/* Enter the segments of sgt, neighbours on the bus as one; *mapped is how far it came. */
static int vm_map_sgt(struct sl200_vm *vm, u64 iova, struct sg_table *sgt, u64 size, u64 flags,
		      u64 *mapped)
{
	u64 addr = 0, run = 0, total = 0;
	struct scatterlist *sg;
	int ret, i;

	for_each_sgtable_dma_sg(sgt, sg, i) {
		u64 seg_addr = sg_dma_address(sg);
		u64 seg_size = min_t(u64, sg_dma_len(sg), size - total);

		if (!seg_size)
			break;
		if ((seg_addr | seg_size) & (SL200_PAGE_SIZE - 1))
			return -EINVAL;
		total += seg_size;
		if (run && seg_addr == addr + run) {
			run += seg_size;
			continue;
		}
		if (run) {
			ret = core_pt_map(&vm->pagetable, iova + *mapped, addr, run, flags);
			if (ret)
				return ret;
			*mapped += run;
			cond_resched();
		}
		addr = seg_addr;
		run = seg_size;
	}
	if (total != size)
		return -EINVAL;
	ret = core_pt_map(&vm->pagetable, iova + *mapped, addr, run, flags);
	if (!ret)
		*mapped += run;
	return ret;
}

/*
 * Take [iova, iova + size) out of the tables and wait until the card has no access. drm_dev_enter()
 * fails once the driver leaves the device: the tables go with the card then.
 */
static bool vm_clear(struct sl200_vm *vm, u64 iova, u64 size, u64 mapped)
{
	struct sl200_device *sdev = vm->sdev;
	bool entered, ended;
	int idx;

	lockdep_assert_held(&vm->lock);
	/* Nothing translates by these tables any more; they are freed whole. */
	if (vm->ended)
		return !vm->leaked;
	entered = drm_dev_enter(&sdev->drm, &idx);
	if (entered && mapped)
		core_pt_unmap(&vm->pagetable, iova, mapped);
	ended = sl200_admin_tlb_invalidate(sdev, vm->asid, iova, size);
	if (entered && ended)
		core_pt_reap(&vm->pagetable);
	if (entered)
		drm_dev_exit(idx);
	if (!ended)
		vm_leak(vm);
	return ended;
}

static int vm_map_locked(struct sl200_vm *vm, struct sl200_mapping *mapping, struct sg_table *sgt,
			 u64 dram, u64 size, u64 flags)
{
	u64 align = size >= SL200_HUGE_SIZE ? SL200_HUGE_SIZE : SL200_PAGE_SIZE;
	struct sl200_device *sdev = vm->sdev;
	u64 mapped = 0;
	int ret, idx;

	lockdep_assert_held(&vm->lock);
	if (vm->ended || vm->leaked)
		return -ENODEV;
	ret = vm_bind_locked(vm);
	if (ret)
		return ret;
	ret = sl200_card_enter(sdev, &idx);
	if (ret)
		return ret;
	/* A page between any two mappings stays unmapped: running off the end of one faults. */
	ret = drm_mm_insert_node_generic(&vm->iova, &mapping->node, size + SL200_PAGE_SIZE, align,
					 0, DRM_MM_INSERT_BEST);
	if (ret) {
		sl200_card_exit(sdev, idx);
		return ret;
	}
	if (sgt)
		ret = vm_map_sgt(vm, mapping->node.start, sgt, size, flags, &mapped);
	else
		ret = core_pt_map(&vm->pagetable, mapping->node.start, dram, size,
				  flags | SL200_PTE_DRAM);
	sl200_card_exit(sdev, idx);
	if (!ret) {
		mapping->size = size;
		trace_sl200_map(vm, mapping->node.start, size);
		return 0;
	}
	/* What was entered so far was there for the card to find. */
	if (!vm_clear(vm, mapping->node.start, size, mapped))
		ret = -ENOTRECOVERABLE;
	drm_mm_remove_node(&mapping->node);
	return ret;
}

int sl200_vm_map(struct sl200_vm *vm, struct sl200_mapping *mapping, struct sg_table *sgt, u64 dram,
		 u64 size, bool writable)
{
	u64 flags = SL200_PTE_READ | (writable ? SL200_PTE_WRITE : 0);
	bool charge = !vm_charged(mapping);
	int ret = 0;

	if (!size || size & (SL200_PAGE_SIZE - 1) || size >= 1ull << VM_IOVA_SHIFT)
		return -EINVAL;
	/* Below, card memory is the firmware's. */
	if (!sgt && dram < SL200_DRAM_MCU_RESERVED)
		return -EINVAL;
	mutex_lock(&vm->lock);
	if (charge)
		ret = vm_charge_locked(vm, mapping, size, sgt, false);
	if (!ret) {
		ret = vm_map_locked(vm, mapping, sgt, dram, size, flags);
		if (ret && charge)
			vm_uncharge_locked(vm, mapping);
	}
	mutex_unlock(&vm->lock);
	return ret;
}

bool sl200_vm_unmap(struct sl200_vm *vm, struct sl200_mapping *mapping)
{
	bool ended;

	mutex_lock(&vm->lock);
	ended = vm_clear(vm, mapping->node.start, mapping->size, mapping->size);
	trace_sl200_unmap(vm, mapping->node.start, mapping->size);
	drm_mm_remove_node(&mapping->node);
	vm_uncharge_locked(vm, mapping);
	mutex_unlock(&vm->lock);
	return ended;
}
