// SPDX-License-Identifier: MIT
/* Supplemental enhancement information for streams with a NAL HRD (H.264 D.1.2, D.1.3). */
#include "libsl/h264_bits.h"

enum {
	SEI_BUFFERING_PERIOD = 0,
	SEI_PIC_TIMING = 1,
};

/* sei_message() around a payload that is built bit by bit, H.264 7.3.2.3.1. */
static int put_sei(const struct h264_bits *payload, unsigned int type, uint8_t *data)
{
	unsigned int bytes = (payload->bits + 7) / 8;
	struct h264_bits b;

	h264_put_nal_start(&b, data, 0, H264_NAL_SEI);
	h264_put(&b, 8, type);
	h264_put(&b, 8, bytes); /* all payloads here are far below 255 bytes */
	for (unsigned int i = 0; i < bytes; i++)
		h264_put(&b, 8, payload->data[i]);
	return h264_put_trailing(&b);
}

static void payload_start(struct h264_bits *payload, uint8_t *data)
{
	memset(data, 0, SL_H264_NAL_MAX);
	payload->data = data;
	payload->bits = 0;
	payload->overflow = false;
}

/* A payload that ends inside a byte is filled up with a one and zeros, H.264 D.1.1. */
static void payload_end(struct h264_bits *payload)
{
	if (payload->bits & 7)
		h264_put(payload, 1, 1);
}

int sl_h264_write_sei_buffering_period(const struct sl_h264_sps *sps,
				       uint32_t initial_cpb_removal_delay,
				       uint32_t initial_cpb_removal_delay_offset, uint8_t *data)
{
	uint8_t payload_data[SL_H264_NAL_MAX];
	struct h264_bits payload;

	if (!sps->nal_hrd_parameters_present_flag || sps->seq_parameter_set_id > 31 ||
	    !initial_cpb_removal_delay ||
	    initial_cpb_removal_delay >> H264_INITIAL_CPB_REMOVAL_DELAY_LENGTH ||
	    initial_cpb_removal_delay_offset >> H264_INITIAL_CPB_REMOVAL_DELAY_LENGTH)
		return SL_ERR_INVALID;
	payload_start(&payload, payload_data);
	h264_put_ue(&payload, sps->seq_parameter_set_id);
	h264_put(&payload, H264_INITIAL_CPB_REMOVAL_DELAY_LENGTH, initial_cpb_removal_delay);
	h264_put(&payload, H264_INITIAL_CPB_REMOVAL_DELAY_LENGTH, initial_cpb_removal_delay_offset);
	payload_end(&payload);
	return put_sei(&payload, SEI_BUFFERING_PERIOD, data);
}

int sl_h264_write_sei_pic_timing(const struct sl_h264_sps *sps, uint32_t cpb_removal_delay,
				 uint32_t dpb_output_delay, uint8_t *data)
{
	uint8_t payload_data[SL_H264_NAL_MAX];
	struct h264_bits payload;

	if (!sps->nal_hrd_parameters_present_flag ||
	    dpb_output_delay >> H264_DPB_OUTPUT_DELAY_LENGTH)
		return SL_ERR_INVALID;
	payload_start(&payload, payload_data);
	h264_put(&payload, H264_CPB_REMOVAL_DELAY_LENGTH, cpb_removal_delay);
	h264_put(&payload, H264_DPB_OUTPUT_DELAY_LENGTH, dpb_output_delay);
	payload_end(&payload);
	return put_sei(&payload, SEI_PIC_TIMING, data);
}
