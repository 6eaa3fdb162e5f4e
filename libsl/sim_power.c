// SPDX-License-Identifier: MIT
/*
 * The card of this process: powered on by the first client, off by the last. After fork() the
 * child has the memory but none of the card's threads: its inherited devices report SL_ERR_LOST,
 * and it opens a card of its own anew.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libsl/error.h"
#include "libsl/sim.h"
#include "libsl/sim_uri.h"

#define START_TIMEOUT_MS 20000
/* Bus addresses begin high enough that none is mistaken for an offset or a DRAM address. */
#define BUS_BASE 0x100000000ull
#define BUS_SIZE (1ull << 45)

static pthread_mutex_t power_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sim_card *current; /* the card that new clients get */
static struct sim_card *cards;	 /* all, lost ones with clients included */
static struct sim_card_api card_api;
static bool card_api_loaded;
static char libdir[PATH_MAX];

static void before_fork(void)
{
	pthread_mutex_lock(&power_lock);
}

static void after_fork_parent(void)
{
	pthread_mutex_unlock(&power_lock);
}

static void after_fork_child(void)
{
	for (; cards; cards = cards->next) {
		atomic_store(&cards->forked, true);
		atomic_store(&cards->lost, true);
	}
	current = NULL;
	pthread_mutex_unlock(&power_lock);
}

/* Find the directory of this library, and in it the simulated card. */
static int load_card_api(void)
{
	char path[PATH_MAX + 32], *slash;
	Dl_info info;
	void *object;
	size_t i;
	struct {
		const char *name;
		void **function;
	} symbols[] = {
		{"card_create", (void **)&card_api.create},
		{"card_destroy", (void **)&card_api.destroy},
		{"card_config_read", (void **)&card_api.config_read},
		{"card_config_write", (void **)&card_api.config_write},
		{"card_bar_read", (void **)&card_api.bar_read},
		{"card_bar_write", (void **)&card_api.bar_write},
		{"card_dma_map", (void **)&card_api.dma_map},
		{"card_dma_unmap", (void **)&card_api.dma_unmap},
		{"card_set_irq", (void **)&card_api.set_irq},
		{"card_reset", (void **)&card_api.reset},
	};

	if (card_api_loaded)
		return 0;
	if (!dladdr((void *)load_card_api, &info) || !realpath(info.dli_fname, libdir))
		return sl_fail(SL_ERR_SYSTEM, "the library cannot find its own file");
	slash = strrchr(libdir, '/');
	*slash = '\0';
	snprintf(path, sizeof(path), "%s/sl200/libslcard.so", libdir);
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!object)
		return sl_fail(SL_ERR_NO_DEVICE, "sim: the functional model: %s", dlerror());
	for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		*symbols[i].function = dlsym(object, symbols[i].name);
		if (!*symbols[i].function)
			return sl_fail(SL_ERR_NO_DEVICE, "sim: the functional model: %s",
				       dlerror());
	}
	if (pthread_atfork(before_fork, after_fork_parent, after_fork_child))
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	card_api_loaded = true;
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
static int card_start(struct sim_card *card)
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

static int card_power_on(const struct card_config *config, struct sim_card **out)
{
	struct sim_card *card = calloc(1, sizeof(*card));
	uint64_t dram;
	int ret, i;

	if (!card)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	card->port.ops = &sim_port_ops;
	card->api = &card_api;
	for (i = 0; i < CORE_LOCK_COUNT; i++)
		pthread_mutex_init(&card->port_lock[i], NULL);
	pthread_mutex_init(&card->lock, NULL);
	pthread_mutex_init(&card->clear_lock, NULL);
	range_init(&card->bus, BUS_BASE, BUS_SIZE);

	ret = card_api.create(config, &card->card);
	if (ret) {
		ret = sl_fail(ret == -ENOMEM ? SL_ERR_NO_MEMORY : SL_ERR_NO_DEVICE,
			      "sim: the card could not be created: %s", strerror(-ret));
		goto free_card;
	}
	if (sim_pci_enable(card)) {
		ret = sl_fail(SL_ERR_NO_DEVICE, "sim: the card's configuration space is damaged");
		goto destroy;
	}
	ret = card_start(card);
	if (ret)
		goto destroy;
	dram = card->core.caps.dram_size;
	range_init(&card->dram, SL200_DRAM_MCU_RESERVED,
		   dram > SL200_DRAM_MCU_RESERVED ? dram - SL200_DRAM_MCU_RESERVED : 0);
	card->dram_touched = SL200_DRAM_MCU_RESERVED;
	ret = sim_monitor_start(card);
	if (ret)
		goto stop;
	*out = card;
	return 0;

stop:
	core_card_stop(&card->core);
destroy:
	sim_pci_disable(card);
	card_api.destroy(card->card);
free_card:
	card_free(card);
	return ret;
}

int sim_card_get(const char *options, struct sim_card **card)
{
	struct card_config config;
	int ret;

	ret = sim_uri_parse(options, &config);
	if (ret)
		return ret;
	pthread_mutex_lock(&power_lock);
	ret = load_card_api();
	/* A lost card stays with the clients it has; new ones get another. */
	if (!ret && (!current || atomic_load(&current->lost))) {
		ret = card_power_on(&config, &current);
		if (!ret) {
			current->next = cards;
			cards = current;
		}
	}
	if (!ret) {
		current->clients++;
		*card = current;
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
	if (last && current == card)
		current = NULL;
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
