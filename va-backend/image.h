/* SPDX-License-Identifier: MIT */
/* Layout of images, and the pixels' way between images and surfaces. */
#ifndef SLVA_IMAGE_H
#define SLVA_IMAGE_H

#include "va-backend/surface.h"

struct slva_image {
	struct slva_object object;
	VAImage image;
	const struct slva_format *format;
	struct slva_storage *storage; /* the buffer's; NULL for a derived image */
	struct slva_surface *surface; /* of a derived image, with a reference */
	struct slva_driver *drv;
};

/* Lay out width x height samples; fills all of image but its IDs. False: too large. */
bool slva_image_layout(const struct slva_format *format, uint32_t width, uint32_t height,
		       VAImage *image);

struct slva_region {
	uint32_t x, y; /* even */
	uint32_t width, height;
};

/*
 * Copy a region between an image in host memory and a surface, where both may store chroma
 * differently. The regions' sizes are equal, and inside both. Waits until it is done.
 */
VAStatus slva_image_copy(struct slva_driver *drv, const struct slva_image *image,
			 const struct slva_region *image_region, const struct slva_storage *surface,
			 const struct slva_region *surface_region, bool to_surface);

#endif
