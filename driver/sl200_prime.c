// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Memory of others, shared as a dma-buf. */
#include <linux/dma-mapping.h>

#include <drm/drm_drv.h>

#include "abi/uapi/drm/sl200_drm.h"
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
	struct sl200_bo *bo;
	int idx;

	if (!size || size > SL200_BO_SIZE_MAX || size & (SL200_PAGE_SIZE - 1) ||
	    !prime_mappable(sgt, size))
		return ERR_PTR(-EINVAL);
	if (!drm_dev_enter(dev, &idx))
		return ERR_PTR(-ENODEV);
	obj = drm_gem_shmem_prime_import_sg_table(dev, attach, sgt);
	if (!IS_ERR(obj)) {
		bo = to_sl200_bo(obj);
		bo->flags = DRM_SL200_BO_IMPORTED;
		/* DRM enters it too, but not before the object may have to be unmapped. */
		obj->import_attach = attach;
		sl200_bo_track(to_sl200(dev), bo);
	}
	drm_dev_exit(idx);
	return obj;
}
