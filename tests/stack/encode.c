// SPDX-License-Identifier: MIT
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/log.h>

#include "tests/stack/encode.h"
#include "tests/stack/stack.h"

struct sl_encoder_params encode_params(void)
{
	struct sl_encoder_params p;

	sl_encoder_params_init(&p);
	p.width = 176;
	p.height = 144;
	p.fps_num = 25;
	p.fps_den = 1;
	return p;
}

static uint8_t sample(const struct content *c, unsigned int n, int plane, unsigned int x,
		      unsigned int y, const int8_t *sine, unsigned int *seed)
{
	unsigned int scene = c->cut_every ? n / c->cut_every : 0;
	unsigned int u = x + n * (plane ? 1 : 2) + scene * 57, v = y + 1000 - n / 2 + scene * 91;
	int value = 128 + sine[(u * 4 + scene) & 255] * sine[(v * 3) & 255] / 60 +
		    sine[(u * v / 8) & 255] / 3;

	if (c->noise)
		value += (int)(rand_r(seed) % (2 * c->noise + 1)) - (int)c->noise;
	return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
}

void encode_draw(struct sl_surface *surface, const struct content *c, unsigned int n)
{
	const struct sl200_surface *l = sl_surface_layout(surface);
	uint8_t *base = sl_buffer_map(sl_surface_buffer(surface));
	unsigned int seed = n + 1;
	int8_t sine[256];

	for (int i = 0; i < 256; i++)
		sine[i] = (int8_t)lrint(60 * sin(i * 2 * M_PI / 256));

	for (uint32_t p = 0; p < sl_format_planes(l->format); p++) {
		uint32_t bytes = sl_format_plane_bytes(l->format, p, l->width);

		for (uint32_t y = 0; y < sl_format_plane_rows(l->format, p, l->height); y++) {
			for (uint32_t x = 0; x < bytes; x++)
				base[l->offset[p] + (size_t)y * l->pitch[p] + x] =
					sample(c, n, p > 0, x, y, sine, &seed);
		}
	}
}

/* The visible part of a card surface as I420. */
uint8_t *encode_fetch(struct sl_device *device, struct sl_queue *queue,
		      const struct sl_surface *surface, uint32_t width, uint32_t height)
{
	const struct sl200_surface *src = sl_surface_layout(surface), *dst;
	uint8_t *out = malloc((size_t)width * height * 3 / 2), *to = out;
	struct sl_surface *host = NULL;
	const uint8_t *base;

	CU_ASSERT_OK(sl_surface_create(device, src->format, width, height, SL_MEMORY_HOST, &host));
	dst = sl_surface_layout(host);
	for (uint32_t p = 0; p < sl_format_planes(src->format); p++) {
		uint64_t seqno;

		CU_ASSERT_OK(sl_queue_copy(
			queue, sl_buffer_iova(sl_surface_buffer(host)) + dst->offset[p],
			dst->pitch[p], sl_buffer_iova(sl_surface_buffer(surface)) + src->offset[p],
			src->pitch[p], sl_format_plane_bytes(src->format, p, width),
			sl_format_plane_rows(src->format, p, height), NULL, &seqno));
		CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
	}
	base = sl_buffer_map(sl_surface_buffer(host));
	for (uint32_t y = 0; y < height; y++, to += width)
		memcpy(to, base + dst->offset[0] + (size_t)y * dst->pitch[0], width);
	for (int plane = 0; plane < 2; plane++) {
		for (uint32_t y = 0; y < height / 2; y++) {
			for (uint32_t x = 0; x < width / 2; x++)
				*to++ = src->format == SL200_FORMAT_NV12
						? base[dst->offset[1] + (size_t)y * dst->pitch[1] +
						       2 * x + (uint32_t)plane]
						: base[dst->offset[1 + plane] +
						       (size_t)y * dst->pitch[1 + plane] + x];
		}
	}
	sl_surface_destroy(host);
	return out;
}

void encode_keep(struct encoded *s, const struct sl_packet *packet)
{
	s->data[s->count] = malloc(packet->size + AV_INPUT_BUFFER_PADDING_SIZE);
	memcpy(s->data[s->count], packet->data, packet->size);
	s->size[s->count] = packet->size;
	s->packet[s->count] = *packet;
	CU_ASSERT_EQUAL(packet->number, s->count);
	s->count++;
}

void encode_free(struct encoded *s)
{
	for (unsigned int i = 0; i < s->count; i++) {
		free(s->data[i]);
		free(s->recon[i]);
	}
	free(s);
}

/* Encode count pictures in one thread; recon: fetch the reconstructions. */
struct encoded *encode_stream(struct sl_device *device, const struct sl_encoder_params *params,
			      const struct content *content, unsigned int count, bool recon,
			      void (*before)(struct sl_encoder *, unsigned int,
					     struct sl_encode_options *))
{
	struct encoded *s = calloc(1, sizeof(*s));
	struct sl_encoder *enc = NULL;
	struct sl_queue *queue = NULL;
	struct sl_packet packet;
	unsigned int sent = 0;
	int ret = 0;

	s->params = *params;
	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
	CU_ASSERT_OK(sl_encoder_create(device, params, &enc));
	while (enc && ret != SL_ERR_END) {
		struct sl_encode_options options = {.pts = 100 + 3 * (int64_t)sent};
		struct sl_surface *surface;

		if (sent < count && sl_encoder_acquire(enc, &surface) == 0) {
			encode_draw(surface, content, sent);
			if (before)
				before(enc, sent, &options);
			CU_ASSERT_OK(sl_encoder_submit(enc, surface, &options));
			if (++sent == count)
				CU_ASSERT_OK(sl_encoder_flush(enc));
			continue;
		}
		ret = sl_encoder_receive(enc, PATIENCE, &packet);
		if (ret == SL_ERR_END)
			break;
		CU_ASSERT_OK(ret);
		if (ret)
			break;
		if (recon)
			s->recon[s->count] = encode_fetch(device, queue, packet.recon,
							  params->width, params->height);
		CU_ASSERT_EQUAL(packet.pts, 100 + 3 * (int64_t)s->count);
		encode_keep(s, &packet);
		sl_encoder_release(enc, &packet);
	}
	CU_ASSERT_EQUAL(s->count, count);
	sl_encoder_destroy(enc);
	sl_queue_destroy(queue);
	return s;
}

static unsigned int complaints;

static void complain(void *avcl, int level, const char *fmt, va_list args)
{
	if (level > AV_LOG_WARNING)
		return;
	complaints++;
	fprintf(stderr, "    libavcodec: ");
	vfprintf(stderr, fmt, args);
}

static bool same_picture(const AVFrame *f, const uint8_t *recon, int width, int height)
{
	for (int p = 0; p < 3; p++) {
		int w = p ? width / 2 : width, h = p ? height / 2 : height;

		for (int y = 0; y < h; y++, recon += w) {
			if (memcmp(f->data[p] + (ptrdiff_t)y * f->linesize[p], recon, (size_t)w))
				return false;
		}
	}
	return true;
}

/* Decode the stream and compare with the reconstruction; returns how many pictures came. */
unsigned int encode_check(const struct encoded *s)
{
	AVCodecContext *c = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	unsigned int decoded = 0, wrong = 0;

	complaints = 0;
	av_log_set_callback(complain);
	c->thread_count = 1;
	c->err_recognition = AV_EF_EXPLODE | AV_EF_BITSTREAM | AV_EF_BUFFER;
	CU_ASSERT_EQUAL(avcodec_open2(c, c->codec, NULL), 0);
	for (unsigned int i = 0; i <= s->count; i++) {
		if (i < s->count) {
			CU_ASSERT_EQUAL(av_new_packet(packet, (int)s->size[i]), 0);
			memcpy(packet->data, s->data[i], s->size[i]);
		}
		CU_ASSERT_EQUAL(avcodec_send_packet(c, i < s->count ? packet : NULL), 0);
		av_packet_unref(packet);
		while (avcodec_receive_frame(c, frame) == 0) {
			if (decoded < s->count && s->recon[decoded])
				wrong += frame->width != (int)s->params.width ||
					 frame->height != (int)s->params.height ||
					 !same_picture(frame, s->recon[decoded], frame->width,
						       frame->height);
			decoded++;
			av_frame_unref(frame);
		}
		/* Nothing is reordered: every picture comes out as it goes in. */
		if (i < s->count)
			CU_ASSERT_EQUAL(decoded, i + 1);
	}
	CU_ASSERT_EQUAL(complaints, 0);
	CU_ASSERT_EQUAL(wrong, 0);
	av_frame_free(&frame);
	av_packet_free(&packet);
	avcodec_free_context(&c);
	av_log_set_callback(av_log_default_callback);
	return decoded;
}
