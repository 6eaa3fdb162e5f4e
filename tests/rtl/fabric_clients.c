/* SPDX-License-Identifier: MIT */
/* The clients: what they ask for, and what they must get. */
#include "tests/rtl/fabric_bench.h"

#include <inttypes.h>
#include <string.h>

/* Whose page it is: clients meet only where nothing is written. */
static unsigned int page_owner(uint64_t phys)
{
	return PAGES(phys) % CLIENTS;
}

static void pick_place(struct client *client)
{
	const struct asid *asid;

	client->space = (unsigned int)rnd(STREAM);
	asid = &bench.asid[client->space];
	if (chance(200))
		client->cursor = asid->small + rnd(SMALLS << SL200_PAGE_SHIFT);
	else
		client->cursor = asid->huge + rnd((uint64_t)HUGES << SL200_HUGE_SHIFT);
}

/* Fill in a request's space, address and length at random; false: nothing to ask now. */
static bool random_request(struct client *client, struct request *r)
{
	r->space = SPACE_IOVA;
	r->len = chance(128) ? BLOCK : 1 + (unsigned int)rnd(BLOCK);
	r->write = chance(100);
	r->victim = false;
	switch (rnd(bench.phase == PHASE_MIXED_AGAIN ? 8 : 32)) {
	case 0:
		r->asid = 0;
		r->addr = HOST_BASE + rnd(HOST_SIZE - (SPARE_PAGES << SL200_PAGE_SHIFT));
		break;
	case 1:
		r->asid = chance(128) ? 3 : 256 + (unsigned int)rnd(65280);
		r->addr = rnd(1ull << 50);
		break;
	case 2:
		r->asid = bench.asid[0].number;
		r->addr = rnd(UINT64_MAX);
		break;
	case 3:
		r->asid = bench.asid[rnd(STREAM)].number;
		r->addr = chance(128) ? rnd(1ull << 39) : bench.asid[1].huge + rnd(8ull << 30);
		break;
	case 4:
		r->asid = 0;
		r->space = SPACE_DRAM;
		r->addr = rnd(DRAM_SIZE + (1u << 18));
		break;
	case 5:
		r->asid = 0;
		r->space = chance(240) ? SPACE_FLASH : SPACE_NONE;
		r->addr = rnd(SL200_FLASH_SIZE + (1u << 18));
		break;
	case 6:
		r->asid = bench.asid[VICTIM].number;
		r->addr = bench.asid[VICTIM].small + rnd(SL200_PAGE_SIZE);
		r->write = false;
		r->victim = true;
		break;
	default:
		if (chance(4) || bench.asid[client->space].locked)
			pick_place(client);
		r->asid = bench.asid[client->space].number;
		r->addr = client->cursor;
		client->cursor += BLOCK;
		if (r->len < BLOCK)
			r->addr += rnd(BLOCK);
		else
			r->addr &= ~(uint64_t)(BLOCK - 1);
		break;
	}
	if (r->len > BLOCK - r->addr % BLOCK)
		r->len = BLOCK - (unsigned int)(r->addr % BLOCK);
	for (unsigned int i = 0; i < ASIDS; i++)
		if (bench.asid[i].locked && bench.asid[i].number == r->asid &&
		    r->space == SPACE_IOVA)
			return false;
	return true;
}

/* The streams: blocks in ascending order; of a copy the writes follow in the upper half. */
static bool stream_request(struct request *r)
{
	uint64_t total = (uint64_t)SMALLS << SL200_PAGE_SHIFT;
	bool copy = bench.phase == PHASE_COPY;
	uint64_t at = copy ? bench.phase_bytes / (2 * BLOCK) * BLOCK : bench.phase_bytes;

	if (at >= total)
		return false;
	r->space = SPACE_IOVA;
	r->asid = bench.asid[STREAM].number;
	r->write = copy && bench.phase_bytes / BLOCK % 2;
	r->addr = bench.asid[STREAM].small + at + (r->write ? total : 0);
	r->len = BLOCK;
	r->victim = false;
	bench.phase_bytes += BLOCK;
	return true;
}

bool streams(void)
{
	return bench.phase == PHASE_READ || bench.phase == PHASE_COPY;
}

static void expect(struct request *r, unsigned int c)
{
	const uint8_t *want;

	r->client = c;
	r->beats = beats_of(r->addr, r->len);
	r->beat = 0;
	r->port = HOST;
	r->phys = r->addr;
	if (r->space == SPACE_IOVA) {
		r->reason = translate(r->asid, r->addr, r->write, &r->port, &r->phys);
	} else {
		r->port = r->space == SPACE_DRAM ? DRAM : FLASH;
		r->reason = r->space == SPACE_NONE || !memory(r->port, r->addr, false)
				    ? SL200_MMU_RANGE
				    : 0;
	}
	for (unsigned int i = 0; i < BLOCK; i++)
		r->data[i] = (uint8_t)rnd(256);
	if (r->reason || r->write)
		return;
	want = memory(r->port, r->phys, true);
	memcpy(r->data + r->addr % BLOCK, want, r->len);
}

/* Returns whether there is a request now. */
static bool ask(struct client *client, unsigned int c)
{
	struct request *r, next;
	unsigned int tag = (unsigned int)rnd(TAGS);
	uint64_t cursor = client->cursor, bytes = bench.phase_bytes;

	for (unsigned int i = 0; i < TAGS && client->tag[tag].active; i++)
		tag = (tag + 1) % TAGS;
	r = &client->tag[tag];
	if (r->active)
		return false;
	if (!(streams() ? stream_request(&next) : random_request(client, &next)))
		return false;
	expect(&next, c);
	/* Failures are soon enough. */
	if (next.reason && bench.phase != PHASE_NO_MASTER && !chance(16)) {
		client->cursor = (cursor | (SL200_PAGE_SIZE - 1)) + 1;
		return false;
	}
	if (!next.reason && !next.victim && !streams()) {
		if (page_owner(next.phys) != c) {
			client->cursor = (cursor | (SL200_PAGE_SIZE - 1)) + 1;
			return false;
		}
		if (*busy(next.port, next.phys))
			return false;
	}
	if (!next.reason && streams() && *busy(next.port, next.phys)) {
		bench.phase_bytes = bytes;
		return false;
	}
	next.tag = tag;
	next.active = true;
	*r = next;
	client->asking = r;
	bench.outstanding++;
	bench.requests++;
	if (!r->reason && !r->victim) {
		++*busy(r->port, r->phys);
		if (r->write)
			memcpy(memory(r->port, r->phys, true), r->data + r->addr % BLOCK, r->len);
	}
	put(bench.drive.req, c * REQ_BITS, 6, tag);
	put(bench.drive.req, c * REQ_BITS + 6, 9, r->len);
	put(bench.drive.req, c * REQ_BITS + 15, 64, r->addr);
	put(bench.drive.req, c * REQ_BITS + 79, 16, r->asid);
	put(bench.drive.req, c * REQ_BITS + 95, 2, r->space);
	put(bench.drive.req, c * REQ_BITS + 97, 1, r->write);
	put(&bench.drive.req_valid, c, 1, 1);
	return true;
}

/* An answer has come, with this reason. */
void finish(struct request *r, unsigned int reason, unsigned int expected)
{
	if (reason != expected)
		fail("client %u: %s asid %u %" PRIx64 "+%u: reason %u, not %u", r->client,
		     r->write ? "write" : "read", r->asid, r->addr, r->len, reason, expected);
	bench.reasons[reason]++;
	if (!r->reason || r->reason == MEM_ECC) {
		if (!r->victim)
			--*busy(r->port, r->phys);
		bench.done_bytes += r->len;
	}
	/* Bus errors were counted at the port. */
	if (r->space == SPACE_IOVA && reason && reason != MEM_ECC &&
	    (reason != SL200_MMU_BUS || bench.phase == PHASE_NO_MASTER))
		bench.faults++;
	r->active = false;
	bench.outstanding--;
}

void see_read(struct client *client, unsigned int c, unsigned int tag, bool last,
	      unsigned int reason, const uint32_t *data)
{
	struct request *r = &client->tag[tag];
	unsigned int from, to;

	if (!r->active || r->write || r == client->asking) {
		fail("client %u: data for tag %u, which does not read", c, tag);
		return;
	}
	if (client->answering && client->answering != r)
		fail("client %u: answers to tags %u and %u mixed", c, client->answering->tag, tag);
	if (reason) {
		/* An injected error comes in the place of any read but the aperture's. */
		if (reason == MEM_ECC && r->reason != MEM_ECC && bench.poisoned &&
		    r->port == DRAM && !r->reason && c != APERTURE) {
			bench.poisoned--;
			bench.ecc_answers++;
			r->reason = MEM_ECC;
		}
		if (!last || r->beat)
			fail("client %u: a failure in several beats", c);
		client->answering = NULL;
		finish(r, reason, r->reason);
		return;
	}
	from = (unsigned int)(r->addr % BLOCK);
	to = from + r->len;
	for (unsigned int i = 0; i < BEAT; i++) {
		unsigned int at = (unsigned int)((r->addr / BEAT + r->beat) * BEAT % BLOCK) + i;
		uint8_t got = ((const uint8_t *)data)[i];
		bool right = got == r->data[at];

		if (at < from || at >= to || r->reason)
			continue;
		if (r->victim) {
			uint64_t offset =
				(r->addr & (SL200_PAGE_SIZE - 1) & ~(uint64_t)(BLOCK - 1)) + at;

			right = got == *memory(HOST, bench.victim + offset, true) ||
				(!bench.victim_settled &&
				 got == *memory(HOST, bench.victim_old + offset, true));
		}
		if (!right) {
			fail("client %u: asid %u %" PRIx64 ": byte %u is %02x, not %02x%s", c,
			     r->asid, r->addr, at - from, got, r->data[at],
			     r->victim ? " (victim)" : "");
			break;
		}
	}
	r->beat++;
	if (last != (r->beat == r->beats))
		fail("client %u: last with beat %u of %u", c, r->beat, r->beats);
	client->answering = last ? NULL : r;
	if (last)
		finish(r, 0, r->reason);
}

void drive_client(unsigned int c)
{
	struct client *client = &bench.client[c];

	if (!client->asking && !pausing() && !chance(bench.stall) && (!streams() || c == 2))
		for (unsigned int i = 0; i < 20 && !ask(client, c); i++)
			;
	if (!client->sending && client->sends != client->sent && !chance(bench.stall)) {
		struct request *r = client->send[client->sent % TAGS];

		memcpy(bench.drive.wdata + c * 8,
		       r->data + (r->addr / BEAT + r->beat) * BEAT % BLOCK, BEAT);
		client->sending = true;
		put(&bench.drive.wvalid, c, 1, 1);
	}
}
