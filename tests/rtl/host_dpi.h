/* SPDX-License-Identifier: MIT */
/* What tb_host.sv calls in C: its DPI-C imports. */
#ifndef HOST_DPI_H
#define HOST_DPI_H

#include <stdint.h>

void host_bench_start(uint32_t seed);
int host_bench_run(void);
void host_bench_host(uint8_t ready, uint8_t done, uint8_t error, uint64_t rdata, uint8_t flr_done,
		     uint8_t idle);
void host_bench_mcu(uint32_t bus_rdata, uint8_t halt, uint8_t irq_external, uint8_t irq_timer,
		    uint8_t timer_armed, uint64_t timer_cmp);
void host_bench_resets(uint8_t core, uint8_t dma, uint8_t chip, uint8_t func, uint8_t quiesce);
void host_bench_events(uint8_t msix_valid, uint32_t msix_vector, uint8_t doorbell_seen,
		       uint8_t reg_valid, uint8_t reg_is_write, uint32_t reg_addr);
void host_bench_inject(uint32_t hang, uint32_t error, uint8_t corrupt, uint8_t corrected,
		       uint8_t uncorrected);
void host_bench_aperture(uint8_t req_valid, uint8_t write, uint32_t space, uint32_t asid,
			 uint64_t addr, uint32_t len, uint8_t wvalid, const uint32_t *wdata);
void host_bench_set_host(uint8_t *por_n, uint8_t *valid, uint8_t *write, uint32_t *bar,
			 uint32_t *addr, uint32_t *size, uint64_t *wdata, uint8_t *flr,
			 uint8_t *bus_master, uint8_t *msix_enable, uint8_t *function_mask,
			 uint8_t *emulated, uint64_t *now);
void host_bench_set_mcu(uint8_t *valid, uint8_t *write, uint32_t *addr, uint32_t *wdata,
			uint8_t *sleeping, uint8_t *in_rom, uint8_t *quiesced, uint32_t *reg_rdata);
void host_bench_set_events(uint32_t *engine_done, uint8_t *engine_reset, uint32_t *link_read,
			   uint32_t *link_write, uint32_t *dram_read, uint32_t *dram_write,
			   uint32_t *pulses, uint32_t *hang_taken, uint32_t *error_taken,
			   uint8_t *corrupt_taken, uint8_t *ecc_taken);
void host_bench_set_aperture(uint8_t *ready, uint8_t *wready, uint8_t *rvalid, uint32_t *rdata,
			     uint8_t *bvalid, uint32_t *reason);

#endif
