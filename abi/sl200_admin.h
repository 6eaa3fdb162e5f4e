/* SPDX-License-Identifier: MIT */
/*
 * Admin commands, the capability page, statistics, and the event log.
 * Admin entries are 64 bytes like user entries and complete with struct sl200_cqe:
 * status as documented, bytes = bytes written to addr where the command writes something.
 */
#ifndef SL200_ADMIN_H
#define SL200_ADMIN_H

#include "abi/sl200_types.h"
#include "abi/sl200_queue.h"

enum sl200_admin_opcode {
	SL200_ADMIN_PING = 0x00,
	SL200_ADMIN_GET_CAPS = 0x01, /* addr <- struct sl200_caps, size bytes at most */
	SL200_ADMIN_ASID_BIND = 0x02, /* asid uses page-table root addr. EXISTS if bound */
	SL200_ADMIN_ASID_UNBIND = 0x03, /* BUSY while a queue uses it. Acknowledged: no access follows */
	SL200_ADMIN_TLB_INVALIDATE = 0x04, /* asid, addr = IOVA, size = bytes; size 0: the whole ASID */
	SL200_ADMIN_QUEUE_CREATE = 0x05, /* see struct; EXISTS, NO_RESOURCE, INVALID_FIELD */
	SL200_ADMIN_QUEUE_DESTROY = 0x06, /* completes when no job of the queue runs any more */
	SL200_ADMIN_QUEUE_QUERY = 0x07, /* addr <- struct sl200_queue_info */
	SL200_ADMIN_GET_STATS = 0x08, /* addr <- struct sl200_fw_stats */
	SL200_ADMIN_LOG_ATTACH = 0x09, /* event ring at addr, depth entries (power of two); depth 0: off */
	SL200_ADMIN_SET_LIMITS = 0x0a, /* watchdog and coalescing */
	SL200_ADMIN_FW_UPDATE = 0x0b, /* verify image at addr/size, write it to flash slot (qid) */
	SL200_ADMIN_FW_ACTIVATE = 0x0c, /* mark flash slot (qid) for the next boot */
};

/* One admin submission. Fields a command does not use must be zero. Addresses are bus addresses. */
struct sl200_admin_sqe {
	uint8_t opcode; /* enum sl200_admin_opcode */
	uint8_t flags; /* SL200_SQE_F_IRQ */
	uint16_t qid; /* QUEUE_*: 1..255; FW_*: slot, 0 or 1 */
	uint16_t asid;
	uint8_t priority; /* QUEUE_CREATE: enum sl200_priority */
	uint8_t weight; /* QUEUE_CREATE: share inside the priority, 1..255 */
	uint64_t tag;
	uint64_t addr;
	uint64_t addr2; /* QUEUE_CREATE: addr = SQ, addr2 = CQ, IOVAs in asid, 4 KiB aligned */
	uint64_t size;
	uint32_t depth; /* QUEUE_CREATE: entries of each ring, a power of two */
	uint16_t vector; /* QUEUE_CREATE: MSI-X vector */
	uint16_t coalesce_count; /* SET_LIMITS: completions per interrupt at most; 0: keep */
	uint32_t coalesce_us; /* SET_LIMITS: delay of an interrupt at most */
	uint32_t watchdog_ms; /* SET_LIMITS: longest job; 0: keep */
	uint64_t reserved;
};
SL200_ASSERT_SIZE(struct sl200_admin_sqe, 64);

enum sl200_engine_kind {
	SL200_ENGINE_NONE = 0,
	SL200_ENGINE_DMA = 1,
	SL200_ENGINE_VENC = 2,
	SL200_ENGINE_VDEC = 3,
	SL200_ENGINE_VPP = 4,
	SL200_ENGINE_CRC = 5, /* a small one, to test the slot that engines stand in */
};
#define SL200_MAX_ENGINES 16u

/* What one codec of an engine kind can do. */
struct sl200_enc_caps {
	uint16_t codec; /* enum sl200_codec */
	uint16_t min_dim; /* samples */
	uint16_t max_width;
	uint16_t max_height;
	uint32_t flags; /* H.264: SL200_H264_F_* that a descriptor may set */
	uint8_t max_refs_l0;
	uint8_t max_refs_l1; /* 0: no B slices */
	uint16_t max_slices;
	uint8_t quality_levels;
	uint8_t reserved0[3];
	uint32_t formats; /* bit n: enum sl200_format n, for source, reference and reconstruction */
	uint64_t reserved1;
};
SL200_ASSERT_SIZE(struct sl200_enc_caps, 32);

#define SL200_CAPS_MAX_ENC 4u

/* Capability page. A newer device may write more than a caller knows; sizes tell. */
struct sl200_caps {
	uint32_t size; /* bytes valid */
	uint32_t fw_version; /* as MCU.FW_VERSION */
	uint32_t abi_min;
	uint32_t abi_max;
	uint64_t dram_size;
	uint32_t num_queues; /* including queue 0 */
	uint32_t num_asids;
	uint32_t max_depth;
	uint32_t num_vectors;
	uint8_t engine_kind[SL200_MAX_ENGINES]; /* enum sl200_engine_kind */
	uint32_t opcodes_lo; /* bit n: user opcode n works (0..31) */
	uint32_t watchdog_ms;
	uint32_t num_enc;
	uint32_t reserved0;
	struct sl200_enc_caps enc[SL200_CAPS_MAX_ENC];
	uint64_t reserved1[4];
};
SL200_ASSERT_SIZE(struct sl200_caps, 232);

enum sl200_queue_state {
	SL200_QUEUE_NONE = 0,
	SL200_QUEUE_RUNNING = 1,
	SL200_QUEUE_STOPPED = 2, /* after a fault; nothing is started until it is destroyed */
};

struct sl200_queue_info {
	uint8_t state; /* enum sl200_queue_state */
	uint8_t priority;
	uint16_t stop_status; /* enum sl200_status that stopped it */
	uint16_t asid;
	uint8_t fault_engine; /* engine number; 0xff: the MCU itself (rings, descriptors) */
	uint8_t fault_reason; /* enum sl200_mmu_reason */
	uint64_t fault_iova;
	uint32_t fault_write;
	uint32_t sq_head; /* consumed */
	uint32_t sq_tail; /* last doorbell */
	uint32_t in_flight;
	uint64_t jobs; /* completed */
	uint64_t errors; /* of them with a status other than OK */
	uint64_t busy_ns[8]; /* engine time by enum sl200_engine_kind */
	uint64_t reserved[2];
};
SL200_ASSERT_SIZE(struct sl200_queue_info, 128);

struct sl200_fw_stats {
	uint64_t uptime_ns;
	uint64_t jobs;
	uint64_t job_errors;
	uint64_t admin_commands;
	uint64_t watchdog_expiries;
	uint64_t engine_resets;
	uint64_t faults;
	uint64_t interrupts;
	uint64_t interrupts_coalesced; /* completions that did not need one of their own */
	uint32_t queues; /* existing now */
	uint32_t asids;
	uint64_t backpressure; /* times an entry waited for completion ring space */
	uint64_t reserved[5];
};
SL200_ASSERT_SIZE(struct sl200_fw_stats, 128);

enum sl200_event {
	SL200_EVENT_BOOT = 1, /* arg0: firmware version */
	SL200_EVENT_QUEUE_STOPPED = 2, /* qid; arg0: status, arg1: iova */
	SL200_EVENT_ENGINE_RESET = 3, /* arg0: engine; qid: whose job it was */
	SL200_EVENT_JOB_TIMEOUT = 4, /* qid; arg0: engine, arg1: tag */
	SL200_EVENT_FW_UPDATED = 5, /* arg0: slot, arg1: version */
	SL200_EVENT_BAD_DOORBELL = 6, /* qid; arg0: tail written: further ahead than the ring is deep */
};

/* Event log entry. The ring is written in order; seq counts from 1, written last. */
struct sl200_log_entry {
	uint64_t time_ns;
	uint16_t event; /* enum sl200_event */
	uint16_t qid; /* 0: none */
	uint32_t arg0;
	uint64_t arg1;
	uint32_t reserved;
	uint32_t seq;
};
SL200_ASSERT_SIZE(struct sl200_log_entry, 32);

#endif
