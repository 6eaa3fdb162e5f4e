// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A DRM driver names the PRIME helpers itself; later they are the default. */
#include <drm/drm_drv.h>
#include <drm/drm_prime.h>
#include <drm/drm_gem.h>

#ifdef PROBE
struct drm_driver probe = {
	.prime_handle_to_fd = drm_gem_prime_handle_to_fd,
	.prime_fd_to_handle = drm_gem_prime_fd_to_handle,
	.gem_prime_mmap = drm_gem_prime_mmap,
};
#else
struct drm_driver probe = { .name = "" };
#endif
