// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_regs.h"
#include "libsl/error.h"
#include "libsl/sim.h"

/*
 * Each address space hands out IOVAs of a part of its own: one client's address means nothing in
 * another's space, so that a mix-up faults instead of hitting something.
 */
#define IOVA_SHIFT 39

_Static_assert(((uint64_t)SL200_MAX_ASIDS << IOVA_SHIFT) <= 1ull << SL200_IOVA_BITS,
	       "every ASID has its part of the IOVAs");

int sim_core_fail(struct sim_card *card, int ret, const char *what)
{
	if (atomic_load(&card->lost))
		return sim_card_lost(card);
	switch (ret) {
	case -ENODEV:
	case -ETIMEDOUT:
	case -EIO:
		sim_declare_lost(card, "%s: %s", what,
				 ret == -ENODEV	     ? "the firmware has stopped"
				 : ret == -ETIMEDOUT ? "the firmware does not answer"
						     : "the firmware gave a wrong answer");
		return sim_card_lost(card);
	case -ENOMEM:
	case -ENOSPC:
		return sl_fail(SL_ERR_NO_MEMORY, "%s: out of memory", what);
	case -ENOENT:
		return sl_fail(SL_ERR_INVALID, "%s: there is no such object", what);
	case -EBUSY:
		return sl_fail(SL_ERR_BUSY, "%s: the object is in use", what);
	case -EOPNOTSUPP:
		return sl_fail(SL_ERR_UNSUPPORTED, "%s: not supported by this card", what);
	default:
		return sl_fail(SL_ERR_INVALID, "%s: refused by the firmware: %s", what,
			       strerror(-ret));
	}
}

static int asid_take(struct sim_card *card)
{
	unsigned int asid, limit = card->core.caps.num_asids;
	int found = -1;

	if (limit > SL200_MAX_ASIDS)
		limit = SL200_MAX_ASIDS;
	pthread_mutex_lock(&card->lock);
	for (asid = 1; found < 0 && asid < limit; asid++) {
		if (!card->asid_used[asid]) {
			card->asid_used[asid] = true;
			found = (int)asid;
		}
	}
	pthread_mutex_unlock(&card->lock);
	return found;
}

static void asid_give(struct sim_card *card, unsigned int asid)
{
	pthread_mutex_lock(&card->lock);
	card->asid_used[asid] = false;
	pthread_mutex_unlock(&card->lock);
}

int sim_client_create(struct sim_card *card, struct sim_client **out)
{
	struct sim_client *client = calloc(1, sizeof(*client));
	int ret, asid;

	if (!client)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	client->card = card;
	asid = asid_take(card);
	if (asid < 0) {
		ret = sl_fail(SL_ERR_NO_MEMORY, "all address spaces of the card are in use");
		goto free_client;
	}
	client->asid = (unsigned int)asid;
	if (core_pt_init(&client->pagetable, &card->port)) {
		ret = sl_fail(SL_ERR_NO_MEMORY, "no memory for page tables");
		goto give_asid;
	}
	ret = core_admin_asid_bind(&card->core.admin, client->asid,
				   core_pt_root(&client->pagetable));
	if (ret) {
		ret = sim_core_fail(card, ret, "creating an address space");
		goto free_pagetable;
	}
	pthread_mutex_init(&client->lock, NULL);
	range_init(&client->iova, (uint64_t)client->asid << IOVA_SHIFT, 1ull << IOVA_SHIFT);
	*out = client;
	return 0;

free_pagetable:
	core_pt_fini(&client->pagetable);
give_asid:
	asid_give(card, client->asid);
free_client:
	free(client);
	return ret;
}

void sim_client_destroy(struct sim_client *client)
{
	struct sim_card *card = client->card;
	int ret = 0;

	if (!atomic_load(&card->lost))
		ret = core_admin_asid_unbind(&card->core.admin, client->asid);
	/* The tables may be freed once nothing walks them: unbound, or the card is reset. */
	if (ret && !atomic_load(&card->lost))
		sim_declare_lost(card, "an address space could not be unbound: %s", strerror(-ret));
	core_pt_fini(&client->pagetable);
	range_fini(&client->iova);
	asid_give(card, client->asid);
	pthread_mutex_destroy(&client->lock);
	free(client);
}
