// SPDX-License-Identifier: MIT
/* What sl200_host signals: doorbells, MSI-X messages, interrupts, counters and injected faults. */
#include <string.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "tests/rtl/host_bench.h"

#define QUEUE_WORDS (SL200_MAX_QUEUES / 32)
#define MSIX_SETTLE 70u /* clocks in which every vector could be sent */

/* ------------------------------------------------------------------------------ doorbells */

static struct {
	uint32_t value[2][SL200_MAX_QUEUES]; /* tails, heads */
	uint32_t pending[QUEUE_WORDS], enable[QUEUE_WORDS];
	uint32_t accepted, dropped;
} db;

static void ring(void)
{
	uint32_t queue = rand_below(SL200_MAX_QUEUES), v = rand32();
	uint32_t offset =
		rand_below(4) ? rand_below(2) * 4 : rand_below(SL200_DOORBELL_STRIDE / 4) * 4;
	bool accepted = offset <= SL200_DOORBELL_CQ_HEAD && db.enable[queue / 32] >> queue % 32 & 1;

	seen.doorbells = 0;
	doorbell(queue * SL200_DOORBELL_STRIDE + offset, v);
	expect(seen.doorbells == accepted, "queue %u offset %x: accepted %u", queue, offset,
	       seen.doorbells);
	if (accepted) {
		db.value[offset == SL200_DOORBELL_CQ_HEAD][queue] = v;
		db.pending[queue / 32] |= 1u << queue % 32;
		db.accepted++;
	} else {
		db.dropped++;
	}
}

static void set_enable(void)
{
	uint32_t word = rand_below(QUEUE_WORDS);
	uint32_t v = rand_below(4) ? db.enable[word] ^ 1u << rand_below(32) : rand32();

	bus_write(SL200_DB_ENABLE(word), v);
	for (uint32_t i = 0; i < 32; i++)
		if (v & ~db.enable[word] & 1u << i)
			db.value[0][32 * word + i] = db.value[1][32 * word + i] = 0;
	db.enable[word] = v;
}

static void check_doorbells(void)
{
	uint32_t any = 0;

	for (uint32_t i = 0; i < QUEUE_WORDS; i++) {
		expect(bus_read(SL200_DB_PENDING(i)) == db.pending[i], "PENDING %u", i);
		expect(bus_read(SL200_DB_ENABLE(i)) == db.enable[i], "ENABLE %u", i);
		expect(!bus_read(SL200_DB_PENDING_CLEAR(i)), "PENDING_CLEAR %u reads something", i);
		any |= db.pending[i];
	}
	for (uint32_t i = 0; i < SL200_MAX_QUEUES; i++) {
		expect(bus_read(SL200_DB_SQ_TAIL(i)) == db.value[0][i], "SQ_TAIL %u", i);
		expect(bus_read(SL200_DB_CQ_HEAD(i)) == db.value[1][i], "CQ_HEAD %u", i);
	}
	expect(out.irq_external == !!any, "irq_external_o");
	expect(bus_read(SL200_SYS_IRQ) == (any ? SL200_SYS_IRQ_DOORBELL : 0), "IRQ");
	expect(reg_read(SL200_TELEM_DOORBELLS_LO) == db.accepted, "DOORBELLS");
	expect(reg_read(SL200_TELEM_DOORBELLS_DROPPED_LO) == db.dropped, "DOORBELLS_DROPPED");
}

static void test_doorbells(void)
{
	uint64_t got;

	power_on();
	memset(&db, 0, sizeof(db));
	for (uint32_t i = 0; i < 12000; i++) {
		uint32_t kind = rand_below(10), word = rand_below(QUEUE_WORDS), v = rand32();

		if (kind < 6) {
			ring();
		} else if (kind < 8) {
			set_enable();
		} else if (kind < 9) {
			bus_write(SL200_DB_PENDING_CLEAR(word), v);
			db.pending[word] &= ~v;
		} else {
			expect(host_access(false, 2, rand_below(1u << 18) * 4, 4, 0, &got) && !got,
			       "a doorbell reads");
		}
		if (i % 500 == 0)
			check_doorbells();
	}
	check_doorbells();
	report("doorbells");
	reg_write(SL200_TOP_RESET, SL200_TOP_RESET_MCU);
	memset(db.value, 0, sizeof(db.value));
	memset(db.pending, 0, sizeof(db.pending));
	memset(db.enable, 0, sizeof(db.enable));
	check_doorbells();
	report("an MCU restart clears the doorbells, not their counts");
}

/* The MCU clears, then reads, as the host goes on ringing: the last value is never missed. */
static void test_doorbell_race(void)
{
	uint32_t found = 0;

	power_on();
	bus_write(SL200_DB_ENABLE(3), 1u << 5);
	for (uint32_t v = 1; v <= 3000; v++) {
		host_begin(true, 2, 101 * SL200_DOORBELL_STRIDE, 4, v);
		step(rand_below(4));
		while (host_under_way()) {
			if (bus_read(SL200_DB_PENDING(3)) != 1u << 5)
				continue;
			bus_write(SL200_DB_PENDING_CLEAR(3), 1u << 5);
			found = bus_read(SL200_DB_SQ_TAIL(101));
			expect(found + 1 >= v && found <= v, "%u read after %u", found, v);
		}
		if (rand_below(8))
			continue;
		if (bus_read(SL200_DB_PENDING(3))) {
			bus_write(SL200_DB_PENDING_CLEAR(3), ~0u);
			found = bus_read(SL200_DB_SQ_TAIL(101));
		}
		expect(found == v, "%u found instead of %u", found, v);
	}
	report("no doorbell is missed");
}

/* ------------------------------------------------------------------------------ interrupts */

static void test_irqs(void)
{
	power_on();
	for (uint32_t i = 0; i < 300; i++) {
		uint32_t done = rand_below(1u << BENCH_ENGINES), ack = rand_below(16);
		bool host = rand32() & 1;
		uint32_t irq = (done ? SL200_SYS_IRQ_ENGINE : 0) | (host ? SL200_SYS_IRQ_HOST : 0);

		in.engine_done = done;
		if (host)
			reg_write(SL200_ADMIN_CTRL, rand32());
		expect(bus_read(SL200_SYS_IRQ) == irq, "IRQ is not %x", irq);
		expect(out.irq_external == !!irq && !out.irq_timer, "irq_external_o");
		expect(!bus_read(SL200_SYS_IRQ_ACK), "IRQ_ACK reads something");
		bus_write(SL200_SYS_IRQ_ACK, ack);
		irq &= ~(ack & SL200_SYS_IRQ_HOST);
		expect(bus_read(SL200_SYS_IRQ) == irq, "IRQ is not %x after an ACK of %x", irq,
		       ack);
		bus_write(SL200_SYS_IRQ_ACK, SL200_SYS_IRQ_HOST);
	}
	in.engine_done = 0;
	report("interrupts of engines and host");
}

static void test_timer(void)
{
	power_on();
	time_step = 0;
	in.now = ~0ull;
	step(10);
	expect(!out.timer_armed && !out.irq_timer, "a timer that nobody armed");
	for (uint32_t i = 0; i < 500; i++) {
		uint64_t cmp = rand64() >> rand_below(63);

		cmp += !cmp;
		in.now = cmp - 1;
		bus_write(SL200_SYS_TIMER_CMP_LO, ~(uint32_t)cmp);
		bus_write(SL200_SYS_TIMER_CMP_LO, (uint32_t)cmp);
		step(1);
		expect(!out.timer_armed, "armed by LO");
		bus_write(SL200_SYS_TIMER_CMP_HI, (uint32_t)(cmp >> 32));
		step(1 + rand_below(20));
		expect(out.timer_armed && !out.irq_timer, "too early");
		expect(out.timer_cmp == cmp, "timer_cmp_o");
		expect(bus_read(SL200_SYS_TIMER_CMP_LO) == (uint32_t)cmp &&
			       bus_read(SL200_SYS_TIMER_CMP_HI) == (uint32_t)(cmp >> 32),
		       "TIMER_CMP");
		in.now = rand32() & 1 ? cmp : cmp + (~cmp ? rand64() % ~cmp : 0);
		step(3);
		expect(!out.timer_armed && out.irq_timer && out.irq_external, "no interrupt");
		expect(bus_read(SL200_SYS_IRQ) == SL200_SYS_IRQ_TIMER, "IRQ");
		bus_write(SL200_SYS_IRQ_ACK, SL200_SYS_IRQ_TIMER);
		step(5);
		expect(!out.irq_timer && !out.irq_external, "it fires twice");
	}
	report("the timer fires once, at its time");

	/* In the past, and armed again before it was acknowledged. */
	in.now = 1ull << 40;
	bus_write(SL200_SYS_TIMER_CMP_LO, 5);
	bus_write(SL200_SYS_TIMER_CMP_HI, 0);
	step(3);
	expect(out.irq_timer, "a time in the past");
	bus_write(SL200_SYS_TIMER_CMP_HI, 1u << 20);
	bus_write(SL200_SYS_IRQ_ACK, SL200_SYS_IRQ_TIMER);
	step(3);
	expect(out.timer_armed && !out.irq_timer, "an ACK disarms");
	reg_write(SL200_TOP_RESET, SL200_TOP_RESET_MCU);
	in.now = ~0ull;
	step(5);
	expect(!out.timer_armed && !out.irq_timer, "a timer that outlives a reset");
	report("the timer in the past, with ACK, in a reset");
	in.now = 0;
	time_step = 3;
}

static void test_idle(void)
{
	power_on();
	in.sleeping = in.in_rom = true;
	step(3);
	expect(out.idle, "not idle in reset");
	boot();
	step(3);
	expect(out.idle, "not idle");
	in.engine_done = 1;
	step(3);
	expect(!out.idle, "idle with an interrupt");
	in.sleeping = false;
	step(3);
	expect(out.idle, "not idle with a core that is awake");
	in.sleeping = true;
	bus_write(SL200_SYS_PANIC, SL200_PANIC_TRAP);
	step(3);
	expect(out.idle, "not idle with a core that is halted");
	in.engine_done = 0;
	for (uint32_t i = 0; i < 200; i++) {
		host_begin(rand32() & 1, 4, 64 * i, 8, 0);
		step(2);
		while (host_under_way()) {
			expect(!out.idle || out.ready, "idle in an access");
			step(1);
		}
	}
	in.sleeping = false;
	report("idle");
}

/* ----------------------------------------------------------------------------------- MSI-X */

static struct {
	uint64_t mask, pending;
	uint32_t expected[BENCH_VECTORS];
	uint32_t drop, sent;
} msix;

static bool may_send(uint32_t vector)
{
	return in.enable && !in.mask && in.bus_master &&
	       (in.emulated || !(msix.mask >> vector & 1));
}

/* What the state lets go. */
static void settle(void)
{
	if (!in.enable)
		msix.pending = 0;
	for (uint32_t i = 0; i < BENCH_VECTORS; i++) {
		if (!(msix.pending >> i & 1) || !may_send(i))
			continue;
		msix.pending &= ~(1ull << i);
		if (msix.drop) {
			msix.drop--;
		} else {
			msix.expected[i]++;
			msix.sent++;
		}
	}
}

static void send(uint32_t vector)
{
	bus_write(SL200_SYS_MSIX_SEND, vector);
	if (vector < BENCH_VECTORS && in.enable)
		msix.pending |= 1ull << vector;
	settle();
}

static void set_mask(uint32_t vector, bool masked)
{
	reg_write(SL200_MSIX_TABLE_CTRL(vector), masked | (rand32() & ~1u));
	msix.mask = (msix.mask & ~(1ull << vector)) | (uint64_t)masked << vector;
}

static void check_msix(void)
{
	uint64_t pending;

	settle();
	step(MSIX_SETTLE);
	pending = reg_read(SL200_MSIX_PBA_PENDING(0));
	pending |= (uint64_t)reg_read(SL200_MSIX_PBA_PENDING(1)) << 32;
	expect(pending == msix.pending, "PBA %jx instead of %jx", (uintmax_t)pending,
	       (uintmax_t)msix.pending);
	for (uint32_t i = 0; i < BENCH_VECTORS; i++)
		expect(seen.sent[i] == msix.expected[i], "vector %u: %u messages sent, not %u", i,
		       seen.sent[i], msix.expected[i]);
	expect(reg_read(SL200_INJECT_DROP_IRQ) == msix.drop, "DROP_IRQ");
	expect(reg_read(SL200_TELEM_IRQS_LO) == msix.sent, "IRQS");
	memset(seen.sent, 0, sizeof(seen.sent));
	memset(msix.expected, 0, sizeof(msix.expected));
}

/* One change: with several, what goes would depend on when. */
static void change_msix(void)
{
	switch (rand_below(10)) {
	case 0:
		in.enable = rand_below(4);
		break;
	case 1:
		in.mask = rand32() & 1;
		break;
	case 2:
		in.bus_master = rand_below(4);
		break;
	case 3:
		in.emulated = rand_below(4) == 0;
		break;
	case 4:
		msix.drop = rand_below(6);
		reg_write(SL200_INJECT_DROP_IRQ, msix.drop);
		break;
	case 5:
	case 6:
	case 7:
		set_mask(rand_below(BENCH_VECTORS), rand32() & 1);
		break;
	default:
		for (uint32_t i = rand_below(8) + 1; i; i--)
			send(rand_below(BENCH_VECTORS + 4) +
			     (rand_below(50) ? 0 : 1u << rand_below(32)));
		break;
	}
}

static void test_msix(void)
{
	power_on();
	memset(&seen, 0, sizeof(seen));
	memset(&msix, 0, sizeof(msix));
	msix.mask = ~0ull;
	in.enable = in.bus_master = true;
	for (uint32_t i = 0; i < BENCH_VECTORS; i++)
		send(i);
	check_msix();
	report("vectors come out of reset masked, and messages stay pending");
	for (uint32_t i = 0; i < 4000; i++) {
		change_msix();
		check_msix();
	}
	report("MSI-X messages, masks and pending bits");

	in.enable = in.bus_master = true;
	in.mask = in.emulated = false;
	check_msix();
	set_mask(9, true);
	set_mask(10, false);
	for (uint32_t i = 0; i < 30; i++) {
		send(9);
		send(10);
	}
	check_msix();
	expect(msix.pending >> 9 & 1, "vector 9 is not pending");
	reg_write(SL200_TOP_RESET, SL200_TOP_RESET_CHIP);
	msix.sent = msix.drop = 0;
	set_mask(9, false);
	check_msix();
	report("several messages are one when masked; a chip reset keeps them");
	set_mask(9, true);
	send(9);
	function_level_reset();
	msix.pending = 0;
	msix.sent = 0;
	set_mask(9, false);
	check_msix();
	report("an FLR forgets pending messages");
	in.enable = in.bus_master = false;
}

/* Every vector at once, then one message each: one a clock. */
static void test_msix_burst(void)
{
	uint32_t clocks = 0, total = 0;

	power_on();
	memset(&seen, 0, sizeof(seen));
	in.enable = in.bus_master = in.emulated = in.mask = true;
	for (uint32_t i = 0; i < BENCH_VECTORS; i++)
		bus_write(SL200_SYS_MSIX_SEND, BENCH_VECTORS - 1 - i);
	in.mask = false;
	step(1);
	while (!out.msix_valid)
		step(1);
	for (uint32_t vector = 0; out.msix_valid; vector++, clocks++) {
		expect(out.msix_vector == vector, "vector %u", out.msix_vector);
		expect(!out.idle, "idle with messages to send");
		step(1);
	}
	for (uint32_t i = 0; i < BENCH_VECTORS; i++)
		total += seen.sent[i] == 1;
	expect(clocks == BENCH_VECTORS && total == BENCH_VECTORS, "%u in %u clocks", total, clocks);
	in.enable = in.bus_master = in.emulated = false;
	report("pending messages go one a clock");
}

/* -------------------------------------------------------------------------------- counters */

static void read_pair(uint32_t lo, uint64_t *value)
{
	*value = reg_read(lo);
	*value |= (uint64_t)reg_read(lo + 4) << 32;
}

static void move_bytes(uint32_t clocks, const uint32_t *rates)
{
	in.link_read = rates[0];
	in.link_write = rates[1];
	in.dram_read = rates[2];
	in.dram_write = rates[3];
	step(clocks);
	in.link_read = in.link_write = in.dram_read = in.dram_write = 0;
	step(1);
}

static void test_byte_counters(void)
{
	static const uint32_t rates[] = {65535, 40000, 32, 50000}, none[] = {0, 0, 0, 0};
	const uint32_t clocks = 200000;
	uint64_t want[4], lo[4], got;

	power_on();
	for (uint32_t i = 0; i < 4; i++) {
		expect(!reg_read(SL200_TELEM_LINK_READ_HI + 8 * i), "a latch after power-on");
		want[i] = (uint64_t)rates[i] * clocks;
	}
	move_bytes(clocks, rates);
	for (uint32_t i = 0; i < 4; i++)
		expect(!reg_read(SL200_TELEM_LINK_READ_HI + 8 * i), "HI without LO");
	for (uint32_t i = 0; i < 4; i++)
		lo[i] = reg_read(SL200_TELEM_LINK_READ_LO + 8 * i);
	/* The high halves are those of the low ones read, in whatever order. */
	move_bytes(clocks, rates);
	for (uint32_t i = 4; i--;) {
		got = lo[i] | (uint64_t)reg_read(SL200_TELEM_LINK_READ_HI + 8 * i) << 32;
		expect(got == want[i], "counter %u latched %jx instead of %jx", i, (uintmax_t)got,
		       (uintmax_t)want[i]);
	}
	for (uint32_t i = 0; i < 4; i++) {
		read_pair(SL200_TELEM_LINK_READ_LO + 8 * i, &got);
		expect(got == 2 * want[i], "counter %u is %jx", i, (uintmax_t)got);
	}
	reg_write(SL200_TOP_RESET, SL200_TOP_RESET_MCU);
	read_pair(SL200_TELEM_DRAM_WRITE_LO, &got);
	expect(got == 2 * want[3], "an MCU restart clears a counter");
	reg_write(SL200_TOP_RESET, SL200_TOP_RESET_CHIP);
	move_bytes(1, none);
	for (uint32_t i = 0; i < 4; i++) {
		read_pair(SL200_TELEM_LINK_READ_LO + 8 * i, &got);
		expect(!got, "counter %u after a chip reset", i);
	}
	report("counters of bytes, and a latch a pair");
}

static void test_event_counters(void)
{
	static const uint32_t addr[] = {SL200_TELEM_MMU_FAULTS_LO, SL200_TELEM_TLB_LOOKUPS_LO,
					SL200_TELEM_TLB_WALKS_LO, SL200_TELEM_TLB_WALK_CYCLES_LO};
	uint32_t count[6] = {0}, ecc, first, waited = 0;

	power_on();
	first = reg_read(SL200_TELEM_CLOCK_LO);
	for (uint32_t i = 0; i < 3000; i++, waited++) {
		in.pulses = rand_below(64);
		for (uint32_t k = 0; k < 6; k++)
			count[k] += in.pulses >> k & 1;
		step(1);
	}
	in.pulses = 0;
	for (uint32_t k = 0; k < 4; k++)
		expect(reg_read(addr[k]) == count[k], "counter %x", addr[k]);
	ecc = reg_read(SL200_TELEM_ECC);
	expect(ecc == (count[4] | count[5] << 16), "ECC %x", ecc);
	waited = reg_read(SL200_TELEM_CLOCK_LO) - first - waited;
	expect(waited < 100, "CLOCK is %u off", waited);
	report("counters of events and clocks");
}

/* ------------------------------------------------------------------------------- injection */

static void test_inject(void)
{
	uint32_t hang, error, corrupt, ecc;

	power_on();
	for (uint32_t i = 0; i < 200; i++) {
		hang = rand_below(1u << BENCH_ENGINES);
		error = rand_below(1u << BENCH_ENGINES);
		corrupt = rand_below(4);
		ecc = rand_below(3) | rand_below(3) << 16;
		reg_write(SL200_INJECT_ENGINE_HANG, hang | 0xf0);
		reg_write(SL200_INJECT_ENGINE_ERROR, error | 0xf0);
		reg_write(SL200_INJECT_CORRUPT_CQE, corrupt);
		reg_write(SL200_INJECT_ECC, ecc);
		expect(out.hang == hang && out.inject_error == error, "levels for the engines");
		in.hang_taken = hang & rand32();
		in.error_taken = error & rand32();
		hang &= ~in.hang_taken;
		error &= ~in.error_taken;
		step(1);
		in.hang_taken = in.error_taken = 0;
		while (corrupt || ecc) {
			expect(out.corrupt == !!corrupt, "CORRUPT_CQE, %u left", corrupt);
			expect(out.corrected == !!(ecc & 0xffff), "ECC, %x left", ecc);
			expect(out.uncorrected == (ecc >= 0x10000 && !(ecc & 0xffff)),
			       "ECC, %x left: uncorrected", ecc);
			in.corrupt_taken = corrupt;
			in.ecc_taken = ecc;
			corrupt -= in.corrupt_taken;
			ecc -= ecc & 0xffff ? 1 : ecc ? 0x10000 : 0;
			step(1);
			in.corrupt_taken = in.ecc_taken = false;
			step(2);
			expect(reg_read(SL200_INJECT_ECC) == ecc, "ECC is not %x", ecc);
		}
		expect(!out.corrupt && !out.corrected && !out.uncorrected, "levels at the end");
		expect(reg_read(SL200_INJECT_ENGINE_HANG) == hang, "ENGINE_HANG");
		expect(reg_read(SL200_INJECT_ENGINE_ERROR) == error, "ENGINE_ERROR");
		expect(!reg_read(SL200_INJECT_CORRUPT_CQE), "CORRUPT_CQE");
	}
	report("injected faults count down");
}

void host_test_signals(void)
{
	test_doorbells();
	test_doorbell_race();
	test_irqs();
	test_timer();
	test_idle();
	test_msix();
	test_msix_burst();
	test_byte_counters();
	test_event_counters();
	test_inject();
}
