/* SPDX-License-Identifier: MIT */
/*
 * The bench of sl200_host: what is around the block, as one step a clock, and the test, which waits
 * for clocks.
 */
#ifndef HOST_BENCH_H
#define HOST_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_VECTORS 64u
#define BENCH_DRAM_SIZE 0x240200000ull
#define BENCH_SERIAL 0x0123456789abcdefull
#define BENCH_OTP_KEY(word) (0x03020100u + (word)*0x04040404u)
#define BENCH_OTP_MIN_VERSION 7u
#define BENCH_TEMP 51234u
#define BENCH_POWER 12345u
#define BENCH_ENGINES 3u

/* bench_in.pulses */
#define BENCH_MMU_FAULT 0x01u
#define BENCH_TLB_LOOKUP 0x02u
#define BENCH_TLB_WALK 0x04u
#define BENCH_TLB_WALKING 0x08u
#define BENCH_ECC_CORRECTED 0x10u
#define BENCH_ECC_UNCORRECTED 0x20u

/* The block's inputs. Those below the line are the bench's own. */
struct bench_in {
	bool por_n, flr, bus_master, enable, mask, emulated;
	uint64_t now;
	bool bus_valid, bus_write, sleeping, in_rom;
	uint32_t bus_addr, bus_wdata;
	uint32_t engine_done, link_read, link_write, dram_read, dram_write, pulses;
	uint32_t hang_taken, error_taken;
	bool engine_reset, corrupt_taken, ecc_taken;
	/* --- */
	bool valid, write, quiesced;
	uint32_t bar, addr, size, reg_rdata;
	uint64_t wdata;
	bool ap_ready, ap_wready, ap_rvalid, ap_bvalid;
	uint8_t ap_rdata[32];
	uint32_t ap_reason;
};

/* Its outputs, as the last clock edge found them. */
struct bench_out {
	bool ready, done, error, flr_done, idle;
	uint64_t rdata;
	uint32_t bus_rdata;
	bool halt, irq_external, irq_timer, timer_armed;
	uint64_t timer_cmp;
	bool rst_core, rst_dma, rst_chip, rst_func, quiesce; /* resets: low when active */
	bool msix_valid, doorbell;
	uint32_t msix_vector;
	bool reg_valid, reg_write;
	uint32_t reg_addr;
	uint32_t hang, inject_error;
	bool corrupt, corrected, uncorrected;
	bool ap_req_valid, ap_write, ap_wvalid;
	uint32_t ap_space, ap_asid, ap_len;
	uint64_t ap_addr;
	uint8_t ap_wdata[32];
};

/* What the bench saw, for the test to read and to clear. */
struct bench_seen {
	uint32_t sent[BENCH_VECTORS];
	uint32_t doorbells, flr_done, dma_resets, chip_resets, func_resets;
	uint32_t requests; /* of the aperture, and the last one: */
	uint64_t ap_addr;
	uint32_t ap_len;
	bool ap_write;
};

extern struct bench_in in;
extern struct bench_out out;
extern struct bench_seen seen;
extern uint64_t time_step;   /* of bench_in.now, each clock */
extern uint32_t fail_reason; /* of the aperture's accesses from now on */

uint32_t rand32(void);
uint64_t rand64(void);
uint32_t rand_below(uint32_t n);

/* A condition of the test case that runs; the first few that fail are described. */
void expect(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Ends a test case: prints its line. */
void report(const char *what);

void step(uint32_t clocks);

/* An access by the host: the whole, or its two ends. Return whether it succeeded. */
void host_begin(bool write, uint32_t bar, uint32_t addr, uint32_t size, uint64_t wdata);
bool host_under_way(void);
bool host_end(uint64_t *rdata);
bool host_access(bool write, uint32_t bar, uint32_t addr, uint32_t size, uint64_t wdata,
		 uint64_t *rdata);
uint32_t reg_read(uint32_t addr);
void reg_write(uint32_t addr, uint32_t value);
void doorbell(uint32_t addr, uint32_t value);

/* Accesses by the MCU. */
uint32_t bus_read(uint32_t addr);
void bus_write(uint32_t addr, uint32_t value);

/* Power-on reset: afterwards everything is as after power-on. */
void power_on(void);
void function_level_reset(void);
/* From any state to a core that runs. */
void boot(void);

/* What other blocks answer to a read of BAR0. */
uint32_t others_answer(uint32_t addr);

/* The test: host_ref.c; its parts elsewhere. */
void host_test(void);
void host_test_signals(void);

#endif
