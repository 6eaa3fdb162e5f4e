/* SPDX-License-Identifier: MIT */
#include "sim/model/msix.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "abi/sl200_regs.h"

/* With the lock held. */
static bool may_send(const struct msix *msix, const struct msix_vector *v)
{
	return msix->enabled && !msix->function_mask && msix->bus_master &&
	       (msix->emulated || !(v->ctrl & SL200_MSIX_TABLE_CTRL_MASK));
}

static void deliver(struct msix *msix, struct msix_vector *v)
{
	v->pending = false;
	if (msix->drop) {
		msix->drop--;
		return;
	}
	msix->sent++;
	if (v->fn)
		v->fn(v->arg);
}

static void *resend_main(void *arg)
{
	struct msix *msix = arg;

	pthread_mutex_lock(&msix->lock);
	for (;;) {
		while (!msix->exit && !msix->resend)
			pthread_cond_wait(&msix->unmasked, &msix->lock);
		if (msix->exit)
			break;
		msix->resend = false;
		for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++)
			if (msix->vector[i].pending && may_send(msix, &msix->vector[i]))
				deliver(msix, &msix->vector[i]);
	}
	pthread_mutex_unlock(&msix->lock);
	return NULL;
}

/* With the lock held, after a change that may let messages go. */
static void kick(struct msix *msix)
{
	for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++) {
		if (msix->vector[i].pending && may_send(msix, &msix->vector[i])) {
			msix->resend = true;
			pthread_cond_signal(&msix->unmasked);
			return;
		}
	}
}

static void reset_locked(struct msix *msix)
{
	for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++) {
		struct msix_vector *v = &msix->vector[i];

		v->addr_lo = v->addr_hi = v->data = 0;
		v->ctrl = SL200_MSIX_TABLE_CTRL_RESET_VALUE;
		v->pending = false;
	}
	msix->enabled = msix->function_mask = msix->bus_master = msix->resend = false;
}

int msix_create(struct msix *msix)
{
	int rc;

	memset(msix, 0, sizeof(*msix));
	reset_locked(msix);
	pthread_mutex_init(&msix->lock, NULL);
	pthread_cond_init(&msix->unmasked, NULL);
	rc = pthread_create(&msix->thread, NULL, resend_main, msix);
	if (rc) {
		pthread_cond_destroy(&msix->unmasked);
		pthread_mutex_destroy(&msix->lock);
	}
	return -rc;
}

void msix_destroy(struct msix *msix)
{
	pthread_mutex_lock(&msix->lock);
	msix->exit = true;
	pthread_cond_signal(&msix->unmasked);
	pthread_mutex_unlock(&msix->lock);
	pthread_join(msix->thread, NULL);
	pthread_cond_destroy(&msix->unmasked);
	pthread_mutex_destroy(&msix->lock);
}

void msix_send(struct msix *msix, uint32_t vector)
{
	struct msix_vector *v;

	if (vector >= CARD_NUM_VECTORS)
		return;
	v = &msix->vector[vector];
	pthread_mutex_lock(&msix->lock);
	if (may_send(msix, v))
		deliver(msix, v);
	else if (msix->enabled)
		v->pending = true;
	pthread_mutex_unlock(&msix->lock);
}

int msix_set_handler(struct msix *msix, unsigned int vector, void (*fn)(void *arg), void *arg)
{
	if (vector >= CARD_NUM_VECTORS)
		return -EINVAL;
	pthread_mutex_lock(&msix->lock);
	msix->vector[vector].fn = fn;
	msix->vector[vector].arg = arg;
	pthread_mutex_unlock(&msix->lock);
	return 0;
}

void msix_set_control(struct msix *msix, bool enabled, bool function_mask, bool bus_master)
{
	pthread_mutex_lock(&msix->lock);
	msix->enabled = enabled;
	msix->function_mask = function_mask;
	msix->bus_master = bus_master;
	if (!enabled)
		for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++)
			msix->vector[i].pending = false;
	kick(msix);
	pthread_mutex_unlock(&msix->lock);
}

void msix_set_emulated(struct msix *msix, bool emulated)
{
	pthread_mutex_lock(&msix->lock);
	msix->emulated = emulated;
	kick(msix);
	pthread_mutex_unlock(&msix->lock);
}

static uint32_t *field(struct msix_vector *v, uint32_t offset)
{
	switch (offset % SL200_MSIX_TABLE_STRIDE) {
	case SL200_MSIX_TABLE_ADDR_LO(0) - SL200_MSIX_TABLE_BASE:
		return &v->addr_lo;
	case SL200_MSIX_TABLE_ADDR_HI(0) - SL200_MSIX_TABLE_BASE:
		return &v->addr_hi;
	case SL200_MSIX_TABLE_DATA(0) - SL200_MSIX_TABLE_BASE:
		return &v->data;
	default:
		return &v->ctrl;
	}
}

uint32_t msix_table_read(struct msix *msix, uint32_t offset)
{
	uint32_t value;

	pthread_mutex_lock(&msix->lock);
	value = *field(&msix->vector[offset / SL200_MSIX_TABLE_STRIDE], offset);
	pthread_mutex_unlock(&msix->lock);
	return value;
}

void msix_table_write(struct msix *msix, uint32_t offset, uint32_t value)
{
	struct msix_vector *v = &msix->vector[offset / SL200_MSIX_TABLE_STRIDE];
	uint32_t *f;

	pthread_mutex_lock(&msix->lock);
	f = field(v, offset);
	if (f == &v->ctrl)
		value &= SL200_MSIX_TABLE_CTRL_MASK;
	else if (f == &v->addr_lo)
		value &= ~3u;
	*f = value;
	kick(msix);
	pthread_mutex_unlock(&msix->lock);
}

uint32_t msix_pba_read(struct msix *msix, unsigned int word)
{
	uint32_t bits = 0;

	pthread_mutex_lock(&msix->lock);
	for (unsigned int i = 0; i < 32; i++)
		bits |= (uint32_t)msix->vector[word * 32 + i].pending << i;
	pthread_mutex_unlock(&msix->lock);
	return bits;
}

void msix_reset(struct msix *msix)
{
	pthread_mutex_lock(&msix->lock);
	reset_locked(msix);
	pthread_mutex_unlock(&msix->lock);
}

uint32_t msix_drop_get(struct msix *msix)
{
	uint32_t drop;

	pthread_mutex_lock(&msix->lock);
	drop = msix->drop;
	pthread_mutex_unlock(&msix->lock);
	return drop;
}

void msix_drop_set(struct msix *msix, uint32_t messages)
{
	pthread_mutex_lock(&msix->lock);
	msix->drop = messages;
	pthread_mutex_unlock(&msix->lock);
}

uint64_t msix_sent(struct msix *msix)
{
	uint64_t sent;

	pthread_mutex_lock(&msix->lock);
	sent = msix->sent;
	pthread_mutex_unlock(&msix->lock);
	return sent;
}

void msix_clear_counters(struct msix *msix)
{
	pthread_mutex_lock(&msix->lock);
	msix->sent = 0;
	pthread_mutex_unlock(&msix->lock);
}
