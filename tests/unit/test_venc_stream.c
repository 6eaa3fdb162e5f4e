/* SPDX-License-Identifier: MIT */
/*
 * The encode engine end to end: streams of synthetic pictures must decode, in libavcodec and in
 * openh264, to the engine's reconstruction, byte for byte.
 */
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <libavcodec/avcodec.h>
#include <wels/codec_api.h>

#include "sim/model/venc/venc_crc.h"
#include "tests/unit/venc_stream.h"
#include "tests/suite.h"

enum content { NOISE, GRADIENT, MOVING, FLAT, TEXT, CONTENTS };

static uint32_t hash(uint32_t x, uint32_t y, uint32_t t)
{
	uint32_t h = x * 0x9e3779b1u ^ y * 0x85ebca77u ^ t * 0xc2b2ae3du;

	h = (h ^ h >> 15) * 0x2c1b3c6du;
	return h ^ h >> 13;
}

/* A smooth random texture of wavelength 8, at 1/4 sample positions */
static int texture(int x4, int y4)
{
	int x = x4 >> 5, y = y4 >> 5, fx = x4 & 31, fy = y4 & 31, v[4];

	for (int i = 0; i < 4; i++)
		v[i] = (int)(hash((uint32_t)(x + (i & 1)), (uint32_t)(y + (i >> 1)), 0) & 255);
	return ((v[0] * (32 - fx) + v[1] * fx) * (32 - fy) + (v[2] * (32 - fx) + v[3] * fx) * fy) >>
	       10;
}

static uint8_t sample(enum content c, int x, int y, int t, int plane)
{
	switch (c) {
	case NOISE:
		return (uint8_t)hash((uint32_t)x, (uint32_t)y, (uint32_t)(3 * t + plane));
	case GRADIENT:
		return (uint8_t)(x * 2 + y + 5 * t + 40 * plane);
	case MOVING:
		/* The left half moves by (5.25, 2.5) a picture, the right by (-9, 1.75) */
		if (x < 48)
			return (uint8_t)texture(4 * x + 21 * t + 999 * plane, 4 * y + 10 * t);
		return (uint8_t)texture(4 * x - 36 * t + 999 * plane, 4 * y + 7 * t);
	case FLAT:
		return (uint8_t)(plane ? 128 : 70 + t);
	default:
		return hash((uint32_t)(x / 3), (uint32_t)((y + 2 * t) / 5), 7) & 4 ? 235 : 16;
	}
}

static void draw(uint8_t *p, enum content c, unsigned int w, unsigned int h, int t)
{
	for (int plane = 0; plane < 3; plane++) {
		int pw = (int)(plane ? w / 2 : w), ph = (int)(plane ? h / 2 : h);

		for (int y = 0; y < ph; y++)
			for (int x = 0; x < pw; x++)
				*p++ = sample(c, x, y, t, plane);
	}
}

struct decoder {
	AVCodecContext *av;
	ISVCDecoder *wels;
	uint8_t *expect; /* reconstructions, one after the other */
	size_t frame;
	unsigned int w, h, coded, got;
	int bad;
};

static void compare(struct decoder *d, const uint8_t *const plane[3], const int stride[3])
{
	for (int p = 0, at = 0; p < 3; p++) {
		size_t w = p ? d->w / 2 : d->w, h = p ? d->h / 2 : d->h;

		for (size_t y = 0; y < h; y++, at += (int)w)
			d->bad += memcmp(plane[p] + (ptrdiff_t)y * stride[p],
					 d->expect + d->got * d->frame + at, w) != 0;
	}
	d->got++;
}

static void drain(struct decoder *d, AVFrame *f)
{
	while (avcodec_receive_frame(d->av, f) == 0) {
		const uint8_t *const plane[3] = {f->data[0], f->data[1], f->data[2]};

		CU_ASSERT_EQUAL_FATAL(f->width, (int)d->w);
		CU_ASSERT_EQUAL_FATAL(f->height, (int)d->h);
		CU_ASSERT_FATAL(d->got < d->coded);
		CU_ASSERT_EQUAL(f->decode_error_flags, 0);
		compare(d, plane, f->linesize);
		av_frame_unref(f);
	}
}

/* data NULL: what the decoder still holds back */
static void decode_wels(struct decoder *d, uint8_t *data, int size)
{
	uint8_t *plane[3] = {NULL};
	SBufferInfo info;
	int stride[3], error;

	memset(&info, 0, sizeof(info));
	error = data ? (*d->wels)->DecodeFrameNoDelay(d->wels, data, size, plane, &info)
		     : (*d->wels)->FlushFrame(d->wels, plane, &info);
	CU_ASSERT_EQUAL(error, dsErrorFree);
	if (info.iBufferStatus != 1)
		return;
	CU_ASSERT_FATAL(d->got < d->coded);
	stride[0] = info.UsrData.sSystemBuffer.iStride[0];
	stride[1] = stride[2] = info.UsrData.sSystemBuffer.iStride[1];
	compare(d, (const uint8_t *const *)plane, stride);
}

/* Encode, then decode with both. `wels`: within what openh264 supports. */
static void run(const struct venc_stream_config *config, enum content content, unsigned int frames,
		bool wels)
{
	struct venc_stream *s = venc_stream_open(config);
	struct decoder d = {.w = config->width, .h = config->height};
	uint8_t *picture, **packet;
	AVPacket *pkt = av_packet_alloc();
	AVFrame *f = av_frame_alloc();
	SDecodingParam param;
	unsigned int most = 0; /* bits of a macroblock */
	int *size;

	d.frame = (size_t)d.w * d.h * 3 / 2;
	picture = malloc(d.frame);
	d.expect = malloc(d.frame * frames);
	packet = calloc(frames, sizeof(*packet));
	size = calloc(frames, sizeof(*size));
	CU_ASSERT_FATAL(s && picture && d.expect && packet && size && pkt && f);
	for (unsigned int i = 0; i < frames; i++) {
		const struct sl200_job_result *r = &s->result;
		uint64_t sse = 0;

		draw(picture, content, d.w, d.h, (int)i);
		venc_stream_source(s, picture);
		CU_ASSERT_EQUAL_FATAL(venc_stream_encode(s), SL200_STATUS_OK);
		CU_ASSERT_EQUAL(r->crc_bitstream, venc_crc32c_plain(0, s->bitstream, r->bytes));
		packet[i] = calloc(1, r->bytes + AV_INPUT_BUFFER_PADDING_SIZE);
		CU_ASSERT_FATAL(packet[i] != NULL);
		memcpy(packet[i], s->bitstream, r->bytes);
		size[i] = (int)r->bytes;
		venc_stream_recon(s, d.expect + i * d.frame);
		for (size_t k = 0; k < (size_t)d.w * d.h; k++) {
			int e = picture[k] - d.expect[i * d.frame + k];

			sse += (uint64_t)(e * e);
		}
		CU_ASSERT_EQUAL(sse, r->sse[0]);
		for (size_t k = 0; config->stats && k < (size_t)d.w * d.h / 256; k++)
			most = s->stats[k].bits > most ? s->stats[k].bits : most;
		d.coded++;
	}

	CU_ASSERT(most <= 3200); /* A.3.1 */

	d.av = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
	CU_ASSERT_FATAL(d.av != NULL);
	d.av->thread_count = 1;
	d.av->err_recognition = AV_EF_EXPLODE;
	CU_ASSERT_EQUAL_FATAL(avcodec_open2(d.av, NULL, NULL), 0);
	for (unsigned int i = 0; i < frames; i++) {
		pkt->data = packet[i];
		pkt->size = size[i];
		CU_ASSERT_EQUAL(avcodec_send_packet(d.av, pkt), 0);
		drain(&d, f);
	}
	avcodec_send_packet(d.av, NULL);
	drain(&d, f);
	CU_ASSERT_EQUAL(d.got, frames);
	CU_ASSERT_EQUAL(d.bad, 0);
	avcodec_free_context(&d.av);

	if (wels) {
		int quiet = WELS_LOG_QUIET;

		d.got = 0;
		d.bad = 0;
		memset(&param, 0, sizeof(param));
		param.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
		param.eEcActiveIdc = ERROR_CON_DISABLE;
		CU_ASSERT_EQUAL_FATAL(WelsCreateDecoder(&d.wels), 0);
		CU_ASSERT_EQUAL_FATAL((*d.wels)->Initialize(d.wels, &param), 0);
		(*d.wels)->SetOption(d.wels, DECODER_OPTION_TRACE_LEVEL, &quiet);
		for (unsigned int i = 0; i < frames; i++)
			decode_wels(&d, packet[i], size[i]);
		for (unsigned int i = d.got; i < frames; i++)
			decode_wels(&d, NULL, 0);
		CU_ASSERT_EQUAL(d.got, frames);
		CU_ASSERT_EQUAL(d.bad, 0);
		(*d.wels)->Uninitialize(d.wels);
		WelsDestroyDecoder(d.wels);
	}
	for (unsigned int i = 0; i < frames; i++)
		free(packet[i]);
	av_packet_free(&pkt);
	av_frame_free(&f);
	free(size);
	free(packet);
	free(d.expect);
	free(picture);
	venc_stream_close(s);
}

static struct venc_stream_config base(unsigned int w, unsigned int h, int qp)
{
	return (struct venc_stream_config){
		.width = w,
		.height = h,
		.threads = 2,
		.slices = 1,
		.refs = 1,
		.qp_i = (uint8_t)(qp > 3 ? qp - 3 : 0),
		.qp_p = (uint8_t)qp,
		.quality = 2,
		.flags = SL200_H264_F_CABAC,
	};
}

static const uint16_t tool_sets[] = {
	0,
	SL200_H264_F_CABAC,
	SL200_H264_F_CABAC | SL200_H264_F_TRANSFORM_8X8,
	SL200_H264_F_TRANSFORM_8X8 | SL200_H264_F_CONSTRAINED_INTRA,
};

static void test_all_qps(void)
{
	for (int qp = 0; qp <= 51; qp++) {
		struct venc_stream_config c = base(80, 64, qp);

		c.flags = tool_sets[qp % 4];
		c.stats = true;
		run(&c, (enum content)(qp % CONTENTS), 3, true);
		c.flags = tool_sets[(qp + 1) % 4];
		run(&c, MOVING, 3, true);
	}
}

/* Where levels are largest: noise, black and white, at the lowest QPs */
static void test_extremes(void)
{
	for (unsigned int i = 0; i < 16; i++) {
		struct venc_stream_config c = base(48, 48, (int)(i / 4 * 2));

		c.qp_i = c.qp_p;
		c.stats = true;
		c.flags = tool_sets[i % 4];
		c.quality = (uint8_t)(1 + i % 3);
		run(&c, i & 4 ? TEXT : NOISE, 3, true);
	}
}

static void test_sizes(void)
{
	static const uint16_t size[][2] = {{16, 16},  {18, 18},	  {16, 64},   {130, 16}, {176, 144},
					   {98, 178}, {854, 480}, {8192, 16}, {16, 8192}};

	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		struct venc_stream_config c = base(size[i][0], size[i][1], 26);

		c.i420 = i & 1;
		c.flags = tool_sets[i % 4];
		run(&c, MOVING, 4, size[i][0] <= 1024 && size[i][1] <= 1024);
	}
}

static void test_slices(void)
{
	for (unsigned int i = 0; i < 12; i++) {
		struct venc_stream_config c = base(112, 80, 28);

		c.slices = 2 + 3 * i; /* up to one macroblock each */
		c.flags = tool_sets[i % 4];
		c.deblock_idc = (uint8_t)(i % 3);
		c.alpha_div2 = (int8_t)(i % 7 - 3);
		c.beta_div2 = (int8_t)(3 - i % 7);
		c.cabac_init_idc = (uint8_t)(i % 3);
		c.chroma_qp_offset[0] = (int8_t)(2 * (int)i - 12);
		c.chroma_qp_offset[1] = (int8_t)(12 - (int)i);
		run(&c, i & 1 ? TEXT : MOVING, 4, true);
	}
}

static void test_references(void)
{
	for (unsigned int i = 0; i < 6; i++) {
		struct venc_stream_config c = base(96, 80, 24);

		c.refs = 2 + i % 3;
		c.quality = (uint8_t)(1 + i % 2);
		c.idr_period = 5;
		c.flags = tool_sets[i % 4];
		run(&c, i & 1 ? GRADIENT : MOVING, 8, true);
	}
}

static void test_qp_map(void)
{
	int8_t map[6 * 5];

	for (unsigned int i = 0; i < 8; i++) {
		struct venc_stream_config c = base(96, 80, 30);

		for (unsigned int k = 0; k < sizeof(map); k++)
			map[k] = (int8_t)(hash(k, i, 1) % 61 - 30);
		c.qp_map = map;
		c.flags = tool_sets[i % 4];
		c.slices = 1 + i % 3;
		/* openh264 filters I_PCM with a chroma QP of 0 whatever the offset (8.7.2.2) */
		if (i >= 4) {
			c.chroma_qp_offset[0] = (int8_t)(5 * (int)i - 28);
			c.chroma_qp_offset[1] = (int8_t)(i & 1 ? 5 * (int)i - 28 : 12 - (int)i);
		}
		run(&c, i & 2 ? MOVING : TEXT, 4, i < 4);
	}
}

/* One thread or many, the result is the same. */
static void test_threads(void)
{
	struct sl200_job_result first[3];
	uint8_t picture[176 * 144 * 3 / 2];

	for (unsigned int threads = 1; threads <= 5; threads++) {
		struct venc_stream_config c = base(176, 144, 25);
		struct venc_stream *s;

		c.threads = threads;
		c.slices = 3;
		c.stats = true;
		s = venc_stream_open(&c);
		CU_ASSERT_FATAL(s != NULL);
		for (int i = 0; i < 3; i++) {
			draw(picture, MOVING, 176, 144, i);
			venc_stream_source(s, picture);
			CU_ASSERT_EQUAL(venc_stream_encode(s), SL200_STATUS_OK);
			if (threads == 1)
				first[i] = s->result;
			CU_ASSERT_EQUAL(memcmp(&first[i], &s->result, sizeof(s->result)), 0);
		}
		venc_stream_close(s);
	}
}

static void test_statistics(void)
{
	struct venc_stream_config c = base(176, 144, 25);
	uint8_t picture[176 * 144 * 3 / 2];
	struct venc_stream *s;

	c.stats = true;
	s = venc_stream_open(&c);
	CU_ASSERT_FATAL(s != NULL);
	for (int i = 0; i < 3; i++) {
		uint32_t skip = 0, intra = 0, qp = 0, bits = 0;

		draw(picture, MOVING, 176, 144, i);
		venc_stream_source(s, picture);
		CU_ASSERT_EQUAL(venc_stream_encode(s), SL200_STATUS_OK);
		for (int k = 0; k < 99; k++) {
			skip += s->stats[k].mb_type == 0;
			intra += s->stats[k].mb_type >= 2;
			qp += s->stats[k].qp;
			bits += s->stats[k].bits;
		}
		CU_ASSERT_EQUAL(skip, s->result.skip_mbs);
		CU_ASSERT_EQUAL(intra, s->result.intra_mbs);
		CU_ASSERT_EQUAL(qp, s->result.sum_qp);
		/* What is neither headers nor alignment, give or take the arithmetic coder's state
		 */
		CU_ASSERT(bits <= 8 * s->result.bytes);
		CU_ASSERT(bits + s->result.header_bits + 256 >= 8 * s->result.bytes * 99 / 100);
		CU_ASSERT_EQUAL(intra, i ? s->result.intra_mbs : 99);
	}
	venc_stream_close(s);
}

/* A buffer too small: an error, the bytes that fit, and nothing behind it. */
static void test_overflow(void)
{
	uint8_t picture[176 * 144 * 3 / 2];

	for (uint32_t size = 1; size < 4000; size = size * 3 + 1) {
		struct venc_stream_config c = base(176, 144, 10);
		struct venc_stream *s;

		c.bitstream_size = size;
		s = venc_stream_open(&c);
		CU_ASSERT_FATAL(s != NULL);
		draw(picture, NOISE, 176, 144, 0);
		venc_stream_source(s, picture);
		/* The buffer ends the port's memory: a byte more would be refused */
		CU_ASSERT_EQUAL(venc_stream_encode(s), SL200_STATUS_OVERFLOW);
		CU_ASSERT(s->result.bytes <= size);
		/* The engine goes on */
		draw(picture, NOISE, 176, 144, 1);
		venc_stream_source(s, picture);
		CU_ASSERT_EQUAL(venc_stream_encode(s), SL200_STATUS_OVERFLOW);
		venc_stream_close(s);
	}
}

static void test_abort(void)
{
	struct venc_stream_config c = base(320, 240, 20);
	uint8_t *picture = malloc(320 * 240 * 3 / 2);
	struct venc_stream *s = venc_stream_open(&c);

	CU_ASSERT_FATAL(s && picture);
	draw(picture, MOVING, 320, 240, 0);
	venc_stream_source(s, picture);
	atomic_store(&s->abort, true);
	CU_ASSERT_EQUAL(venc_stream_encode(s), SL200_STATUS_ABORTED);
	atomic_store(&s->abort, false);
	CU_ASSERT_EQUAL(s->result.status, SL200_STATUS_ABORTED);
	venc_stream_close(s);
	free(picture);
}

/* The port refuses an access: its status ends the job, whatever it was for. */
static void test_faults(void)
{
	uint8_t picture[96 * 80 * 3 / 2];

	draw(picture, MOVING, 96, 80, 0);
	for (unsigned int n = 0; n < 350; n += 7) {
		struct venc_stream_config c = base(96, 80, 26);
		struct venc_stream *s;

		s = venc_stream_open(&c);
		CU_ASSERT_FATAL(s != NULL);
		venc_stream_source(s, picture);
		CU_ASSERT_EQUAL(venc_stream_encode(s), SL200_STATUS_OK);
		venc_stream_fault_after(s, n);
		CU_ASSERT_EQUAL(venc_stream_encode(s), SL200_STATUS_MMU_FAULT);
		venc_stream_close(s);
	}
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"all QPs", test_all_qps},
		{"extreme content at low QP", test_extremes},
		{"sizes", test_sizes},
		{"slices", test_slices},
		{"references", test_references},
		{"QP map and chroma offsets", test_qp_map},
		{"thread counts", test_threads},
		{"statistics", test_statistics},
		{"output buffer too small", test_overflow},
		{"abort", test_abort},
		{"memory faults", test_faults},
		CU_TEST_INFO_NULL,
	};

	return suite_run("venc_stream", NULL, NULL, tests);
}
