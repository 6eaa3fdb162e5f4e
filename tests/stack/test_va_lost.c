// SPDX-License-Identifier: MIT
/*
 * The card dies under a VA-API client: each call ends with a status, everything can be destroyed,
 * and whoever opens a display afterwards has a working card.
 */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <va/va.h>

#include "abi/sl200_regs.h"
#include "libsl/device.h"
#include "tests/stack/test_va_client.h"
#include "tests/suite.h"

#define OK VA_STATUS_SUCCESS
#define SECOND 1000000000ll

static const char *program;

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static int inject(struct sl_device *device, uint32_t reg, uint32_t value)
{
	return device->transport->ops->inject(device->transport, reg, value);
}

static uint32_t encoders(struct sl_device *device)
{
	struct sl_device_stats stats;
	uint32_t mask = 0;

	CU_ASSERT_EQUAL(sl_device_stats(device, &stats), SL_OK);
	for (uint32_t i = 0; i < stats.num_engines; i++)
		mask |= stats.engine[i].kind == SL200_ENGINE_VENC ? 1u << i : 0;
	return mask;
}

/* Encode a picture, and look at its reconstruction, which copy jobs bring into an image. */
static void encode_one(VADisplay display)
{
	struct va_client client = {.width = 176, .height = 144};
	VAImageFormat format = {.fourcc = VA_FOURCC_NV12};
	VAImage image;

	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CQP), OK);
	CU_ASSERT_EQUAL(va_client_fill(&client, 1), OK);
	CU_ASSERT_EQUAL(va_client_encode(&client), OK);
	CU_ASSERT_EQUAL(vaSyncBuffer(display, client.coded, VA_TIMEOUT_INFINITE), OK);
	CU_ASSERT_EQUAL_FATAL(vaCreateImage(display, &format, 176, 144, &image), OK);
	CU_ASSERT_EQUAL(
		vaGetImage(display, va_client_recon(&client), 0, 0, 176, 144, image.image_id), OK);
	CU_ASSERT_EQUAL(vaDestroyImage(display, image.image_id), OK);
	va_client_destroy(&client);
}

static void test_lost(void)
{
	struct va_client client = {.width = 176, .height = 144};
	VADisplay display = va_client_open(program), after;
	struct sl_device *device;
	VACodedBufferSegment *segment;
	VASurfaceStatus status;
	int64_t start;

	CU_ASSERT_PTR_NOT_NULL_FATAL(display);
	encode_one(display);
	CU_ASSERT_EQUAL_FATAL(sl_device_open(NULL, &device), SL_OK);
	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CQP), OK);
	CU_ASSERT_EQUAL(va_client_fill(&client, 1), OK);
	if (inject(device, SL200_INJECT_ENGINE_HANG, encoders(device)) == SL_ERR_UNSUPPORTED) {
		printf("\nskip - death under a VA-API client: %s\n", sl_last_error());
		goto close;
	}
	/* A picture in flight that does not end by itself. */
	CU_ASSERT_EQUAL(va_client_encode(&client), OK);
	CU_ASSERT_EQUAL(vaSyncSurface2(display, client.source, 50000000), VA_STATUS_ERROR_TIMEDOUT);
	CU_ASSERT_EQUAL(vaQuerySurfaceStatus(display, client.source, &status), OK);
	CU_ASSERT_EQUAL(status, VASurfaceRendering);
	start = now_ns();
	CU_ASSERT_EQUAL(inject(device, SL200_INJECT_MCU_CRASH, 1), SL_OK);
	CU_ASSERT_EQUAL(vaSyncSurface(display, client.source), VA_STATUS_ERROR_OPERATION_FAILED);
	CU_ASSERT_TRUE(now_ns() - start < 3 * SECOND);
	CU_ASSERT_EQUAL(vaSyncBuffer(display, client.coded, VA_TIMEOUT_INFINITE),
			VA_STATUS_ERROR_OPERATION_FAILED);
	CU_ASSERT_NOT_EQUAL(vaMapBuffer(display, client.coded, (void **)&segment), OK);
	/* The context has ended with the card: no call hangs, none succeeds. */
	CU_ASSERT_NOT_EQUAL(va_client_encode(&client), OK);
	/* Another display, while this one is still there. */
	after = va_client_open(program);
	CU_ASSERT_PTR_NOT_NULL_FATAL(after);
	encode_one(after);
	CU_ASSERT_EQUAL(vaTerminate(after), OK);
	/* Behind the kernel driver a client outlives a reset: the display works with new contexts.
	 */
	if (!strncmp(getenv("SL_DEVICE"), "drm:", 4))
		encode_one(display);
close:
	sl_device_close(device);
	va_client_destroy(&client);
	CU_ASSERT_EQUAL(vaTerminate(display), OK);
}

/* Clients that do nothing about it but end. */
static void test_lost_and_terminate(void)
{
	struct va_client client = {.width = 176, .height = 144};
	VADisplay display = va_client_open(program);
	struct sl_device *device;

	CU_ASSERT_PTR_NOT_NULL_FATAL(display);
	CU_ASSERT_EQUAL_FATAL(sl_device_open(NULL, &device), SL_OK);
	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CBR), OK);
	CU_ASSERT_EQUAL(va_client_fill(&client, 1), OK);
	inject(device, SL200_INJECT_ENGINE_HANG, encoders(device));
	inject(device, SL200_INJECT_MCU_CRASH, 1);
	/* Rate control waits for the picture in here. */
	va_client_encode(&client);
	CU_ASSERT_EQUAL(vaTerminate(display), OK);
	sl_device_close(device);
	/* If the engine never got the picture, it would hang with the next. */
	CU_ASSERT_EQUAL_FATAL(sl_device_open(NULL, &device), SL_OK);
	inject(device, SL200_INJECT_ENGINE_HANG, 0);
	sl_device_close(device);
	display = va_client_open(program);
	CU_ASSERT_PTR_NOT_NULL_FATAL(display);
	encode_one(display);
	CU_ASSERT_EQUAL(vaTerminate(display), OK);
}

int main(int argc, char **argv)
{
	CU_TestInfo tests[] = {
		{"death under a VA-API client", test_lost},
		{"death, and no word of it", test_lost_and_terminate},
		CU_TEST_INFO_NULL,
	};

	program = argv[0];
	return suite_run("VA-API and a lost card", NULL, NULL, tests);
}
