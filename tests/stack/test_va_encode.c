// SPDX-License-Identifier: MIT
/*
 * Encoding through libva with headers left to the driver: libavcodec decodes each picture to
 * exactly the reconstruction that the card has in its surface.
 */
#include <CUnit/Basic.h>
#include <libavcodec/avcodec.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "tests/stack/test_va_client.h"

static const char *program;
static VADisplay display;

struct decoder {
	AVCodecContext *context;
	AVFrame *frame;
	AVPacket *packet;
};

static bool decoder_open(struct decoder *d)
{
	d->context = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
	d->frame = av_frame_alloc();
	d->packet = av_packet_alloc();
	if (!d->context || !d->frame || !d->packet)
		return false;
	d->context->err_recognition = AV_EF_EXPLODE;
	d->context->flags |= AV_CODEC_FLAG_LOW_DELAY;
	d->context->thread_count = 1;
	return avcodec_open2(d->context, NULL, NULL) == 0;
}

static void decoder_close(struct decoder *d)
{
	av_frame_free(&d->frame);
	av_packet_free(&d->packet);
	avcodec_free_context(&d->context);
}

static bool decode(struct decoder *d, const VACodedBufferSegment *segment)
{
	if (av_new_packet(d->packet, (int)segment->size))
		return false;
	memcpy(d->packet->data, segment->buf, segment->size);

	int result = avcodec_send_packet(d->context, d->packet);

	av_packet_unref(d->packet);
	return result == 0 && avcodec_receive_frame(d->context, d->frame) == 0;
}

/* Is the decoded picture, cropped as it is, what the surface holds there? */
static bool matches_surface(const AVFrame *frame, VASurfaceID surface)
{
	VAImageFormat format = {.fourcc = VA_FOURCC_I420};
	VAImage image;
	uint8_t *data;
	bool equal = true;

	if (vaCreateImage(display, &format, frame->width, frame->height, &image))
		return false;
	if (vaGetImage(display, surface, 0, 0, (unsigned int)frame->width,
		       (unsigned int)frame->height, image.image_id) ||
	    vaMapBuffer(display, image.buf, (void **)&data))
		equal = false;
	for (int p = 0; p < 3 && equal; p++) {
		int rows = p ? frame->height / 2 : frame->height;
		int bytes = p ? frame->width / 2 : frame->width;

		for (int y = 0; y < rows && equal; y++)
			equal = !memcmp(frame->data[p] + (ptrdiff_t)y * frame->linesize[p],
					data + image.offsets[p] + (size_t)y * image.pitches[p],
					(size_t)bytes);
	}
	vaUnmapBuffer(display, image.buf);
	vaDestroyImage(display, image.image_id);
	return equal;
}

static void encode_and_compare(struct va_client *c, VAProfile profile, unsigned int frames)
{
	struct decoder decoder;
	VACodedBufferSegment *segment;

	CU_ASSERT_TRUE_FATAL(decoder_open(&decoder));
	CU_ASSERT_EQUAL_FATAL(va_client_create(c, display, profile, VA_RC_CQP), VA_STATUS_SUCCESS);
	for (unsigned int n = 0; n < frames; n++) {
		CU_ASSERT_EQUAL_FATAL(va_client_fill(c, n), VA_STATUS_SUCCESS);
		CU_ASSERT_EQUAL_FATAL(va_client_encode(c), VA_STATUS_SUCCESS);
		CU_ASSERT_EQUAL_FATAL(vaMapBuffer(display, c->coded, (void **)&segment),
				      VA_STATUS_SUCCESS);
		CU_ASSERT_PTR_NULL(segment->next);
		CU_ASSERT_TRUE(segment->size > 8);
		if (!c->slice_qp_step)
			CU_ASSERT_EQUAL(segment->status & VA_CODED_BUF_STATUS_PICTURE_AVE_QP_MASK,
					c->qp);
		bool decoded = decode(&decoder, segment);

		CU_ASSERT_TRUE_FATAL(decoded);
		CU_ASSERT_EQUAL(decoder.frame->width, (int)c->width);
		CU_ASSERT_EQUAL(decoder.frame->height, (int)c->height);
		CU_ASSERT_TRUE(matches_surface(decoder.frame, va_client_recon(c)));
		vaUnmapBuffer(display, c->coded);
	}
	va_client_destroy(c);
	decoder_close(&decoder);
}

static void test_profiles(void)
{
	static const VAProfile profile[] = {VAProfileH264ConstrainedBaseline, VAProfileH264Main,
					    VAProfileH264High};

	for (int i = 0; i < 3; i++) {
		struct va_client client = {.width = 176, .height = 144};

		encode_and_compare(&client, profile[i], 4);
	}
}

static void test_sizes(void)
{
	static const unsigned int size[][2] = {{16, 16}, {18, 34}, {130, 98}, {318, 178}};

	for (int i = 0; i < 4; i++) {
		struct va_client client = {.width = size[i][0], .height = size[i][1]};

		encode_and_compare(&client, VAProfileH264Main, 3);
	}
}

static void test_slices(void)
{
	struct va_client client = {.width = 176, .height = 144, .slices = 7, .slice_qp_step = 3};

	encode_and_compare(&client, VAProfileH264Main, 4);
}

static void test_references(void)
{
	VAConfigAttrib attrib = {.type = VAConfigAttribEncMaxRefFrames};
	unsigned int refs;

	CU_ASSERT_EQUAL_FATAL(
		vaGetConfigAttributes(display, VAProfileH264Main, VAEntrypointEncSlice, &attrib, 1),
		VA_STATUS_SUCCESS);
	refs = attrib.value & 0xffff;
	refs = refs < VA_CLIENT_RECONS - 1 ? refs : VA_CLIENT_RECONS - 1;
	for (int reverse = 0; reverse < 2; reverse++) {
		struct va_client client = {.width = 176,
					   .height = 144,
					   .refs = refs,
					   .reverse_refs = reverse,
					   .gop = 5};

		encode_and_compare(&client, VAProfileH264High, 12);
	}
}

static void test_overflow(void)
{
	struct va_client client = {.width = 320, .height = 192, .qp = 4, .coded_size = 2000};
	VACodedBufferSegment *segment;

	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CQP),
			      VA_STATUS_SUCCESS);
	CU_ASSERT_EQUAL(va_client_fill(&client, 1), VA_STATUS_SUCCESS);
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_SUCCESS);
	CU_ASSERT_EQUAL_FATAL(vaMapBuffer(display, client.coded, (void **)&segment),
			      VA_STATUS_SUCCESS);
	CU_ASSERT_TRUE(segment->status & VA_CODED_BUF_STATUS_SLICE_OVERFLOW_MASK);
	CU_ASSERT_TRUE(segment->size <= 2000);
	vaUnmapBuffer(display, client.coded);
	va_client_destroy(&client);
}

/* What was submitted is finished in peace when everything it uses is destroyed at once. */
static void test_destroy_in_flight(void)
{
	for (int n = 0; n < 5; n++) {
		struct va_client client = {.width = 640, .height = 352};

		CU_ASSERT_EQUAL_FATAL(
			va_client_create(&client, display, VAProfileH264Main, VA_RC_CQP),
			VA_STATUS_SUCCESS);
		CU_ASSERT_EQUAL(va_client_fill(&client, 1), VA_STATUS_SUCCESS);
		CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_SUCCESS);
		vaDestroySurfaces(display, client.recon, VA_CLIENT_RECONS);
		vaDestroySurfaces(display, &client.source, 1);
		client.source = VA_INVALID_ID;
		va_client_destroy(&client);
	}
}

static void test_rate_control(void)
{
	struct va_client client = {.width = 320, .height = 192};
	VAEncMiscParameterRateControl rate = {.bits_per_second = 400000, .target_percentage = 100};
	VAEncMiscParameterFrameRate fps = {.framerate = 1 << 16 | 25};
	VACodedBufferSegment *segment;
	uint64_t bytes = 0;

	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CBR),
			      VA_STATUS_SUCCESS);
	/* Without a bit rate there is nothing to control. */
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaBeginPicture(display, client.context, client.source), VA_STATUS_SUCCESS);
	CU_ASSERT_EQUAL(
		va_client_misc(&client, VAEncMiscParameterTypeRateControl, &rate, sizeof(rate)),
		VA_STATUS_SUCCESS);
	CU_ASSERT_EQUAL(va_client_misc(&client, VAEncMiscParameterTypeFrameRate, &fps, sizeof(fps)),
			VA_STATUS_SUCCESS);
	for (unsigned int n = 0; n < 50; n++) {
		CU_ASSERT_EQUAL(va_client_fill(&client, n), VA_STATUS_SUCCESS);
		CU_ASSERT_EQUAL_FATAL(va_client_encode(&client), VA_STATUS_SUCCESS);
		CU_ASSERT_EQUAL_FATAL(vaSyncBuffer(display, client.coded, VA_TIMEOUT_INFINITE),
				      VA_STATUS_SUCCESS);
		CU_ASSERT_EQUAL_FATAL(vaMapBuffer(display, client.coded, (void **)&segment),
				      VA_STATUS_SUCCESS);
		bytes += segment->size;
		vaUnmapBuffer(display, client.coded);
	}
	/* Two seconds, within 10 %. */
	CU_ASSERT_TRUE(bytes * 8 > 720000 && bytes * 8 < 880000);
	va_client_destroy(&client);
}

#define COLLECT_BUFFERS 4
#define COLLECT_FRAMES 40

struct collector {
	VABufferID coded[COLLECT_BUFFERS];
	sem_t submitted, collected;
	unsigned int failures;
	uint64_t bytes;
};

static void *collect_thread(void *arg)
{
	struct collector *collector = arg;
	VACodedBufferSegment *segment;

	for (unsigned int n = 0; n < COLLECT_FRAMES; n++) {
		VABufferID coded = collector->coded[n % COLLECT_BUFFERS];

		sem_wait(&collector->submitted);
		if (vaMapBuffer(display, coded, (void **)&segment) == VA_STATUS_SUCCESS) {
			collector->bytes += segment->size;
			vaUnmapBuffer(display, coded);
		} else {
			collector->failures++;
		}
		sem_post(&collector->collected);
	}
	return NULL;
}

/* One thread submits, another collects, while rate control is fed by both. */
static void test_rate_control_two_threads(void)
{
	struct va_client client = {.width = 160, .height = 96};
	VAEncMiscParameterRateControl rate = {.bits_per_second = 300000, .target_percentage = 100};
	struct collector collector = {0};
	pthread_t thread;

	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CBR),
			      VA_STATUS_SUCCESS);
	vaDestroyBuffer(display, client.coded);
	for (int i = 0; i < COLLECT_BUFFERS; i++)
		CU_ASSERT_EQUAL_FATAL(vaCreateBuffer(display, client.context, VAEncCodedBufferType,
						     client.coded_size, 1, NULL,
						     &collector.coded[i]),
				      VA_STATUS_SUCCESS);
	sem_init(&collector.submitted, 0, 0);
	sem_init(&collector.collected, 0, COLLECT_BUFFERS);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, collect_thread, &collector), 0);
	CU_ASSERT_EQUAL(vaBeginPicture(display, client.context, client.source), VA_STATUS_SUCCESS);
	CU_ASSERT_EQUAL(
		va_client_misc(&client, VAEncMiscParameterTypeRateControl, &rate, sizeof(rate)),
		VA_STATUS_SUCCESS);
	for (unsigned int n = 0; n < COLLECT_FRAMES; n++) {
		sem_wait(&collector.collected);
		client.coded = collector.coded[n % COLLECT_BUFFERS];
		CU_ASSERT_EQUAL(va_client_fill(&client, n), VA_STATUS_SUCCESS);
		CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_SUCCESS);
		sem_post(&collector.submitted);
	}
	pthread_join(thread, NULL);
	CU_ASSERT_EQUAL(collector.failures, 0);
	CU_ASSERT_TRUE(collector.bytes > 0);
	for (int i = 0; i < COLLECT_BUFFERS; i++)
		CU_ASSERT_EQUAL(vaDestroyBuffer(display, collector.coded[i]), VA_STATUS_SUCCESS);
	va_client_destroy(&client);
	sem_destroy(&collector.submitted);
	sem_destroy(&collector.collected);
}

struct thread {
	pthread_t thread;
	unsigned int number;
	unsigned int failures;
};

static void *encode_thread(void *arg)
{
	struct thread *thread = arg;
	struct va_client client = {.width = 160 + 16 * thread->number, .height = 96};
	VACodedBufferSegment *segment;

	if (va_client_create(&client, display, VAProfileH264Main, VA_RC_CQP)) {
		thread->failures++;
		return NULL;
	}
	for (unsigned int n = 0; n < 12; n++) {
		thread->failures += va_client_fill(&client, n) != VA_STATUS_SUCCESS;
		thread->failures += va_client_encode(&client) != VA_STATUS_SUCCESS;
		if (vaMapBuffer(display, client.coded, (void **)&segment)) {
			thread->failures++;
			continue;
		}
		thread->failures += segment->size < 9;
		vaUnmapBuffer(display, client.coded);
	}
	va_client_destroy(&client);
	return NULL;
}

/* Waits for and looks at surfaces that other threads create, use and destroy. */
static void *intrude_thread(void *arg)
{
	struct thread *thread = arg;

	for (unsigned int n = 0; n < 3000; n++) {
		VASurfaceID id = 3u << 28 | (n / 64 % 4) << 16 | n % 64;
		VASurfaceStatus status;
		VAImage image;

		vaSyncSurface(display, id);
		vaQuerySurfaceStatus(display, id, &status);
		if (n % 100 == 0 && vaDeriveImage(display, id, &image) == VA_STATUS_SUCCESS)
			thread->failures +=
				vaDestroyImage(display, image.image_id) != VA_STATUS_SUCCESS;
	}
	return NULL;
}

static void test_threads(void)
{
	struct thread thread[5] = {0};

	for (unsigned int i = 0; i < 5; i++) {
		thread[i].number = i;
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i].thread, NULL,
						     i < 4 ? encode_thread : intrude_thread,
						     &thread[i]),
				      0);
	}
	for (unsigned int i = 0; i < 5; i++) {
		pthread_join(thread[i].thread, NULL);
		CU_ASSERT_EQUAL(thread[i].failures, 0);
	}
}

/* A second display beside the first, ended with all its objects still there. */
static void test_second_display(void)
{
	struct va_client client = {.width = 176, .height = 144};
	VADisplay second = va_client_open(program);

	CU_ASSERT_PTR_NOT_NULL_FATAL(second);
	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, second, VAProfileH264Main, VA_RC_CQP),
			      VA_STATUS_SUCCESS);
	CU_ASSERT_EQUAL(va_client_fill(&client, 1), VA_STATUS_SUCCESS);
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_SUCCESS);
	CU_ASSERT_EQUAL(vaTerminate(second), VA_STATUS_SUCCESS);
}

int main(int argc, char **argv)
{
	program = argv[0];
	av_log_set_level(AV_LOG_QUIET);
	display = va_client_open(program);
	if (!display)
		return 1;
	CU_initialize_registry();
	CU_pSuite suite = CU_add_suite("VA-API encoding", NULL, NULL);

	CU_ADD_TEST(suite, test_profiles);
	CU_ADD_TEST(suite, test_sizes);
	CU_ADD_TEST(suite, test_slices);
	CU_ADD_TEST(suite, test_references);
	CU_ADD_TEST(suite, test_overflow);
	CU_ADD_TEST(suite, test_destroy_in_flight);
	CU_ADD_TEST(suite, test_rate_control);
	CU_ADD_TEST(suite, test_rate_control_two_threads);
	CU_ADD_TEST(suite, test_threads);
	CU_ADD_TEST(suite, test_second_display);
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();

	unsigned int failures = CU_get_number_of_failures();

	CU_cleanup_registry();
	vaTerminate(display);
	return failures != 0;
}
