/* SPDX-License-Identifier: MIT */
/*
 * Link model: when a transfer over the PCIe link would be done. Each direction is a server of
 * fixed bandwidth that takes transfers in the order they are asked for; latency is added by those
 * for whom it cannot be hidden (link_latency()).
 */
#ifndef MODEL_LINK_H
#define MODEL_LINK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/card/card.h"

enum link_dir {
	LINK_READ, /* host memory to card */
	LINK_WRITE,
	LINK_DIRS,
};

struct link {
	uint64_t bandwidth; /* bytes a second; 0: unlimited */
	uint32_t latency_ns;
	atomic_uint_fast64_t free_at[LINK_DIRS]; /* card time */
};

void link_init(struct link *link, const struct card_link *config);

static inline bool link_modelled(const struct link *link)
{
	return link->bandwidth || link->latency_ns;
}

/* Card time at which bytes, asked for at card time now, have crossed the link. Thread-safe. */
uint64_t link_transfer(struct link *link, enum link_dir dir, size_t bytes, uint64_t now);

#endif
