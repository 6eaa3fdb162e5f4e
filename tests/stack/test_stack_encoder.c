// SPDX-License-Identifier: MIT
/*
 * Encoder sessions through the public interface: what libavcodec decodes equals the card's
 * reconstruction byte for byte, and errors leave a working session.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_regs.h"
#include "libsl/device.h"
#include "tests/stack/encode.h"
#include "tests/stack/stack.h"

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
		struct sl_encoder_params p = encode_params();
		struct encoded *s;

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
		s = encode_stream(device, &p, &content, 10, true, NULL);
		CU_ASSERT_EQUAL(encode_check(s), 10);
		for (unsigned int n = 0; n < s->count; n++) {
			uint8_t qp = cases[i].qp;

			CU_ASSERT_EQUAL(s->packet[n].idr, n % cases[i].gop == 0);
			CU_ASSERT_EQUAL(s->packet[n].qp, n % cases[i].gop ? qp
							 : qp > 3	  ? qp - 3
									  : 0);
			CU_ASSERT_EQUAL(s->packet[n].completion.result.slices, cases[i].slices);
		}
		encode_free(s);
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
	struct sl_encoder_params p = encode_params();
	struct encoded *s = encode_stream(device, &p, &content, 8, true, options_of_test);

	CU_ASSERT_EQUAL(encode_check(s), 8);
	for (unsigned int n = 0; n < s->count; n++) {
		const struct sl200_job_result *r = &s->packet[n].completion.result;
		/* With regions 16 macroblocks of 99 are at 23 - 15, the others at 23 + 10. */
		double expected = n == 3 ? 16 * 8 + 83 * 33 : 99.0 * s->packet[n].qp;

		CU_ASSERT_EQUAL(s->packet[n].idr, n == 0 || n == 3 || n == 4);
		CU_ASSERT(fabs((double)r->sum_qp - expected) <= (n == 3 ? 99 : 1));
	}
	encode_free(s);
	sl_device_close(device);
}

static bool same_stream(const struct encoded *a, const struct encoded *b)
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
		encode_draw(surface, f->content, n);
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
	struct sl_encoder_params p = encode_params();
	struct encoded *one, *deep, *threads = calloc(1, sizeof(*threads));
	struct feeder feeder = {.content = &content, .count = 60};
	pthread_t thread;
	int ret;

	p.rc.mode = SL_RC_CBR;
	p.rc.bit_rate = 150000;
	p.gop_size = 25;
	one = encode_stream(device, &p, &content, 60, false, NULL);
	p.depth = 1;
	deep = encode_stream(device, &p, &content, 60, false, NULL);
	CU_ASSERT(same_stream(one, deep));
	encode_free(deep);
	p.depth = 9;
	deep = encode_stream(device, &p, &content, 60, false, NULL);
	CU_ASSERT(same_stream(one, deep));

	CU_ASSERT_OK(sl_encoder_create(device, &p, &feeder.enc));
	CU_ASSERT_EQUAL(pthread_create(&thread, NULL, feed, &feeder), 0);
	do {
		struct sl_packet packet;

		ret = sl_encoder_receive(feeder.enc, SECOND / 50, &packet);
		if (!ret) {
			encode_keep(threads, &packet);
			sl_encoder_release(feeder.enc, &packet);
		}
	} while (ret != SL_ERR_END && (!ret || ret == SL_ERR_AGAIN || ret == SL_ERR_TIMEOUT));
	CU_ASSERT_EQUAL(ret, SL_ERR_END);
	pthread_join(thread, NULL);
	CU_ASSERT(same_stream(one, threads));
	sl_encoder_destroy(feeder.enc);
	encode_free(one);
	encode_free(deep);
	encode_free(threads);
	sl_device_close(device);
}

/* Noise at QP 0 does not fit the first buffer: the picture comes anyway, in a larger one. */
static void test_overflow(void)
{
	static const struct content content = {.noise = 127};
	struct sl_device *device = stack_open();
	struct sl_encoder_params p = encode_params();
	unsigned int repeats = 0;
	struct encoded *s;

	p.width = 640;
	p.height = 480;
	p.rc.qp_p = 0;
	s = encode_stream(device, &p, &content, 4, true, NULL);
	CU_ASSERT_EQUAL(encode_check(s), 4);
	for (unsigned int n = 0; n < s->count; n++)
		repeats += s->packet[n].attempts > 1;
	CU_ASSERT(repeats > 0);
	encode_free(s);
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
	struct sl_encoder_params good = encode_params();

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
	struct sl_encoder_params p = encode_params();
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
		encode_draw(surface[i], &content, (unsigned int)i);
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
	struct sl_encoder_params p = encode_params();
	struct encoded *s = calloc(1, sizeof(*s));
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
			encode_draw(surface, &content, sent++);
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
			s->recon[s->count] =
				encode_fetch(device, queue, packet.recon, p.width, p.height);
			packet.number = s->count; /* encode_keep() wants them without gaps */
			encode_keep(s, &packet);
			packet.number += failed;
			sl_encoder_release(enc, &packet);
		}
	} while (!ret);
	inject_error(device, 0);
	CU_ASSERT_EQUAL(ret, SL_ERR_END);
	CU_ASSERT(failed >= 1);
	CU_ASSERT_EQUAL(idr_after, 1);
	CU_ASSERT_EQUAL(s->count + failed, 30);
	CU_ASSERT_EQUAL(encode_check(s), s->count);
	sl_encoder_destroy(enc);
	sl_queue_destroy(queue);
	encode_free(s);
	sl_device_close(device);
	stack_assert_healthy();
}

/* A source the card may not read ends the session with a precise error, and nothing else. */
static void test_fault(void)
{
	struct sl_device *device = stack_open(), *stranger = stack_open();
	struct sl_encoder_params p = encode_params();
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
	CU_TestInfo tests[] = {
		{"decoded pictures equal the reconstruction", test_decoded_equals_recon},
		{"IDR on request, regions", test_options},
		{"same bytes whatever the threads and depth", test_determinism},
		{"bitstream larger than its buffer", test_overflow},
		{"invalid parameters", test_invalid_params},
		{"misuse", test_misuse},
		{"failed job", test_recovery},
		{"MMU fault", test_fault},
		CU_TEST_INFO_NULL,
	};

	return stack_run_encoder("encoder sessions", tests);
}
