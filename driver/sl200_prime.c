// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Memory of others, shared as a dma-buf. */
#include <linux/dma-mapping.h>

#include <drm/drm_drv.h>
#include <drm/drm_prime.h>

#include "driver/sl200_bo.h"
#include "driver/sl200_device.h"

/* What the page tables can express: whole pages, as many as the buffer has. */
static bool prime_mappable(struct sg_table *sgt, u64 size)
{
	struct scatterlist *sg;
	u64 total = 0;
	int i;

	for_each_sgtable_dma_sg(sgt, sg, i) {
		if ((sg_dma_address(sg) | sg_dma_len(sg)) & (SL200_PAGE_SIZE - 1))
			return false;
		total += sg_dma_len(sg);
	}
	return total >= size;
}

struct drm_gem_object *sl200_gem_prime_import_sg_table(struct drm_device *dev,
						       struct dma_buf_attachment *attach,
						       struct sg_table *sgt)
{
	u64 size = attach->dmabuf->size;
	struct drm_gem_object *obj;
	int idx;

	if (!size || size > SL200_BO_SIZE_MAX || size & (SL200_PAGE_SIZE - 1) ||
	    !prime_mappable(sgt, size))
		return ERR_PTR(-EINVAL);
	if (!drm_dev_enter(dev, &idx))
		return ERR_PTR(-ENODEV);
	obj = sl200_bo_import(dev, attach, sgt);
	drm_dev_exit(idx);
	return obj;
}

/*
 * DRM would detach when the object is freed. This driver does when it leaves the device, if that
 * comes first: so the attachment is the object's own.
 */
struct drm_gem_object *sl200_gem_prime_import(struct drm_device *dev, struct dma_buf *dmabuf)
{
	struct drm_gem_object *obj = drm_gem_prime_import(dev, dmabuf);

	if (!IS_ERR(obj))
		obj->import_attach = NULL;
	return obj;
}
