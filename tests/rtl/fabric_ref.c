/* SPDX-License-Identifier: MIT */
/* The phases of the test of the fabric, and its verdict. */
#include "tests/rtl/fabric_bench.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "abi/sl200_regs.h"

struct bench bench;

uint64_t rnd(uint64_t below)
{
	bench.random ^= bench.random << 13;
	bench.random ^= bench.random >> 7;
	bench.random ^= bench.random << 17;
	return (bench.random * 0x2545f4914f6cdd1dull >> 20) % below;
}

bool chance(unsigned int of_256)
{
	return rnd(256) < of_256;
}

void fail(const char *format, ...)
{
	va_list args;

	if (bench.failures++ > 20)
		return;
	printf("# cycle %" PRIu64 ": ", bench.cycle);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

uint64_t get(const uint32_t *v, unsigned int at, unsigned int width)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint64_t)(v[(at + i) / 32] >> (at + i) % 32 & 1) << i;
	return value;
}

void put(uint32_t *v, unsigned int at, unsigned int width, uint64_t value)
{
	for (unsigned int i = 0; i < width; i++) {
		v[(at + i) / 32] &= ~(1u << (at + i) % 32);
		v[(at + i) / 32] |= (uint32_t)(value >> i & 1) << (at + i) % 32;
	}
}

bool bit(uint32_t v, unsigned int i)
{
	return v >> i & 1;
}

bool pausing(void)
{
	switch (bench.phase) {
	case PHASE_MIXED:
		return bench.phase_cycle > 200000;
	case PHASE_QUIET:
	case PHASE_MIXED_AGAIN:
		return bench.phase_cycle > 100000;
	case PHASE_NO_MASTER:
		return bench.phase_cycle > 5000;
	default:
		return false;
	}
}

/* All spaces are bound before there is traffic. Returns whether they are. */
static bool bind_all(void)
{
	if (bench.binds < ASIDS && bench.change == CHANGE_NONE) {
		bench.change = CHANGE_BIND;
		bench.command = SL200_MMU_CMD_BIND;
		bench.changing = bench.binds++;
		bench.change_root = 0;
		bench.step = 0;
	}
	return bench.binds == ASIDS && bench.asid[ASIDS - 1].bound >= 0;
}

static void enter(enum phase phase)
{
	static const char *const names[] = {"read", "copy"};

	if (streams())
		printf("# %s of %u KiB in pages of 4 KiB, latency %u: %" PRIu64
		       " cycles, %.2f bytes a cycle\n",
		       names[bench.phase - PHASE_READ], SMALLS * 4, bench.latency,
		       bench.phase_cycle,
		       (double)(SMALLS << SL200_PAGE_SHIFT) / (double)bench.phase_cycle);
	bench.phase = phase;
	bench.phase_cycle = bench.phase_bytes = bench.done_bytes = 0;
	bench.stall = phase == PHASE_MIXED || phase == PHASE_MIXED_AGAIN ? 64 : 0;
	bench.latency = phase == PHASE_MIXED ? 4 : 20;
	bench.jitter = phase == PHASE_MIXED ? 60 : 400;
	if (phase == PHASE_READ || phase == PHASE_COPY) {
		bench.latency = 200;
		bench.jitter = 0;
	}
	put(&bench.drive.control, 0, 1, phase != PHASE_NO_MASTER);
}

static bool phase_over(void)
{
	uint64_t total = (uint64_t)SMALLS << SL200_PAGE_SHIFT;

	if (bench.outstanding || bench.change != CHANGE_NONE)
		return false;
	if (streams())
		return bench.done_bytes == total * (bench.phase == PHASE_COPY ? 2 : 1);
	return pausing();
}

static void report(bool right, const char *what)
{
	printf("%s - %s\n", right ? "ok" : "not ok", what);
}

static void finish_test(void)
{
	static const char *const names[] = {"link read", "link written", "DRAM read",
					    "DRAM written"};
	unsigned int before;
	bool seen = true;

	printf("# %" PRIu64 " requests, %" PRIu64 " changes, %" PRIu64 " quiets, %" PRIu64
	       " look-ups, %" PRIu64 " walks, %" PRIu64 " cycles walking\n",
	       bench.requests, bench.changes, bench.quiets, bench.lookups_seen, bench.walks_seen,
	       bench.walking_seen);
	compare_memory();
	report(!bench.failures, "translations, reasons, data and protocol");
	before = bench.failures;
	for (unsigned int i = 0; i < 4; i++)
		if (bench.bytes[i] != bench.bytes_seen[i])
			fail("%s: %" PRIu64 " bytes, not %" PRIu64, names[i], bench.bytes_seen[i],
			     bench.bytes[i]);
	if (bench.faults != bench.faults_seen)
		fail("%" PRIu64 " faults, not %" PRIu64, bench.faults_seen, bench.faults);
	report(before == bench.failures, "counters of bytes and of faults");
	before = bench.failures;
	if (bench.corrected != bench.corrected_seen || bench.uncorrected != bench.uncorrected_seen)
		fail("%" PRIu64 "/%" PRIu64 " ECC errors, not %" PRIu64 "/%" PRIu64,
		     bench.corrected_seen, bench.uncorrected_seen, bench.corrected,
		     bench.uncorrected);
	if (bench.reasons[MEM_ECC] != bench.ecc_answers || bench.poisoned)
		fail("an injected error did not arrive");
	report(before == bench.failures, "ECC errors, real and injected");
	for (unsigned int i = 0; i < 8; i++)
		seen = seen && bench.reasons[i] > 20;
	printf("# by reason:");
	for (unsigned int i = 0; i < 8; i++)
		printf(" %" PRIu64, bench.reasons[i]);
	printf("\n");
	report(seen && bench.changes > 100 && bench.quiets > 10,
	       "every reason, changes and quiets came up");
}

static void drive_control(bool quiesced)
{
	if (!bench.quiesce && !streams() && rnd(3000) == 0) {
		bench.quiesce = true;
		bench.quiesce_until = 0;
	} else if (bench.quiesce && quiesced) {
		if (!bench.quiesce_until)
			bench.quiesce_until = bench.cycle + rnd(40) + 2;
		else if (bench.cycle >= bench.quiesce_until) {
			bench.quiesce = false;
			bench.quiets++;
		}
	}
	if (bench.phase < PHASE_READ && rnd(700) == 0) {
		bench.inject_corrected += (unsigned int)rnd(3);
		bench.inject_uncorrected += (unsigned int)rnd(3);
	}
	if (streams())
		bench.inject_corrected = bench.inject_uncorrected = 0;
	put(&bench.drive.control, 1, 1, bench.quiesce);
	put(&bench.drive.control, 2, 1, bench.inject_corrected != 0);
	put(&bench.drive.control, 3, 1, bench.inject_uncorrected != 0);
}

static void see_pulses(uint32_t pulses, const uint32_t *bytes)
{
	for (unsigned int i = 0; i < 4; i++)
		bench.bytes_seen[i] += get(bytes, i * 16, 16);
	bench.faults_seen += bit(pulses, 0);
	bench.lookups_seen += bit(pulses, 1);
	bench.walks_seen += bit(pulses, 2);
	bench.walking_seen += bit(pulses, 3);
	bench.corrected_seen += bit(pulses, 4);
	bench.uncorrected_seen += bit(pulses, 5);
	if (!bit(pulses, 6))
		return;
	if (bench.inject_corrected) {
		bench.inject_corrected--;
		bench.corrected++;
	} else if (bench.inject_uncorrected) {
		bench.inject_uncorrected--;
		bench.uncorrected++;
		bench.poisoned++;
	} else {
		fail("an error was injected that nobody asked for");
	}
}

void fabric_start(unsigned int seed)
{
	memset(&bench, 0, sizeof(bench));
	bench.seed = seed;
	bench.random = 0x9e3779b97f4a7c15ull * (seed + 1);
	printf("# seed %u\n", seed);
	for (size_t i = 0; i < HOST_SIZE; i++)
		host[i] = host_want[i] = (uint8_t)rnd(256);
	for (size_t i = 0; i < DRAM_SIZE; i++)
		dram[i] = dram_want[i] = (uint8_t)rnd(256);
	for (size_t i = 0; i < SL200_FLASH_SIZE; i++)
		flash[i] = flash_want[i] = (uint8_t)rnd(256);
	bench.victim = bench.victim_old = HOST_BASE + HOST_SIZE - 2 * SL200_PAGE_SIZE;
	bench.victim_settled = true;
	for (unsigned int i = 0; i < ASIDS; i++)
		make_space(&bench.asid[i], i);
	enter(PHASE_MIXED);
}

uint8_t fabric_see(const uint32_t *req_ready, const uint32_t *wready, const uint32_t *rvalid,
		   const uint32_t *rtag, const uint32_t *rdata, const uint32_t *rlast,
		   const uint32_t *rreason, const uint32_t *bvalid, const uint32_t *btag,
		   const uint32_t *breason, const uint32_t *ar_valid, const uint32_t *ar,
		   const uint32_t *r_ready, const uint32_t *aw_valid, const uint32_t *aw,
		   const uint32_t *w_valid, const uint32_t *w_data, const uint32_t *w_last,
		   const uint32_t *b_ready, const uint32_t *bus_rdata, uint8_t quiesced,
		   uint8_t idle, const uint32_t *bytes, const uint32_t *pulses)
{
	bench.cycle++;
	see_pulses(*pulses, bytes);
	if ((quiesced || idle) && bench.outstanding) {
		unsigned int asking = 0;

		for (unsigned int c = 0; c < CLIENTS; c++)
			asking += bench.client[c].asking != NULL;
		if (asking != bench.outstanding)
			fail("%s with %u requests in flight", quiesced ? "quiesced" : "idle",
			     bench.outstanding - asking);
	}
	for (unsigned int c = 0; c < CLIENTS; c++) {
		struct client *client = &bench.client[c];

		if (bit(*rvalid, c))
			see_read(client, c, (unsigned int)get(rtag, c * 6, 6), bit(*rlast, c),
				 (unsigned int)get(rreason, c * 3, 3), rdata + c * 8);
		if (bit(*bvalid, c)) {
			struct request *r = &client->tag[get(btag, c * 6, 6)];

			if (!r->active || !r->write || r->beat != r->beats)
				fail("client %u: an answer to tag %u, which has not written", c,
				     r->tag);
			else
				finish(r, (unsigned int)get(breason, c * 3, 3), r->reason);
		}
		if (bit(bench.drive.req_valid, c) && bit(*req_ready, c)) {
			if (bench.quiesce)
				fail("client %u: a request is taken while quiet", c);
			if (client->asking->write)
				client->send[client->sends++ % TAGS] = client->asking;
			client->asking = NULL;
			put(&bench.drive.req_valid, c, 1, 0);
		}
		if (client->sending && bit(*wready, c)) {
			struct request *r = client->send[client->sent % TAGS];

			client->sending = false;
			put(&bench.drive.wvalid, c, 1, 0);
			if (++r->beat == r->beats)
				client->sent++;
		}
	}
	for (enum port p = HOST; p < PORTS; p++)
		see_port(p, ar_valid, ar, r_ready, aw_valid, aw, w_valid, w_data, w_last, b_ready);

	drive_control(quiesced);
	drive_mcu(*bus_rdata);
	for (enum port p = HOST; p < PORTS; p++)
		drive_port(p);
	if (!bench.started) {
		bench.started = bind_all();
		return 0;
	}
	bench.phase_cycle++;
	for (unsigned int c = 0; c < CLIENTS; c++)
		drive_client(c);
	if (phase_over()) {
		enter((enum phase)(bench.phase + 1));
		if (bench.phase == PHASE_END) {
			finish_test();
			return 1;
		}
	}
	return 0;
}

void fabric_show(uint32_t *req_valid, uint32_t *req, uint32_t *wvalid, uint32_t *wdata,
		 uint32_t *ar_ready, uint32_t *r_valid, uint32_t *r_data, uint32_t *r_id,
		 uint32_t *r_last, uint32_t *r_resp, uint32_t *aw_ready, uint32_t *w_ready,
		 uint32_t *b_valid, uint32_t *b_id, uint32_t *b_resp, uint32_t *bus_req,
		 uint32_t *dram_size, uint32_t *control)
{
	const struct drive *d = &bench.drive;

	*req_valid = d->req_valid;
	memcpy(req, d->req, sizeof(d->req));
	*wvalid = d->wvalid;
	memcpy(wdata, d->wdata, sizeof(d->wdata));
	*ar_ready = d->ar_ready;
	*r_valid = d->r_valid;
	memcpy(r_data, d->r_data, sizeof(d->r_data));
	*r_id = d->r_id;
	*r_last = d->r_last;
	*r_resp = d->r_resp;
	*aw_ready = d->aw_ready;
	*w_ready = d->w_ready;
	*b_valid = d->b_valid;
	*b_id = d->b_id;
	*b_resp = d->b_resp;
	memcpy(bus_req, d->bus_req, sizeof(d->bus_req));
	dram_size[0] = DRAM_SIZE;
	dram_size[1] = 0;
	*control = d->control;
}
