/* SPDX-License-Identifier: MIT */
/* The admin queue: rings at bus addresses, entries of the kernel. */
#ifndef FW_ADMIN_H
#define FW_ADMIN_H

#include "firmware/fw/fw.h"

/* The host wrote ADMIN.CTRL. */
void admin_control(struct fw *fw);

/* Doorbell page 0 was written. */
void admin_doorbell(struct fw *fw);

/* Execute commands, a bounded number. Returns whether there may be more. */
bool admin_run(struct fw *fw);

/* A destroyed queue is gone: complete its command. */
void admin_complete_destroy(struct fw *fw, const struct fw_queue *q);

#endif
