/* SPDX-License-Identifier: MIT */
#ifndef SLVA_BUFFER_H
#define SLVA_BUFFER_H

#include "va-backend/job.h"
#include "va-backend/surface.h"

/*
 * Parameter buffers live in plain memory; coded buffers and images in device memory that the CPU
 * sees.
 */
struct slva_buffer {
	struct slva_object object;
	VABufferType type;
	uint32_t size; /* bytes of one element */
	uint32_t max_elements;
	uint8_t *data;		      /* where it is for the CPU */
	struct slva_storage *storage; /* coded buffers and images */
	struct slva_surface *surface; /* of a derived image; with a reference */

	pthread_mutex_t lock; /* of all below */
	uint32_t num_elements;
	uint32_t num_maps;
	struct slva_job *job; /* the last one to write a coded buffer, with a reference */
	VACodedBufferSegment segment;
};

/* A buffer around a storage, whose reference it takes over; for images. */
VAStatus slva_buffer_wrap(struct slva_driver *drv, struct slva_storage *storage, uint32_t size,
			  struct slva_surface *surface, VABufferID *id);
/* Bytes in use: size of one element times their number. */
uint32_t slva_buffer_bytes(struct slva_buffer *buffer);
/* From now on job fills this coded buffer; takes its own reference. */
void slva_buffer_set_job(struct slva_buffer *buffer, struct slva_job *job);
/* Wait until no job writes this coded buffer any more. */
void slva_buffer_wait(struct slva_buffer *buffer);

#endif
