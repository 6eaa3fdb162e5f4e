// SPDX-License-Identifier: MIT
/* What the host sees of sl200_host: registers and what resets them, boot, aperture. */
#include <stdio.h>
#include <string.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"
#include "tests/rtl/host_bench.h"

#define BAR0_SIZE 0x10000u
#define BAR0_WORDS (BAR0_SIZE / 4)
#define TABLE_WORDS (SL200_MSIX_TABLE_COUNT * SL200_MSIX_TABLE_STRIDE / 4)
#define KIND_RTL 2u
#define ENGINES_MASK ((1u << BENCH_ENGINES) - 1)

/* What takes a register back to its reset value; each level does what the one before it does. */
enum level { LEVEL_MCU, LEVEL_CHIP, LEVEL_FLR };

static const struct writable {
	uint32_t addr;
	uint32_t mask;
	enum level level;
} writables[] = {
	{SL200_TOP_SCRATCH, 0xffffffff, LEVEL_CHIP},
	{SL200_TOP_APERTURE_LO, 0xffff0000, LEVEL_CHIP},
	{SL200_TOP_APERTURE_HI, 0xffffffff, LEVEL_CHIP},
	{SL200_BOOT_IMAGE_LO, 0xffffffff, LEVEL_MCU},
	{SL200_BOOT_IMAGE_HI, 0xffffffff, LEVEL_MCU},
	{SL200_BOOT_SIZE, 0xffffffff, LEVEL_MCU},
	{SL200_ADMIN_SQ_LO, 0xffffffff, LEVEL_MCU},
	{SL200_ADMIN_SQ_HI, 0xffffffff, LEVEL_MCU},
	{SL200_ADMIN_CQ_LO, 0xffffffff, LEVEL_MCU},
	{SL200_ADMIN_CQ_HI, 0xffffffff, LEVEL_MCU},
	{SL200_ADMIN_DEPTH, 0xffffffff, LEVEL_MCU},
	{SL200_ADMIN_CTRL, SL200_ADMIN_CTRL_ENABLE, LEVEL_MCU},
	{SL200_INJECT_ENGINE_HANG, ENGINES_MASK, LEVEL_CHIP},
	{SL200_INJECT_ENGINE_ERROR, ENGINES_MASK, LEVEL_CHIP},
	{SL200_INJECT_DROP_IRQ, 0xffffffff, LEVEL_CHIP},
	{SL200_INJECT_CORRUPT_CQE, 0xffffffff, LEVEL_CHIP},
	{SL200_INJECT_ECC, 0xffffffff, LEVEL_CHIP},
};

static const struct constant {
	uint32_t addr;
	uint32_t value;
} constants[] = {
	{SL200_TOP_ID, SL200_TOP_ID_RESET_VALUE},
	{SL200_TOP_HW_VERSION, SL200_TOP_HW_VERSION_RESET_VALUE},
	{SL200_TOP_ABI, SL200_TOP_ABI_RESET_VALUE},
	{SL200_TOP_IMPL, KIND_RTL},
	{SL200_TOP_NUM_QUEUES, SL200_TOP_NUM_QUEUES_RESET_VALUE},
	{SL200_TOP_NUM_ENGINES, BENCH_ENGINES},
	{SL200_TOP_DRAM_SIZE_LO, (uint32_t)BENCH_DRAM_SIZE},
	{SL200_TOP_DRAM_SIZE_HI, (uint32_t)(BENCH_DRAM_SIZE >> 32)},
	{SL200_TOP_SERIAL_LO, (uint32_t)BENCH_SERIAL},
	{SL200_TOP_SERIAL_HI, (uint32_t)(BENCH_SERIAL >> 32)},
	{SL200_TELEM_TEMP, BENCH_TEMP},
	{SL200_TELEM_POWER, BENCH_POWER},
	{SL200_INJECT_CTRL, SL200_INJECT_CTRL_PRESENT},
};

/* Registers that the MCU writes and the host reads. */
static const struct shown {
	uint32_t bus_addr, addr;
} shown[] = {
	{SL200_SYS_BOOT_STATUS, SL200_BOOT_STATUS},   {SL200_SYS_BOOT_DETAIL, SL200_BOOT_DETAIL},
	{SL200_SYS_ADMIN_STATUS, SL200_ADMIN_STATUS}, {SL200_SYS_HEARTBEAT, SL200_MCU_HEARTBEAT},
	{SL200_SYS_FW_VERSION, SL200_MCU_FW_VERSION}, {SL200_SYS_FW_ABI, SL200_MCU_FW_ABI},
	{SL200_SYS_EVENT_SEQ, SL200_MCU_EVENT_SEQ},
};

/* Registers that the host writes and the MCU reads. */
static const struct shown told[] = {
	{SL200_SYS_BOOT_IMAGE_LO, SL200_BOOT_IMAGE_LO},
	{SL200_SYS_BOOT_IMAGE_HI, SL200_BOOT_IMAGE_HI},
	{SL200_SYS_BOOT_SIZE, SL200_BOOT_SIZE},
	{SL200_SYS_ADMIN_SQ_LO, SL200_ADMIN_SQ_LO},
	{SL200_SYS_ADMIN_SQ_HI, SL200_ADMIN_SQ_HI},
	{SL200_SYS_ADMIN_CQ_LO, SL200_ADMIN_CQ_LO},
	{SL200_SYS_ADMIN_CQ_HI, SL200_ADMIN_CQ_HI},
	{SL200_SYS_ADMIN_DEPTH, SL200_ADMIN_DEPTH},
	{SL200_SYS_ADMIN_CTRL, SL200_ADMIN_CTRL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* BAR0 as it should read, word by word; those that move by themselves are not looked at. */
static uint32_t value[BAR0_WORDS], reset_value[BAR0_WORDS], mask[BAR0_WORDS];
static enum level level_of[BAR0_WORDS];
static bool moves[BAR0_WORDS];

static void describe_table(void)
{
	for (uint32_t i = 0; i < TABLE_WORDS; i++) {
		uint32_t word = SL200_MSIX_TABLE_BASE / 4 + i;

		level_of[word] = LEVEL_FLR;
		mask[word] = 0xffffffff;
		if (i % 4 == 0)
			mask[word] = 0xfffffffc;
		if (i % 4 == 3) {
			mask[word] = SL200_MSIX_TABLE_CTRL_MASK;
			reset_value[word] = SL200_MSIX_TABLE_CTRL_RESET_VALUE;
		}
	}
}

static void describe(void)
{
	for (uint32_t i = 0; i < COUNT(writables); i++) {
		mask[writables[i].addr / 4] = writables[i].mask;
		level_of[writables[i].addr / 4] = writables[i].level;
	}
	for (uint32_t i = 0; i < COUNT(constants); i++)
		reset_value[constants[i].addr / 4] = constants[i].value;
	for (uint32_t addr = SL200_TELEM_ENGINE_BASE; addr < SL200_INJECT_BASE; addr += 4)
		reset_value[addr / 4] = others_answer(addr);
	describe_table();
	moves[SL200_TOP_TIME_LO / 4] = moves[SL200_TOP_TIME_HI / 4] = true;
	moves[SL200_TOP_RESET_COUNT / 4] = true;
	moves[SL200_TELEM_CLOCK_LO / 4] = true;
	memcpy(value, reset_value, sizeof(value));
}

static void check_all(void)
{
	for (uint32_t i = 0; i < BAR0_WORDS; i++) {
		uint32_t got = reg_read(4 * i);

		expect(moves[i] || got == value[i], "%x reads %x instead of %x", 4 * i, got,
		       value[i]);
	}
}

/* Anything to every address, but nothing that has an effect by being written. */
static void write_all(void)
{
	for (uint32_t i = 0; i < BAR0_WORDS; i++) {
		uint32_t v = rand32();

		if (4 * i == SL200_BOOT_CTRL)
			v &= ~SL200_BOOT_CTRL_GO;
		if (4 * i == SL200_INJECT_MCU_CRASH || 4 * i == SL200_INJECT_ALL_ONES)
			v &= ~1u;
		reg_write(4 * i, v);
		if (mask[i])
			value[i] = v & mask[i];
	}
}

static void check_told(void)
{
	for (uint32_t i = 0; i < COUNT(told); i++)
		expect(bus_read(told[i].bus_addr) == value[told[i].addr / 4],
		       "the MCU does not read %x", told[i].addr);
}

static void show_all(void)
{
	for (uint32_t i = 0; i < COUNT(shown); i++) {
		uint32_t v = shown[i].addr == SL200_BOOT_STATUS ? SL200_BOOT_RUNNING : rand32();

		bus_write(shown[i].bus_addr, v);
		value[shown[i].addr / 4] = v;
		expect(bus_read(shown[i].bus_addr) == v, "the MCU does not read back %x",
		       shown[i].bus_addr);
	}
}

static void reset_by(enum level level)
{
	if (level == LEVEL_FLR)
		function_level_reset();
	else
		reg_write(SL200_TOP_RESET,
			  level == LEVEL_CHIP ? SL200_TOP_RESET_CHIP : SL200_TOP_RESET_MCU);
	for (uint32_t i = 0; i < BAR0_WORDS; i++)
		if (level_of[i] <= level)
			value[i] = reset_value[i];
}

static void test_registers(void)
{
	static const char *const names[] = {"an MCU restart", "a chip reset", "an FLR"};
	char text[100];

	check_all();
	report("BAR0 after power-on");
	for (int level = LEVEL_MCU; level <= LEVEL_FLR; level++) {
		write_all();
		show_all();
		check_told();
		check_all();
		report("BAR0 keeps what may be written");
		expect(bus_read(SL200_SYS_IRQ) == SL200_SYS_IRQ_HOST, "no interrupt by ADMIN.CTRL");
		reset_by((enum level)level);
		check_all();
		check_told();
		expect(!bus_read(SL200_SYS_IRQ), "an interrupt that outlives the reset");
		snprintf(text, sizeof(text), "BAR0 after %s", names[level]);
		report(text);
	}
}

/* A reset value is no answer to a write-only or unknown register of the MCU's bus. */
static uint32_t bus_expected(uint32_t addr)
{
	if (addr >= SL200_SYS_OTP_KEY(0) && addr <= SL200_SYS_OTP_KEY(7))
		return BENCH_OTP_KEY((addr - SL200_SYS_OTP_KEY(0)) / 4);
	switch (addr) {
	case SL200_SYS_TIMER_CMP_LO:
		return SL200_SYS_TIMER_CMP_LO_RESET_VALUE;
	case SL200_SYS_TIMER_CMP_HI:
		return SL200_SYS_TIMER_CMP_HI_RESET_VALUE;
	case SL200_SYS_NUM_ENGINES:
		return BENCH_ENGINES;
	case SL200_SYS_OTP_MIN_VERSION:
		return BENCH_OTP_MIN_VERSION;
	case SL200_SYS_DRAM_SIZE_LO:
		return (uint32_t)BENCH_DRAM_SIZE;
	case SL200_SYS_DRAM_SIZE_HI:
		return (uint32_t)(BENCH_DRAM_SIZE >> 32);
	}
	return 0;
}

/* Whether a write there changes something. */
static bool bus_writable(uint32_t addr)
{
	for (uint32_t i = 0; i < COUNT(shown); i++)
		if (addr == shown[i].bus_addr)
			return true;
	return addr == SL200_SYS_TIMER_CMP_LO || addr == SL200_SYS_TIMER_CMP_HI ||
	       (addr >= SL200_DB_ENABLE(0) && addr <= SL200_DB_ENABLE(7));
}

static void check_bus(void)
{
	for (uint32_t addr = SL200_SYS_BASE; addr < SL200_SYS_BASE + BAR0_SIZE; addr += 4) {
		uint32_t got = bus_read(addr);

		expect(addr == SL200_SYS_TIME_LO || got == bus_expected(addr),
		       "%x reads %x instead of %x", addr, got, bus_expected(addr));
	}
}

static void test_bus(void)
{
	power_on();
	check_bus();
	report("the MCU's bus after power-on");
	for (uint32_t addr = SL200_SYS_BASE; addr < SL200_SYS_BASE + BAR0_SIZE; addr += 4)
		if (!bus_writable(addr))
			bus_write(addr, rand32());
	check_bus();
	report("the MCU's bus drops writes to what is read-only");
}

static void test_time(void)
{
	for (int i = 0; i < 50; i++) {
		uint64_t start = in.now = rand64() >> rand_below(40);
		uint64_t host, mcu;

		host = reg_read(SL200_TOP_TIME_LO);
		mcu = bus_read(SL200_SYS_TIME_LO);
		in.now += 1ull << 32;
		reg_read(SL200_TOP_ID);
		bus_read(SL200_SYS_IRQ);
		host |= (uint64_t)reg_read(SL200_TOP_TIME_HI) << 32;
		mcu |= (uint64_t)bus_read(SL200_SYS_TIME_HI) << 32;
		expect(host - start < 1000, "TOP.TIME %jx at %jx", (uintmax_t)host,
		       (uintmax_t)start);
		expect(mcu >= host && mcu - host < 1000, "SYS.TIME %jx at %jx", (uintmax_t)mcu,
		       (uintmax_t)start);
	}
	report("time, each side with its latch");
	in.now = 1000;
}

/* ------------------------------------------------------------------------------- accesses */

static void test_bad_accesses(void)
{
	uint32_t scratch = rand32();

	power_on();
	reg_write(SL200_TOP_SCRATCH, scratch);
	for (int i = 0; i < 2000; i++) {
		uint32_t bar = rand_below(8), size = rand_below(16), dropped = 0, addr;
		uint32_t bar_size = bar == 0   ? BAR0_SIZE
				    : bar == 2 ? 1u << 20
				    : bar == 4 ? 1u << 28
					       : 0;
		bool write = rand32() & 1;
		uint64_t got;

		/* At random; small ones, that would be good elsewhere; just beyond the BAR. */
		addr = rand32() & (rand32() & 1 ? 0xfffffff : 0x1f);
		if (rand_below(4) == 0) {
			addr = (bar_size + 4 * rand_below(32)) & 0xfffffff;
			size = 4;
		}
		if ((size == 4 || (size == 8 && bar == 4)) && addr % size == 0 && addr < bar_size)
			continue;
		if (bar == 2 && write && addr < bar_size)
			dropped = 1;
		dropped += reg_read(SL200_TELEM_DOORBELLS_DROPPED_LO);
		expect(!host_access(write, bar, addr, size, rand64(), &got),
		       "BAR%u+%x size %u is no error", bar, addr, size);
		expect(write || got == UINT64_MAX, "BAR%u+%x size %u reads %jx", bar, addr, size,
		       (uintmax_t)got);
		expect(reg_read(SL200_TELEM_DOORBELLS_DROPPED_LO) == dropped,
		       "BAR%u+%x size %u: doorbells dropped", bar, addr, size);
	}
	expect(reg_read(SL200_TOP_SCRATCH) == scratch, "a bad write is not dropped");
	expect(!seen.requests, "a bad access reaches card memory");
	report("bad accesses read all ones and are dropped");
}

static void test_all_ones(void)
{
	uint64_t got;

	reg_write(SL200_INJECT_ALL_ONES, 2);
	expect(reg_read(SL200_TOP_ID) == SL200_TOP_ID_RESET_VALUE, "ALL_ONES by 2");
	reg_write(SL200_INJECT_ALL_ONES, 1);
	for (uint32_t bar = 0; bar <= 4; bar += 2) {
		expect(!host_access(false, bar, 0, 4, 0, &got) && got == UINT32_MAX,
		       "BAR%u reads %jx", bar, (uintmax_t)got);
		expect(!host_access(true, bar, SL200_TOP_SCRATCH, 4, 77, NULL), "BAR%u is written",
		       bar);
	}
	expect(!host_access(true, 0, SL200_TOP_RESET, 4, SL200_TOP_RESET_CHIP, NULL) && out.rst_dma,
	       "TOP.RESET is written");
	function_level_reset();
	expect(reg_read(SL200_TOP_ID) == SL200_TOP_ID_RESET_VALUE, "an FLR does not help");
	expect(!reg_read(SL200_TOP_SCRATCH), "a write was not dropped");
	expect((reg_read(SL200_TOP_RESET_COUNT) & 0xff0000) == 0, "a reset was not dropped");
	report("ALL_ONES takes the BARs away until an FLR");
}

static void aperture_access(uint64_t base)
{
	static uint8_t copy[64];
	uint32_t size = rand32() & 1 ? 8 : 4, offset = rand_below(1u << 28) & ~63u;
	uint64_t addr, v = rand64(), got;
	uint32_t requests = seen.requests, lane;
	bool inside, write;

	/* Just below and above the end of memory, where that can be. */
	if (rand_below(4) == 0 && BENCH_DRAM_SIZE - base < 1u << 28)
		offset = BENCH_DRAM_SIZE - base;
	if (rand_below(4) == 0 && offset)
		offset -= 64;
	addr = base + offset;
	inside = addr >= base && addr < BENCH_DRAM_SIZE;

	for (int i = 0; i < 20; i++) {
		write = i < 8 || rand32() & 1;
		lane = i < 8 ? 8u * i : rand_below(64 / size) * size;
		if (i < 8)
			size = 8;
		if (host_access(write, 4, offset + lane, size, v, &got) != inside) {
			expect(false, "%jx+%x", (uintmax_t)base, offset + lane);
			return;
		}
		if (write)
			memcpy(copy + lane, &v, size);
		else
			expect(inside ? !memcmp(copy + lane, &got, size) &&
						(size == 8 || !(got >> 32))
				      : got == (size == 8 ? UINT64_MAX : UINT32_MAX),
			       "%jx+%x reads %jx", (uintmax_t)base, offset + lane, (uintmax_t)got);
		requests += inside;
		expect(seen.requests == requests, "requests made of %jx", (uintmax_t)addr);
		expect(!inside || (seen.ap_addr == addr + lane && seen.ap_len == size &&
				   seen.ap_write == write),
		       "request at %jx", (uintmax_t)seen.ap_addr);
		size = rand32() & 1 ? 8 : 4;
		v = rand64();
	}
}

static void test_aperture(void)
{
	static const uint64_t edges[] = {0,
					 BENCH_DRAM_SIZE - (1u << 28),
					 BENCH_DRAM_SIZE - (1u << 27),
					 BENCH_DRAM_SIZE,
					 UINT64_MAX - 0xffff,
					 1ull << 63};
	uint64_t got;

	power_on();
	for (int i = 0; i < 100; i++) {
		uint64_t base = i < (int)COUNT(edges) ? edges[i]
						      : rand64() % (BENCH_DRAM_SIZE + (1u << 28));

		base &= ~0xffffull;
		reg_write(SL200_TOP_APERTURE_LO, (uint32_t)base | rand_below(0x10000));
		reg_write(SL200_TOP_APERTURE_HI, (uint32_t)(base >> 32));
		aperture_access(base);
	}
	report("the aperture shows card memory, and none beyond its end");
	reg_write(SL200_TOP_APERTURE_HI, 0);
	for (fail_reason = 1; fail_reason < 8; fail_reason++) {
		expect(!host_access(false, 4, 8, 8, 0, &got) && got == UINT64_MAX, "8 bytes: %jx",
		       (uintmax_t)got);
		expect(!host_access(false, 4, 8, 4, 0, &got) && got == UINT32_MAX, "4 bytes: %jx",
		       (uintmax_t)got);
		expect(!host_access(true, 4, 8, 4, 0, NULL), "a write");
	}
	fail_reason = 0;
	report("an access that card memory refuses is an error");
}

/* --------------------------------------------------------------------------------- resets */

static void test_reset_counts(void)
{
	uint32_t mcu = 0, engines = 0, chip = 0, flr = 0;

	power_on();
	memset(&seen, 0, sizeof(seen));
	for (int i = 0; i < 1200; i++) {
		uint32_t kind = rand_below(4);

		if (kind == 0 && ++mcu)
			reg_write(SL200_TOP_RESET, SL200_TOP_RESET_MCU);
		else if (kind == 1 && ++chip)
			reg_write(SL200_TOP_RESET, SL200_TOP_RESET_CHIP);
		else if (kind == 2 && ++flr)
			function_level_reset();
		else if (++engines) {
			in.engine_reset = true;
			step(1);
			in.engine_reset = false;
		}
		expect(out.rst_dma && !out.rst_core && !out.quiesce, "an access ends in a reset");
		expect(reg_read(SL200_TOP_RESET_COUNT) ==
			       ((mcu & 0xff) | (engines & 0xff) << 8 | (chip & 0xff) << 16 |
				(flr & 0xff) << 24),
		       "count %x", reg_read(SL200_TOP_RESET_COUNT));
		expect(bus_read(SL200_SYS_RESET_ENGINES) == engines, "SYS.RESET_ENGINES");
	}
	expect(seen.dma_resets == mcu + chip + flr && seen.chip_resets == chip + flr &&
		       seen.func_resets == flr,
	       "resets made");
	report("resets, each with its counts and what it clears");
	power_on();
	expect(!reg_read(SL200_TOP_RESET_COUNT) && !bus_read(SL200_SYS_RESET_ENGINES), "not 0");
	report("power-on clears the counts");
}

/* An FLR comes at any time: in the middle of accesses, of other resets, of another FLR. */
static void test_flr_meets_access(void)
{
	uint64_t got;

	power_on();
	memset(&seen, 0, sizeof(seen));
	for (uint32_t i = 0; i < 300; i++) {
		bool again = rand_below(4) == 0, reset = rand_below(3) == 0;
		uint32_t flrs = again ? 2 : 1;

		reg_write(SL200_TOP_SCRATCH, i | 1);
		if (reset)
			host_begin(true, 0, SL200_TOP_RESET, 4, SL200_TOP_RESET_MCU);
		else
			host_begin(rand32() & 1, 4, 64 * i, 8, 0);
		step(rand_below(12));
		in.flr = true;
		step(1);
		in.flr = false;
		expect(host_end(&got), "the access fails");
		while (seen.flr_done < 1)
			step(1);
		if (again) {
			in.flr = true;
			step(1);
			in.flr = false;
		}
		expect(reg_read(SL200_TOP_SCRATCH) == 0, "not reset");
		expect(seen.flr_done == flrs && seen.func_resets == flrs, "%u of %u FLRs",
		       seen.flr_done, flrs);
		expect(seen.dma_resets == flrs + reset, "%u resets", seen.dma_resets);
		memset(&seen, 0, sizeof(seen));
	}
	report("an FLR lets an access end, and the next one waits for it");
}

/* ----------------------------------------------------------------------------------- boot */

static void expect_boot(uint32_t state, uint32_t status, bool running, const char *when)
{
	expect(reg_read(SL200_MCU_STATE) == state, "STATE %u, %s", reg_read(SL200_MCU_STATE), when);
	expect(reg_read(SL200_BOOT_STATUS) == status, "STATUS %x, %s", reg_read(SL200_BOOT_STATUS),
	       when);
	expect(out.rst_core == running, "core %s", when);
}

static void test_boot(void)
{
	power_on();
	in.in_rom = true;
	expect_boot(SL200_MCU_STATE_RESET, SL200_BOOT_RESET, false, "after power-on");
	reg_write(SL200_BOOT_CTRL, SL200_BOOT_CTRL_SOURCE);
	expect_boot(SL200_MCU_STATE_RESET, SL200_BOOT_RESET, false, "without GO");
	bus_write(SL200_SYS_BOOT_STATUS, SL200_BOOT_COPIED);
	reg_write(SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO);
	expect(!out.rst_core, "GO with a status that is neither RESET nor an error");
	bus_write(SL200_SYS_BOOT_STATUS, SL200_BOOT_RESET);
	for (uint32_t source = 0; source < 4; source++) {
		bus_write(SL200_SYS_BOOT_DETAIL, 55);
		reg_write(SL200_BOOT_CTRL,
			  SL200_BOOT_CTRL_GO | source << SL200_BOOT_CTRL_SOURCE_SHIFT);
		expect_boot(SL200_MCU_STATE_ROM, SL200_BOOT_ROM, true, "after GO");
		expect(!reg_read(SL200_BOOT_DETAIL), "DETAIL stays");
		expect(bus_read(SL200_SYS_BOOT_SOURCE) == source, "source %u", source);
		reg_write(SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO | SL200_BOOT_CTRL_SOURCE);
		expect(bus_read(SL200_SYS_BOOT_SOURCE) == source, "GO while it boots");
		bus_write(SL200_SYS_BOOT_STATUS, SL200_BOOT_HASH_OK);
		expect_boot(SL200_MCU_STATE_ROM, SL200_BOOT_HASH_OK, true, "on the way");
		bus_write(SL200_SYS_BOOT_DETAIL, 9);
		bus_write(SL200_SYS_BOOT_STATUS, SL200_BOOT_ERR_SIZE + source);
		expect_boot(SL200_MCU_STATE_RESET, SL200_BOOT_ERR_SIZE + source, false,
			    "on an error");
		expect(reg_read(SL200_BOOT_DETAIL) == 9, "DETAIL of the error");
	}
	boot();
	bus_write(SL200_SYS_BOOT_STATUS, SL200_BOOT_RUNNING);
	in.in_rom = false;
	expect_boot(SL200_MCU_STATE_RUN, SL200_BOOT_RUNNING, true, "in the firmware");
	reg_write(SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO);
	expect_boot(SL200_MCU_STATE_RUN, SL200_BOOT_RUNNING, true, "after GO in the firmware");
	report("boot");
}

static void expect_halted(uint32_t panic, const char *why)
{
	expect(out.halt && out.rst_core, "not halted: %s", why);
	expect(reg_read(SL200_MCU_STATE) == SL200_MCU_STATE_HALTED, "STATE: %s", why);
	expect(reg_read(SL200_MCU_PANIC) == panic && bus_read(SL200_SYS_PANIC) == panic,
	       "PANIC: %s", why);
}

static void test_halt(void)
{
	power_on();
	reg_write(SL200_INJECT_MCU_CRASH, 1);
	expect(!out.halt && !reg_read(SL200_MCU_PANIC), "a crash of a core in reset");
	boot();
	bus_write(SL200_SYS_PANIC, 0);
	reg_write(SL200_INJECT_MCU_CRASH, 2);
	expect(!out.halt && !reg_read(SL200_MCU_PANIC), "a halt for no reason");
	bus_write(SL200_SYS_PANIC, SL200_PANIC_ASSERT);
	step(1);
	expect_halted(SL200_PANIC_ASSERT, "PANIC");
	reg_write(SL200_INJECT_MCU_CRASH, 1);
	expect_halted(SL200_PANIC_ASSERT, "PANIC, then a crash");
	reg_write(SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO);
	expect_halted(SL200_PANIC_ASSERT, "PANIC, then GO");
	boot();
	expect(!reg_read(SL200_MCU_PANIC), "PANIC after a reset");
	reg_write(SL200_INJECT_MCU_CRASH, 1);
	expect_halted(SL200_PANIC_INJECTED, "a crash");
	reg_write(SL200_TOP_RESET, SL200_TOP_RESET_CHIP);
	expect(!out.halt && reg_read(SL200_MCU_STATE) == SL200_MCU_STATE_RESET, "after a reset");
	report("halt");
}

void host_test(void)
{
	describe();
	power_on();
	test_registers();
	test_bus();
	test_time();
	test_bad_accesses();
	test_all_ones();
	test_aperture();
	test_reset_counts();
	test_flr_meets_access();
	test_boot();
	test_halt();
	host_test_signals();
}
