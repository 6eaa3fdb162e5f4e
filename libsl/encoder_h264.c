// SPDX-License-Identifier: MIT
/* The H.264 side of encoder sessions: parameter sets, picture numbers, headers and the job. */
#include <stdlib.h>
#include <string.h>

#include "libsl/encoder_priv.h"
#include "libsl/error.h"

#define LOG2_MAX_FRAME_NUM 8
#define HIGHEST_LEVEL 62

static int set_level(struct sl_encoder *enc, const struct sl_rc_vbv *vbv)
{
	const struct sl_encoder_params *p = &enc->params;
	uint8_t least =
		sl_h264_level(enc->sps.profile_idc, enc->width_mbs, enc->height_mbs, p->fps_num,
			      p->fps_den, vbv->rate, p->nal_hrd ? vbv->size : 0, p->refs);

	if (p->level_idc && (!least || p->level_idc < least))
		return sl_fail(
			SL_ERR_INVALID,
			least ? "encoder: level_idc %u is too low, %u is needed"
			      : "encoder: no level, not even level_idc %u, allows this stream",
			p->level_idc, least);
	/* A picture beyond Table A-1 is decodable where the decoder allows; no higher level exists.
	 */
	enc->sps.level_idc = p->level_idc ? p->level_idc : least ? least : HIGHEST_LEVEL;
	return 0;
}

static void set_sps(struct sl_encoder *enc, const struct sl_rc_vbv *vbv)
{
	const struct sl_encoder_params *p = &enc->params;
	struct sl_h264_sps *sps = &enc->sps;

	*sps = (struct sl_h264_sps){
		.log2_max_frame_num_minus4 = LOG2_MAX_FRAME_NUM - 4,
		.pic_order_cnt_type = 2, /* output order is coding order */
		.max_num_ref_frames = (uint8_t)p->refs,
		.pic_width_in_mbs = (uint16_t)enc->width_mbs,
		.pic_height_in_map_units = (uint16_t)enc->height_mbs,
		.direct_8x8_inference_flag = 1,
		.frame_crop_right_offset = (uint16_t)((enc->width_mbs * 16 - p->width) / 2),
		.frame_crop_bottom_offset = (uint16_t)((enc->height_mbs * 16 - p->height) / 2),
		.vui_parameters_present_flag = 1,
		.sar_width = (uint16_t)p->sar_width,
		.sar_height = (uint16_t)p->sar_height,
		.video_full_range_flag = p->full_range,
		.colour_primaries = p->colour_primaries,
		.transfer_characteristics = p->transfer_characteristics,
		.matrix_coefficients = p->matrix_coefficients,
		.num_units_in_tick = p->fps_den,
		.time_scale = 2 * p->fps_num,
		.fixed_frame_rate_flag = p->nal_hrd != 0,
		.bitstream_restriction_flag = 1,
		.max_dec_frame_buffering = (uint8_t)p->refs,
	};
	sps->frame_cropping_flag = sps->frame_crop_right_offset || sps->frame_crop_bottom_offset;
	sps->video_signal_type_present_flag = p->full_range || p->colour_primaries ||
					      p->transfer_characteristics || p->matrix_coefficients;
	switch (p->profile) {
	case SL_H264_PROFILE_CONSTRAINED_BASELINE:
		sps->profile_idc = 66;
		sps->constraint_set_flags = 0xc0; /* A.2.1.1: also decodable as Main */
		break;
	case SL_H264_PROFILE_MAIN:
		sps->profile_idc = 77;
		sps->constraint_set_flags = 0x40;
		break;
	default:
		sps->profile_idc = 100;
		break;
	}
	if (p->nal_hrd) {
		sps->nal_hrd_parameters_present_flag = 1;
		sps->hrd_bit_rate = (uint32_t)vbv->rate;
		sps->hrd_cpb_size = (uint32_t)vbv->size;
		sps->hrd_cbr_flag = p->rc.mode == SL_RC_CBR;
	}
}

static void set_pps(struct sl_encoder *enc)
{
	const struct sl_encoder_params *p = &enc->params;

	enc->pps = (struct sl_h264_pps){
		.entropy_coding_mode_flag = p->cabac != 0,
		.num_ref_idx_l0_default_active_minus1 = (uint8_t)(p->refs - 1),
		.deblocking_filter_control_present_flag =
			p->disable_deblocking || p->deblock_alpha || p->deblock_beta,
		.transform_8x8_mode_flag = p->profile == SL_H264_PROFILE_HIGH &&
					   enc->caps->flags & SL200_H264_F_TRANSFORM_8X8,
	};
}

/* Append a whole NAL unit with emulation prevention (H.264 7.3.1). */
static size_t append_annex_b(uint8_t *out, const uint8_t *nal, uint32_t bits)
{
	size_t size = 4, zeros = 0;

	memcpy(out, nal, 4);
	for (uint32_t i = 4; i < (bits + 7) / 8; i++) {
		if (zeros == 2 && nal[i] <= 3) {
			out[size++] = 3;
			zeros = 0;
		}
		zeros = nal[i] ? 0 : zeros + 1;
		out[size++] = nal[i];
	}
	return size;
}

int enc_write_parameter_sets(struct sl_encoder *enc)
{
	struct sl_rc_vbv vbv;
	int sps_bits, pps_bits, ret;

	sl_rc_vbv(enc->rc, &vbv);
	if (enc->params.nal_hrd && (vbv.rate > UINT32_MAX || vbv.size > UINT32_MAX))
		return sl_fail(SL_ERR_INVALID, "encoder: nal_hrd: rate or vbv_size is above 2^32");
	set_sps(enc, &vbv);
	ret = set_level(enc, &vbv);
	if (ret)
		return ret;
	set_pps(enc);
	sps_bits = sl_h264_write_sps(&enc->sps, enc->sps_nal);
	pps_bits = sl_h264_write_pps(&enc->pps, &enc->sps, enc->pps_nal);
	if (sps_bits < 0 || pps_bits < 0)
		return sl_fail(SL_ERR_INVALID, "encoder: the parameters make no valid %s",
			       sps_bits < 0 ? "SPS" : "PPS");
	enc->sps_bits = (uint32_t)sps_bits;
	enc->pps_bits = (uint32_t)pps_bits;
	enc->headers = malloc(2 * (SL_H264_NAL_MAX + SL_H264_NAL_MAX / 2));
	if (!enc->headers)
		return sl_fail(SL_ERR_NO_MEMORY, "encoder: out of memory");
	enc->headers_size = append_annex_b(enc->headers, enc->sps_nal, enc->sps_bits);
	enc->headers_size +=
		append_annex_b(enc->headers + enc->headers_size, enc->pps_nal, enc->pps_bits);
	return 0;
}

void enc_plan(struct sl_encoder *enc, struct enc_picture *pic)
{
	uint32_t gop = enc->params.gop_size;
	uint64_t elapsed = pic->number - enc->idr_number;

	pic->idr = enc->need_idr || pic->force_idr || (gop && enc->since_idr + 1 >= gop);
	if (pic->idr) {
		enc->need_idr = false;
		enc->idr_pic_id ^= 1; /* differs from one IDR picture to the next, 7.4.3 */
		enc->since_idr = 0;
		enc->frame_num = 0;
		enc->idr_number = pic->number;
	} else {
		enc->since_idr++;
		enc->frame_num = (enc->frame_num + 1) % (1u << LOG2_MAX_FRAME_NUM);
	}
	pic->since_idr = enc->since_idr;
	pic->frame_num = enc->frame_num;
	pic->idr_pic_id = enc->idr_pic_id;
	pic->num_refs = pic->since_idr < enc->params.refs ? pic->since_idr : enc->params.refs;
	pic->cpb_removal_delay = (uint32_t)(2 * elapsed);
}

struct header_set {
	struct sl_h264_nal nal[SL200_H264_MAX_HEADERS];
	uint8_t data[3][SL_H264_NAL_MAX];
	uint32_t count;
};

static int add_header(struct header_set *set, const uint8_t *data, int bits)
{
	if (bits < 0)
		return bits;
	set->nal[set->count++] = (struct sl_h264_nal){data, (uint32_t)bits};
	return 0;
}

/* The decoder's buffer in units of 1/90000 s, for the buffering period of an IDR picture. */
static int write_buffering_period(struct sl_encoder *enc, uint8_t *data)
{
	struct sl_rc_vbv vbv;
	uint64_t delay, whole;

	sl_rc_vbv(enc->rc, &vbv);
	whole = vbv.size * 90000 / vbv.rate;
	delay = vbv.fullness * 90000 / vbv.rate;
	delay = delay ? delay : 1;
	return sl_h264_write_sei_buffering_period(
		&enc->sps, (uint32_t)delay, (uint32_t)(whole > delay ? whole - delay : 0), data);
}

/* NAL units before the first slice, in the order of H.264 7.4.1.2.3. */
static int write_headers(struct sl_encoder *enc, const struct enc_picture *pic,
			 struct header_set *set)
{
	const struct sl_encoder_params *p = &enc->params;
	int ret = 0;

	set->count = 0;
	if (p->aud)
		ret = add_header(set, set->data[0],
				 sl_h264_write_aud(pic->idr ? 0 : 1, set->data[0]));
	if (!ret && pic->idr) {
		ret = add_header(set, enc->sps_nal, (int)enc->sps_bits);
		if (!ret)
			ret = add_header(set, enc->pps_nal, (int)enc->pps_bits);
	}
	if (!ret && p->nal_hrd && pic->idr)
		ret = add_header(set, set->data[1], write_buffering_period(enc, set->data[1]));
	if (!ret && p->nal_hrd)
		ret = add_header(set, set->data[2],
				 sl_h264_write_sei_pic_timing(&enc->sps, pic->cpb_removal_delay, 0,
							      set->data[2]));
	return ret;
}

static int write_slice(struct sl_encoder *enc, const struct enc_picture *pic, uint32_t index,
		       uint32_t first_row, uint32_t last_row)
{
	const struct sl_encoder_params *p = &enc->params;
	struct sl_h264_slice_job *job = &enc->slices[index];
	uint8_t *data = enc->slice_headers + (size_t)index * SL_H264_NAL_MAX;
	struct sl_h264_slice_header h = {
		.nal_ref_idc = pic->idr ? 3 : 2,
		.idr = pic->idr,
		.first_mb_in_slice = first_row * enc->width_mbs,
		.slice_type = pic->idr ? SL200_H264_SLICE_I : SL200_H264_SLICE_P,
		.frame_num = pic->frame_num,
		.idr_pic_id = pic->idr_pic_id,
		.num_ref_idx_l0_active = (uint8_t)pic->num_refs,
		.slice_qp_delta = (int8_t)(pic->qp - 26),
		.disable_deblocking_filter_idc = p->disable_deblocking != 0,
		.slice_alpha_c0_offset_div2 = p->disable_deblocking ? 0 : p->deblock_alpha,
		.slice_beta_offset_div2 = p->disable_deblocking ? 0 : p->deblock_beta,
	};
	int bits = sl_h264_write_slice_header(&h, &enc->sps, &enc->pps, data);

	if (bits < 0)
		return bits;
	*job = (struct sl_h264_slice_job){
		.slice =
			{
				.first_mb = h.first_mb_in_slice,
				.num_mbs = (last_row - first_row) * enc->width_mbs,
				.slice_type = h.slice_type,
				.slice_qp = (int8_t)pic->qp,
				.disable_deblocking_filter_idc = h.disable_deblocking_filter_idc,
				.slice_alpha_c0_offset_div2 = h.slice_alpha_c0_offset_div2,
				.slice_beta_offset_div2 = h.slice_beta_offset_div2,
				.num_ref_idx_l0 = h.num_ref_idx_l0_active,
			},
		.nal = {data, (uint32_t)bits},
	};
	for (uint8_t i = 0; i < pic->num_refs; i++)
		job->slice.ref_l0[i] = i;
	return 0;
}

static int submit_job(struct sl_encoder *enc, const struct sl_h264_picture *picture, bool idr,
		      bool again, uint64_t *seqno)
{
	/* A picture's references are the results of jobs before it; so is what a repeat replaces.
	 */
	struct sl_job_options options = {.flags = idr && !again ? 0 : SL200_SQE_F_BARRIER};
	int ret;

	for (;;) {
		ret = sl_queue_encode_h264(enc->queue, picture, &options, seqno);
		if (ret != SL_ERR_AGAIN)
			return ret;
		/* Only repeats fill the queue, which has room for all pictures and as many more. */
		ret = sl_queue_wait_idle(enc->queue, SL_WAIT_FOREVER);
		if (ret)
			return ret;
	}
}

int enc_send(struct sl_encoder *enc, struct enc_picture *pic)
{
	const struct sl_encoder_params *p = &enc->params;
	struct header_set headers;
	struct sl_h264_picture job = {
		.source = pic->source,
		.recon = enc_recon(enc, pic->number),
		.num_refs = pic->num_refs,
		.width_mbs = (uint16_t)enc->width_mbs,
		.height_mbs = (uint16_t)enc->height_mbs,
		.width = (uint16_t)p->width,
		.height = (uint16_t)p->height,
		.flags = SL200_H264_F_REFERENCE |
			 (enc->pps.entropy_coding_mode_flag ? SL200_H264_F_CABAC : 0) |
			 (enc->pps.transform_8x8_mode_flag ? SL200_H264_F_TRANSFORM_8X8 : 0),
		.poc = (int32_t)(2 * pic->since_idr),
		.quality = p->quality,
		.qp = pic->qp,
		.qp_min = p->rc.qp_max ? p->rc.qp_min : 0,
		.qp_max = p->rc.qp_max ? p->rc.qp_max : 51,
		.qp_map = pic->use_qp_map ? pic->qp_map : NULL,
		.qp_map_pitch = enc->qp_map_pitch,
		.bitstream = pic->bitstream,
		.bitstream_size = (uint32_t)sl_buffer_size(pic->bitstream),
		.headers = headers.nal,
		.slices = enc->slices,
		.num_slices = p->slices,
	};
	int ret = write_headers(enc, pic, &headers);

	job.num_headers = headers.count;
	for (uint32_t i = 0; !ret && i < p->slices; i++)
		ret = write_slice(enc, pic, i, enc->height_mbs * i / p->slices,
				  enc->height_mbs * (i + 1) / p->slices);
	if (ret)
		return sl_fail(ret, "encoder: picture %llu: a header field is out of range",
			       (unsigned long long)pic->number);
	for (uint32_t i = 0; i < pic->num_refs; i++) {
		job.ref[i].surface = enc_recon(enc, pic->number - 1 - i);
		job.ref[i].poc = job.poc - 2 * (int32_t)(i + 1);
	}
	ret = submit_job(enc, &job, pic->idr, pic->attempts > 0, &pic->seqno);
	if (!ret && pic->attempts < UINT8_MAX)
		pic->attempts++;
	return ret;
}
