/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Buffer objects: GEM objects in host memory (shmem), in card memory, or imported. A handle is a
 * mapping: while a client has one, the object has an IOVA in the client's address space.
 */
#ifndef SL200_BO_H
#define SL200_BO_H

#include <linux/dma-buf.h>

#include <drm/drm_device.h>
#include <drm/drm_file.h>
#include <drm/drm_gem_shmem_helper.h>

struct drm_gem_object *sl200_gem_create_object(struct drm_device *dev, size_t size);
/* drm_driver.gem_prime_import_sg_table, and gem_prime_import where a kernel needs it. */
struct drm_gem_object *sl200_gem_prime_import_sg_table(struct drm_device *dev,
						       struct dma_buf_attachment *attach,
						       struct sg_table *sgt);

int sl200_ioctl_bo_create(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_bo_info(struct drm_device *dev, void *data, struct drm_file *file);

#endif
