/* SPDX-License-Identifier: MIT */
/*
 * What encoding a picture has in common for all codecs: parameters that stay between pictures,
 * packed headers, jobs in flight. The context's lock protects it.
 */
#ifndef SLVA_ENCODE_H
#define SLVA_ENCODE_H

#include "va-backend/buffer.h"
#include "va-backend/config.h"
#include "va-backend/packed_header.h"
#include "va-backend/qp_map.h"
#include "va-backend/rate.h"

/* Pictures in flight before EndPicture waits for the oldest. */
#define SLVA_ENCODE_DEPTH 16

struct slva_encode;

/* A codec: how its parameter buffers are understood and become a job. */
struct slva_codec {
	/* Bytes of private state, zeroed at first. */
	size_t state_size;
	void (*free_state)(void *state);
	/* A new picture begins. */
	void (*begin)(struct slva_encode *encode);
	/* One sequence, picture or slice parameter structure of at least the size below. */
	VAStatus (*sequence)(struct slva_encode *encode, const void *parameters);
	VAStatus (*picture)(struct slva_encode *encode, const void *parameters);
	VAStatus (*slice)(struct slva_encode *encode, const void *parameters);
	size_t sequence_size, picture_size, slice_size;
	/* NAL units of a packed header, appended to encode->headers from first on. */
	VAStatus (*packed)(struct slva_encode *encode, uint32_t type, uint32_t first);
	/* Encode the picture from source. */
	VAStatus (*encode)(struct slva_encode *encode, struct slva_surface *source);
};

extern const struct slva_codec slva_codec_h264;

struct slva_encode {
	struct slva_driver *drv;
	const struct slva_config *config;
	const struct slva_codec *codec;
	void *state; /* the codec's */

	struct slva_queue *queue;
	uint64_t submitted; /* pictures */
	struct {
		struct slva_job *job;
		struct slva_storage *qp_map;
	} slot[SLVA_ENCODE_DEPTH]; /* of picture number n: n % SLVA_ENCODE_DEPTH */

	/* Kept from picture to picture. */
	struct slva_rate *rate;
	struct slva_rate_request request;
	uint32_t quality; /* 0: the card's default */

	/* Of the current picture. */
	uint32_t num_roi;
	struct slva_roi roi[SLVA_MAX_ROI];
	struct slva_nal_list headers; /* in the order given, slice headers not among them */
	bool have_packed;	      /* packed holds parameters whose data is still to come */
	VAEncPackedHeaderParameterBuffer packed;
};

VAStatus slva_encode_init(struct slva_encode *encode, struct slva_driver *drv,
			  const struct slva_config *config);
/* Waits for the jobs in flight. */
void slva_encode_fini(struct slva_encode *encode);

/* Forget what belongs to the last picture. */
void slva_encode_begin(struct slva_encode *encode);
/* Take over what a buffer says. */
VAStatus slva_encode_render(struct slva_encode *encode, struct slva_buffer *buffer);

/*
 * For codecs. The QP map of the next picture, for width_mbs x height_mbs offsets with a pitch of
 * width_mbs bytes; contents are those of an earlier picture. Waits while the card still reads it.
 */
VAStatus slva_encode_qp_map(struct slva_encode *encode, uint32_t width_mbs, uint32_t height_mbs,
			    struct slva_storage **map);
/* Wait until there is room for one more picture. */
void slva_encode_reserve(struct slva_encode *encode);
/* The job has been submitted: remember it as a picture in flight; takes a reference. */
void slva_encode_submitted(struct slva_encode *encode, struct slva_job *job);

#endif
