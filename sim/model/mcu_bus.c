/* SPDX-License-Identifier: MIT */
/* The MCU's private bus: the registers of space "mcu" in abi/sl200_regs.toml, block by block. */
#include <string.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "firmware/keys/dev_key.h"
#include "sim/model/chip.h"

#define MDMA_MAX (64u << 10)
#define MDMA_KIND_IOVA 0u
#define MDMA_KIND_DRAM 1u
#define MDMA_KIND_FLASH 2u

#define OTP_MIN_VERSION 0u

/* Shorter waits for the link are spun out: sleeping would take longer than the wait. */
#define SPIN_NS 50000u

static void set_lo(uint64_t *reg, uint32_t value)
{
	*reg = (*reg & ~0xffffffffull) | value;
}

static void set_hi(uint64_t *reg, uint32_t value)
{
	*reg = (*reg & 0xffffffffull) | (uint64_t)value << 32;
}

/* ------------------------------------------------------------------ SYS */

static uint32_t sys_time_lo(struct chip *chip)
{
	uint64_t now = timebase_now(&chip->time);

	chip->mcu.time_hi = (uint32_t)(now >> 32);
	return (uint32_t)now;
}

static uint32_t otp_key_word(uint32_t index)
{
	const uint8_t *p = &sl200_dev_public_key[index * 4];

	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t sys_read(struct chip *chip, uint32_t addr)
{
	struct mcu *mcu = &chip->mcu;

	if (addr >= SL200_SYS_OTP_KEY(0) && addr <= SL200_SYS_OTP_KEY(7))
		return otp_key_word((addr - SL200_SYS_OTP_KEY(0)) / 4);
	switch (addr) {
	case SL200_SYS_IRQ:
		return mcu_irq(mcu);
	case SL200_SYS_TIME_LO:
		return sys_time_lo(chip);
	case SL200_SYS_TIME_HI:
		return mcu->time_hi;
	case SL200_SYS_TIMER_CMP_LO:
		return mcu->timer_cmp_lo;
	case SL200_SYS_TIMER_CMP_HI:
		return (uint32_t)(mcu->timer_cmp >> 32);
	case SL200_SYS_BOOT_IMAGE_LO:
		return atomic_load(&chip->boot_image_lo);
	case SL200_SYS_BOOT_IMAGE_HI:
		return atomic_load(&chip->boot_image_hi);
	case SL200_SYS_BOOT_SIZE:
		return atomic_load(&chip->boot_size);
	case SL200_SYS_BOOT_SOURCE:
		return atomic_load(&chip->boot_source);
	case SL200_SYS_BOOT_STATUS:
		return atomic_load(&chip->boot_status);
	case SL200_SYS_BOOT_DETAIL:
		return atomic_load(&chip->boot_detail);
	case SL200_SYS_ADMIN_SQ_LO:
		return atomic_load(&chip->admin_sq_lo);
	case SL200_SYS_ADMIN_SQ_HI:
		return atomic_load(&chip->admin_sq_hi);
	case SL200_SYS_ADMIN_CQ_LO:
		return atomic_load(&chip->admin_cq_lo);
	case SL200_SYS_ADMIN_CQ_HI:
		return atomic_load(&chip->admin_cq_hi);
	case SL200_SYS_ADMIN_DEPTH:
		return atomic_load(&chip->admin_depth);
	case SL200_SYS_ADMIN_CTRL:
		return atomic_load(&chip->admin_ctrl);
	case SL200_SYS_ADMIN_STATUS:
		return atomic_load(&chip->admin_status);
	case SL200_SYS_HEARTBEAT:
		return atomic_load(&chip->heartbeat);
	case SL200_SYS_FW_VERSION:
		return atomic_load(&chip->fw_version);
	case SL200_SYS_FW_ABI:
		return atomic_load(&chip->fw_abi);
	case SL200_SYS_PANIC:
		return atomic_load(&mcu->panic);
	case SL200_SYS_EVENT_SEQ:
		return atomic_load(&chip->event_seq);
	case SL200_SYS_NUM_ENGINES:
		return chip->num_engines;
	case SL200_SYS_OTP_MIN_VERSION:
		return OTP_MIN_VERSION;
	case SL200_SYS_RESET_ENGINES:
		return atomic_load(&chip->resets_engine);
	case SL200_SYS_DRAM_SIZE_LO:
		return (uint32_t)chip->dram.size;
	case SL200_SYS_DRAM_SIZE_HI:
		return (uint32_t)(chip->dram.size >> 32);
	}
	return 0;
}

static void sys_write(struct chip *chip, uint32_t addr, uint32_t value)
{
	struct mcu *mcu = &chip->mcu;

	switch (addr) {
	case SL200_SYS_IRQ_ACK:
		if (value & SL200_SYS_IRQ_HOST)
			atomic_store(&mcu->irq_host, false);
		if (value & SL200_SYS_IRQ_TIMER)
			mcu->timer_pending = false;
		break;
	case SL200_SYS_TIMER_CMP_LO:
		mcu->timer_cmp_lo = value;
		break;
	case SL200_SYS_TIMER_CMP_HI:
		mcu->timer_cmp = (uint64_t)value << 32 | mcu->timer_cmp_lo;
		mcu->timer_armed = true;
		break;
	case SL200_SYS_BOOT_STATUS:
		atomic_store(&chip->boot_status, value);
		break;
	case SL200_SYS_BOOT_DETAIL:
		atomic_store(&chip->boot_detail, value);
		break;
	case SL200_SYS_ADMIN_STATUS:
		atomic_store(&chip->admin_status, value);
		break;
	case SL200_SYS_HEARTBEAT:
		atomic_store(&chip->heartbeat, value);
		break;
	case SL200_SYS_FW_VERSION:
		atomic_store(&chip->fw_version, value);
		break;
	case SL200_SYS_FW_ABI:
		atomic_store(&chip->fw_abi, value);
		break;
	case SL200_SYS_PANIC:
		if (value)
			mcu_halt(mcu, value);
		break;
	case SL200_SYS_EVENT_SEQ:
		atomic_store(&chip->event_seq, value);
		break;
	case SL200_SYS_MSIX_SEND:
		msix_send(&chip->msix, value);
		break;
	}
}

/* ------------------------------------------------------------------- DB */

static uint32_t db_read(struct chip *chip, uint32_t addr)
{
	struct doorbells *db = &chip->doorbells;

	if (addr - SL200_DB_PENDING(0) < 4 * DOORBELL_WORDS)
		return atomic_load(&db->pending[(addr - SL200_DB_PENDING(0)) / 4]);
	if (addr - SL200_DB_ENABLE(0) < 4 * DOORBELL_WORDS)
		return atomic_load(&db->enable[(addr - SL200_DB_ENABLE(0)) / 4]);
	if (addr - SL200_DB_SQ_TAIL(0) < 4 * SL200_MAX_QUEUES)
		return atomic_load(&db->page[(addr - SL200_DB_SQ_TAIL(0)) / 4].sq_tail);
	if (addr - SL200_DB_CQ_HEAD(0) < 4 * SL200_MAX_QUEUES)
		return atomic_load(&db->page[(addr - SL200_DB_CQ_HEAD(0)) / 4].cq_head);
	return 0;
}

static void db_write(struct chip *chip, uint32_t addr, uint32_t value)
{
	struct doorbells *db = &chip->doorbells;

	if (addr - SL200_DB_PENDING_CLEAR(0) < 4 * DOORBELL_WORDS)
		atomic_fetch_and(&db->pending[(addr - SL200_DB_PENDING_CLEAR(0)) / 4], ~value);
	else if (addr - SL200_DB_ENABLE(0) < 4 * DOORBELL_WORDS)
		doorbell_set_enable(db, (addr - SL200_DB_ENABLE(0)) / 4, value);
}

/* ------------------------------------------------------------------ MMU */

static uint32_t mmu_read(struct chip *chip, uint32_t addr)
{
	struct mcu *mcu = &chip->mcu;

	switch (addr) {
	case SL200_MMU_ASID:
		return mcu->mmu_asid;
	case SL200_MMU_ROOT_LO:
		return (uint32_t)mcu->mmu_root;
	case SL200_MMU_ROOT_HI:
		return (uint32_t)(mcu->mmu_root >> 32);
	case SL200_MMU_IOVA_LO:
		return (uint32_t)mcu->mmu_iova;
	case SL200_MMU_IOVA_HI:
		return (uint32_t)(mcu->mmu_iova >> 32);
	case SL200_MMU_SIZE_LO:
		return (uint32_t)mcu->mmu_size;
	case SL200_MMU_SIZE_HI:
		return (uint32_t)(mcu->mmu_size >> 32);
	}
	return 0; /* STATUS among them: a command is done when its write returns */
}

static void mmu_command(struct chip *chip, uint32_t command)
{
	struct mcu *mcu = &chip->mcu;

	switch (command) {
	case SL200_MMU_CMD_BIND:
		fabric_bind(&chip->fabric, mcu->mmu_asid, mcu->mmu_root);
		break;
	case SL200_MMU_CMD_UNBIND:
		fabric_unbind(&chip->fabric, mcu->mmu_asid);
		break;
	case SL200_MMU_CMD_INVALIDATE_ASID:
		fabric_invalidate_asid(&chip->fabric, mcu->mmu_asid);
		break;
	case SL200_MMU_CMD_INVALIDATE_RANGE:
		fabric_invalidate_range(&chip->fabric, mcu->mmu_asid, mcu->mmu_iova, mcu->mmu_size);
		break;
	}
}

static void mmu_write(struct chip *chip, uint32_t addr, uint32_t value)
{
	struct mcu *mcu = &chip->mcu;

	switch (addr) {
	case SL200_MMU_ASID:
		mcu->mmu_asid = value;
		break;
	case SL200_MMU_ROOT_LO:
		set_lo(&mcu->mmu_root, value);
		break;
	case SL200_MMU_ROOT_HI:
		set_hi(&mcu->mmu_root, value);
		break;
	case SL200_MMU_IOVA_LO:
		set_lo(&mcu->mmu_iova, value);
		break;
	case SL200_MMU_IOVA_HI:
		set_hi(&mcu->mmu_iova, value);
		break;
	case SL200_MMU_SIZE_LO:
		set_lo(&mcu->mmu_size, value);
		break;
	case SL200_MMU_SIZE_HI:
		set_hi(&mcu->mmu_size, value);
		break;
	case SL200_MMU_CMD:
		mmu_command(chip, value);
		break;
	}
}

/* ----------------------------------------------------------------- MDMA */

static uint32_t mdma_read(struct chip *chip, uint32_t addr)
{
	struct mcu *mcu = &chip->mcu;

	switch (addr) {
	case SL200_MDMA_ADDR_LO:
		return (uint32_t)mcu->mdma_addr;
	case SL200_MDMA_ADDR_HI:
		return (uint32_t)(mcu->mdma_addr >> 32);
	case SL200_MDMA_SPACE:
		return mcu->mdma_space;
	case SL200_MDMA_TCM:
		return mcu->mdma_tcm;
	case SL200_MDMA_LEN:
		return mcu->mdma_len;
	case SL200_MDMA_STATUS:
		return mcu->mdma_status;
	}
	return 0;
}

/* The MCU waits for its transfer: a read for the whole round trip, a write to have left. */
static void wait_for_link(struct chip *chip, uint64_t start, const struct fabric_use *use)
{
	uint64_t until = use->write_done;

	if (use->read_done)
		until = (use->read_done > start ? use->read_done : start) +
			chip->fabric.link.latency_ns;
	while (!atomic_load(&chip->mcu.stopping)) {
		uint64_t now = timebase_now(&chip->time);
		struct timespec deadline;

		if (now >= until)
			break;
		if (until - now < SPIN_NS)
			continue;
		deadline = timebase_deadline(&chip->time, until);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
	}
}

/* Fault injection: a completion of which only the phase is right. */
static void corrupt_cqe(struct chip *chip, const uint8_t *tcm, uint32_t *words)
{
	memcpy(words, tcm, sizeof(struct sl200_cqe));
	for (size_t i = 0; i < offsetof(struct sl200_cqe, phase) / sizeof(*words); i++)
		words[i] = ~words[i];
	atomic_fetch_sub(&chip->inject_corrupt_cqe, 1);
}

static bool mdma_iova(struct chip *chip, uint8_t *tcm, bool read)
{
	struct mcu *mcu = &chip->mcu;
	uint32_t asid = (mcu->mdma_space & SL200_MDMA_SPACE_ASID) >> SL200_MDMA_SPACE_ASID_SHIFT;
	uint64_t start = timebase_now(&chip->time);
	uint32_t corrupted[sizeof(struct sl200_cqe) / sizeof(uint32_t)];
	struct fabric_use use = {0};
	unsigned int reason;

	if (!read && mcu->mdma_len == sizeof(corrupted) &&
	    atomic_load_explicit(&chip->inject_corrupt_cqe, memory_order_relaxed)) {
		corrupt_cqe(chip, tcm, corrupted);
		tcm = (uint8_t *)corrupted;
	}
	if (read)
		reason = fabric_read_ordered(&chip->fabric, asid, mcu->mdma_addr, tcm,
					     mcu->mdma_len, &use);
	else
		reason = fabric_write_ordered(&chip->fabric, asid, mcu->mdma_addr, tcm,
					      mcu->mdma_len, &use);
	wait_for_link(chip, start, &use);
	return !reason;
}

static bool mdma_card(struct chip *chip, struct card_mem *mem, uint8_t *tcm, bool read)
{
	struct mcu *mcu = &chip->mcu;

	if (!card_mem_holds(mem, mcu->mdma_addr, mcu->mdma_len))
		return false;
	if (mem == &chip->dram &&
	    fabric_use_dram(&chip->fabric, read ? LINK_READ : LINK_WRITE, mcu->mdma_len))
		return false;
	if (read)
		memcpy(tcm, mem->base + mcu->mdma_addr, mcu->mdma_len);
	else
		memcpy(mem->base + mcu->mdma_addr, tcm, mcu->mdma_len);
	return true;
}

static void mdma_command(struct chip *chip, uint32_t command)
{
	struct mcu *mcu = &chip->mcu;
	uint32_t kind = (mcu->mdma_space & SL200_MDMA_SPACE_KIND) >> SL200_MDMA_SPACE_KIND_SHIFT;
	bool read = command == SL200_MDMA_CMD_READ, ok = false;
	uint8_t *tcm = chip->tcm + mcu->mdma_tcm;

	if (!read && command != SL200_MDMA_CMD_WRITE)
		return;
	if (mcu->mdma_len && mcu->mdma_len <= MDMA_MAX && mcu->mdma_tcm <= HAL_TCM_SIZE &&
	    mcu->mdma_len <= HAL_TCM_SIZE - mcu->mdma_tcm) {
		if (kind == MDMA_KIND_IOVA)
			ok = mdma_iova(chip, tcm, read);
		else if (kind == MDMA_KIND_DRAM)
			ok = mdma_card(chip, &chip->dram, tcm, read);
		else if (kind == MDMA_KIND_FLASH)
			ok = mdma_card(chip, &chip->flash, tcm, read);
	}
	mcu->mdma_status = ok ? 0 : SL200_MDMA_STATUS_ERROR;
}

static void mdma_write(struct chip *chip, uint32_t addr, uint32_t value)
{
	struct mcu *mcu = &chip->mcu;

	switch (addr) {
	case SL200_MDMA_ADDR_LO:
		set_lo(&mcu->mdma_addr, value);
		break;
	case SL200_MDMA_ADDR_HI:
		set_hi(&mcu->mdma_addr, value);
		break;
	case SL200_MDMA_SPACE:
		mcu->mdma_space = value;
		break;
	case SL200_MDMA_TCM:
		mcu->mdma_tcm = value;
		break;
	case SL200_MDMA_LEN:
		mcu->mdma_len = value;
		break;
	case SL200_MDMA_CMD:
		mdma_command(chip, value);
		break;
	}
}

/* --------------------------------------------------- ENGINE and CONSOLE */

static struct engine *engine_at(struct chip *chip, uint32_t addr, uint32_t *offset)
{
	uint32_t n = (addr - SL200_ENGINE_BASE) / SL200_ENGINE_STRIDE;

	*offset = (addr - SL200_ENGINE_BASE) % SL200_ENGINE_STRIDE;
	return n < chip->num_engines ? &chip->engine[n] : NULL;
}

static uint32_t engine_read(struct chip *chip, uint32_t addr)
{
	uint32_t offset;
	struct engine *engine = engine_at(chip, addr, &offset);

	return engine ? engine_reg_read(engine, offset) : 0;
}

static void engine_write(struct chip *chip, uint32_t addr, uint32_t value)
{
	uint32_t offset;
	struct engine *engine = engine_at(chip, addr, &offset);

	if (engine)
		engine_reg_write(engine, offset, value);
}

static void console_write(struct chip *chip, uint32_t addr, uint32_t value)
{
	struct mcu *mcu = &chip->mcu;

	if (addr != SL200_CONSOLE_TX || !chip->console)
		return;
	if ((char)value != '\n')
		mcu->console[mcu->console_len++] = (char)value;
	if ((char)value == '\n' || mcu->console_len == sizeof(mcu->console) - 1) {
		mcu->console[mcu->console_len] = '\0';
		mcu->console_len = 0;
		chip->console(chip->console_arg, mcu->console);
	}
}

static const struct {
	uint32_t base, size;
	uint32_t (*read)(struct chip *chip, uint32_t addr);
	void (*write)(struct chip *chip, uint32_t addr, uint32_t value);
} blocks[] = {
	{SL200_DB_BASE, 0x1000, db_read, db_write},
	{SL200_MDMA_BASE, 0x1000, mdma_read, mdma_write},
	{SL200_ENGINE_BASE, SL200_ENGINE_COUNT *SL200_ENGINE_STRIDE, engine_read, engine_write},
	{SL200_SYS_BASE, 0x1000, sys_read, sys_write},
	{SL200_MMU_BASE, 0x1000, mmu_read, mmu_write},
	{SL200_CONSOLE_BASE, 0x1000, NULL, console_write},
};

uint32_t hal_read(struct hal *hal, uint32_t addr)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (addr - blocks[i].base < blocks[i].size)
			return blocks[i].read ? blocks[i].read(hal->chip, addr) : 0;
	return 0;
}

void hal_write(struct hal *hal, uint32_t addr, uint32_t value)
{
	/* A core that was stopped has no effect any more, however its program unwinds. */
	if (atomic_load(&hal->chip->mcu.stopping))
		return;
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (addr - blocks[i].base < blocks[i].size) {
			blocks[i].write(hal->chip, addr, value);
			return;
		}
	}
}
