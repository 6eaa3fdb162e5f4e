/* SPDX-License-Identifier: MIT */
/*
 * State of the firmware. All of it is one struct in the TCM: there are no mutable globals, so that
 * several chips run in one process. Everything here runs on the MCU's one thread.
 */
#ifndef FW_FW_H
#define FW_FW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_enc.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "firmware/hal/hal.h"
#include "firmware/lib/mdma.h"
#include "firmware/lib/mem.h"

#define NS_PER_US 1000ull
#define NS_PER_MS 1000000ull
#define NS_PER_S 1000000000ull

#define FW_NUM_KINDS 6u		/* enum sl200_engine_kind */
#define FW_ENGINE_MCU 0xffu	/* in events and queue info: not an engine but the MCU itself */
#define FW_MAX_CODEC_ENGINES 8u /* descriptors that the TCM has room for */
#define FW_SQE_WINDOW 4u	/* entries fetched at once */
#define FW_QUEUE_WORDS (SL200_MAX_QUEUES / 32)
#define FW_NUM_VECTORS SL200_MSIX_TABLE_COUNT
#define FW_LOG_HISTORY 16u
#define FW_BOUNCE_SIZE 4096u

#define FW_DEFAULT_WATCHDOG_MS 10000u
#define FW_MAX_WATCHDOG_MS 600000u
#define FW_HEARTBEAT_NS (50 * NS_PER_MS)
#define FW_DESTROY_GRACE_NS NS_PER_S
#define FW_RESET_LIMIT_NS NS_PER_S  /* an engine or the MMU that takes longer is broken */
#define FW_POLL_NS (50 * NS_PER_US) /* of an engine being reset */

/* A set of queues or vectors. Bit w of any: word[w] is not empty, so that few words are looked at.
 */
struct fw_set {
	uint32_t word[FW_QUEUE_WORDS];
	uint32_t any;
};
_Static_assert(FW_NUM_VECTORS <= SL200_MAX_QUEUES, "vectors fit in a set");

/* A function off the path of a job: kept out of it, and the path without what its calls cost. */
#define FW_COLD __attribute__((noinline, cold))

/* What the entry at the head of a queue needs. */
enum fw_head {
	FW_HEAD_UNKNOWN = 0, /* not yet fetched and validated */
	FW_HEAD_MCU,	     /* the MCU executes it */
	FW_HEAD_WAIT,
	FW_HEAD_ENGINE,	 /* head_engine tells the kind */
	FW_HEAD_INVALID, /* completes with head_status */
};

struct fw_queue {
	uint8_t state; /* enum sl200_queue_state */
	uint8_t priority;
	uint16_t asid;
	uint16_t vector;
	uint8_t head;	     /* enum fw_head */
	uint8_t head_engine; /* enum sl200_engine_kind */
	uint8_t qid;	     /* its own number */
	uint16_t head_status;
	uint16_t head_detail;
	bool destroying;
	bool destroy_forced; /* the grace is over, its engines are being reset */
	bool waiting;	     /* the WAIT at the head has started */
	bool active;	     /* in the set of its priority */
	bool backpressured;  /* the head has waited for completion ring space: counted once */
	uint8_t destroy_flags;
	uint8_t fault_engine;
	uint8_t fault_reason;
	bool fault_write;
	uint16_t stop_status;
	uint32_t depth;
	uint32_t sq_head;
	uint32_t sq_tail;
	uint32_t cq_head;
	uint32_t cq_tail;
	uint32_t in_flight; /* each has a reserved slot of the completion ring */
	uint32_t sqe_first; /* sqe[] holds entries sqe_first .. sqe_first + sqe_count - 1 */
	uint32_t sqe_count;
	struct fw_set *level;	/* where it is while active: the set of its priority */
	uint32_t vscale;	/* 2^16 / weight */
	uint32_t mcu_vtime;	/* virtual time of an entry that the MCU executes */
	uint32_t expected_ns;	/* engine time of the last job: a guess at the next one's */
	uint32_t wait_interval; /* ns to the next poll of a WAIT */
	uint32_t destroy_epoch; /* of the admin rings that asked for it */
	uint64_t sq;		/* IOVA */
	uint64_t cq;
	uint64_t vtime; /* virtual time: engine ns * 256 / weight */
	uint64_t wait_due;
	uint64_t wait_deadline;
	uint64_t destroy_tag;
	uint64_t destroy_deadline;
	uint64_t fault_iova;
	uint64_t jobs;
	uint64_t errors;
	uint64_t busy_ns[FW_NUM_KINDS];
	struct sl200_sqe sqe[FW_SQE_WINDOW];
};

enum fw_engine_state {
	FW_ENGINE_UNUSED = 0,
	FW_ENGINE_IDLE,
	FW_ENGINE_BUSY,
	FW_ENGINE_RESETTING,
};

struct fw_engine {
	uint8_t state; /* enum fw_engine_state */
	uint8_t kind;  /* enum sl200_engine_kind */
	uint8_t index; /* its own number */
	uint8_t codec_slot;
	uint8_t sqe_flags;
	uint16_t qid;
	uint16_t reset_status; /* what the job completes with after the reset */
	uint64_t charged;      /* virtual time charged in advance */
	uint64_t start_ns;
	uint64_t deadline;    /* of the job; of the reset while RESETTING */
	uint64_t result_iova; /* 0: none wanted */
	struct sl200_sqe job;
	struct sl200_job_result result;
};

struct fw_admin {
	bool ready;
	uint32_t epoch; /* counts ring set-ups: a late completion belongs to one of them */
	uint32_t depth;
	uint32_t sq_head;
	uint32_t sq_tail;
	uint32_t cq_head;
	uint32_t cq_tail;
	uint32_t in_flight; /* deferred commands */
	uint64_t sq;	    /* bus address */
	uint64_t cq;
	struct sl200_admin_sqe sqe;
};

struct fw_vector {
	uint32_t pending; /* completions since the last interrupt */
	uint64_t deadline;
};

struct fw_log {
	uint64_t addr;
	uint32_t depth; /* 0: not attached */
	uint32_t seq;	/* of the last entry */
	struct sl200_log_entry
		history[FW_LOG_HISTORY]; /* the last entries, at seq - 1 modulo size */
};

/* A buffer that commands write to host memory from, or read into. */
union fw_scratch {
	struct sl200_caps caps;
	struct sl200_queue_info info;
	struct sl200_fw_stats stats;
	struct sl200_flash_mark marks[SL200_FLASH_MARKS];
	uint8_t bytes[FW_BOUNCE_SIZE];
};

/* What each turn touches comes first: the core reaches 2 KiB from a base in one instruction. */
struct fw {
	struct hal *hal;
	bool stopping;
	uint32_t num_engines;
	uint32_t heartbeat;
	uint32_t watchdog_ms;
	uint32_t coalesce_count;
	uint32_t coalesce_us;
	uint32_t opcodes; /* bit n: user opcode n works */
	uint64_t now;	  /* time of this turn of the main loop */
	uint64_t boot_ns;
	uint64_t heartbeat_due;
	uint64_t level_vtime[SL200_PRIO_COUNT];
	struct fw_set active[SL200_PRIO_COUNT]; /* running queues with entries */
	uint32_t num_active;			/* in all of them */
	struct fw_queue *recent;		/* the last that became active; NULL at first */
	uint32_t doorbell_words;		/* bit w: queues of word w have doorbells */
	struct fw_set waiting;
	struct fw_set destroying;
	struct fw_set vector_pending;
	uint32_t engines_idle[FW_NUM_KINDS]; /* bit n: engine n is of that kind and idle */
	uint32_t engines_busy;		     /* or being reset */
	struct sl200_cqe cqe;		     /* completion being written */
	uint64_t word;			     /* operand of WAIT, SIGNAL and TIMESTAMP */
	struct fw_admin admin;
	struct sl200_fw_stats stats; /* jobs and errors: of the queues that are no more */
	uint32_t asid_bound[SL200_MAX_ASIDS / 32];
	struct sl200_enc_caps h264; /* what every venc engine can do */
	struct fw_vector vectors[FW_NUM_VECTORS];
	struct fw_log log;
	struct sl200_fw_header header; /* of an image being updated */
	struct fw_engine engines[SL200_MAX_ENGINES];
	struct fw_queue queues[SL200_MAX_QUEUES]; /* [0] is not used: see admin */
	union fw_scratch scratch;
	uint64_t codec_job[FW_MAX_CODEC_ENGINES][(SL200_H264_ENC_MAX_SIZE + 7) / 8];
};

/* The TCM: code, this state, the stack. */
#define FW_STACK_SIZE 0x2000u
_Static_assert(sizeof(struct fw) <= SL200_MCU_TCM_SIZE - SL200_MCU_CODE_SIZE - FW_STACK_SIZE,
	       "firmware state does not fit in the TCM");

/* Registers; once the core is to stop nothing is touched any more. The chip's own stops by itself.
 */
#ifdef __riscv
#define FW_STOPPING(fw) false
#else
#define FW_STOPPING(fw) ((fw)->stopping)
#endif

static inline uint32_t fw_read(struct fw *fw, uint32_t addr)
{
	return FW_STOPPING(fw) ? 0 : hal_read(fw->hal, addr);
}

static inline void fw_write(struct fw *fw, uint32_t addr, uint32_t value)
{
	if (!FW_STOPPING(fw))
		hal_write(fw->hal, addr, value);
}

static inline uint64_t fw_time(struct fw *fw)
{
	uint32_t lo = fw_read(fw, SL200_SYS_TIME_LO); /* latches HI */

	return (uint64_t)fw_read(fw, SL200_SYS_TIME_HI) << 32 | lo;
}

/*
 * A queue by its number. The compiler is kept from knowing how the address came about: it would
 * compute it anew at each use.
 */
static inline struct fw_queue *fw_queue_at(struct fw *fw, uint32_t qid)
{
	struct fw_queue *q = &fw->queues[qid];

	__asm__("" : "+r"(q));
	return q;
}

static inline void fw_bit_set(uint32_t *map, uint32_t n, bool on)
{
	if (on)
		map[n / 32] |= 1u << (n & 31);
	else
		map[n / 32] &= ~(1u << (n & 31));
}

static inline bool fw_bit(const uint32_t *map, uint32_t n)
{
	return map[n / 32] >> (n & 31) & 1;
}

extern const uint8_t fw_bit_position[32];

/* The lowest bit of a word that is not 0. The core has no instruction for it. */
static inline uint32_t fw_lowest(uint32_t bits)
{
	return fw_bit_position[(bits & -bits) * 0x077cb531u >> 27];
}

static inline bool fw_set_has(const struct fw_set *set, uint32_t n)
{
	return fw_bit(set->word, n);
}

static inline void fw_set_add(struct fw_set *set, uint32_t n)
{
	set->word[n / 32] |= 1u << (n & 31);
	set->any |= 1u << n / 32;
}

static inline void fw_set_remove(struct fw_set *set, uint32_t n)
{
	set->word[n / 32] &= ~(1u << (n & 31));
	if (!set->word[n / 32])
		set->any &= ~(1u << n / 32);
}

#define FW_SET_END UINT32_MAX

static inline uint32_t fw_set_from_word(const struct fw_set *set, uint32_t words)
{
	uint32_t w;

	words &= set->any;
	if (!words)
		return FW_SET_END;
	w = fw_lowest(words);
	return w * 32 + fw_lowest(set->word[w]);
}

/* The first element, and that after n, in ascending order; elements may go meanwhile. */
static inline uint32_t fw_set_first(const struct fw_set *set)
{
	return fw_set_from_word(set, ~0u);
}

static inline uint32_t fw_set_next(const struct fw_set *set, uint32_t n)
{
	uint32_t bits = set->word[n / 32] & ~1u << (n & 31);

	return bits ? (n & ~31u) + fw_lowest(bits) : fw_set_from_word(set, ~1u << n / 32);
}

/* Halt with a panic code: an inconsistency that must not be worked around. */
void fw_panic(struct fw *fw, uint32_t code);

/* Accept the doorbells of a queue, from indices of zero on, or drop them. */
void fw_doorbell_enable(struct fw *fw, uint32_t qid, bool on);

/* One MDMA transfer; returns 0, or -1 when refused, faulted or stopped. tcm points into *fw. */
static inline int fw_mdma(struct fw *fw, uint32_t cmd, uint32_t space, uint64_t addr, void *tcm,
			  uint32_t len)
{
	enum mdma_result result;

	if (FW_STOPPING(fw))
		return -1;
	result = mdma_transfer(fw->hal, cmd, space, addr, tcm, len);
	if (result == MDMA_STOPPED)
		fw->stopping = true;
	return result == MDMA_OK ? 0 : -1;
}

static inline int fw_mdma_read(struct fw *fw, uint32_t space, uint64_t addr, void *tcm,
			       uint32_t len)
{
	return fw_mdma(fw, SL200_MDMA_CMD_READ, space, addr, tcm, len);
}

static inline int fw_mdma_write(struct fw *fw, uint32_t space, uint64_t addr, void *tcm,
				uint32_t len)
{
	return fw_mdma(fw, SL200_MDMA_CMD_WRITE, space, addr, tcm, len);
}

/* Show the host that the firmware is alive; also called by commands that take long. */
void fw_beat(struct fw *fw);

#endif
