// SPDX-License-Identifier: GPL-2.0 OR MIT
/* User space can be told that a card is wedged. */
#include <drm/drm_device.h>
#include <drm/drm_drv.h>

#ifdef PROBE
int probe(struct drm_device *dev)
{
	return drm_dev_wedged_event(dev, DRM_WEDGE_RECOVERY_REBIND, NULL);
}
#else
struct drm_device *probe;
#endif
