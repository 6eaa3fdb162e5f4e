// SPDX-License-Identifier: MIT
/*
 * Short streams of any configuration through the encode engine: libavcodec decodes them without a
 * word of complaint, to the engine's own reconstruction, byte for byte.
 */
#include <stdarg.h>
#include <string.h>

#include <libavcodec/avcodec.h>

#include "tests/fuzz/fuzz_input.h"
#include "tests/unit/venc_stream.h"

#define MAX_DIM 80u
#define MAX_MBS ((MAX_DIM / 16) * (MAX_DIM / 16))
#define MAX_PICTURES 4u
#define FRAME_SIZE (MAX_DIM * MAX_DIM * 3 / 2)

struct stream_case {
	struct venc_stream_config config;
	int8_t qp_map[MAX_MBS];
	unsigned int pictures;
	uint8_t content[3]; /* kind, and motion across and down */
	uint32_t seed;
};

static unsigned int complaints;

__attribute__((format(printf, 3, 0))) static void listen(void *object, int level, const char *text,
							 va_list args)
{
	if (level > AV_LOG_WARNING)
		return;
	complaints++;
	vfprintf(stderr, text, args);
}

static void make_case(struct stream_case *c, struct fuzz_input *in)
{
	uint8_t shape = fuzz_u8(in), tools = fuzz_u8(in);
	unsigned int max = shape & 3 ? 32 : MAX_DIM, mbs;
	struct venc_stream_config *config = &c->config;

	memset(c, 0, sizeof(*c));
	c->pictures = 1 + (shape >> 2 & 3);
	config->width = 2 * (unsigned int)fuzz_range(in, 8, (int)max / 2);
	config->height = 2 * (unsigned int)fuzz_range(in, 8, (int)max / 2);
	mbs = (config->width + 15) / 16 * ((config->height + 15) / 16);
	config->threads = 1;
	config->slices = shape & 0x10 ? 1 + fuzz_u8(in) % mbs : 1;
	config->refs = (unsigned int)fuzz_range(in, 1, VENC_STREAM_MAX_REFS);
	config->idr_period = shape & 0x20 ? 2 : 0;
	config->qp_i = (uint8_t)fuzz_range(in, 0, 51);
	config->qp_p = (uint8_t)fuzz_range(in, 0, 51);
	config->quality = (uint8_t)fuzz_range(in, 1, 3);
	config->flags = tools & (SL200_H264_F_CABAC | SL200_H264_F_TRANSFORM_8X8 |
				 SL200_H264_F_CONSTRAINED_INTRA);
	config->i420 = tools & 0x08;
	config->chroma_qp_offset[0] = (int8_t)fuzz_range(in, -12, 12);
	config->chroma_qp_offset[1] =
		tools & 0x10 ? (int8_t)fuzz_range(in, -12, 12) : config->chroma_qp_offset[0];
	config->deblock_idc = (tools >> 5) % 3;
	config->alpha_div2 = (int8_t)fuzz_range(in, -6, 6);
	config->beta_div2 = (int8_t)fuzz_range(in, -6, 6);
	config->cabac_init_idc = (uint8_t)fuzz_range(in, 0, 2);
	if (shape & 0x40)
		for (unsigned int i = 0; i < mbs; i++)
			c->qp_map[i] = (int8_t)fuzz_u8(in);
	config->qp_map = shape & 0x40 ? c->qp_map : NULL;
	config->stats = shape & 0x80;
	for (unsigned int i = 0; i < 3; i++)
		c->content[i] = fuzz_u8(in);
	c->seed = fuzz_u32(in);
}

static uint32_t hash(uint32_t x, uint32_t y, uint32_t seed)
{
	uint32_t h = x * 0x9e3779b1u ^ y * 0x85ebca77u ^ seed * 0xc2b2ae3du;

	h = (h ^ h >> 15) * 0x2c1b3c6du;
	return h ^ h >> 13;
}

static uint8_t sample(const struct stream_case *c, uint32_t x, uint32_t y, unsigned int picture)
{
	uint32_t noise = hash(x, y, c->seed + picture);

	switch (c->content[0] % 6) {
	case 0:
		return (uint8_t)(c->seed + picture);
	case 1:
		return (uint8_t)noise;
	case 2: /* still noise, which moves */
		return (uint8_t)hash(x, y, c->seed);
	case 3:
		return (uint8_t)((x * 3 + y * 2) / 4 + noise % 4);
	case 4:
		return noise & 1 ? 255 : 0;
	default: /* blocks, few of them new */
		return hash(x / 8, y / 8, c->seed) & 7 ? (uint8_t)hash(x / 8, y / 8, 1)
						       : (uint8_t)noise;
	}
}

static void draw(const struct stream_case *c, unsigned int picture, uint8_t *p)
{
	uint32_t dx = picture * (c->content[1] % 16), dy = picture * (c->content[2] % 16);

	for (unsigned int plane = 0; plane < 3; plane++) {
		uint32_t w = c->config.width / (plane ? 2 : 1);
		uint32_t h = c->config.height / (plane ? 2 : 1);

		for (uint32_t y = 0; y < h; y++)
			for (uint32_t x = 0; x < w; x++)
				*p++ = sample(c, x + dx + 64 * plane, y + dy, picture);
	}
}

static void compare(const struct stream_case *c, const AVFrame *frame, const uint8_t *recon)
{
	FUZZ_CHECK(frame->width == (int)c->config.width);
	FUZZ_CHECK(frame->height == (int)c->config.height);
	FUZZ_CHECK(!frame->decode_error_flags);
	for (unsigned int plane = 0; plane < 3; plane++) {
		uint32_t w = c->config.width / (plane ? 2 : 1);
		uint32_t h = c->config.height / (plane ? 2 : 1);

		for (uint32_t y = 0; y < h; y++, recon += w)
			FUZZ_CHECK(
				!memcmp(frame->data[plane] + (ptrdiff_t)y * frame->linesize[plane],
					recon, w));
	}
}

static void check_stats(const struct venc_stream *s, unsigned int mbs)
{
	uint64_t sum_qp = 0;

	for (unsigned int i = 0; i < mbs; i++) {
		FUZZ_CHECK(s->stats[i].qp <= 51 && s->stats[i].mb_type <= 4);
		sum_qp += s->stats[i].qp;
	}
	FUZZ_CHECK(sum_qp == s->result.sum_qp);
}

/* Decode what was just coded; the decoder holds nothing back in these streams. */
static void decode(const struct stream_case *c, AVCodecContext *av, struct venc_stream *s,
		   const uint8_t *recon)
{
	static uint8_t padded[MAX_MBS * 800 + 65536 + AV_INPUT_BUFFER_PADDING_SIZE];
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();

	FUZZ_CHECK(packet && frame);
	FUZZ_CHECK(s->result.bytes <= sizeof(padded) - AV_INPUT_BUFFER_PADDING_SIZE);
	memcpy(padded, s->bitstream, s->result.bytes);
	memset(padded + s->result.bytes, 0, AV_INPUT_BUFFER_PADDING_SIZE);
	packet->data = padded;
	packet->size = (int)s->result.bytes;
	FUZZ_CHECK(!avcodec_send_packet(av, packet));
	FUZZ_CHECK(!avcodec_receive_frame(av, frame));
	compare(c, frame, recon);
	FUZZ_CHECK(!complaints);
	av_frame_free(&frame);
	av_packet_free(&packet);
}

static void run(const struct stream_case *c, AVCodecContext *av, struct venc_stream *s)
{
	static uint8_t source[FRAME_SIZE], recon[FRAME_SIZE];
	unsigned int mbs = (c->config.width + 15) / 16 * ((c->config.height + 15) / 16);

	for (unsigned int i = 0; i < c->pictures; i++) {
		draw(c, i, source);
		venc_stream_source(s, source);
		FUZZ_CHECK(venc_stream_encode(s) == SL200_STATUS_OK);
		venc_stream_recon(s, recon);
		if (c->config.stats)
			check_stats(s, mbs);
		decode(c, av, s, recon);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	AVCodecContext *av = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
	struct stream_case c;
	struct venc_stream *s;

	make_case(&c, &in);
	s = venc_stream_open(&c.config);
	FUZZ_CHECK(av && s);
	av_log_set_callback(listen);
	complaints = 0;
	av->thread_count = 1;
	av->flags |= AV_CODEC_FLAG_LOW_DELAY;
	av->err_recognition = AV_EF_EXPLODE | AV_EF_BITSTREAM | AV_EF_BUFFER;
	FUZZ_CHECK(!avcodec_open2(av, NULL, NULL));
	run(&c, av, s);
	avcodec_free_context(&av);
	venc_stream_close(s);
	return 0;
}
