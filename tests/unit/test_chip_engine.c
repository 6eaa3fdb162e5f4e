/* SPDX-License-Identifier: MIT */
/* Engines: COPY and FILL against a reference, encode dispatch, faults, resets, the link model. */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_enc.h"
#include "abi/sl200_mmu.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "tests/unit/test_chip_doubles.h"
#include "tests/suite.h"

#define HOST_SIZE (4u << 20)
#define HOST_BUS 0x40000000ull
#define RW (CARD_DMA_READ | CARD_DMA_WRITE)
#define DMA 0u
#define VENC 2u
#define CRC 3u

static struct card *card;
static uint8_t *host, *expected;

static int start(const struct card_config *config)
{
	host = aligned_alloc(SL200_PAGE_SIZE, HOST_SIZE);
	expected = malloc(HOST_SIZE);
	if (!host || !expected)
		return -1;
	card = double_card(config);
	for (size_t i = 0; i < HOST_SIZE; i++)
		host[i] = (uint8_t)(i * 31 + (i >> 12));
	if (card_dma_map(card, HOST_BUS, host, HOST_SIZE, RW))
		return -1;
	double_boot(card);
	return 0;
}

static int setup(void)
{
	const struct card_config config = {.dram_size = 64u << 20, .crc_engines = 1};

	return start(&config);
}

static int teardown(void)
{
	card_destroy(card);
	free(host);
	free(expected);
	return 0;
}

static uint32_t seed = 12345;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)seed * below >> 32);
}

static uint16_t run(const struct sl200_sqe *sqe, struct sl200_job_result *result,
		    struct double_dma *dma)
{
	*dma = (struct double_dma){.sqe = sqe, .engine = DMA, .result = result};
	double_call(card, double_run_dma, dma);
	return result->status;
}

/* What the job should have done to host memory. */
static void reference(const struct sl200_sqe *sqe)
{
	for (uint32_t row = 0; row < sqe->height; row++) {
		uint8_t *dst = expected + (sqe->dst - HOST_BUS) + (size_t)row * sqe->dst_pitch;
		const uint8_t *src =
			expected + (sqe->src - HOST_BUS) + (size_t)row * sqe->src_pitch;

		for (uint32_t i = 0; i < sqe->width; i++)
			dst[i] = sqe->opcode == SL200_OP_FILL ? (uint8_t)(sqe->value >> i % 8 * 8)
							      : src[i];
	}
}

/* Sources lie in the first half of host memory, destinations in the second. */
static void test_random_jobs(void)
{
	const uint32_t half = HOST_SIZE / 2;

	for (int i = 0; i < 200; i++) {
		struct sl200_job_result result;
		struct double_dma dma;
		struct sl200_sqe sqe = {
			.opcode = rnd(3) ? SL200_OP_COPY : SL200_OP_FILL,
			.width = 1 + rnd(rnd(4) ? 3000 : 9000),
			.height = 1 + rnd(60),
			.value = (uint64_t)rnd(UINT32_MAX) << 32 | rnd(UINT32_MAX),
		};

		sqe.src_pitch = sqe.width + rnd(5000);
		sqe.dst_pitch = sqe.width + rnd(5000);
		sqe.src = HOST_BUS + rnd(half - (sqe.src_pitch * (sqe.height - 1) + sqe.width));
		sqe.dst = HOST_BUS + half +
			  rnd(half - (sqe.dst_pitch * (sqe.height - 1) + sqe.width));
		memcpy(expected, host, HOST_SIZE);
		reference(&sqe);
		CU_ASSERT_EQUAL(run(&sqe, &result, &dma), SL200_STATUS_OK);
		CU_ASSERT_EQUAL(result.bytes, sqe.width * sqe.height);
		CU_ASSERT_EQUAL(result.bytes_written, (uint64_t)sqe.width * sqe.height);
		CU_ASSERT(result.end_ns >= result.start_ns);
		CU_ASSERT(result.cycles > 0);
		if (memcmp(host, expected, HOST_SIZE)) {
			CU_FAIL("memory differs from the reference");
			break;
		}
	}
}

static void test_linear(void)
{
	uint64_t jobs = double_read64(card, SL200_TELEM_ENGINE_JOBS_LO(DMA));
	struct sl200_job_result result;
	struct double_dma dma;
	struct sl200_sqe sqe = {
		.opcode = SL200_OP_COPY,
		.src = HOST_BUS + 3,
		.dst = HOST_BUS + HOST_SIZE / 2 + 5,
		.width = HOST_SIZE / 2 - 5,
		.height = 1,
		.src_pitch = 7, /* ignored */
	};

	memcpy(expected, host, HOST_SIZE);
	reference(&sqe);
	CU_ASSERT_EQUAL(run(&sqe, &result, &dma), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(memcmp(host, expected, HOST_SIZE), 0);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_ENGINE_JOBS_LO(DMA)), jobs + 1);
	CU_ASSERT(double_read64(card, SL200_TELEM_ENGINE_BUSY_NS_LO(DMA)) > 0);
	CU_ASSERT(double_read64(card, SL200_TELEM_LINK_READ_LO) >= sqe.width);
	CU_ASSERT(double_read64(card, SL200_TELEM_LINK_WRITE_LO) >= sqe.width);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_ENGINE_STALL_IN_LO(DMA)), 0);
}

static void test_faults(void)
{
	struct sl200_job_result result;
	struct double_dma dma;
	struct sl200_sqe sqe = {
		.opcode = SL200_OP_COPY,
		.src = HOST_BUS,
		.dst = HOST_BUS + HOST_SIZE - 3000,
		.width = 1000,
		.height = 4,
		.src_pitch = 1000,
		.dst_pitch = 1000,
	};

	CU_ASSERT_EQUAL(run(&sqe, &result, &dma), SL200_STATUS_MMU_FAULT);
	CU_ASSERT_EQUAL(result.bytes, 3000);
	CU_ASSERT_EQUAL(dma.fault_iova, HOST_BUS + HOST_SIZE);
	CU_ASSERT_EQUAL(dma.fault_info,
			SL200_ENGINE_FAULT_INFO_VALID | SL200_ENGINE_FAULT_INFO_WRITE |
				SL200_MMU_BUS << SL200_ENGINE_FAULT_INFO_REASON_SHIFT);
	sqe.src = 0;
	sqe.dst = HOST_BUS;
	CU_ASSERT_EQUAL(run(&sqe, &result, &dma), SL200_STATUS_MMU_FAULT);
	CU_ASSERT_EQUAL(dma.fault_iova, 0);
	CU_ASSERT_EQUAL(dma.fault_info & SL200_ENGINE_FAULT_INFO_WRITE, 0);
	/* The next job starts without the old fault. */
	sqe.src = HOST_BUS + 8192;
	CU_ASSERT_EQUAL(run(&sqe, &result, &dma), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(dma.fault_info, 0);
	sqe.opcode = SL200_OP_ENCODE;
	CU_ASSERT_EQUAL(run(&sqe, &result, &dma), SL200_STATUS_ENGINE_ERROR);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_MMU_FAULTS_LO), 2);
}

/* CRC-32C, bit by bit. */
static uint32_t crc32c(const uint8_t *data, size_t len)
{
	uint32_t crc = ~0u;

	while (len--) {
		crc ^= *data++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

static void test_crc(void)
{
	static const uint32_t widths[] = {1, 2, 7, 8, 31, 32, 33, 64, 4095, 4096, 4097, 1000000};
	struct sl200_sqe sqe = {.opcode = SL200_OP_CRC};
	struct sl200_job_result result;
	struct double_dma dma = {.sqe = &sqe, .engine = CRC, .result = &result};

	CU_ASSERT_EQUAL(double_read(card, SL200_TELEM_ENGINE_KIND(CRC)), SL200_ENGINE_CRC);
	memcpy(host + 999, "123456789", 9);
	sqe.src = HOST_BUS + 999;
	sqe.width = 9;
	double_call(card, double_run_dma, &dma);
	CU_ASSERT_EQUAL(result.crc_bitstream, 0xe3069283); /* the check value of CRC-32C */
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		uint32_t offset = rnd(HOST_SIZE - widths[i]);

		sqe.src = HOST_BUS + offset;
		sqe.width = widths[i];
		double_call(card, double_run_dma, &dma);
		CU_ASSERT_EQUAL(result.status, SL200_STATUS_OK);
		CU_ASSERT_EQUAL(result.bytes, widths[i]);
		CU_ASSERT_EQUAL(result.bytes_read, widths[i]);
		CU_ASSERT_EQUAL(result.bytes_written, 0);
		CU_ASSERT_EQUAL(result.crc_bitstream, crc32c(host + offset, widths[i]));
	}
	/* Beyond what is mapped: no checksum. */
	sqe.src = HOST_BUS + HOST_SIZE - 5000;
	sqe.width = 5001;
	double_call(card, double_run_dma, &dma);
	CU_ASSERT_EQUAL(result.status, SL200_STATUS_MMU_FAULT);
	CU_ASSERT_EQUAL(result.bytes, 0);
	CU_ASSERT_EQUAL(result.crc_bitstream, 0);
	CU_ASSERT_EQUAL(dma.fault_iova, HOST_BUS + HOST_SIZE);
	CU_ASSERT_EQUAL(dma.fault_info,
			SL200_ENGINE_FAULT_INFO_VALID |
				SL200_MMU_BUS << SL200_ENGINE_FAULT_INFO_REASON_SHIFT);
	/* It does nothing else. */
	sqe = (struct sl200_sqe){.opcode = SL200_OP_FILL, .dst = HOST_BUS, .width = 8, .height = 1};
	double_call(card, double_run_dma, &dma);
	CU_ASSERT_EQUAL(result.status, SL200_STATUS_ENGINE_ERROR);
}

static void test_injected_error(void)
{
	struct sl200_job_result result;
	struct double_dma dma;
	struct sl200_sqe sqe = {.opcode = SL200_OP_FILL, .dst = HOST_BUS, .width = 8, .height = 1};

	double_write(card, SL200_INJECT_ENGINE_ERROR, UINT32_MAX);
	CU_ASSERT_EQUAL(double_read(card, SL200_INJECT_ENGINE_ERROR), 15); /* engines that exist */
	CU_ASSERT_EQUAL(run(&sqe, &result, &dma), SL200_STATUS_ENGINE_ERROR);
	CU_ASSERT_EQUAL(double_read(card, SL200_INJECT_ENGINE_ERROR), 14);
	CU_ASSERT_EQUAL(run(&sqe, &result, &dma), SL200_STATUS_OK);
	double_write(card, SL200_INJECT_ENGINE_ERROR, 0);
}

#define ASID 5u
#define TABLES (HOST_SIZE - 4 * SL200_PAGE_SIZE) /* a table a level, at the end of host memory */

static void bind(struct hal *hal, void *arg)
{
	hal_write(hal, SL200_MMU_ASID, ASID);
	hal_write(hal, SL200_MMU_ROOT_LO, (uint32_t)(HOST_BUS + TABLES));
	hal_write(hal, SL200_MMU_ROOT_HI, 0);
	hal_write(hal, SL200_MMU_CMD, SL200_MMU_CMD_BIND);
}

/* An address space whose page 0 is the first of card DRAM, and page 1 the first of host memory. */
static void bind_pages(void)
{
	uint64_t *table = (uint64_t *)(host + TABLES);

	memset(table, 0, 4ull * SL200_PAGE_SIZE);
	for (unsigned int level = 1; level < SL200_PT_LEVELS; level++, table += 512)
		*table = (HOST_BUS + TABLES + (uint64_t)level * SL200_PAGE_SIZE) | SL200_PTE_VALID;
	table[0] = SL200_PTE_VALID | SL200_PTE_READ | SL200_PTE_WRITE | SL200_PTE_DRAM;
	table[1] = HOST_BUS | SL200_PTE_VALID | SL200_PTE_READ | SL200_PTE_WRITE;
	double_call(card, bind, NULL);
}

/* A memory error that cannot be corrected ends a job; others are only counted. */
static void test_ecc(void)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_COPY,
				.src = SL200_PAGE_SIZE,
				.dst = 0,
				.width = 64,
				.height = 1};
	uint64_t lookups = double_read64(card, SL200_TELEM_TLB_LOOKUPS_LO);
	uint64_t walks = double_read64(card, SL200_TELEM_TLB_WALKS_LO);
	uint64_t faults = double_read64(card, SL200_TELEM_MMU_FAULTS_LO);
	struct sl200_job_result result;
	struct double_dma dma = {.sqe = &sqe, .asid = ASID, .engine = DMA, .result = &result};

	bind_pages();
	double_write(card, SL200_INJECT_ECC, 1u << SL200_INJECT_ECC_UNCORRECTED_SHIFT | 1);
	double_call(card, double_run_dma, &dma); /* a write */
	CU_ASSERT_EQUAL(result.status, SL200_STATUS_OK);
	sqe.src = 0;
	sqe.dst = SL200_PAGE_SIZE + 1024;
	double_call(card, double_run_dma, &dma);
	CU_ASSERT_EQUAL(result.status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(memcmp(host, host + 1024, 64), 0);
	double_call(card, double_run_dma, &dma);
	CU_ASSERT_EQUAL(result.status, SL200_STATUS_ENGINE_ERROR);
	CU_ASSERT_EQUAL(result.bytes, 0);
	CU_ASSERT_EQUAL(dma.fault_info, 0);
	CU_ASSERT_EQUAL(double_read(card, SL200_TELEM_ECC),
			1u << SL200_TELEM_ECC_UNCORRECTED_SHIFT | 1);
	double_call(card, double_run_dma, &dma);
	CU_ASSERT_EQUAL(result.status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_MMU_FAULTS_LO), faults);
	/* Two pages, each looked for four times (the failed job did not get to its second). */
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_TLB_LOOKUPS_LO) - lookups, 7);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_TLB_WALKS_LO) - walks, 2);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_CLOCK_LO), 0);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_TLB_WALK_CYCLES_LO), 0);
}

/* ------------------------------------------------- the port, step by step */

static void begin(struct hal *hal, unsigned int n, const void *job, size_t size)
{
	memcpy((uint8_t *)hal_tcm(hal) + 1024, job, size);
	hal_write(hal, SL200_ENGINE_ASID(n), 0);
	hal_write(hal, SL200_ENGINE_JOB(n), 1024);
	hal_write(hal, SL200_ENGINE_RESULT(n), 512);
	hal_write(hal, SL200_ENGINE_CTRL(n), SL200_ENGINE_CTRL_START);
}

static void await_idle(struct hal *hal, unsigned int n)
{
	while (hal_read(hal, SL200_ENGINE_STATUS(n)) != SL200_ENGINE_STATUS_IDLE)
		if (hal_stopping(hal))
			return;
}

static void hang_and_reset(struct hal *hal, void *arg)
{
	const struct sl200_sqe sqe = {
		.opcode = SL200_OP_FILL, .dst = HOST_BUS, .width = 8, .height = 1};
	uint32_t resets = hal_read(hal, SL200_SYS_RESET_ENGINES), now;
	struct sl200_job_result *result;

	result = (struct sl200_job_result *)((uint8_t *)hal_tcm(hal) + 512);
	result->status = 0x7777;
	begin(hal, DMA, &sqe, sizeof(sqe));
	now = hal_read(hal, SL200_SYS_TIME_LO);
	hal_write(hal, SL200_SYS_TIMER_CMP_LO, now + 20000000);
	hal_write(hal, SL200_SYS_TIMER_CMP_HI, hal_read(hal, SL200_SYS_TIME_HI));
	if (hal_wait(hal))
		return;
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_IRQ), SL200_SYS_IRQ_TIMER);
	hal_write(hal, SL200_SYS_IRQ_ACK, SL200_SYS_IRQ_TIMER);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_ENGINE_STATUS(DMA)), SL200_ENGINE_STATUS_BUSY);
	/* START and ACK of a busy engine are ignored. */
	hal_write(hal, SL200_ENGINE_CTRL(DMA), SL200_ENGINE_CTRL_START | SL200_ENGINE_CTRL_ACK);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_ENGINE_STATUS(DMA)), SL200_ENGINE_STATUS_BUSY);
	hal_write(hal, SL200_ENGINE_CTRL(DMA), SL200_ENGINE_CTRL_RESET);
	await_idle(hal, DMA);
	CU_ASSERT_EQUAL(result->status, 0x7777); /* dropped without a result */
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_RESET_ENGINES), resets + 1);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_IRQ), 0);
	/* And it works again. */
	begin(hal, DMA, &sqe, sizeof(sqe));
	while (hal_read(hal, SL200_ENGINE_STATUS(DMA)) != SL200_ENGINE_STATUS_DONE)
		if (hal_wait(hal))
			return;
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_IRQ), SL200_SYS_IRQ_ENGINE);
	CU_ASSERT_EQUAL(result->status, SL200_STATUS_OK);
	hal_write(hal, SL200_ENGINE_CTRL(DMA), SL200_ENGINE_CTRL_ACK);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_IRQ), 0);
}

static void test_hang(void)
{
	double_write(card, SL200_INJECT_ENGINE_HANG, 1);
	double_call(card, hang_and_reset, NULL);
	CU_ASSERT_EQUAL(double_read(card, SL200_INJECT_ENGINE_HANG), 0);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_RESET_COUNT) >> 8 & 0xff, 1);
}

/* A descriptor without references, with one slice. */
struct encode_job {
	struct sl200_h264_enc enc;
	struct sl200_h264_slice slice;
};

static void encode(struct hal *hal, void *arg)
{
	struct encode_job job = {
		.enc = {.head = {.version = SL200_ENC_DESC_VERSION,
				 .codec = SL200_CODEC_H264,
				 .size = sizeof(job),
				 .bitstream_iova = HOST_BUS + 64,
				 .quality = 77},
			.num_slices = 1},
	};
	struct sl200_job_result *result;

	result = (struct sl200_job_result *)((uint8_t *)hal_tcm(hal) + 512);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_ENGINE_KIND(VENC)), SL200_ENGINE_VENC);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_ENGINE_CAP_FLAGS(VENC)), SL200_H264_F_CABAC);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_ENGINE_CAP_DIM(VENC)), 2304u << 16 | 4096);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_ENGINE_CAP_LIMITS(VENC)),
			5u << 28 | 17 << 16 | 1 << 8 | 3);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_ENGINE_CAP_DIM(DMA)), 0);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_ENGINE_KIND(4)), SL200_ENGINE_NONE);
	hal_write(hal, SL200_ENGINE_CTRL(4), SL200_ENGINE_CTRL_START);

	begin(hal, VENC, &job, sizeof(job));
	while (hal_read(hal, SL200_ENGINE_STATUS(VENC)) != SL200_ENGINE_STATUS_DONE)
		if (hal_wait(hal))
			return;
	CU_ASSERT_EQUAL(result->status, atomic_load(&double_venc_status));
	CU_ASSERT_EQUAL(result->slices, 1);
	CU_ASSERT_EQUAL(result->bytes_written, 4);
	CU_ASSERT_EQUAL(host[64], 77);
	hal_write(hal, SL200_ENGINE_CTRL(VENC), SL200_ENGINE_CTRL_ACK);

	/* A descriptor that claims more than it brings. */
	job.enc.num_refs = 16;
	begin(hal, VENC, &job, sizeof(job));
	while (hal_read(hal, SL200_ENGINE_STATUS(VENC)) != SL200_ENGINE_STATUS_DONE)
		if (hal_wait(hal))
			return;
	CU_ASSERT_EQUAL(result->status, SL200_STATUS_ENGINE_ERROR);
	hal_write(hal, SL200_ENGINE_CTRL(VENC), SL200_ENGINE_CTRL_ACK);
}

static void test_encode(void)
{
	atomic_store(&double_venc_status, SL200_STATUS_OVERFLOW);
	double_call(card, encode, NULL);
	atomic_store(&double_venc_status, SL200_STATUS_OK);
}

static void test_health(void)
{
	uint32_t temp = double_read(card, SL200_TELEM_TEMP);
	uint32_t power = double_read(card, SL200_TELEM_POWER);

	CU_ASSERT(temp >= 45000 && temp < 110000);
	CU_ASSERT(power >= 9000 && power < 75000);
}

/* A link of 100 MB/s: 4 MiB each way take 40 ms, and the card's own clock says so. */
static void test_link_model(void)
{
	const struct card_config config = {
		.dram_size = 64u << 20,
		.link = {.bandwidth = 100000000, .latency_ns = 1000000},
	};
	struct sl200_job_result result;
	struct double_dma dma;
	struct sl200_sqe sqe = {
		.opcode = SL200_OP_COPY,
		.src = HOST_BUS,
		.dst = HOST_BUS + HOST_SIZE / 2,
		.width = HOST_SIZE / 2,
		.height = 1,
	};
	uint64_t ns, stall;

	teardown();
	CU_ASSERT_EQUAL_FATAL(start(&config), 0);
	CU_ASSERT_EQUAL(run(&sqe, &result, &dma), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(memcmp(host, host + HOST_SIZE / 2, HOST_SIZE / 2), 0);
	ns = result.end_ns - result.start_ns;
	CU_ASSERT(ns >= 20900000); /* 2 MiB; both directions run side by side */
	CU_ASSERT(ns < 2000000000);
	stall = double_read64(card, SL200_TELEM_ENGINE_STALL_IN_LO(DMA)) +
		double_read64(card, SL200_TELEM_ENGINE_STALL_OUT_LO(DMA));
	CU_ASSERT(stall > ns / 4 && stall <= ns);
	/* Latency alone: one round trip shows. */
	sqe.width = 64;
	CU_ASSERT_EQUAL(run(&sqe, &result, &dma), SL200_STATUS_OK);
	CU_ASSERT(result.end_ns - result.start_ns >= 1000000);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"random 2-D jobs", test_random_jobs},
		{"linear copy", test_linear},
		{"faults", test_faults},
		{"crc", test_crc},
		{"injected error", test_injected_error},
		{"memory errors", test_ecc},
		{"hang and reset", test_hang},
		{"encode dispatch", test_encode},
		{"temperature and power", test_health},
		{"link model", test_link_model},
		CU_TEST_INFO_NULL,
	};

	return suite_run("chip: engines", setup, teardown, tests);
}
