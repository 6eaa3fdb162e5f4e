/* SPDX-License-Identifier: MIT */
/* Drives the MDMA as firmware would, and compares what it did with the plainest possible C. */
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_mmu.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "tests/rtl/dma_mem.h"

/* Called by tb_mdma.sv. */
void mdma_ref_start(int seed);
uint64_t mdma_ref_tcm(unsigned char write, int word, unsigned char be, uint64_t data);
unsigned char mdma_ref_cycle(unsigned int bus_rdata, unsigned char idle, unsigned char read,
			     unsigned char written, unsigned char taken, unsigned char *valid,
			     unsigned char *write, unsigned int *addr, unsigned int *wdata,
			     unsigned char *corrupt);

#define CLIENT 0
#define TRANSFERS_RANDOM 1000
#define LEN_MAX 65536u
#define STACK_SIZE (256u << 10)
#define POLLS_MAX 1000000
#define REG(name) (SL200_MDMA_##name & 0xffffu)

static ucontext_t context, caller;
static uint8_t stack[STACK_SIZE];
static struct {
	unsigned char valid, write;
	uint32_t addr, wdata;
} op;
static uint32_t rdata;
static bool idle_level, corrupt, finished;
static unsigned int reads, writes; /* probe pulses */
static uint64_t cycles;
/* Everything as it should be, and the TCM as it is. */
static uint8_t tcm[SL200_MCU_TCM_SIZE], tcm_model[SL200_MCU_TCM_SIZE];
static uint8_t memory_model[DMA_MEM_SPACES][DMA_MEM_SIZE];

static void cycle(void)
{
	swapcontext(&context, &caller);
}

static void bus_write(uint32_t reg, uint32_t value)
{
	op.valid = op.write = 1;
	op.addr = reg;
	op.wdata = value;
	cycle();
	op.valid = 0;
	cycle();
}

static uint32_t bus_read(uint32_t reg)
{
	op.valid = 1;
	op.write = 0;
	op.addr = reg;
	cycle();
	op.valid = 0;
	cycle();
	return rdata;
}

struct transfer {
	uint32_t command, kind, tcm, len;
	uint64_t addr;
};

/* Returns STATUS at the end, and the cycles it took. */
static uint32_t run(const struct transfer *t, uint64_t *took)
{
	uint32_t status = SL200_MDMA_STATUS_BUSY;
	uint64_t start;

	dma_mem_asid[CLIENT] = dma_mem_random(65536);
	bus_write(REG(ADDR_LO), (uint32_t)t->addr);
	bus_write(REG(ADDR_HI), (uint32_t)(t->addr >> 32));
	bus_write(REG(SPACE), dma_mem_asid[CLIENT] | t->kind << SL200_MDMA_SPACE_KIND_SHIFT);
	bus_write(REG(TCM), t->tcm);
	bus_write(REG(LEN), t->len);
	start = cycles;
	bus_write(REG(CMD), t->command);
	for (unsigned int i = 0; i < POLLS_MAX && status & SL200_MDMA_STATUS_BUSY; i++)
		status = bus_read(REG(STATUS));
	*took = cycles - start;
	dma_mem_check(!(status & SL200_MDMA_STATUS_BUSY), "the transfer ends");
	dma_mem_check(idle_level && !dma_mem_in_flight(CLIENT), "nothing in flight");
	return status;
}

/* Bytes that come before the first fault. */
static uint32_t reach(const struct transfer *t)
{
	for (uint32_t i = 0; i < t->len; i++)
		if (dma_mem_reason(CLIENT, t->kind, t->addr + i,
				   t->command == SL200_MDMA_CMD_WRITE))
			return i;
	return t->len;
}

static void check_transfer(const struct transfer *t, bool corrupted)
{
	struct dma_mem *mem = &dma_mem[CLIENT][t->kind];
	bool write = t->command == SL200_MDMA_CMD_WRITE;
	uint32_t good = reach(t), status;
	uint32_t at = (uint32_t)(t->addr - mem->base);
	uint8_t *is = write ? &mem->bytes[at] : &tcm[t->tcm];
	uint8_t *should = write ? &memory_model[t->kind][at] : &tcm_model[t->tcm];
	const uint8_t *source = write ? &tcm_model[t->tcm] : &memory_model[t->kind][at];
	unsigned int read_pulses = reads, write_pulses = writes;
	uint64_t took;

	status = run(t, &took);
	dma_mem_check(status == (good < t->len ? SL200_MDMA_STATUS_ERROR : 0),
		      "%s of %u bytes: status %u", write ? "write" : "read", t->len, status);
	dma_mem_check(reads - read_pulses == !write, "probe_read_o");
	dma_mem_check(writes - write_pulses == (write && good == t->len), "probe_written_o");
	for (uint32_t i = 0; i < t->len; i++) {
		uint8_t byte = source[i];

		if (corrupted && i < offsetof(struct sl200_cqe, phase))
			byte = (uint8_t)~byte;
		/* What lies behind a fault may have been moved or not. */
		if (i >= good && is[i] == should[i])
			continue;
		if (!dma_mem_check(is[i] == byte, "%s of %u bytes, TCM 0x%x, memory +0x%x: byte %u",
				   write ? "write" : "read", t->len, t->tcm, at, i))
			break;
		should[i] = byte;
	}
}

static void verdict(const char *what)
{
	static unsigned int before;

	dma_mem_check(!memcmp(tcm, tcm_model, sizeof(tcm)), "no other byte of the TCM changed");
	for (unsigned int space = 0; space < DMA_MEM_SPACES; space++)
		dma_mem_check(
			!memcmp(dma_mem[CLIENT][space].bytes, memory_model[space], DMA_MEM_SIZE),
			"no other byte of space %u changed", space);
	printf("%s - mdma: %s\n", dma_mem_failures() == before ? "ok" : "not ok", what);
	before = dma_mem_failures();
}

static struct transfer random_transfer(void)
{
	static const uint32_t lens[] = {8, 64, 300, 300, 3000, 10000};
	struct transfer t = {
		.command = dma_mem_random(2) ? SL200_MDMA_CMD_READ : SL200_MDMA_CMD_WRITE,
		.kind = dma_mem_random(DMA_MEM_SPACES),
		.len = 1 + dma_mem_random(lens[dma_mem_random(6)]),
	};

	if (!dma_mem_random(200))
		t.len = LEN_MAX - dma_mem_random(2);
	t.tcm = dma_mem_random(SL200_MCU_TCM_SIZE - t.len);
	t.addr = dma_mem[CLIENT][t.kind].base + dma_mem_random(DMA_MEM_SIZE - t.len);
	if (dma_mem_random(2)) {
		t.tcm &= ~7u;
		t.addr &= ~7ull;
	}
	return t;
}

static void random_timing(void)
{
	dma_mem_timing = (struct dma_mem_timing){
		.latency_min = dma_mem_random(20),
		.stall = dma_mem_random(2) ? dma_mem_random(70) : 0,
		.in_order = dma_mem_random(2),
	};
	dma_mem_timing.latency_max = dma_mem_timing.latency_min + dma_mem_random(200);
}

static void test_registers(void)
{
	static const uint32_t regs[] = {REG(ADDR_LO), REG(ADDR_HI), REG(SPACE), REG(TCM), REG(LEN)};

	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		dma_mem_check(!bus_read(regs[i]), "register 0x%x is 0 after a reset", regs[i]);
		bus_write(regs[i], 0x89abcdefu - (uint32_t)i);
	}
	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++)
		dma_mem_check(bus_read(regs[i]) == 0x89abcdefu - (uint32_t)i, "register 0x%x",
			      regs[i]);
	dma_mem_check(!bus_read(REG(CMD)) && !bus_read(REG(STATUS)), "CMD and STATUS");
	bus_write(REG(CMD), 3);
	dma_mem_check(!bus_read(REG(STATUS)), "an unknown command does nothing");
}

static void test_random(bool faults)
{
	for (unsigned int i = 0; i < TRANSFERS_RANDOM; i++) {
		struct transfer t = random_transfer();
		struct dma_mem *mem = &dma_mem[CLIENT][t.kind];

		random_timing();
		for (unsigned int n = faults ? dma_mem_random(3) : 0; n; n--) {
			uint64_t at = t.addr - mem->base + dma_mem_random(t.len);

			mem->read_reason[at / DMA_MEM_PAGE] = (uint8_t)(1 + dma_mem_random(7));
			mem->write_reason[at / DMA_MEM_PAGE] = (uint8_t)(1 + dma_mem_random(6));
		}
		check_transfer(&t, false);
		memset(mem->read_reason, 0, sizeof(mem->read_reason));
		memset(mem->write_reason, 0, sizeof(mem->write_reason));
	}
}

static void test_refusals(void)
{
	uint64_t base = dma_mem[CLIENT][0].base, took;
	const struct transfer bad[] = {
		{SL200_MDMA_CMD_READ, 0, 0, 0, base},
		{SL200_MDMA_CMD_READ, 0, 0, LEN_MAX + 1, base},
		{SL200_MDMA_CMD_WRITE, 0, 0, 0xffffffff, base},
		{SL200_MDMA_CMD_READ, 0, SL200_MCU_TCM_SIZE - 7, 8, base},
		{SL200_MDMA_CMD_WRITE, 0, SL200_MCU_TCM_SIZE, 1, base},
		{SL200_MDMA_CMD_WRITE, 0, 0xfffffff8, 64, base},
		{SL200_MDMA_CMD_READ, 3, 0, 8, base},
	};
	struct transfer last = {SL200_MDMA_CMD_READ, 0, SL200_MCU_TCM_SIZE - 8, 8, base};

	dma_mem_requests(CLIENT);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		dma_mem_check(run(&bad[i], &took) == SL200_MDMA_STATUS_ERROR, "refusal %zu", i);
	dma_mem_check(!dma_mem_requests(CLIENT), "refused transfers touch no memory");
	check_transfer(&last, false);
}

static void test_requests(void)
{
	static const uint32_t lens[] = {8, 32};

	for (unsigned int i = 0; i < 200; i++) {
		struct transfer t = random_transfer();

		t.len = lens[i % 2];
		t.tcm &= ~7u;
		t.addr &= ~(uint64_t)(t.len - 1);
		dma_mem_requests(CLIENT);
		check_transfer(&t, false);
		dma_mem_check(dma_mem_requests(CLIENT) == 1, "%u aligned bytes are one request",
			      t.len);
	}
}

static void test_corruption(void)
{
	for (unsigned int i = 0; i < 400; i++) {
		struct transfer t = random_transfer();
		bool hit;

		t.len = dma_mem_random(2) ? sizeof(struct sl200_cqe) : t.len;
		hit = t.command == SL200_MDMA_CMD_WRITE && t.kind == 0 &&
		      t.len == sizeof(struct sl200_cqe);
		corrupt = true;
		check_transfer(&t, hit);
		dma_mem_check(corrupt == !hit, "inject_corrupt_taken_o");
	}
	corrupt = false;
}

static void test_speed(void)
{
	static const uint32_t lens[] = {8, 32, 64, 256, 4096, LEN_MAX};

	dma_mem_timing = (struct dma_mem_timing){200, 200, 0, true};
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct transfer t = {SL200_MDMA_CMD_READ, 0, 0, lens[i], dma_mem[CLIENT][0].base};
		uint64_t read, written;

		run(&t, &read);
		memcpy(&tcm_model[t.tcm], memory_model[0], t.len);
		t.command = SL200_MDMA_CMD_WRITE;
		run(&t, &written);
		printf("# %u bytes: read %llu, write %llu cycles\n", lens[i],
		       (unsigned long long)read, (unsigned long long)written);
		/* TCMs wait a cycle in four; writes go block by block. */
		dma_mem_check(read < 230 + lens[i] / 5, "a read of %u bytes in time", lens[i]);
		dma_mem_check(written < 230 + lens[i] * 5 / 4, "a write of %u bytes in time",
			      lens[i]);
	}
}

static void test(void)
{
	dma_mem_timing = (struct dma_mem_timing){10, 20, 0, true};
	test_registers();
	verdict("registers");
	test_speed();
	verdict("speed");
	test_random(false);
	verdict("random transfers");
	test_random(true);
	verdict("transfers that fault");
	test_refusals();
	verdict("refused commands");
	test_requests();
	verdict("single requests");
	test_corruption();
	verdict("spoilt completions");
	finished = true;
	for (;;)
		cycle();
}

void mdma_ref_start(int seed)
{
	printf("# seed %d\n", seed);
	dma_mem_seed((uint32_t)seed);
	for (unsigned int space = 0; space < DMA_MEM_SPACES; space++) {
		struct dma_mem *mem = &dma_mem[CLIENT][space];

		mem->base = space ? 0 : 0x7ffc00000000ull;
		for (uint32_t i = 0; i < DMA_MEM_SIZE; i++)
			mem->bytes[i] = memory_model[space][i] = (uint8_t)dma_mem_random(256);
	}
	for (uint32_t i = 0; i < sizeof(tcm); i++)
		tcm[i] = tcm_model[i] = (uint8_t)dma_mem_random(256);
	getcontext(&context);
	context.uc_stack.ss_sp = stack;
	context.uc_stack.ss_size = sizeof(stack);
	makecontext(&context, test, 0);
}

uint64_t mdma_ref_tcm(unsigned char write, int word, unsigned char be, uint64_t data)
{
	uint8_t *p = &tcm[word * 8];
	uint64_t old;

	memcpy(&old, p, 8);
	for (int i = 0; write && i < 8; i++)
		if (be >> i & 1)
			p[i] = (uint8_t)(data >> i * 8);
	return old;
}

unsigned char mdma_ref_cycle(unsigned int bus_rdata, unsigned char idle, unsigned char read,
			     unsigned char written, unsigned char taken, unsigned char *valid,
			     unsigned char *write, unsigned int *addr, unsigned int *wdata,
			     unsigned char *corrupt_out)
{
	cycles++;
	rdata = bus_rdata;
	idle_level = idle;
	reads += read;
	writes += written;
	if (taken)
		corrupt = false;
	if (!finished)
		swapcontext(&caller, &context);
	*valid = op.valid;
	*write = op.write;
	*addr = op.addr;
	*wdata = op.wdata;
	*corrupt_out = corrupt;
	return finished;
}
