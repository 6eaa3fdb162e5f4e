// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-mapping.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_vma_manager.h>

#include "driver/sl200_bo.h"
#include "driver/sl200_client.h"
#include "driver/sl200_device.h"

#define BO_FLAGS_CREATE (DRM_SL200_BO_HOST | DRM_SL200_BO_HOST_WC | DRM_SL200_BO_CARD)

static bool bo_is_card(const struct sl200_bo *bo)
{
	return bo->flags & DRM_SL200_BO_CARD;
}

static bool bo_is_imported(const struct sl200_bo *bo)
{
	return bo->flags & DRM_SL200_BO_IMPORTED;
}

/* Enter an object whose pages are mapped for DMA in the list of those. Inside drm_dev_enter(). */
static void bo_track(struct sl200_device *sdev, struct sl200_bo *bo)
{
	mutex_lock(&sdev->bos_lock);
	if (list_empty(&bo->link))
		list_add_tail(&bo->link, &sdev->bos);
	mutex_unlock(&sdev->bos_lock);
}

/* The device forgets an object's pages; objects in card memory, and leaked ones, have none here. */
static void bo_untrack(struct sl200_device *sdev, struct sl200_bo *bo)
{
	struct sg_table *sgt = bo->shmem.sgt;

	lockdep_assert_held(&sdev->bos_lock);
	if (list_empty(&bo->link))
		return;
	list_del_init(&bo->link);
	bo->shmem.sgt = NULL;
	if (bo->attach) {
		/* Some exporters unmap no sooner than in detach. */
		dma_buf_unmap_attachment_unlocked(bo->attach, sgt, DMA_BIDIRECTIONAL);
		dma_buf_detach(bo->dmabuf, bo->attach);
		bo->attach = NULL;
	} else {
		dma_unmap_sgtable(sdev->drm.dev, sgt, DMA_BIDIRECTIONAL, 0);
		sg_free_table(sgt);
		kfree(sgt);
	}
}

void sl200_bos_unplug(struct sl200_device *sdev)
{
	struct sl200_bo *bo, *next;

	mutex_lock(&sdev->bos_lock);
	list_for_each_entry_safe(bo, next, &sdev->bos, link)
		bo_untrack(sdev, bo);
	mutex_unlock(&sdev->bos_lock);
}

/* The card may have access to the memory for good: so it stays, and so does what describes it. */
static void bo_leak(struct sl200_bo *bo)
{
	struct sl200_device *sdev = to_sl200(bo->shmem.base.dev);

	drm_gem_object_get(&bo->shmem.base);
	mutex_lock(&sdev->bos_lock);
	list_del_init(&bo->link);
	mutex_unlock(&sdev->bos_lock);
}

static struct sl200_bo_mapping *bo_find(struct sl200_bo *bo, struct sl200_client *client)
{
	struct sl200_bo_mapping *entry;

	lockdep_assert_held(&bo->lock);
	list_for_each_entry(entry, &bo->mappings, link) {
		if (entry->client == client)
			return entry;
	}
	return NULL;
}

/* Have the memory, and enter it in the client's address space. Inside drm_dev_enter(). */
static int bo_map(struct sl200_bo *bo, struct sl200_client *client, struct sl200_mapping *mapping)
{
	struct drm_gem_object *obj = &bo->shmem.base;
	struct sl200_device *sdev = to_sl200(obj->dev);
	struct sg_table *sgt = NULL;
	int ret;

	lockdep_assert_held(&bo->lock);
	if (bo_is_imported(bo)) {
		sgt = bo->shmem.sgt;
		if (!sgt)
			return -ENODEV;
	} else if (!bo_is_card(bo)) {
		sgt = drm_gem_shmem_get_pages_sgt(&bo->shmem);
		if (IS_ERR(sgt))
			return PTR_ERR(sgt);
		bo_track(sdev, bo);
	} else if (!drm_mm_node_allocated(&bo->dram)) {
		ret = sl200_dram_alloc(sdev, obj->size, &bo->dram);
		if (ret)
			return ret;
	}
	ret = sl200_vm_map(&client->vm, mapping, sgt, bo->dram.start, obj->size, true);
	if (ret == -ENOTRECOVERABLE)
		bo_leak(bo);
	return ret;
}

/* A handle comes into being: the first of a client maps the object for it. */
static int bo_open(struct drm_gem_object *obj, struct drm_file *file)
{
	struct sl200_client *client = to_client(file);
	struct sl200_bo *bo = to_sl200_bo(obj);
	struct sl200_bo_mapping *entry;
	int ret, idx;

	if (!drm_dev_enter(obj->dev, &idx))
		return -ENODEV;
	mutex_lock(&bo->lock);
	entry = bo_find(bo, client);
	if (entry) {
		entry->handles++;
		ret = 0;
		goto unlock;
	}
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry) {
		ret = -ENOMEM;
		goto unlock;
	}
	entry->client = client;
	entry->handles = 1;
	ret = sl200_vm_charge(&client->vm, &entry->mapping, obj->size, !bo_is_card(bo), true);
	if (ret)
		goto free_entry;
	ret = bo_map(bo, client, &entry->mapping);
	if (ret)
		goto uncharge;
	list_add_tail(&entry->link, &bo->mappings);
	goto unlock;

uncharge:
	sl200_vm_uncharge(&client->vm, &entry->mapping);
free_entry:
	kfree(entry);
unlock:
	mutex_unlock(&bo->lock);
	drm_dev_exit(idx);
	return ret;
}

/* A handle goes: with the client's last one the card's access through its address space ends. */
static void bo_close(struct drm_gem_object *obj, struct drm_file *file)
{
	struct sl200_client *client = to_client(file);
	struct sl200_bo *bo = to_sl200_bo(obj);
	struct sl200_bo_mapping *entry;

	mutex_lock(&bo->lock);
	entry = bo_find(bo, client);
	if (entry && !--entry->handles) {
		list_del(&entry->link);
		if (!sl200_vm_unmap(&client->vm, &entry->mapping))
			bo_leak(bo);
		kfree(entry);
	}
	mutex_unlock(&bo->lock);
}

static void bo_free(struct drm_gem_object *obj)
{
	struct sl200_device *sdev = to_sl200(obj->dev);
	struct sl200_bo *bo = to_sl200_bo(obj);

	mutex_lock(&sdev->bos_lock);
	bo_untrack(sdev, bo);
	mutex_unlock(&sdev->bos_lock);
	mutex_destroy(&bo->lock);
	drm_gem_shmem_free(&bo->shmem);
}

static const struct drm_gem_object_funcs bo_funcs = {
	.open = bo_open,
	.close = bo_close,
	.free = bo_free,
	.print_info = drm_gem_shmem_object_print_info,
	.pin = drm_gem_shmem_object_pin,
	.unpin = drm_gem_shmem_object_unpin,
	.get_sg_table = drm_gem_shmem_object_get_sg_table,
	.vmap = drm_gem_shmem_object_vmap,
	.vunmap = drm_gem_shmem_object_vunmap,
	.mmap = drm_gem_shmem_object_mmap,
	.vm_ops = &drm_gem_shmem_vm_ops,
};

/*
 * Card memory has no address that another device, or the CPU, could use. Such an object may be
 * exported nevertheless: the same card takes it back as the object that it is.
 */
static int bo_card_pin(struct drm_gem_object *obj)
{
	return -EOPNOTSUPP;
}

static struct sg_table *bo_card_get_sg_table(struct drm_gem_object *obj)
{
	return ERR_PTR(-EOPNOTSUPP);
}

/* Nor is imported memory mapped here, but through its own file, by the rules of its exporter. */
static int bo_no_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma)
{
	return -EINVAL;
}

static void bo_card_free(struct drm_gem_object *obj)
{
	struct sl200_bo *bo = to_sl200_bo(obj);

	if (drm_mm_node_allocated(&bo->dram))
		sl200_dram_free(to_sl200(obj->dev), &bo->dram);
	drm_gem_object_release(obj);
	mutex_destroy(&bo->lock);
	kfree(bo);
}

static const struct drm_gem_object_funcs bo_card_funcs = {
	.open = bo_open,
	.close = bo_close,
	.free = bo_card_free,
	.pin = bo_card_pin,
	.get_sg_table = bo_card_get_sg_table,
	.mmap = bo_no_mmap,
};

static struct sl200_bo *bo_alloc(u32 flags)
{
	struct sl200_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL);

	if (!bo)
		return NULL;
	bo->flags = flags;
	INIT_LIST_HEAD(&bo->link);
	INIT_LIST_HEAD(&bo->mappings);
	mutex_init(&bo->lock);
	return bo;
}

static void bo_import_free(struct drm_gem_object *obj)
{
	struct sl200_device *sdev = to_sl200(obj->dev);
	struct sl200_bo *bo = to_sl200_bo(obj);

	mutex_lock(&sdev->bos_lock);
	bo_untrack(sdev, bo);
	mutex_unlock(&sdev->bos_lock);
	drm_gem_object_release(obj);
	dma_buf_put(bo->dmabuf);
	mutex_destroy(&bo->lock);
	kfree(bo);
}

/* Exporting one again gives the dma-buf that it came from: DRM sees to that. */
static const struct drm_gem_object_funcs bo_import_funcs = {
	.open = bo_open,
	.close = bo_close,
	.free = bo_import_free,
	.mmap = bo_no_mmap,
};

struct drm_gem_object *sl200_bo_import(struct drm_device *dev, struct dma_buf_attachment *attach,
				       struct sg_table *sgt)
{
	struct sl200_bo *bo = bo_alloc(DRM_SL200_BO_IMPORTED);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	bo->shmem.base.funcs = &bo_import_funcs;
	bo->shmem.base.resv = attach->dmabuf->resv;
	drm_gem_private_object_init(dev, &bo->shmem.base, attach->dmabuf->size);
	bo->shmem.sgt = sgt;
	bo->attach = attach;
	bo->dmabuf = attach->dmabuf;
	bo_track(to_sl200(dev), bo);
	return &bo->shmem.base;
}

struct drm_gem_object *sl200_gem_create_object(struct drm_device *dev, size_t size)
{
	struct sl200_bo *bo = bo_alloc(DRM_SL200_BO_HOST);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	bo->shmem.base.funcs = &bo_funcs;
	return &bo->shmem.base;
}

/* An object without memory yet, with one reference. */
static struct drm_gem_object *bo_create(struct drm_device *dev, size_t size, u32 flags)
{
	struct drm_gem_shmem_object *shmem;
	struct sl200_bo *bo;

	if (flags == DRM_SL200_BO_CARD) {
		bo = bo_alloc(flags);
		if (!bo)
			return ERR_PTR(-ENOMEM);
		bo->shmem.base.funcs = &bo_card_funcs;
		drm_gem_private_object_init(dev, &bo->shmem.base, size);
		return &bo->shmem.base;
	}
	shmem = drm_gem_shmem_create(dev, size);
	if (IS_ERR(shmem))
		return ERR_CAST(shmem);
	shmem->map_wc = flags == DRM_SL200_BO_HOST_WC;
	to_sl200_bo(&shmem->base)->flags = flags;
	return &shmem->base;
}

/* Its IOVA for this client: 0 when another thread closed the handle meanwhile. */
static u64 bo_iova(struct sl200_bo *bo, struct sl200_client *client)
{
	struct sl200_bo_mapping *entry;
	u64 iova;

	mutex_lock(&bo->lock);
	entry = bo_find(bo, client);
	iova = entry ? entry->mapping.node.start : 0;
	mutex_unlock(&bo->lock);
	return iova;
}

static u64 bo_mmap_offset(struct sl200_bo *bo)
{
	if (bo_is_card(bo) || bo_is_imported(bo))
		return 0;
	return drm_vma_node_offset_addr(&bo->shmem.base.vma_node);
}

int sl200_ioctl_bo_create(struct drm_device *dev, void *data, struct drm_file *file)
{
	struct drm_sl200_bo_create *args = data;
	struct drm_gem_object *obj;
	struct sl200_bo *bo;
	int ret;

	if (!args->size || args->size > SL200_BO_SIZE_MAX || args->flags & ~BO_FLAGS_CREATE ||
	    hweight32(args->flags) != 1)
		return -EINVAL;
	obj = bo_create(dev, PAGE_ALIGN(args->size), args->flags);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	bo = to_sl200_bo(obj);
	ret = drm_gem_handle_create(file, obj, &args->handle);
	if (!ret) {
		args->size = obj->size;
		args->iova = bo_iova(bo, to_client(file));
		args->mmap_offset = bo_mmap_offset(bo);
	}
	drm_gem_object_put(obj);
	return ret;
}

int sl200_ioctl_bo_info(struct drm_device *dev, void *data, struct drm_file *file)
{
	struct drm_sl200_bo_info *args = data;
	struct drm_gem_object *obj;
	struct sl200_bo *bo;

	obj = drm_gem_object_lookup(file, args->handle);
	if (!obj)
		return -ENOENT;
	bo = to_sl200_bo(obj);
	args->flags = bo->flags;
	args->size = obj->size;
	args->iova = bo_iova(bo, to_client(file));
	args->mmap_offset = bo_mmap_offset(bo);
	drm_gem_object_put(obj);
	return 0;
}
