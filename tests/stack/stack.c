// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/core/patience.h"
#include "tests/stack/stack.h"
#include "tests/suite.h"

static _Atomic bool slow;

static struct {
	struct sl_device *device; /* keeps a slow card powered */
	pid_t owner;
	bool off;
} hold;

void stack_assert_ok(int ret, unsigned int line, const char *call, const char *file)
{
	char text[700];

	snprintf(text, sizeof(text), "%s: %s", call, ret ? sl_last_error() : "");
	CU_assertImplementation(!ret, line, text, file, "", CU_TRUE);
}

int stack_run(const char *name, CU_TestInfo *tests)
{
	int ret;

	setenv("SL_DEVICE", "sim:", 0);
	ret = suite_run(name, NULL, NULL, tests);
	stack_hold(false);
	return ret;
}

int stack_run_encoder(const char *name, CU_TestInfo *tests)
{
	struct sl_device *device;
	bool able;

	setenv("SL_DEVICE", "sim:", 0);
	if (sl_device_open(NULL, &device)) {
		fprintf(stderr, "%s: %s\n", name, sl_last_error());
		return 1;
	}
	able = stack_has(device, SL200_OP_ENCODE);
	sl_device_close(device);
	if (able)
		return stack_run(name, tests);
	stack_skip(name, "the card has no encoder");
	return 0;
}

bool stack_has(const struct sl_device *device, enum sl200_opcode opcode)
{
	return sl_device_caps(device)->opcodes_lo >> opcode & 1;
}

bool stack_in_process(void)
{
	const char *uri = getenv("SL_DEVICE");

	return !strncmp(uri, "sim:", 4) && uri[4] != '/';
}

bool stack_own_card(void)
{
	return !strncmp(getenv("SL_DEVICE"), "sim:", 4);
}

const char *stack_uri_with(const char *option)
{
	static char text[256];
	const char *uri = getenv("SL_DEVICE");

	snprintf(text, sizeof(text), "%s%c%s", uri, strchr(uri, '?') ? '&' : '?', option);
	return text;
}

void stack_skip(const char *what, const char *why)
{
	printf("\nskip - %s: %s\n", what, why);
}

void stack_hold(bool on)
{
	hold.off = !on;
	if (on || !hold.device)
		return;
	sl_device_close(hold.device);
	hold.device = NULL;
}

/* A card that was lost is let go of, and the next one held. A child's is not its own to hold. */
static void hold_card(void)
{
	struct sl_device_stats stats;

	if (!slow || hold.off || (hold.device && hold.owner != getpid()))
		return;
	if (hold.device && sl_device_stats(hold.device, &stats) == SL_ERR_LOST) {
		sl_device_close(hold.device);
		hold.device = NULL;
	}
	if (!hold.device && sl_device_open(NULL, &hold.device))
		hold.device = NULL;
	hold.owner = getpid();
}

struct sl_device *stack_open(void)
{
	struct sl_device *device = NULL;
	struct sl_device_info info;

	CU_ASSERT_OK(sl_device_open(NULL, &device));
	if (device) {
		sl_device_info(device, &info);
		if (!strcmp(info.implementation, "RTL simulation"))
			slow = true;
	}
	hold_card();
	return device;
}

bool stack_slow(void)
{
	return slow;
}

int64_t stack_patience(void)
{
	return (slow ? CORE_PATIENCE_RTL : 1) * 20 * SECOND;
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
