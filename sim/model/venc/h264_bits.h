/* SPDX-License-Identifier: MIT */
/*
 * Byte stream NAL unit output: emulation prevention (H.264 7.4.1) behind a bounded buffer, and a
 * bit writer (7.2, 9.1) in front of it. Not thread safe: one writer per picture.
 */
#ifndef H264_BITS_H
#define H264_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A bounded output buffer. Nothing is stored past size; pos goes on counting. */
struct h264_nal {
	uint8_t *out;
	size_t size;
	size_t pos;	    /* bytes put, stored or not */
	unsigned int zeros; /* consecutive zero bytes at the end of the NAL unit so far */
};

/* Bits not yet given to nal are the low nbits (< 32 between calls) of cache. */
struct h264_bits {
	struct h264_nal *nal;
	uint64_t cache;
	unsigned int nbits;
};

void h264_nal_init(struct h264_nal *nal, uint8_t *out, size_t size);

/* Store a byte as it is: start codes only. Restarts the count of zeros. */
void h264_nal_put_raw(struct h264_nal *nal, uint8_t byte);

static inline void h264_nal_store(struct h264_nal *nal, uint8_t byte)
{
	if (nal->pos < nal->size)
		nal->out[nal->pos] = byte;
	nal->pos++;
}

/* Append a byte of RBSP, preceded by emulation_prevention_three_byte where 7.4.1 asks for it. */
static inline void h264_nal_put(struct h264_nal *nal, uint8_t byte)
{
	if (nal->zeros >= 2 && byte <= 3) {
		h264_nal_store(nal, 3);
		nal->zeros = 0;
	}
	h264_nal_store(nal, byte);
	nal->zeros = byte ? 0 : nal->zeros + 1;
}

/* End a NAL unit: one that ends in a zero byte gets a final 0x03 (7.4.1). */
void h264_nal_end(struct h264_nal *nal);

void h264_bits_init(struct h264_bits *bits, struct h264_nal *nal);
void h264_bits_flush_words(struct h264_bits *bits);

/* u(n): the low n bits of value, 0 <= n <= 32; the bits above must be 0. */
static inline void h264_bits_put(struct h264_bits *bits, unsigned int n, uint32_t value)
{
	bits->cache = bits->cache << n | value;
	bits->nbits += n;
	if (bits->nbits >= 32)
		h264_bits_flush_words(bits);
}

/* ue(v), 9.1; value < 2^31. */
static inline void h264_bits_ue(struct h264_bits *bits, uint32_t value)
{
	unsigned int len = 31 - (unsigned int)__builtin_clz(value + 1);

	h264_bits_put(bits, len, 0);
	h264_bits_put(bits, len + 1, value + 1);
}

/* se(v), 9.1.1; |value| < 2^30. */
static inline void h264_bits_se(struct h264_bits *bits, int value)
{
	h264_bits_ue(bits, value > 0 ? 2u * (uint32_t)value - 1 : 2u * (uint32_t)-value);
}

/* Bits written since the NAL unit's last byte boundary, 0..7. */
static inline unsigned int h264_bits_partial(const struct h264_bits *bits)
{
	return bits->nbits & 7;
}

/* Fill up to a byte boundary with zeros (or ones) and hand all bytes to the NAL unit. */
void h264_bits_align(struct h264_bits *bits, bool ones);

#endif
