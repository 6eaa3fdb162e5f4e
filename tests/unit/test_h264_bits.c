/* SPDX-License-Identifier: MIT */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/model/venc/h264_bits.h"
#include "sim/model/venc/h264_cabac.h"
#include "sim/model/venc/h264_entropy.h"
#include "tests/unit/h264_random.h"
#include "tests/suite.h"

/* --- a plain reader ------------------------------------------------------------------------- */

struct reader {
	const uint8_t *data;
	size_t bits, pos;
};

static unsigned int read_bit(struct reader *r)
{
	unsigned int bit = 0;

	if (r->pos < r->bits)
		bit = r->data[r->pos / 8] >> (7 - r->pos % 8) & 1;
	r->pos++;
	return bit;
}

static uint32_t read_bits(struct reader *r, unsigned int n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 1 | read_bit(r);
	return v;
}

static uint32_t read_ue(struct reader *r)
{
	unsigned int zeros = 0;

	while (zeros < 32 && !read_bit(r))
		zeros++;
	return (uint32_t)(((uint64_t)1 << zeros) - 1 + read_bits(r, zeros));
}

/* Remove emulation_prevention_three_byte; false when data has what a NAL unit must not (7.4.1). */
static bool unescape(const uint8_t *in, size_t n, uint8_t *out, size_t *out_size)
{
	unsigned int zeros = 0;

	*out_size = 0;
	for (size_t i = 0; i < n; i++) {
		if (zeros >= 2 && in[i] < 3)
			return false;
		if (zeros >= 2 && in[i] == 3) {
			if (i + 1 < n && in[i + 1] > 3)
				return false;
			zeros = 0;
			continue;
		}
		out[(*out_size)++] = in[i];
		zeros = in[i] ? 0 : zeros + 1;
	}
	return n == 0 || in[n - 1] != 0;
}

/* --- tests ---------------------------------------------------------------------------------- */

static void test_writer(void)
{
	static uint8_t out[1 << 17], rbsp[1 << 17];
	struct {
		uint32_t kind, n, value;
	} item[4000];
	uint64_t rng = 7;

	for (unsigned int round = 0; round < 20; round++) {
		struct h264_nal nal;
		struct h264_bits bits;
		struct reader r;
		size_t size;

		h264_nal_init(&nal, out, sizeof(out));
		h264_bits_init(&bits, &nal);
		for (unsigned int i = 0; i < 4000; i++) {
			item[i].kind = (uint32_t)random_int(&rng, 0, 2);
			item[i].n = (uint32_t)random_int(&rng, 0, 32);
			item[i].value = (uint32_t)(random_bits(&rng) >> 32);
			if (random_int(&rng, 0, 3) == 0) /* long runs of zeros */
				item[i].value &= 3;
			if (item[i].kind == 0) {
				item[i].value &= (uint32_t)(((uint64_t)1 << item[i].n) - 1);
				h264_bits_put(&bits, item[i].n, item[i].value);
			} else if (item[i].kind == 1) {
				item[i].value &= 0x7fffffffu >> (item[i].n & 31);
				h264_bits_ue(&bits, item[i].value ? item[i].value - 1 : 0);
			} else {
				item[i].value &= 0x3fffffffu >> (item[i].n & 31);
				h264_bits_se(&bits,
					     i & 1 ? (int)item[i].value : -(int)item[i].value);
			}
		}
		h264_bits_put(&bits, 1, 1);
		h264_bits_align(&bits, false);
		h264_nal_end(&nal);
		CU_ASSERT_FATAL(nal.pos <= sizeof(out));
		CU_ASSERT_FATAL(unescape(out, nal.pos, rbsp, &size));
		r = (struct reader){.data = rbsp, .bits = 8 * size};
		for (unsigned int i = 0; i < 4000; i++) {
			uint32_t v = item[i].value, code;

			if (item[i].kind == 0) {
				CU_ASSERT_EQUAL(read_bits(&r, item[i].n), v);
			} else if (item[i].kind == 1) {
				CU_ASSERT_EQUAL(read_ue(&r), v ? v - 1 : 0);
			} else {
				code = !v ? 0 : i & 1 ? 2 * v - 1 : 2 * v;
				CU_ASSERT_EQUAL(read_ue(&r), code);
			}
		}
		CU_ASSERT_EQUAL(read_bit(&r), 1);
		CU_ASSERT(r.bits - r.pos < 8);
	}
}

/* Whole NAL units with many zeros and small bytes come back; start codes stay as given. */
static void test_headers(void)
{
	uint8_t nal[600], out[1200], rbsp[1200];
	struct sl200_h264_enc desc = {.width_mbs = 1, .height_mbs = 1};
	struct h264_entropy *e = h264_entropy_create(1);
	struct h264_mb mb = {0};
	uint64_t rng = 3;

	CU_ASSERT_FATAL(e != NULL);
	for (unsigned int round = 0; round < 3000; round++) {
		unsigned int start = (unsigned int)random_int(&rng, 3, 5), n, i;
		size_t bytes, size;

		n = start + (unsigned int)random_int(&rng, 1, 500);
		memset(nal, 0, start);
		nal[start - 1] = 1;
		for (i = start; i < n; i++)
			nal[i] = (uint8_t)(random_int(&rng, 0, 2) ? 0 : random_int(&rng, 0, 5));
		nal[start] |= 0x40;
		h264_entropy_begin(e, &desc, &mb, out, sizeof(out));
		h264_entropy_header(e, nal, 8 * n);
		CU_ASSERT(h264_entropy_finish(e, &bytes));
		CU_ASSERT_FATAL(bytes >= n && bytes <= 2 * n);
		CU_ASSERT_EQUAL(memcmp(out, nal, start), 0);
		CU_ASSERT_FATAL(unescape(out + start, bytes - start, rbsp, &size));
		/* a NAL unit that ends in zero got a final 3 */
		CU_ASSERT_EQUAL(
			size,
			n - start + (nal[n - 1] == 0 && out[bytes - 1] == 3 && size > n - start));
		CU_ASSERT_EQUAL(memcmp(rbsp, nal + start, n - start), 0);
	}
	h264_entropy_destroy(e);
}

/* Bits after the last whole byte of a header are its top ones; the rest of the byte becomes 0. */
static void test_partial_header(void)
{
	const uint8_t nal[] = {0, 0, 1, 0x67, 0xff};
	struct sl200_h264_enc desc = {.width_mbs = 1, .height_mbs = 1};
	struct h264_entropy *e = h264_entropy_create(1);
	struct h264_mb mb = {0};
	uint8_t out[8];
	size_t bytes;

	CU_ASSERT_FATAL(e != NULL);
	h264_entropy_begin(e, &desc, &mb, out, sizeof(out));
	h264_entropy_header(e, nal, 35);
	CU_ASSERT(h264_entropy_finish(e, &bytes));
	CU_ASSERT_EQUAL(bytes, 5);
	CU_ASSERT_EQUAL(out[4], 0xe0);
	h264_entropy_destroy(e);
}

/* A buffer of any size gets the beginning of the whole stream and not a byte more. */
static void test_overflow(void)
{
	uint64_t rng = 11;

	for (unsigned int round = 0; round < 40; round++) {
		struct random_params p = {.seed = round + 1,
					  .width_mbs = 3,
					  .height_mbs = 2,
					  .num_refs = 1,
					  .slice_type = round & 1 ? SL200_H264_SLICE_P
								  : SL200_H264_SLICE_I,
					  .num_slices = 2,
					  .qp_min = 20,
					  .qp_max = 30,
					  .pcm_percent = 10,
					  .skip_percent = 10,
					  .intra_percent = 30};
		struct random_video v;
		struct coded_video full, cut;
		size_t picture, room;
		bool cabac = round >> 1 & 1;

		CU_ASSERT_FATAL(random_video_create(&v, &p));
		CU_ASSERT(random_video_code(&v, &full, cabac, true, 0));
		picture = full.au_end[1] - full.au_end[0];
		for (unsigned int i = 0; i < 20; i++) {
			room = i ? (size_t)random_int(&rng, 1, (int)picture - 1) : picture;
			CU_ASSERT_EQUAL(random_video_code(&v, &cut, cabac, true, room), i == 0);
			CU_ASSERT_EQUAL(cut.size, full.au_end[0] + room);
			CU_ASSERT_EQUAL(memcmp(cut.data, full.data, cut.size), 0);
			CU_ASSERT_EQUAL(cut.guard, 0);
			coded_video_free(&cut);
		}
		coded_video_free(&full);
		random_video_destroy(&v);
	}
}

/* --- the arithmetic decoder of 9.3.3.2, as the standard has it ---------------------------- */

struct decoder {
	struct reader r;
	uint32_t range, offset;
	uint8_t state[H264_CABAC_CONTEXTS]; /* pStateIdx << 1 | valMPS */
};

static void renorm(struct decoder *d)
{
	while (d->range < 256) {
		d->range <<= 1;
		d->offset = d->offset << 1 | read_bit(&d->r);
	}
}

static unsigned int decode_bin(struct decoder *d, unsigned int ctx)
{
	unsigned int state = d->state[ctx], bin = state & 1;
	uint32_t lps = h264_cabac_range_lps[state >> 1][d->range >> 6 & 3];

	d->range -= lps;
	if (d->offset >= d->range) {
		bin ^= 1;
		d->offset -= d->range;
		d->range = lps;
	}
	d->state[ctx] = h264_cabac_next[state][bin];
	renorm(d);
	return bin;
}

static unsigned int decode_bypass(struct decoder *d)
{
	d->offset = d->offset << 1 | read_bit(&d->r);
	if (d->offset < d->range)
		return 0;
	d->offset -= d->range;
	return 1;
}

static unsigned int decode_terminate(struct decoder *d)
{
	d->range -= 2;
	if (d->offset >= d->range)
		return 1;
	renorm(d);
	return 0;
}

static unsigned int decode_exp_golomb(struct decoder *d, unsigned int k)
{
	unsigned int value = 0;

	while (decode_bypass(d))
		value += 1u << k++;
	while (k--)
		value += decode_bypass(d) << k;
	return value;
}

enum { BINS = 20000 };

/* kind 0 a bin in a context, 1 a bypass bin, 2 end_of_slice_flag 0, 3 a suffix of UEGk */
struct symbol {
	uint8_t kind;
	uint16_t ctx, value;
};

static void check_engine(const struct symbol *symbols, unsigned int n, unsigned int column, int qp)
{
	static uint8_t out[1 << 17], rbsp[1 << 17];
	struct h264_nal nal;
	struct h264_cabac c;
	struct decoder d;
	unsigned int bad = 0;
	size_t size;

	h264_nal_init(&nal, out, sizeof(out));
	h264_cabac_init_contexts(&c, column, qp);
	for (unsigned int i = 0; i < H264_CABAC_CONTEXTS; i++)
		d.state[i] = (uint8_t)c.state[i];
	h264_cabac_start(&c, &nal);
	for (unsigned int i = 0; i < n; i++) {
		const struct symbol *s = &symbols[i];

		if (s->kind == 0)
			h264_cabac_bin(&c, s->ctx, s->value);
		else if (s->kind == 1)
			h264_cabac_bypass(&c, 1, s->value);
		else if (s->kind == 2)
			h264_cabac_terminate(&c, 0);
		else
			h264_cabac_exp_golomb(&c, s->value, s->ctx);
	}
	h264_cabac_terminate(&c, 1);
	CU_ASSERT_FATAL(nal.pos <= sizeof(out));
	CU_ASSERT_FATAL(unescape(out, nal.pos, rbsp, &size));

	d.r = (struct reader){.data = rbsp, .bits = 8 * size};
	d.range = 510;
	d.offset = read_bits(&d.r, 9);
	for (unsigned int i = 0; i < n; i++) {
		const struct symbol *s = &symbols[i];

		if (s->kind == 0)
			bad += decode_bin(&d, s->ctx) != s->value;
		else if (s->kind == 1)
			bad += decode_bypass(&d) != s->value;
		else if (s->kind == 2)
			bad += decode_terminate(&d) != 0;
		else
			bad += decode_exp_golomb(&d, s->ctx) != s->value;
	}
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT_EQUAL(decode_terminate(&d), 1);
	/* the last bit read is rbsp_stop_one_bit (9.3.4.5), zeros follow */
	d.r.pos--;
	CU_ASSERT_EQUAL(read_bit(&d.r), 1);
	CU_ASSERT(d.r.pos <= d.r.bits && d.r.bits - d.r.pos < 8);
	while (d.r.pos < d.r.bits)
		CU_ASSERT_EQUAL(read_bit(&d.r), 0);
}

static void test_engine(void)
{
	static struct symbol s[BINS];
	uint64_t rng = 5;

	for (unsigned int round = 0; round < 60; round++) {
		int skew = random_int(&rng, 1, 60), contexts = random_int(&rng, 1, 276);

		for (unsigned int i = 0; i < BINS; i++) {
			int kind = random_int(&rng, 0, 99);

			s[i].kind = kind < 70 ? 0 : kind < 90 ? 1 : kind < 98 ? 2 : 3;
			s[i].ctx = (uint16_t)random_int(&rng, 0, contexts - 1);
			s[i].value = random_int(&rng, 0, skew) == 0;
			if (s[i].kind == 3) {
				s[i].ctx = random_int(&rng, 0, 1) ? 3 : 0;
				s[i].value =
					(uint16_t)(random_bits(&rng) >> random_int(&rng, 48, 62));
			}
		}
		check_engine(s, (unsigned int)random_int(&rng, 0, BINS), round % 4,
			     random_int(&rng, 0, 51));
	}
}

/*
 * Bypass bins that keep one half inside the interval, so that the code's bits stay 0111... or
 * 1000... until bins chosen at the end decide: a carry through any number of held bytes.
 */
static void test_carry(void)
{
	static struct symbol s[BINS];
	uint64_t rng = 9;

	for (unsigned int round = 0; round < 400; round++) {
		unsigned int n = round < 200 ? round : (unsigned int)random_int(&rng, 0, 9000);
		uint32_t d = 256; /* one half, from low, in units of range 510 */

		for (unsigned int i = 0; i < n; i++) {
			d *= 2;
			s[i] = (struct symbol){.kind = 1, .value = d >= 510};
			d -= d >= 510 ? 510 : 0;
		}
		for (unsigned int i = 0; i < 16; i++)
			s[n + i] = (struct symbol){.kind = 1, .value = (uint16_t)(round & 1)};
		check_engine(s, n + 16, 0, 26);
	}
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"written bits read back", test_writer},
		{"headers get emulation prevention", test_headers},
		{"headers of odd length", test_partial_header},
		{"a short buffer is never overrun", test_overflow},
		{"CABAC bins decode", test_engine},
		{"CABAC carries through long runs", test_carry},
		CU_TEST_INFO_NULL,
	};

	return suite_run("h264_bits", NULL, NULL, tests);
}
