/* SPDX-License-Identifier: MIT */
#include "sim/model/gate.h"

#include <sched.h>

/* Threads take stripes in turn, for life: enter and exit of one access meet on the same stripe. */
static unsigned int stripe_index(void)
{
	static atomic_uint next;
	static _Thread_local unsigned int index = GATE_STRIPES;

	if (index == GATE_STRIPES)
		index = atomic_fetch_add_explicit(&next, 1, memory_order_relaxed) % GATE_STRIPES;
	return index;
}

void gate_init(struct gate *gate)
{
	for (unsigned int i = 0; i < GATE_STRIPES; i++)
		atomic_init(&gate->stripe[i].inside, 0);
	atomic_init(&gate->closed, false);
	pthread_mutex_init(&gate->closer, NULL);
	pthread_mutex_init(&gate->lock, NULL);
	pthread_cond_init(&gate->opened, NULL);
}

void gate_destroy(struct gate *gate)
{
	pthread_cond_destroy(&gate->opened);
	pthread_mutex_destroy(&gate->lock);
	pthread_mutex_destroy(&gate->closer);
}

void gate_enter(struct gate *gate)
{
	struct gate_stripe *stripe = &gate->stripe[stripe_index()];

	for (;;) {
		/* Both sides write their own flag, then read the other's: one of them must see it.
		 */
		atomic_fetch_add(&stripe->inside, 1);
		if (!atomic_load(&gate->closed))
			return;
		atomic_fetch_sub(&stripe->inside, 1);
		pthread_mutex_lock(&gate->lock);
		while (atomic_load(&gate->closed))
			pthread_cond_wait(&gate->opened, &gate->lock);
		pthread_mutex_unlock(&gate->lock);
	}
}

void gate_exit(struct gate *gate)
{
	atomic_fetch_sub_explicit(&gate->stripe[stripe_index()].inside, 1, memory_order_release);
}

void gate_close(struct gate *gate)
{
	pthread_mutex_lock(&gate->closer);
	atomic_store(&gate->closed, true);
	/* An access inside is one bounded copy: waiting for it takes microseconds. */
	for (unsigned int i = 0; i < GATE_STRIPES; i++)
		while (atomic_load(&gate->stripe[i].inside))
			sched_yield();
}

void gate_open(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	atomic_store(&gate->closed, false);
	pthread_cond_broadcast(&gate->opened);
	pthread_mutex_unlock(&gate->lock);
	pthread_mutex_unlock(&gate->closer);
}
