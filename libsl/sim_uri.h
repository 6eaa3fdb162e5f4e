/* SPDX-License-Identifier: MIT */
/* What follows "sim:" in the name of a device. */
#ifndef SL_SIM_URI_H
#define SL_SIM_URI_H

#include <sys/un.h>

#include "sim/card/card.h"

/* With its NUL, as much as an address has room for. */
#define SIM_SOCKET_PATH_SIZE sizeof(((struct sockaddr_un *)0)->sun_path)

/* What a card is made of. */
enum sim_engine {
	SIM_MODEL, /* the functional model */
	SIM_RTL,   /* the chip in RTL */
};

/* The shared object with such a card, sim/card/card.h, which lies in sl200/ beside libsl. */
const char *sim_engine_library(enum sim_engine engine);

/* Take "rtl" off the front of text, if it is there. Returns the rest. */
const char *sim_uri_engine(const char *text, enum sim_engine *engine);

/*
 * Parse the options of a card in this process, "" or "?name=value&...": dram (bytes), threads,
 * venc, bandwidth (bytes a second), latency (ns). Numbers may have an exponent (8e9) or a binary
 * suffix K, M, G. SL_ERR_NO_DEVICE names what makes no sense.
 */
int sim_uri_parse(const char *text, struct card_config *config);

/*
 * Take over the path of the socket of a card in another process, "/path". SL_ERR_NO_DEVICE: it is
 * too long, or has options, which are not this process's to give.
 */
int sim_uri_socket(const char *text, char socket[SIM_SOCKET_PATH_SIZE]);

#endif
