// SPDX-License-Identifier: MIT
/* Health, event log and telemetry over the fake port. */
#include <CUnit/Basic.h>

#include "abi/sl200_regs.h"
#include "driver/core/card.h"
#include "driver/core/patience.h"
#include "driver/core/ring.h"
#include "driver/core/telemetry.h"
#include "tests/unit/core_fake.h"
#include "tests/suite.h"

static struct fake_port fake;
static struct core_card card;

static void setup(void)
{
	fake_init(&fake);
	memset(&card, 0, sizeof(card));
	card.port = &fake.port;
	*fake_reg(&fake, SL200_TOP_ID) = SL200_TOP_ID_RESET_VALUE;
	*fake_reg(&fake, SL200_MCU_STATE) = SL200_MCU_STATE_RUN;
	fake.now_ns = 1;
}

static void test_health(void)
{
	struct core_heartbeat heartbeat = {0};
	int i;

	setup();
	for (i = 0; i < 50; i++) {
		*fake_reg(&fake, SL200_MCU_HEARTBEAT) += 1;
		CU_ASSERT_EQUAL(core_card_health(&card, &heartbeat, 500), CORE_HEALTH_OK);
		fake.now_ns += 400000000;
	}
	CU_ASSERT_EQUAL(core_card_health(&card, &heartbeat, 500), CORE_HEALTH_OK);
	fake.now_ns += 200000000;
	CU_ASSERT_EQUAL(core_card_health(&card, &heartbeat, 500), CORE_HEALTH_STALLED);
	*fake_reg(&fake, SL200_MCU_HEARTBEAT) += 1;
	CU_ASSERT_EQUAL(core_card_health(&card, &heartbeat, 500), CORE_HEALTH_OK);
	*fake_reg(&fake, SL200_MCU_STATE) = SL200_MCU_STATE_HALTED;
	CU_ASSERT_EQUAL(core_card_health(&card, &heartbeat, 500), CORE_HEALTH_HALTED);
	fake.gone = true;
	CU_ASSERT_EQUAL(core_card_health(&card, &heartbeat, 500), CORE_HEALTH_GONE);
	CU_ASSERT_STRING_NOT_EQUAL(core_panic_text(SL200_PANIC_TRAP),
				   core_panic_text(SL200_PANIC_ASSERT));
}

/* An RTL simulation's heart beats slowly. */
static void test_patience(void)
{
	struct core_heartbeat heartbeat = {0};

	setup();
	*fake_reg(&fake, SL200_TOP_IMPL) = CORE_IMPL_RTL;
	CU_ASSERT_EQUAL(core_card_health(&card, &heartbeat, 500), CORE_HEALTH_OK);
	fake.now_ns += CORE_PATIENCE_RTL * 500000000ull;
	CU_ASSERT_EQUAL(core_card_health(&card, &heartbeat, 500), CORE_HEALTH_OK);
	fake.now_ns += 1;
	CU_ASSERT_EQUAL(core_card_health(&card, &heartbeat, 500), CORE_HEALTH_STALLED);
	*fake_reg(&fake, SL200_TOP_IMPL) = 0;
	CU_ASSERT_EQUAL(core_patience_ms(&fake.port, 500), 500);
	/* A card that is gone is none. */
	fake.gone = true;
	CU_ASSERT_EQUAL(core_patience_ms(&fake.port, 500), 500);
}

static struct sl200_log_entry ring[CORE_LOG_DEPTH];

static void put_event(uint32_t seq)
{
	ring[(seq - 1) & (CORE_LOG_DEPTH - 1)] = (struct sl200_log_entry){
		.event = SL200_EVENT_BOOT,
		.arg0 = seq * 3,
		.seq = seq,
	};
	*fake_reg(&fake, SL200_MCU_EVENT_SEQ) = seq;
}

static void test_log(void)
{
	struct sl200_log_entry entries[CORE_LOG_DEPTH + 8];
	uint32_t seq;
	int i, n;

	setup();
	memset(ring, 0, sizeof(ring));
	card.log.cpu = ring;
	CU_ASSERT_EQUAL(core_card_log(&card, 0, entries, 8), 0);
	for (seq = 1; seq <= 5; seq++)
		put_event(seq);
	CU_ASSERT_EQUAL(core_card_log(&card, 0, entries, 8), 5);
	CU_ASSERT_EQUAL(entries[0].seq, 1);
	CU_ASSERT_EQUAL(entries[4].arg0, 15);
	CU_ASSERT_EQUAL(core_card_log(&card, 3, entries, 8), 2);
	CU_ASSERT_EQUAL(entries[0].seq, 4);
	CU_ASSERT_EQUAL(core_card_log(&card, 5, entries, 8), 0);
	CU_ASSERT_EQUAL(core_card_log(&card, 0, entries, 2), 2);
	CU_ASSERT_EQUAL(entries[1].seq, 5);
	CU_ASSERT_EQUAL(core_card_log(&card, 0, entries, 0), 0);
	for (; seq <= 3 * CORE_LOG_DEPTH + 7; seq++)
		put_event(seq);
	n = core_card_log(&card, 0, entries, CORE_LOG_DEPTH + 8);
	CU_ASSERT_EQUAL(n, CORE_LOG_DEPTH);
	for (i = 0; i < n; i++)
		CU_ASSERT_EQUAL(entries[i].seq, 2 * CORE_LOG_DEPTH + 8 + (uint32_t)i);
	/* The register is ahead of an entry that is still being written. */
	*fake_reg(&fake, SL200_MCU_EVENT_SEQ) = seq;
	CU_ASSERT_EQUAL(core_card_log(&card, seq - 3, entries, 8), 2);
	CU_ASSERT_EQUAL(entries[1].seq, seq - 1);
	/* A register that makes no sense reads as an empty log, and nothing is overrun. */
	*fake_reg(&fake, SL200_MCU_EVENT_SEQ) = 0x7fffffff;
	CU_ASSERT_EQUAL(core_card_log(&card, 0, entries, 8), 0);
	fake.gone = true;
	CU_ASSERT_EQUAL(core_card_log(&card, 0, entries, 8), 0);
}

static void test_telemetry(void)
{
	struct core_telemetry telemetry;

	setup();
	*fake_reg(&fake, SL200_TELEM_LINK_READ_LO) = 0xfffffff0;
	*fake_reg(&fake, SL200_TELEM_LINK_READ_HI) = 7;
	*fake_reg(&fake, SL200_TOP_NUM_ENGINES) = 1000;
	*fake_reg(&fake, SL200_TELEM_ENGINE_KIND(15)) = SL200_ENGINE_VENC;
	*fake_reg(&fake, SL200_TELEM_ENGINE_JOBS_HI(15)) = 1;
	CU_ASSERT_EQUAL(core_telemetry_read(&fake.port, &telemetry), 0);
	CU_ASSERT_EQUAL(telemetry.link_read, 0x7fffffff0);
	CU_ASSERT_EQUAL(telemetry.num_engines, SL200_MAX_ENGINES);
	CU_ASSERT_EQUAL(telemetry.engine[15].kind, SL200_ENGINE_VENC);
	CU_ASSERT_EQUAL(telemetry.engine[15].jobs, 1ull << 32);
	fake.gone = true;
	CU_ASSERT_EQUAL(core_telemetry_read(&fake.port, &telemetry), -ENODEV);
}

static void test_identify(void)
{
	struct core_start_result result;
	uint8_t image[16] = {0};

	setup();
	*fake_reg(&fake, SL200_TOP_ABI) =
		(SL200_FW_ABI + 1) << SL200_TOP_ABI_MAX_SHIFT | (SL200_FW_ABI + 1);
	CU_ASSERT_EQUAL(core_card_start(&card, &fake.port, image, sizeof(image), 10, &result),
			-EOPNOTSUPP);
	CU_ASSERT_EQUAL(result.step, CORE_START_IDENTIFY);
	*fake_reg(&fake, SL200_TOP_ABI) = SL200_FW_ABI << SL200_TOP_ABI_MAX_SHIFT | SL200_FW_ABI;
	CU_ASSERT_EQUAL(core_card_start(&card, &fake.port, image, sizeof(image), 10, &result),
			-EINVAL);
	CU_ASSERT_EQUAL(result.step, CORE_START_BOOT);
	CU_ASSERT_EQUAL(result.boot.status, SL200_BOOT_ERR_SIZE);
	fake.gone = true;
	CU_ASSERT_EQUAL(core_card_start(&card, &fake.port, image, sizeof(image), 10, &result),
			-ENODEV);
	CU_ASSERT_EQUAL(fake.dma_live, 0);
	core_card_stop(&card);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"health", test_health},
		{"patience", test_patience},
		{"event log", test_log},
		{"telemetry", test_telemetry},
		{"identification", test_identify},
		CU_TEST_INFO_NULL,
	};

	return suite_run("card", NULL, NULL, tests);
}
