/* SPDX-License-Identifier: MIT */
/*
 * For tests of slice data coding and deblocking: legal random H.264 pictures as mode decision would
 * hand them on, coded by h264_entropy, with parameter sets and slice headers written here, and
 * libavcodec and openh264 to decode them.
 */
#ifndef H264_RANDOM_H
#define H264_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/sl200_enc.h"
#include "sim/model/venc/h264_mb.h"

#define RANDOM_MAX_REFS 4u
#define RANDOM_MAX_SLICES 8u

struct random_params {
	uint64_t seed;
	unsigned int width_mbs, height_mbs;
	unsigned int num_refs; /* 1..RANDOM_MAX_REFS, reference pictures coded before the picture */
	unsigned int slice_type; /* of the picture: enum sl200_h264_slice_type */
	unsigned int num_slices;
	bool transform_8x8, constrained_intra;
	bool direct;	 /* B: with direct and skipped macroblocks, whose mv is not derived */
	bool big_levels; /* levels of any size; else small ones only */
	bool big_mvs;
	bool plain;	   /* only Intra_16x16, or Inter 16x16 without motion */
	bool main_profile; /* not High: levels as the Main profile has them */
	int chroma_offset[2];
	unsigned int qp_min, qp_max;
	unsigned int skip_percent, pcm_percent, intra_percent; /* of macroblocks */
};

/* A whole coded video sequence: reference pictures of I_PCM, then the picture under test. */
struct random_video {
	struct random_params params;
	uint64_t rng;
	struct sl200_h264_enc desc;
	struct sl200_h264_slice slices[RANDOM_MAX_SLICES];
	struct h264_mb *mbs;
	struct h264_levels *levels;
	struct h264_levels *pcm[RANDOM_MAX_REFS];  /* of the references */
	unsigned int refs_l0, refs_l1;		   /* in the lists */
	unsigned int list_pic[2][RANDOM_MAX_REFS]; /* ref_idx -> reference in coding order */
	unsigned int poc;			   /* of the picture under test */
};

struct coded_video {
	uint8_t *data;
	size_t size, capacity;
	size_t au_end[RANDOM_MAX_REFS + 1];
	unsigned int num_aus;
	unsigned int guard; /* bytes changed behind the buffer's end */
	uint64_t mb_bits;   /* sum of h264_entropy_mb() of the picture under test */
};

uint64_t random_bits(uint64_t *rng);
/* uniform in [lo, hi] */
int random_int(uint64_t *rng, int lo, int hi);

bool random_video_create(struct random_video *v, const struct random_params *params);
void random_video_destroy(struct random_video *v);

/*
 * Code it. deblock: with the slices' deblocking parameters, else with the filter off in all slices.
 * picture_size: buffer bytes of the picture under test, 0: plenty. Returns false when it did not
 * fit.
 */
bool random_video_code(struct random_video *v, struct coded_video *out, bool cabac, bool deblock,
		       size_t picture_size);
void coded_video_free(struct coded_video *c);

struct decoded_picture {
	uint8_t *plane[3]; /* whole macroblocks, no padding */
	int8_t *qp;	   /* per macroblock */
	/* of list 0 and 1, per 8x8 block in raster order; INT16_MIN where there is none */
	struct h264_mv *mv[2];
};

/* Decode; false on any error or warning. Fills the picture under test, in libavcodec's view. */
bool decode_last(const struct random_video *v, const struct coded_video *c,
		 struct decoded_picture *out, unsigned int picture);
/*
 * Decode by openh264, another implementation, into planes only (qp and mv are NULL); false on any
 * error. Streams must have no B slices, as those come out in another order.
 */
bool decode_last_openh264(const struct random_video *v, const struct coded_video *c,
			  struct decoded_picture *out);
void decoded_picture_free(struct decoded_picture *p);

#endif
