/* SPDX-License-Identifier: MIT */
/*
 * Inside an encoder session. Pictures live in a ring of depth slots and pass through four counters:
 *
 *	released <= delivered <= settled <= submitted
 *
 * A picture is settled when its job is complete and rate control has accepted its size. Until then
 * it may be coded again, and all pictures after it with it, as they refer to it.
 */
#ifndef LIBSL_ENCODER_PRIV_H
#define LIBSL_ENCODER_PRIV_H

#include <pthread.h>
#include <stdbool.h>

#include "sl200/encoder.h"

#define ENC_MAX_DEPTH 32u

enum enc_state {
	ENC_FREE,
	ENC_IN_FLIGHT,
	ENC_SETTLED,
	ENC_HELD, /* by the caller, as a packet */
};

struct enc_picture {
	enum enc_state state;
	uint64_t number;
	uint64_t seqno; /* of its newest job */
	struct sl_surface *source;
	int64_t pts;
	bool force_idr;

	/* Set by enc_plan(). */
	bool idr;
	uint32_t since_idr; /* pictures */
	uint32_t frame_num;
	uint16_t idr_pic_id;
	uint32_t num_refs;
	uint32_t cpb_removal_delay; /* clock ticks */

	uint8_t qp;
	uint8_t attempts;
	bool use_qp_map;
	struct sl_buffer *qp_map;
	struct sl_buffer *bitstream;
	uint8_t *spill; /* holds the packet when filler does not fit behind it */

	const uint8_t *data;
	size_t size;
	uint32_t filler; /* bytes */
	int result;
	char error[256];
	struct sl_completion completion;
};

/* Own input surfaces. */
struct enc_input {
	struct sl_surface *surface; /* NULL: not made yet */
	bool taken;
};

struct sl_encoder {
	struct sl_device *device;
	struct sl_encoder_params params; /* defaults filled in */
	const struct sl200_enc_caps *caps;
	struct sl_queue *queue;
	struct sl_rc *rc;
	uint32_t width_mbs, height_mbs;
	uint32_t qp_map_pitch;
	uint32_t bitstream_max; /* bytes no picture exceeds */

	struct sl_h264_sps sps;
	struct sl_h264_pps pps;
	uint8_t sps_nal[SL_H264_NAL_MAX], pps_nal[SL_H264_NAL_MAX]; /* as sl_h264_write_*() */
	uint32_t sps_bits, pps_bits;
	uint8_t *headers; /* both in Annex B format */
	size_t headers_size;

	/* Everything below is under the lock, which is not held while waiting for a picture. */
	pthread_mutex_t lock;
	struct enc_picture *pictures; /* params.depth of them: number % depth */
	uint64_t submitted, settled, delivered;
	bool flushed;
	int fatal; /* the session is over, with this result */

	struct enc_input *inputs;  /* params.depth of them */
	struct sl_surface **recon; /* num_recon of them: number % num_recon */
	uint32_t num_recon;

	/* Where the stream stands after the newest planned picture. */
	bool need_idr;
	uint32_t since_idr, frame_num;
	uint16_t idr_pic_id;
	uint64_t idr_number;

	/* Scratch of enc_send(). */
	struct sl_h264_slice_job *slices;
	uint8_t *slice_headers; /* SL_H264_NAL_MAX bytes for each slice */
};

/* encoder_params.c: check and complete params into enc->params, caps and sizes. */
int enc_check_params(struct sl_encoder *enc, const struct sl_encoder_params *params);
/* Fill in what rate control parameters of a caller leave to the session. */
void enc_complete_rc(const struct sl_encoder *enc, struct sl_rc_params *rc);

/* encoder_h264.c: parameter sets, once rate control exists. */
int enc_write_parameter_sets(struct sl_encoder *enc);
/* Decide type and numbers of a picture; advances the stream's position. */
void enc_plan(struct sl_encoder *enc, struct enc_picture *pic);
/* Submit the job of a planned picture. */
int enc_send(struct sl_encoder *enc, struct enc_picture *pic);
static inline struct sl_surface *enc_recon(const struct sl_encoder *enc, uint64_t number)
{
	return enc->recon[number % enc->num_recon];
}

/* encoder_picture.c */
static inline struct enc_picture *enc_slot(const struct sl_encoder *enc, uint64_t number)
{
	return &enc->pictures[number % enc->params.depth];
}
/* Settle all pictures whose jobs are complete, in order, without waiting. */
void enc_settle(struct sl_encoder *enc);
/*
 * Wait until count pictures are settled, at most until deadline_ns on the monotonic clock (-1:
 * no limit). Called and returns with the lock held, and gives it up to wait.
 * SL_ERR_TIMEOUT, or enc->fatal.
 */
int enc_wait_settled(struct sl_encoder *enc, uint64_t count, int64_t deadline_ns);
/* The session is over: every picture under way fails with this result. */
void enc_end_session(struct sl_encoder *enc, int result);
/* Choose the QP of a planned picture and submit it. */
int enc_start(struct sl_encoder *enc, struct enc_picture *pic);
/* Write the QP offsets of regions into the picture's map. */
int enc_set_roi(struct sl_encoder *enc, struct enc_picture *pic, const struct sl_roi *roi,
		uint32_t num_roi);

#endif
