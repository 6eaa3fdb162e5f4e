// SPDX-License-Identifier: MIT
/* CRC jobs, on cards with an engine for them. */
#include <stdlib.h>
#include <string.h>

#include "tests/stack/stack.h"

#define BUFFER (1u << 20)
#define FIELD(name) offsetof(struct sl200_sqe, name)

/* Whether the card has the engine; says so when not. */
static bool has_crc(const struct sl_device *device)
{
	if (stack_has(device, SL200_OP_CRC))
		return true;
	stack_skip("CRC jobs", "the card has no crc engine");
	return false;
}

/* CRC-32C, bit by bit. */
static uint32_t crc32c(const uint8_t *data, size_t size)
{
	uint32_t crc = ~0u;

	while (size--) {
		crc ^= *data++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

static struct sl_completion crc(struct sl_queue *queue, uint64_t iova, uint32_t size)
{
	const struct sl200_sqe sqe = {.opcode = SL200_OP_CRC, .src = iova, .width = size};
	struct sl_completion completion = {.status = 0xffff};
	uint64_t seqno;

	CU_ASSERT_OK(sl_queue_raw(queue, &sqe, NULL, &seqno));
	CU_ASSERT_OK(sl_queue_wait(queue, seqno, PATIENCE, &completion));
	return completion;
}

static void check(struct sl_queue *queue, uint64_t iova, const uint8_t *data, uint32_t size)
{
	struct sl_completion c = crc(queue, iova, size);

	CU_ASSERT_EQUAL(c.status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(c.bytes, size);
	CU_ASSERT_EQUAL(c.crc_bitstream, crc32c(data, size));
	CU_ASSERT_EQUAL(c.crc_recon, 0);
}

/* The same bytes in host memory and in card memory. */
static void test_values(void)
{
	static const struct {
		uint32_t offset, size;
	} cases[] = {
		{0, 1},	      {1, 1},	   {31, 1},	   {0, 7},	{3, 8},
		{31, 2},      {0, 32},	   {1, 31},	   {1, 32},	{13, 100},
		{255, 2},     {0, 256},	   {200, 400},	   {4095, 2},	{0, 4096},
		{4093, 8195}, {17, 65536}, {12345, 77777}, {0, BUFFER}, {1, BUFFER - 1},
	};
	struct sl_device *device = stack_open();
	struct sl_buffer *host, *card;
	struct sl_queue *queue;
	unsigned int seed = 4;
	uint64_t seqno;
	uint8_t *data;

	if (has_crc(device)) {
		CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
		CU_ASSERT_OK(sl_buffer_create(device, BUFFER, SL_MEMORY_HOST, &host));
		CU_ASSERT_OK(sl_buffer_create(device, BUFFER, SL_MEMORY_CARD, &card));
		data = sl_buffer_map(host);
		stack_random(data, BUFFER, &seed);
		/* The check value of the polynomial. */
		memcpy(data + 77, "123456789", 9);
		CU_ASSERT_EQUAL(crc(queue, sl_buffer_iova(host) + 77, 9).crc_bitstream, 0xe3069283);
		CU_ASSERT_OK(sl_queue_copy(queue, sl_buffer_iova(card), 0, sl_buffer_iova(host), 0,
					   BUFFER, 1, NULL, &seqno));
		CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			uint32_t offset = cases[i].offset, size = cases[i].size;

			check(queue, sl_buffer_iova(host) + offset, data + offset, size);
			check(queue, sl_buffer_iova(card) + offset, data + offset, size);
		}
	}
	sl_device_close(device);
}

/* Among fills of what is summed: barriers order them. */
static void test_order(void)
{
	struct sl_job_options after = {.flags = SL200_SQE_F_BARRIER};
	struct sl_device *device = stack_open();
	struct sl200_sqe sqe = {.opcode = SL200_OP_CRC, .width = 65536};
	struct sl_completion completion;
	struct sl_buffer *host;
	struct sl_queue *queue;
	uint64_t seqno[8];
	uint8_t *expected;

	if (has_crc(device)) {
		expected = malloc(sqe.width);
		CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
		CU_ASSERT_OK(sl_buffer_create(device, sqe.width, SL_MEMORY_HOST, &host));
		sqe.src = sl_buffer_iova(host);
		for (unsigned int i = 0; i < 8; i++) {
			CU_ASSERT_OK(sl_queue_fill(queue, sqe.src, 0, i * 0x0101010101010101ull,
						   sqe.width, 1, &after, NULL));
			CU_ASSERT_OK(sl_queue_raw(queue, &sqe, &after, &seqno[i]));
		}
		for (unsigned int i = 0; i < 8; i++) {
			CU_ASSERT_OK(sl_queue_wait(queue, seqno[i], PATIENCE, &completion));
			CU_ASSERT_EQUAL(completion.status, SL200_STATUS_OK);
			memset(expected, (int)i, sqe.width);
			CU_ASSERT_EQUAL(completion.crc_bitstream, crc32c(expected, sqe.width));
		}
		free(expected);
	}
	sl_device_close(device);
}

static void test_refused(void)
{
	struct sl_device *device = stack_open();
	struct sl_completion completion;
	struct sl_buffer *host;
	struct sl_queue *queue;
	uint64_t iova, seqno;

	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
	CU_ASSERT_OK(sl_buffer_create(device, 4096, SL_MEMORY_HOST, &host));
	iova = sl_buffer_iova(host);
	if (has_crc(device)) {
		const struct {
			struct sl200_sqe sqe;
			uint16_t field;
		} cases[] = {
			{{.src = iova}, FIELD(width)},
			{{.src = iova, .width = SL200_COPY_WIDTH_MAX + 1}, FIELD(width)},
			{{.src = (1ull << 48) - 8, .width = 9}, FIELD(src)},
			{{.src = UINT64_MAX, .width = 1}, FIELD(src)},
			{{.src = iova, .width = 8, .dst = iova}, FIELD(dst)},
			{{.src = iova, .width = 8, .height = 1}, FIELD(height)},
		};

		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct sl200_sqe sqe = cases[i].sqe;

			sqe.opcode = SL200_OP_CRC;
			CU_ASSERT_OK(sl_queue_raw(queue, &sqe, NULL, &seqno));
			CU_ASSERT_OK(sl_queue_wait(queue, seqno, PATIENCE, &completion));
			CU_ASSERT_EQUAL(completion.status, SL200_STATUS_INVALID_FIELD);
			CU_ASSERT_EQUAL(completion.detail, cases[i].field);
			CU_ASSERT_EQUAL(completion.crc_bitstream, 0);
		}
		/* None of these stops the queue. */
		check(queue, iova, sl_buffer_map(host), 4096);
	} else {
		completion = crc(queue, iova, 4096);
		CU_ASSERT_EQUAL(completion.status, SL200_STATUS_INVALID_OPCODE);
	}
	sl_device_close(device);
}

static void test_fault(void)
{
	struct sl_device *device = stack_open();
	struct sl200_queue_info info;
	struct sl_completion completion;
	struct sl_buffer *host;
	struct sl_queue *queue;
	uint64_t hole = 1ull << 47;

	if (has_crc(device)) {
		CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
		CU_ASSERT_OK(sl_buffer_create(device, 4096, SL_MEMORY_HOST, &host));
		completion = crc(queue, hole + 5, 100);
		CU_ASSERT_EQUAL(completion.status, SL200_STATUS_MMU_FAULT);
		CU_ASSERT_EQUAL(completion.bytes, 0);
		CU_ASSERT_OK(sl_device_queue_info(device, sl_queue_id(queue), &info));
		CU_ASSERT_EQUAL(info.state, SL200_QUEUE_STOPPED);
		CU_ASSERT_EQUAL(info.fault_iova & ~4095ull, hole);
		CU_ASSERT_EQUAL(info.fault_write, 0);
		CU_ASSERT_EQUAL(sl_device_caps(device)->engine_kind[info.fault_engine],
				SL200_ENGINE_CRC);
		sl_queue_destroy(queue);
		CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
		check(queue, sl_buffer_iova(host), sl_buffer_map(host), 4096);
	}
	sl_device_close(device);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"values", test_values}, {"order", test_order}, {"refused entries", test_refused},
		{"fault", test_fault},	 CU_TEST_INFO_NULL,
	};

	/* The card of the other tests has no such engine. */
	setenv("SL_DEVICE", "sim:?crc=1", 0);
	return stack_run("stack: crc", tests);
}
