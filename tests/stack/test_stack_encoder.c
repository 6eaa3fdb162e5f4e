// SPDX-License-Identifier: MIT
/*
 * Encoder sessions through the public interface: what libavcodec decodes equals the card's
 * reconstruction byte for byte, rates and buffers are kept, and errors leave a working session.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/log.h>

#include "abi/sl200_regs.h"
#include "libsl/device.h"
#include "tests/stack/stack.h"

#define MAX_PICTURES 700

/* What a session produced. */
struct stream {
	struct sl_encoder_params params;
	unsigned int count;
	uint8_t *data[MAX_PICTURES];
	size_t size[MAX_PICTURES];
	struct sl_packet packet[MAX_PICTURES]; /* its data and recon are gone */
	uint8_t *recon[MAX_PICTURES];	       /* I420 of the visible size; NULL: not fetched */
};

static struct sl_encoder_params small_params(void)
{
	struct sl_encoder_params p;

	sl_encoder_params_init(&p);
	p.width = 176;
	p.height = 144;
	p.fps_num = 25;
	p.fps_den = 1;
	return p;
}

/* Content: patterns that move at different speeds, with noise and a cut where asked for. */
struct content {
	unsigned int cut_every; /* pictures; 0: none */
	unsigned int noise;	/* amplitude */
};

static int8_t sine[256]; /* amplitude 60 */

static uint8_t sample(const struct content *c, unsigned int n, int plane, unsigned int x,
		      unsigned int y, unsigned int *seed)
{
	unsigned int scene = c->cut_every ? n / c->cut_every : 0;
	unsigned int u = x + n * (plane ? 1 : 2) + scene * 57, v = y + 1000 - n / 2 + scene * 91;
	int value = 128 + sine[(u * 4 + scene) & 255] * sine[(v * 3) & 255] / 60 +
		    sine[(u * v / 8) & 255] / 3;

	if (c->noise)
		value += (int)(rand_r(seed) % (2 * c->noise + 1)) - (int)c->noise;
	return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
}

static void draw(struct sl_surface *surface, const struct content *c, unsigned int n)
{
	const struct sl200_surface *l = sl_surface_layout(surface);
	uint8_t *base = sl_buffer_map(sl_surface_buffer(surface));
	unsigned int seed = n + 1;

	for (uint32_t p = 0; p < sl_format_planes(l->format); p++) {
		uint32_t bytes = sl_format_plane_bytes(l->format, p, l->width);

		for (uint32_t y = 0; y < sl_format_plane_rows(l->format, p, l->height); y++) {
			for (uint32_t x = 0; x < bytes; x++)
				base[l->offset[p] + (size_t)y * l->pitch[p] + x] =
					sample(c, n, p > 0, x, y, &seed);
		}
	}
}

/* The visible part of a card surface as I420. */
static uint8_t *fetch(struct sl_device *device, struct sl_queue *queue,
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

static void keep(struct stream *s, const struct sl_packet *packet)
{
	s->data[s->count] = malloc(packet->size + AV_INPUT_BUFFER_PADDING_SIZE);
	memcpy(s->data[s->count], packet->data, packet->size);
	s->size[s->count] = packet->size;
	s->packet[s->count] = *packet;
	CU_ASSERT_EQUAL(packet->number, s->count);
	s->count++;
}

static void stream_free(struct stream *s)
{
	for (unsigned int i = 0; i < s->count; i++) {
		free(s->data[i]);
		free(s->recon[i]);
	}
	free(s);
}

/* Encode count pictures in one thread; recon: fetch the reconstructions. */
static struct stream *encode(struct sl_device *device, const struct sl_encoder_params *params,
			     const struct content *content, unsigned int count, bool recon,
			     void (*before)(struct sl_encoder *, unsigned int,
					    struct sl_encode_options *))
{
	struct stream *s = calloc(1, sizeof(*s));
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
			draw(surface, content, sent);
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
			s->recon[s->count] =
				fetch(device, queue, packet.recon, params->width, params->height);
		CU_ASSERT_EQUAL(packet.pts, 100 + 3 * (int64_t)s->count);
		keep(s, &packet);
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
static unsigned int decode(const struct stream *s)
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

static uint32_t max_refs(struct sl_device *device)
{
	return sl_device_caps(device)->enc[0].max_refs_l0;
}

static void test_decoded_equals_recon(void)
{
	static const struct {
		uint32_t width, height, format, slices, gop;
		enum sl_h264_profile profile;
		int8_t cabac;
		uint8_t qp, quality, no_deblock, aud;
		int8_t alpha, beta;
	} cases[] = {
		{176, 144, SL200_FORMAT_NV12, 1, 250, SL_H264_PROFILE_AUTO, -1, 26, 0, 0, 0, 0, 0},
		{176, 144, SL200_FORMAT_I420, 4, 4, SL_H264_PROFILE_MAIN, 1, 20, 1, 0, 1, 3, -2},
		{176, 144, SL200_FORMAT_NV12, 9, 5, SL_H264_PROFILE_CONSTRAINED_BASELINE, -1, 33, 0,
		 1, 0, 0, 0},
		{16, 16, SL200_FORMAT_NV12, 1, 250, SL_H264_PROFILE_HIGH, 0, 10, 0, 0, 0, 0, 0},
		{18, 18, SL200_FORMAT_I420, 2, 3, SL_H264_PROFILE_MAIN, 0, 30, 0, 0, 1, 0, 0},
		{130, 98, SL200_FORMAT_NV12, 1, 1, SL_H264_PROFILE_HIGH, 1, 0, 2, 0, 0, 0, 0},
		{130, 98, SL200_FORMAT_NV12, 3, 250, SL_H264_PROFILE_HIGH, 1, 51, 3, 0, 0, -6, 6},
	};
	static const struct content content = {.cut_every = 5, .noise = 6};
	struct sl_device *device = stack_open();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sl_encoder_params p = small_params();
		struct stream *s;

		p.width = cases[i].width;
		p.height = cases[i].height;
		p.format = cases[i].format;
		p.slices = cases[i].slices;
		p.gop_size = cases[i].gop;
		p.profile = cases[i].profile;
		p.cabac = cases[i].cabac;
		p.rc.qp_p = cases[i].qp;
		p.quality = cases[i].quality;
		p.disable_deblocking = cases[i].no_deblock;
		p.aud = cases[i].aud;
		p.deblock_alpha = cases[i].alpha;
		p.deblock_beta = cases[i].beta;
		p.refs = i % 2 ? max_refs(device) : 0;
		s = encode(device, &p, &content, 10, true, NULL);
		CU_ASSERT_EQUAL(decode(s), 10);
		for (unsigned int n = 0; n < s->count; n++) {
			uint8_t qp = cases[i].qp;

			CU_ASSERT_EQUAL(s->packet[n].idr, n % cases[i].gop == 0);
			CU_ASSERT_EQUAL(s->packet[n].qp, n % cases[i].gop ? qp
							 : qp > 3	  ? qp - 3
									  : 0);
			CU_ASSERT_EQUAL(s->packet[n].completion.result.slices, cases[i].slices);
		}
		stream_free(s);
	}
	sl_device_close(device);
}

static void options_of_test(struct sl_encoder *enc, unsigned int n, struct sl_encode_options *o)
{
	static const struct sl_roi roi[2] = {{0, 0, 64, 64, -15}, {-100, -100, 5000, 5000, 10}};

	o->flags = n == 3 || n == 4 ? SL_ENCODE_IDR : 0;
	if (n == 3) {
		o->roi = roi;
		o->num_roi = 2;
	}
}

static void test_options(void)
{
	static const struct content content = {.noise = 10};
	struct sl_device *device = stack_open();
	struct sl_encoder_params p = small_params();
	struct stream *s = encode(device, &p, &content, 8, true, options_of_test);

	CU_ASSERT_EQUAL(decode(s), 8);
	for (unsigned int n = 0; n < s->count; n++) {
		const struct sl200_job_result *r = &s->packet[n].completion.result;
		/* With regions 16 macroblocks of 99 are at 23 - 15, the others at 23 + 10. */
		double expected = n == 3 ? 16 * 8 + 83 * 33 : 99.0 * s->packet[n].qp;

		CU_ASSERT_EQUAL(s->packet[n].idr, n == 0 || n == 3 || n == 4);
		CU_ASSERT(fabs((double)r->sum_qp - expected) <= (n == 3 ? 99 : 1));
	}
	stream_free(s);
	sl_device_close(device);
}

static bool same_stream(const struct stream *a, const struct stream *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned int i = 0; i < a->count; i++) {
		if (a->size[i] != b->size[i] || memcmp(a->data[i], b->data[i], a->size[i]))
			return false;
	}
	return true;
}

/* A thread that submits, for a session whose packets the main thread receives. */
struct feeder {
	struct sl_encoder *enc;
	const struct content *content;
	unsigned int count;
};

static void *feed(void *arg)
{
	struct feeder *f = arg;

	for (unsigned int n = 0; n < f->count;) {
		struct sl_encode_options options = {.pts = 100 + 3 * (int64_t)n};
		struct sl_surface *surface;
		int ret = sl_encoder_acquire(f->enc, &surface);

		if (ret == SL_ERR_AGAIN) {
			sched_yield();
			continue;
		}
		CU_ASSERT_OK(ret);
		draw(surface, f->content, n);
		ret = sl_encoder_submit(f->enc, surface, &options);
		CU_ASSERT_OK(ret);
		n++;
	}
	sl_encoder_flush(f->enc);
	return NULL;
}

/* Bytes depend neither on threads, nor on depth, nor on when packets are received. */
static void test_determinism(void)
{
	static const struct content content = {.cut_every = 17, .noise = 4};
	struct sl_device *device = stack_open();
	struct sl_encoder_params p = small_params();
	struct stream *one, *deep, *threads = calloc(1, sizeof(*threads));
	struct feeder feeder = {.content = &content, .count = 60};
	pthread_t thread;
	int ret;

	p.rc.mode = SL_RC_CBR;
	p.rc.bit_rate = 150000;
	p.gop_size = 25;
	one = encode(device, &p, &content, 60, false, NULL);
	p.depth = 1;
	deep = encode(device, &p, &content, 60, false, NULL);
	CU_ASSERT(same_stream(one, deep));
	stream_free(deep);
	p.depth = 9;
	deep = encode(device, &p, &content, 60, false, NULL);
	CU_ASSERT(same_stream(one, deep));

	CU_ASSERT_OK(sl_encoder_create(device, &p, &feeder.enc));
	CU_ASSERT_EQUAL(pthread_create(&thread, NULL, feed, &feeder), 0);
	do {
		struct sl_packet packet;

		ret = sl_encoder_receive(feeder.enc, SECOND / 50, &packet);
		if (!ret) {
			keep(threads, &packet);
			sl_encoder_release(feeder.enc, &packet);
		}
	} while (ret != SL_ERR_END && (!ret || ret == SL_ERR_AGAIN || ret == SL_ERR_TIMEOUT));
	CU_ASSERT_EQUAL(ret, SL_ERR_END);
	pthread_join(thread, NULL);
	CU_ASSERT(same_stream(one, threads));
	sl_encoder_destroy(feeder.enc);
	stream_free(one);
	stream_free(deep);
	stream_free(threads);
	sl_device_close(device);
}

/* An independent decoder buffer: bits over and under at worst, starting three quarters full. */
static void run_vbv(const struct stream *s, double rate, double size, double *under, double *over)
{
	double fullness = size - floor(size / 4);
	double per_picture = rate * s->params.fps_den / s->params.fps_num;

	*under = *over = 0;
	for (unsigned int n = 0; n < s->count; n++) {
		fullness -= 8.0 * (double)s->size[n];
		*under = fmax(*under, -fullness);
		fullness += per_picture;
		*over = fmax(*over, fullness - size);
		if (s->params.rc.mode == SL_RC_VBR)
			fullness = fmin(fullness, size);
	}
}

/*
 * initial_cpb_removal_delay of a buffering period SEI message as this stack writes it (D.1.2:
 * seq_parameter_set_id 0 in one bit, then 24 bits), or -1 without one.
 */
static long removal_delay(const uint8_t *data, size_t size)
{
	uint8_t rbsp[8] = {0};
	size_t n = 0, zeros = 0, i = 0;

	while (i + 6 < size && memcmp(data + i, "\0\0\0\1\6\0", 6) != 0)
		i++;
	for (i += 6; i < size && n < sizeof(rbsp); i++) {
		if (zeros == 2 && data[i] == 3) { /* emulation prevention */
			zeros = 0;
			continue;
		}
		zeros = data[i] ? 0 : zeros + 1;
		rbsp[n++] = data[i];
	}
	if (n < sizeof(rbsp) || !(rbsp[1] & 0x80))
		return -1;
	return (long)(((uint32_t)rbsp[1] << 24 | (uint32_t)rbsp[2] << 16 | (uint32_t)rbsp[3] << 8 |
		       rbsp[4]) >>
			      7 &
		      0xffffff);
}

/* The delays that the stream states are those of an independent buffer. */
static void check_hrd(const struct stream *s, double rate, double size)
{
	double fullness = size - floor(size / 4);
	unsigned int stated = 0;

	for (unsigned int n = 0; n < s->count; n++) {
		if (s->packet[n].idr) {
			long delay = removal_delay(s->data[n], s->size[n]);

			CU_ASSERT(fabs((double)delay - fullness * 90000 / rate) <= 2);
			stated++;
		}
		fullness += rate * s->params.fps_den / s->params.fps_num - 8.0 * (double)s->size[n];
		if (s->params.rc.mode == SL_RC_VBR)
			fullness = fmin(fullness, size);
	}
	CU_ASSERT(stated >= 2);
}

static double worst_window(const struct stream *s, double rate)
{
	unsigned int fps = s->params.fps_num / s->params.fps_den, window = 10 * fps;
	double sum = 0, worst = 0;

	for (unsigned int n = 0; n < s->count; n++) {
		sum += 8.0 * (double)s->size[n];
		if (n >= window)
			sum -= 8.0 * (double)s->size[n - window];
		if (n + 1 == window || n >= window + 2 * fps)
			worst = fmax(worst, fabs(sum / (rate * 10) - 1));
	}
	return worst;
}

static void test_cbr(void)
{
	static const struct content contents[] = {{0, 0}, {61, 5}, {0, 12}};
	struct sl_device *device = stack_open();

	for (int i = 0; i < 4; i++) {
		struct sl_encoder_params p = small_params();
		double under, over, worst;
		struct stream *s;

		p.rc.mode = SL_RC_CBR;
		p.rc.bit_rate = i < 3 ? 150016 : 600000;
		p.gop_size = 125;
		p.nal_hrd = i == 0 || i == 3;
		s = encode(device, &p, &contents[i % 3], 320, false, NULL);
		CU_ASSERT_EQUAL(decode(s), 320);
		run_vbv(s, (double)p.rc.bit_rate, (double)p.rc.bit_rate, &under, &over);
		worst = worst_window(s, (double)p.rc.bit_rate);
		if (p.nal_hrd)
			check_hrd(s, (double)p.rc.bit_rate, (double)p.rc.bit_rate);
		CU_ASSERT(under <= 0);
		CU_ASSERT(over <= 0.5);
		CU_ASSERT(worst <= 0.01);
		if (under > 0 || over > 0.5 || worst > 0.01)
			printf("\n    CBR case %d: under %.0f over %.0f window %.4f", i, under,
			       over, worst);
		stream_free(s);
	}
	sl_device_close(device);
}

static void test_vbr(void)
{
	static const struct content contents[] = {{0, 0}, {61, 5}, {0, 12}};
	struct sl_device *device = stack_open();

	for (int i = 0; i < 3; i++) {
		struct sl_encoder_params p = small_params();
		double under, over, bits = 0, average;
		struct stream *s;

		p.rc.mode = SL_RC_VBR;
		p.rc.bit_rate = 200000;
		p.rc.max_bit_rate = 320000;
		p.nal_hrd = i == 1;
		s = encode(device, &p, &contents[i], 350, false, NULL);
		CU_ASSERT_EQUAL(decode(s), 350);
		run_vbv(s, 320000, 320000, &under, &over);
		if (p.nal_hrd)
			check_hrd(s, 320000, 320000);
		CU_ASSERT(under <= 0);
		for (unsigned int n = 0; n < s->count; n++) {
			bits += 8.0 * (double)s->size[n];
			CU_ASSERT_EQUAL(s->packet[n].filler, 0);
		}
		average = bits / (200000.0 * 350 / 25) - 1;
		CU_ASSERT(fabs(average) <= 0.02);
		if (under > 0 || fabs(average) > 0.02)
			printf("\n    VBR case %d: under %.0f average %+.4f", i, under, average);
		stream_free(s);
	}
	sl_device_close(device);
}

static void change_rate(struct sl_encoder *enc, unsigned int n, struct sl_encode_options *o)
{
	struct sl_rc_params rc = {.mode = SL_RC_CBR, .bit_rate = 400000};

	if (n == 100)
		CU_ASSERT_OK(sl_encoder_set_rate(enc, &rc));
	rc.mode = SL_RC_CQP;
	rc.qp_p = 30;
	if (n == 200)
		CU_ASSERT_OK(sl_encoder_set_rate(enc, &rc));
	rc.qp_p = 60;
	CU_ASSERT_EQUAL(sl_encoder_set_rate(enc, &rc), SL_ERR_INVALID);
}

static void test_set_rate(void)
{
	static const struct content content = {.noise = 8};
	struct sl_device *device = stack_open();
	struct sl_encoder_params p = small_params();
	double first = 0, second = 0;
	struct stream *s;

	p.rc.mode = SL_RC_CBR;
	p.rc.bit_rate = 100000;
	s = encode(device, &p, &content, 210, false, change_rate);
	CU_ASSERT_EQUAL(decode(s), 210);
	for (unsigned int n = 25; n < 100; n++) {
		first += (double)s->size[n] * 8 / 75;
		second += (double)s->size[n + 100] * 8 / 75;
	}
	CU_ASSERT(fabs(first * 25 / 100000 - 1) < 0.1);
	CU_ASSERT(fabs(second * 25 / 400000 - 1) < 0.1);
	CU_ASSERT_EQUAL(s->packet[205].qp, 30);
	stream_free(s);
	sl_device_close(device);
}

/* Noise at QP 0 does not fit the first buffer: the picture comes anyway, in a larger one. */
static void test_overflow(void)
{
	static const struct content content = {.noise = 127};
	struct sl_device *device = stack_open();
	struct sl_encoder_params p = small_params();
	unsigned int repeats = 0;
	struct stream *s;

	p.width = 640;
	p.height = 480;
	p.rc.qp_p = 0;
	s = encode(device, &p, &content, 4, true, NULL);
	CU_ASSERT_EQUAL(decode(s), 4);
	for (unsigned int n = 0; n < s->count; n++)
		repeats += s->packet[n].attempts > 1;
	CU_ASSERT(repeats > 0);
	stream_free(s);
	sl_device_close(device);
}

static int refused(struct sl_device *device, const struct sl_encoder_params *p, const char *word)
{
	struct sl_encoder *enc = NULL;
	int ret = sl_encoder_create(device, p, &enc);

	CU_ASSERT_PTR_NULL(enc);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), word));
	if (!strstr(sl_last_error(), word))
		printf("\n    '%s' does not name %s", sl_last_error(), word);
	return ret;
}

static void test_invalid_params(void)
{
	struct sl_device *device = stack_open();
	struct sl_encoder_params good = small_params();

#define REFUSE(field, value, result, word)                                                         \
	do {                                                                                       \
		struct sl_encoder_params p = good;                                                 \
		p.field = value;                                                                   \
		CU_ASSERT_EQUAL(refused(device, &p, word), result);                                \
	} while (0)
	REFUSE(codec, SL200_CODEC_HEVC, SL_ERR_UNSUPPORTED, "codec");
	REFUSE(codec, 99, SL_ERR_UNSUPPORTED, "codec");
	REFUSE(width, 175, SL_ERR_INVALID, "width");
	REFUSE(height, 0, SL_ERR_UNSUPPORTED, "height");
	REFUSE(width, 14, SL_ERR_UNSUPPORTED, "width");
	REFUSE(width, 8194, SL_ERR_UNSUPPORTED, "width");
	REFUSE(height, 0x80000000, SL_ERR_UNSUPPORTED, "height");
	REFUSE(format, 77, SL_ERR_UNSUPPORTED, "format");
	REFUSE(fps_num, 0, SL_ERR_INVALID, "fps_num");
	REFUSE(fps_den, 0, SL_ERR_INVALID, "fps_den");
	REFUSE(sar_width, 3, SL_ERR_INVALID, "sar_width");
	REFUSE(profile, (enum sl_h264_profile)9, SL_ERR_INVALID, "profile");
	REFUSE(level_idc, 9, SL_ERR_INVALID, "level_idc");
	REFUSE(quality, 200, SL_ERR_UNSUPPORTED, "quality");
	REFUSE(slices, 10, SL_ERR_UNSUPPORTED, "slices");
	REFUSE(refs, 17, SL_ERR_UNSUPPORTED, "refs");
	REFUSE(depth, 1000, SL_ERR_INVALID, "depth");
	REFUSE(deblock_alpha, 7, SL_ERR_INVALID, "deblock_alpha");
	REFUSE(nal_hrd, 1, SL_ERR_INVALID, "nal_hrd");
	REFUSE(rc.qp_p, 52, SL_ERR_INVALID, "QP");
	REFUSE(rc.mode, SL_RC_CBR, SL_ERR_INVALID, "bit_rate");
	good.profile = SL_H264_PROFILE_CONSTRAINED_BASELINE;
	REFUSE(cabac, 1, SL_ERR_INVALID, "cabac");
	CU_ASSERT_EQUAL(sl_encoder_create(NULL, &good, NULL), SL_ERR_INVALID);
	sl_encoder_destroy(NULL);
	sl_device_close(device);
}

static void test_misuse(void)
{
	static const struct content content = {0};
	struct sl_device *device = stack_open();
	struct sl_encoder_params p = small_params();
	struct sl_encode_options bad = {.flags = 0x80};
	struct sl_roi roi = {0, 0, 0, 16, 1};
	struct sl_surface *surface[5], *other = NULL;
	struct sl_packet packet, held;
	struct sl_encoder *enc = NULL;
	const uint8_t *headers;
	size_t size;

	p.depth = 3;
	CU_ASSERT_OK(sl_encoder_create(device, &p, &enc));
	headers = sl_encoder_headers(enc, &size);
	CU_ASSERT(size > 10 && memcmp(headers, "\0\0\0\1\x67", 5) == 0);
	CU_ASSERT_EQUAL(sl_encoder_receive(enc, 0, &packet), SL_ERR_AGAIN);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_OK(sl_encoder_acquire(enc, &surface[i]));
		draw(surface[i], &content, (unsigned int)i);
	}
	CU_ASSERT_EQUAL(sl_encoder_acquire(enc, &surface[3]), SL_ERR_AGAIN);
	CU_ASSERT_OK(sl_surface_create(device, SL200_FORMAT_NV12, 64, 64, SL_MEMORY_HOST, &other));
	CU_ASSERT_EQUAL(sl_encoder_submit(enc, other, NULL), SL_ERR_INVALID);
	CU_ASSERT_EQUAL(sl_encoder_submit(enc, NULL, NULL), SL_ERR_INVALID);
	CU_ASSERT_EQUAL(sl_encoder_submit(enc, surface[0], &bad), SL_ERR_INVALID);
	bad.flags = 0;
	bad.roi = &roi;
	bad.num_roi = 1;
	CU_ASSERT_EQUAL(sl_encoder_submit(enc, surface[0], &bad), SL_ERR_INVALID);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_OK(sl_encoder_submit(enc, surface[i], NULL));
	CU_ASSERT_EQUAL(sl_encoder_submit(enc, surface[0], NULL), SL_ERR_AGAIN);
	/* A held packet keeps its slot, also against a release that is not its own. */
	CU_ASSERT_OK(sl_encoder_receive(enc, PATIENCE, &held));
	CU_ASSERT_EQUAL(held.number, 0);
	CU_ASSERT_EQUAL(held.idr, 1);
	packet = held;
	packet.number = 3;
	sl_encoder_release(enc, &packet);
	CU_ASSERT_EQUAL(sl_encoder_acquire(enc, &surface[0]), SL_ERR_AGAIN);
	sl_encoder_release(enc, &held);
	sl_encoder_release(enc, &held);
	CU_ASSERT_OK(sl_encoder_acquire(enc, &surface[0]));
	CU_ASSERT_OK(sl_encoder_submit(enc, surface[0], NULL));
	CU_ASSERT_OK(sl_encoder_flush(enc));
	CU_ASSERT_EQUAL(sl_encoder_submit(enc, surface[1], NULL), SL_ERR_INVALID);
	for (uint64_t n = 1; n < 4; n++) {
		CU_ASSERT_OK(sl_encoder_receive(enc, PATIENCE, &packet));
		CU_ASSERT_EQUAL(packet.number, n);
		CU_ASSERT_EQUAL(packet.pts, (int64_t)n);
		sl_encoder_release(enc, &packet);
	}
	CU_ASSERT_EQUAL(sl_encoder_receive(enc, 0, &packet), SL_ERR_END);
	sl_encoder_destroy(enc);
	/* Destroyed with pictures in flight. */
	CU_ASSERT_OK(sl_encoder_create(device, &p, &enc));
	CU_ASSERT_OK(sl_encoder_acquire(enc, &surface[0]));
	CU_ASSERT_OK(sl_encoder_submit(enc, surface[0], NULL));
	sl_encoder_destroy(enc);
	sl_surface_destroy(other);
	sl_device_close(device);
	stack_assert_healthy();
}

static uint32_t venc_engines(struct sl_device *device)
{
	struct sl_device_stats stats;
	uint32_t mask = 0;

	CU_ASSERT_OK(sl_device_stats(device, &stats));
	for (uint32_t i = 0; i < stats.num_engines; i++)
		mask |= stats.engine[i].kind == SL200_ENGINE_VENC ? 1u << i : 0;
	return mask;
}

static void inject_error(struct sl_device *device, uint32_t engines)
{
	CU_ASSERT_OK(device->transport->ops->inject(device->transport, SL200_INJECT_ENGINE_ERROR,
						    engines));
}

/* A job that fails costs its picture; the stream goes on with an IDR picture and decodes. */
static void test_recovery(void)
{
	static const struct content content = {.noise = 4};
	struct sl_device *device = stack_open();
	struct sl_encoder_params p = small_params();
	struct stream *s = calloc(1, sizeof(*s));
	struct sl_queue *queue = NULL;
	struct sl_encoder *enc = NULL;
	unsigned int failed = 0, sent = 0, idr_after = 0;
	bool just_failed = false;
	int ret;

	p.rc.mode = SL_RC_CBR;
	p.rc.bit_rate = 300000;
	s->params = p;
	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
	CU_ASSERT_OK(sl_encoder_create(device, &p, &enc));
	do {
		struct sl_surface *surface;
		struct sl_packet packet;

		if (sent < 30 && sl_encoder_acquire(enc, &surface) == 0) {
			if (sent == 12)
				inject_error(device, venc_engines(device));
			draw(surface, &content, sent++);
			CU_ASSERT_OK(sl_encoder_submit(enc, surface, NULL));
			if (sent == 30)
				sl_encoder_flush(enc);
			ret = 0;
			continue;
		}
		ret = sl_encoder_receive(enc, PATIENCE, &packet);
		if (ret == SL_ERR_JOB) {
			CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "picture"));
			failed++;
			just_failed = true;
			ret = 0;
		} else if (!ret) {
			if (just_failed)
				idr_after += packet.idr;
			just_failed = false;
			s->recon[s->count] = fetch(device, queue, packet.recon, p.width, p.height);
			packet.number = s->count; /* keep() wants them without gaps */
			keep(s, &packet);
			packet.number += failed;
			sl_encoder_release(enc, &packet);
		}
	} while (!ret);
	inject_error(device, 0);
	CU_ASSERT_EQUAL(ret, SL_ERR_END);
	CU_ASSERT(failed >= 1);
	CU_ASSERT_EQUAL(idr_after, 1);
	CU_ASSERT_EQUAL(s->count + failed, 30);
	CU_ASSERT_EQUAL(decode(s), s->count);
	sl_encoder_destroy(enc);
	sl_queue_destroy(queue);
	stream_free(s);
	sl_device_close(device);
	stack_assert_healthy();
}

/* A source the card may not read ends the session with a precise error, and nothing else. */
static void test_fault(void)
{
	struct sl_device *device = stack_open(), *stranger = stack_open();
	struct sl_encoder_params p = small_params();
	struct sl_surface *foreign = NULL, *surface;
	struct sl_buffer *padding = NULL;
	struct sl_encoder *enc = NULL;
	struct sl_packet packet;

	/* Far above what this session's own address space has mapped. */
	CU_ASSERT_OK(sl_buffer_create(stranger, 256u << 20, SL_MEMORY_CARD, &padding));
	CU_ASSERT_OK(sl_surface_create(stranger, SL200_FORMAT_NV12, p.width, p.height,
				       SL_MEMORY_HOST, &foreign));
	CU_ASSERT_OK(sl_encoder_create(device, &p, &enc));
	CU_ASSERT_OK(sl_encoder_submit(enc, foreign, NULL));
	CU_ASSERT(sl_encoder_receive(enc, PATIENCE, &packet) < 0);
	CU_ASSERT_OK(sl_encoder_acquire(enc, &surface));
	(void)sl_encoder_submit(enc, surface, NULL);
	CU_ASSERT_EQUAL(sl_encoder_receive(enc, PATIENCE, &packet), SL_ERR_FAULT);
	CU_ASSERT_EQUAL(sl_encoder_submit(enc, surface, NULL), SL_ERR_FAULT);
	sl_encoder_destroy(enc);
	sl_device_close(stranger);
	sl_device_close(device);
	stack_assert_healthy();
}

int main(void)
{
	static const struct stack_test tests[] = {
		{"decoded pictures equal the reconstruction", test_decoded_equals_recon},
		{"IDR on request, regions", test_options},
		{"same bytes whatever the threads and depth", test_determinism},
		{"CBR", test_cbr},
		{"VBR", test_vbr},
		{"change of rate", test_set_rate},
		{"bitstream larger than its buffer", test_overflow},
		{"invalid parameters", test_invalid_params},
		{"misuse", test_misuse},
		{"failed job", test_recovery},
		{"MMU fault", test_fault},
	};

	for (int i = 0; i < 256; i++)
		sine[i] = (int8_t)lrint(60 * sin(i * 2 * M_PI / 256));
	return stack_run("encoder sessions", tests, sizeof(tests) / sizeof(tests[0]));
}
