/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_bits.h"

void h264_nal_init(struct h264_nal *nal, uint8_t *out, size_t size)
{
	nal->out = out;
	nal->size = size;
	nal->pos = 0;
	nal->zeros = 0;
}

void h264_nal_put_raw(struct h264_nal *nal, uint8_t byte)
{
	h264_nal_store(nal, byte);
	nal->zeros = 0;
}

void h264_nal_end(struct h264_nal *nal)
{
	if (nal->zeros)
		h264_nal_store(nal, 3);
	nal->zeros = 0;
}

void h264_bits_init(struct h264_bits *bits, struct h264_nal *nal)
{
	bits->nal = nal;
	bits->cache = 0;
	bits->nbits = 0;
}

void h264_bits_flush_words(struct h264_bits *bits)
{
	while (bits->nbits >= 8) {
		bits->nbits -= 8;
		h264_nal_put(bits->nal, (uint8_t)(bits->cache >> bits->nbits));
	}
}

void h264_bits_align(struct h264_bits *bits, bool ones)
{
	unsigned int n = (8 - h264_bits_partial(bits)) & 7;

	h264_bits_put(bits, n, ones ? (1u << n) - 1 : 0);
	h264_bits_flush_words(bits);
}
