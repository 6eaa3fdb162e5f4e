// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A DRM driver has a date, and DRM warns where it is missing. */
#include <drm/drm_drv.h>

#ifdef PROBE
struct drm_driver probe = { .date = "20260101" };
#else
struct drm_driver probe = { .name = "" };
#endif
