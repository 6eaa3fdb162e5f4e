/* SPDX-License-Identifier: MIT */
/*
 * The whole card with its own firmware and encode engine, driven by hand as docs/hardware.md tells:
 * boot, admin queue, address space, user queue, jobs, interrupts, faults, recovery.
 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_enc.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"
#include "tests/unit/test_card_host.h"
#include "tests/suite.h"

#define ASID 3u

static struct host *host;
static struct host_ring queue;

static int setup(void)
{
	host = host_open();
	return 0;
}

static int teardown(void)
{
	host_close(host);
	return 0;
}

static void test_boot_refused(void)
{
	uint8_t *bad = malloc(host->image_size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(bad);
	memcpy(bad, host->image, host->image_size);
	bad[host->image_size - 1] ^= 1;
	CU_ASSERT_EQUAL(host_boot_bytes(host, bad, host->image_size), SL200_BOOT_ERR_HASH);
	memcpy(bad, host->image, host->image_size);
	bad[offsetof(struct sl200_fw_header, build)] ^= 1;
	CU_ASSERT_EQUAL(host_boot_bytes(host, bad, host->image_size), SL200_BOOT_ERR_SIGNATURE);
	memset(bad, 0, host->image_size);
	CU_ASSERT_EQUAL(host_boot_bytes(host, bad, host->image_size), SL200_BOOT_ERR_MAGIC);
	CU_ASSERT_EQUAL(host_boot_bytes(host, host->image, 100), SL200_BOOT_ERR_SIZE);
	CU_ASSERT_EQUAL(host_read(host, SL200_MCU_HEARTBEAT), 0);
	free(bad);
}

static void test_boot(void)
{
	const struct sl200_fw_header *header = (const struct sl200_fw_header *)host->image;
	uint32_t beat;

	host_boot(host);
	CU_ASSERT_EQUAL(host_read(host, SL200_MCU_STATE), SL200_MCU_STATE_RUN);
	CU_ASSERT_EQUAL(host_read(host, SL200_MCU_FW_VERSION), header->version);
	beat = host_read(host, SL200_MCU_HEARTBEAT);
	for (int i = 0; i < 3000 && host_read(host, SL200_MCU_HEARTBEAT) == beat; i++)
		host_nap();
	CU_ASSERT_NOT_EQUAL(host_read(host, SL200_MCU_HEARTBEAT), beat);
}

static void test_admin(void)
{
	struct sl200_caps *caps = (struct sl200_caps *)(host->memory + HOST_REPLY);
	unsigned int before;

	for (unsigned int i = 0; i < 3 * HOST_DEPTH; i++)
		CU_ASSERT_EQUAL(
			host_admin(host, &(struct sl200_admin_sqe){.opcode = SL200_ADMIN_PING}), 0);
	before = atomic_load(&host->irqs[0]);
	CU_ASSERT_EQUAL(host_admin(host, &(struct sl200_admin_sqe){.opcode = SL200_ADMIN_PING,
								   .flags = SL200_SQE_F_IRQ}),
			0);
	CU_ASSERT(host_irq_after(host, 0, before));
	CU_ASSERT_EQUAL(host_admin(host, &(struct sl200_admin_sqe){.opcode = SL200_ADMIN_GET_CAPS,
								   .addr = HOST_BUS + HOST_REPLY,
								   .size = sizeof(*caps)}),
			0);
	CU_ASSERT_EQUAL(caps->dram_size, HOST_DRAM_SIZE);
	CU_ASSERT_EQUAL(caps->engine_kind[0], SL200_ENGINE_DMA);
	CU_ASSERT_EQUAL(caps->engine_kind[2], SL200_ENGINE_VENC);
	CU_ASSERT_EQUAL(caps->engine_kind[3], SL200_ENGINE_NONE);
	CU_ASSERT(caps->opcodes_lo & 1u << SL200_OP_COPY &&
		  caps->opcodes_lo & 1u << SL200_OP_ENCODE);
	CU_ASSERT_EQUAL(caps->num_enc, 1);
	CU_ASSERT_EQUAL(host_admin(host, &(struct sl200_admin_sqe){.opcode = 0xee}),
			SL200_STATUS_INVALID_OPCODE);
}

static void test_copy(void)
{
	uint8_t *src = host->memory + HOST_DATA, *back = src + 0x100000;
	const uint32_t size = 300000;
	unsigned int before = atomic_load(&host->irqs[1]);

	host_bind(host, ASID, 0, HOST_SIZE);
	host_create(host, &queue, 1, ASID, 0);
	for (uint32_t i = 0; i < size; i++)
		src[i] = (uint8_t)(i * 17 + i / 255);
	host_submit(host, &queue,
		    &(struct sl200_sqe){.opcode = SL200_OP_COPY,
					.tag = 1,
					.src = HOST_IOVA(HOST_DATA),
					.dst = HOST_IOVA_DRAM + 4096,
					.width = size,
					.height = 1});
	host_submit(host, &queue,
		    &(struct sl200_sqe){.opcode = SL200_OP_COPY,
					.flags = SL200_SQE_F_BARRIER | SL200_SQE_F_IRQ,
					.tag = 2,
					.src = HOST_IOVA_DRAM + 4096,
					.dst = HOST_IOVA(HOST_DATA + 0x100000),
					.width = size,
					.height = 1});
	for (uint64_t tag = 1; tag <= 2; tag++) {
		struct sl200_cqe cqe = host_collect(host, &queue);

		CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_OK);
		CU_ASSERT_EQUAL(cqe.tag, tag);
		CU_ASSERT_EQUAL(cqe.bytes, size);
	}
	CU_ASSERT_EQUAL(memcmp(src, back, size), 0);
	CU_ASSERT(host_irq_after(host, 1, before));
}

/* One intra picture; the slice header is of no meaning to the engine. */
static void test_encode(void)
{
	enum { W = 64, H = 48, AT_REC = HOST_DATA + 0x10000, AT_BITS = HOST_DATA + 0x20000 };
	struct {
		struct sl200_h264_enc enc;
		struct sl200_h264_slice slice;
	} *d = (void *)(host->memory + HOST_DATA + 0x40000);
	struct sl200_job_result *result = (void *)(host->memory + HOST_DATA + 0x50000);
	static const uint8_t header[] = {0, 0, 0, 1, 0x65, 0xb8};
	struct sl200_surface s = {.iova = HOST_IOVA(HOST_DATA),
				  .size = 0x10000,
				  .format = SL200_FORMAT_NV12,
				  .width = W,
				  .height = H,
				  .offset = {0, W * H, 0},
				  .pitch = {W, W, 0}};
	struct sl200_cqe cqe;

	memset(d, 0, sizeof(*d));
	memset(host->memory + AT_BITS, 0xcc, 0x10000);
	memcpy(host->memory + HOST_DATA + 0x60000, header, sizeof(header));
	for (unsigned int i = 0; i < W * H * 3 / 2; i++)
		host->memory[HOST_DATA + i] = (uint8_t)(128 + (i % W) - i / W);
	d->enc.head = (struct sl200_enc_head){
		.version = SL200_ENC_DESC_VERSION,
		.codec = SL200_CODEC_H264,
		.size = sizeof(*d),
		.result_iova = HOST_IOVA(HOST_DATA + 0x50000),
		.source = s,
		.recon = s,
		.bitstream_iova = HOST_IOVA(AT_BITS),
		.bitstream_size = 0x10000,
		.header_size = sizeof(header),
		.header_iova = HOST_IOVA(HOST_DATA + 0x60000),
		.quality = 1,
		.qp = 28,
		.qp_max = 51,
	};
	d->enc.head.recon.iova = HOST_IOVA(AT_REC);
	d->enc.width_mbs = W / 16;
	d->enc.height_mbs = H / 16;
	d->enc.flags = SL200_H264_F_REFERENCE;
	d->enc.num_slices = 1;
	d->slice = (struct sl200_h264_slice){
		.num_mbs = W * H / 256,
		.header = {.offset = 0, .bits = 8 * sizeof(header)},
		.slice_type = SL200_H264_SLICE_I,
		.slice_qp = 28,
	};
	host_submit(host, &queue,
		    &(struct sl200_sqe){.opcode = SL200_OP_ENCODE,
					.tag = 9,
					.src = HOST_IOVA(HOST_DATA + 0x40000),
					.width = sizeof(*d)});
	cqe = host_collect(host, &queue);
	CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(cqe.detail, 0);
	CU_ASSERT(cqe.bytes > sizeof(header) && cqe.bytes < 0x10000);
	CU_ASSERT_EQUAL(memcmp(host->memory + AT_BITS, header, sizeof(header)), 0);
	CU_ASSERT_EQUAL(host->memory[AT_BITS + cqe.bytes], 0xcc); /* nothing past the end */
	CU_ASSERT_EQUAL(result->bytes, cqe.bytes);
	CU_ASSERT_EQUAL(result->crc_recon, cqe.crc_recon);
	CU_ASSERT_EQUAL(result->intra_mbs, W * H / 256);
	CU_ASSERT(result->end_ns > result->start_ns);
	CU_ASSERT(result->bytes_read >= W * H * 3 / 2);
	/* An output buffer too small. */
	d->enc.head.bitstream_size = 8;
	CU_ASSERT_EQUAL(host_job(host, &queue,
				 &(struct sl200_sqe){.opcode = SL200_OP_ENCODE,
						     .src = HOST_IOVA(HOST_DATA + 0x40000),
						     .width = sizeof(*d)}),
			SL200_STATUS_OVERFLOW);
}

static void test_hang(void)
{
	uint32_t resets = host_read(host, SL200_TOP_RESET_COUNT) >> 8 & 0xff;
	struct sl200_sqe fill = {.opcode = SL200_OP_FILL,
				 .timeout_us = 20000,
				 .dst = HOST_IOVA(HOST_DATA),
				 .width = 64,
				 .height = 1};

	host_write(host, SL200_INJECT_ENGINE_HANG, 3);
	CU_ASSERT_EQUAL(host_job(host, &queue, &fill), SL200_STATUS_TIMEOUT);
	CU_ASSERT_EQUAL(host_read(host, SL200_TOP_RESET_COUNT) >> 8 & 0xff, resets + 1);
	host_write(host, SL200_INJECT_ENGINE_HANG, 0);
	CU_ASSERT_EQUAL(host_job(host, &queue, &fill), SL200_STATUS_OK);
}

static void test_fault(void)
{
	struct sl200_queue_info *info = (struct sl200_queue_info *)(host->memory + HOST_REPLY);

	CU_ASSERT_EQUAL(host_job(host, &queue,
				 &(struct sl200_sqe){.opcode = SL200_OP_FILL,
						     .dst = 0xdead0000,
						     .width = 64,
						     .height = 1}),
			SL200_STATUS_MMU_FAULT);
	CU_ASSERT_EQUAL(
		host_admin(host, &(struct sl200_admin_sqe){.opcode = SL200_ADMIN_QUEUE_QUERY,
							   .qid = 1,
							   .addr = HOST_BUS + HOST_REPLY,
							   .size = sizeof(*info)}),
		0);
	CU_ASSERT_EQUAL(info->state, SL200_QUEUE_STOPPED);
	CU_ASSERT_EQUAL(info->fault_iova, 0xdead0000);
	CU_ASSERT_EQUAL(info->fault_reason, SL200_MMU_NOT_PRESENT);
	CU_ASSERT_EQUAL(info->fault_write, 1);
	CU_ASSERT_EQUAL(
		host_admin(host, &(struct sl200_admin_sqe){.opcode = SL200_ADMIN_QUEUE_DESTROY,
							   .qid = 1}),
		0);
	host_create(host, &queue, 1, ASID, 0);
	CU_ASSERT_EQUAL(host_job(host, &queue, &(struct sl200_sqe){.opcode = SL200_OP_NOP}),
			SL200_STATUS_OK);
}

/* Everything from boot to a job again, after each rung of the reset ladder. */
static void recover(void)
{
	host_boot(host);
	host_bind(host, ASID, 0, HOST_SIZE);
	host_create(host, &queue, 1, ASID, 0);
	CU_ASSERT_EQUAL(host_job(host, &queue, &(struct sl200_sqe){.opcode = SL200_OP_NOP}),
			SL200_STATUS_OK);
}

static void load_queue(void)
{
	for (unsigned int i = 0; i < HOST_DEPTH; i++)
		host_submit(host, &queue,
			    &(struct sl200_sqe){.opcode = SL200_OP_FILL,
						.dst = HOST_IOVA(HOST_DATA),
						.value = i,
						.width = 8u << 20,
						.height = 1});
}

static void test_recovery(void)
{
	load_queue();
	host_write(host, SL200_INJECT_MCU_CRASH, 1);
	CU_ASSERT_EQUAL(host_read(host, SL200_MCU_STATE), SL200_MCU_STATE_HALTED);
	host_write(host, SL200_TOP_RESET, SL200_TOP_RESET_MCU);
	recover();
	load_queue();
	host_write(host, SL200_TOP_RESET, SL200_TOP_RESET_CHIP);
	recover();
	load_queue();
	CU_ASSERT_EQUAL(card_reset(host->card), 0);
	host_enable(host);
	recover();
	load_queue(); /* power-off comes next */
}

/* What a driver sees of a card that writes nonsense, or is off the bus until it is reset. */
static void test_injection(void)
{
	struct sl200_cqe cqe;
	uint64_t value;

	host_write(host, SL200_INJECT_CORRUPT_CQE, 1);
	host_submit(host, &queue, &(struct sl200_sqe){.opcode = SL200_OP_NOP, .tag = 5});
	cqe = host_collect(host, &queue);
	CU_ASSERT_EQUAL(cqe.tag, ~5ull);
	CU_ASSERT_EQUAL(cqe.status, 0xffff);
	CU_ASSERT_EQUAL(host_read(host, SL200_INJECT_CORRUPT_CQE), 0);

	host_write(host, SL200_INJECT_ALL_ONES, 1);
	CU_ASSERT_EQUAL(card_bar_read(host->card, 0, SL200_TOP_ID, 4, &value), -ENXIO);
	CU_ASSERT_EQUAL(value, UINT32_MAX);
	CU_ASSERT_EQUAL(card_bar_write(host->card, 0, SL200_TOP_RESET, 4, SL200_TOP_RESET_CHIP),
			-ENXIO);
	CU_ASSERT_EQUAL(card_reset(host->card), 0);
	host_enable(host);
	CU_ASSERT_EQUAL(host_read(host, SL200_TOP_ID), SL200_TOP_ID_RESET_VALUE);
	recover();
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"refused images", test_boot_refused},
		{"boot", test_boot},
		{"admin queue", test_admin},
		{"copy", test_copy},
		{"encode", test_encode},
		{"hung engine", test_hang},
		{"fault", test_fault},
		{"injected faults", test_injection},
		{"reset ladder", test_recovery},
		CU_TEST_INFO_NULL,
	};

	return suite_run("card: with its firmware", setup, teardown, tests);
}
