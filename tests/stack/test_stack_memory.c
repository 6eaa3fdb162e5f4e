// SPDX-License-Identifier: MIT
/* Buffers, surfaces, and copy and fill jobs against what the CPU makes of them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/stack/stack.h"

static void test_buffers(void)
{
	struct sl_device *device = stack_open();
	struct sl_device_stats before, stats;
	struct sl_buffer *host, *card, *huge;
	const uint8_t *data;
	size_t i, set = 0;

	CU_ASSERT_EQUAL(sl_buffer_create(device, 0, SL_MEMORY_HOST, &host), SL_ERR_INVALID);
	CU_ASSERT_EQUAL(sl_buffer_create(device, (4ull << 30) + 1, SL_MEMORY_CARD, &card),
			SL_ERR_INVALID);
	CU_ASSERT_EQUAL(sl_buffer_create(device, 4096, (enum sl_memory)7, &host), SL_ERR_INVALID);
	CU_ASSERT_OK(sl_device_stats(device, &before));
	CU_ASSERT_OK(sl_buffer_create(device, 5000, SL_MEMORY_HOST, &host));
	CU_ASSERT_OK(sl_buffer_create(device, 1, SL_MEMORY_CARD, &card));
	CU_ASSERT_OK(sl_buffer_create(device, 5 << 20, SL_MEMORY_HOST, &huge));
	CU_ASSERT_EQUAL(sl_buffer_size(host), 8192);
	CU_ASSERT_EQUAL(sl_buffer_size(card), 4096);
	CU_ASSERT_EQUAL(sl_buffer_memory(host), SL_MEMORY_HOST);
	CU_ASSERT_EQUAL(sl_buffer_memory(card), SL_MEMORY_CARD);
	CU_ASSERT_PTR_NULL(sl_buffer_map(card));
	data = sl_buffer_map(host);
	for (i = 0; i < 8192; i++)
		set += !!data[i];
	CU_ASSERT_EQUAL(set, 0);
	/* Addresses for the card are not those of the CPU, and no two buffers touch. */
	CU_ASSERT_NOT_EQUAL(sl_buffer_iova(host), (uintptr_t)data);
	CU_ASSERT_TRUE(sl_buffer_iova(card) > sl_buffer_iova(host) + 8192 ||
		       sl_buffer_iova(host) > sl_buffer_iova(card) + 4096);
	CU_ASSERT_OK(sl_device_stats(device, &stats));
	CU_ASSERT_EQUAL(stats.host_bytes, before.host_bytes + 8192 + (5 << 20));
	CU_ASSERT_EQUAL(stats.card_bytes, 4096);
	CU_ASSERT_EQUAL(stats.dram_used, before.dram_used + 4096);
	sl_buffer_destroy(host);
	sl_buffer_destroy(card);
	sl_buffer_destroy(NULL);
	CU_ASSERT_OK(sl_device_stats(device, &stats));
	CU_ASSERT_EQUAL(stats.card_bytes, 0);
	CU_ASSERT_EQUAL(stats.dram_used, before.dram_used);
	/* The rest goes with the device. */
	sl_device_close(device);
}

static void test_exhaustion(void)
{
	struct sl_device *device;
	struct sl_buffer *buffer[17];
	uint64_t size;
	int n, again;

	/* A small card where its size can be chosen: what was used is cleared for the next. */
	stack_hold(false);
	CU_ASSERT_OK(
		sl_device_open(stack_in_process() ? stack_uri_with("dram=128M") : NULL, &device));
	stack_hold(true);
	size = sl_device_caps(device)->dram_size / 16;
	if (size > 128 << 20) {
		stack_skip("card memory runs out", "clearing all of so large a card takes long");
		sl_device_close(device);
		return;
	}
	for (n = 0; n < 17; n++) {
		if (sl_buffer_create(device, size, SL_MEMORY_CARD, &buffer[n]))
			break;
	}
	CU_ASSERT_TRUE_FATAL(n >= 12 && n < 16);
	CU_ASSERT_EQUAL(sl_buffer_create(device, size, SL_MEMORY_CARD, &buffer[n]),
			SL_ERR_NO_MEMORY);
	for (again = 0; again < n; again++)
		sl_buffer_destroy(buffer[again]);
	for (again = 0; again < n; again++)
		CU_ASSERT_OK(sl_buffer_create(device, size, SL_MEMORY_CARD, &buffer[again]));
	sl_device_close(device);
}

/* Card memory that another client has written reads as zero in new hands. */
static void test_no_leak(void)
{
	const uint32_t size = 3 << 20;
	struct sl_device *keeper = stack_open(), *device;
	struct sl_buffer *card, *host;
	struct sl_queue *queue;
	const uint8_t *data;
	uint64_t seqno;
	uint32_t i, set = 0;
	int round;

	for (round = 0; round < 2; round++) {
		device = stack_open();
		CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
		CU_ASSERT_OK(sl_buffer_create(device, size, SL_MEMORY_CARD, &card));
		if (!round) {
			CU_ASSERT_OK(sl_queue_fill(queue, sl_buffer_iova(card), 0,
						   0x5ec3e75ec3e75ec3, size, 1, NULL, &seqno));
		} else {
			CU_ASSERT_OK(sl_buffer_create(device, size, SL_MEMORY_HOST, &host));
			memset(sl_buffer_map(host), 0xff, size);
			CU_ASSERT_OK(sl_queue_copy(queue, sl_buffer_iova(host), 0,
						   sl_buffer_iova(card), 0, size, 1, NULL, &seqno));
		}
		CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
		if (round) {
			data = sl_buffer_map(host);
			for (i = 0; i < size; i++)
				set += !!data[i];
			CU_ASSERT_EQUAL(set, 0);
		}
		sl_device_close(device);
	}
	sl_device_close(keeper);
}

/* Memory goes from one client to another as a descriptor, and jobs of both work on it. */
static void test_sharing(void)
{
	struct sl_device *device[2] = {stack_open(), stack_open()};
	struct sl_buffer *buffer, *shared, *again;
	struct sl_queue *queue[2];
	uint64_t seqno, *words;
	int i, fd = -1, ret;

	CU_ASSERT_OK(sl_buffer_create(device[0], 65536, SL_MEMORY_HOST, &buffer));
	ret = sl_buffer_export(buffer, &fd);
	if (ret == SL_ERR_UNSUPPORTED) {
		CU_ASSERT_EQUAL(sl_buffer_import(device[1], 0, &shared), SL_ERR_UNSUPPORTED);
		CU_ASSERT_OK(sl_buffer_wait(buffer, 1, 0));
		stack_skip("dma-bufs", sl_last_error());
		goto close;
	}
	CU_ASSERT_EQUAL_FATAL(ret, 0);
	CU_ASSERT_OK(sl_buffer_import(device[1], fd, &shared));
	CU_ASSERT_OK(sl_buffer_import(device[1], fd, &again));
	CU_ASSERT_EQUAL(sl_buffer_iova(again), sl_buffer_iova(shared));
	CU_ASSERT_EQUAL(sl_buffer_size(shared), 65536);
	close(fd);
	sl_buffer_destroy(again);
	CU_ASSERT_OK(sl_buffer_wait(shared, 1, SECOND));
	for (i = 0; i < 2; i++)
		CU_ASSERT_OK(sl_queue_create(device[i], NULL, &queue[i]));
	/* Each client has it at an address of its own. */
	CU_ASSERT_NOT_EQUAL(sl_buffer_iova(shared), sl_buffer_iova(buffer));
	CU_ASSERT_OK(sl_queue_fill(queue[1], sl_buffer_iova(shared), 0, 0x1234567890abcdef, 4096, 1,
				   NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(queue[1], seqno), SL200_STATUS_OK);
	words = sl_buffer_map(buffer);
	CU_ASSERT_EQUAL(words[511], 0x1234567890abcdef);
	CU_ASSERT_EQUAL(words[512], 0);
	CU_ASSERT_OK(
		sl_queue_fill(queue[0], sl_buffer_iova(buffer), 0, 77, 65536, 1, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(queue[0], seqno), SL200_STATUS_OK);
	words = sl_buffer_map(shared);
	CU_ASSERT_PTR_NOT_NULL_FATAL(words);
	CU_ASSERT_EQUAL(words[8191], 77);
	/* It outlives its first owner. */
	sl_device_close(device[0]);
	CU_ASSERT_EQUAL(words[8191], 77);
	CU_ASSERT_OK(
		sl_queue_fill(queue[1], sl_buffer_iova(shared), 0, 78, 65536, 1, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(queue[1], seqno), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(words[0], 78);
	CU_ASSERT_EQUAL(sl_buffer_import(device[1], 0, &again), SL_ERR_INVALID);
	sl_device_close(device[1]);
	return;
close:
	sl_device_close(device[0]);
	sl_device_close(device[1]);
}

static void check_layout(struct sl_device *device, uint32_t format, uint32_t width, uint32_t height)
{
	uint32_t plane, mb_width = (width + 15) / 16 * 16, mb_height = (height + 15) / 16 * 16;
	const struct sl200_surface *layout;
	struct sl_surface *surface;
	uint64_t end = 0;

	CU_ASSERT_OK(sl_surface_create(device, format, width, height, SL_MEMORY_HOST, &surface));
	layout = sl_surface_layout(surface);
	CU_ASSERT_EQUAL(layout->format, format);
	CU_ASSERT_EQUAL(layout->width, width);
	CU_ASSERT_EQUAL(layout->height, height);
	CU_ASSERT_EQUAL(layout->iova, sl_buffer_iova(sl_surface_buffer(surface)));
	CU_ASSERT_EQUAL(layout->size, sl_buffer_size(sl_surface_buffer(surface)));
	for (plane = 0; plane < sl_format_planes(format); plane++) {
		CU_ASSERT_EQUAL(layout->offset[plane] % 64, 0);
		CU_ASSERT_EQUAL(layout->pitch[plane] % 64, 0);
		CU_ASSERT_TRUE(layout->offset[plane] >= end);
		CU_ASSERT_TRUE(layout->pitch[plane] >=
			       sl_format_plane_bytes(format, plane, mb_width));
		end = layout->offset[plane] +
		      (uint64_t)layout->pitch[plane] *
			      sl_format_plane_rows(format, plane, mb_height);
	}
	CU_ASSERT_TRUE(end <= layout->size);
	sl_surface_destroy(surface);
}

static void test_surfaces(void)
{
	static const uint32_t bad[][2] = {
		{14, 64},   {64, 14},	{17, 64}, {64, 17},
		{8194, 64}, {64, 8194}, {0, 0},	  {0xfffffffe, 0xfffffffe}};
	static const uint32_t good[][2] = {{16, 16},	 {18, 16},   {176, 144},
					   {1918, 1078}, {8192, 16}, {4096, 2160}};
	struct sl_device *device = stack_open();
	struct sl_surface *surface;
	size_t i;

	CU_ASSERT_EQUAL(
		sl_surface_create(device, (enum sl200_format)9, 64, 64, SL_MEMORY_HOST, &surface),
		SL_ERR_INVALID);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(sl_surface_create(device, SL200_FORMAT_NV12, bad[i][0], bad[i][1],
						  SL_MEMORY_HOST, &surface),
				SL_ERR_INVALID);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		check_layout(device, SL200_FORMAT_NV12, good[i][0], good[i][1]);
		check_layout(device, SL200_FORMAT_I420, good[i][0], good[i][1]);
	}
	CU_ASSERT_EQUAL(sl_format_planes(0), 0);
	CU_ASSERT_EQUAL(sl_format_plane_rows(SL200_FORMAT_NV12, 2, 100), 0);
	CU_ASSERT_EQUAL(sl_format_plane_bytes(SL200_FORMAT_I420, 2, 100), 50);
	sl_surface_destroy(NULL);
	sl_device_close(device);
}

#define AREA (3u << 20) /* large enough for 2 MiB pages, and pages around them */

/*
 * Three buffers and their models in CPU memory. Random jobs run on both; in the end all bytes,
 * those never named by a job included, must agree.
 */
static void test_random_copies(void)
{
	struct sl_job_options ordered = {.flags = SL200_SQE_F_BARRIER};
	struct sl_device *device = stack_open();
	struct sl_buffer *buffer[3], *readback;
	unsigned int seed = 12345, i, row;
	uint8_t *model[3];
	struct sl_queue *queue;
	uint64_t seqno;

	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
	CU_ASSERT_OK(sl_buffer_create(device, AREA, SL_MEMORY_HOST, &buffer[0]));
	CU_ASSERT_OK(sl_buffer_create(device, AREA, SL_MEMORY_CARD, &buffer[1]));
	CU_ASSERT_OK(sl_buffer_create(device, AREA, SL_MEMORY_HOST, &buffer[2]));
	CU_ASSERT_OK(sl_buffer_create(device, AREA, SL_MEMORY_HOST, &readback));
	for (i = 0; i < 3; i++) {
		model[i] = calloc(1, AREA);
		CU_ASSERT_PTR_NOT_NULL_FATAL(model[i]);
	}
	stack_random(model[0], AREA, &seed);
	memcpy(sl_buffer_map(buffer[0]), model[0], AREA);
	for (i = 0; i < 300; i++) {
		unsigned int to = (unsigned int)rand_r(&seed) % 3;
		unsigned int from = (to + 1 + (unsigned int)rand_r(&seed) % 2) % 3;
		uint32_t width =
			1 + (uint32_t)rand_r(&seed) % (rand_r(&seed) % 8 ? 3000 : AREA / 2);
		uint32_t height = width > 3000 ? 1 : 1 + (uint32_t)rand_r(&seed) % 64;
		uint32_t from_pitch = width + (uint32_t)rand_r(&seed) % 5000;
		uint32_t to_pitch = width + (uint32_t)rand_r(&seed) % 5000;
		uint32_t from_at, to_at;
		uint64_t pattern =
			(uint64_t)rand_r(&seed) * 0x100000001ull ^ (uint64_t)rand_r(&seed) << 13;

		from_at = (uint32_t)rand_r(&seed) % (AREA - (height - 1) * from_pitch - width + 1);
		to_at = (uint32_t)rand_r(&seed) % (AREA - (height - 1) * to_pitch - width + 1);
		if (i % 4) {
			CU_ASSERT_OK(sl_queue_copy(queue, sl_buffer_iova(buffer[to]) + to_at,
						   to_pitch, sl_buffer_iova(buffer[from]) + from_at,
						   from_pitch, width, height, &ordered, &seqno));
			for (row = 0; row < height; row++)
				memcpy(model[to] + to_at + row * to_pitch,
				       model[from] + from_at + row * from_pitch, width);
		} else {
			CU_ASSERT_OK(sl_queue_fill(queue, sl_buffer_iova(buffer[to]) + to_at,
						   to_pitch, pattern, width, height, &ordered,
						   &seqno));
			for (row = 0; row < height * width; row++)
				model[to][to_at + row / width * to_pitch + row % width] =
					(uint8_t)(pattern >> row % width % 8 * 8);
		}
		CU_ASSERT_EQUAL_FATAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
	}
	for (i = 0; i < 3; i++) {
		CU_ASSERT_OK(sl_queue_copy(queue, sl_buffer_iova(readback), 0,
					   sl_buffer_iova(buffer[i]), 0, AREA, 1, NULL, &seqno));
		CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
		CU_ASSERT_EQUAL(memcmp(sl_buffer_map(readback), model[i], AREA), 0);
		free(model[i]);
	}
	sl_device_close(device);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"buffers", test_buffers},
		{"card memory runs out", test_exhaustion},
		{"card memory is cleared for others", test_no_leak},
		{"dma-bufs", test_sharing},
		{"surfaces", test_surfaces},
		{"random copies and fills", test_random_copies},
		{"still healthy", stack_assert_healthy},
		CU_TEST_INFO_NULL,
	};

	return stack_run("memory", tests);
}
