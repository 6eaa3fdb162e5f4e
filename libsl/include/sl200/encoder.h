/* SPDX-License-Identifier: MIT */
/*
 * Encoder sessions: pictures in, packets out. GOP structure, reference management, headers and rate
 * control on top of picture jobs. A session may be used by two threads at a time: one that submits
 * and one that receives.
 */
#ifndef SL_ENCODER_H
#define SL_ENCODER_H

#include "sl200/h264.h"
#include "sl200/queue.h"
#include "sl200/rate_control.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sl_h264_profile {
	SL_H264_PROFILE_AUTO = 0, /* High where it pays, else Main */
	SL_H264_PROFILE_CONSTRAINED_BASELINE = 1,
	SL_H264_PROFILE_MAIN = 2,
	SL_H264_PROFILE_HIGH = 3,
};

struct sl_encoder_params {
	uint32_t codec; /* enum sl200_codec; SL200_CODEC_H264 */
	uint32_t width, height; /* even, 16..8192 */
	uint32_t format; /* enum sl200_format of the source; 0: NV12 */
	uint32_t fps_num, fps_den; /* required */
	uint32_t sar_width, sar_height;
	enum sl_h264_profile profile;
	uint8_t level_idc; /* 0: the lowest that fits */
	int8_t cabac; /* -1: as the profile allows; 0, 1 */
	uint8_t quality; /* 1 best .. caps; 0: default */
	uint32_t slices; /* 0: one */
	uint32_t gop_size; /* IDR distance; 0: only the first */
	uint32_t refs; /* reference pictures; 0: default */
	struct sl_rc_params rc; /* mode, rates and QPs; sizes and frame rate are filled in */
	uint8_t nal_hrd; /* CBR, VBR: signal the VBV as a NAL HRD with its SEI messages (annex C) */
	uint8_t disable_deblocking;
	int8_t deblock_alpha, deblock_beta; /* offsets divided by 2, -6..6 */
	uint8_t aud; /* write access unit delimiters */
	/* 0: not said */
	uint8_t full_range, colour_primaries, transfer_characteristics, matrix_coefficients;
	uint32_t depth; /* pictures in flight; 0: 4 */
};

/*
 * Sensible defaults: CQP with qp_p 26 (an I picture's qp_i, where 0, is qp_p - 3), the best
 * profile of the card, one slice, gop_size 250.
 */
SL_API void sl_encoder_params_init(struct sl_encoder_params *params);

struct sl_encoder;

/*
 * SL_ERR_INVALID and SL_ERR_UNSUPPORTED name the field in sl_last_error(). The device must outlive
 * the session.
 */
SL_API int sl_encoder_create(struct sl_device *device, const struct sl_encoder_params *params,
			     struct sl_encoder **encoder);
/* Pictures in flight are lost. No other thread may be inside the session. NULL is allowed. */
SL_API void sl_encoder_destroy(struct sl_encoder *encoder);

/*
 * SPS and PPS in Annex B format, for containers; every IDR picture carries them as well. Valid
 * until the encoder is destroyed.
 */
SL_API const uint8_t *sl_encoder_headers(const struct sl_encoder *encoder, size_t *size);

/*
 * A free input surface in host memory to write the next picture into. SL_ERR_AGAIN: all are in
 * flight, receive a packet first. Give it back by sl_encoder_submit().
 */
SL_API int sl_encoder_acquire(struct sl_encoder *encoder, struct sl_surface **surface);

#define SL_ENCODE_IDR 0x1u /* make this picture an IDR picture */

struct sl_roi {
	int32_t x, y, width, height; /* samples */
	int32_t qp_offset; /* -51..51 */
};

struct sl_encode_options {
	uint32_t flags; /* SL_ENCODE_* */
	int64_t pts; /* returned in the packet */
	const struct sl_roi *roi; /* earlier entries win where they overlap */
	uint32_t num_roi;
};

/*
 * Encode a surface: one from sl_encoder_acquire(), or any other of the session's size on the same
 * device, which must then stay unchanged until its packet is received. SL_ERR_AGAIN when full.
 */
SL_API int sl_encoder_submit(struct sl_encoder *encoder, struct sl_surface *surface,
			     const struct sl_encode_options *options);
/* No more pictures will come; sl_encoder_receive() returns SL_ERR_END after the last packet. */
SL_API int sl_encoder_flush(struct sl_encoder *encoder);

struct sl_packet {
	const uint8_t *data; /* an access unit, Annex B format; valid until sl_encoder_release() */
	size_t size;
	uint64_t number; /* of the picture, in coding order from 0 */
	int64_t pts, dts;
	int idr;
	uint8_t qp;
	uint8_t attempts; /* times the picture was coded; above 1 after a rate control retry */
	uint32_t filler; /* bytes of filler data at the end of data */
	const struct sl_surface *recon; /* the decoded picture, in card memory; valid as data is */
	struct sl_completion completion;
};

/*
 * The next packet in coding order. SL_ERR_AGAIN: nothing is in flight. SL_ERR_TIMEOUT. SL_ERR_JOB,
 * SL_ERR_OVERFLOW: this picture failed (sl_last_error()); the next one will be an IDR picture, and
 * the session goes on. SL_ERR_FAULT, SL_ERR_LOST: the session has ended.
 * At most depth packets are held: one that is not released keeps a picture from being submitted.
 */
SL_API int sl_encoder_receive(struct sl_encoder *encoder, int64_t timeout_ns,
			      struct sl_packet *packet);
SL_API void sl_encoder_release(struct sl_encoder *encoder, const struct sl_packet *packet);

/*
 * Change the rate control target from the next submitted picture on; sizes and frame rate in rc are
 * ignored. SL_ERR_INVALID, also with nal_hrd, whose rate is in the headers.
 */
SL_API int sl_encoder_set_rate(struct sl_encoder *encoder, const struct sl_rc_params *rc);

#ifdef __cplusplus
}
#endif
#endif
