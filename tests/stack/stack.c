// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/core/patience.h"
#include "tests/stack/stack.h"
#include "tests/suite.h"

static _Atomic int64_t patience = 20 * SECOND;

void stack_assert_ok(int ret, unsigned int line, const char *call, const char *file)
{
	char text[700];

	snprintf(text, sizeof(text), "%s: %s", call, ret ? sl_last_error() : "");
	CU_assertImplementation(!ret, line, text, file, "", CU_TRUE);
}

int stack_run(const char *name, CU_TestInfo *tests)
{
	setenv("SL_DEVICE", "sim:", 0);
	return suite_run(name, NULL, NULL, tests);
}

bool stack_in_process(void)
{
	const char *uri = getenv("SL_DEVICE");

	return !strcmp(uri, "sim:") || !strncmp(uri, "sim:?", 5);
}

bool stack_own_card(void)
{
	return !strncmp(getenv("SL_DEVICE"), "sim:", 4);
}

void stack_skip(const char *what, const char *why)
{
	printf("\nskip - %s: %s\n", what, why);
}

struct sl_device *stack_open(void)
{
	struct sl_device *device = NULL;
	struct sl_device_info info;

	CU_ASSERT_OK(sl_device_open(NULL, &device));
	if (device) {
		sl_device_info(device, &info);
		if (!strcmp(info.implementation, "RTL simulation"))
			patience = CORE_PATIENCE_RTL * 20 * SECOND;
	}
	return device;
}

int64_t stack_patience(void)
{
	return patience;
}

void stack_random(void *data, size_t size, unsigned int *seed)
{
	uint8_t *bytes = data;
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = (uint8_t)(rand_r(seed) >> 7);
}

int stack_wait_status(struct sl_queue *queue, uint64_t seqno)
{
	struct sl_completion completion = {.status = 0xffff};

	CU_ASSERT_OK(sl_queue_wait(queue, seqno, PATIENCE, &completion));
	return completion.status;
}

void stack_assert_healthy(void)
{
	struct sl_job_options after = {.flags = SL200_SQE_F_BARRIER};
	const uint32_t size = 65536;
	struct sl_buffer *host, *card;
	struct sl_device *device;
	struct sl_queue *queue;
	unsigned int seed = 99;
	uint64_t seqno;
	uint8_t *data;

	device = stack_open();
	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
	CU_ASSERT_OK(sl_buffer_create(device, 2 * size, SL_MEMORY_HOST, &host));
	CU_ASSERT_OK(sl_buffer_create(device, size, SL_MEMORY_CARD, &card));
	data = sl_buffer_map(host);
	stack_random(data, size, &seed);
	CU_ASSERT_OK(sl_queue_copy(queue, sl_buffer_iova(card), 0, sl_buffer_iova(host), 0, size, 1,
				   NULL, NULL));
	CU_ASSERT_OK(sl_queue_copy(queue, sl_buffer_iova(host) + size, 0, sl_buffer_iova(card), 0,
				   size, 1, &after, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(memcmp(data, data + size, size), 0);
	sl_device_close(device);
}
