/* SPDX-License-Identifier: MIT */
/* What the admin commands do. */
#ifndef FW_ADMIN_CMD_H
#define FW_ADMIN_CMD_H

#include "firmware/fw/fw.h"

struct admin_result {
	uint16_t status; /* enum sl200_status */
	uint16_t detail;
	uint32_t bytes;
	bool deferred; /* completes later */
};

/* Validate and execute one command. */
struct admin_result admin_execute(struct fw *fw, const struct sl200_admin_sqe *cmd);

#endif
