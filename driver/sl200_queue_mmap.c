// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Mappings of queues in user space. Pages are entered when they are touched, as bare page frames: a
 * mapping holds a reference to its queue, and the queue holds the pages. Rings and status page stay
 * what they are for as long as they are mapped; a doorbell becomes a page of no meaning when
 * nobody may ring it any more.
 */
#include <linux/mm.h>

#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/drm_vma_manager.h>

#include "driver/sl200_compat.h"
#include "driver/sl200_device.h"
#include "driver/sl200_queue.h"

#define QUEUE_PIECE_SHIFT 20 /* bytes of the file for each queue number */

/* Where the parts are in a queue's piece: the largest rings fit. */
static const u32 part_offset[SL200_QUEUE_PARTS] = {
	[SL200_QUEUE_PART_SQ] = 0,
	[SL200_QUEUE_PART_CQ] = 0x40000,
	[SL200_QUEUE_PART_DOORBELL] = 0x80000,
	[SL200_QUEUE_PART_STATUS] = 0x90000,
};

static_assert(SL200_QUEUE_DEPTH_MAX * sizeof(struct sl200_sqe) <= 0x40000);
static_assert(SL200_QUEUE_DEPTH_MAX * sizeof(struct sl200_cqe) <= 0x40000);
static_assert((u64)SL200_MAX_QUEUES << QUEUE_PIECE_SHIFT <=
	      (u64)DRM_FILE_PAGE_OFFSET_START << PAGE_SHIFT);
/* A page of the CPU's shows the doorbell of one queue and of no other. */
static_assert(PAGE_SIZE == SL200_DOORBELL_STRIDE);

u64 sl200_queue_mmap_offset(const struct sl200_queue *queue, enum sl200_queue_part part)
{
	return ((u64)queue->qid << QUEUE_PIECE_SHIFT) + part_offset[part];
}

/* The part at an offset of the file; SL200_QUEUE_PARTS: none. */
static enum sl200_queue_part part_of(unsigned long pgoff)
{
	u32 offset = (pgoff << PAGE_SHIFT) & ((1u << QUEUE_PIECE_SHIFT) - 1);
	unsigned int part;

	for (part = 0; part < SL200_QUEUE_PARTS && part_offset[part] != offset; part++)
		;
	return part;
}

static unsigned long part_pages(const struct sl200_queue *queue, enum sl200_queue_part part)
{
	switch (part) {
	case SL200_QUEUE_PART_SQ:
		return queue->sq_pages;
	case SL200_QUEUE_PART_CQ:
		return queue->cq_pages;
	default:
		return 1;
	}
}

static void queue_vm_open(struct vm_area_struct *vma)
{
	struct sl200_queue *queue = vma->vm_private_data;

	kref_get(&queue->ref);
}

static void queue_vm_close(struct vm_area_struct *vma)
{
	sl200_queue_put(vma->vm_private_data);
}

/* A mapping is there as a whole, or not at all. */
static int queue_vm_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

/*
 * map_lock is held from looking at revoked until the page is entered: a revocation either comes
 * first and is seen, or comes later and finds the page to take away.
 */
static vm_fault_t doorbell_fault(struct vm_fault *vmf, struct sl200_queue *queue)
{
	struct vm_area_struct *vma = vmf->vma;
	struct sl200_device *sdev = queue->sdev;
	vm_fault_t ret;
	int idx;

	mutex_lock(&queue->map_lock);
	if (!queue->revoked && drm_dev_enter(&sdev->drm, &idx)) {
		ret = vmf_insert_pfn_prot(vma, vmf->address,
					  PHYS_PFN(sdev->doorbell_base) + queue->qid,
					  pgprot_noncached(vma->vm_page_prot));
		drm_dev_exit(idx);
	} else {
		if (!queue->dummy_page)
			queue->dummy_page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (queue->dummy_page)
			ret = vmf_insert_pfn(vma, vmf->address, page_to_pfn(queue->dummy_page));
		else
			ret = VM_FAULT_OOM;
	}
	mutex_unlock(&queue->map_lock);
	return ret;
}

static vm_fault_t queue_vm_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct sl200_queue *queue = vma->vm_private_data;
	enum sl200_queue_part part = part_of(vma->vm_pgoff);
	unsigned long index = vmf->pgoff - vma->vm_pgoff;
	struct page *page;

	if (index >= part_pages(queue, part))
		return VM_FAULT_SIGBUS;
	switch (part) {
	case SL200_QUEUE_PART_SQ:
		page = queue->pages[index];
		break;
	case SL200_QUEUE_PART_CQ:
		page = queue->pages[queue->sq_pages + index];
		break;
	case SL200_QUEUE_PART_STATUS:
		page = queue->status_page;
		break;
	default:
		return doorbell_fault(vmf, queue);
	}
	return vmf_insert_pfn(vma, vmf->address, page_to_pfn(page));
}

static const struct vm_operations_struct queue_vm_ops = {
	.open = queue_vm_open,
	.close = queue_vm_close,
	.may_split = queue_vm_may_split,
	.fault = queue_vm_fault,
};

static int queue_mmap(struct sl200_client *client, struct vm_area_struct *vma)
{
	enum sl200_queue_part part = part_of(vma->vm_pgoff);
	struct sl200_queue *queue;

	if (part == SL200_QUEUE_PARTS)
		return -EINVAL;
	queue = sl200_queue_get(client, vma->vm_pgoff >> (QUEUE_PIECE_SHIFT - PAGE_SHIFT));
	if (!queue)
		return -EINVAL;
	if (vma_pages(vma) != part_pages(queue, part) || !(vma->vm_flags & VM_SHARED)) {
		sl200_queue_put(queue);
		return -EINVAL;
	}
	if (vma->vm_flags & VM_EXEC ||
	    (part == SL200_QUEUE_PART_STATUS && vma->vm_flags & VM_WRITE)) {
		sl200_queue_put(queue);
		return -EACCES;
	}
	/* VM_IO also keeps madvise() from having it inherited or dumped again. */
	vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTCOPY | VM_DONTDUMP);
	vm_flags_clear(vma, VM_MAYEXEC);
	if (part == SL200_QUEUE_PART_STATUS)
		vm_flags_clear(vma, VM_MAYWRITE);
	vma->vm_ops = &queue_vm_ops;
	vma->vm_private_data = queue;
	return 0;
}

int sl200_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct drm_file *file = filp->private_data;

	if (vma->vm_pgoff >= DRM_FILE_PAGE_OFFSET_START)
		return drm_gem_mmap(filp, vma);
	if (drm_dev_is_unplugged(file->minor->dev))
		return -ENODEV;
	return queue_mmap(to_client(file), vma);
}

void sl200_queue_revoke(struct sl200_queue *queue)
{
	struct address_space *mapping = queue->sdev->drm.anon_inode->i_mapping;
	bool known;

	mutex_lock(&queue->map_lock);
	known = queue->revoked;
	queue->revoked = true;
	mutex_unlock(&queue->map_lock);
	if (!known)
		unmap_mapping_range(mapping,
				    sl200_queue_mmap_offset(queue, SL200_QUEUE_PART_DOORBELL),
				    PAGE_SIZE, 1);
}
