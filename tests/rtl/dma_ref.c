/* SPDX-License-Identifier: MIT */
/*
 * Drives an engine slot with the dma engine in it (client 0) and one with the crc engine (client 1)
 * as firmware would, and compares what they did with the plainest possible C.
 */
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_mmu.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "tests/rtl/dma_mem.h"

/* Called by tb_dma.sv. */
void dma_ref_start(int seed);
uint64_t dma_ref_tcm(int client, unsigned char write, int word, unsigned char be, uint64_t data);
unsigned char dma_ref_cycle(int client, unsigned int bus_rdata, unsigned int reg_rdata,
			    unsigned char done, unsigned char idle, unsigned char engine_reset,
			    unsigned char hang_taken, unsigned char error_taken,
			    unsigned char *bus_valid, unsigned char *reg_valid,
			    unsigned char *write, unsigned int *addr, unsigned int *wdata,
			    unsigned char *hang, unsigned char *error, unsigned char *reset);

#define DMA 0
#define CRC 1
#define ENGINES 2
#define JOBS_RANDOM 250
#define STACK_SIZE (256u << 10)
#define HALF (DMA_MEM_SIZE / 2)
#define MMU_ECC 7u /* sl200_pkg::MemEcc */
#define TICK_NS 3u
#define POLLS_MAX 100000

#define ENGINE_REG(name) (SL200_ENGINE_##name(0) & 0xffffu)
#define TELEM_REG(name) (SL200_TELEM_ENGINE_##name(0))

struct bus_op {
	bool valid, write, bar0;
	uint32_t addr, wdata;
};

struct bench {
	ucontext_t context, caller;
	uint8_t stack[STACK_SIZE];
	struct bus_op op;
	uint32_t bus_rdata, reg_rdata;
	bool done_level, idle_level, hang, error, reset, finished;
	unsigned int resets;		/* pulses of engine_reset_o */
	uint64_t jobs, busy_ns, cycles; /* what the counters must say */
	uint8_t before[DMA_MEM_SIZE];
};

static struct bench benches[ENGINES];
static uint8_t tcm[ENGINES][SL200_MCU_TCM_SIZE];

/* ------------------------------------------------------------------ the bus */

static void cycle(struct bench *b)
{
	swapcontext(&b->context, &b->caller);
}

static void bus_write(struct bench *b, uint32_t reg, uint32_t value)
{
	uint32_t index = (uint32_t)(b - benches);

	b->op = (struct bus_op){true, true, false, reg + index * SL200_ENGINE_STRIDE, value};
	cycle(b);
	b->op.valid = false;
	cycle(b);
}

static uint32_t bus_read(struct bench *b, uint32_t reg)
{
	uint32_t index = (uint32_t)(b - benches);

	b->op = (struct bus_op){true, false, false, reg + index * SL200_ENGINE_STRIDE, 0};
	cycle(b);
	b->op.valid = false;
	cycle(b);
	return b->bus_rdata;
}

static uint32_t bar0_read(struct bench *b, uint32_t reg)
{
	uint32_t index = (uint32_t)(b - benches);

	b->op = (struct bus_op){true, false, true, reg + index * SL200_TELEM_ENGINE_STRIDE, 0};
	cycle(b);
	b->op.valid = false;
	cycle(b);
	return b->reg_rdata;
}

static uint64_t bar0_read64(struct bench *b, uint32_t reg)
{
	uint32_t lo = bar0_read(b, reg);

	return lo | (uint64_t)bar0_read(b, reg + 4) << 32;
}

/* ------------------------------------------------------------------ the reference */

struct outcome {
	uint16_t status;
	uint32_t bytes, crc;
	uint64_t fault_iova;
	bool fault_write;
	unsigned int reason;
};

static uint32_t crc32c(const uint8_t *p, size_t len)
{
	uint32_t crc = ~0u;

	while (len--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

static void fail(struct outcome *o, unsigned int reason, uint64_t iova, bool write)
{
	o->status = SL200_STATUS_ENGINE_ERROR;
	if (reason == MMU_ECC)
		return;
	o->status = SL200_STATUS_MMU_FAULT;
	o->reason = reason;
	o->fault_iova = iova;
	o->fault_write = write;
}

static uint32_t page_left(uint64_t addr)
{
	return DMA_MEM_PAGE - (uint32_t)(addr % DMA_MEM_PAGE);
}

/*
 * What *sqe does, onto memory at image (or nowhere), whose first byte is the space's base. Returns
 * the bytes of the job that come before its fault, in row order.
 */
static uint64_t reference(int client, const struct sl200_sqe *sqe, uint8_t *image,
			  struct outcome *o)
{
	const struct dma_mem *mem = &dma_mem[client][0];
	uint64_t moved = 0;

	memset(o, 0, sizeof(*o));
	for (uint32_t row = 0; row < sqe->height; row++) {
		uint64_t src = sqe->src + (uint64_t)row * sqe->src_pitch;
		uint64_t dst = sqe->dst + (uint64_t)row * sqe->dst_pitch;

		for (uint32_t at = 0, n; at < sqe->width; at += n) {
			unsigned int reason = 0;

			n = sqe->width - at;
			if (sqe->opcode != SL200_OP_FILL) {
				n = n < page_left(src + at) ? n : page_left(src + at);
				reason = dma_mem_reason(client, 0, src + at, false);
				if (reason)
					fail(o, reason, src + at, false);
			}
			if (sqe->opcode != SL200_OP_CRC && !reason) {
				n = n < page_left(dst + at) ? n : page_left(dst + at);
				reason = dma_mem_reason(client, 0, dst + at, true);
				if (reason)
					fail(o, reason, dst + at, true);
			}
			if (reason)
				return moved;
			for (uint32_t i = at; image && i < at + n; i++) {
				if (sqe->opcode == SL200_OP_COPY)
					image[dst + i - mem->base] =
						mem->bytes[src + i - mem->base];
				else if (sqe->opcode == SL200_OP_FILL)
					image[dst + i - mem->base] =
						(uint8_t)(sqe->value >> i % 8 * 8);
			}
			moved += n;
		}
		o->bytes += sqe->width;
	}
	if (sqe->opcode == SL200_OP_CRC)
		o->crc = crc32c(&mem->bytes[sqe->src - mem->base], sqe->width);
	return moved;
}

/* ------------------------------------------------------------------ one job */

static const char *describe(int client, const struct sl200_sqe *sqe)
{
	static char text[200];

	snprintf(text, sizeof(text), "op %u src +0x%llx dst +0x%llx %ux%u pitches %u %u",
		 sqe->opcode, (unsigned long long)(sqe->src - dma_mem[client][0].base),
		 (unsigned long long)(sqe->dst - dma_mem[client][0].base), sqe->width, sqe->height,
		 sqe->src_pitch, sqe->dst_pitch);
	return text;
}

static void start(struct bench *b, int client, const struct sl200_sqe *sqe, uint32_t job,
		  uint32_t result)
{
	if (job <= SL200_MCU_TCM_SIZE - sizeof(*sqe))
		memcpy(&tcm[client][job], sqe, sizeof(*sqe));
	dma_mem_asid[client] = dma_mem_random(65536);
	bus_write(b, ENGINE_REG(ASID), dma_mem_asid[client]);
	bus_write(b, ENGINE_REG(JOB), job);
	bus_write(b, ENGINE_REG(RESULT), result);
	bus_write(b, ENGINE_REG(CTRL), SL200_ENGINE_CTRL_START);
}

static uint32_t poll_while(struct bench *b, uint32_t state)
{
	for (unsigned int i = 0; i < POLLS_MAX; i++) {
		uint32_t status = bus_read(b, ENGINE_REG(STATUS));

		if (status != state)
			return status;
	}
	dma_mem_check(false, "engine %u leaves state %u", (unsigned int)(b - benches), state);
	return state;
}

/*
 * The memory after a job of which *sqe is the request: the first `moved` bytes are new, others that
 * the job could write are new or old, everything else is old.
 */
static void check_memory(struct bench *b, int client, const struct sl200_sqe *sqe, uint64_t moved)
{
	static uint8_t image[DMA_MEM_SIZE], may[DMA_MEM_SIZE];
	struct dma_mem *mem = &dma_mem[client][0];
	uint8_t saved_read[DMA_MEM_PAGES], saved_write[DMA_MEM_PAGES];
	struct outcome ignored;
	uint64_t place = 0;

	memcpy(saved_read, mem->read_reason, sizeof(saved_read));
	memcpy(saved_write, mem->write_reason, sizeof(saved_write));
	memset(mem->read_reason, 0, sizeof(mem->read_reason));
	memset(mem->write_reason, 0, sizeof(mem->write_reason));
	memcpy(image, b->before, sizeof(image));
	reference(client, sqe, image, &ignored);
	memset(may, 0, sizeof(may));
	if (sqe->opcode != SL200_OP_CRC)
		for (uint32_t row = 0; row < sqe->height; row++)
			for (uint32_t i = 0; i < sqe->width; i++, place++)
				may[sqe->dst + (uint64_t)row * sqe->dst_pitch + i - mem->base] =
					place < moved ? 0 : 1;
	memcpy(mem->read_reason, saved_read, sizeof(saved_read));
	memcpy(mem->write_reason, saved_write, sizeof(saved_write));
	if (!memcmp(mem->bytes, image, DMA_MEM_SIZE))
		return;
	for (place = 0; place < DMA_MEM_SIZE; place++)
		if (mem->bytes[place] != image[place] &&
		    !(may[place] && mem->bytes[place] == b->before[place]))
			break;
	dma_mem_check(place == DMA_MEM_SIZE, "byte +0x%llx after %s", (unsigned long long)place,
		      describe(client, sqe));
}

static void check_result(struct bench *b, int client, const struct sl200_sqe *sqe, uint32_t result,
			 const struct outcome *o)
{
	struct sl200_job_result r, zero = {0};
	uint32_t info = bus_read(b, ENGINE_REG(FAULT_INFO));
	uint64_t iova = bus_read(b, ENGINE_REG(FAULT_IOVA_LO));
	uint64_t total = (uint64_t)sqe->width * sqe->height;
	uint32_t expect = 0;

	iova |= (uint64_t)bus_read(b, ENGINE_REG(FAULT_IOVA_HI)) << 32;
	memcpy(&r, &tcm[client][result], sizeof(r));
	dma_mem_check(r.status == o->status && r.bytes == o->bytes && r.crc_bitstream == o->crc,
		      "%s: status %u bytes %u crc %08x, got %u %u %08x", describe(client, sqe),
		      o->status, o->bytes, o->crc, r.status, r.bytes, r.crc_bitstream);
	if (o->reason)
		expect = SL200_ENGINE_FAULT_INFO_VALID |
			 (o->fault_write ? SL200_ENGINE_FAULT_INFO_WRITE : 0) |
			 o->reason << SL200_ENGINE_FAULT_INFO_REASON_SHIFT;
	dma_mem_check(info == expect && iova == o->fault_iova,
		      "%s: fault %x at +0x%llx, got %x at +0x%llx", describe(client, sqe), expect,
		      (unsigned long long)(o->fault_iova - dma_mem[client][0].base), info,
		      (unsigned long long)(iova - dma_mem[client][0].base));
	if (o->status == SL200_STATUS_OK) {
		dma_mem_check(r.bytes_read == (sqe->opcode == SL200_OP_FILL ? 0 : total),
			      "%s: bytes read", describe(client, sqe));
		dma_mem_check(r.bytes_written == (sqe->opcode == SL200_OP_CRC ? 0 : total),
			      "%s: bytes written", describe(client, sqe));
	}
	dma_mem_check(r.end_ns - r.start_ns == r.cycles * TICK_NS, "times and cycles agree");
	b->jobs++;
	b->busy_ns += r.end_ns - r.start_ns;
	b->cycles += r.cycles;
	r.start_ns = r.end_ns = r.cycles = r.bytes = r.crc_bitstream = r.status = 0;
	r.bytes_read = r.bytes_written = 0;
	dma_mem_check(!memcmp(&r, &zero, sizeof(r)), "the rest of the record is zero");
}

static void check_counters(struct bench *b)
{
	dma_mem_check(bar0_read64(b, TELEM_REG(JOBS_LO)) == b->jobs, "JOBS");
	dma_mem_check(bar0_read64(b, TELEM_REG(BUSY_NS_LO)) == b->busy_ns, "BUSY_NS");
	dma_mem_check(bar0_read64(b, TELEM_REG(CYCLES_LO)) == b->cycles, "CYCLES");
}

/* The cycles it took. */
static uint64_t run(struct bench *b, int client, const struct sl200_sqe *sqe)
{
	uint32_t job = dma_mem_random((SL200_MCU_TCM_SIZE / 2 - 64) / 8) * 8;
	uint32_t result =
		SL200_MCU_TCM_SIZE / 2 + dma_mem_random((SL200_MCU_TCM_SIZE / 2 - 120) / 8) * 8;
	struct outcome o;
	uint64_t moved, cycles = b->cycles;

	memcpy(b->before, dma_mem[client][0].bytes, DMA_MEM_SIZE);
	memset(&tcm[client][result], 0xa5, sizeof(struct sl200_job_result));
	moved = reference(client, sqe, NULL, &o);
	start(b, client, sqe, job, result);
	dma_mem_check(poll_while(b, SL200_ENGINE_STATUS_BUSY) == SL200_ENGINE_STATUS_DONE,
		      "%s: DONE", describe(client, sqe));
	dma_mem_check(b->done_level, "done_o with DONE");
	dma_mem_check(!dma_mem_in_flight(client), "%s: nothing in flight", describe(client, sqe));
	check_result(b, client, sqe, result, &o);
	check_memory(b, client, sqe, moved);
	bus_write(b, ENGINE_REG(CTRL), SL200_ENGINE_CTRL_ACK);
	dma_mem_check(bus_read(b, ENGINE_REG(STATUS)) == SL200_ENGINE_STATUS_IDLE && b->idle_level,
		      "IDLE after ACK");
	return b->cycles - cycles;
}

/* ------------------------------------------------------------------ tests */

static uint32_t between(uint32_t low, uint32_t high)
{
	return low + dma_mem_random(high - low + 1);
}

static struct sl200_sqe linear(int client, uint8_t opcode, uint32_t src, uint32_t dst,
			       uint32_t width)
{
	const struct dma_mem *mem = &dma_mem[client][0];

	return (struct sl200_sqe){
		.opcode = opcode,
		.src = mem->base + src,
		.dst = mem->base + HALF + dst,
		.value = 0x1122334455667788u * (1 + dma_mem_random(1000)),
		.width = width,
		.height = 1,
	};
}

static struct sl200_sqe random_job(int client)
{
	static const uint32_t widths[] = {8, 40, 300, 5000, 40000};
	uint32_t width = between(1, widths[dma_mem_random(5)]);
	uint8_t opcode = client == CRC	     ? SL200_OP_CRC
			 : dma_mem_random(4) ? SL200_OP_COPY
					     : SL200_OP_FILL;
	struct sl200_sqe sqe =
		linear(client, opcode, dma_mem_random(HALF / 2), dma_mem_random(HALF / 2), width);
	uint32_t rows = HALF / 2 / (width + 400);

	if (client == DMA && dma_mem_random(2)) {
		sqe.height = between(1, rows < 100 ? rows : 100);
		sqe.src_pitch = width + dma_mem_random(400);
		sqe.dst_pitch = width + dma_mem_random(400);
	}
	/* Now and then, rows that lie like one another. */
	if (!dma_mem_random(4)) {
		sqe.dst = (sqe.dst & ~31ull) | (sqe.src & 31);
		sqe.src_pitch = sqe.dst_pitch = (width + 31) & ~31u;
	}
	return sqe;
}

static void clear_faults(int client)
{
	struct dma_mem *mem = &dma_mem[client][0];

	memset(mem->read_reason, 0, sizeof(mem->read_reason));
	memset(mem->write_reason, 0, sizeof(mem->write_reason));
}

/* A few pages of those that the job touches, or might. */
static void random_faults(int client, const struct sl200_sqe *sqe)
{
	struct dma_mem *mem = &dma_mem[client][0];
	uint32_t src_size = (sqe->height - 1) * sqe->src_pitch + sqe->width;
	uint32_t dst_size = (sqe->height - 1) * sqe->dst_pitch + sqe->width;

	for (unsigned int i = between(0, 3); i; i--)
		mem->read_reason[(sqe->src - mem->base + dma_mem_random(src_size)) / DMA_MEM_PAGE] =
			(uint8_t)between(1, MMU_ECC);
	for (unsigned int i = between(0, 3); i; i--)
		mem->write_reason[(sqe->dst - mem->base + dma_mem_random(dst_size)) /
				  DMA_MEM_PAGE] = (uint8_t)between(1, MMU_ECC - 1);
}

static void random_timing(void)
{
	dma_mem_timing = (struct dma_mem_timing){
		.latency_min = dma_mem_random(20),
		.stall = dma_mem_random(2) ? dma_mem_random(70) : 0,
		.in_order = dma_mem_random(2),
	};
	dma_mem_timing.latency_max = dma_mem_timing.latency_min + dma_mem_random(300);
}

static void test_registers(struct bench *b, int client)
{
	static const uint32_t kinds[] = {SL200_ENGINE_DMA, SL200_ENGINE_CRC};

	dma_mem_check(bus_read(b, ENGINE_REG(KIND)) == kinds[client], "KIND");
	dma_mem_check(bar0_read(b, TELEM_REG(KIND)) == kinds[client], "TELEM_ENGINE.KIND");
	bus_write(b, ENGINE_REG(ASID), 0x1234);
	bus_write(b, ENGINE_REG(JOB), 0xfffffff8);
	bus_write(b, ENGINE_REG(RESULT), 0x89abcdef);
	dma_mem_check(bus_read(b, ENGINE_REG(ASID)) == 0x1234, "ASID");
	dma_mem_check(bus_read(b, ENGINE_REG(JOB)) == 0xfffffff8, "JOB");
	dma_mem_check(bus_read(b, ENGINE_REG(RESULT)) == 0x89abcdef, "RESULT");
	dma_mem_check(!bus_read(b, ENGINE_REG(CTRL)), "CTRL reads 0");
	bus_write(b, ENGINE_REG(CTRL), SL200_ENGINE_CTRL_ACK);
	dma_mem_check(bus_read(b, ENGINE_REG(STATUS)) == SL200_ENGINE_STATUS_IDLE, "IDLE");
}

/* Throughput with a read latency of 200 cycles; the floor is what the engine promises. */
static void test_throughput(struct bench *b, int client)
{
	uint64_t stall_in, stall_out;
	static const struct {
		const char *name;
		uint8_t opcode;
		uint32_t src, dst, width, height, pitch;
		double floor; /* bytes a cycle */
	} runs[] = {
		{"COPY 4 KiB, aligned", SL200_OP_COPY, 0, 0, 4096, 1, 0, 5},
		{"COPY 64 KiB, aligned", SL200_OP_COPY, 0, 0, 65536, 1, 0, 25},
		{"COPY 1 MiB, aligned", SL200_OP_COPY, 0, 0, 1u << 20, 1, 0, 31},
		{"COPY 1 MiB, 5 to 250", SL200_OP_COPY, 5, 250, 1u << 20, 1, 0, 30},
		{"COPY 4096 rows of 16", SL200_OP_COPY, 0, 0, 16, 4096, 64, 1.5},
		{"COPY 1024 rows of 256", SL200_OP_COPY, 0, 0, 256, 1024, 512, 25},
		{"FILL 1 MiB", SL200_OP_FILL, 0, 0, 1u << 20, 1, 0, 31},
		{"CRC 4 KiB", SL200_OP_CRC, 0, 0, 4096, 1, 0, 10},
		{"CRC 64 KiB, misaligned", SL200_OP_CRC, 13, 0, 65536, 1, 0, 25},
		{"CRC 1 MiB", SL200_OP_CRC, 0, 0, 1u << 20, 1, 0, 31},
	};

	dma_mem_timing = (struct dma_mem_timing){200, 200, 0, true};
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct sl200_sqe sqe =
			linear(client, runs[i].opcode, runs[i].src, runs[i].dst, runs[i].width);
		double bytes = (double)runs[i].width * runs[i].height, rate;
		uint64_t cycles;

		if ((runs[i].opcode == SL200_OP_CRC) != (client == CRC))
			continue;
		sqe.height = runs[i].height;
		sqe.src_pitch = sqe.dst_pitch = runs[i].pitch;
		cycles = run(b, client, &sqe);
		rate = bytes / (double)cycles;
		printf("# %s: %llu cycles, %.2f bytes a cycle\n", runs[i].name,
		       (unsigned long long)cycles, rate);
		dma_mem_check(rate >= runs[i].floor, "%s at %.1f bytes a cycle or more",
			      runs[i].name, runs[i].floor);
	}
	stall_in = bar0_read64(b, TELEM_REG(STALL_IN_LO));
	stall_out = bar0_read64(b, TELEM_REG(STALL_OUT_LO));
	printf("# stalled %llu ns on input, %llu ns on output, of %llu ns\n",
	       (unsigned long long)stall_in, (unsigned long long)stall_out,
	       (unsigned long long)b->busy_ns);
	/* Every job but a FILL waits for its first line at least. */
	dma_mem_check(stall_in >= 3 * 200 * TICK_NS && stall_in + stall_out <= b->busy_ns,
		      "STALL_IN and STALL_OUT");
}

static void test_random(struct bench *b, int client, bool faults)
{
	for (unsigned int i = 0; i < JOBS_RANDOM; i++) {
		struct sl200_sqe sqe = random_job(client);

		if (client == DMA)
			random_timing();
		if (faults)
			random_faults(client, &sqe);
		run(b, client, &sqe);
		clear_faults(client);
	}
	check_counters(b);
}

/* A reset at any time: then nothing is in flight, nothing more is asked for, and no record made. */
static void test_reset(struct bench *b, int client)
{
	struct sl200_job_result marked, r;

	memset(&marked, 0x5a, sizeof(marked));
	for (unsigned int i = 0; i < JOBS_RANDOM; i++) {
		struct sl200_sqe sqe = random_job(client);
		unsigned int resets = b->resets;
		uint64_t jobs;
		uint32_t status;

		random_timing();
		memcpy(b->before, dma_mem[client][0].bytes, DMA_MEM_SIZE);
		memcpy(&tcm[client][0x20000], &marked, sizeof(marked));
		start(b, client, &sqe, 0x1000, 0x20000);
		for (unsigned int wait = dma_mem_random(2) ? between(0, 40) : between(0, 1500);
		     wait; wait--)
			cycle(b);
		bus_write(b, ENGINE_REG(CTRL), SL200_ENGINE_CTRL_RESET | SL200_ENGINE_CTRL_START);
		status = poll_while(b, SL200_ENGINE_STATUS_RESETTING);
		dma_mem_check(status == SL200_ENGINE_STATUS_IDLE, "IDLE after a reset");
		dma_mem_check(!dma_mem_in_flight(client), "nothing in flight after a reset");
		dma_mem_check(b->resets == resets + 1, "one engine_reset_o");
		dma_mem_requests(client);
		for (unsigned int wait = 0; wait < 50; wait++)
			cycle(b);
		dma_mem_check(!dma_mem_requests(client) && b->idle_level, "idle after a reset");
		memcpy(&r, &tcm[client][0x20000], sizeof(r));
		/* A record may have been begun; its last word tells. */
		jobs = bar0_read64(b, TELEM_REG(JOBS_LO));
		dma_mem_check((jobs != b->jobs) == (r.reserved[2] != marked.reserved[2]),
			      "no record of a job that was dropped");
		b->jobs = jobs;
		check_memory(b, client, &sqe, 0);
		memcpy(dma_mem[client][0].bytes, b->before, DMA_MEM_SIZE);
		if (!dma_mem_random(4)) {
			/* The engine is as good as new. */
			sqe = random_job(client);
			run(b, client, &sqe);
		}
	}
	dma_mem_check(bar0_read64(b, TELEM_REG(JOBS_LO)) == b->jobs, "JOBS");
	dma_mem_check(bar0_read64(b, TELEM_REG(BUSY_NS_LO)) > b->busy_ns, "dropped jobs were busy");
}

static uint16_t small_job(struct bench *b, int client, uint32_t job, uint32_t result,
			  uint8_t opcode)
{
	struct sl200_sqe sqe = linear(client, opcode, 0, 0, 64);
	struct sl200_job_result r;

	if (result <= SL200_MCU_TCM_SIZE - sizeof(r))
		memset(&tcm[client][result], 0xff, sizeof(r));
	start(b, client, &sqe, job, result);
	dma_mem_check(poll_while(b, SL200_ENGINE_STATUS_BUSY) == SL200_ENGINE_STATUS_DONE, "DONE");
	bus_write(b, ENGINE_REG(CTRL), SL200_ENGINE_CTRL_ACK);
	memset(&r, 0xff, sizeof(r));
	if (result <= SL200_MCU_TCM_SIZE - sizeof(r))
		memcpy(&r, &tcm[client][result], sizeof(r));
	b->jobs++;
	return r.status;
}

static void test_refusals(struct bench *b, int client)
{
	uint8_t op = client == CRC ? SL200_OP_CRC : SL200_OP_COPY;
	uint32_t size = SL200_MCU_TCM_SIZE;

	random_timing();
	dma_mem_requests(client);
	dma_mem_check(small_job(b, client, 4, 0x100, op) == SL200_STATUS_ENGINE_ERROR,
		      "a misaligned JOB");
	dma_mem_check(small_job(b, client, size, 0x100, op) == SL200_STATUS_ENGINE_ERROR,
		      "JOB behind the TCM");
	dma_mem_check(small_job(b, client, size - 56, 0x100, op) == SL200_STATUS_ENGINE_ERROR,
		      "a JOB that does not fit");
	dma_mem_check(small_job(b, client, 0, 0x100, SL200_OP_ENCODE) == SL200_STATUS_ENGINE_ERROR,
		      "an opcode of another engine");
	dma_mem_check(!dma_mem_requests(client), "refused jobs touch no memory");
	dma_mem_check(small_job(b, client, size - 64, 0x100, op) == SL200_STATUS_OK,
		      "the last JOB");
	dma_mem_check(small_job(b, client, 0, size - 128, op) == SL200_STATUS_OK,
		      "the last RESULT");
	dma_mem_check(small_job(b, client, 0, size - 120, op) == 0xffff, "no room for a record");
	dma_mem_check(small_job(b, client, 0, 0x104, op) == 0xffff, "a misaligned RESULT");
	dma_mem_check(bar0_read64(b, TELEM_REG(JOBS_LO)) == b->jobs, "refused jobs count");
}

static void test_injection(struct bench *b, int client)
{
	struct sl200_sqe sqe = random_job(client);
	uint8_t op = client == CRC ? SL200_OP_CRC : SL200_OP_COPY;

	b->hang = b->error = true;
	start(b, client, &sqe, 0, 0x100);
	dma_mem_requests(client);
	for (unsigned int i = 0; i < 5000; i++)
		cycle(b);
	dma_mem_check(bus_read(b, ENGINE_REG(STATUS)) == SL200_ENGINE_STATUS_BUSY && !b->hang &&
			      b->error,
		      "an injected hang, taken first");
	dma_mem_check(!dma_mem_requests(client), "a hung job touches no memory");
	/* START is for IDLE, ACK for DONE. */
	bus_write(b, ENGINE_REG(CTRL), SL200_ENGINE_CTRL_START | SL200_ENGINE_CTRL_ACK);
	dma_mem_check(bus_read(b, ENGINE_REG(STATUS)) == SL200_ENGINE_STATUS_BUSY, "still hung");
	bus_write(b, ENGINE_REG(CTRL), SL200_ENGINE_CTRL_RESET);
	dma_mem_check(poll_while(b, SL200_ENGINE_STATUS_RESETTING) == SL200_ENGINE_STATUS_IDLE,
		      "IDLE after the hang");
	dma_mem_check(small_job(b, client, 0, 0x100, op) == SL200_STATUS_ENGINE_ERROR && !b->error,
		      "an injected error");
	dma_mem_check(small_job(b, client, 0, 0x100, op) == SL200_STATUS_OK, "and then no more");

	/* A reset of all of the chip's DMA, which comes when nothing is in flight. */
	b->hang = true;
	start(b, client, &sqe, 0, 0x100);
	for (unsigned int i = 0; i < 100; i++)
		cycle(b);
	b->busy_ns = bar0_read64(b, TELEM_REG(BUSY_NS_LO));
	b->reset = true;
	for (unsigned int i = 0; i < 4; i++)
		cycle(b);
	b->reset = false;
	cycle(b);
	cycle(b);
	dma_mem_check(bus_read(b, ENGINE_REG(STATUS)) == SL200_ENGINE_STATUS_IDLE, "reset of all");
	dma_mem_check(!bus_read(b, ENGINE_REG(JOB)) && !bus_read(b, ENGINE_REG(RESULT)) &&
			      !bus_read(b, ENGINE_REG(ASID)),
		      "registers are 0 after it");
	dma_mem_check(bar0_read64(b, TELEM_REG(JOBS_LO)) == b->jobs, "JOBS survives it");
	dma_mem_check(bar0_read64(b, TELEM_REG(BUSY_NS_LO)) >= b->busy_ns + 100 * TICK_NS,
		      "the hung job's time counts");
	dma_mem_check(small_job(b, client, 0, 0x100, op) == SL200_STATUS_OK, "a job after it");
}

/* ------------------------------------------------------------------ the bench's side */

static void verdict(int client, const char *what)
{
	static unsigned int before;

	printf("%s - %s: %s\n", dma_mem_failures() == before ? "ok" : "not ok",
	       client == DMA ? "dma" : "crc", what);
	before = dma_mem_failures();
}

static void test(int client)
{
	struct bench *b = &benches[client];

	test_registers(b, client);
	verdict(client, "registers");
	test_throughput(b, client);
	verdict(client, "throughput");
	test_random(b, client, false);
	verdict(client, "random jobs");
	test_random(b, client, true);
	verdict(client, "jobs that fault");
	test_refusals(b, client);
	verdict(client, "bad JOB and RESULT offsets");
	test_injection(b, client);
	verdict(client, "injected faults, reset of all");
	test_reset(b, client);
	verdict(client, "resets in the middle");
	b->finished = true;
	for (;;)
		cycle(b);
}

void dma_ref_start(int seed)
{
	printf("# seed %d\n", seed);
	dma_mem_seed((uint32_t)seed);
	for (int client = 0; client < ENGINES; client++) {
		struct bench *b = &benches[client];
		struct dma_mem *mem = &dma_mem[client][0];

		mem->base = 0x7ffc00000000ull + (uint64_t)client * DMA_MEM_SIZE;
		for (uint32_t i = 0; i < DMA_MEM_SIZE; i++)
			mem->bytes[i] = (uint8_t)dma_mem_random(256);
		getcontext(&b->context);
		b->context.uc_stack.ss_sp = b->stack;
		b->context.uc_stack.ss_size = sizeof(b->stack);
		makecontext(&b->context, (void (*)(void))test, 1, client);
	}
}

uint64_t dma_ref_tcm(int client, unsigned char write, int word, unsigned char be, uint64_t data)
{
	uint8_t *p = &tcm[client][word * 8];
	uint64_t old;

	memcpy(&old, p, 8);
	for (int i = 0; write && i < 8; i++)
		if (be >> i & 1)
			p[i] = (uint8_t)(data >> i * 8);
	return old;
}

/* One at a time: the second engine's tests when the first's are through. Returns whether all are.
 */
unsigned char dma_ref_cycle(int client, unsigned int bus_rdata, unsigned int reg_rdata,
			    unsigned char done, unsigned char idle, unsigned char engine_reset,
			    unsigned char hang_taken, unsigned char error_taken,
			    unsigned char *bus_valid, unsigned char *reg_valid,
			    unsigned char *write, unsigned int *addr, unsigned int *wdata,
			    unsigned char *hang, unsigned char *error, unsigned char *reset)
{
	struct bench *b = &benches[client];

	b->bus_rdata = bus_rdata;
	b->reg_rdata = reg_rdata;
	b->done_level = done;
	b->idle_level = idle;
	b->resets += engine_reset;
	if (hang_taken)
		b->hang = false;
	if (error_taken)
		b->error = false;
	if (!b->finished && (client == 0 || benches[client - 1].finished))
		swapcontext(&b->caller, &b->context);
	*bus_valid = b->op.valid && !b->op.bar0;
	*reg_valid = b->op.valid && b->op.bar0;
	*write = b->op.write;
	*addr = b->op.addr;
	*wdata = b->op.wdata;
	*hang = b->hang;
	*error = b->error;
	*reset = b->reset;
	return client == ENGINES - 1 && b->finished;
}
