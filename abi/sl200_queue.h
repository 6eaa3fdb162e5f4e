/* SPDX-License-Identifier: MIT */
/*
 * Submission and completion queues: what a client writes into a submission ring, what the MCU
 * writes into a completion ring, and the doorbell page through which the two meet.
 *
 * Rings are arrays in host memory inside the owner's address space. Indices are free-running
 * 32-bit counters; the slot is index & (depth - 1). A client
 *   1. writes the entry at its tail, 2. writes the new tail to SL200_DOORBELL_SQ_TAIL of the queue's page.
 * The MCU writes a completion with the phase bit of the current pass: pass 0 (completion indices
 * 0..depth-1) has phase 1, pass 1 has phase 0, and so on. A client returns space in the completion
 * ring by writing its head to SL200_DOORBELL_CQ_HEAD. The MCU starts no entry for whose completion there
 * is no room: a client that does not collect is back-pressured, never overrun.
 */
#ifndef SL200_QUEUE_H
#define SL200_QUEUE_H

#include "abi/sl200_types.h"

/* Doorbell page (BAR2 + queue * SL200_DOORBELL_STRIDE): 32-bit writes only. */
#define SL200_DOORBELL_STRIDE 4096u
#define SL200_DOORBELL_SQ_TAIL 0x0u
#define SL200_DOORBELL_CQ_HEAD 0x4u

#define SL200_MAX_QUEUES 256u /* queue 0 is the admin queue */
#define SL200_QUEUE_DEPTH_MIN 2u
#define SL200_QUEUE_DEPTH_MAX 4096u

/* Address spaces. ASID 0 is the MCU's and the admin queue's: bus addresses, no translation. */
#define SL200_MAX_ASIDS 256u
#define SL200_IOVA_BITS 48u

/* User opcodes. Admin opcodes (sl200_admin.h) are a space of their own. */
enum sl200_opcode {
	SL200_OP_NOP = 0x00,
	SL200_OP_COPY = 0x01, /* src -> dst, width x height bytes */
	SL200_OP_FILL = 0x02, /* value -> dst, width x height bytes */
	SL200_OP_WAIT = 0x03, /* until *(u64 *)src >= value */
	SL200_OP_SIGNAL = 0x04, /* *(u64 *)dst = value, after all earlier entries of the queue */
	SL200_OP_TIMESTAMP = 0x05, /* *(u64 *)dst = time in ns */
	SL200_OP_CRC = 0x06, /* crc_bitstream of the completion = CRC-32C of width bytes at src */
	SL200_OP_ENCODE = 0x10, /* src = descriptor, width = its size in bytes */
	SL200_OP_DECODE = 0x11,
	SL200_OP_PROCESS = 0x12,
};

/* Start only after every earlier entry of this queue has completed. */
#define SL200_SQE_F_BARRIER 0x01u
/* Raise the queue's interrupt when this entry completes. */
#define SL200_SQE_F_IRQ 0x02u
#define SL200_SQE_F_MASK 0x03u

/*
 * One submission. Fields an opcode does not use must be zero.
 * COPY and FILL with height 1 are linear; pitches are then ignored.
 */
struct sl200_sqe {
	uint8_t opcode;
	uint8_t flags;
	uint16_t reserved0;
	uint32_t timeout_us; /* 0: the card's default; shortens, never lengthens, the job watchdog */
	uint64_t tag; /* returned in the completion, not interpreted */
	uint64_t src;
	uint64_t dst;
	uint64_t value;
	uint32_t width; /* bytes */
	uint32_t height; /* rows */
	uint32_t src_pitch; /* bytes */
	uint32_t dst_pitch;
	uint64_t reserved1;
};
SL200_ASSERT_SIZE(struct sl200_sqe, 64);
SL200_ASSERT_OFFSET(struct sl200_sqe, value, 32);

#define SL200_COPY_WIDTH_MAX (1u << 30)
#define SL200_COPY_HEIGHT_MAX 65536u
#define SL200_COPY_PITCH_MAX (1u << 20)

/*
 * One completion. Times, distortion and cycles do not fit in 32 bytes and few callers need them:
 * they go to struct sl200_job_result where the descriptor asks for it.
 */
struct sl200_cqe {
	uint64_t tag;
	uint32_t bytes; /* bytes produced: bitstream, or copied or filled */
	uint32_t crc_bitstream; /* CRC-32C of the bytes produced by ENCODE or read by CRC; else 0 */
	uint32_t crc_recon; /* CRC-32C of the reconstruction: luma rows, then Cb rows, then Cr rows */
	uint32_t sq_head; /* entries the MCU has consumed: slots before it may be rewritten */
	uint16_t status; /* enum sl200_status */
	uint16_t detail; /* for INVALID_*: the offset of the offending field; else 0 */
	uint32_t phase; /* bit 0; written last */
};
SL200_ASSERT_SIZE(struct sl200_cqe, 32);
SL200_ASSERT_OFFSET(struct sl200_cqe, phase, 28);

#define SL200_CQE_PHASE 0x1u

enum sl200_status {
	SL200_STATUS_OK = 0x00,
	SL200_STATUS_INVALID_OPCODE = 0x01, /* unknown, or no engine of this card does it */
	SL200_STATUS_INVALID_FIELD = 0x02, /* SQE field out of range; detail: its offset */
	SL200_STATUS_INVALID_DESC = 0x03, /* descriptor field out of range; detail: its offset */
	SL200_STATUS_UNSUPPORTED = 0x04, /* valid, but beyond the capability page; detail: offset */
	SL200_STATUS_MMU_FAULT = 0x05, /* the job touched an IOVA it may not; the queue stops */
	SL200_STATUS_OVERFLOW = 0x06, /* output buffer too small; bytes: what was written */
	SL200_STATUS_TIMEOUT = 0x07, /* the watchdog ended the job; its engine was reset */
	SL200_STATUS_ABORTED = 0x08, /* queue destroyed or stopped before the job finished */
	SL200_STATUS_ENGINE_ERROR = 0x09, /* the engine reported an internal error */
	SL200_STATUS_BUSY = 0x0a, /* admin: the object is in use */
	SL200_STATUS_NO_RESOURCE = 0x0b, /* admin: limit or pool exhausted */
	SL200_STATUS_BAD_IMAGE = 0x0c, /* admin: firmware image refused; detail: enum sl200_boot_status */
	SL200_STATUS_NOT_FOUND = 0x0d, /* admin: no such queue or address space */
	SL200_STATUS_EXISTS = 0x0e, /* admin: already there */
};

enum sl200_priority {
	SL200_PRIO_LOW = 0,
	SL200_PRIO_NORMAL = 1,
	SL200_PRIO_HIGH = 2,
	SL200_PRIO_REALTIME = 3, /* needs a privilege the kernel checks */
	SL200_PRIO_COUNT = 4,
};

/*
 * Optional extended result, written to client memory before the completion.
 */
struct sl200_job_result {
	uint64_t start_ns; /* engine start and end in the card's timebase */
	uint64_t end_ns;
	uint64_t cycles; /* engine cycles; the functional model reports an estimate, see the manual */
	uint64_t sse[3]; /* sum of squared error, source against reconstruction: Y, Cb, Cr */
	uint64_t sum_qp; /* over all macroblocks */
	uint32_t bytes;
	uint32_t crc_bitstream;
	uint32_t crc_recon;
	uint16_t status;
	uint16_t detail;
	uint32_t header_bits; /* packed headers */
	uint32_t intra_mbs;
	uint32_t skip_mbs;
	uint32_t slices;
	uint64_t bytes_read; /* by the engine */
	uint64_t bytes_written;
	uint64_t reserved[3];
};
SL200_ASSERT_SIZE(struct sl200_job_result, 128);

#endif
