/* SPDX-License-Identifier: MIT */
/* An H.264 picture's job: surfaces, references, slices and QP, checked and submitted. */
#include <stdlib.h>
#include <string.h>

#include "va-backend/encode_h264.h"

/* What one EndPicture needs until the job is on its way. */
struct picture_job {
	struct slva_encode *encode;
	struct slva_h264 *h264;
	struct slva_buffer *coded;
	struct slva_surface *source, *recon;
	struct slva_storage *source_storage, *recon_storage;
	uint32_t num_refs;
	VASurfaceID ref_id[SL200_H264_MAX_REFS];
	struct slva_surface *ref[SL200_H264_MAX_REFS];
	struct slva_storage *ref_storage[SL200_H264_MAX_REFS];
	struct slva_storage *qp_map;
	struct sl_h264_slice_job *slices;
	struct sl_h264_nal headers[SL200_H264_MAX_HEADERS];
	struct sl_h264_picture picture;
	bool barrier;
};

static void release(struct picture_job *p)
{
	for (uint32_t i = 0; i < p->num_refs; i++) {
		slva_storage_put(p->ref_storage[i]);
		slva_object_put(&p->ref[i]->object);
	}
	slva_storage_put(p->source_storage);
	slva_storage_put(p->recon_storage);
	slva_object_put(p->recon ? &p->recon->object : NULL);
	slva_object_put(p->coded ? &p->coded->object : NULL);
	free(p->slices);
}

/* Does the surface hold the whole coded picture? Storage covers whole macroblocks. */
static bool covers(const struct slva_h264 *h264, const struct slva_surface *surface)
{
	return (surface->width + 15) / 16 >= h264->seq.picture_width_in_mbs &&
	       (surface->height + 15) / 16 >= h264->seq.picture_height_in_mbs;
}

static VAStatus set_surfaces(struct picture_job *p, struct slva_surface *source)
{
	struct slva_driver *drv = p->encode->drv;
	const struct slva_h264 *h264 = p->h264;
	VAStatus status;

	p->source = source;
	p->recon = slva_object_get(&drv->objects, SLVA_SURFACE, h264->pic.CurrPic.picture_id);
	if (!p->recon)
		return slva_refuse(drv, VA_STATUS_ERROR_INVALID_SURFACE,
				   "CurrPic names no surface for the reconstruction");
	if (p->recon == source)
		return slva_refuse(drv, VA_STATUS_ERROR_INVALID_SURFACE,
				   "CurrPic must not be the input surface");
	if (!covers(h264, source) || !covers(h264, p->recon))
		return slva_refuse(drv, VA_STATUS_ERROR_INVALID_SURFACE,
				   "a surface is smaller than %ux%u macroblocks",
				   h264->seq.picture_width_in_mbs, h264->seq.picture_height_in_mbs);
	status = slva_surface_storage(drv, source, SLVA_PLACE_HOST, &p->source_storage);
	if (status == VA_STATUS_SUCCESS)
		status = slva_surface_storage(drv, p->recon, SLVA_PLACE_RECON, &p->recon_storage);
	return status;
}

/* Index in p->ref of a picture in a slice's list, which is entered when new. */
static VAStatus find_ref(struct picture_job *p, const VAPictureH264 *pic, uint8_t *index)
{
	struct slva_driver *drv = p->encode->drv;
	VAStatus status;

	for (uint32_t i = 0; i < p->num_refs; i++) {
		if (p->ref_id[i] == pic->picture_id) {
			*index = (uint8_t)i;
			return VA_STATUS_SUCCESS;
		}
	}
	if (p->num_refs == SL200_H264_MAX_REFS)
		return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;

	struct slva_surface *surface =
		slva_object_get(&drv->objects, SLVA_SURFACE, pic->picture_id);

	if (!surface || surface == p->recon || !covers(p->h264, surface)) {
		slva_object_put(surface ? &surface->object : NULL);
		return slva_refuse(drv, VA_STATUS_ERROR_INVALID_SURFACE,
				   "reference %#x is no usable surface", pic->picture_id);
	}
	status = slva_surface_storage(drv, surface, SLVA_PLACE_RECON, &p->ref_storage[p->num_refs]);
	if (status != VA_STATUS_SUCCESS) {
		slva_object_put(&surface->object);
		return status;
	}
	p->ref[p->num_refs] = surface;
	p->ref_id[p->num_refs] = pic->picture_id;
	p->picture.ref[p->num_refs].surface = p->ref_storage[p->num_refs]->surface;
	p->picture.ref[p->num_refs].poc = pic->TopFieldOrderCnt;
	p->picture.ref[p->num_refs].long_term =
		(pic->flags & VA_PICTURE_H264_LONG_TERM_REFERENCE) != 0;
	*index = (uint8_t)p->num_refs++;
	return VA_STATUS_SUCCESS;
}

static VAStatus set_ref_list(struct picture_job *p, const VAPictureH264 *list, uint32_t num,
			     uint32_t max, uint8_t *refs)
{
	VAStatus status = VA_STATUS_SUCCESS;

	if (num > max)
		return slva_refuse(p->encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "%u active references, the card takes %u", num, max);
	for (uint32_t i = 0; i < num && status == VA_STATUS_SUCCESS; i++) {
		if (!slva_h264_is_picture(&list[i]))
			return slva_refuse(p->encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
					   "entry %u of a reference list names no picture", i);
		status = find_ref(p, &list[i], &refs[i]);
	}
	return status;
}

static VAStatus set_slice(struct picture_job *p, uint32_t n, uint32_t first_mb)
{
	const struct sl200_enc_caps *caps = &p->encode->drv->caps.h264;
	const VAEncSliceParameterBufferH264 *slice = &p->h264->slice[n];
	struct sl200_h264_slice *out = &p->slices[n].slice;
	int qp = p->h264->pic.pic_init_qp + slice->slice_qp_delta;
	uint32_t num_l0 = slva_h264_num_ref_idx(&p->h264->pic, slice, 0);
	uint32_t num_l1 = slva_h264_num_ref_idx(&p->h264->pic, slice, 1);

	if (slice->macroblock_address != first_mb || !slice->num_macroblocks)
		return slva_refuse(p->encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "slice %u begins at macroblock %u instead of %u", n,
				   slice->macroblock_address, first_mb);
	if (qp < 0 || qp > 51 || slice->cabac_init_idc > 2 ||
	    slice->disable_deblocking_filter_idc > 2 || slice->slice_alpha_c0_offset_div2 < -6 ||
	    slice->slice_alpha_c0_offset_div2 > 6 || slice->slice_beta_offset_div2 < -6 ||
	    slice->slice_beta_offset_div2 > 6)
		return slva_refuse(p->encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "a field of slice %u is out of range", n);
	*out = (struct sl200_h264_slice){
		.first_mb = first_mb,
		.num_mbs = slice->num_macroblocks,
		.slice_type = (uint8_t)slva_h264_slice_type(slice),
		.slice_qp = (int8_t)qp,
		.cabac_init_idc = slice->cabac_init_idc,
		.disable_deblocking_filter_idc = slice->disable_deblocking_filter_idc,
		.slice_alpha_c0_offset_div2 = slice->slice_alpha_c0_offset_div2,
		.slice_beta_offset_div2 = slice->slice_beta_offset_div2,
		.num_ref_idx_l0 = (uint8_t)num_l0,
		.num_ref_idx_l1 = (uint8_t)num_l1,
	};
	if (out->slice_type == SL200_H264_SLICE_B && slice->direct_spatial_mv_pred_flag)
		p->picture.flags |= SL200_H264_F_DIRECT_SPATIAL;
	p->slices[n].nal.data = p->h264->slice_headers.nal[n].data;
	p->slices[n].nal.bits = p->h264->slice_headers.nal[n].bits;

	VAStatus status =
		set_ref_list(p, slice->RefPicList0, num_l0, caps->max_refs_l0, out->ref_l0);

	if (status == VA_STATUS_SUCCESS)
		status =
			set_ref_list(p, slice->RefPicList1, num_l1, caps->max_refs_l1, out->ref_l1);
	return status;
}

static VAStatus set_slices(struct picture_job *p)
{
	uint32_t mbs = (uint32_t)p->picture.width_mbs * p->picture.height_mbs, next = 0;
	VAStatus status = VA_STATUS_SUCCESS;

	p->slices = calloc(p->h264->num_slices, sizeof(*p->slices));
	if (!p->slices)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	for (uint32_t n = 0; n < p->h264->num_slices && status == VA_STATUS_SUCCESS; n++) {
		if (p->h264->slice[n].num_macroblocks > mbs - next)
			return slva_refuse(p->encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
					   "slice %u reaches beyond the picture", n);
		status = set_slice(p, n, next);
		next += p->h264->slice[n].num_macroblocks;
	}
	if (status == VA_STATUS_SUCCESS && next != mbs)
		return slva_refuse(p->encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "slices cover %u of %u macroblocks", next, mbs);
	p->picture.slices = p->slices;
	p->picture.num_slices = p->h264->num_slices;
	p->picture.num_refs = p->num_refs;
	return status;
}

static VAStatus set_headers(struct picture_job *p)
{
	const struct slva_nal_list *list = &p->encode->headers;

	if (list->num > SL200_H264_MAX_HEADERS)
		return slva_refuse(p->encode->drv, VA_STATUS_ERROR_MAX_NUM_EXCEEDED,
				   "%u NAL units in front of a picture, the card takes %u",
				   list->num, SL200_H264_MAX_HEADERS);
	for (uint32_t i = 0; i < list->num; i++)
		p->headers[i] = (struct sl_h264_nal){list->nal[i].data, list->nal[i].bits};
	p->picture.headers = p->headers;
	p->picture.num_headers = list->num;
	return VA_STATUS_SUCCESS;
}

/* Samples the decoder will show: cropped ones are not read from the source. */
static uint16_t source_dim(uint32_t mbs, bool cropped, uint32_t crop_offset, uint32_t surface)
{
	uint32_t coded = mbs * 16;
	/* CropUnit is 2 samples for progressive 4:2:0 (H.264 7.4.2.1.1). */
	uint32_t shown = cropped && crop_offset < coded / 2 ? coded - crop_offset * 2 : coded;

	surface = (surface + 1) & ~1u;
	return (uint16_t)(shown < surface ? shown : surface);
}

/* Regions of interest, and with constant QP slices that differ in theirs. */
static VAStatus set_qp_map(struct picture_job *p)
{
	struct slva_encode *encode = p->encode;
	uint32_t width = p->picture.width_mbs, height = p->picture.height_mbs;
	bool differ = false;

	for (uint32_t n = 1; n < p->picture.num_slices; n++)
		differ |= p->slices[n].slice.slice_qp != p->slices[0].slice.slice_qp;
	differ &= encode->request.mode == VA_RC_CQP;
	if (!encode->num_roi && !differ)
		return VA_STATUS_SUCCESS;

	VAStatus status = slva_encode_qp_map(encode, width, height, &p->qp_map);

	if (status != VA_STATUS_SUCCESS)
		return status;

	int8_t *map = sl_buffer_map(p->qp_map->buffer);

	slva_qp_map_roi(map, width, width, height, encode->roi, encode->num_roi);
	for (uint32_t n = 1; n < p->picture.num_slices && differ; n++) {
		const struct sl200_h264_slice *slice = &p->slices[n].slice;

		slva_qp_map_add(map, width, width, slice->first_mb, slice->num_mbs,
				slice->slice_qp - p->slices[0].slice.slice_qp);
	}
	p->picture.qp_map = p->qp_map->buffer;
	p->picture.qp_map_pitch = width;
	return VA_STATUS_SUCCESS;
}

static VAStatus build(struct picture_job *p, struct slva_surface *source)
{
	struct slva_encode *encode = p->encode;
	struct slva_h264 *h264 = p->h264;
	const VAEncSequenceParameterBufferH264 *seq = &h264->seq;
	VAStatus status;

	if (!h264->have_sequence || !h264->have_picture || !h264->num_slices)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "%s parameters are missing",
				   !h264->have_sequence	 ? "sequence"
				   : !h264->have_picture ? "picture"
							 : "slice");
	p->coded = slva_object_get(&encode->drv->objects, SLVA_BUFFER, h264->pic.coded_buf);
	if (!p->coded || p->coded->type != VAEncCodedBufferType)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_BUFFER,
				   "coded_buf names no coded buffer");
	p->picture.width_mbs = seq->picture_width_in_mbs;
	p->picture.height_mbs = seq->picture_height_in_mbs;
	status = set_surfaces(p, source);
	if (status == VA_STATUS_SUCCESS)
		status = slva_h264_headers(encode);
	if (status == VA_STATUS_SUCCESS)
		status = set_headers(p);
	if (status == VA_STATUS_SUCCESS)
		status = set_slices(p);
	if (status == VA_STATUS_SUCCESS)
		status = set_qp_map(p);
	if (status != VA_STATUS_SUCCESS)
		return status;

	p->picture.source = p->source_storage->surface;
	p->picture.recon = p->recon_storage->surface;
	p->picture.width = source_dim(seq->picture_width_in_mbs, seq->frame_cropping_flag,
				      seq->frame_crop_right_offset, source->width);
	p->picture.height = source_dim(seq->picture_height_in_mbs, seq->frame_cropping_flag,
				       seq->frame_crop_bottom_offset, source->height);
	p->picture.flags |= slva_h264_flags(&h264->pic);
	p->picture.chroma_qp_index_offset = h264->pic.chroma_qp_index_offset;
	/* Without the 8x8 transform's part of the PPS it is not sent (H.264 7.4.2.2). */
	p->picture.second_chroma_qp_index_offset = h264->pic.pic_fields.bits.transform_8x8_mode_flag
							   ? h264->pic.second_chroma_qp_index_offset
							   : h264->pic.chroma_qp_index_offset;
	p->picture.poc = h264->pic.CurrPic.TopFieldOrderCnt;
	p->picture.quality = (uint8_t)encode->quality;
	p->picture.bitstream = p->coded->storage->buffer;
	p->picture.bitstream_size = p->coded->size * p->coded->max_elements;
	return VA_STATUS_SUCCESS;
}

/* Jobs that use the picture's memory come first. */
static void order(struct picture_job *p)
{
	const struct slva_queue *queue = p->encode->queue;

	p->barrier = slva_surface_order(p->source, queue, false);
	p->barrier |= slva_surface_order(p->recon, queue, true);
	for (uint32_t i = 0; i < p->num_refs; i++)
		p->barrier |= slva_surface_order(p->ref[i], queue, false);
	slva_buffer_wait(p->coded);
}

static VAStatus submit(struct picture_job *p, uint8_t qp, struct slva_job **out)
{
	struct slva_encode *encode = p->encode;
	struct sl_job_options options = {.flags = p->barrier ? SL200_SQE_F_BARRIER : 0};
	struct slva_job *job;

	slva_encode_reserve(encode);
	job = slva_job_create(encode->queue);
	if (!job)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	job->num_macroblocks = (uint32_t)p->picture.width_mbs * p->picture.height_mbs;
	job->target = p->recon_storage;
	slva_job_hold(job, p->source_storage);
	slva_job_hold(job, p->recon_storage);
	slva_job_hold(job, p->coded->storage);
	if (p->qp_map)
		slva_job_hold(job, p->qp_map);
	for (uint32_t i = 0; i < p->num_refs; i++)
		slva_job_hold(job, p->ref_storage[i]);
	p->picture.qp = qp;

	int result = sl_queue_encode_h264(encode->queue->queue, &p->picture, &options, &job->seqno);

	if (result != SL_OK) {
		slva_job_put(job);
		return slva_refuse(encode->drv, slva_status(result), "the picture was refused: %s",
				   sl_last_error());
	}
	*out = job;
	return VA_STATUS_SUCCESS;
}

static enum sl_rc_picture picture_type(const struct picture_job *p)
{
	enum sl_rc_picture type = SL_RC_I;

	for (uint32_t n = 0; n < p->picture.num_slices; n++) {
		if (p->slices[n].slice.slice_type == SL200_H264_SLICE_B)
			return SL_RC_B;
		if (p->slices[n].slice.slice_type == SL200_H264_SLICE_P)
			type = SL_RC_P;
	}
	return type;
}

static VAStatus encode_constant(struct picture_job *p, struct slva_job **job)
{
	p->picture.qp_min = 0;
	p->picture.qp_max = 51;
	return submit(p, (uint8_t)p->slices[0].slice.slice_qp, job);
}

/*
 * With a rate to keep, a picture that may break the decoder's buffer is looked at before the next
 * one refers to it, and coded again when it did.
 */
static VAStatus encode_controlled(struct picture_job *p, struct slva_job **job)
{
	struct slva_encode *encode = p->encode;
	struct slva_rate_request request = slva_h264_rate_request(encode);
	struct sl_rc_decision decision;
	enum sl_rc_picture type = picture_type(p);
	VAStatus status = slva_rate_begin(encode->rate, encode->drv, &request, p->picture.width_mbs,
					  p->picture.height_mbs, type, &decision);

	if (status != VA_STATUS_SUCCESS)
		return status;
	encode->request.reset = false;
	p->picture.qp_min = (uint8_t)(request.min_qp ? request.min_qp : 1);
	p->picture.qp_max = (uint8_t)(request.max_qp ? request.max_qp : 51);
	status = submit(p, decision.qp, job);
	if (status == VA_STATUS_SUCCESS && slva_rate_is_risky(encode->rate, type, &decision)) {
		slva_job_wait(*job, VA_TIMEOUT_INFINITE);
		while (status == VA_STATUS_SUCCESS &&
		       slva_rate_retry(encode->rate, *job, &decision)) {
			slva_job_put(*job);
			status = submit(p, decision.qp, job);
			if (status == VA_STATUS_SUCCESS)
				slva_job_wait(*job, VA_TIMEOUT_INFINITE);
		}
	}
	if (status != VA_STATUS_SUCCESS) {
		slva_rate_cancelled(encode->rate);
		return status;
	}
	(*job)->rate = slva_rate_ref(encode->rate);
	slva_rate_submitted(encode->rate, *job);
	return status;
}

VAStatus slva_h264_encode(struct slva_encode *encode, struct slva_surface *source)
{
	struct picture_job p = {.encode = encode, .h264 = encode->state};
	struct slva_job *job = NULL;
	VAStatus status = build(&p, source);

	if (status == VA_STATUS_SUCCESS) {
		order(&p);
		status = encode->request.mode == VA_RC_CQP ? encode_constant(&p, &job)
							   : encode_controlled(&p, &job);
	}
	if (status == VA_STATUS_SUCCESS) {
		slva_encode_submitted(encode, job);
		slva_buffer_set_job(p.coded, job);
		slva_surface_written(p.recon);
		slva_surface_add_job(p.recon, job);
		slva_surface_add_job(source, job);
		for (uint32_t i = 0; i < p.num_refs; i++)
			slva_surface_add_job(p.ref[i], job);
		slva_job_put(job);
	}
	release(&p);
	return status;
}
