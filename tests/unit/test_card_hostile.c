/* SPDX-License-Identifier: MIT */
/*
 * A hostile client beside an honest one: random entries, descriptors, doorbells and ring contents
 * in one address space while another copies and checks. The hostile client's harm must end at its
 * own memory, and the card must go on serving both.
 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_enc.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"
#include "tests/unit/test_card_host.h"
#include "tests/suite.h"

#define HONEST 1u
#define HOSTILE 2u
/* Host memory of each; outside of both nothing may be written but what the firmware answers. */
#define HONEST_FROM 0x400000u
#define HOSTILE_FROM 0xa00000u
#define CLIENT_SIZE 0x400000u
#define RINGS 0x0u /* first pages of each client's memory */
#define ROUNDS 40
#define GUARD 0x5a

static struct host *host;

static int setup(void)
{
	host = host_open();
	return 0;
}

static int teardown(void)
{
	host_close(host);
	return 0;
}

static uint32_t random_state = 99;

static uint32_t rnd(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

/* An address that is often the client's own, sometimes the other's or nowhere. */
static uint64_t random_iova(void)
{
	switch (rnd() % 8) {
	case 0:
		return (uint64_t)rnd() << 32 | rnd();
	case 1:
		return HOST_IOVA(HONEST_FROM + rnd() % CLIENT_SIZE);
	case 2:
		return HOST_BUS + rnd() % HOST_SIZE;
	case 3:
		return HOST_IOVA_DRAM + rnd() % HOST_SIZE;
	default:
		return HOST_IOVA(HOSTILE_FROM + rnd() % CLIENT_SIZE);
	}
}

static void random_entry(struct sl200_sqe *sqe)
{
	static const uint8_t opcodes[] = {SL200_OP_NOP,	   SL200_OP_COPY,      SL200_OP_FILL,
					  SL200_OP_SIGNAL, SL200_OP_TIMESTAMP, SL200_OP_ENCODE};

	if (rnd() % 4 == 0) {
		for (size_t i = 0; i < sizeof(*sqe); i++)
			((uint8_t *)sqe)[i] = (uint8_t)rnd();
		/* A WAIT on random memory would only hold the queue back. */
		if (sqe->opcode == SL200_OP_WAIT)
			sqe->opcode = SL200_OP_NOP;
		return;
	}
	*sqe = (struct sl200_sqe){.opcode = opcodes[rnd() % sizeof(opcodes)],
				  .flags = rnd() & SL200_SQE_F_MASK,
				  .tag = rnd()};
	if (sqe->opcode != SL200_OP_NOP && sqe->opcode != SL200_OP_ENCODE)
		sqe->dst = random_iova();
	if (sqe->opcode == SL200_OP_COPY || sqe->opcode == SL200_OP_ENCODE)
		sqe->src = random_iova();
	if (sqe->opcode == SL200_OP_COPY || sqe->opcode == SL200_OP_FILL) {
		sqe->width = rnd() % 5000;
		sqe->height = rnd() % 20;
		sqe->src_pitch = sqe->opcode == SL200_OP_COPY ? rnd() % 10000 : 0;
		sqe->dst_pitch = rnd() % 10000;
	}
	if (sqe->opcode == SL200_OP_ENCODE)
		sqe->width = sizeof(struct sl200_h264_enc) + 8 * (rnd() % 64);
}

static void destroy_queue(unsigned int qid)
{
	CU_ASSERT_EQUAL(
		host_admin(host, &(struct sl200_admin_sqe){.opcode = SL200_ADMIN_QUEUE_DESTROY,
							   .qid = (uint16_t)qid}),
		0);
}

/* The honest client's work, checked byte by byte. */
static void honest_round(struct host_ring *ring, uint32_t salt)
{
	const uint32_t size = 20000 + salt % 3000;
	uint8_t *src = host->memory + HONEST_FROM + 0x10000, *back = src + 0x10000;
	struct sl200_sqe out = {.opcode = SL200_OP_COPY,
				.src = HOST_IOVA(HONEST_FROM + 0x10000),
				.dst = HOST_IOVA_DRAM + 3,
				.width = size,
				.height = 1};
	struct sl200_sqe in = {.opcode = SL200_OP_COPY,
			       .flags = SL200_SQE_F_BARRIER,
			       .src = HOST_IOVA_DRAM + 3,
			       .dst = HOST_IOVA(HONEST_FROM + 0x20000),
			       .width = size,
			       .height = 1};

	for (uint32_t i = 0; i < size; i++)
		src[i] = (uint8_t)(i * 7 + salt + i / 253);
	memset(back, 0, size);
	host_submit(host, ring, &out);
	host_submit(host, ring, &in);
	CU_ASSERT_EQUAL(host_collect(host, ring).status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(host_collect(host, ring).status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(memcmp(src, back, size), 0);
}

/* Descriptors to be found by ENCODE entries: a plausible start, then anything. */
static void scatter_descriptors(void)
{
	for (size_t at = 0x10000; at < CLIENT_SIZE; at += 0x1000) {
		struct sl200_h264_enc *enc =
			(struct sl200_h264_enc *)(host->memory + HOSTILE_FROM + at);

		for (size_t i = 0; i < 1024; i += 4)
			*(uint32_t *)((uint8_t *)enc + i) = rnd();
		enc->head.version = SL200_ENC_DESC_VERSION;
		enc->head.codec = SL200_CODEC_H264;
	}
}

static void test_random_entries(void)
{
	struct host_ring honest, hostile;
	uint8_t *gap = host->memory + HONEST_FROM + CLIENT_SIZE;
	size_t gap_size = HOSTILE_FROM - (HONEST_FROM + CLIENT_SIZE);
	size_t changed = 0;

	host_boot(host);
	memset(gap, GUARD, gap_size);
	host_bind(host, HONEST, HONEST_FROM, CLIENT_SIZE);
	host_bind(host, HOSTILE, HOSTILE_FROM, CLIENT_SIZE);
	host_create(host, &honest, 1, HONEST, HONEST_FROM + RINGS);
	scatter_descriptors();
	for (uint32_t round = 0; round < ROUNDS; round++) {
		host_create(host, &hostile, 2, HOSTILE, HOSTILE_FROM + RINGS);
		for (unsigned int i = 0; i < HOST_DEPTH; i++)
			random_entry((struct sl200_sqe *)(host->memory + hostile.sq) + i);
		host_doorbell(host, 2, SL200_DOORBELL_SQ_TAIL, HOST_DEPTH);
		honest_round(&honest, round);
		/* Indices that cannot be, in the middle of it. */
		if (round % 3 == 0)
			host_doorbell(host, 2, SL200_DOORBELL_SQ_TAIL, rnd());
		if (round % 5 == 0)
			host_doorbell(host, 2, SL200_DOORBELL_CQ_HEAD, rnd());
		destroy_queue(2);
		host_doorbell(host, 2, SL200_DOORBELL_SQ_TAIL, 5); /* of a queue that is gone */
	}
	for (size_t i = 0; i < gap_size; i++)
		changed += gap[i] != GUARD;
	CU_ASSERT_EQUAL(changed, 0);
	CU_ASSERT_EQUAL(host_read(host, SL200_MCU_STATE), SL200_MCU_STATE_RUN);
	CU_ASSERT_EQUAL(host_read(host, SL200_MCU_PANIC), 0);
	CU_ASSERT(host_read(host, SL200_TELEM_DOORBELLS_DROPPED_LO) >= ROUNDS);
	destroy_queue(1);
}

/* Overwrites the ring and rings the bell, without rest, while the queue runs. */
static atomic_bool stop;

static void *scribble(void *arg)
{
	struct host_ring *ring = arg;
	uint32_t *words = (uint32_t *)(host->memory + ring->sq);
	uint32_t state = 7;

	for (uint32_t n = 0; !atomic_load(&stop); n++) {
		for (unsigned int i = 0; i < 64; i++) {
			state = state * 1664525u + 1013904223u;
			__atomic_store_n(&words[state >> 8 & 255], state, __ATOMIC_RELAXED);
		}
		host_doorbell(host, ring->qid, SL200_DOORBELL_SQ_TAIL, n % (HOST_DEPTH + 1));
		host_doorbell(host, ring->qid, SL200_DOORBELL_CQ_HEAD, n % 3);
	}
	return NULL;
}

static void test_scribbled_rings(void)
{
	struct host_ring honest, hostile;
	pthread_t thread;

	host_create(host, &honest, 1, HONEST, HONEST_FROM + RINGS);
	for (uint32_t round = 0; round < 5; round++) {
		host_create(host, &hostile, 2, HOSTILE, HOSTILE_FROM + RINGS);
		atomic_store(&stop, false);
		pthread_create(&thread, NULL, scribble, &hostile);
		for (uint32_t i = 0; i < 5; i++)
			honest_round(&honest, round * 16 + i);
		destroy_queue(2); /* while its owner goes on */
		atomic_store(&stop, true);
		pthread_join(thread, NULL);
	}
	CU_ASSERT_EQUAL(host_read(host, SL200_MCU_STATE), SL200_MCU_STATE_RUN);
	destroy_queue(1);
	CU_ASSERT_EQUAL(
		host_admin(host, &(struct sl200_admin_sqe){.opcode = SL200_ADMIN_ASID_UNBIND,
							   .asid = HOSTILE}),
		0);
	CU_ASSERT_EQUAL(
		host_admin(host, &(struct sl200_admin_sqe){.opcode = SL200_ADMIN_ASID_UNBIND,
							   .asid = HONEST}),
		0);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"random entries", test_random_entries},
		{"scribbled rings", test_scribbled_rings},
		CU_TEST_INFO_NULL,
	};

	return suite_run("card: a hostile client", setup, teardown, tests);
}
