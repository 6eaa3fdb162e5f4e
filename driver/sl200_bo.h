/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Buffer objects: GEM objects in host memory (shmem), in card memory, or imported. A handle is a
 * mapping: while a client has one, the object has an IOVA in the client's address space.
 *
 * Memory is allocated when the first handle is made, after it was charged to the client's account.
 * Its pages are pinned from then on.
 *
 * Lock: sl200_bo.lock, a mutex inside drm_dev_enter() and outside of sl200_vm.lock.
 */
#ifndef SL200_BO_H
#define SL200_BO_H

#include <linux/dma-buf.h>
#include <linux/mutex.h>

#include <drm/drm_device.h>
#include <drm/drm_file.h>
#include <drm/drm_gem_shmem_helper.h>

#include "driver/sl200_vm.h"

#define SL200_BO_SIZE_MAX (4ull << 30) /* bytes of one object */

struct sl200_client;
struct sl200_device;

struct sl200_bo {
	struct drm_gem_shmem_object shmem; /* without host memory: its GEM object and sgt */
	u32 flags; /* DRM_SL200_BO_*, constant */
	struct list_head link; /* sl200_device.bos_lock: sl200_device.bos, when mapped for DMA */
	struct dma_buf *dmabuf; /* imported: a reference to it */
	struct dma_buf_attachment *attach; /* imported, while link is linked: its mapping is sgt */
	struct mutex lock; /* mappings, dram */
	struct list_head mappings; /* struct sl200_bo_mapping */
	struct drm_mm_node dram; /* card memory, once allocated */
};

/* An object in one client's address space, however many handles the client has. */
struct sl200_bo_mapping {
	struct list_head link;
	struct sl200_client *client;
	unsigned int handles;
	struct sl200_mapping mapping;
};

static inline struct sl200_bo *to_sl200_bo(struct drm_gem_object *obj)
{
	return container_of(obj, struct sl200_bo, shmem.base);
}

/* drm_driver.gem_create_object: for host memory. */
struct drm_gem_object *sl200_gem_create_object(struct drm_device *dev, size_t size);

/* drm_driver.gem_prime_import and .gem_prime_import_sg_table. */
struct drm_gem_object *sl200_gem_prime_import(struct drm_device *dev, struct dma_buf *dmabuf);
/* -EINVAL: empty, above SL200_BO_SIZE_MAX, or in pieces that are not whole pages. */
struct drm_gem_object *sl200_gem_prime_import_sg_table(struct drm_device *dev,
						       struct dma_buf_attachment *attach,
						       struct sg_table *sgt);

/*
 * An object of imported memory, mapped for DMA as sgt; on success it owns attach and sgt. Inside
 * drm_dev_enter().
 */
struct drm_gem_object *sl200_bo_import(struct drm_device *dev, struct dma_buf_attachment *attach,
				       struct sg_table *sgt);

/*
 * End the DMA mappings of all objects, as the driver is about to leave the device. After
 * drm_dev_unplug() and after the card was stopped; files may still be open.
 */
void sl200_bos_unplug(struct sl200_device *sdev);

int sl200_ioctl_bo_create(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_bo_info(struct drm_device *dev, void *data, struct drm_file *file);

#endif
