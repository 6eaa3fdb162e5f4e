// SPDX-License-Identifier: MIT
/* Parameters of encoder sessions: defaults, and checks against the card's capabilities. */
#include <string.h>

#include "libsl/encoder_priv.h"
#include "libsl/error.h"

#define DEFAULT_DEPTH 4
#define DEFAULT_QP 26
#define I_BELOW_P 3

void sl_encoder_params_init(struct sl_encoder_params *p)
{
	*p = (struct sl_encoder_params){
		.codec = SL200_CODEC_H264,
		.cabac = -1,
		.gop_size = 250,
		.rc = {.mode = SL_RC_CQP, .qp_p = DEFAULT_QP},
	};
}

static const struct sl200_enc_caps *find_caps(const struct sl_device *device, uint32_t codec)
{
	const struct sl200_caps *caps = sl_device_caps(device);

	for (uint32_t i = 0; i < caps->num_enc && i < SL200_CAPS_MAX_ENC; i++) {
		if (caps->enc[i].codec == codec)
			return &caps->enc[i];
	}
	return NULL;
}

static int check_size(const struct sl200_enc_caps *caps, const struct sl_encoder_params *p)
{
	if (p->width & 1 || p->height & 1)
		return sl_fail(SL_ERR_INVALID, "encoder: width x height %ux%u is odd", p->width,
			       p->height);
	if (p->width < caps->min_dim || p->height < caps->min_dim || p->width > caps->max_width ||
	    p->height > caps->max_height)
		return sl_fail(SL_ERR_UNSUPPORTED,
			       "encoder: width x height %ux%u is not in %ux%u..%ux%u", p->width,
			       p->height, caps->min_dim, caps->min_dim, caps->max_width,
			       caps->max_height);
	if (!p->fps_num || !p->fps_den || p->fps_num > INT32_MAX / 2 || p->fps_den > INT32_MAX)
		return sl_fail(SL_ERR_INVALID, "encoder: frame rate fps_num / fps_den %u/%u",
			       p->fps_num, p->fps_den);
	if (!p->sar_width != !p->sar_height || p->sar_width > UINT16_MAX ||
	    p->sar_height > UINT16_MAX)
		return sl_fail(SL_ERR_INVALID, "encoder: aspect ratio sar_width:sar_height %u:%u",
			       p->sar_width, p->sar_height);
	return 0;
}

static int check_tools(const struct sl200_enc_caps *caps, struct sl_encoder_params *p,
		       uint32_t height_mbs)
{
	if (p->format > 31 || !(caps->formats >> p->format & 1))
		return sl_fail(SL_ERR_UNSUPPORTED, "encoder: format %u", p->format);
	if (p->quality > caps->quality_levels)
		return sl_fail(SL_ERR_UNSUPPORTED, "encoder: quality %u is not in 1..%u",
			       p->quality, caps->quality_levels);
	if (p->slices > height_mbs || p->slices > caps->max_slices ||
	    p->slices > SL200_H264_MAX_SLICES)
		return sl_fail(SL_ERR_UNSUPPORTED,
			       "encoder: slices %u: at most one a macroblock row (%u), %u in all",
			       p->slices, height_mbs, caps->max_slices);
	if (p->refs > caps->max_refs_l0)
		return sl_fail(SL_ERR_UNSUPPORTED, "encoder: refs %u is above %u", p->refs,
			       caps->max_refs_l0);
	if (p->deblock_alpha < -6 || p->deblock_alpha > 6 || p->deblock_beta < -6 ||
	    p->deblock_beta > 6)
		return sl_fail(SL_ERR_INVALID,
			       "encoder: deblock_alpha, deblock_beta %d, %d is not in -6..6",
			       p->deblock_alpha, p->deblock_beta);
	if (p->depth > ENC_MAX_DEPTH)
		return sl_fail(SL_ERR_INVALID, "encoder: depth %u is above %u", p->depth,
			       ENC_MAX_DEPTH);
	if (p->nal_hrd && p->rc.mode == SL_RC_CQP)
		return sl_fail(SL_ERR_INVALID, "encoder: nal_hrd needs a rate");
	return 0;
}

static int check_profile(const struct sl200_enc_caps *caps, struct sl_encoder_params *p)
{
	bool can_cabac = caps->flags & SL200_H264_F_CABAC;

	if (p->profile == SL_H264_PROFILE_AUTO)
		p->profile = caps->flags & SL200_H264_F_TRANSFORM_8X8 ? SL_H264_PROFILE_HIGH
								      : SL_H264_PROFILE_MAIN;
	switch (p->profile) {
	case SL_H264_PROFILE_CONSTRAINED_BASELINE:
		if (p->cabac > 0)
			return sl_fail(SL_ERR_INVALID,
				       "encoder: cabac is not in the Constrained Baseline profile");
		p->cabac = 0;
		return 0;
	case SL_H264_PROFILE_MAIN:
	case SL_H264_PROFILE_HIGH:
		if (p->cabac > 0 && !can_cabac)
			return sl_fail(SL_ERR_UNSUPPORTED, "encoder: cabac");
		if (p->cabac < 0)
			p->cabac = can_cabac;
		return 0;
	default:
		return sl_fail(SL_ERR_INVALID, "encoder: profile %d is unknown", (int)p->profile);
	}
}

void enc_complete_rc(const struct sl_encoder *enc, struct sl_rc_params *rc)
{
	rc->width_mbs = enc->width_mbs;
	rc->height_mbs = enc->height_mbs;
	rc->fps_num = enc->params.fps_num;
	rc->fps_den = enc->params.fps_den;
	rc->gop_size = enc->params.gop_size;
	if (rc->mode == SL_RC_CQP && !rc->qp_i)
		rc->qp_i = rc->qp_p > I_BELOW_P ? rc->qp_p - I_BELOW_P : 0;
	if (!enc->params.nal_hrd)
		return;
	/* An HRD's rate comes in units of 64 bits/s and its size of 16 bits (H.264 E.2.2). */
	rc->bit_rate &= ~63ull;
	if (rc->mode == SL_RC_VBR && !rc->max_bit_rate)
		rc->max_bit_rate = rc->bit_rate + rc->bit_rate / 2;
	rc->max_bit_rate &= ~63ull;
	if (!rc->vbv_size)
		rc->vbv_size = rc->mode == SL_RC_VBR ? rc->max_bit_rate : rc->bit_rate;
	rc->vbv_size &= ~15ull;
	if (rc->vbv_initial > rc->vbv_size)
		rc->vbv_initial = rc->vbv_size;
}

int enc_check_params(struct sl_encoder *enc, const struct sl_encoder_params *params)
{
	struct sl_encoder_params *p = &enc->params;
	int ret;

	*p = *params;
	enc->caps = find_caps(enc->device, p->codec);
	if (!enc->caps || p->codec != SL200_CODEC_H264)
		return sl_fail(SL_ERR_UNSUPPORTED, "encoder: the card does not encode codec %u",
			       p->codec);
	ret = check_size(enc->caps, p);
	if (ret)
		return ret;
	enc->width_mbs = (p->width + 15) / 16;
	enc->height_mbs = (p->height + 15) / 16;
	p->format = p->format ? p->format : SL200_FORMAT_NV12;
	p->slices = p->slices ? p->slices : 1;
	p->refs = p->refs ? p->refs : 1;
	p->depth = p->depth ? p->depth : DEFAULT_DEPTH;
	ret = check_tools(enc->caps, p, enc->height_mbs);
	if (!ret)
		ret = check_profile(enc->caps, p);
	if (ret)
		return ret;
	enc_complete_rc(enc, &p->rc);
	enc->qp_map_pitch = (enc->width_mbs + 63) & ~63u;
	/*
	 * A macroblock has at most 3200 bits (H.264 A.3.1), emulation prevention adds a byte to two
	 * at worst, and each slice its header.
	 */
	enc->bitstream_max = enc->width_mbs * enc->height_mbs * 600 + p->slices * 2048 + 65536;
	return 0;
}
