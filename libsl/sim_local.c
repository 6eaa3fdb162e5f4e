// SPDX-License-Identifier: MIT
/* A card inside this process: the functional model, a shared object beside this library. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "libsl/error.h"
#include "libsl/sim.h"

/* Bus addresses begin high enough that none is mistaken for an offset or a DRAM address. */
#define BUS_BASE 0x100000000ull
#define BUS_SIZE (1ull << 45)

/* Set once, by the first open, which the caller keeps apart from others. */
static struct {
	__typeof__(&card_create) create;
	__typeof__(&card_dma_map) dma_map;
	__typeof__(&card_dma_unmap) dma_unmap;
	__typeof__(&card_reset) reset;
} model;

static int dma_alloc(struct card *card, uint64_t bus, size_t size, void **cpu)
{
	int ret;

	*cpu = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (*cpu == MAP_FAILED)
		return -ENOMEM;
	ret = model.dma_map(card, bus, *cpu, size, CARD_DMA_READ | CARD_DMA_WRITE);
	if (ret)
		munmap(*cpu, size);
	return ret;
}

static void dma_free(struct card *card, uint64_t bus, void *cpu, size_t size)
{
	model.dma_unmap(card, bus, size);
	munmap(cpu, size);
}

static void stop(struct card *card)
{
	model.reset(card);
}

static const char *gone(struct card *card)
{
	return NULL;
}

/* Its memory is the child's by copy, and its threads are not there: nothing to let go of. */
static void forked(struct card *card)
{
}

static struct sim_card_api api = {
	.bus_base = BUS_BASE,
	.bus_size = BUS_SIZE,
	.clear = true,
	.dma_alloc = dma_alloc,
	.dma_free = dma_free,
	.stop = stop,
	.gone = gone,
	.forked = forked,
};

int sim_local_directory(const char **libdir)
{
	static char path[PATH_MAX];
	Dl_info info;

	if (!*path) {
		if (!dladdr((void *)sim_local_directory, &info) || !realpath(info.dli_fname, path))
			return sl_fail(SL_ERR_SYSTEM, "the library cannot find its own file");
		*strrchr(path, '/') = '\0';
	}
	*libdir = path;
	return 0;
}

static int load_model(const char *libdir)
{
	char path[PATH_MAX + 32];
	void *object;
	size_t i;
	const struct {
		const char *name;
		void **function;
	} symbols[] = {
		{"card_create", (void **)&model.create},
		{"card_destroy", (void **)&api.destroy},
		{"card_config_read", (void **)&api.config_read},
		{"card_config_write", (void **)&api.config_write},
		{"card_bar_read", (void **)&api.bar_read},
		{"card_bar_write", (void **)&api.bar_write},
		{"card_dma_map", (void **)&model.dma_map},
		{"card_dma_unmap", (void **)&model.dma_unmap},
		{"card_set_irq", (void **)&api.set_irq},
		{"card_reset", (void **)&model.reset},
	};

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
	return 0;
}

int sim_local_open(const char *libdir, const struct card_config *config, struct card **card,
		   const struct sim_card_api **out)
{
	static bool loaded;
	int ret;

	if (!loaded) {
		ret = load_model(libdir);
		if (ret)
			return ret;
		loaded = true;
	}
	ret = model.create(config, card);
	if (ret)
		return sl_fail(ret == -ENOMEM ? SL_ERR_NO_MEMORY : SL_ERR_NO_DEVICE,
			       "sim: the card could not be created: %s", strerror(-ret));
	*out = &api;
	return 0;
}
