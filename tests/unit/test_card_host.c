/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_card_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"

#define PAGE SL200_PAGE_SIZE
#define WAIT_S 60 /* generous: sanitizers, valgrind, a busy machine */

#define REQUIRE(cond) require(cond, #cond, __LINE__)

static void require(bool ok, const char *what, int line)
{
	if (ok)
		return;
	fprintf(stderr, "test_card_host.c:%d: %s does not hold\n", line, what);
	abort();
}

void host_nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
}

static bool late(time_t since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > since + WAIT_S;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* build/tests/NAME -> build/firmware/sl200.fw */
static void load_image(struct host *host)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);
	FILE *f;

	REQUIRE(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(path, '/');

		REQUIRE(slash);
		*slash = '\0';
	}
	strcat(path, "/firmware/sl200.fw");
	f = fopen(path, "rb");
	REQUIRE(f);
	host->image = malloc(SL200_FW_MAX_SIZE);
	REQUIRE(host->image);
	host->image_size = fread(host->image, 1, SL200_FW_MAX_SIZE, f);
	fclose(f);
	REQUIRE(host->image_size > sizeof(struct sl200_fw_header));
}

static void count_irq(void *arg)
{
	atomic_fetch_add((atomic_uint *)arg, 1);
}

static unsigned int find_capability(struct host *host, unsigned int id)
{
	uint32_t at = 0, value = 0;

	REQUIRE(!card_config_read(host->card, PCI_CAPABILITY_LIST, 1, &at));
	while (at) {
		REQUIRE(!card_config_read(host->card, at, 2, &value));
		if ((value & 0xff) == id)
			break;
		at = value >> 8;
	}
	REQUIRE(at);
	return at;
}

void host_enable(struct host *host)
{
	unsigned int msix = find_capability(host, PCI_CAP_ID_MSIX);

	REQUIRE(!card_config_write(host->card, PCI_COMMAND, 2,
				   PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER));
	REQUIRE(!card_config_write(host->card, msix + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE));
	for (unsigned int i = 0; i < HOST_VECTORS; i++)
		host_write(host, SL200_MSIX_TABLE_CTRL(i), 0);
}

struct host *host_open(void)
{
	const struct card_config config = {.dram_size = HOST_DRAM_SIZE};
	struct host *host = calloc(1, sizeof(*host));

	REQUIRE(host);
	load_image(host);
	host->memory = aligned_alloc(SL200_HUGE_SIZE, HOST_SIZE);
	REQUIRE(host->memory);
	memset(host->memory, 0, HOST_SIZE);
	REQUIRE(!card_create(&config, &host->card));
	REQUIRE(!card_dma_map(host->card, HOST_BUS, host->memory, HOST_SIZE,
			      CARD_DMA_READ | CARD_DMA_WRITE));
	for (unsigned int i = 0; i < HOST_VECTORS; i++)
		REQUIRE(!card_set_irq(host->card, i, count_irq, &host->irqs[i]));
	host_enable(host);
	return host;
}

void host_close(struct host *host)
{
	card_destroy(host->card);
	free(host->memory);
	free(host->image);
	free(host);
}

uint32_t host_read(struct host *host, uint32_t offset)
{
	uint64_t value = 0;

	REQUIRE(!card_bar_read(host->card, 0, offset, 4, &value));
	return (uint32_t)value;
}

void host_write(struct host *host, uint32_t offset, uint32_t value)
{
	REQUIRE(!card_bar_write(host->card, 0, offset, 4, value));
}

void host_doorbell(struct host *host, unsigned int queue, uint32_t reg, uint32_t value)
{
	REQUIRE(!card_bar_write(host->card, 2, (uint64_t)queue * SL200_DOORBELL_STRIDE + reg, 4,
				value));
}

uint32_t host_boot_bytes(struct host *host, const uint8_t *bytes, size_t size)
{
	time_t start = seconds();
	uint32_t status;

	memcpy(host->memory + HOST_IMAGE, bytes, size);
	host_write(host, SL200_BOOT_IMAGE_LO, (uint32_t)(HOST_BUS + HOST_IMAGE));
	host_write(host, SL200_BOOT_IMAGE_HI, 0);
	host_write(host, SL200_BOOT_SIZE, (uint32_t)size);
	host_write(host, SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO);
	do {
		REQUIRE(!late(start));
		host_nap();
		status = host_read(host, SL200_BOOT_STATUS);
	} while (status < SL200_BOOT_RUNNING);
	return status;
}

void host_boot(struct host *host)
{
	time_t start = seconds();

	REQUIRE(host_boot_bytes(host, host->image, host->image_size) == SL200_BOOT_RUNNING);
	host->admin = (struct host_ring){.sq = HOST_ADMIN_SQ, .cq = HOST_ADMIN_CQ};
	memset(host->memory + HOST_ADMIN_CQ, 0, PAGE);
	host_write(host, SL200_ADMIN_SQ_LO, (uint32_t)(HOST_BUS + HOST_ADMIN_SQ));
	host_write(host, SL200_ADMIN_SQ_HI, 0);
	host_write(host, SL200_ADMIN_CQ_LO, (uint32_t)(HOST_BUS + HOST_ADMIN_CQ));
	host_write(host, SL200_ADMIN_CQ_HI, 0);
	host_write(host, SL200_ADMIN_DEPTH, HOST_DEPTH);
	host_write(host, SL200_ADMIN_CTRL, SL200_ADMIN_CTRL_ENABLE);
	while (!host_read(host, SL200_ADMIN_STATUS)) {
		REQUIRE(!late(start));
		host_nap();
	}
	REQUIRE(host_read(host, SL200_ADMIN_STATUS) == SL200_ADMIN_STATUS_READY);
}

static void push(struct host *host, struct host_ring *ring, const void *entry)
{
	uint32_t slot = ring->sq_tail % HOST_DEPTH;

	memcpy(host->memory + ring->sq + slot * sizeof(struct sl200_sqe), entry,
	       sizeof(struct sl200_sqe));
	host_doorbell(host, ring->qid, SL200_DOORBELL_SQ_TAIL, ++ring->sq_tail);
}

void host_submit(struct host *host, struct host_ring *ring, const struct sl200_sqe *sqe)
{
	push(host, ring, sqe);
}

struct sl200_cqe host_collect(struct host *host, struct host_ring *ring)
{
	struct sl200_cqe *cqe = (struct sl200_cqe *)(host->memory + ring->cq);
	uint32_t phase = ring->cq_head & HOST_DEPTH ? 0 : SL200_CQE_PHASE;
	time_t start = seconds();
	struct sl200_cqe copy;

	cqe += ring->cq_head % HOST_DEPTH;
	while ((__atomic_load_n(&cqe->phase, __ATOMIC_ACQUIRE) & SL200_CQE_PHASE) != phase) {
		REQUIRE(!late(start));
		host_nap();
	}
	copy = *cqe;
	host_doorbell(host, ring->qid, SL200_DOORBELL_CQ_HEAD, ++ring->cq_head);
	return copy;
}

uint16_t host_job(struct host *host, struct host_ring *ring, const struct sl200_sqe *sqe)
{
	host_submit(host, ring, sqe);
	return host_collect(host, ring).status;
}

uint16_t host_admin(struct host *host, const struct sl200_admin_sqe *command)
{
	struct sl200_admin_sqe sqe = *command;
	struct sl200_cqe cqe;

	sqe.tag = 0x1000 + host->admin.sq_tail;
	push(host, &host->admin, &sqe);
	cqe = host_collect(host, &host->admin);
	REQUIRE(cqe.tag == sqe.tag);
	return cqe.status;
}

void host_bind(struct host *host, unsigned int asid, size_t from, size_t size)
{
	const uint64_t leaf = SL200_PTE_VALID | SL200_PTE_HUGE | SL200_PTE_READ | SL200_PTE_WRITE;
	uint64_t bus = HOST_BUS + HOST_TABLES + (asid - 1) * 3ull * PAGE;
	uint64_t *root = (uint64_t *)(host->memory + (bus - HOST_BUS));
	uint64_t *level1 = root + 2 * SL200_PT_ENTRIES;
	const struct sl200_admin_sqe bind = {
		.opcode = SL200_ADMIN_ASID_BIND, .asid = (uint16_t)asid, .addr = bus};

	memset(root, 0, 3 * PAGE);
	root[SL200_PT_INDEX(HOST_IOVA(0), 3)] = (bus + PAGE) | SL200_PTE_VALID;
	root[SL200_PT_ENTRIES + SL200_PT_INDEX(HOST_IOVA(0), 2)] =
		(bus + 2 * PAGE) | SL200_PTE_VALID;
	for (size_t at = from; at < from + size; at += SL200_HUGE_SIZE)
		level1[SL200_PT_INDEX(HOST_IOVA(at), 1)] = (HOST_BUS + at) | leaf;
	for (size_t at = 0; at < HOST_SIZE; at += SL200_HUGE_SIZE)
		level1[SL200_PT_INDEX(HOST_IOVA_DRAM + at, 1)] =
			(SL200_DRAM_MCU_RESERVED + asid * (uint64_t)HOST_SIZE + at) | leaf |
			SL200_PTE_DRAM;
	REQUIRE(!host_admin(host, &bind));
}

void host_create(struct host *host, struct host_ring *ring, unsigned int qid, unsigned int asid,
		 size_t rings)
{
	size_t sq = rings ? rings : HOST_RINGS + (qid - 1) * 2 * (size_t)PAGE;
	const struct sl200_admin_sqe create = {
		.opcode = SL200_ADMIN_QUEUE_CREATE,
		.qid = (uint16_t)qid,
		.asid = (uint16_t)asid,
		.priority = SL200_PRIO_NORMAL,
		.weight = 1,
		.addr = HOST_IOVA(sq),
		.addr2 = HOST_IOVA(sq + PAGE),
		.depth = HOST_DEPTH,
		.vector = (uint16_t)(qid % HOST_VECTORS),
	};

	*ring = (struct host_ring){.qid = qid, .sq = sq, .cq = sq + PAGE};
	memset(host->memory + sq, 0, 2 * PAGE);
	REQUIRE(!host_admin(host, &create));
}

bool host_irq_after(struct host *host, unsigned int vector, unsigned int before)
{
	time_t start = seconds();

	while (atomic_load(&host->irqs[vector]) == before && !late(start))
		host_nap();
	return atomic_load(&host->irqs[vector]) != before;
}
