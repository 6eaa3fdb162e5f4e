/* SPDX-License-Identifier: MIT */
#include "va-backend/encode.h"

#include <stdlib.h>
#include <string.h>

VAStatus slva_encode_init(struct slva_encode *encode, struct slva_driver *drv,
			  const struct slva_config *config)
{
	*encode = (struct slva_encode){
		.drv = drv,
		.config = config,
		.codec = &slva_codec_h264,
		.request = {.mode = config->rate_control},
	};
	encode->state = calloc(1, encode->codec->state_size);
	encode->rate = slva_rate_create();
	if (!encode->state || !encode->rate)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	return slva_queue_create(drv, SLVA_ENCODE_DEPTH, &encode->queue);
}

void slva_encode_fini(struct slva_encode *encode)
{
	for (int i = 0; i < SLVA_ENCODE_DEPTH; i++) {
		if (encode->slot[i].job)
			slva_job_wait(encode->slot[i].job, VA_TIMEOUT_INFINITE);
	}
	if (encode->rate)
		slva_rate_finish(encode->rate);
	for (int i = 0; i < SLVA_ENCODE_DEPTH; i++) {
		slva_job_put(encode->slot[i].job);
		slva_storage_put(encode->slot[i].qp_map);
	}
	slva_rate_put(encode->rate);
	slva_queue_put(encode->queue);
	slva_nal_free(&encode->headers);
	if (encode->state)
		encode->codec->free_state(encode->state);
	free(encode->state);
}

void slva_encode_begin(struct slva_encode *encode)
{
	encode->num_roi = 0;
	encode->have_packed = false;
	slva_nal_clear(&encode->headers);
	encode->codec->begin(encode);
}

static VAStatus set_rate_control(struct slva_encode *encode,
				 const VAEncMiscParameterRateControl *rc)
{
	struct slva_rate_request *request = &encode->request;

	if (rc->rc_flags.bits.temporal_id)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "there are no temporal layers");
	request->bits_per_second = rc->bits_per_second;
	request->target_percentage = rc->target_percentage;
	request->initial_qp = rc->initial_qp;
	request->min_qp = rc->min_qp;
	request->max_qp = rc->max_qp;
	request->disable_bit_stuffing = rc->rc_flags.bits.disable_bit_stuffing;
	request->reset |= rc->rc_flags.bits.reset;
	return VA_STATUS_SUCCESS;
}

static VAStatus set_frame_rate(struct slva_encode *encode, const VAEncMiscParameterFrameRate *fr)
{
	uint32_t num = fr->framerate & 0xffff, den = fr->framerate >> 16;

	if (!num || fr->framerate_flags.bits.temporal_id)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	encode->request.fps_num = num;
	encode->request.fps_den = den ? den : 1;
	return VA_STATUS_SUCCESS;
}

static VAStatus set_roi(struct slva_encode *encode, const VAEncMiscParameterBufferROI *roi)
{
	bool constant_qp = encode->config->rate_control == VA_RC_CQP;

	if (roi->num_roi > SLVA_MAX_ROI || (roi->num_roi && !roi->roi))
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	if (roi->num_roi && !constant_qp && !roi->roi_flags.bits.roi_value_is_qp_delta)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "regions of interest take QP deltas, not priorities");
	encode->num_roi = roi->num_roi;
	for (uint32_t i = 0; i < roi->num_roi; i++) {
		int32_t delta = roi->roi[i].roi_value;

		/* The limits are for rate control, and 0, 0 is a client that set none. */
		if (!constant_qp && roi->max_delta_qp > roi->min_delta_qp) {
			if (delta > roi->max_delta_qp)
				delta = roi->max_delta_qp;
			if (delta < roi->min_delta_qp)
				delta = roi->min_delta_qp;
		}
		encode->roi[i] = (struct slva_roi){
			.x = roi->roi[i].roi_rectangle.x,
			.y = roi->roi[i].roi_rectangle.y,
			.width = roi->roi[i].roi_rectangle.width,
			.height = roi->roi[i].roi_rectangle.height,
			.qp_offset = delta,
		};
	}
	return VA_STATUS_SUCCESS;
}

static VAStatus render_misc(struct slva_encode *encode, const uint8_t *data, uint32_t bytes)
{
	VAEncMiscParameterBuffer head;
	union {
		VAEncMiscParameterRateControl rc;
		VAEncMiscParameterFrameRate frame_rate;
		VAEncMiscParameterHRD hrd;
		VAEncMiscParameterBufferQualityLevel quality;
		VAEncMiscParameterBufferROI roi;
	} body = {0};
	/* Of each structure, as much as its first edition had. */
	uint32_t least;

	if (bytes < sizeof(head))
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	memcpy(&head, data, sizeof(head));
	data += sizeof(head);
	bytes -= (uint32_t)sizeof(head);
	memcpy(&body, data, bytes < sizeof(body) ? bytes : sizeof(body));

	switch (head.type) {
	case VAEncMiscParameterTypeRateControl:
		least = offsetof(VAEncMiscParameterRateControl, ICQ_quality_factor);
		return bytes < least ? VA_STATUS_ERROR_INVALID_PARAMETER
				     : set_rate_control(encode, &body.rc);
	case VAEncMiscParameterTypeFrameRate:
		least = offsetof(VAEncMiscParameterFrameRate, framerate_flags);
		return bytes < least ? VA_STATUS_ERROR_INVALID_PARAMETER
				     : set_frame_rate(encode, &body.frame_rate);
	case VAEncMiscParameterTypeHRD:
		if (bytes < offsetof(VAEncMiscParameterHRD, va_reserved))
			return VA_STATUS_ERROR_INVALID_PARAMETER;
		encode->request.hrd_size = body.hrd.buffer_size;
		encode->request.hrd_fullness = body.hrd.initial_buffer_fullness;
		return VA_STATUS_SUCCESS;
	case VAEncMiscParameterTypeQualityLevel:
		if (bytes < sizeof(uint32_t) ||
		    body.quality.quality_level > encode->drv->caps.h264.quality_levels)
			return VA_STATUS_ERROR_INVALID_PARAMETER;
		encode->quality = body.quality.quality_level;
		return VA_STATUS_SUCCESS;
	case VAEncMiscParameterTypeROI:
		least = offsetof(VAEncMiscParameterBufferROI, va_reserved);
		return bytes < least ? VA_STATUS_ERROR_INVALID_PARAMETER
				     : set_roi(encode, &body.roi);
	default:
		return slva_refuse(encode->drv, VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE,
				   "miscellaneous parameters of type %d are not supported",
				   head.type);
	}
}

static VAStatus render_packed_data(struct slva_encode *encode, const uint8_t *data, uint32_t bytes)
{
	const VAEncPackedHeaderParameterBuffer *packed = &encode->packed;
	uint32_t first = encode->headers.num;

	if (!encode->have_packed)
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "packed header data without its parameters");
	encode->have_packed = false;
	if (!packed->bit_length || packed->bit_length > (uint64_t)bytes * 8 ||
	    slva_nal_append_packed(&encode->headers, data, packed->bit_length,
				   packed->has_emulation_bytes))
		return slva_refuse(encode->drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "a packed header of type %u and %u bits holds no NAL unit",
				   packed->type, packed->bit_length);
	return encode->codec->packed(encode, packed->type, first);
}

/* Each element of a parameter buffer; structures that a client has shorter are refused. */
static VAStatus render_elements(struct slva_encode *encode, struct slva_buffer *buffer,
				size_t least, VAStatus (*take)(struct slva_encode *, const void *))
{
	uint32_t num = slva_buffer_bytes(buffer) / buffer->size;
	VAStatus status = VA_STATUS_SUCCESS;

	if (buffer->size < least)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	for (uint32_t i = 0; i < num && status == VA_STATUS_SUCCESS; i++)
		status = take(encode, buffer->data + (size_t)i * buffer->size);
	return status;
}

VAStatus slva_encode_render(struct slva_encode *encode, struct slva_buffer *buffer)
{
	const struct slva_codec *codec = encode->codec;
	uint32_t bytes = slva_buffer_bytes(buffer);

	switch (buffer->type) {
	case VAEncSequenceParameterBufferType:
		return render_elements(encode, buffer, codec->sequence_size, codec->sequence);
	case VAEncPictureParameterBufferType:
		return render_elements(encode, buffer, codec->picture_size, codec->picture);
	case VAEncSliceParameterBufferType:
		return render_elements(encode, buffer, codec->slice_size, codec->slice);
	case VAEncMiscParameterBufferType:
		return render_misc(encode, buffer->data, bytes);
	case VAEncPackedHeaderParameterBufferType:
		/* Of the structure, the reserved tail may be missing. */
		if (bytes < offsetof(VAEncPackedHeaderParameterBuffer, va_reserved))
			return VA_STATUS_ERROR_INVALID_PARAMETER;
		memcpy(&encode->packed, buffer->data,
		       offsetof(VAEncPackedHeaderParameterBuffer, va_reserved));
		encode->have_packed = true;
		return VA_STATUS_SUCCESS;
	case VAEncPackedHeaderDataBufferType:
		return render_packed_data(encode, buffer->data, bytes);
	default:
		return slva_refuse(encode->drv, VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE,
				   "buffers of type %d are not for vaRenderPicture", buffer->type);
	}
}

void slva_encode_reserve(struct slva_encode *encode)
{
	struct slva_job **job = &encode->slot[encode->submitted % SLVA_ENCODE_DEPTH].job;

	if (!*job)
		return;
	slva_job_wait(*job, VA_TIMEOUT_INFINITE);
	slva_job_put(*job);
	*job = NULL;
}

VAStatus slva_encode_qp_map(struct slva_encode *encode, uint32_t width_mbs, uint32_t height_mbs,
			    struct slva_storage **map)
{
	struct slva_storage **slot = &encode->slot[encode->submitted % SLVA_ENCODE_DEPTH].qp_map;
	uint64_t size = (uint64_t)width_mbs * height_mbs;
	VAStatus status = VA_STATUS_SUCCESS;

	slva_encode_reserve(encode);
	if (*slot && sl_buffer_size((*slot)->buffer) < size) {
		slva_storage_put(*slot);
		*slot = NULL;
	}
	if (!*slot)
		status = slva_storage_buffer(encode->drv, size, SL_MEMORY_HOST, slot);
	*map = *slot;
	return status;
}

void slva_encode_submitted(struct slva_encode *encode, struct slva_job *job)
{
	encode->slot[encode->submitted % SLVA_ENCODE_DEPTH].job = slva_job_ref(job);
	encode->submitted++;
}
