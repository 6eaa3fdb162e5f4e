// SPDX-License-Identifier: MIT
#include "firmware/fw/log.h"
#include "firmware/fw/irq.h"

/* The entry leaves in one transfer of 32 bytes, which arrives as one. */
static int write_entry(struct fw *fw, struct sl200_log_entry *entry)
{
	uint64_t addr =
		fw->log.addr + (uint64_t)((entry->seq - 1) & (fw->log.depth - 1)) * sizeof(*entry);

	return fw_mdma_write(fw, MDMA_BUS, addr, entry, sizeof(*entry));
}

void log_event(struct fw *fw, uint32_t event, uint32_t qid, uint32_t arg0, uint64_t arg1)
{
	struct fw_log *log = &fw->log;
	struct sl200_log_entry *entry = &log->history[log->seq % FW_LOG_HISTORY];

	memset(entry, 0, sizeof(*entry));
	entry->time_ns = fw_time(fw);
	entry->event = (uint16_t)event;
	entry->qid = (uint16_t)qid;
	entry->arg0 = arg0;
	entry->arg1 = arg1;
	entry->seq = ++log->seq;
	if (log->depth && write_entry(fw, entry))
		log->depth = 0;
	fw_write(fw, SL200_SYS_EVENT_SEQ, log->seq);
	irq_event(fw);
}

int log_attach(struct fw *fw, uint64_t addr, uint32_t depth)
{
	struct fw_log *log = &fw->log;
	uint32_t known = log->seq < FW_LOG_HISTORY ? log->seq : FW_LOG_HISTORY;

	log->addr = addr;
	log->depth = depth;
	if (!depth)
		return 0;
	for (uint32_t seq = log->seq - known; seq != log->seq; seq++) {
		if (write_entry(fw, &log->history[seq % FW_LOG_HISTORY])) {
			log->depth = 0;
			return -1;
		}
	}
	return 0;
}
