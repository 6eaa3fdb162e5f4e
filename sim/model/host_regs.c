/* SPDX-License-Identifier: MIT */
/* BAR0: the registers of space "bar0" in abi/sl200_regs.toml, block by block. */
#include "abi/sl200_queue.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"
#include "sim/model/chip.h"

#define IMPL_FUNCTIONAL_MODEL 1u

/* The low half of a 64-bit register; the high half is kept for the read that follows. */
static uint32_t latch(struct chip *chip, uint32_t lo, uint64_t value)
{
	atomic_store(&chip->latch[(lo + 4) / 4], (uint32_t)(value >> 32));
	return (uint32_t)value;
}

static uint32_t latched(struct chip *chip, uint32_t hi)
{
	return atomic_load(&chip->latch[hi / 4]);
}

static uint32_t reset_count(struct chip *chip)
{
	return (atomic_load(&chip->resets_mcu) & 0xff) << SL200_TOP_RESET_COUNT_MCU_SHIFT |
	       (atomic_load(&chip->resets_engine) & 0xff) << SL200_TOP_RESET_COUNT_ENGINE_SHIFT |
	       (atomic_load(&chip->resets_chip) & 0xff) << SL200_TOP_RESET_COUNT_CHIP_SHIFT |
	       (atomic_load(&chip->resets_flr) & 0xff) << SL200_TOP_RESET_COUNT_FLR_SHIFT;
}

static uint32_t top_read(struct chip *chip, uint32_t offset)
{
	switch (offset) {
	case SL200_TOP_ID:
		return SL200_TOP_ID_RESET_VALUE;
	case SL200_TOP_HW_VERSION:
		return SL200_TOP_HW_VERSION_RESET_VALUE;
	case SL200_TOP_ABI:
		return SL200_TOP_ABI_RESET_VALUE;
	case SL200_TOP_IMPL:
		return IMPL_FUNCTIONAL_MODEL;
	case SL200_TOP_SCRATCH:
		return atomic_load(&chip->scratch);
	case SL200_TOP_NUM_QUEUES:
		return SL200_MAX_QUEUES;
	case SL200_TOP_NUM_ENGINES:
		return chip->num_engines;
	case SL200_TOP_DRAM_SIZE_LO:
		return latch(chip, offset, chip->dram.size);
	case SL200_TOP_TIME_LO:
		return latch(chip, offset, timebase_now(&chip->time));
	case SL200_TOP_SERIAL_LO:
		return latch(chip, offset, chip->serial);
	case SL200_TOP_DRAM_SIZE_HI:
	case SL200_TOP_TIME_HI:
	case SL200_TOP_SERIAL_HI:
		return latched(chip, offset);
	case SL200_TOP_APERTURE_LO:
		return atomic_load(&chip->aperture_lo);
	case SL200_TOP_APERTURE_HI:
		return atomic_load(&chip->aperture_hi);
	case SL200_TOP_RESET_COUNT:
		return reset_count(chip);
	}
	return 0;
}

static void top_write(struct chip *chip, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case SL200_TOP_SCRATCH:
		atomic_store(&chip->scratch, value);
		break;
	case SL200_TOP_RESET:
		if (value == SL200_TOP_RESET_CHIP)
			chip_reset(chip, CHIP_RESET_CHIP);
		else if (value == SL200_TOP_RESET_MCU)
			chip_reset(chip, CHIP_RESET_MCU);
		break;
	case SL200_TOP_APERTURE_LO:
		atomic_store(&chip->aperture_lo, value & 0xffff0000u);
		break;
	case SL200_TOP_APERTURE_HI:
		atomic_store(&chip->aperture_hi, value);
		break;
	}
}

static uint32_t boot_read(struct chip *chip, uint32_t offset)
{
	switch (offset) {
	case SL200_BOOT_IMAGE_LO:
		return atomic_load(&chip->boot_image_lo);
	case SL200_BOOT_IMAGE_HI:
		return atomic_load(&chip->boot_image_hi);
	case SL200_BOOT_SIZE:
		return atomic_load(&chip->boot_size);
	case SL200_BOOT_STATUS:
		return atomic_load(&chip->boot_status);
	case SL200_BOOT_DETAIL:
		return atomic_load(&chip->boot_detail);
	}
	return 0;
}

static void boot_write(struct chip *chip, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case SL200_BOOT_IMAGE_LO:
		atomic_store(&chip->boot_image_lo, value);
		break;
	case SL200_BOOT_IMAGE_HI:
		atomic_store(&chip->boot_image_hi, value);
		break;
	case SL200_BOOT_SIZE:
		atomic_store(&chip->boot_size, value);
		break;
	case SL200_BOOT_CTRL:
		if (!(value & SL200_BOOT_CTRL_GO))
			break;
		mcu_boot(&chip->mcu,
			 (value & SL200_BOOT_CTRL_SOURCE) >> SL200_BOOT_CTRL_SOURCE_SHIFT);
		break;
	}
}

/* The admin registers that the host may write. */
static atomic_uint *admin_reg(struct chip *chip, uint32_t offset)
{
	switch (offset) {
	case SL200_ADMIN_SQ_LO:
		return &chip->admin_sq_lo;
	case SL200_ADMIN_SQ_HI:
		return &chip->admin_sq_hi;
	case SL200_ADMIN_CQ_LO:
		return &chip->admin_cq_lo;
	case SL200_ADMIN_CQ_HI:
		return &chip->admin_cq_hi;
	case SL200_ADMIN_DEPTH:
		return &chip->admin_depth;
	case SL200_ADMIN_CTRL:
		return &chip->admin_ctrl;
	}
	return NULL;
}

static uint32_t admin_read(struct chip *chip, uint32_t offset)
{
	atomic_uint *reg = admin_reg(chip, offset);

	if (offset == SL200_ADMIN_STATUS)
		return atomic_load(&chip->admin_status);
	return reg ? atomic_load(reg) : 0;
}

static void admin_write(struct chip *chip, uint32_t offset, uint32_t value)
{
	atomic_uint *reg = admin_reg(chip, offset);

	if (!reg)
		return;
	if (offset != SL200_ADMIN_CTRL) {
		atomic_store(reg, value);
		return;
	}
	atomic_store(reg, value & SL200_ADMIN_CTRL_ENABLE);
	atomic_store(&chip->mcu.irq_host, true);
	mcu_wake(&chip->mcu);
}

static uint32_t mcu_read(struct chip *chip, uint32_t offset)
{
	switch (offset) {
	case SL200_MCU_STATE:
		return atomic_load(&chip->mcu.state);
	case SL200_MCU_HEARTBEAT:
		return atomic_load(&chip->heartbeat);
	case SL200_MCU_FW_VERSION:
		return atomic_load(&chip->fw_version);
	case SL200_MCU_FW_ABI:
		return atomic_load(&chip->fw_abi);
	case SL200_MCU_PANIC:
		return atomic_load(&chip->mcu.panic);
	case SL200_MCU_EVENT_SEQ:
		return atomic_load(&chip->event_seq);
	}
	return 0;
}

/* Both counts stay at what their field can hold. */
static uint32_t ecc_counts(struct fabric *fabric)
{
	uint32_t corrected = atomic_load(&fabric->ecc_corrected);
	uint32_t uncorrected = atomic_load(&fabric->ecc_uncorrected);

	return (corrected < 0xffff ? corrected : 0xffff) << SL200_TELEM_ECC_CORRECTED_SHIFT |
	       (uncorrected < 0xffff ? uncorrected : 0xffff) << SL200_TELEM_ECC_UNCORRECTED_SHIFT;
}

static uint32_t telem_read(struct chip *chip, uint32_t offset)
{
	struct fabric *fabric = &chip->fabric;

	switch (offset) {
	case SL200_TELEM_LINK_READ_LO:
		return latch(chip, offset, atomic_load(&fabric->link_bytes[LINK_READ]));
	case SL200_TELEM_LINK_WRITE_LO:
		return latch(chip, offset, atomic_load(&fabric->link_bytes[LINK_WRITE]));
	case SL200_TELEM_DRAM_READ_LO:
		return latch(chip, offset, atomic_load(&fabric->dram_bytes[LINK_READ]));
	case SL200_TELEM_DRAM_WRITE_LO:
		return latch(chip, offset, atomic_load(&fabric->dram_bytes[LINK_WRITE]));
	case SL200_TELEM_IRQS_LO:
		return latch(chip, offset, msix_sent(&chip->msix));
	case SL200_TELEM_DOORBELLS_LO:
		return latch(chip, offset, doorbell_accepted(&chip->doorbells));
	case SL200_TELEM_DOORBELLS_DROPPED_LO:
		return latch(chip, offset, doorbell_dropped(&chip->doorbells));
	case SL200_TELEM_MMU_FAULTS_LO:
		return latch(chip, offset, atomic_load(&fabric->faults));
	case SL200_TELEM_TLB_LOOKUPS_LO:
		return latch(chip, offset, atomic_load(&fabric->lookups));
	case SL200_TELEM_TLB_WALKS_LO:
		return latch(chip, offset, atomic_load(&fabric->mmu.walks));
	case SL200_TELEM_LINK_READ_HI:
	case SL200_TELEM_LINK_WRITE_HI:
	case SL200_TELEM_DRAM_READ_HI:
	case SL200_TELEM_DRAM_WRITE_HI:
	case SL200_TELEM_IRQS_HI:
	case SL200_TELEM_DOORBELLS_HI:
	case SL200_TELEM_DOORBELLS_DROPPED_HI:
	case SL200_TELEM_MMU_FAULTS_HI:
	case SL200_TELEM_TLB_LOOKUPS_HI:
	case SL200_TELEM_TLB_WALKS_HI:
		return latched(chip, offset);
	case SL200_TELEM_TEMP:
		return telemetry_temp(chip);
	case SL200_TELEM_POWER:
		return telemetry_power(chip);
	case SL200_TELEM_ECC:
		return ecc_counts(fabric);
	}
	return 0; /* clock cycles among them: there is no clock */
}

static uint32_t telem_engine_read(struct chip *chip, uint32_t offset)
{
	unsigned int n = (offset - SL200_TELEM_ENGINE_BASE) / SL200_TELEM_ENGINE_STRIDE;
	struct engine_counters c;

	if (n >= chip->num_engines)
		return 0;
	engine_counters(&chip->engine[n], &c);
	switch (offset - n * SL200_TELEM_ENGINE_STRIDE) {
	case SL200_TELEM_ENGINE_KIND(0):
		return chip->engine[n].kind->kind;
	case SL200_TELEM_ENGINE_JOBS_LO(0):
		return latch(chip, offset, c.jobs);
	case SL200_TELEM_ENGINE_BUSY_NS_LO(0):
		return latch(chip, offset, c.busy_ns);
	case SL200_TELEM_ENGINE_CYCLES_LO(0):
		return latch(chip, offset, c.cycles);
	case SL200_TELEM_ENGINE_STALL_IN_LO(0):
		return latch(chip, offset, c.stall_in_ns);
	case SL200_TELEM_ENGINE_STALL_OUT_LO(0):
		return latch(chip, offset, c.stall_out_ns);
	case SL200_TELEM_ENGINE_JOBS_HI(0):
	case SL200_TELEM_ENGINE_BUSY_NS_HI(0):
	case SL200_TELEM_ENGINE_CYCLES_HI(0):
	case SL200_TELEM_ENGINE_STALL_IN_HI(0):
	case SL200_TELEM_ENGINE_STALL_OUT_HI(0):
		return latched(chip, offset);
	}
	return 0;
}

static uint32_t inject_read(struct chip *chip, uint32_t offset)
{
	switch (offset) {
	case SL200_INJECT_CTRL:
		return SL200_INJECT_CTRL_PRESENT;
	case SL200_INJECT_ENGINE_HANG:
		return atomic_load(&chip->inject_hang);
	case SL200_INJECT_ENGINE_ERROR:
		return atomic_load(&chip->inject_error);
	case SL200_INJECT_DROP_IRQ:
		return msix_drop_get(&chip->msix);
	case SL200_INJECT_CORRUPT_CQE:
		return atomic_load(&chip->inject_corrupt_cqe);
	case SL200_INJECT_ECC:
		return atomic_load(&chip->fabric.inject_ecc);
	}
	return 0;
}

static void inject_write(struct chip *chip, uint32_t offset, uint32_t value)
{
	const uint32_t engines = (1u << chip->num_engines) - 1;

	switch (offset) {
	case SL200_INJECT_ENGINE_HANG:
		atomic_store(&chip->inject_hang, value & engines);
		break;
	case SL200_INJECT_ENGINE_ERROR:
		atomic_store(&chip->inject_error, value & engines);
		break;
	case SL200_INJECT_MCU_CRASH:
		if (value == 1)
			mcu_halt(&chip->mcu, SL200_PANIC_INJECTED);
		break;
	case SL200_INJECT_DROP_IRQ:
		msix_drop_set(&chip->msix, value);
		break;
	case SL200_INJECT_CORRUPT_CQE:
		atomic_store(&chip->inject_corrupt_cqe, value);
		break;
	case SL200_INJECT_ECC:
		atomic_store(&chip->fabric.inject_ecc, value);
		break;
	case SL200_INJECT_ALL_ONES:
		if (value == 1)
			atomic_store(&chip->inject_all_ones, true);
		break;
	}
}

static uint32_t table_read(struct chip *chip, uint32_t offset)
{
	return msix_table_read(&chip->msix, offset - SL200_MSIX_TABLE_BASE);
}

static void table_write(struct chip *chip, uint32_t offset, uint32_t value)
{
	msix_table_write(&chip->msix, offset - SL200_MSIX_TABLE_BASE, value);
}

static uint32_t pba_read(struct chip *chip, uint32_t offset)
{
	return msix_pba_read(&chip->msix, (offset - SL200_MSIX_PBA_BASE) / 4);
}

/* Blocks without write: all their registers are read-only. */
static const struct {
	uint32_t base, size;
	uint32_t (*read)(struct chip *chip, uint32_t offset);
	void (*write)(struct chip *chip, uint32_t offset, uint32_t value);
} blocks[] = {
	{SL200_TOP_BASE, 0x1000, top_read, top_write},
	{SL200_BOOT_BASE, 0x1000, boot_read, boot_write},
	{SL200_ADMIN_BASE, 0x1000, admin_read, admin_write},
	{SL200_MCU_BASE, 0x1000, mcu_read, NULL},
	{SL200_TELEM_BASE, 0x400, telem_read, NULL},
	{SL200_TELEM_ENGINE_BASE, SL200_TELEM_ENGINE_COUNT *SL200_TELEM_ENGINE_STRIDE,
	 telem_engine_read, NULL},
	{SL200_INJECT_BASE, 0x1000, inject_read, inject_write},
	{SL200_MSIX_TABLE_BASE, SL200_MSIX_TABLE_COUNT *SL200_MSIX_TABLE_STRIDE, table_read,
	 table_write},
	{SL200_MSIX_PBA_BASE, CARD_NUM_VECTORS / 8, pba_read, NULL},
};

_Static_assert(SL200_MSIX_TABLE_COUNT == CARD_NUM_VECTORS, "one table entry per vector");
_Static_assert(SL200_TELEM_ENGINE_COUNT *SL200_TELEM_ENGINE_STRIDE + SL200_TELEM_ENGINE_BASE <=
		       CHIP_LATCH_END,
	       "latches for all 64-bit registers");

uint32_t chip_reg_read(struct chip *chip, uint32_t offset)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (offset - blocks[i].base < blocks[i].size)
			return blocks[i].read(chip, offset);
	return 0;
}

void chip_reg_write(struct chip *chip, uint32_t offset, uint32_t value)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (offset - blocks[i].base < blocks[i].size) {
			if (blocks[i].write)
				blocks[i].write(chip, offset, value);
			return;
		}
	}
}
