// SPDX-License-Identifier: MIT
/*
 * Entries of random clients and what the manual says they do. Entries are made in one sequence over
 * all queues and done in it by the reference; what may run side by side on the chip touches nothing
 * that the other writes, else it gets a barrier or waits for a signal.
 */
#include "tests/rtl/traffic.h"

#include <string.h>

#define DATA_BYTES ((PAGE_WORDS - PAGE_DATA) * SL200_PAGE_SIZE)
#define EXPORT_BYTES 1024u
#define EXPORTS ((PAGE_TRASH - PAGE_EXPORT) * SL200_PAGE_SIZE / EXPORT_BYTES)
#define ROWS_MAX 24u
#define BYTES_MAX 20000u
#define NEVER_US 400u /* how long a WAIT waits for what never comes */
#define FIELD(name) ((uint16_t)offsetof(struct sl200_sqe, name))

/* ---------------------------------------------------------------- what may run side by side */

static uint64_t extent(uint32_t width, uint32_t height, uint32_t pitch)
{
	return height == 1 ? width : (uint64_t)(height - 1) * pitch + width;
}

static void touch(struct plan_queue *q, struct plan_entry *e, uint64_t from, uint64_t bytes,
		  bool write)
{
	for (unsigned int i = 0; i < q->intervals; i++) {
		const struct plan_interval *other = &q->interval[i];

		if (from < other->to && other->from < from + bytes && (write || other->write))
			e->sqe.flags |= SL200_SQE_F_BARRIER;
	}
}

static void remember(struct plan_queue *q, uint64_t from, uint64_t bytes, bool write)
{
	q->interval[q->intervals++] = (struct plan_interval){from, from + bytes, write};
}

/* The regions of an entry; a size of 0: none. */
static void order(struct plan_queue *q, struct plan_entry *e, uint64_t src, uint64_t src_bytes,
		  uint64_t dst, uint64_t dst_bytes)
{
	touch(q, e, src, src_bytes, false);
	touch(q, e, dst, dst_bytes, true);
	if (e->sqe.flags & SL200_SQE_F_BARRIER || e->sqe.opcode == SL200_OP_SIGNAL)
		q->intervals = 0;
	if (src_bytes)
		remember(q, src, src_bytes, false);
	if (dst_bytes)
		remember(q, dst, dst_bytes, true);
}

/* ---------------------------------------------------------------- entries */

static struct plan_entry *add(struct plan *plan, struct plan_queue *q, uint8_t opcode)
{
	struct plan_entry *e = &q->entry[q->entries++];

	*e = (struct plan_entry){.sqe = {.opcode = opcode}, .completes = true};
	e->sqe.tag = dice_64(&plan->dice) << 8 | q->entries;
	e->sqe.flags = dice_roll(&plan->dice, 4) ? 0 : SL200_SQE_F_IRQ;
	if (!dice_roll(&plan->dice, 8))
		e->sqe.flags |= SL200_SQE_F_BARRIER;
	return e;
}

static uint32_t roll_length(struct plan *plan, uint32_t max)
{
	static const uint32_t limit[] = {8, 64, 600, 4200, BYTES_MAX};
	uint32_t below = limit[dice_roll(&plan->dice, 5)];

	return 1 + dice_roll(&plan->dice, below < max ? below : max);
}

/* Somewhere in what a queue may use: bytes of single pages, or of one of the huge ones. */
static uint64_t roll_place(struct plan *plan, const struct plan_queue *q, uint64_t bytes)
{
	const struct plan_client *client = &plan->client[q->client];
	uint64_t base, offset = dice_roll(&plan->dice, (uint32_t)(DATA_BYTES - bytes + 1));

	switch (dice_roll(&plan->dice, 4)) {
	case 0:
		base = client->host_huge + q->index * DATA_BYTES;
		break;
	case 1:
		base = client->card_huge + SL200_HUGE_SIZE - (q->index + 1) * DATA_BYTES;
		break;
	default:
		base = plan_page_iova(plan, q, PAGE_DATA);
	}
	if (dice_roll(&plan->dice, 2))
		offset &= ~63ull;
	return base + offset;
}

/* Rows and pitches, inside the room. */
static void roll_shape(struct plan *plan, struct sl200_sqe *sqe, bool copy)
{
	sqe->height = 1;
	if (dice_roll(&plan->dice, 3)) {
		sqe->width = roll_length(plan, BYTES_MAX);
		/* Without a meaning, then. */
		if (!dice_roll(&plan->dice, 4))
			sqe->dst_pitch = (uint32_t)dice_64(&plan->dice);
		return;
	}
	sqe->height = 2 + dice_roll(&plan->dice, ROWS_MAX - 1);
	sqe->width = roll_length(plan, BYTES_MAX / sqe->height);
	sqe->dst_pitch = sqe->width + dice_roll(&plan->dice, 2) * dice_roll(&plan->dice, 500);
	if (copy)
		sqe->src_pitch =
			sqe->width + dice_roll(&plan->dice, 2) * dice_roll(&plan->dice, 500);
}

static void do_copy(struct plan *plan, const struct plan_queue *q, const struct sl200_sqe *sqe)
{
	uint8_t row[BYTES_MAX];

	for (uint32_t y = 0; y < sqe->height; y++) {
		plan_read(plan, q->client, sqe->src + (uint64_t)y * sqe->src_pitch, row,
			  sqe->width);
		plan_write(plan, q->client, sqe->dst + (uint64_t)y * sqe->dst_pitch, row,
			   sqe->width);
	}
}

static void do_fill(struct plan *plan, const struct plan_queue *q, const struct sl200_sqe *sqe)
{
	uint8_t row[BYTES_MAX];

	for (uint32_t x = 0; x < sqe->width; x++)
		row[x] = (uint8_t)(sqe->value >> 8 * (x % 8));
	for (uint32_t y = 0; y < sqe->height; y++)
		plan_write(plan, q->client, sqe->dst + (uint64_t)y * sqe->dst_pitch, row,
			   sqe->width);
}

static void add_move(struct plan *plan, struct plan_queue *q)
{
	bool copy = dice_roll(&plan->dice, 3);
	struct plan_entry *e = add(plan, q, copy ? SL200_OP_COPY : SL200_OP_FILL);
	struct sl200_sqe *sqe = &e->sqe;
	uint64_t src_bytes = 0, dst_bytes;

	roll_shape(plan, sqe, copy);
	dst_bytes = extent(sqe->width, sqe->height, sqe->dst_pitch);
	sqe->dst = roll_place(plan, q, dst_bytes);
	e->bytes = sqe->width * sqe->height;
	if (copy) {
		src_bytes = extent(sqe->width, sqe->height, sqe->src_pitch);
		do
			sqe->src = roll_place(plan, q, src_bytes);
		while (sqe->src < sqe->dst + dst_bytes && sqe->dst < sqe->src + src_bytes);
	} else {
		sqe->value = dice_64(&plan->dice);
	}
	order(q, e, sqe->src, src_bytes, sqe->dst, dst_bytes);
	if (copy)
		do_copy(plan, q, sqe);
	else
		do_fill(plan, q, sqe);
}

static void sum(struct plan *plan, const struct plan_queue *q, struct plan_entry *e)
{
	uint8_t data[BYTES_MAX];

	plan_read(plan, q->client, e->sqe.src, data, e->sqe.width);
	e->bytes = e->sqe.width;
	e->crc = plan_crc32c(data, e->sqe.width);
}

static void add_crc(struct plan *plan, struct plan_queue *q)
{
	struct plan_entry *e = add(plan, q, SL200_OP_CRC);

	e->sqe.width = roll_length(plan, BYTES_MAX);
	e->sqe.src = roll_place(plan, q, e->sqe.width);
	order(q, e, e->sqe.src, e->sqe.width, 0, 0);
	sum(plan, q, e);
}

static uint64_t next_word(struct plan *plan, struct plan_queue *q)
{
	return plan_page_iova(plan, q, PAGE_WORDS) + 8u * (q->words++ % PLAN_WORDS);
}

static void add_timestamp(struct plan *plan, struct plan_queue *q)
{
	struct plan_entry *e = add(plan, q, SL200_OP_TIMESTAMP);

	e->sqe.dst = next_word(plan, q);
	order(q, e, 0, 0, e->sqe.dst, 8);
	plan_forget(plan, q->client, e->sqe.dst, 8);
}

/* Data for others, and the word that says that it is there. */
static void add_signal(struct plan *plan, struct plan_queue *q)
{
	struct plan_signal *signal = &plan->signal[plan->num_signals];
	struct plan_entry *e;

	if (q->exports == EXPORTS || q->entries + 2 > PLAN_ENTRIES)
		return;
	signal->client = q->client;
	signal->bytes = 1 + dice_roll(&plan->dice, EXPORT_BYTES);
	signal->data = plan_page_iova(plan, q, PAGE_EXPORT) + q->exports++ * EXPORT_BYTES;
	e = add(plan, q, SL200_OP_COPY);
	e->sqe.width = signal->bytes;
	e->sqe.height = 1;
	e->sqe.src = roll_place(plan, q, signal->bytes);
	e->sqe.dst = signal->data;
	e->bytes = signal->bytes;
	order(q, e, e->sqe.src, signal->bytes, signal->data, signal->bytes);
	do_copy(plan, q, &e->sqe);
	e = add(plan, q, SL200_OP_SIGNAL);
	signal->word = e->sqe.dst = next_word(plan, q);
	signal->value = e->sqe.value = 1 + (dice_64(&plan->dice) >> dice_roll(&plan->dice, 60));
	order(q, e, 0, 0, e->sqe.dst, 8);
	plan_write(plan, q->client, e->sqe.dst, (const uint8_t *)&e->sqe.value, 8);
	plan->num_signals++;
}

/* The word is zero until its signal. */
static void add_wait(struct plan *plan, struct plan_queue *q)
{
	const struct plan_signal *signal;
	struct plan_entry *e;

	if (!plan->num_signals || q->entries + 2 > PLAN_ENTRIES)
		return;
	signal = &plan->signal[dice_roll(&plan->dice, plan->num_signals)];
	if (signal->client != q->client)
		return;
	e = add(plan, q, SL200_OP_WAIT);
	e->sqe.src = signal->word;
	e->sqe.value = signal->value;
	order(q, e, signal->word, 8, 0, 0);
	e = add(plan, q, SL200_OP_CRC);
	e->sqe.src = signal->data;
	e->sqe.width = signal->bytes;
	order(q, e, signal->data, signal->bytes, 0, 0);
	sum(plan, q, e);
}

static void add_vain_wait(struct plan *plan, struct plan_queue *q)
{
	struct plan_entry *e = add(plan, q, SL200_OP_WAIT);

	/* Nobody signals this word: it stays zero. */
	e->sqe.src = next_word(plan, q);
	e->sqe.value = 1 + dice_64(&plan->dice) / 2;
	e->sqe.timeout_us = 1 + dice_roll(&plan->dice, NEVER_US);
	e->status = SL200_STATUS_TIMEOUT;
	order(q, e, e->sqe.src, 8, 0, 0);
}

/* ---------------------------------------------------------------- hostile entries */

static void refuse(struct plan_entry *e, uint16_t field)
{
	e->status = SL200_STATUS_INVALID_FIELD;
	e->detail = field;
}

static void add_bad_field(struct plan *plan, struct plan_queue *q)
{
	static const uint8_t opcodes[] = {SL200_OP_NOP,	   SL200_OP_COPY,      SL200_OP_FILL,
					  SL200_OP_SIGNAL, SL200_OP_TIMESTAMP, SL200_OP_CRC};
	struct plan_entry *e = add(plan, q, opcodes[dice_roll(&plan->dice, sizeof(opcodes))]);
	struct sl200_sqe *sqe = &e->sqe;
	uint64_t here = plan_page_iova(plan, q, PAGE_DATA);

	if (sqe->opcode != SL200_OP_NOP && sqe->opcode != SL200_OP_CRC)
		sqe->dst = here;
	if (sqe->opcode == SL200_OP_COPY || sqe->opcode == SL200_OP_CRC)
		sqe->src = here + 8192;
	if (sqe->opcode == SL200_OP_COPY || sqe->opcode == SL200_OP_FILL)
		sqe->height = 1;
	if (sqe->src || sqe->height)
		sqe->width = 64;
	switch (dice_roll(&plan->dice, 6)) {
	case 0:
		sqe->flags |= (uint8_t)(4u << dice_roll(&plan->dice, 6));
		refuse(e, FIELD(flags));
		break;
	case 1:
		sqe->reserved0 = (uint16_t)(1u << dice_roll(&plan->dice, 16));
		refuse(e, FIELD(reserved0));
		break;
	case 2:
		sqe->reserved1 = 1ull << dice_roll(&plan->dice, 64);
		refuse(e, FIELD(reserved1));
		break;
	case 3:
		if (sqe->opcode == SL200_OP_FILL || sqe->opcode == SL200_OP_SIGNAL) {
			sqe->src = 1ull << dice_roll(&plan->dice, 64);
			refuse(e, FIELD(src));
		} else {
			sqe->value = 1ull << dice_roll(&plan->dice, 64);
			refuse(e, FIELD(value));
		}
		break;
	case 4:
		sqe->width = sqe->width ? (dice_roll(&plan->dice, 2) ? 0 : (1u << 30) + 1) : 8;
		refuse(e, FIELD(width));
		break;
	default:
		if (sqe->opcode == SL200_OP_NOP || sqe->opcode == SL200_OP_CRC) {
			sqe->dst = 8;
			refuse(e, FIELD(dst));
		} else {
			sqe->dst = 1ull << (SL200_IOVA_BITS + dice_roll(&plan->dice, 16));
			refuse(e, FIELD(dst));
		}
	}
}

static void add_bad_rows(struct plan *plan, struct plan_queue *q)
{
	struct plan_entry *e = add(plan, q, SL200_OP_COPY);
	struct sl200_sqe *sqe = &e->sqe;

	sqe->src = plan_page_iova(plan, q, PAGE_DATA);
	sqe->dst = sqe->src + DATA_BYTES / 2;
	sqe->width = 1 + dice_roll(&plan->dice, 4096);
	sqe->height = 2;
	sqe->src_pitch = sqe->dst_pitch = sqe->width;
	switch (dice_roll(&plan->dice, 5)) {
	case 0:
		sqe->height = dice_roll(&plan->dice, 2) ? 0 : SL200_COPY_HEIGHT_MAX + 1;
		refuse(e, FIELD(height));
		break;
	case 1:
		sqe->src_pitch = sqe->width - 1;
		refuse(e, FIELD(src_pitch));
		break;
	case 2:
		sqe->dst_pitch = SL200_COPY_PITCH_MAX + 1;
		refuse(e, FIELD(dst_pitch));
		break;
	case 3:
		sqe->src = (1ull << SL200_IOVA_BITS) - 2 * sqe->width + 1;
		refuse(e, FIELD(src));
		break;
	default:
		sqe->dst = UINT64_MAX - dice_roll(&plan->dice, 10000);
		refuse(e, FIELD(dst));
	}
}

static void add_bad_word(struct plan *plan, struct plan_queue *q)
{
	bool wait = dice_roll(&plan->dice, 2);
	struct plan_entry *e = add(plan, q, wait ? SL200_OP_WAIT : SL200_OP_SIGNAL);
	uint64_t addr = plan_page_iova(plan, q, PAGE_WORDS) + 1 + dice_roll(&plan->dice, 7);

	e->sqe.value = 1;
	if (wait)
		e->sqe.src = addr;
	else
		e->sqe.dst = addr;
	refuse(e, wait ? FIELD(src) : FIELD(dst));
}

static void add_hostile(struct plan *plan, struct plan_queue *q)
{
	struct plan_entry *e;

	switch (dice_roll(&plan->dice, 4)) {
	case 0:
		/* 7 and above; ENCODE needs an engine that this chip has not. */
		e = add(plan, q, (uint8_t)(7 + dice_roll(&plan->dice, 249)));
		e->sqe.src = dice_64(&plan->dice);
		e->sqe.width = (uint32_t)dice_64(&plan->dice);
		e->status = SL200_STATUS_INVALID_OPCODE;
		break;
	case 1:
		add_bad_rows(plan, q);
		break;
	case 2:
		add_bad_word(plan, q);
		break;
	default:
		add_bad_field(plan, q);
	}
}

/* ---------------------------------------------------------------- faults */

/* A page that cannot be read, or not be written, and why. */
static enum plan_bad roll_bad(struct plan *plan, bool write, uint8_t *reason)
{
	static const uint8_t reasons[BAD_COUNT] = {
		[BAD_ABSENT] = SL200_MMU_NOT_PRESENT,
		[BAD_READ_ONLY] = SL200_MMU_PERMISSION,
		[BAD_WRITE_ONLY] = SL200_MMU_PERMISSION,
		[BAD_ENTRY] = SL200_MMU_BAD_ENTRY,
		[BAD_BUS] = SL200_MMU_BUS,
		[BAD_RANGE] = SL200_MMU_RANGE,
	};
	enum plan_bad bad;

	do
		bad = (enum plan_bad)dice_roll(&plan->dice, BAD_COUNT);
	while (bad == (write ? BAD_WRITE_ONLY : BAD_READ_ONLY));
	*reason = reasons[bad];
	return bad;
}

/*
 * An entry that faults, and entries behind it that never start. Where it faults it has good pages
 * before it about which nothing is promised.
 */
static void add_fault(struct plan *plan, struct plan_queue *q)
{
	static const uint8_t opcodes[] = {SL200_OP_COPY, SL200_OP_COPY,	     SL200_OP_FILL,
					  SL200_OP_CRC,	 SL200_OP_TIMESTAMP, SL200_OP_SIGNAL};
	struct plan_entry *e = add(plan, q, opcodes[dice_roll(&plan->dice, sizeof(opcodes))]);
	struct sl200_sqe *sqe = &e->sqe;
	bool write = sqe->opcode == SL200_OP_CRC    ? false
		     : sqe->opcode == SL200_OP_COPY ? dice_roll(&plan->dice, 2)
						    : true;
	enum plan_bad bad = roll_bad(plan, write, &q->stop.reason);
	uint64_t trash = plan_page_iova(plan, q, PAGE_TRASH), addr;
	unsigned int behind = dice_roll(&plan->dice, 4);

	q->stop.page = trash + (2u * bad + 1) * SL200_PAGE_SIZE;
	q->stop.stopped = true;
	q->stop.write = write;
	q->stop.status = SL200_STATUS_MMU_FAULT;
	q->stop.by_engine = sqe->opcode != SL200_OP_TIMESTAMP && sqe->opcode != SL200_OP_SIGNAL;
	e->status = SL200_STATUS_MMU_FAULT;
	sqe->flags |= SL200_SQE_F_BARRIER;
	if (q->stop.by_engine) {
		addr = q->stop.page - dice_roll(&plan->dice, SL200_PAGE_SIZE);
		sqe->width = (uint32_t)(q->stop.page - addr) + 1 +
			     dice_roll(&plan->dice, SL200_PAGE_SIZE);
		sqe->height = sqe->opcode != SL200_OP_CRC;
		e->any_bytes = true;
	} else {
		addr = q->stop.page + 8u * dice_roll(&plan->dice, SL200_PAGE_SIZE / 8);
		q->stop.reason = 0;
	}
	if (write)
		sqe->dst = addr;
	else
		sqe->src = addr;
	if (sqe->opcode == SL200_OP_COPY && write)
		sqe->src = roll_place(plan, q, sqe->width);
	else if (sqe->opcode == SL200_OP_COPY)
		sqe->dst = plan_page_iova(plan, q, PAGE_DATA);
	if (sqe->opcode == SL200_OP_COPY && !write)
		plan_forget(plan, q->client, sqe->dst, sqe->width);
	while (behind-- && q->entries < PLAN_ENTRIES) {
		e = add(plan, q, SL200_OP_SIGNAL);
		e->sqe.flags |= SL200_SQE_F_BARRIER;
		e->sqe.dst = next_word(plan, q);
		e->sqe.value = dice_64(&plan->dice);
		e->completes = false;
	}
}

/* ---------------------------------------------------------------- all of it */

static void add_some(struct plan *plan, struct plan_queue *q)
{
	uint32_t roll = dice_roll(&plan->dice, 100);

	if (roll < 15)
		add(plan, q, SL200_OP_NOP);
	else if (roll < 50)
		add_move(plan, q);
	else if (roll < 63)
		add_crc(plan, q);
	else if (roll < 68)
		add_timestamp(plan, q);
	else if (roll < 76)
		add_signal(plan, q);
	else if (roll < 84)
		add_wait(plan, q);
	else if (roll < 86)
		add_vain_wait(plan, q);
	else if (roll < 98)
		add_hostile(plan, q);
	else
		add_fault(plan, q);
	/* A barrier of an entry without memory clears the way as well. */
	if (q->entries && q->entry[q->entries - 1].sqe.opcode == SL200_OP_NOP &&
	    q->entry[q->entries - 1].sqe.flags & SL200_SQE_F_BARRIER)
		q->intervals = 0;
}

static bool taken(const struct plan *plan, unsigned int queues, uint8_t qid)
{
	for (unsigned int i = 0; i < queues; i++)
		if (plan->queue[i].qid == qid)
			return true;
	return false;
}

static void make_queues(struct plan *plan)
{
	struct dice *dice = &plan->dice;

	plan->num_clients = 1 + dice_roll(dice, PLAN_CLIENTS);
	plan->num_queues = plan->num_clients + dice_roll(dice, PLAN_QUEUES - plan->num_clients + 1);
	for (unsigned int i = 0; i < plan->num_queues; i++) {
		struct plan_queue *q = &plan->queue[i];

		q->client = i < plan->num_clients ? i : dice_roll(dice, plan->num_clients);
		q->index = plan->client[q->client].queues++;
		do
			q->qid = (uint8_t)(1 + dice_roll(dice, 255));
		while (taken(plan, i, q->qid));
		q->priority = (uint8_t)dice_roll(dice, SL200_PRIO_COUNT);
		q->weight = (uint8_t)(1 + dice_roll(dice, 255));
		q->vector = (uint8_t)(1 + dice_roll(dice, 63));
		q->depth = 2u << dice_roll(dice, 6);
	}
	/* Distinct address spaces. */
	for (unsigned int n = 0; n < plan->num_clients; n++)
		plan->client[n].asid = (uint16_t)(1 + n * 63 + dice_roll(dice, 63));
}

static void fill_memory(struct plan *plan)
{
	uint64_t *host = (uint64_t *)(plan->before->host + HOST_PAGES);
	uint64_t *card = (uint64_t *)plan->before->card;

	for (uint32_t i = 0; i < (HOST_BYTES - HOST_PAGES) / 8; i++)
		host[i] = dice_64(&plan->dice);
	for (uint32_t i = 0; i < CARD_BYTES / 8; i++)
		card[i] = dice_64(&plan->dice);
}

/* Rings and words begin with zeros; nothing is promised about rings and trash. */
static void settle_pages(struct plan *plan)
{
	static const uint8_t zero[SL200_PAGE_SIZE];

	*plan->after = *plan->before;
	for (unsigned int i = 0; i < plan->num_queues; i++) {
		const struct plan_queue *q = &plan->queue[i];

		plan_write(plan, q->client, plan_page_iova(plan, q, PAGE_SQ), zero, sizeof(zero));
		plan_write(plan, q->client, plan_page_iova(plan, q, PAGE_CQ), zero, sizeof(zero));
		plan_write(plan, q->client, plan_page_iova(plan, q, PAGE_WORDS), zero,
			   sizeof(zero));
		plan_forget(plan, q->client, plan_page_iova(plan, q, PAGE_SQ), SL200_PAGE_SIZE);
		plan_forget(plan, q->client, plan_page_iova(plan, q, PAGE_CQ), SL200_PAGE_SIZE);
		/* What faults writes the good page before the bad one, or does not. */
		for (unsigned int n = 0; n < BAD_COUNT; n++)
			plan_forget(plan, q->client, plan_page_iova(plan, q, PAGE_TRASH + 2 * n),
				    SL200_PAGE_SIZE);
	}
	memset(plan->after->host_any, 1, HOST_TABLES);
	*plan->before = *plan->after;
}

void plan_make(struct plan *plan, uint64_t seed)
{
	struct plan_memory *before = plan->before, *after = plan->after;
	unsigned int entries;

	memset(plan, 0, sizeof(*plan));
	memset(before, 0, sizeof(*before));
	plan->before = before;
	plan->after = after;
	plan->seed = seed;
	plan->dice = dice_make(seed);
	make_queues(plan);
	fill_memory(plan);
	plan_world(plan);
	settle_pages(plan);
	entries = plan->num_queues * (4 + dice_roll(&plan->dice, 24));
	while (entries--) {
		struct plan_queue *q = &plan->queue[dice_roll(&plan->dice, plan->num_queues)];

		if (!q->stop.stopped && q->entries < PLAN_ENTRIES)
			add_some(plan, q);
	}
}
