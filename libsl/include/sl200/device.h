/* SPDX-License-Identifier: MIT */
#ifndef SL_DEVICE_H
#define SL_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "abi/sl200_admin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SL_API __attribute__((visibility("default")))

enum sl_result {
	SL_OK = 0,
	SL_ERR_INVALID = -1, /* an argument is out of range */
	SL_ERR_NO_MEMORY = -2, /* host or card memory, or a limit of them, is exhausted */
	SL_ERR_NO_DEVICE = -3, /* no such card, or SL_DEVICE names none */
	SL_ERR_LOST = -4, /* the card went away or its firmware stopped */
	SL_ERR_AGAIN = -5, /* back-pressure: the queue or encoder is full; collect, then retry */
	SL_ERR_TIMEOUT = -6, /* the wait's time ran out; the job goes on */
	SL_ERR_UNSUPPORTED = -7, /* beyond the card's capabilities */
	SL_ERR_FAULT = -8, /* the queue stopped after an MMU fault; destroy it */
	SL_ERR_OVERFLOW = -9, /* an output buffer was too small */
	SL_ERR_JOB = -10, /* the job failed; its completion's status says why */
	SL_ERR_BUSY = -11, /* the object is in use */
	SL_ERR_PERMISSION = -12,
	SL_ERR_FIRMWARE = -13, /* missing, corrupt, unsigned or incompatible firmware */
	SL_ERR_SYSTEM = -14, /* a system call failed; sl_last_error() has its text */
	SL_ERR_END = -15, /* no further output after a flush */
};

/* A static text for a result; never NULL. Thread-safe. */
SL_API const char *sl_strerror(int result);

/*
 * What was wrong in the last failing call of this thread, one line without a newline, for
 * example "SL_DEVICE: unknown scheme 'simm:'; ...". Valid until the thread's next failing call.
 */
SL_API const char *sl_last_error(void);

/* Library version, for example "0.1.0". */
SL_API const char *sl_version(void);

struct sl_device;

/*
 * Open a card as a new client with an address space of its own.
 *
 * uri: "drm:/dev/dri/renderD128" (a card behind the kernel driver, by its render node), "drm:" (the
 * first such card that works, in the order of their places on the PCI bus), "sim:" (the functional model inside
 * this process; all opens of one process share one card, powered on by the first and off by the last
 * close), "sim:rtl" (the same with the chip in RTL, where it is built; options dram, bandwidth and
 * latency), "sim:/path" (a card in another process, started by "slcard --socket /path"; it serves one
 * process at a time), or NULL for the environment variable SL_DEVICE; if that is unset or empty, the
 * first card behind the kernel driver. No simulated card is ever chosen unasked. Options of the
 * in-process card follow as in
 * "sim:?dram=1G&threads=2&venc=1&bandwidth=8e9&latency=800&crc=0": card DRAM bytes, worker threads,
 * encode engines, link bytes a second, nanoseconds, crc engines; they apply to the first open. Its firmware image is
 * found beside the library, or where the environment variable SL_FIRMWARE says.
 *
 * SL_ERR_NO_DEVICE: none found, the URI makes no sense, or the kernel driver is of another release.
 * SL_ERR_PERMISSION: the render node or socket is not open to this user. SL_ERR_BUSY: another process
 * has the card behind the socket. SL_ERR_FIRMWARE: boot failed.
 * SL_ERR_NO_MEMORY: also when the card's address spaces are used up; through the kernel driver a client
 * gets one with its first buffer or queue, and it is these that fail then.
 * The device may be used from any thread. A child of fork() has no part in its parent's card: its
 * inherited devices report SL_ERR_LOST, must be left alone, and it opens its own anew.
 */
SL_API int sl_device_open(const char *uri, struct sl_device **device);

/*
 * Close a client. Its queues are destroyed and its memory freed, whatever is still in use; objects
 * of it must not be used any more. NULL is allowed.
 * The last close of a process, or its exit with a device open, writes the card's final statistics
 * as JSON to the file that the environment variable SL_STATS names, if set.
 */
SL_API void sl_device_close(struct sl_device *device);

/* A card behind the kernel driver. */
struct sl_device_entry {
	char uri[128]; /* for sl_device_open() */
	char pci[16]; /* its place on the bus, for example "0000:03:00.0" */
};
/*
 * List the cards behind the kernel driver, those included that this user may not open, in the order
 * of their places on the bus. Fills in up to max entries (none need be given when max is 0). Returns
 * how many cards there are, or a negative enum sl_result. Thread-safe.
 */
SL_API int sl_device_list(struct sl_device_entry *entries, int max);

/* The card's capability page. Valid until the device is closed. */
SL_API const struct sl200_caps *sl_device_caps(const struct sl_device *device);

struct sl_device_info {
	char uri[128]; /* as opened, options included; of cards behind the kernel driver, the node */
	char implementation[24]; /* "silicon", "functional model", "RTL simulation" */
	uint64_t serial;
	uint32_t hw_version;
	uint32_t fw_version;
	uint64_t dram_size;
	int shares_memory; /* 1: sl_buffer_export() and sl_buffer_import() work here */
};
SL_API void sl_device_info(const struct sl_device *device, struct sl_device_info *info);

/* Counters of one engine since reset. */
struct sl_engine_stats {
	uint32_t kind; /* enum sl200_engine_kind */
	uint64_t jobs, busy_ns, cycles, stall_in_ns, stall_out_ns;
};

/* Counters of the card since reset, and this client's use of memory. */
struct sl_device_stats {
	uint64_t time_ns; /* the card's timebase, now */
	uint64_t link_read, link_write; /* bytes from and to host memory */
	uint64_t dram_read, dram_write; /* bytes */
	uint64_t interrupts, doorbells, doorbells_dropped, mmu_faults;
	uint32_t temperature_mc, power_mw;
	uint32_t heartbeat;
	uint32_t reset_count; /* TOP.RESET_COUNT */
	uint32_t num_engines;
	struct sl_engine_stats engine[SL200_MAX_ENGINES];
	struct sl200_fw_stats firmware;
	uint64_t host_bytes, card_bytes; /* of this client's buffers */
	uint64_t dram_used; /* by all clients */
};
SL_API int sl_device_stats(struct sl_device *device, struct sl_device_stats *stats);

/*
 * Copy up to max of the newest firmware event log entries, oldest first. Returns their number or
 * a negative enum sl_result. SL_ERR_PERMISSION: the log tells of all clients, and the kernel driver
 * shows it to those with CAP_PERFMON or CAP_SYS_ADMIN.
 */
SL_API int sl_device_log(struct sl_device *device, struct sl200_log_entry *entries, int max);

/*
 * Info about queue qid (1..caps.num_queues - 1) of any client; through the kernel driver, of another
 * client with CAP_SYS_ADMIN only. SL_ERR_INVALID when there is none.
 */
SL_API int sl_device_queue_info(struct sl_device *device, unsigned int qid,
				struct sl200_queue_info *info);

#ifdef __cplusplus
}
#endif
#endif
