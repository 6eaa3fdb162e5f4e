// SPDX-License-Identifier: MIT
#include "abi/sl200_mmu.h"
#include "abi/sl200_regs.h"
#include "driver/core/card.h"
#include "driver/core/patience.h"
#include "driver/core/ring.h"
#include "driver/core/telemetry.h"

static int card_identify(struct core_port *port)
{
	uint32_t abi;

	if (core_read32(port, SL200_TOP_ID) != SL200_TOP_ID_RESET_VALUE)
		return -ENODEV;
	abi = core_read32(port, SL200_TOP_ABI);
	if ((abi & SL200_TOP_ABI_MIN) > SL200_FW_ABI ||
	    (abi & SL200_TOP_ABI_MAX) >> SL200_TOP_ABI_MAX_SHIFT < SL200_FW_ABI)
		return -EOPNOTSUPP;
	return 0;
}

int core_card_start(struct core_card *card, struct core_port *port, const void *image, size_t size,
		    unsigned int timeout_ms, struct core_start_result *result)
{
	int ret;

	memset(card, 0, sizeof(*card));
	memset(result, 0, sizeof(*result));
	card->port = port;
	result->step = CORE_START_IDENTIFY;
	ret = card_identify(port);
	if (ret)
		return ret;

	result->step = CORE_START_BOOT;
	ret = core_boot(port, image, size, timeout_ms, &result->boot);
	if (ret)
		return ret;
	card->fw_version = core_read32(port, SL200_MCU_FW_VERSION);

	result->step = CORE_START_ADMIN;
	ret = core_admin_start(&card->admin, port, timeout_ms);
	if (ret)
		return ret;

	result->step = CORE_START_CAPS;
	ret = core_admin_get_caps(&card->admin, &card->caps);
	if (ret)
		goto stop_admin;
	ret = port->ops->dma_alloc(
		port, core_ring_bytes(CORE_LOG_DEPTH, sizeof(struct sl200_log_entry)), &card->log);
	if (ret)
		goto stop_admin;
	ret = core_admin_log_attach(&card->admin, card->log.bus, CORE_LOG_DEPTH);
	if (ret)
		goto free_log;
	card->running = true;
	return 0;

free_log:
	/* Without a clear answer it may be attached: the card is unusable until reset. */
	if (ret != -ETIMEDOUT && ret != -EIO)
		port->ops->dma_free(port, &card->log);
stop_admin:
	core_admin_stop(&card->admin);
	return ret;
}

void core_card_stop(struct core_card *card)
{
	if (!card->running)
		return;
	card->running = false;
	/* Fails on a card that is lost: then a reset has ended its writes. */
	(void)core_admin_log_attach(&card->admin, 0, 0);
	core_admin_stop(&card->admin);
	card->port->ops->dma_free(card->port, &card->log);
}

enum core_health core_card_health(struct core_card *card, struct core_heartbeat *heartbeat,
				  unsigned int stall_ms)
{
	struct core_port *port = card->port;
	uint32_t id = core_read32(port, SL200_TOP_ID);
	uint32_t state = core_read32(port, SL200_MCU_STATE);
	uint32_t beat = core_read32(port, SL200_MCU_HEARTBEAT);
	uint64_t now = port->ops->now_ns(port);

	if (id != SL200_TOP_ID_RESET_VALUE)
		return CORE_HEALTH_GONE;
	if (state != SL200_MCU_STATE_RUN)
		return CORE_HEALTH_HALTED;
	if (!heartbeat->since_ns || beat != heartbeat->last) {
		heartbeat->last = beat;
		heartbeat->since_ns = now;
	}
	/* How patient to be is asked only when it matters. */
	if (now - heartbeat->since_ns > stall_ms * 1000000ull &&
	    now - heartbeat->since_ns > core_patience_ms(port, stall_ms) * 1000000ull)
		return CORE_HEALTH_STALLED;
	return CORE_HEALTH_OK;
}

const char *core_panic_text(uint32_t panic)
{
	switch ((enum sl200_panic)panic) {
	case SL200_PANIC_NONE:
		return "no reason given";
	case SL200_PANIC_INJECTED:
		return "an injected crash";
	case SL200_PANIC_TRAP:
		return "an exception in the firmware";
	case SL200_PANIC_ASSERT:
		return "an internal consistency check of the firmware";
	}
	return "an unknown reason";
}

int core_card_log(struct core_card *card, uint32_t after, struct sl200_log_entry *entries, int max)
{
	const struct sl200_log_entry *ring = card->log.cpu;
	uint32_t newest = core_read32(card->port, SL200_MCU_EVENT_SEQ);
	uint32_t first, seq;
	int n = 0;

	if (max <= 0 || newest == CORE_ALL_ONES || (int32_t)(newest - after) <= 0)
		return 0;
	first = after + 1;
	if (newest - first >= CORE_LOG_DEPTH)
		first = newest - CORE_LOG_DEPTH + 1;
	if (newest - first >= (uint32_t)max)
		first = newest - (uint32_t)max + 1;
	for (seq = first; seq != newest + 1; seq++) {
		/* Sequence numbers count from 1: entry seq is in slot seq - 1. */
		const struct sl200_log_entry *entry = &ring[(seq - 1) & (CORE_LOG_DEPTH - 1)];

		if (core_load_acquire32(&entry->seq) != seq)
			continue;
		entries[n] = *entry;
		if (core_load_acquire32(&entry->seq) == seq && entries[n].seq == seq)
			n++;
	}
	return n;
}
