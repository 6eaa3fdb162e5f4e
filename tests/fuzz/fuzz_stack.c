// SPDX-License-Identifier: MIT
/*
 * A client that writes what it likes into its rings, its descriptors and its doorbells, on a whole
 * card with its firmware and engines. Nothing beyond its own address space may change, and the card
 * goes on answering another client and the kernel's commands.
 */
#include <string.h>

#include "abi/sl200_regs.h"
#include "tests/fuzz/fuzz_job_case.h"
#include "tests/unit/test_card_host.h"

#define HONEST 1u /* ASID and queue */
#define HOSTILE 2u
#define HOSTILE_QUEUES 2u /* queues 2 and 3 */
/* Host memory: the honest client's, a gap, the hostile client's, a gap. */
#define HONEST_FROM 0x400000u
#define HONEST_SIZE 0x200000u
#define HOSTILE_FROM 0x800000u
#define HOSTILE_SIZE 0x400000u
#define HOSTILE_END (HOSTILE_FROM + HOSTILE_SIZE)
/* In the hostile client's memory. */
#define RINGS 0x0u
#define RING_STRIDE 0x2000u
#define CASE_AT 0x100000u
#define DESC_AT 0x1c0000u

#define GUARD 0x5a
#define GUARD_SIZE 0x10000u
#define MAX_STEPS 64u
#define WATCHDOG_MS 2000u

static struct host *host;
static struct host_ring honest;
static uint8_t tables[6 * SL200_PAGE_SIZE];

struct attack {
	struct host_ring ring[HOSTILE_QUEUES];
	struct fuzz_input in;
};

static void command(const struct sl200_admin_sqe *sqe)
{
	FUZZ_CHECK(host_admin(host, sqe) == SL200_STATUS_OK);
}

static uint8_t *guards(unsigned int n)
{
	static const size_t at[] = {HONEST_FROM + SL200_PAGE_SIZE * 4,
				    HONEST_FROM + HONEST_SIZE - GUARD_SIZE,
				    HOSTILE_FROM - GUARD_SIZE, HOSTILE_END, HOST_SIZE - GUARD_SIZE};

	return n < sizeof(at) / sizeof(at[0]) ? host->memory + at[n] : NULL;
}

static void power_on(void)
{
	host = host_open();
	host_boot(host);
	for (unsigned int i = 0; guards(i); i++)
		memset(guards(i), GUARD, GUARD_SIZE);
	host_bind(host, HONEST, HONEST_FROM, HONEST_SIZE);
	host_bind(host, HOSTILE, HOSTILE_FROM, HOSTILE_SIZE);
	memcpy(tables, host->memory + HOST_TABLES, sizeof(tables));
	command(&(struct sl200_admin_sqe){.opcode = SL200_ADMIN_SET_LIMITS,
					  .watchdog_ms = WATCHDOG_MS});
	host_create(host, &honest, HONEST, HONEST, HONEST_FROM);
}

/* Mostly an address of the client's own. */
static uint64_t pick_iova(struct fuzz_input *in)
{
	uint8_t how = fuzz_u8(in);
	uint64_t offset = fuzz_u32(in);

	switch (how % 16) {
	case 0:
		return fuzz_u64(in);
	case 1:
		return HOST_IOVA(HONEST_FROM + offset % HONEST_SIZE);
	case 2:
		return HOST_BUS + offset % HOST_SIZE;
	case 3:
		return HOST_IOVA(HOSTILE_END) - offset % 5000;
	case 4:
		return HOST_IOVA_DRAM + offset % HOST_SIZE;
	case 5:
		return HOST_IOVA(HOSTILE_FROM + offset % (2 * RING_STRIDE));
	case 6:
		return HOST_IOVA(HOSTILE_FROM + offset % HOSTILE_SIZE) & ~7ull;
	default:
		return HOST_IOVA(HOSTILE_FROM + offset % HOSTILE_SIZE);
	}
}

static void make_entry(struct sl200_sqe *sqe, struct fuzz_input *in)
{
	static const uint8_t opcodes[] = {SL200_OP_NOP,	 SL200_OP_COPY,	  SL200_OP_FILL,
					  SL200_OP_WAIT, SL200_OP_SIGNAL, SL200_OP_TIMESTAMP,
					  SL200_OP_COPY, SL200_OP_FILL};
	uint8_t opcode = opcodes[fuzz_u8(in) % sizeof(opcodes)];

	*sqe = (struct sl200_sqe){.opcode = opcode, .flags = fuzz_u8(in) & SL200_SQE_F_MASK};
	if (opcode == SL200_OP_COPY || opcode == SL200_OP_WAIT)
		sqe->src = pick_iova(in);
	if (opcode != SL200_OP_NOP && opcode != SL200_OP_WAIT)
		sqe->dst = pick_iova(in);
	if (opcode == SL200_OP_COPY || opcode == SL200_OP_FILL) {
		sqe->width = 1u + fuzz_u16(in);
		sqe->height = 1u + fuzz_u8(in) % 8;
		sqe->src_pitch = opcode == SL200_OP_COPY ? sqe->width + fuzz_u8(in) : 0;
		sqe->dst_pitch = sqe->width + fuzz_u8(in);
	}
	if (opcode == SL200_OP_FILL || opcode == SL200_OP_WAIT || opcode == SL200_OP_SIGNAL)
		sqe->value = fuzz_u8(in);
}

static void put_entry(struct attack *a, struct host_ring *ring, const struct sl200_sqe *sqe)
{
	uint8_t *slot = host->memory + ring->sq + ring->sq_tail % HOST_DEPTH * sizeof(*sqe);

	memcpy(slot, sqe, sizeof(*sqe));
	for (unsigned int n = fuzz_u8(&a->in) % 8; n && n < 4; n--) {
		uint8_t at = fuzz_u8(&a->in) % sizeof(*sqe);

		slot[at] = fuzz_u8(&a->in);
	}
	ring->sq_tail++;
}

/* An encode job that may well be in order. */
static void put_encode(struct attack *a, struct host_ring *ring)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_ENCODE,
				.src = HOST_IOVA(HOSTILE_FROM + DESC_AT)};
	struct job_case c;

	if (!job_case_build(&c, host->memory + HOSTILE_FROM + CASE_AT,
			    HOST_IOVA(HOSTILE_FROM + CASE_AT), &a->in))
		return;
	memcpy(host->memory + HOSTILE_FROM + DESC_AT, c.desc, c.size);
	sqe.width = c.size;
	job_case_free(&c);
	put_entry(a, ring, &sqe);
}

static void put_bytes(struct attack *a, size_t at)
{
	unsigned int len = fuzz_u8(&a->in);

	while (len-- && at < HOSTILE_SIZE)
		host->memory[HOSTILE_FROM + at++] = fuzz_u8(&a->in);
}

static void step(struct attack *a)
{
	uint8_t op = fuzz_u8(&a->in);
	struct host_ring *ring = &a->ring[op >> 7];

	switch (op % 10) {
	case 0:
	case 1: {
		struct sl200_sqe sqe;

		make_entry(&sqe, &a->in);
		put_entry(a, ring, &sqe);
		break;
	}
	case 2:
		put_encode(a, ring);
		break;
	case 3:
	case 4:
		host_doorbell(host, ring->qid, SL200_DOORBELL_SQ_TAIL, ring->sq_tail);
		break;
	case 5:
		host_doorbell(host, ring->qid, SL200_DOORBELL_CQ_HEAD, ++ring->cq_head);
		break;
	case 6:
		host_doorbell(host, ring->qid, fuzz_u8(&a->in) & 4, fuzz_u32(&a->in));
		break;
	case 7: /* both rings, as long as there are entries left to overwrite */
		put_bytes(a, RINGS + fuzz_u16(&a->in) % (HOSTILE_QUEUES * RING_STRIDE));
		break;
	case 8:
		put_bytes(a, CASE_AT + fuzz_u32(&a->in) % (DESC_AT + 0x1000 - CASE_AT));
		break;
	default: /* any doorbell page but the kernel's and the honest client's, any width */
		card_bar_write(host->card, 2,
			       (2ull + fuzz_u8(&a->in) % 254) * SL200_DOORBELL_STRIDE +
				       fuzz_u16(&a->in) % SL200_DOORBELL_STRIDE,
			       1u << fuzz_u8(&a->in) % 4, fuzz_u64(&a->in));
		break;
	}
}

static void check_memory(void)
{
	FUZZ_CHECK(!memcmp(tables, host->memory + HOST_TABLES, sizeof(tables)));
	for (unsigned int i = 0; guards(i); i++) {
		const uint8_t *g = guards(i);

		FUZZ_CHECK(g[0] == GUARD && !memcmp(g, g + 1, GUARD_SIZE - 1));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attack a = {.in = {data, size}};

	if (!host)
		power_on();
	for (unsigned int i = 0; i < HOSTILE_QUEUES; i++)
		host_create(host, &a.ring[i], HOSTILE + i, HOSTILE,
			    HOSTILE_FROM + RINGS + i * RING_STRIDE);
	for (unsigned int n = 0; a.in.left && n < MAX_STEPS; n++)
		step(&a);
	FUZZ_CHECK(host_job(host, &honest, &(struct sl200_sqe){.opcode = SL200_OP_NOP}) ==
		   SL200_STATUS_OK);
	for (unsigned int i = 0; i < HOSTILE_QUEUES; i++)
		command(&(struct sl200_admin_sqe){.opcode = SL200_ADMIN_QUEUE_DESTROY,
						  .qid = (uint16_t)(HOSTILE + i)});
	check_memory();
	FUZZ_CHECK(host_read(host, SL200_MCU_STATE) == SL200_MCU_STATE_RUN);
	return 0;
}
