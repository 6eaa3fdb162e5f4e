// SPDX-License-Identifier: MIT
/* The firmware's main loop: look at everything that may have happened, act, sleep. */
#include "firmware/fw/admin.h"
#include "firmware/fw/engine.h"
#include "firmware/fw/fw.h"
#include "firmware/fw/irq.h"
#include "firmware/fw/log.h"
#include "firmware/fw/queue.h"
#include "firmware/fw/sched.h"

#define FW_VERSION ((uint32_t)FW_VERSION_MAJOR << 24 | FW_VERSION_MINOR << 16 | FW_VERSION_PATCH)

static void init(struct fw *fw, struct hal *hal)
{
	memset(fw, 0, sizeof(*fw));
	fw->hal = hal;
	fw->watchdog_ms = FW_DEFAULT_WATCHDOG_MS;
	fw->coalesce_count = 1;
	for (uint32_t word = 0; word < FW_QUEUE_WORDS; word++)
		fw_write(fw, SL200_DB_ENABLE(word), 0);
	engine_init(fw);
	fw->now = fw_time(fw);
	fw->boot_ns = fw->now;
	fw_write(fw, SL200_SYS_FW_VERSION, FW_VERSION);
	fw_write(fw, SL200_SYS_FW_ABI, SL200_FW_ABI << SL200_TOP_ABI_MAX_SHIFT | SL200_FW_ABI);
	log_event(fw, SL200_EVENT_BOOT, 0, FW_VERSION, 0);
	fw_beat(fw);
	/* The host may have set the rings up before the boot. */
	admin_control(fw);
	fw_write(fw, SL200_SYS_BOOT_STATUS, SL200_BOOT_RUNNING);
}

static void poll_doorbells(struct fw *fw)
{
	uint32_t words = fw->doorbell_words;

	for (uint32_t word = 0; words; word++, words >>= 1) {
		uint32_t pending = words & 1 ? fw_read(fw, SL200_DB_PENDING(word)) : 0;

		/* Cleared before the values are read: a later write sets it again. */
		if (pending)
			fw_write(fw, SL200_DB_PENDING_CLEAR(word), pending);
		while (pending && !FW_STOPPING(fw)) {
			uint32_t qid = word * 32 + fw_lowest(pending);

			pending &= pending - 1;
			if (qid)
				queue_doorbell(fw, qid);
			else
				admin_doorbell(fw);
		}
	}
}

static void arm_timer(struct fw *fw, uint64_t when)
{
	fw_write(fw, SL200_SYS_TIMER_CMP_LO, (uint32_t)when);
	fw_write(fw, SL200_SYS_TIMER_CMP_HI, (uint32_t)(when >> 32));
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * One turn. Returns whether there may be more to do at once; if not, *when is the time of the next
 * turn that no interrupt announces.
 */
static bool turn(struct fw *fw, uint64_t *when)
{
	uint32_t irq = fw_read(fw, SL200_SYS_IRQ);
	uint64_t next;
	bool more;

	fw->now = fw_time(fw);
	if (irq & (SL200_SYS_IRQ_HOST | SL200_SYS_IRQ_TIMER)) {
		fw_write(fw, SL200_SYS_IRQ_ACK, irq & (SL200_SYS_IRQ_HOST | SL200_SYS_IRQ_TIMER));
		if (irq & SL200_SYS_IRQ_HOST)
			admin_control(fw);
	}
	if (irq & SL200_SYS_IRQ_DOORBELL)
		poll_doorbells(fw);
	if (fw->engines_busy)
		engine_poll(fw);
	if (fw->waiting.any)
		sched_poll_waits(fw);
	more = fw->admin.sq_head != fw->admin.sq_tail && admin_run(fw);
	more |= sched_run(fw);
	if (fw->heartbeat_due <= fw->now)
		fw_beat(fw);
	next = fw->heartbeat_due;
	if (fw->destroying.any)
		next = earlier(next, queue_poll(fw));
	if (fw->engines_busy)
		next = earlier(next, engine_next(fw));
	if (fw->waiting.any)
		next = earlier(next, sched_next_wait(fw));
	if (fw->vector_pending.any)
		next = earlier(next, irq_poll(fw));
	*when = next;
	return more;
}

void fw_main(struct hal *hal)
{
	struct fw *fw = (struct fw *)((uint8_t *)hal_tcm(hal) + SL200_MCU_CODE_SIZE);

	/* As in fw_queue_at(): a base in a register. */
	__asm__("" : "+r"(fw));
	init(fw, hal);
	while (!FW_STOPPING(fw)) {
		uint64_t next;

		if (turn(fw, &next)) {
			fw->stopping = fw->stopping || hal_stopping(hal);
			continue;
		}
		arm_timer(fw, next);
		if (!FW_STOPPING(fw) && hal_wait(hal))
			fw->stopping = true;
	}
}
