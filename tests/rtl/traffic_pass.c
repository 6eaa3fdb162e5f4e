// SPDX-License-Identifier: MIT
/* A plan carried out: a host with a timing of its own, and the judge of what the card did. */
#include "tests/rtl/traffic.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/rtl/traffic_pass.h"

#define TRAFFIC_CYCLES_MAX 4000000u
#define ADMIN_CYCLES_MAX 400000u

void pass_fail(struct pass *p, const char *format, ...)
{
	va_list args;

	if (p->why[0])
		return;
	va_start(args, format);
	vsnprintf(p->why, sizeof(p->why), format, args);
	va_end(args);
}

void pass_digest(struct pass *p, uint64_t value)
{
	p->digest = (p->digest ^ value) * 0x100000001b3u;
	p->digest ^= p->digest >> 29;
}

void pass_doorbell(struct pass *p, unsigned int qid, uint32_t offset, uint32_t value)
{
	card_access(p->card, 2, qid * SL200_DOORBELL_STRIDE + offset, 4, true, value);
}

/* ---------------------------------------------------------------- administration */

struct sl200_cqe pass_admin_wait(struct pass *p)
{
	const struct sl200_cqe *ring = (const void *)(p->host + HOST_ADMIN_CQ);
	const struct sl200_cqe *cqe = &ring[p->admin_head % ADMIN_DEPTH];
	uint32_t phase = p->admin_head & ADMIN_DEPTH ? 0 : SL200_CQE_PHASE;
	struct sl200_cqe copy = {0};
	uint64_t end = p->card->cycle + ADMIN_CYCLES_MAX;

	while ((cqe->phase & SL200_CQE_PHASE) != phase) {
		if (p->card->cycle > end) {
			pass_fail(p, "an admin command does not complete");
			return copy;
		}
		card_steps(p->card, 20);
	}
	copy = *cqe;
	pass_doorbell(p, 0, SL200_DOORBELL_CQ_HEAD, ++p->admin_head);
	return copy;
}

void pass_admin_post(struct pass *p, struct sl200_admin_sqe sqe)
{
	struct sl200_admin_sqe *ring = (void *)(p->host + HOST_ADMIN_SQ);

	sqe.tag = p->admin_tail * 0x9e3779b97f4a7c15u;
	ring[p->admin_tail % ADMIN_DEPTH] = sqe;
	pass_doorbell(p, 0, SL200_DOORBELL_SQ_TAIL, ++p->admin_tail);
}

void pass_admin(struct pass *p, struct sl200_admin_sqe sqe, uint16_t status)
{
	struct sl200_cqe cqe;

	if (p->why[0])
		return;
	pass_admin_post(p, sqe);
	cqe = pass_admin_wait(p);
	if (!p->why[0] &&
	    (cqe.status != status || cqe.tag != (p->admin_tail - 1) * 0x9e3779b97f4a7c15u))
		pass_fail(p, "admin command %u: status %u instead of %u (detail %u)", sqe.opcode,
			  cqe.status, status, cqe.detail);
}

static void wait_admin_status(struct pass *p, uint32_t status)
{
	uint64_t end = p->card->cycle + ADMIN_CYCLES_MAX;

	while (card_read(p->card, SL200_ADMIN_STATUS) != status) {
		card_steps(p->card, 20);
		if (p->card->cycle > end) {
			pass_fail(p, "the admin queue does not get status %u", status);
			return;
		}
	}
}

static void admin_on(struct pass *p)
{
	card_write(p->card, SL200_ADMIN_SQ_LO, (uint32_t)(HOST_BUS + HOST_ADMIN_SQ));
	card_write(p->card, SL200_ADMIN_SQ_HI, (uint32_t)(HOST_BUS >> 32));
	card_write(p->card, SL200_ADMIN_CQ_LO, (uint32_t)(HOST_BUS + HOST_ADMIN_CQ));
	card_write(p->card, SL200_ADMIN_CQ_HI, (uint32_t)(HOST_BUS >> 32));
	card_write(p->card, SL200_ADMIN_DEPTH, ADMIN_DEPTH);
	card_write(p->card, SL200_ADMIN_CTRL, SL200_ADMIN_CTRL_ENABLE);
	wait_admin_status(p, SL200_ADMIN_STATUS_READY);
	pass_admin(p,
		   (struct sl200_admin_sqe){.opcode = SL200_ADMIN_LOG_ATTACH,
					    .addr = HOST_BUS + HOST_LOG,
					    .depth = LOG_DEPTH},
		   SL200_STATUS_OK);
	p->first_event = card_read(p->card, SL200_MCU_EVENT_SEQ);
}

static void admin_off(struct pass *p)
{
	pass_admin(p, (struct sl200_admin_sqe){.opcode = SL200_ADMIN_LOG_ATTACH}, SL200_STATUS_OK);
	card_write(p->card, SL200_ADMIN_CTRL, 0);
	wait_admin_status(p, 0);
}

void pass_create(struct pass *p, unsigned int n)
{
	const struct plan_queue *plan = &p->plan->queue[n];
	struct pass_queue *q = &p->queue[n];

	q->sq = (void *)(p->host + plan_page_host(p->plan, plan, PAGE_SQ));
	q->cq = (void *)(p->host + plan_page_host(p->plan, plan, PAGE_CQ));
	memset(q->sq, 0, SL200_PAGE_SIZE);
	memset((void *)q->cq, 0, SL200_PAGE_SIZE);
	q->tail = q->head = q->returned = q->consumed = 0;
	pass_admin(p,
		   (struct sl200_admin_sqe){.opcode = SL200_ADMIN_QUEUE_CREATE,
					    .qid = plan->qid,
					    .asid = p->plan->client[plan->client].asid,
					    .priority = plan->priority,
					    .weight = plan->weight,
					    .addr = plan_page_iova(p->plan, plan, PAGE_SQ),
					    .addr2 = plan_page_iova(p->plan, plan, PAGE_CQ),
					    .depth = plan->depth,
					    .vector = plan->vector},
		   SL200_STATUS_OK);
}

void pass_destroy(struct pass *p, unsigned int n)
{
	pass_admin(p,
		   (struct sl200_admin_sqe){.opcode = SL200_ADMIN_QUEUE_DESTROY,
					    .qid = p->plan->queue[n].qid},
		   SL200_STATUS_OK);
}

static void clients_on(struct pass *p)
{
	for (unsigned int n = 0; n < p->plan->num_clients; n++) {
		const struct plan_client *client = &p->plan->client[n];
		struct sl200_admin_sqe bind = {.opcode = SL200_ADMIN_ASID_BIND,
					       .asid = client->asid,
					       .addr = client->root};

		pass_admin(p, bind, SL200_STATUS_OK);
		pass_admin(p, bind, SL200_STATUS_EXISTS);
	}
	for (unsigned int n = 0; n < p->plan->num_queues; n++)
		pass_create(p, n);
}

static void clients_off(struct pass *p)
{
	for (unsigned int n = 0; n < p->plan->num_clients; n++) {
		struct sl200_admin_sqe unbind = {.opcode = SL200_ADMIN_ASID_UNBIND,
						 .asid = p->plan->client[n].asid};

		pass_admin(p, unbind, SL200_STATUS_OK);
		pass_admin(p, unbind, SL200_STATUS_NOT_FOUND);
	}
}

/* ---------------------------------------------------------------- traffic */

static void submit(struct pass *p, unsigned int n)
{
	const struct plan_queue *plan = &p->plan->queue[n];
	struct pass_queue *q = &p->queue[n];
	uint32_t room = plan->depth - (q->tail - q->consumed), left = plan->entries - q->tail;
	uint32_t count = room < left ? room : left;

	if (!count)
		return;
	count = 1 + dice_roll(&p->dice, count);
	while (count--) {
		q->sq[q->tail & (plan->depth - 1)] = plan->entry[q->tail].sqe;
		q->tail++;
	}
	pass_doorbell(p, plan->qid, SL200_DOORBELL_SQ_TAIL, q->tail);
}

static unsigned int find_entry(const struct plan_queue *plan, const struct sl200_cqe *cqe)
{
	unsigned int i = 0;

	while (i < plan->entries && plan->entry[i].sqe.tag != cqe->tag)
		i++;
	return i;
}

static void judge(struct pass *p, unsigned int n, const struct sl200_cqe *cqe)
{
	const struct plan_queue *plan = &p->plan->queue[n];
	struct pass_queue *q = &p->queue[n];
	unsigned int i = find_entry(plan, cqe);
	const struct plan_entry *e = &plan->entry[i];

	if (i == plan->entries || q->seen[i] || !e->completes) {
		pass_fail(p, "queue %u: a completion of no entry, tag 0x%llx, status %u", plan->qid,
			  (unsigned long long)cqe->tag, cqe->status);
		return;
	}
	q->seen[i] = true;
	q->result[i] = *cqe;
	q->errors += cqe->status != SL200_STATUS_OK;
	if (cqe->status != e->status || cqe->detail != e->detail)
		pass_fail(p, "queue %u, entry %u, opcode %u: status %u, detail %u, not %u, %u",
			  plan->qid, i, e->sqe.opcode, cqe->status, cqe->detail, e->status,
			  e->detail);
	else if (e->any_bytes ? cqe->bytes > e->sqe.width : cqe->bytes != e->bytes)
		pass_fail(p, "queue %u, entry %u, opcode %u: %u bytes, not %u", plan->qid, i,
			  e->sqe.opcode, cqe->bytes, e->bytes);
	else if (!e->any_bytes && (cqe->crc_bitstream != e->crc || cqe->crc_recon))
		pass_fail(p, "queue %u, entry %u, opcode %u: CRC 0x%x, not 0x%x", plan->qid, i,
			  e->sqe.opcode, cqe->crc_bitstream, e->crc);
	else if (cqe->sq_head - q->consumed > q->tail - q->consumed)
		pass_fail(p, "queue %u: %u entries consumed of %u", plan->qid, cqe->sq_head,
			  q->tail);
}

static void collect(struct pass *p, unsigned int n)
{
	const struct plan_queue *plan = &p->plan->queue[n];
	struct pass_queue *q = &p->queue[n];
	unsigned int most = 1 + dice_roll(&p->dice, plan->depth);

	while (most-- && !p->why[0]) {
		const struct sl200_cqe *cqe = &q->cq[q->head & (plan->depth - 1)];
		uint32_t phase = q->head & plan->depth ? 0 : SL200_CQE_PHASE;

		if ((cqe->phase & SL200_CQE_PHASE) != phase)
			break;
		judge(p, n, cqe);
		q->consumed = cqe->sq_head;
		q->head++;
	}
	if (q->returned != q->head && dice_roll(&p->dice, 4)) {
		pass_doorbell(p, plan->qid, SL200_DOORBELL_CQ_HEAD, q->head);
		q->returned = q->head;
	}
}

static bool some_queue(const struct pass *p, uint32_t qid)
{
	for (unsigned int n = 0; n < p->plan->num_queues; n++)
		if (p->plan->queue[n].qid == qid)
			return true;
	return qid == 0;
}

/* Doorbells that must be dropped: of nobody's page, of a wrong size, at a wrong place. */
static void ring_wrongly(struct pass *p)
{
	const struct plan_queue *plan = &p->plan->queue[dice_roll(&p->dice, p->plan->num_queues)];
	uint32_t page = plan->qid * SL200_DOORBELL_STRIDE, qid = dice_roll(&p->dice, 256);

	switch (dice_roll(&p->dice, 3)) {
	case 0:
		if (some_queue(p, qid))
			return;
		card_access(p->card, 2, qid * SL200_DOORBELL_STRIDE, 4, true, dice_64(&p->dice));
		break;
	case 1:
		card_access(p->card, 2, page, 1u << dice_roll(&p->dice, 2), true, 1);
		break;
	default:
		card_access(p->card, 2, page + 8 + 4 * dice_roll(&p->dice, 1022), 4, true, 1);
	}
	p->dropped++;
}

/* What others do meanwhile, and what must change nothing. */
static void meddle(struct pass *p)
{
	const struct plan_client *client =
		&p->plan->client[dice_roll(&p->dice, p->plan->num_clients)];
	uint64_t word = dice_64(&p->dice);
	uint32_t offset = 8 * dice_roll(&p->dice, 1024);

	switch (dice_roll(&p->dice, 7)) {
	case 0:
		pass_admin(p,
			   (struct sl200_admin_sqe){.opcode = SL200_ADMIN_TLB_INVALIDATE,
						    .asid = client->asid},
			   SL200_STATUS_OK);
		break;
	case 1:
		pass_admin(p,
			   (struct sl200_admin_sqe){.opcode = SL200_ADMIN_TLB_INVALIDATE,
						    .asid = client->asid,
						    .addr = client->window,
						    .size = dice_roll(&p->dice, 1u << 19)},
			   SL200_STATUS_OK);
		break;
	case 2:
		pass_admin(p,
			   (struct sl200_admin_sqe){.opcode = SL200_ADMIN_ASID_UNBIND,
						    .asid = client->asid},
			   SL200_STATUS_BUSY);
		break;
	case 3:
		pass_admin(p, (struct sl200_admin_sqe){.opcode = (uint8_t)(13 + word % 243)},
			   SL200_STATUS_INVALID_OPCODE);
		break;
	case 4:
		card_write(p->card, SL200_INJECT_ECC, dice_roll(&p->dice, 20));
		break;
	case 5:
		/* Nobody else uses this part of card memory. */
		card_write(p->card, SL200_TOP_APERTURE_LO, CARD_BASE + CARD_BYTES);
		card_access(p->card, 4, offset, 8, true, word);
		if (card_access(p->card, 4, offset, 8, false, 0) != word)
			pass_fail(p, "the aperture does not read what was written to it");
		break;
	default:
		ring_wrongly(p);
	}
}

static bool done(const struct pass *p, unsigned int n)
{
	const struct plan_queue *plan = &p->plan->queue[n];

	if (p->queue[n].tail != plan->entries)
		return plan->stop.stopped && p->queue[n].tail == p->queue[n].stuck_at;
	for (unsigned int i = 0; i < plan->entries; i++)
		if (plan->entry[i].completes && !p->queue[n].seen[i])
			return false;
	return true;
}

/* Entries behind a fault need room that a stopped queue does not give. */
static void note_stuck(struct pass *p, unsigned int n)
{
	const struct plan_queue *plan = &p->plan->queue[n];
	struct pass_queue *q = &p->queue[n];

	q->stuck_at = UINT32_MAX;
	for (unsigned int i = 0; i < q->tail; i++)
		if (plan->entry[i].completes && !q->seen[i])
			return;
	if (q->tail < plan->entries && !plan->entry[q->tail].completes)
		q->stuck_at = q->tail;
}

static bool all_done(struct pass *p)
{
	for (unsigned int n = 0; n < p->plan->num_queues; n++) {
		note_stuck(p, n);
		if (!done(p, n))
			return false;
	}
	return true;
}

static void traffic(struct pass *p)
{
	uint64_t end = p->card->cycle + TRAFFIC_CYCLES_MAX;
	uint32_t pace = 1 + dice_roll(&p->dice, 400);

	while (!p->why[0] && !all_done(p)) {
		unsigned int n = dice_roll(&p->dice, p->plan->num_queues);
		uint32_t roll = dice_roll(&p->dice, 32);

		if (roll < 12)
			submit(p, n);
		else if (roll < 31)
			collect(p, n);
		else
			meddle(p);
		card_steps(p->card, dice_roll(&p->dice, pace));
		if (p->card->cycle > end)
			pass_fail(p, "not all entries complete");
	}
	card_write(p->card, SL200_INJECT_ECC, 0);
}

/* ---------------------------------------------------------------- afterwards */

static unsigned int finished(const struct pass *p, unsigned int n)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < p->plan->queue[n].entries; i++)
		count += p->queue[n].seen[i];
	return count;
}

void pass_query(struct pass *p, unsigned int n, struct sl200_queue_info *info)
{
	pass_admin(p,
		   (struct sl200_admin_sqe){.opcode = SL200_ADMIN_QUEUE_QUERY,
					    .qid = p->plan->queue[n].qid,
					    .addr = HOST_BUS + HOST_REPLY},
		   SL200_STATUS_OK);
	memcpy(info, p->host + HOST_REPLY, sizeof(*info));
}

static void judge_queue(struct pass *p, unsigned int n)
{
	const struct plan_queue *plan = &p->plan->queue[n];
	const struct plan_stop *stop = &plan->stop;
	struct sl200_queue_info info;

	pass_query(p, n, &info);
	if (p->why[0])
		return;
	if (info.state != (stop->stopped ? SL200_QUEUE_STOPPED : SL200_QUEUE_RUNNING) ||
	    info.stop_status != stop->status || info.in_flight || info.jobs != finished(p, n) ||
	    info.errors != p->queue[n].errors)
		pass_fail(
			p,
			"queue %u: state %u, stop status %u, %u in flight, %llu jobs, %llu errors",
			plan->qid, info.state, info.stop_status, info.in_flight,
			(unsigned long long)info.jobs, (unsigned long long)info.errors);
	else if (stop->stopped &&
		 (info.fault_reason != stop->reason || info.fault_write != stop->write ||
		  info.fault_iova - stop->page >= SL200_PAGE_SIZE ||
		  (info.fault_engine != 0xff) != stop->by_engine))
		pass_fail(p,
			  "queue %u: fault 0x%llx, reason %u, write %u, engine %u; not 0x%llx, %u",
			  plan->qid, (unsigned long long)info.fault_iova, info.fault_reason,
			  info.fault_write, info.fault_engine, (unsigned long long)stop->page,
			  stop->reason);
	if (p->queue[n].cq[p->queue[n].head & (plan->depth - 1)].phase % 2 ==
	    (p->queue[n].head & plan->depth ? 0 : 1))
		pass_fail(p, "queue %u: a completion too many", plan->qid);
	pass_digest(p, info.state << 16 | info.stop_status);
	for (unsigned int i = 0; i < plan->entries; i++) {
		const struct sl200_cqe *cqe = &p->queue[n].result[i];

		pass_digest(p, cqe->tag ^ (uint64_t)cqe->status << 16 ^ cqe->detail);
		if (!plan->entry[i].any_bytes)
			pass_digest(p, (uint64_t)cqe->bytes << 32 | cqe->crc_bitstream);
	}
}

static void judge_bytes(struct pass *p, const char *what, const uint8_t *got, const uint8_t *want,
			const uint8_t *any, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		if (any[i])
			continue;
		if (got[i] != want[i])
			pass_fail(p, "%s memory at 0x%x: 0x%02x, not 0x%02x", what, i, got[i],
				  want[i]);
	}
	for (uint32_t i = 0; i < size; i += 8)
		if (!any[i] && !any[i + 7])
			pass_digest(p, got[i] | (uint64_t)got[i + 7] << 8);
}

static void judge_memory(struct pass *p)
{
	const struct plan_memory *want = p->plan->after;

	judge_bytes(p, "host", p->host, want->host, want->host_any, HOST_BYTES);
	judge_bytes(p, "card", rtl_memory_dram(p->card->memory)->base + CARD_BASE, want->card,
		    want->card_any, CARD_BYTES);
}

static void judge_messages(struct pass *p)
{
	bool used[64] = {true};

	for (unsigned int n = 0; n < p->plan->num_queues; n++) {
		const struct plan_queue *plan = &p->plan->queue[n];

		used[plan->vector] = true;
		for (unsigned int i = 0; i < plan->entries; i++)
			if (plan->entry[i].completes &&
			    plan->entry[i].sqe.flags & SL200_SQE_F_IRQ &&
			    !p->card->messages[plan->vector] &&
			    plan->entry[i].status != SL200_STATUS_INVALID_FIELD)
				pass_fail(p, "queue %u: no message", plan->qid);
	}
	for (unsigned int i = 0; i < 64; i++)
		if (!used[i] && p->card->messages[i])
			pass_fail(p, "a message of vector %u, which is nobody's", i);
}

static void judge_drops(struct pass *p, uint32_t before)
{
	uint32_t now = card_read(p->card, SL200_TELEM_DOORBELLS_DROPPED_LO);

	if (now - before != p->dropped)
		pass_fail(p, "%u doorbells dropped, not %u", now - before, p->dropped);
}

/* What stopped and what timed out is in the log, once. */
static void judge_log(struct pass *p)
{
	const struct sl200_log_entry *log = (const void *)(p->host + HOST_LOG);
	uint32_t last = card_read(p->card, SL200_MCU_EVENT_SEQ), stops = 0, timeouts = 0;

	for (uint32_t seq = p->first_event + 1; seq <= last; seq++) {
		const struct sl200_log_entry *entry = &log[(seq - 1) % LOG_DEPTH];

		if (last - seq < LOG_DEPTH && entry->seq != seq)
			pass_fail(p, "log entry %u has number %u", seq, entry->seq);
		stops += entry->event == SL200_EVENT_QUEUE_STOPPED;
		timeouts += entry->event == SL200_EVENT_JOB_TIMEOUT;
	}
	for (unsigned int n = 0; n < p->plan->num_queues; n++) {
		const struct plan_queue *plan = &p->plan->queue[n];

		stops -= plan->stop.stopped;
		for (unsigned int i = 0; i < plan->entries; i++)
			timeouts -= plan->entry[i].status == SL200_STATUS_TIMEOUT;
	}
	if (last - p->first_event < LOG_DEPTH && (stops || timeouts))
		pass_fail(p, "the log does not have the stops and timeouts that there were");
}

const char *pass_run(struct traffic_card *card, const struct plan *plan,
		     const struct rtl_memory_config *config, uint8_t *host, uint64_t seed,
		     uint64_t *digest)
{
	static struct pass pass;
	uint32_t drops;

	memset(&pass, 0, sizeof(pass));
	pass.card = card;
	pass.plan = plan;
	pass.host = host;
	pass.dice = dice_make(seed);
	memcpy(host, plan->before->host, HOST_BYTES);
	card_settle(card);
	card_exchange_memory(card, config, HOST_BUS, host, HOST_BYTES);
	memcpy(rtl_memory_dram(card->memory)->base + CARD_BASE, plan->before->card, CARD_BYTES);
	memset(card->messages, 0, sizeof(card->messages));
	drops = card_read(card, SL200_TELEM_DOORBELLS_DROPPED_LO);
	admin_on(&pass);
	clients_on(&pass);
	traffic(&pass);
	for (unsigned int n = 0; n < plan->num_queues; n++)
		judge_queue(&pass, n);
	judge_messages(&pass);
	judge_drops(&pass, drops);
	judge_log(&pass);
	for (unsigned int n = 0; n < plan->num_queues; n++)
		pass_destroy(&pass, n);
	if (!pass.why[0])
		pass_faults(&pass);
	if (!pass.why[0])
		judge_memory(&pass);
	clients_off(&pass);
	admin_off(&pass);
	*digest = pass.digest;
	return pass.why[0] ? pass.why : NULL;
}
