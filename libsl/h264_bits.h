/* SPDX-License-Identifier: MIT */
/*
 * Bit writer for headers: most significant bit first, into a zeroed array of SL_H264_NAL_MAX bytes.
 * Writing past its end is remembered, not done.
 */
#ifndef LIBSL_H264_BITS_H
#define LIBSL_H264_BITS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sl200/h264.h"

struct h264_bits {
	uint8_t *data;
	uint32_t bits;
	bool overflow;
};

static inline void h264_put(struct h264_bits *b, unsigned int n, uint32_t value)
{
	while (n--) {
		if (b->bits >= SL_H264_NAL_MAX * 8) {
			b->overflow = true;
			return;
		}
		if (value >> n & 1)
			b->data[b->bits >> 3] |= (uint8_t)(0x80u >> (b->bits & 7));
		b->bits++;
	}
}

/* ue(v), H.264 9.1 */
static inline void h264_put_ue(struct h264_bits *b, uint32_t value)
{
	uint64_t code = (uint64_t)value + 1;
	unsigned int len = 63 - (unsigned int)__builtin_clzll(code);

	h264_put(b, len, 0);
	h264_put(b, 1, 1);
	h264_put(b, len, (uint32_t)(code - (1ull << len)));
}

/* se(v), H.264 9.1.1 */
static inline void h264_put_se(struct h264_bits *b, int32_t value)
{
	h264_put_ue(b, value > 0 ? 2 * (uint32_t)value - 1 : 2 * (uint32_t)-value);
}

/* Start code and NAL unit header, H.264 B.1.1 and 7.3.1. */
static inline void h264_put_nal_start(struct h264_bits *b, uint8_t *data, unsigned int nal_ref_idc,
				      unsigned int nal_unit_type)
{
	memset(data, 0, SL_H264_NAL_MAX);
	b->data = data;
	b->bits = 0;
	b->overflow = false;
	h264_put(b, 32, 1);
	h264_put(b, 1, 0);
	h264_put(b, 2, nal_ref_idc);
	h264_put(b, 5, nal_unit_type);
}

static inline int h264_bits_end(const struct h264_bits *b)
{
	return b->overflow ? SL_ERR_INVALID : (int)b->bits;
}

/* rbsp_trailing_bits(), H.264 7.3.2.11 */
static inline int h264_put_trailing(struct h264_bits *b)
{
	h264_put(b, 1, 1);
	while (b->bits & 7 && !b->overflow)
		h264_put(b, 1, 0);
	return h264_bits_end(b);
}

/* HRD field lengths that this stack writes (H.264 E.1.2), shared by SPS and SEI. */
#define H264_INITIAL_CPB_REMOVAL_DELAY_LENGTH 24
#define H264_CPB_REMOVAL_DELAY_LENGTH 32
#define H264_DPB_OUTPUT_DELAY_LENGTH 24

enum {
	H264_NAL_SLICE = 1,
	H264_NAL_IDR = 5,
	H264_NAL_SEI = 6,
	H264_NAL_SPS = 7,
	H264_NAL_PPS = 8,
	H264_NAL_AUD = 9,
	H264_NAL_FILLER = 12,
};

#endif
