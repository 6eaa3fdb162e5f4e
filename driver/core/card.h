/* SPDX-License-Identifier: MIT */
/* A whole card: bringing it up, its event log, and whether it is still well. */
#ifndef CORE_CARD_H
#define CORE_CARD_H

#include "driver/core/admin.h"
#include "driver/core/boot.h"
#include "driver/core/port.h"

#define CORE_LOG_DEPTH 256u

struct core_card {
	struct core_port *port;
	struct core_admin admin;
	struct sl200_caps caps;
	struct core_dma log;
	uint32_t fw_version; /* as MCU.FW_VERSION */
	bool running;
};

/* What became of a start, for a message. */
enum core_start_step {
	CORE_START_IDENTIFY, /* the device is not an SL200, or of an unknown host interface */
	CORE_START_BOOT,     /* see boot */
	CORE_START_ADMIN,    /* the admin queue */
	CORE_START_CAPS,     /* the capability page or the event log */
};

struct core_start_result {
	enum core_start_step step;
	struct core_boot_result boot;
};

/*
 * Identify the card, boot its firmware from an image, start the admin queue, read the
 * capabilities and attach the event log. timeout_ms bounds the boot and each admin command, on an
 * RTL simulation as driver/core/patience.h says.
 * Returns 0 or a negative errno value, with the failing step in result.
 */
int core_card_start(struct core_card *card, struct core_port *port, const void *image, size_t size,
		    unsigned int timeout_ms, struct core_start_result *result);

/*
 * Free what core_card_start() allocated. Every queue and address space is destroyed, or the card
 * is reset.
 */
void core_card_stop(struct core_card *card);

enum core_health {
	CORE_HEALTH_OK = 0,
	CORE_HEALTH_GONE,    /* registers read all-ones */
	CORE_HEALTH_HALTED,  /* the MCU has stopped; MCU.PANIC says why */
	CORE_HEALTH_STALLED, /* the heartbeat stands still */
};

struct core_heartbeat {
	uint32_t last;
	uint64_t since_ns; /* when it last changed; 0: never looked */
};

/*
 * Look once. The heartbeat counts as stalled after stall_ms without a change between looks, on an
 * RTL simulation as driver/core/patience.h says.
 * Only one thread uses a struct core_heartbeat, zeroed at first.
 */
enum core_health core_card_health(struct core_card *card, struct core_heartbeat *heartbeat,
				  unsigned int stall_ms);

/* A static text for enum sl200_panic. */
const char *core_panic_text(uint32_t panic);

/*
 * Copy event log entries with a sequence number above after, oldest first, at most max of the
 * newest. Returns their number. Entries being overwritten meanwhile are left out.
 */
int core_card_log(struct core_card *card, uint32_t after, struct sl200_log_entry *entries, int max);

#endif
