/* SPDX-License-Identifier: MIT */
/*
 * Moving pixels between host and card by copy jobs, and the pool of host memory they go through.
 */
#ifndef SLVA_TRANSFER_H
#define SLVA_TRANSFER_H

#include "va-backend/driver.h"

struct slva_transfer;

VAStatus slva_transfer_create(struct slva_driver *drv, struct slva_transfer **transfer);
void slva_transfer_destroy(struct slva_transfer *transfer);

/* width bytes x height rows between two addresses of the device. */
struct slva_copy {
	uint64_t dst, src; /* IOVAs */
	uint32_t dst_pitch, src_pitch;
	uint32_t width, height;
};

/* Make the copies and wait until all are done. Thread-safe. */
VAStatus slva_transfer_copy(struct slva_transfer *transfer, const struct slva_copy *copies,
			    unsigned int num);

/* Host memory of at least size bytes with one reference, contents undefined; pooled. */
VAStatus slva_staging_get(struct slva_transfer *transfer, uint64_t size,
			  struct slva_storage **storage);
/* Return the reference that slva_staging_get() gave. NULL is allowed. */
void slva_staging_put(struct slva_transfer *transfer, struct slva_storage *storage);

#endif
