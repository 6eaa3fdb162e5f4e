/* SPDX-License-Identifier: MIT */
/*
 * The Verilated chip (module sl200_chip) in terms of plain structs. One cycle is: settle, which
 * shows the chip its inputs and reads its outputs as they are before the clock's edge; then edge.
 * Used by one thread at a time.
 */
#ifndef RTL_CHIP_H
#define RTL_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/rtl/harness/rtl_memory.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RTL_OTP_KEY_BYTES 32

/* Names are those of the module's ports, without suffix. */
struct rtl_chip_in {
	bool por_n;
	bool bus_master, msix_enable, msix_function_mask, msix_emulated, flr;
	uint64_t time, dram_size, serial;
	uint8_t otp_key[RTL_OTP_KEY_BYTES];
	uint32_t otp_min_version;
	uint32_t temp, power;
	bool host_valid, host_write;
	uint8_t host_bar, host_size;
	uint32_t host_addr;
	uint64_t host_wdata;
	struct rtl_to_chip port[RTL_PORTS];
};

struct rtl_chip_out {
	bool idle, flr_done;
	bool host_ready, host_done, host_error;
	bool msix_valid, console_valid, timer_armed;
	uint8_t msix_vector;
	char console_char;
	/* What a bench counts. */
	bool sleeping, doorbell, fetch, written, retire, mdma;
	uint64_t host_rdata, timer_cmp;
	/* What a port asks, and its data, are set only when valid. */
	struct rtl_from_chip port[RTL_PORTS];
};

struct rtl_chip;

/*
 * A chip whose ROM holds the file; flops start as the seed says where the build asks for that.
 * NULL: no memory. The file must be there.
 */
struct rtl_chip *rtl_chip_create(const char *rom, uint64_t seed);
void rtl_chip_destroy(struct rtl_chip *chip);

void rtl_chip_settle(struct rtl_chip *chip, const struct rtl_chip_in *in, struct rtl_chip_out *out);
void rtl_chip_edge(struct rtl_chip *chip);

#ifdef __cplusplus
}
#endif

#endif
