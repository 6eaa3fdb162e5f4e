/* SPDX-License-Identifier: MIT */
/* The event log: a ring in host memory, and the last events kept for a host that attaches late. */
#ifndef FW_LOG_H
#define FW_LOG_H

#include "firmware/fw/fw.h"

/* Record an event (enum sl200_event) and interrupt vector 0. qid 0: none. */
void log_event(struct fw *fw, uint32_t event, uint32_t qid, uint32_t arg0, uint64_t arg1);

/*
 * Use the ring of depth entries at bus address addr and write the remembered events to it; depth
 * 0 detaches. Returns 0, or -1 when the ring could not be written (it is then not attached).
 */
int log_attach(struct fw *fw, uint64_t addr, uint32_t depth);

#endif
