/* SPDX-License-Identifier: MIT */
/*
 * What stands behind the chip's memory ports: host memory over the link, card DRAM and flash. Each
 * port takes requests of up to a block, answers them after a latency, at most so many bytes a
 * cycle, in any order, and stalls as its random numbers say. A read takes its data when it is
 * answered; a write lands when its last beat is taken, word by word in ascending order, so that a
 * completion's phase is written last. Used by one thread.
 */
#ifndef RTL_MEMORY_H
#define RTL_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/model/card_mem.h"
#include "sim/model/host_mem.h"

#define RTL_BEAT_BYTES 32u
#define RTL_BLOCK_BYTES 256u
/* The clock that the numbers below are cycles of. */
#define RTL_CLOCK_HZ 667000000ull

enum rtl_port {
	RTL_PORT_HOST,
	RTL_PORT_DRAM,
	RTL_PORT_FLASH,
	RTL_PORTS,
};

/* As PortOk and PortError of sl200_pkg. */
enum rtl_response {
	RTL_OK,
	RTL_ERROR,
};

/* As port_req_t of sl200_pkg: [addr, addr + len) lies in one block; the id is not in flight. */
struct rtl_request {
	uint64_t addr;
	uint16_t len;
	uint16_t id;
};

/* One port's signals in one cycle. Bytes of beats are in the lanes of their addresses. */
struct rtl_to_chip {
	bool ar_ready, aw_ready, w_ready;
	bool r_valid, r_last, b_valid;
	uint8_t r_resp, b_resp;
	uint16_t r_id, b_id;
	uint8_t r_data[RTL_BEAT_BYTES];
};

struct rtl_from_chip {
	bool ar_valid, aw_valid, w_valid, w_last;
	bool r_ready, b_ready;
	struct rtl_request ar, aw;
	uint8_t w_data[RTL_BEAT_BYTES];
};

struct rtl_port_config {
	uint32_t read_latency;	/* cycles from a request to its first beat, on an idle port */
	uint32_t write_latency; /* cycles from a last beat to the answer */
	uint32_t jitter;	/* up to so many cycles more, which is what changes the order */
	uint32_t bandwidth;	/* bytes in 1024 cycles, each way; 0: a beat a cycle */
	bool shared;		/* both ways together */
	uint32_t stall;		/* of 1024 transfers, after how many a channel pauses */
	uint32_t stall_cycles;	/* at most; at least one */
};

struct rtl_memory_config {
	struct rtl_port_config port[RTL_PORTS];
	uint64_t seed;
};

/*
 * In cycles of RTL_CLOCK_HZ. Host: PCIe 4.0 x8, 15.75 GB/s of which payloads of 256 bytes get 14.0,
 * 21 bytes a cycle; a read takes 400 cycles (600 ns) and up to 64 more, a write is answered after
 * 40. DRAM: 64 bits of DDR4-2666, 21.3 GB/s of which 85 % are had, 27 bytes a cycle both ways
 * together; 60 cycles (90 ns) and up to 16 more. Flash: one byte a cycle, 64 cycles. No stalls.
 */
void rtl_memory_defaults(struct rtl_memory_config *config);

/* Short and random latencies, much reordering, every other transfer stalled: to shake the chip. */
void rtl_memory_stress(struct rtl_memory_config *config);

struct rtl_memory;

/* DRAM zero, flash erased. Returns 0 or -ENOMEM. */
int rtl_memory_create(const struct rtl_memory_config *config, uint64_t dram_size,
		      struct rtl_memory **memory);
void rtl_memory_destroy(struct rtl_memory *memory);

/* The regions of host memory, to be changed between cycles. */
struct host_mem *rtl_memory_host(struct rtl_memory *memory);
struct card_mem *rtl_memory_dram(struct rtl_memory *memory);

/*
 * Whether the function may use the host's memory. Without it the link refuses what the chip asks,
 * at once, requests in flight among it.
 */
void rtl_memory_set_bus_master(struct rtl_memory *memory, bool bus_master);

/*
 * One cycle is: drive, which sets what the chip sees; the chip settles; take, which does the
 * transfers that both sides agree on. The same signals go into both calls and from one cycle to
 * the next; a port with nothing in flight leaves them as they are. Breach of the ports' rules ends
 * the process: it is an error of the chip's design.
 */
void rtl_memory_drive(struct rtl_memory *memory, struct rtl_to_chip to[RTL_PORTS]);
void rtl_memory_take(struct rtl_memory *memory, struct rtl_to_chip to[RTL_PORTS],
		     const struct rtl_from_chip from[RTL_PORTS]);

/* Nothing is in flight. */
bool rtl_memory_idle(const struct rtl_memory *memory);

#endif
