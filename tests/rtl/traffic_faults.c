// SPDX-License-Identifier: MIT
/* Injected faults, one at a time on a chip with nothing else to do, on a queue of the plan made
 * anew. */
#include <string.h>

#include "tests/rtl/traffic_pass.h"

#define ANSWER_CYCLES_MAX 200000u
#define HANG_US 300u
#define START_CYCLES 20000u
#define DESTROY_GRACE_NS 1000000000ull
#define SUM_BYTES 3000u
#define ALL_ENGINES 7u

static void ring(struct pass *p, struct sl200_sqe sqe)
{
	const struct plan_queue *plan = &p->plan->queue[0];
	struct pass_queue *q = &p->queue[0];

	q->sq[q->tail & (plan->depth - 1)] = sqe;
	pass_doorbell(p, plan->qid, SL200_DOORBELL_SQ_TAIL, ++q->tail);
}

/* The next completion, all zero if none comes; its slot is given back. */
static struct sl200_cqe await(struct pass *p)
{
	const struct plan_queue *plan = &p->plan->queue[0];
	struct pass_queue *q = &p->queue[0];
	const struct sl200_cqe *cqe = &q->cq[q->head & (plan->depth - 1)];
	uint32_t phase = q->head & plan->depth ? 0 : SL200_CQE_PHASE;
	uint64_t end = p->card->cycle + ANSWER_CYCLES_MAX;

	while ((cqe->phase & SL200_CQE_PHASE) != phase) {
		card_steps(p->card, 20);
		if (p->card->cycle > end) {
			pass_fail(p, "an entry with an injected fault does not complete");
			return (struct sl200_cqe){0};
		}
	}
	pass_doorbell(p, plan->qid, SL200_DOORBELL_CQ_HEAD, ++q->head);
	return *cqe;
}

static void expect(struct pass *p, const char *what, struct sl200_sqe sqe, uint16_t status)
{
	struct sl200_cqe cqe;

	if (p->why[0])
		return;
	sqe.tag = 0x5a00000000000000u | p->queue[0].tail;
	ring(p, sqe);
	cqe = await(p);
	if (cqe.tag != sqe.tag || cqe.status != status)
		pass_fail(p, "%s: status %u, not %u", what, cqe.status, status);
	pass_digest(p, cqe.tag ^ cqe.status);
}

/* Where nothing is promised. */
static struct sl200_sqe fill(const struct pass *p)
{
	return (struct sl200_sqe){.opcode = SL200_OP_FILL,
				  .dst = plan_page_iova(p->plan, &p->plan->queue[0], PAGE_TRASH),
				  .value = 0x0102030405060708u,
				  .width = SL200_PAGE_SIZE,
				  .height = 1};
}

static struct sl200_sqe sum(const struct pass *p)
{
	return (struct sl200_sqe){.opcode = SL200_OP_CRC,
				  .src = p->plan->client[p->plan->queue[0].client].card_huge + 17,
				  .width = SUM_BYTES};
}

static void check_sum(struct pass *p, const char *what)
{
	unsigned int client = p->plan->queue[0].client;
	uint8_t data[SUM_BYTES];
	struct sl200_cqe cqe;

	if (p->why[0])
		return;
	plan_read(p->plan, client, sum(p).src, data, SUM_BYTES);
	ring(p, sum(p));
	cqe = await(p);
	if (cqe.status || cqe.crc_bitstream != plan_crc32c(data, SUM_BYTES))
		pass_fail(p, "%s: status %u, CRC 0x%x", what, cqe.status, cqe.crc_bitstream);
}

static void errors(struct pass *p)
{
	card_write(p->card, SL200_INJECT_ENGINE_ERROR, ALL_ENGINES);
	expect(p, "injected error of a dma engine", fill(p), SL200_STATUS_ENGINE_ERROR);
	expect(p, "injected error of a crc engine", sum(p), SL200_STATUS_ENGINE_ERROR);
	card_write(p->card, SL200_INJECT_ENGINE_ERROR, 0);
	expect(p, "after an injected error", fill(p), SL200_STATUS_OK);
}

static uint32_t engine_resets(struct pass *p)
{
	return (card_read(p->card, SL200_TOP_RESET_COUNT) >> 8) & 0xff;
}

static void hangs(struct pass *p)
{
	struct sl200_sqe moves = fill(p), sums = sum(p);
	uint32_t before = engine_resets(p);

	moves.timeout_us = sums.timeout_us = HANG_US;
	card_write(p->card, SL200_INJECT_ENGINE_HANG, ALL_ENGINES);
	expect(p, "a dma engine hangs", moves, SL200_STATUS_TIMEOUT);
	expect(p, "a crc engine hangs", sums, SL200_STATUS_TIMEOUT);
	card_write(p->card, SL200_INJECT_ENGINE_HANG, 0);
	if (((engine_resets(p) - before) & 0xff) != 2)
		pass_fail(p, "two engines hung and %u were reset",
			  (engine_resets(p) - before) & 0xff);
	expect(p, "after a hang", fill(p), SL200_STATUS_OK);
	check_sum(p, "after a hang");
}

static void memory_errors(struct pass *p)
{
	uint32_t before = card_read(p->card, SL200_TELEM_ECC), after;

	card_write(p->card, SL200_INJECT_ECC, 2);
	check_sum(p, "memory errors that are corrected");
	card_write(p->card, SL200_INJECT_ECC, 1u << 16);
	expect(p, "a memory error that is not corrected", sum(p), SL200_STATUS_ENGINE_ERROR);
	after = card_read(p->card, SL200_TELEM_ECC);
	if (after - before != (1u << 16 | 2))
		pass_fail(p, "memory errors counted: 0x%x", after - before);
}

static void lost_messages(struct pass *p)
{
	unsigned int vector = p->plan->queue[0].vector;
	const struct sl200_sqe nop = {.flags = SL200_SQE_F_IRQ};
	uint32_t before;

	card_settle(p->card);
	before = p->card->messages[vector];
	card_write(p->card, SL200_INJECT_DROP_IRQ, 1);
	expect(p, "a message to be lost", nop, SL200_STATUS_OK);
	card_settle(p->card);
	if (p->card->messages[vector] != before)
		pass_fail(p, "a message that should be lost came");
	expect(p, "a message", nop, SL200_STATUS_OK);
	card_settle(p->card);
	if (p->card->messages[vector] != before + 1)
		pass_fail(p, "a message did not come");
}

static void spoilt_completion(struct pass *p)
{
	struct sl200_cqe cqe;

	card_write(p->card, SL200_INJECT_CORRUPT_CQE, 1);
	ring(p, (struct sl200_sqe){.tag = 0x123456789abcdef0u});
	cqe = await(p);
	if (!p->why[0] && (cqe.tag != ~0x123456789abcdef0u || cqe.status != 0xffff))
		pass_fail(p, "a completion is not spoilt");
	expect(p, "after a spoilt completion", (struct sl200_sqe){0}, SL200_STATUS_OK);
}

/* Its engine hangs and a WAIT waits: destruction ends both. What it used stays as it is then. */
static void destroy_busy(struct pass *p)
{
	const struct plan_queue *plan = &p->plan->queue[0];
	struct sl200_cqe cqe;

	card_write(p->card, SL200_INJECT_ENGINE_HANG, 1u << 2);
	ring(p, sum(p));
	ring(p, (struct sl200_sqe){.opcode = SL200_OP_WAIT,
				   .src = plan_page_iova(p->plan, plan, PAGE_TRASH),
				   .value = UINT64_MAX});
	card_steps(p->card, START_CYCLES);
	pass_admin_post(
		p, (struct sl200_admin_sqe){.opcode = SL200_ADMIN_QUEUE_DESTROY, .qid = plan->qid});
	card_steps(p->card, START_CYCLES);
	card_jump(p->card, DESTROY_GRACE_NS);
	cqe = pass_admin_wait(p);
	if (!p->why[0] && cqe.status)
		pass_fail(p, "a busy queue's destruction: status %u", cqe.status);
	for (unsigned int i = 0; i < 2 && !p->why[0]; i++) {
		cqe = p->queue[0].cq[p->queue[0].head++ & (plan->depth - 1)];
		if (cqe.status != SL200_STATUS_ABORTED)
			pass_fail(p, "a destroyed queue's entry has status %u", cqe.status);
	}
	card_write(p->card, SL200_INJECT_ENGINE_HANG, 0);
}

/* Further ahead than the ring is deep. */
static void bad_doorbell(struct pass *p)
{
	const struct plan_queue *plan = &p->plan->queue[0];
	struct sl200_queue_info info;

	pass_doorbell(p, plan->qid, SL200_DOORBELL_SQ_TAIL,
		      p->queue[0].tail + plan->depth + 1 + dice_roll(&p->dice, 1u << 30));
	card_settle(p->card);
	pass_query(p, 0, &info);
	if (!p->why[0] &&
	    (info.state != SL200_QUEUE_STOPPED || info.stop_status != SL200_STATUS_INVALID_FIELD))
		pass_fail(p, "a bad doorbell: state %u, status %u", info.state, info.stop_status);
}

void pass_faults(struct pass *p)
{
	pass_create(p, 0);
	errors(p);
	hangs(p);
	memory_errors(p);
	lost_messages(p);
	spoilt_completion(p);
	bad_doorbell(p);
	pass_destroy(p, 0);
	pass_create(p, 0);
	if (!p->why[0])
		destroy_busy(p);
}
