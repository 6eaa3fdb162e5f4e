// SPDX-License-Identifier: MIT
/*
 * What stands around the MCU when it boots product firmware: registers SYS, DB and MDMA, host
 * memory with the image, and a host that talks to the firmware when it runs. Time is a nanosecond a
 * cycle; while the core sleeps it jumps to the timer.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "firmware/keys/dev_key.h"

#define HOST_SIZE (256u << 10)
#define IMAGE_AT 0x1000u
#define SQ_AT 0x20000u
#define CQ_AT 0x21000u
#define DEPTH 4u
#define PINGS 6u
#define TAG 0x1234567890abcdefull
#define BEATS 3u
#define TCM_SIZE SL200_MCU_TCM_SIZE
#define CYCLES_MAX 20000000u

/* Bits of what mcu_boot_cycle() returns. */
#define LEVEL_EXTERNAL 1u
#define LEVEL_HALT 2u
#define LEVEL_OVER 4u

struct scenario {
	const char *name;
	uint32_t spoil; /* image byte to change; 0: none */
	uint32_t size; /* as the host gives it; 0: the image's */
	uint64_t addr;
	uint32_t status; /* how it ends */
	uint32_t detail;
	bool stalls;
};

#define PAYLOAD sizeof(struct sl200_fw_header)

static const struct scenario scenarios[] = {
	{"the image boots", 0, 0, IMAGE_AT, SL200_BOOT_RUNNING, 0, false},
	{"it boots with the TCM under load", 0, 0, IMAGE_AT, SL200_BOOT_RUNNING, 0, true},
	{"no image", 1, 0, IMAGE_AT, SL200_BOOT_ERR_MAGIC, 0, true},
	{"an entry out of range", offsetof(struct sl200_fw_header, entry) + 3, 0, IMAGE_AT,
	 SL200_BOOT_ERR_HEADER, offsetof(struct sl200_fw_header, entry), true},
	{"a changed header", offsetof(struct sl200_fw_header, build), 0, IMAGE_AT,
	 SL200_BOOT_ERR_SIGNATURE, 0, true},
	{"a changed signature", offsetof(struct sl200_fw_header, signature) + 9, 0, IMAGE_AT,
	 SL200_BOOT_ERR_SIGNATURE, 0, true},
	{"a changed payload", PAYLOAD + 12345, 0, IMAGE_AT, SL200_BOOT_ERR_HASH, 0, true},
	{"a size below a header's", 0, 64, IMAGE_AT, SL200_BOOT_ERR_SIZE, 0, true},
	{"an address that nothing answers", 0, 0, HOST_SIZE, SL200_BOOT_ERR_DMA,
	 SL200_MDMA_STATUS_ERROR, true},
	{"an address that is not aligned", 0, 0, IMAGE_AT + 4, SL200_BOOT_ERR_DMA,
	 SL200_MDMA_STATUS_ERROR, true},
};

static const struct scenario *now_on;
static uint8_t host[HOST_SIZE];
static uint64_t cycle, slept, time_ns, timer_cmp;
static uint64_t step_at; /* of the last change of BOOT_STATUS */
static bool timer_armed, timer_pending, host_pending, over;
static uint32_t irq, sys[0x40], db_enable, db_pending, sq_tail, cq_head, messages;
static uint32_t failures;

static struct {
	uint64_t addr;
	uint32_t space, tcm, len, cmd, status, done;
} mdma;

static void check(bool ok, const char *what)
{
	printf("%s - %s: %s\n", ok ? "ok" : "not ok", now_on->name, what);
	failures += !ok;
}

/* ------------------------------------------------------------------ registers */

static uint32_t *sys_at(uint32_t addr)
{
	return &sys[(addr - SL200_SYS_BASE) / 4];
}

static void boot_status(uint32_t status)
{
	uint32_t before = *sys_at(SL200_SYS_BOOT_STATUS);

	if (!now_on->stalls && status != SL200_BOOT_ROM)
		printf("# BOOT_STATUS %02x after %llu cycles\n", status,
		       (unsigned long long)(cycle - step_at));
	step_at = cycle;
	*sys_at(SL200_SYS_BOOT_STATUS) = status;
	if (status <= SL200_BOOT_RUNNING &&
	    status != (before == SL200_BOOT_HASH_OK ? SL200_BOOT_RUNNING : before + 1))
		check(false, "a step was left out");
	if (status < SL200_BOOT_RUNNING)
		return;
	check(status == now_on->status, "status");
	check(*sys_at(SL200_SYS_BOOT_DETAIL) == now_on->detail, "detail");
	over = status != SL200_BOOT_RUNNING || status != now_on->status;
}

static void update_irq(void)
{
	if (timer_armed && time_ns >= timer_cmp) {
		timer_armed = false;
		timer_pending = true;
	}
	irq = (db_pending ? SL200_SYS_IRQ_DOORBELL : 0) |
	      (timer_pending ? SL200_SYS_IRQ_TIMER : 0) | (host_pending ? SL200_SYS_IRQ_HOST : 0);
}

static void mdma_start(uint32_t cmd)
{
	mdma.cmd = cmd;
	mdma.done = 0;
	mdma.status = SL200_MDMA_STATUS_ERROR;
	if (mdma.space || mdma.addr >= HOST_SIZE || mdma.len > HOST_SIZE - mdma.addr ||
	    !mdma.len || mdma.tcm > TCM_SIZE || mdma.len > TCM_SIZE - mdma.tcm)
		return;
	mdma.status = SL200_MDMA_STATUS_BUSY;
}

unsigned int mcu_boot_read(unsigned int addr);
unsigned int mcu_boot_read(unsigned int addr)
{
	switch (addr) {
	case SL200_SYS_IRQ:
		return irq;
	case SL200_SYS_TIME_LO:
		*sys_at(SL200_SYS_TIME_HI) = (uint32_t)(time_ns >> 32);
		return (uint32_t)time_ns;
	case SL200_MDMA_STATUS:
		return mdma.status;
	case SL200_DB_PENDING(0):
		return db_pending;
	case SL200_DB_ENABLE(0):
		return db_enable;
	case SL200_DB_SQ_TAIL(0):
		return sq_tail;
	case SL200_DB_CQ_HEAD(0):
		return cq_head;
	}
	return addr - SL200_SYS_BASE < sizeof(sys) ? *sys_at(addr) : 0;
}

void mcu_boot_write(unsigned int addr, unsigned int value);
void mcu_boot_write(unsigned int addr, unsigned int value)
{
	switch (addr) {
	case SL200_SYS_IRQ_ACK:
		if (value & SL200_SYS_IRQ_TIMER)
			timer_pending = false;
		if (value & SL200_SYS_IRQ_HOST)
			host_pending = false;
		break;
	case SL200_SYS_TIMER_CMP_HI:
		timer_cmp = (uint64_t)value << 32 | *sys_at(SL200_SYS_TIMER_CMP_LO);
		timer_armed = true;
		break;
	case SL200_SYS_BOOT_STATUS:
		boot_status(value);
		return;
	case SL200_SYS_PANIC:
		check(false, "no panic");
		over = true;
		break;
	case SL200_SYS_MSIX_SEND:
		messages++;
		break;
	case SL200_DB_PENDING_CLEAR(0):
		db_pending &= ~value;
		break;
	case SL200_DB_ENABLE(0):
		if (value & ~db_enable)
			sq_tail = cq_head = 0;
		db_enable = value;
		break;
	case SL200_MDMA_ADDR_LO:
		mdma.addr = (mdma.addr & ~0xffffffffull) | value;
		break;
	case SL200_MDMA_ADDR_HI:
		mdma.addr = (mdma.addr & 0xffffffffull) | (uint64_t)value << 32;
		break;
	case SL200_MDMA_SPACE:
		mdma.space = value;
		break;
	case SL200_MDMA_TCM:
		mdma.tcm = value;
		break;
	case SL200_MDMA_LEN:
		mdma.len = value;
		break;
	case SL200_MDMA_CMD:
		mdma_start(value);
		break;
	}
	if (addr - SL200_SYS_BASE < sizeof(sys))
		*sys_at(addr) = value;
	update_irq();
}

/* ------------------------------------------------------------------ MDMA, a TCM word at a time */

static uint32_t word_bytes(void)
{
	uint32_t at = mdma.tcm + mdma.done;
	uint32_t room = 8 - at % 8;
	uint32_t left = mdma.len - mdma.done;

	return left < room ? left : room;
}

static void advance(uint32_t bytes)
{
	mdma.done += bytes;
	if (mdma.done == mdma.len)
		mdma.status = 0;
}

/* The next access; returns 0 when there is none, 1 for a TCM read, 2 for a write. */
int mcu_boot_mdma_next(unsigned int *word, unsigned char *be, unsigned long long *data);
int mcu_boot_mdma_next(unsigned int *word, unsigned char *be, unsigned long long *data)
{
	uint32_t at = mdma.tcm + mdma.done;
	uint64_t lanes = 0;

	if (!(mdma.status & SL200_MDMA_STATUS_BUSY))
		return 0;
	*word = at / 8;
	*be = (unsigned char)(((1u << word_bytes()) - 1) << at % 8);
	if (mdma.cmd != SL200_MDMA_CMD_READ)
		return 1;
	memcpy((uint8_t *)&lanes + at % 8, host + mdma.addr + mdma.done, word_bytes());
	*data = lanes;
	advance(word_bytes());
	return 2;
}

/* The TCM's answer to a read. */
void mcu_boot_mdma_data(unsigned long long data);
void mcu_boot_mdma_data(unsigned long long data)
{
	uint64_t lanes = data;

	memcpy(host + mdma.addr + mdma.done, (uint8_t *)&lanes + (mdma.tcm + mdma.done) % 8,
	       word_bytes());
	advance(word_bytes());
}

/* ------------------------------------------------------------------ the host */

static struct {
	bool enabled, last_beat_known;
	uint32_t sent, seen, beat;
} driver;

static void driver_enable(void)
{
	*sys_at(SL200_SYS_ADMIN_SQ_LO) = SQ_AT;
	*sys_at(SL200_SYS_ADMIN_CQ_LO) = CQ_AT;
	*sys_at(SL200_SYS_ADMIN_DEPTH) = DEPTH;
	*sys_at(SL200_SYS_ADMIN_CTRL) = SL200_ADMIN_CTRL_ENABLE;
	host_pending = true;
	messages = 0; /* the event of the boot has sent one */
	driver.enabled = true;
}

static void driver_send(void)
{
	struct sl200_admin_sqe sqe = {
		.opcode = SL200_ADMIN_PING, .flags = SL200_SQE_F_IRQ, .tag = TAG + driver.sent};

	memcpy(host + SQ_AT + driver.sent % DEPTH * sizeof(sqe), &sqe, sizeof(sqe));
	driver.sent++;
	sq_tail = driver.sent;
	cq_head = driver.seen;
	db_pending |= 1;
}

/* Commands around the rings and beyond, one at a time, then some heartbeats. */
static void driver_turn(void)
{
	struct sl200_cqe cqe;

	if (*sys_at(SL200_SYS_BOOT_STATUS) != SL200_BOOT_RUNNING)
		return;
	if (!driver.enabled)
		driver_enable();
	if (!(*sys_at(SL200_SYS_ADMIN_STATUS) & SL200_ADMIN_STATUS_READY))
		return;
	if (driver.sent > driver.seen) {
		memcpy(&cqe, host + CQ_AT + driver.seen % DEPTH * sizeof(cqe), sizeof(cqe));
		if ((cqe.phase & SL200_CQE_PHASE) == (driver.seen / DEPTH & 1))
			return;
		if (cqe.tag != TAG + driver.seen || cqe.status != SL200_STATUS_OK)
			check(false, "a completion");
		driver.seen++;
	}
	if (driver.sent < PINGS) {
		driver_send();
		return;
	}
	if (!driver.last_beat_known) {
		driver.beat = *sys_at(SL200_SYS_HEARTBEAT);
		driver.last_beat_known = true;
	}
	if (*sys_at(SL200_SYS_HEARTBEAT) < driver.beat + BEATS)
		return;
	check(*sys_at(SL200_SYS_FW_ABI) >> SL200_TOP_ABI_MAX_SHIFT >= SL200_FW_ABI, "FW_ABI");
	check(driver.seen == PINGS, "admin commands complete");
	check(messages == PINGS, "each with its message");
	check(true, "the heart beats");
	if (!now_on->stalls)
		printf("# awake for %llu cycles since RUNNING\n",
		       (unsigned long long)(cycle - step_at - slept));
	over = true;
}

/* Levels for the cycle that comes. */
int mcu_boot_cycle(unsigned char sleeping);
int mcu_boot_cycle(unsigned char sleeping)
{
	cycle++;
	time_ns++;
	if (sleeping) {
		slept++;
		if (timer_armed && timer_cmp > time_ns)
			time_ns = timer_cmp;
	}
	driver_turn();
	update_irq();
	if (!over && cycle >= CYCLES_MAX) {
		check(false, "it comes to an end");
		over = true;
	}
	return (irq ? LEVEL_EXTERNAL : 0) | (over ? LEVEL_HALT | LEVEL_OVER : 0);
}

/* Returns 0 when there is no such scenario, 1, or 3 with other traffic wanted. */
int mcu_boot_begin(const char *image, int number);
int mcu_boot_begin(const char *image, int number)
{
	FILE *file;
	size_t size;

	if ((size_t)number >= sizeof(scenarios) / sizeof(scenarios[0]))
		return 0;
	now_on = &scenarios[number];
	memset(host, 0, sizeof(host));
	memset(sys, 0, sizeof(sys));
	memset(&mdma, 0, sizeof(mdma));
	memset(&driver, 0, sizeof(driver));
	cycle = slept = step_at = time_ns = timer_cmp = 0;
	irq = db_enable = db_pending = sq_tail = cq_head = messages = 0;
	timer_armed = timer_pending = host_pending = over = false;
	file = fopen(image, "rb");
	size = file ? fread(host + IMAGE_AT, 1, SQ_AT - IMAGE_AT, file) : 0;
	if (file)
		fclose(file);
	if (size <= PAYLOAD) {
		check(false, "the image is there");
		return 0;
	}
	if (now_on->spoil)
		host[IMAGE_AT + now_on->spoil] ^= 0x40;
	*sys_at(SL200_SYS_BOOT_IMAGE_LO) = (uint32_t)now_on->addr;
	*sys_at(SL200_SYS_BOOT_IMAGE_HI) = (uint32_t)(now_on->addr >> 32);
	*sys_at(SL200_SYS_BOOT_SIZE) = now_on->size ? now_on->size : (uint32_t)size;
	memcpy(sys_at(SL200_SYS_OTP_KEY(0)), sl200_dev_public_key, sizeof(sl200_dev_public_key));
	return now_on->stalls ? 3 : 1;
}

int mcu_boot_failures(void);
int mcu_boot_failures(void)
{
	return (int)failures;
}
