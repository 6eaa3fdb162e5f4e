/* SPDX-License-Identifier: MIT */
/* Options of the in-process card, as they follow "sim:". */
#ifndef SL_SIM_URI_H
#define SL_SIM_URI_H

#include "sim/card/card.h"

/*
 * Parse "" or "?name=value&...": dram (bytes), threads, venc, bandwidth (bytes a second), latency
 * (ns). Numbers may have an exponent (8e9) or a binary suffix K, M, G. SL_ERR_NO_DEVICE names what
 * makes no sense.
 */
int sim_uri_parse(const char *text, struct card_config *config);

#endif
