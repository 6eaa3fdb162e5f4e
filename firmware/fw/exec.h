/* SPDX-License-Identifier: MIT */
/* The entries that the MCU executes itself: NOP, TIMESTAMP, SIGNAL, WAIT, and refusals. */
#ifndef FW_EXEC_H
#define FW_EXEC_H

#include "firmware/fw/fw.h"

/* Whether an entry starts only after every earlier one of its queue has completed. */
static inline bool exec_after_earlier(const struct sl200_sqe *sqe)
{
	return sqe->flags & SL200_SQE_F_BARRIER || sqe->opcode == SL200_OP_SIGNAL;
}

/* Execute the head of q, or start its WAIT. */
void exec_head(struct fw *fw, struct fw_queue *q);

/* Look at the word that the WAIT at the head of q waits for. */
void exec_poll_wait(struct fw *fw, struct fw_queue *q);

#endif
