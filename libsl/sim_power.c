// SPDX-License-Identifier: MIT
/*
 * The cards of this process: the one inside it, and those behind sockets. Each is powered on, or
 * connected to, by its first client, and off by the last. After fork() the child has the memory but
 * none of the threads: its inherited devices report SL_ERR_LOST, and it opens a card of its own
 * anew.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libsl/error.h"
#include "libsl/sim.h"
#include "libsl/sim_remote.h"

#define START_TIMEOUT_MS 20000

/* What names a card. */
struct sim_uri {
	char socket[SIM_SOCKET_PATH_SIZE]; /* "": in this process */
	enum sim_engine engine;		   /* of one in this process, as config */
	struct card_config config;
};

static pthread_mutex_t power_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sim_card *cards; /* power_lock: those with clients, lost ones included */

static void before_fork(void)
{
	pthread_mutex_lock(&power_lock);
}

static void after_fork_parent(void)
{
	pthread_mutex_unlock(&power_lock);
}

/* The locks may be in the hands of threads that are not there, and what they guard half changed. */
static void let_go(struct sim_card *card)
{
	unsigned int i;

	for (i = 0; i < CORE_LOCK_COUNT; i++)
		pthread_mutex_init(&card->port_lock[i], NULL);
	pthread_mutex_init(&card->lock, NULL);
	for (i = 0; i < SL200_MAX_QUEUES; i++) {
		if (card->queue[i])
			atomic_store(&card->queue[i]->base.state, SL_ERR_LOST);
	}
	card->api->forked(card->card);
	atomic_store(&card->forked, true);
	atomic_store(&card->lost, true);
}

static void after_fork_child(void)
{
	for (; cards; cards = cards->next)
		let_go(cards);
	pthread_mutex_unlock(&power_lock);
}

/* Under the power lock. */
static int watch_forks(void)
{
	static bool watching;

	if (!watching && pthread_atfork(before_fork, after_fork_parent, after_fork_child))
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	watching = true;
	return 0;
}

static int start_fail(const struct core_start_result *result, int ret, const char *path)
{
	switch (result->step) {
	case CORE_START_IDENTIFY:
		return sl_fail(SL_ERR_NO_DEVICE,
			       "sim: the card is not one that this library knows");
	case CORE_START_BOOT:
		if (ret == -ENOMEM)
			return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
		return sl_fail(SL_ERR_FIRMWARE, "firmware %s: %s%s (status 0x%02x, detail 0x%x)",
			       path, ret == -ETIMEDOUT ? "timed out after: " : "",
			       core_boot_text(result->boot.status), result->boot.status,
			       result->boot.detail);
	case CORE_START_ADMIN:
		return sl_fail(SL_ERR_FIRMWARE, "firmware %s: the admin queue did not start: %s",
			       path, strerror(-ret));
	case CORE_START_CAPS:
		break;
	}
	return sl_fail(SL_ERR_FIRMWARE, "firmware %s: reading the capabilities failed: %s", path,
		       strerror(-ret));
}

/* Find, check and boot the firmware. */
static int card_start(struct sim_card *card, const char *libdir)
{
	struct core_start_result result;
	char path[PATH_MAX + 32];
	size_t size;
	void *image;
	int ret;

	ret = sim_firmware_read(libdir, &image, &size, path, sizeof(path));
	if (ret)
		return ret;
	ret = core_card_start(&card->core, &card->port, image, size, START_TIMEOUT_MS, &result);
	free(image);
	return ret ? start_fail(&result, ret, path) : 0;
}

static void card_free(struct sim_card *card)
{
	int i;

	range_fini(&card->bus);
	range_fini(&card->dram);
	for (i = 0; i < CORE_LOCK_COUNT; i++)
		pthread_mutex_destroy(&card->port_lock[i]);
	pthread_mutex_destroy(&card->lock);
	pthread_mutex_destroy(&card->clear_lock);
	free(card);
}

static void card_power_off(struct sim_card *card)
{
	sim_monitor_stop(card);
	sim_clear_fini(card);
	core_card_stop(&card->core);
	if (!atomic_load(&card->forked)) {
		sim_pci_disable(card);
		card->api->destroy(card->card);
	}
	card_free(card);
}

/* A card with all but its firmware. */
static int card_open(const struct sim_uri *uri, const char *libdir, struct sim_card *card)
{
	int ret;

	if (*uri->socket) {
		card->api = &remote_card_api;
		ret = remote_card_open(uri->socket, &card->card);
	} else {
		ret = sim_local_open(libdir, uri->engine, &uri->config, &card->card, &card->api);
	}
	if (ret)
		return ret;
	memcpy(card->socket, uri->socket, sizeof(card->socket));
	card->engine = uri->engine;
	range_init(&card->bus, card->api->bus_base, card->api->bus_size);
	if (!sim_pci_enable(card))
		return 0;
	ret = sl_fail(SL_ERR_NO_DEVICE, "sim:%s: the card's configuration space is damaged",
		      card->socket);
	sim_pci_disable(card);
	card->api->destroy(card->card);
	return ret;
}

static int card_power_on(const struct sim_uri *uri, struct sim_card **out)
{
	struct sim_card *card = calloc(1, sizeof(*card));
	const char *libdir, *gone;
	uint64_t dram;
	int ret, i;

	if (!card)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	card->port.ops = &sim_port_ops;
	for (i = 0; i < CORE_LOCK_COUNT; i++)
		pthread_mutex_init(&card->port_lock[i], NULL);
	pthread_mutex_init(&card->lock, NULL);
	pthread_mutex_init(&card->clear_lock, NULL);

	ret = sim_local_directory(&libdir);
	if (!ret)
		ret = card_open(uri, libdir, card);
	if (ret)
		goto free_card;
	ret = card_start(card, libdir);
	if (ret) {
		gone = card->api->gone(card->card);
		if (gone)
			ret = sl_fail(SL_ERR_LOST, "sim:%s: the card was lost: %s", card->socket,
				      gone);
		goto destroy;
	}
	dram = card->core.caps.dram_size;
	range_init(&card->dram, SL200_DRAM_MCU_RESERVED,
		   dram > SL200_DRAM_MCU_RESERVED ? dram - SL200_DRAM_MCU_RESERVED : 0);
	card->dram_touched = card->api->clear ? SL200_DRAM_MCU_RESERVED : dram;
	ret = sim_monitor_start(card);
	if (ret)
		goto stop;
	*out = card;
	return 0;

stop:
	core_card_stop(&card->core);
destroy:
	sim_pci_disable(card);
	card->api->destroy(card->card);
free_card:
	card_free(card);
	return ret;
}

/* Under the power lock. A lost card stays with the clients it has; new ones get another. */
static struct sim_card *find_card(const struct sim_uri *uri)
{
	struct sim_card *card;

	for (card = cards; card; card = card->next) {
		if (!strcmp(card->socket, uri->socket) && card->engine == uri->engine &&
		    !atomic_load(&card->lost))
			return card;
	}
	return NULL;
}

int sim_card_get(const char *options, struct sim_card **out)
{
	struct sim_card *card;
	struct sim_uri uri;
	int ret;

	memset(&uri, 0, sizeof(uri));
	ret = *options == '/' ? sim_uri_socket(options, uri.socket)
			      : sim_uri_parse(sim_uri_engine(options, &uri.engine), &uri.config);
	if (ret)
		return ret;
	pthread_mutex_lock(&power_lock);
	ret = watch_forks();
	card = find_card(&uri);
	if (!ret && !card) {
		ret = card_power_on(&uri, &card);
		if (!ret) {
			card->next = cards;
			cards = card;
		}
	}
	if (!ret) {
		card->clients++;
		*out = card;
	}
	pthread_mutex_unlock(&power_lock);
	return ret;
}

void sim_card_put(struct sim_card *card)
{
	struct sim_card **link;
	bool last;

	pthread_mutex_lock(&power_lock);
	last = !--card->clients;
	for (link = &cards; last && *link; link = &(*link)->next) {
		if (*link == card) {
			*link = card->next;
			break;
		}
	}
	pthread_mutex_unlock(&power_lock);
	if (last)
		card_power_off(card);
}

int sim_card_lost(struct sim_card *card)
{
	char reason[sizeof(card->lost_reason)];

	if (atomic_load(&card->forked))
		return sl_fail(SL_ERR_LOST,
			       "the card stayed with the parent process at fork(); open it anew");
	pthread_mutex_lock(&card->lock);
	memcpy(reason, card->lost_reason, sizeof(reason));
	pthread_mutex_unlock(&card->lock);
	return sl_fail(SL_ERR_LOST, "the card was lost: %s", reason);
}
