/* SPDX-License-Identifier: MIT */
#ifndef SLVA_SURFACE_H
#define SLVA_SURFACE_H

#include <va/va_drmcommon.h>

#include "va-backend/job.h"

/* Jobs a surface may be part of before a further one waits for the oldest. */
#define SLVA_SURFACE_JOBS 8

/*
 * A surface gets its memory at first use, where that use wants it: pictures to encode in host
 * memory, where the client writes them in place and the engine reads them once; reconstructions,
 * which the engine reads many times, in card memory. Sizes are as the client gave them.
 */
struct slva_surface {
	struct slva_object object;
	const struct slva_format *format;
	uint32_t width, height;

	pthread_mutex_t lock;	      /* of all below */
	struct slva_storage *storage; /* NULL: no memory yet */
	bool has_content;	      /* somebody has written, or may have */
	unsigned int num_derived;     /* images that show this memory */
	unsigned int num_jobs;
	struct slva_job *job[SLVA_SURFACE_JOBS]; /* oldest first */
};

enum slva_place {
	SLVA_PLACE_HOST,  /* host memory: the client writes or reads pixels, or encodes them */
	SLVA_PLACE_RECON, /* card memory, which only the card uses */
};

/*
 * A reference to the surface's memory. It is allocated as needed; where it is already, it stays
 * once somebody has written to it.
 */
VAStatus slva_surface_storage(struct slva_driver *drv, struct slva_surface *surface,
			      enum slva_place place, struct slva_storage **storage);
/* The surface has pixels from now on. */
void slva_surface_written(struct slva_surface *surface);
/* Remember a job that reads or writes the surface; takes its own reference. */
void slva_surface_add_job(struct slva_surface *surface, struct slva_job *job);
/*
 * Order a new job of a queue after those that use the surface's memory in its way: waits for such
 * jobs of other queues. Returns whether there are some in the same queue, so that the new one needs
 * a barrier. writes: the new job will write the surface, not only read it.
 */
bool slva_surface_order(struct slva_surface *surface, const struct slva_queue *queue, bool writes);
/* Wait for all jobs that use the surface; their first failure, or VA_STATUS_ERROR_TIMEDOUT. */
VAStatus slva_surface_wait(struct slva_surface *surface, uint64_t timeout_ns);

/*
 * surface_prime.c: share the surface's memory, which must be in the host; desc's descriptor is the
 * caller's. The caller has synchronised the surface.
 */
VAStatus slva_surface_export(struct slva_driver *drv, struct slva_surface *surface, uint32_t type,
			     uint32_t flags, VADRMPRIMESurfaceDescriptor *desc);
/* Give a new surface memory that somebody shares. */
VAStatus slva_surface_import(struct slva_driver *drv, struct slva_surface *surface,
			     const VADRMPRIMESurfaceDescriptor *desc);

#endif
