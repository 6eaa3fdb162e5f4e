// SPDX-License-Identifier: MIT
/*
 * What stands around sl200_host in its test. The test is a coroutine that is resumed once a clock,
 * after the bench has played the other blocks' parts with random delays.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "abi/sl200_regs.h"
#include "tests/rtl/host_bench.h"
#include "tests/rtl/host_dpi.h"

#define STACK_SIZE (256u << 10)
#define COMPLAINTS_MAX 5u
#define AP_MEMORY 4096u
#define QUIESCE_BELIEVED 2u /* clocks after which the memory system has seen quiesce */
#define HANG_CLOCKS 20000u
#define DELAY_MAX 200u

struct bench_in in;
struct bench_out out;
struct bench_seen seen;
uint64_t time_step = 3;
uint32_t fail_reason;

static ucontext_t bench_context, test_context;
static uint8_t stack[STACK_SIZE];
static bool finished, powered;
static uint64_t rng;

static uint32_t complaints;
static bool access_under_way, access_done, access_error;
static uint64_t access_rdata;

/* Whether quiesced_i was to be believed: now, at the last edge, and at the one before. */
static bool settled, settled_last, settled_before;
static uint32_t quiesce_clocks, quiesce_delay;
static struct bench_out before;

static enum { AP_IDLE, AP_DATA, AP_ANSWER } ap_state;
static uint32_t ap_delay;
static uint8_t ap_memory[AP_MEMORY];

/* ------------------------------------------------------------------ random numbers, results */

uint64_t rand64(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng * 0x2545f4914f6cdd1dull;
}

uint32_t rand32(void)
{
	return (uint32_t)(rand64() >> 32);
}

uint32_t rand_below(uint32_t n)
{
	return rand32() % n;
}

void expect(bool ok, const char *format, ...)
{
	va_list args;

	if (ok || complaints++ >= COMPLAINTS_MAX)
		return;
	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

void report(const char *what)
{
	printf("%sok - %s\n", complaints ? "not " : "", what);
	complaints = 0;
}

/* --------------------------------------------------------------------------- around the block */

uint32_t others_answer(uint32_t addr)
{
	if (addr < SL200_TELEM_ENGINE_BASE ||
	    addr >= SL200_TELEM_ENGINE_BASE + SL200_TELEM_ENGINE_COUNT * SL200_TELEM_ENGINE_STRIDE)
		return 0;
	return addr * 0x9e3779b1u | 1;
}

static void play_host(void)
{
	if (in.valid && out.ready) {
		in.valid = false;
		access_under_way = true;
	}
	if (out.done) {
		expect(access_under_way, "an answer that nobody waits for");
		access_under_way = false;
		access_done = true;
		access_error = out.error;
		access_rdata = out.rdata;
	}
}

/* Before quiesce_o is seen, quiesced_i says anything; then it takes its time. */
static void play_quiesce(void)
{
	settled_before = settled_last;
	settled_last = settled;
	if (!out.quiesce) {
		quiesce_clocks = 0;
		quiesce_delay = rand_below(4) ? rand_below(DELAY_MAX) : 0;
		in.quiesced = rand32() & 1;
		settled = false;
		return;
	}
	quiesce_clocks++;
	in.quiesced =
		quiesce_clocks < QUIESCE_BELIEVED ? rand32() & 1 : quiesce_clocks >= quiesce_delay;
	settled = in.quiesced && quiesce_clocks >= QUIESCE_BELIEVED;
}

static void check_resets(void)
{
	expect(out.rst_func || !out.rst_chip, "a function reset that is no chip reset");
	expect(out.rst_chip || !out.rst_dma, "a chip reset that is no MCU reset");
	expect(out.rst_dma || !out.rst_core, "a core that runs in a reset");
	expect(out.rst_dma || !out.ready, "ready in a reset");
	expect(!out.quiesce || !out.ready, "ready while quiescing");
	expect(!out.quiesce || out.halt, "a core that goes on while quiescing");
	expect(!out.quiesce || !out.idle, "idle while quiescing");
	if (before.rst_dma && !out.rst_dma && in.por_n) {
		expect(settled_before, "a reset with accesses in flight");
		expect(!access_under_way || !in.write || in.bar != 4,
		       "a reset with an access of the aperture under way");
		seen.dma_resets++;
		seen.chip_resets += !out.rst_chip;
		seen.func_resets += !out.rst_func;
	}
	before = out;
}

static void answer_aperture(void)
{
	uint8_t *line = ap_memory + (seen.ap_addr & (AP_MEMORY - 32));

	in.ap_reason = fail_reason;
	if (seen.ap_write) {
		in.ap_bvalid = true;
	} else {
		in.ap_rvalid = true;
		memcpy(in.ap_rdata, line, sizeof(in.ap_rdata));
		/* Lanes outside the request say nothing. */
		for (uint32_t i = 0; i < sizeof(in.ap_rdata); i++)
			if (i < (seen.ap_addr & 31) || i >= (seen.ap_addr & 31) + seen.ap_len)
				in.ap_rdata[i] = (uint8_t)rand32();
	}
	ap_state = AP_IDLE;
}

static void play_aperture(void)
{
	uint8_t *line;

	in.ap_rvalid = in.ap_bvalid = false;
	switch (ap_state) {
	case AP_IDLE:
		if (!out.ap_req_valid || !in.ap_ready)
			break;
		seen.requests++;
		seen.ap_addr = out.ap_addr;
		seen.ap_len = out.ap_len;
		seen.ap_write = out.ap_write;
		expect(out.ap_space == 1 && !out.ap_asid, "space %u asid %u", out.ap_space,
		       out.ap_asid);
		ap_delay = rand_below(30);
		ap_state = out.ap_write ? AP_DATA : AP_ANSWER;
		break;
	case AP_DATA:
		if (!out.ap_wvalid || !in.ap_wready)
			break;
		line = ap_memory + (seen.ap_addr & (AP_MEMORY - 32));
		for (uint32_t i = seen.ap_addr & 31; i < (seen.ap_addr & 31) + seen.ap_len; i++)
			line[i & 31] = out.ap_wdata[i & 31];
		ap_state = AP_ANSWER;
		break;
	case AP_ANSWER:
		if (ap_delay)
			ap_delay--;
		else
			answer_aperture();
		break;
	}
	in.ap_ready = ap_state == AP_IDLE && rand32() & 1;
	in.ap_wready = rand32() & 1;
}

static void play_others(void)
{
	in.reg_rdata = out.reg_valid && !out.reg_write ? others_answer(out.reg_addr) : 0;
	if (out.msix_valid)
		seen.sent[out.msix_vector]++;
	seen.doorbells += out.doorbell;
	seen.flr_done += out.flr_done;
	in.now += time_step;
}

/* --------------------------------------------------------------------------------- the test's */

void step(uint32_t clocks)
{
	while (clocks--)
		swapcontext(&test_context, &bench_context);
}

void host_begin(bool write, uint32_t bar, uint32_t addr, uint32_t size, uint64_t wdata)
{
	in.valid = true;
	in.write = write;
	in.bar = bar;
	in.addr = addr;
	in.size = size;
	in.wdata = wdata;
	access_done = false;
}

bool host_under_way(void)
{
	return !access_done;
}

bool host_end(uint64_t *rdata)
{
	for (uint32_t clocks = 0; !access_done; clocks++) {
		if (clocks == HANG_CLOCKS) {
			printf("not ok - an access to BAR%u+%x ends\n", in.bar, in.addr);
			finished = true;
		}
		step(1);
	}
	if (rdata)
		*rdata = access_rdata;
	return !access_error;
}

bool host_access(bool write, uint32_t bar, uint32_t addr, uint32_t size, uint64_t wdata,
		 uint64_t *rdata)
{
	step(rand_below(3));
	host_begin(write, bar, addr, size, wdata);
	return host_end(rdata);
}

uint32_t reg_read(uint32_t addr)
{
	uint64_t value;

	expect(host_access(false, 0, addr, 4, 0, &value), "a read of %x fails", addr);
	expect(!(value >> 32), "a read of %x with a high half", addr);
	return (uint32_t)value;
}

void reg_write(uint32_t addr, uint32_t value)
{
	expect(host_access(true, 0, addr, 4, value, NULL), "a write of %x fails", addr);
}

void doorbell(uint32_t addr, uint32_t value)
{
	expect(host_access(true, 2, addr, 4, value, NULL), "a doorbell at %x fails", addr);
}

uint32_t bus_read(uint32_t addr)
{
	step(rand_below(2));
	in.bus_valid = true;
	in.bus_write = false;
	in.bus_addr = addr & 0xffff;
	step(1);
	in.bus_valid = false;
	step(1);
	return out.bus_rdata;
}

void bus_write(uint32_t addr, uint32_t value)
{
	step(rand_below(2));
	in.bus_valid = in.bus_write = true;
	in.bus_addr = addr & 0xffff;
	in.bus_wdata = value;
	step(1);
	in.bus_valid = false;
}

void power_on(void)
{
	in.por_n = false;
	in.valid = in.bus_valid = in.flr = false;
	step(2 + rand_below(3));
	in.por_n = true;
	while (!out.ready)
		step(1);
}

void function_level_reset(void)
{
	uint32_t done = seen.flr_done;

	in.flr = true;
	step(1);
	in.flr = false;
	while (seen.flr_done == done)
		step(1);
	expect(out.rst_func, "an FLR that is done before its reset ends");
}

void boot(void)
{
	reg_write(SL200_TOP_RESET, SL200_TOP_RESET_MCU);
	reg_write(SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO);
	expect(out.rst_core && !out.halt, "the core does not run");
}

static void test_main(void)
{
	host_test();
	finished = true;
	step(1);
}

/* ----------------------------------------- called by tb_host.sv, with the types of DPI-C */

void host_bench_start(uint32_t seed)
{
	printf("# seed %u\n", seed);
	rng = 0x9e3779b97f4a7c15ull * (seed + 1ull);
	for (uint32_t i = 0; i < AP_MEMORY; i++)
		ap_memory[i] = (uint8_t)rand32();
	getcontext(&test_context);
	test_context.uc_stack.ss_sp = stack;
	test_context.uc_stack.ss_size = sizeof(stack);
	makecontext(&test_context, test_main, 0);
}

int host_bench_run(void)
{
	/* Before its first reset the block says anything. */
	if (powered) {
		play_host();
		play_quiesce();
		check_resets();
		play_aperture();
		play_others();
	}
	powered = powered || in.por_n;
	swapcontext(&bench_context, &test_context);
	return finished;
}

void host_bench_host(uint8_t ready, uint8_t done, uint8_t error, uint64_t rdata, uint8_t flr_done,
		     uint8_t idle)
{
	out.ready = ready;
	out.done = done;
	out.error = error;
	out.rdata = rdata;
	out.flr_done = flr_done;
	out.idle = idle;
}

void host_bench_mcu(uint32_t bus_rdata, uint8_t halt, uint8_t irq_external, uint8_t irq_timer,
		    uint8_t timer_armed, uint64_t timer_cmp)
{
	out.bus_rdata = bus_rdata;
	out.halt = halt;
	out.irq_external = irq_external;
	out.irq_timer = irq_timer;
	out.timer_armed = timer_armed;
	out.timer_cmp = timer_cmp;
}

void host_bench_resets(uint8_t core, uint8_t dma, uint8_t chip, uint8_t func, uint8_t quiesce)
{
	out.rst_core = core;
	out.rst_dma = dma;
	out.rst_chip = chip;
	out.rst_func = func;
	out.quiesce = quiesce;
}

void host_bench_events(uint8_t msix_valid, uint32_t msix_vector, uint8_t doorbell_seen,
		       uint8_t reg_valid, uint8_t reg_is_write, uint32_t reg_addr)
{
	out.msix_valid = msix_valid;
	out.msix_vector = msix_vector;
	out.doorbell = doorbell_seen;
	out.reg_valid = reg_valid;
	out.reg_write = reg_is_write;
	out.reg_addr = reg_addr;
}

void host_bench_inject(uint32_t hang, uint32_t error, uint8_t corrupt, uint8_t corrected,
		       uint8_t uncorrected)
{
	out.hang = hang;
	out.inject_error = error;
	out.corrupt = corrupt;
	out.corrected = corrected;
	out.uncorrected = uncorrected;
}

void host_bench_aperture(uint8_t req_valid, uint8_t write, uint32_t space, uint32_t asid,
			 uint64_t addr, uint32_t len, uint8_t wvalid, const uint32_t *wdata)
{
	out.ap_req_valid = req_valid;
	out.ap_write = write;
	out.ap_space = space;
	out.ap_asid = asid;
	out.ap_addr = addr;
	out.ap_len = len;
	out.ap_wvalid = wvalid;
	memcpy(out.ap_wdata, wdata, sizeof(out.ap_wdata));
}

void host_bench_set_host(uint8_t *por_n, uint8_t *valid, uint8_t *write, uint32_t *bar,
			 uint32_t *addr, uint32_t *size, uint64_t *wdata, uint8_t *flr,
			 uint8_t *bus_master, uint8_t *msix_enable, uint8_t *function_mask,
			 uint8_t *emulated, uint64_t *now)
{
	*por_n = in.por_n;
	*valid = in.valid;
	*write = in.write;
	*bar = in.bar;
	*addr = in.addr;
	*size = in.size;
	*wdata = in.wdata;
	*flr = in.flr;
	*bus_master = in.bus_master;
	*msix_enable = in.enable;
	*function_mask = in.mask;
	*emulated = in.emulated;
	*now = in.now;
}

void host_bench_set_mcu(uint8_t *valid, uint8_t *write, uint32_t *addr, uint32_t *wdata,
			uint8_t *sleeping, uint8_t *in_rom, uint8_t *quiesced, uint32_t *reg_rdata)
{
	*valid = in.bus_valid;
	*write = in.bus_write;
	*addr = in.bus_addr;
	*wdata = in.bus_wdata;
	*sleeping = in.sleeping;
	*in_rom = in.in_rom;
	*quiesced = in.quiesced;
	*reg_rdata = in.reg_rdata;
}

void host_bench_set_events(uint32_t *engine_done, uint8_t *engine_reset, uint32_t *link_read,
			   uint32_t *link_write, uint32_t *dram_read, uint32_t *dram_write,
			   uint32_t *pulses, uint32_t *hang_taken, uint32_t *error_taken,
			   uint8_t *corrupt_taken, uint8_t *ecc_taken)
{
	*engine_done = in.engine_done;
	*engine_reset = in.engine_reset;
	*link_read = in.link_read;
	*link_write = in.link_write;
	*dram_read = in.dram_read;
	*dram_write = in.dram_write;
	*pulses = in.pulses;
	*hang_taken = in.hang_taken;
	*error_taken = in.error_taken;
	*corrupt_taken = in.corrupt_taken;
	*ecc_taken = in.ecc_taken;
}

void host_bench_set_aperture(uint8_t *ready, uint8_t *wready, uint8_t *rvalid, uint32_t *rdata,
			     uint8_t *bvalid, uint32_t *reason)
{
	*ready = in.ap_ready;
	*wready = in.ap_wready;
	*rvalid = in.ap_rvalid;
	memcpy(rdata, in.ap_rdata, sizeof(in.ap_rdata));
	*bvalid = in.ap_bvalid;
	*reason = in.ap_reason;
}
