// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "abi/sl200_regs.h"
#include "libsl/error.h"
#include "libsl/sim.h"

#define POLL_NS 100000000ll	   /* how soon a silent death of the card is noticed */
#define STOPPING_POLL_NS 2000000ll /* while a stopped queue's last jobs run */
#define STALL_MS 5000
#define EVENTS_MAX 64

void sim_declare_lost(struct sim_card *card, const char *fmt, ...)
{
	const char *gone;
	unsigned int i;
	va_list args;

	pthread_mutex_lock(&card->lock);
	if (!atomic_load(&card->lost)) {
		va_start(args, fmt);
		vsnprintf(card->lost_reason, sizeof(card->lost_reason), fmt, args);
		va_end(args);
		/* What a card out of reach seems to do is not the reason. */
		gone = card->api->gone(card->card);
		if (gone)
			snprintf(card->lost_reason, sizeof(card->lost_reason), "%s", gone);
		/* From here on, no memory of a client is touched: it may be freed at once. */
		card->api->stop(card->card);
		atomic_store(&card->lost, true);
		for (i = 0; i < SL200_MAX_QUEUES; i++) {
			if (card->queue[i])
				atomic_store(&card->queue[i]->base.state, SL_ERR_LOST);
		}
	}
	pthread_mutex_unlock(&card->lock);
	for (i = 0; i < CARD_NUM_VECTORS; i++)
		event_signal(&card->vector[i]);
}

static bool check_health(struct sim_card *card, struct core_heartbeat *heartbeat)
{
	switch (core_card_health(&card->core, heartbeat, STALL_MS)) {
	case CORE_HEALTH_OK:
		return true;
	case CORE_HEALTH_GONE:
		sim_declare_lost(card, "its registers do not answer");
		break;
	case CORE_HEALTH_HALTED:
		sim_declare_lost(card, "the firmware stopped: %s",
				 core_panic_text(core_read32(&card->port, SL200_MCU_PANIC)));
		break;
	case CORE_HEALTH_STALLED:
		sim_declare_lost(card, "the firmware's heartbeat stands still");
		break;
	}
	return false;
}

/* Note the queues that new events name; after a gap in the log, suspect all. */
static void read_events(struct sim_card *card, uint32_t *seen)
{
	struct sl200_log_entry entries[EVENTS_MAX];
	uint32_t seq = core_read32(&card->port, SL200_MCU_EVENT_SEQ), missed;
	int i, n;

	if (seq == *seen)
		return;
	n = core_card_log(&card->core, *seen, entries, EVENTS_MAX);
	missed = seq - *seen - (uint32_t)n;
	*seen = seq;
	pthread_mutex_lock(&card->lock);
	for (i = 0; i < n; i++) {
		if ((entries[i].event == SL200_EVENT_QUEUE_STOPPED ||
		     entries[i].event == SL200_EVENT_BAD_DOORBELL) &&
		    entries[i].qid < SL200_MAX_QUEUES && card->queue[entries[i].qid])
			card->queue[entries[i].qid]->stopping = true;
	}
	for (i = 0; missed && i < (int)SL200_MAX_QUEUES; i++) {
		if (card->queue[i])
			card->queue[i]->stopping = true;
	}
	pthread_mutex_unlock(&card->lock);
}

/* Ask about one queue noted. Returns whether it still has jobs running. */
static bool check_queue(struct sim_card *card, unsigned int qid, uint64_t id)
{
	struct sl200_queue_info info;
	bool pending = false, stopped;
	unsigned int vector = 0;
	struct sim_queue *queue;

	if (core_admin_queue_query(&card->core.admin, qid, &info))
		return false;
	stopped = info.state == SL200_QUEUE_STOPPED;
	pthread_mutex_lock(&card->lock);
	queue = card->queue[qid];
	/* Not if the number has gone to another queue meanwhile. */
	if (queue && queue->id == id) {
		pending = stopped && info.in_flight;
		queue->stopping = pending;
		if (stopped && !pending) {
			atomic_store(&queue->base.state, SL_ERR_FAULT);
			vector = queue->vector;
		}
	}
	pthread_mutex_unlock(&card->lock);
	if (vector)
		event_signal(&card->vector[vector]);
	return pending;
}

/* Ask about all queues noted. */
static bool check_stopping(struct sim_card *card)
{
	uint64_t id[SL200_MAX_QUEUES] = {0};
	bool pending = false;
	unsigned int qid;

	pthread_mutex_lock(&card->lock);
	for (qid = 1; qid < SL200_MAX_QUEUES; qid++) {
		if (card->queue[qid] && card->queue[qid]->stopping)
			id[qid] = card->queue[qid]->id;
	}
	pthread_mutex_unlock(&card->lock);
	for (qid = 1; qid < SL200_MAX_QUEUES; qid++) {
		if (id[qid])
			pending |= check_queue(card, qid, id[qid]);
	}
	return pending;
}

static void *monitor(void *arg)
{
	struct sim_card *card = arg;
	struct core_heartbeat heartbeat = {0};
	bool pending = false;
	uint32_t seen = 0;

	while (!atomic_load(&card->monitor_stop)) {
		uint32_t irqs = event_count(&card->vector[0]);

		if (!check_health(card, &heartbeat))
			break;
		read_events(card, &seen);
		pending = check_stopping(card);
		/* Its own commands raise vector 0 too: look again only for what came after. */
		if (!atomic_load(&card->monitor_stop))
			event_sleep(&card->vector[0],
				    pending ? event_count(&card->vector[0]) : irqs,
				    pending ? STOPPING_POLL_NS : POLL_NS);
	}
	return NULL;
}

int sim_monitor_start(struct sim_card *card)
{
	if (pthread_create(&card->monitor, NULL, monitor, card))
		return sl_fail(SL_ERR_SYSTEM, "no thread can be created");
	return 0;
}

void sim_monitor_stop(struct sim_card *card)
{
	atomic_store(&card->monitor_stop, true);
	event_signal(&card->vector[0]);
	if (!atomic_load(&card->forked))
		pthread_join(card->monitor, NULL);
}
