/* SPDX-License-Identifier: MIT */
/*
 * The whole card with its own firmware and encode engine, driven by hand as docs/hardware.md tells:
 * boot, admin queue, address space, user queue, jobs, interrupts, faults, recovery.
 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_enc.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_mmu.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "sim/card/card.h"

#define PAGE 4096u
#define HOST_SIZE (16u << 20)
#define HOST_BUS 0x80000000ull
#define RW (CARD_DMA_READ | CARD_DMA_WRITE)
#define MSIX_FLAGS_AT 0x52u /* checked against the capability list by test_card_pci */
#define WAIT_MS 20000u

/* Host memory by offset. IOVA = offset + IOVA_BASE, over 2 MiB pages; the tables are 4 KiB. */
enum {
	AT_ADMIN_SQ = 0x0000,
	AT_ADMIN_CQ = 0x1000,
	AT_REPLY = 0x2000,
	AT_IMAGE = 0x10000,
	AT_TABLES = 0x180000,
	AT_SQ = 0x200000,
	AT_CQ = 0x201000,
	AT_DATA = 0x400000,
};
#define IOVA_BASE 0x100000000ull
#define ASID 3u
#define DEPTH 16u

static struct card *card;
static uint8_t *host;
static uint8_t *image;
static size_t image_size;
static uint32_t admin_tail, admin_head, sq_tail, cq_head;
static atomic_uint irqs[4];

static void count_irq(void *arg)
{
	atomic_fetch_add((atomic_uint *)arg, 1);
}

static uint32_t rd(uint32_t offset)
{
	uint64_t value = 0;

	CU_ASSERT_EQUAL(card_bar_read(card, 0, offset, 4, &value), 0);
	return (uint32_t)value;
}

static void wr(uint32_t offset, uint32_t value)
{
	CU_ASSERT_EQUAL(card_bar_write(card, 0, offset, 4, value), 0);
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
}

/* The image lies beside the test: build/tests/NAME, build/firmware/sl200.fw. */
static bool load_image(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);
	char *slash;
	FILE *f;

	if (n < 0)
		return false;
	path[n] = '\0';
	for (int i = 0; i < 2; i++) {
		slash = strrchr(path, '/');
		if (!slash)
			return false;
		*slash = '\0';
	}
	strcat(path, "/firmware/sl200.fw");
	f = fopen(path, "rb");
	if (!f) {
		perror(path);
		return false;
	}
	image = malloc(SL200_FW_MAX_SIZE);
	image_size = image ? fread(image, 1, SL200_FW_MAX_SIZE, f) : 0;
	fclose(f);
	return image_size > sizeof(struct sl200_fw_header);
}

static void enable_function(void)
{
	CU_ASSERT_EQUAL(
		card_config_write(card, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER),
		0);
	CU_ASSERT_EQUAL(card_config_write(card, MSIX_FLAGS_AT, 2, PCI_MSIX_FLAGS_ENABLE), 0);
	for (unsigned int i = 0; i < 4; i++)
		wr(SL200_MSIX_TABLE_CTRL(i), 0);
}

static int setup(void)
{
	const struct card_config config = {.dram_size = 256u << 20};

	host = aligned_alloc(SL200_HUGE_SIZE, HOST_SIZE);
	if (!host || !load_image() || card_create(&config, &card) ||
	    card_dma_map(card, HOST_BUS, host, HOST_SIZE, RW))
		return -1;
	memset(host, 0, HOST_SIZE);
	for (unsigned int i = 0; i < 4; i++)
		if (card_set_irq(card, i, count_irq, &irqs[i]))
			return -1;
	return 0;
}

static int teardown(void)
{
	card_destroy(card);
	free(host);
	free(image);
	return 0;
}

static uint32_t boot_bytes(const uint8_t *bytes, size_t size)
{
	uint32_t status;

	memcpy(host + AT_IMAGE, bytes, size);
	wr(SL200_BOOT_IMAGE_LO, (uint32_t)(HOST_BUS + AT_IMAGE));
	wr(SL200_BOOT_IMAGE_HI, 0);
	wr(SL200_BOOT_SIZE, (uint32_t)size);
	wr(SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO);
	do {
		nap();
		status = rd(SL200_BOOT_STATUS);
	} while (status < SL200_BOOT_RUNNING);
	return status;
}

static void test_boot_refused(void)
{
	uint8_t *bad = malloc(image_size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(bad);
	enable_function();
	memcpy(bad, image, image_size);
	bad[image_size - 1] ^= 1;
	CU_ASSERT_EQUAL(boot_bytes(bad, image_size), SL200_BOOT_ERR_HASH);
	memcpy(bad, image, image_size);
	bad[offsetof(struct sl200_fw_header, build)] ^= 1;
	CU_ASSERT_EQUAL(boot_bytes(bad, image_size), SL200_BOOT_ERR_SIGNATURE);
	memset(bad, 0, image_size);
	CU_ASSERT_EQUAL(boot_bytes(bad, image_size), SL200_BOOT_ERR_MAGIC);
	CU_ASSERT_EQUAL(boot_bytes(image, 100), SL200_BOOT_ERR_SIZE);
	CU_ASSERT_EQUAL(rd(SL200_MCU_HEARTBEAT), 0);
	free(bad);
}

static void test_boot(void)
{
	const struct sl200_fw_header *header = (const struct sl200_fw_header *)image;
	uint32_t beat;

	CU_ASSERT_EQUAL_FATAL(boot_bytes(image, image_size), SL200_BOOT_RUNNING);
	CU_ASSERT_EQUAL(rd(SL200_MCU_STATE), SL200_MCU_STATE_RUN);
	CU_ASSERT_EQUAL(rd(SL200_MCU_FW_VERSION), header->version);
	beat = rd(SL200_MCU_HEARTBEAT);
	for (int i = 0; i < 3000 && rd(SL200_MCU_HEARTBEAT) == beat; i++)
		nap();
	CU_ASSERT_NOT_EQUAL(rd(SL200_MCU_HEARTBEAT), beat);
}

static void admin_start(void)
{
	wr(SL200_ADMIN_SQ_LO, (uint32_t)(HOST_BUS + AT_ADMIN_SQ));
	wr(SL200_ADMIN_SQ_HI, 0);
	wr(SL200_ADMIN_CQ_LO, (uint32_t)(HOST_BUS + AT_ADMIN_CQ));
	wr(SL200_ADMIN_CQ_HI, 0);
	wr(SL200_ADMIN_DEPTH, DEPTH);
	memset(host + AT_ADMIN_CQ, 0, PAGE);
	admin_tail = admin_head = 0;
	wr(SL200_ADMIN_CTRL, SL200_ADMIN_CTRL_ENABLE);
	for (int i = 0; i < 5000 && rd(SL200_ADMIN_STATUS) == 0; i++)
		nap();
	CU_ASSERT_EQUAL_FATAL(rd(SL200_ADMIN_STATUS), SL200_ADMIN_STATUS_READY);
}

static void ring(unsigned int queue, uint32_t reg, uint32_t value)
{
	CU_ASSERT_EQUAL(card_bar_write(card, 2, queue * SL200_DOORBELL_STRIDE + reg, 4, value), 0);
}

/* The next completion of a ring, waited for by its phase. */
static bool next_cqe(size_t at, uint32_t *head, struct sl200_cqe *out)
{
	struct sl200_cqe *cqe = (struct sl200_cqe *)(host + at) + *head % DEPTH;
	uint32_t phase = *head / DEPTH % 2 ? 0 : SL200_CQE_PHASE;
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += WAIT_MS / 1000;
	while ((__atomic_load_n(&cqe->phase, __ATOMIC_ACQUIRE) & SL200_CQE_PHASE) != phase) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec) {
			CU_FAIL("no completion");
			return false;
		}
		nap();
	}
	memcpy(out, cqe, sizeof(*out));
	++*head;
	return true;
}

static uint16_t admin(const struct sl200_admin_sqe *command)
{
	struct sl200_admin_sqe *sqe = (struct sl200_admin_sqe *)(host + AT_ADMIN_SQ);
	struct sl200_cqe cqe;

	sqe[admin_tail % DEPTH] = *command;
	sqe[admin_tail % DEPTH].tag = 0x1000 + admin_tail;
	ring(0, SL200_DOORBELL_SQ_TAIL, ++admin_tail);
	if (!next_cqe(AT_ADMIN_CQ, &admin_head, &cqe))
		return UINT16_MAX;
	CU_ASSERT_EQUAL(cqe.tag, 0x1000 + admin_tail - 1);
	ring(0, SL200_DOORBELL_CQ_HEAD, admin_head);
	return cqe.status;
}

static void test_admin(void)
{
	struct sl200_caps *caps = (struct sl200_caps *)(host + AT_REPLY);
	unsigned int before;

	admin_start();
	for (unsigned int i = 0; i < 3 * DEPTH; i++)
		CU_ASSERT_EQUAL(admin(&(struct sl200_admin_sqe){.opcode = SL200_ADMIN_PING}), 0);
	before = atomic_load(&irqs[0]);
	CU_ASSERT_EQUAL(admin(&(struct sl200_admin_sqe){.opcode = SL200_ADMIN_PING,
							.flags = SL200_SQE_F_IRQ}),
			0);
	for (int i = 0; i < 5000 && atomic_load(&irqs[0]) == before; i++)
		nap();
	CU_ASSERT(atomic_load(&irqs[0]) > before);
	CU_ASSERT_EQUAL(admin(&(struct sl200_admin_sqe){.opcode = SL200_ADMIN_GET_CAPS,
							.addr = HOST_BUS + AT_REPLY,
							.size = sizeof(*caps)}),
			0);
	CU_ASSERT_EQUAL(caps->dram_size, 256u << 20);
	CU_ASSERT_EQUAL(caps->engine_kind[0], SL200_ENGINE_DMA);
	CU_ASSERT_EQUAL(caps->engine_kind[2], SL200_ENGINE_VENC);
	CU_ASSERT_EQUAL(caps->engine_kind[3], SL200_ENGINE_NONE);
	CU_ASSERT(caps->opcodes_lo & 1u << SL200_OP_COPY &&
		  caps->opcodes_lo & 1u << SL200_OP_ENCODE);
	CU_ASSERT_EQUAL(caps->num_enc, 1);
	CU_ASSERT_EQUAL(admin(&(struct sl200_admin_sqe){.opcode = 0xee}),
			SL200_STATUS_INVALID_OPCODE);
}

/* All of host memory at IOVA_BASE in 2 MiB pages, and 16 MiB of card DRAM behind it. */
static void make_tables(void)
{
	uint64_t *root = (uint64_t *)(host + AT_TABLES);
	uint64_t *level2 = root + 512, *level1 = root + 1024;
	const uint64_t leaf = SL200_PTE_VALID | SL200_PTE_HUGE | SL200_PTE_READ | SL200_PTE_WRITE;

	memset(root, 0, 3 * PAGE);
	root[SL200_PT_INDEX(IOVA_BASE, 3)] = (HOST_BUS + AT_TABLES + PAGE) | SL200_PTE_VALID;
	level2[SL200_PT_INDEX(IOVA_BASE, 2)] = (HOST_BUS + AT_TABLES + 2 * PAGE) | SL200_PTE_VALID;
	for (unsigned int i = 0; i < HOST_SIZE / SL200_HUGE_SIZE; i++) {
		level1[i] = (HOST_BUS + (uint64_t)i * SL200_HUGE_SIZE) | leaf;
		level1[i + 8] = (SL200_DRAM_MCU_RESERVED + (uint64_t)i * SL200_HUGE_SIZE) | leaf |
				SL200_PTE_DRAM;
	}
}
#define IOVA(at) (IOVA_BASE + (at))
#define IOVA_DRAM (IOVA_BASE + HOST_SIZE)

static void create_queue(void)
{
	sq_tail = cq_head = 0;
	memset(host + AT_SQ, 0, 2 * PAGE);
	CU_ASSERT_EQUAL_FATAL(admin(&(struct sl200_admin_sqe){.opcode = SL200_ADMIN_QUEUE_CREATE,
							      .qid = 1,
							      .asid = ASID,
							      .priority = SL200_PRIO_NORMAL,
							      .weight = 1,
							      .addr = IOVA(AT_SQ),
							      .addr2 = IOVA(AT_CQ),
							      .depth = DEPTH,
							      .vector = 1}),
			      0);
}

static void bring_up(void)
{
	make_tables();
	CU_ASSERT_EQUAL_FATAL(admin(&(struct sl200_admin_sqe){.opcode = SL200_ADMIN_ASID_BIND,
							      .asid = ASID,
							      .addr = HOST_BUS + AT_TABLES}),
			      0);
	create_queue();
}

static void submit(const struct sl200_sqe *sqe)
{
	((struct sl200_sqe *)(host + AT_SQ))[sq_tail % DEPTH] = *sqe;
	ring(1, SL200_DOORBELL_SQ_TAIL, ++sq_tail);
}

static struct sl200_cqe collect(void)
{
	struct sl200_cqe cqe = {.status = UINT16_MAX};

	if (next_cqe(AT_CQ, &cq_head, &cqe))
		ring(1, SL200_DOORBELL_CQ_HEAD, cq_head);
	return cqe;
}

static uint16_t job(const struct sl200_sqe *sqe)
{
	submit(sqe);
	return collect().status;
}

static void test_copy(void)
{
	uint8_t *src = host + AT_DATA, *back = src + 0x100000;
	const uint32_t size = 300000;
	unsigned int before = atomic_load(&irqs[1]);

	bring_up();
	for (uint32_t i = 0; i < size; i++)
		src[i] = (uint8_t)(i * 17 + i / 255);
	submit(&(struct sl200_sqe){.opcode = SL200_OP_COPY,
				   .tag = 1,
				   .src = IOVA(AT_DATA),
				   .dst = IOVA_DRAM + 4096,
				   .width = size,
				   .height = 1});
	submit(&(struct sl200_sqe){.opcode = SL200_OP_COPY,
				   .flags = SL200_SQE_F_BARRIER | SL200_SQE_F_IRQ,
				   .tag = 2,
				   .src = IOVA_DRAM + 4096,
				   .dst = IOVA(AT_DATA + 0x100000),
				   .width = size,
				   .height = 1});
	for (uint64_t tag = 1; tag <= 2; tag++) {
		struct sl200_cqe cqe = collect();

		CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_OK);
		CU_ASSERT_EQUAL(cqe.tag, tag);
		CU_ASSERT_EQUAL(cqe.bytes, size);
	}
	CU_ASSERT_EQUAL(memcmp(src, back, size), 0);
	for (int i = 0; i < 5000 && atomic_load(&irqs[1]) == before; i++)
		nap();
	CU_ASSERT(atomic_load(&irqs[1]) > before);
}

/* One intra picture; the slice header is of no meaning to the engine. */
static void test_encode(void)
{
	enum { W = 64, H = 48, AT_REC = AT_DATA + 0x10000, AT_BITS = AT_DATA + 0x20000 };
	struct {
		struct sl200_h264_enc enc;
		struct sl200_h264_slice slice;
	} *d = (void *)(host + AT_DATA + 0x40000);
	struct sl200_job_result *result = (void *)(host + AT_DATA + 0x50000);
	static const uint8_t header[] = {0, 0, 0, 1, 0x65, 0xb8};
	struct sl200_surface s = {.iova = IOVA(AT_DATA),
				  .size = 0x10000,
				  .format = SL200_FORMAT_NV12,
				  .width = W,
				  .height = H,
				  .offset = {0, W * H, 0},
				  .pitch = {W, W, 0}};
	struct sl200_cqe cqe;

	memset(d, 0, sizeof(*d));
	memset(host + AT_BITS, 0xcc, 0x10000);
	memcpy(host + AT_DATA + 0x60000, header, sizeof(header));
	for (unsigned int i = 0; i < W * H * 3 / 2; i++)
		host[AT_DATA + i] = (uint8_t)(128 + (i % W) - i / W);
	d->enc.head = (struct sl200_enc_head){
		.version = SL200_ENC_DESC_VERSION,
		.codec = SL200_CODEC_H264,
		.size = sizeof(*d),
		.result_iova = IOVA(AT_DATA + 0x50000),
		.source = s,
		.recon = s,
		.bitstream_iova = IOVA(AT_BITS),
		.bitstream_size = 0x10000,
		.header_size = sizeof(header),
		.header_iova = IOVA(AT_DATA + 0x60000),
		.quality = 1,
		.qp = 28,
		.qp_max = 51,
	};
	d->enc.head.recon.iova = IOVA(AT_REC);
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
	submit(&(struct sl200_sqe){.opcode = SL200_OP_ENCODE,
				   .tag = 9,
				   .src = IOVA(AT_DATA + 0x40000),
				   .width = sizeof(*d)});
	cqe = collect();
	CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(cqe.detail, 0);
	CU_ASSERT(cqe.bytes > sizeof(header) && cqe.bytes < 0x10000);
	CU_ASSERT_EQUAL(memcmp(host + AT_BITS, header, sizeof(header)), 0);
	CU_ASSERT_EQUAL(host[AT_BITS + cqe.bytes], 0xcc); /* nothing past the end */
	CU_ASSERT_EQUAL(result->bytes, cqe.bytes);
	CU_ASSERT_EQUAL(result->crc_recon, cqe.crc_recon);
	CU_ASSERT_EQUAL(result->intra_mbs, W * H / 256);
	CU_ASSERT(result->end_ns > result->start_ns);
	CU_ASSERT(result->bytes_read >= W * H * 3 / 2);
	/* An output buffer too small. */
	d->enc.head.bitstream_size = 8;
	CU_ASSERT_EQUAL(job(&(struct sl200_sqe){.opcode = SL200_OP_ENCODE,
						.src = IOVA(AT_DATA + 0x40000),
						.width = sizeof(*d)}),
			SL200_STATUS_OVERFLOW);
}

static void test_hang(void)
{
	uint32_t resets = rd(SL200_TOP_RESET_COUNT) >> 8 & 0xff;
	struct sl200_sqe fill = {.opcode = SL200_OP_FILL,
				 .timeout_us = 20000,
				 .dst = IOVA(AT_DATA),
				 .width = 64,
				 .height = 1};

	wr(SL200_INJECT_ENGINE_HANG, 3);
	CU_ASSERT_EQUAL(job(&fill), SL200_STATUS_TIMEOUT);
	CU_ASSERT_EQUAL(rd(SL200_TOP_RESET_COUNT) >> 8 & 0xff, resets + 1);
	wr(SL200_INJECT_ENGINE_HANG, 0);
	CU_ASSERT_EQUAL(job(&fill), SL200_STATUS_OK);
}

static void test_fault(void)
{
	struct sl200_queue_info *info = (struct sl200_queue_info *)(host + AT_REPLY);

	CU_ASSERT_EQUAL(
		job(&(struct sl200_sqe){
			.opcode = SL200_OP_FILL, .dst = 0xdead0000, .width = 64, .height = 1}),
		SL200_STATUS_MMU_FAULT);
	CU_ASSERT_EQUAL(admin(&(struct sl200_admin_sqe){.opcode = SL200_ADMIN_QUEUE_QUERY,
							.qid = 1,
							.addr = HOST_BUS + AT_REPLY,
							.size = sizeof(*info)}),
			0);
	CU_ASSERT_EQUAL(info->state, SL200_QUEUE_STOPPED);
	CU_ASSERT_EQUAL(info->fault_iova, 0xdead0000);
	CU_ASSERT_EQUAL(info->fault_reason, SL200_MMU_NOT_PRESENT);
	CU_ASSERT_EQUAL(info->fault_write, 1);
	CU_ASSERT_EQUAL(
		admin(&(struct sl200_admin_sqe){.opcode = SL200_ADMIN_QUEUE_DESTROY, .qid = 1}), 0);
	create_queue();
	CU_ASSERT_EQUAL(job(&(struct sl200_sqe){.opcode = SL200_OP_NOP}), SL200_STATUS_OK);
}

/* Everything from boot to a job again, after each rung of the reset ladder. */
static void recover(void)
{
	CU_ASSERT_EQUAL_FATAL(boot_bytes(image, image_size), SL200_BOOT_RUNNING);
	admin_start();
	bring_up();
	CU_ASSERT_EQUAL(job(&(struct sl200_sqe){.opcode = SL200_OP_NOP}), SL200_STATUS_OK);
}

static void load_queue(void)
{
	for (unsigned int i = 0; i < DEPTH; i++)
		submit(&(struct sl200_sqe){.opcode = SL200_OP_FILL,
					   .dst = IOVA(AT_DATA),
					   .value = i,
					   .width = 8u << 20,
					   .height = 1});
}

static void test_recovery(void)
{
	load_queue();
	wr(SL200_INJECT_MCU_CRASH, 1);
	CU_ASSERT_EQUAL(rd(SL200_MCU_STATE), SL200_MCU_STATE_HALTED);
	wr(SL200_TOP_RESET, SL200_TOP_RESET_MCU);
	recover();
	load_queue();
	wr(SL200_TOP_RESET, SL200_TOP_RESET_CHIP);
	recover();
	load_queue();
	CU_ASSERT_EQUAL(card_reset(card), 0);
	enable_function();
	recover();
	load_queue(); /* power-off comes next */
}

int main(void)
{
	CU_pSuite suite;
	unsigned int failures;

	if (CU_initialize_registry())
		return CU_get_error();
	suite = CU_add_suite("card: with its firmware", setup, teardown);
	if (!suite || !CU_add_test(suite, "refused images", test_boot_refused) ||
	    !CU_add_test(suite, "boot", test_boot) ||
	    !CU_add_test(suite, "admin queue", test_admin) ||
	    !CU_add_test(suite, "copy", test_copy) || !CU_add_test(suite, "encode", test_encode) ||
	    !CU_add_test(suite, "hung engine", test_hang) ||
	    !CU_add_test(suite, "fault", test_fault) ||
	    !CU_add_test(suite, "reset ladder", test_recovery))
		return CU_get_error();
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
	CU_cleanup_registry();
	return failures != 0;
}
