// SPDX-License-Identifier: MIT
/* A card inside this process: a shared object beside this library. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libsl/error.h"
#include "libsl/sim.h"

/* Bus addresses begin high enough that none is mistaken for an offset or a DRAM address. */
#define BUS_BASE 0x100000000ull
#define BUS_SIZE (1ull << 45)

/* The functions of one library, loaded by the first open, which the caller keeps apart from others.
 */
struct library {
	bool loaded;
	__typeof__(&card_create) create;
	__typeof__(&card_dma_map) dma_map;
	__typeof__(&card_dma_unmap) dma_unmap;
	__typeof__(&card_reset) reset;
	struct sim_card_api api;
};

static int dma_alloc(const struct library *library, struct card *card, uint64_t bus, size_t size,
		     void **cpu)
{
	int ret;

	*cpu = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (*cpu == MAP_FAILED)
		return -ENOMEM;
	ret = library->dma_map(card, bus, *cpu, size, CARD_DMA_READ | CARD_DMA_WRITE);
	if (ret)
		munmap(*cpu, size);
	return ret;
}

static void dma_free(const struct library *library, struct card *card, uint64_t bus, void *cpu,
		     size_t size)
{
	library->dma_unmap(card, bus, size);
	munmap(cpu, size);
}

static struct library model, rtl;

static int model_dma_alloc(struct card *card, uint64_t bus, size_t size, void **cpu)
{
	return dma_alloc(&model, card, bus, size, cpu);
}

static void model_dma_free(struct card *card, uint64_t bus, void *cpu, size_t size)
{
	dma_free(&model, card, bus, cpu, size);
}

static void model_stop(struct card *card)
{
	model.reset(card);
}

static int rtl_dma_alloc(struct card *card, uint64_t bus, size_t size, void **cpu)
{
	return dma_alloc(&rtl, card, bus, size, cpu);
}

static void rtl_dma_free(struct card *card, uint64_t bus, void *cpu, size_t size)
{
	dma_free(&rtl, card, bus, cpu, size);
}

static void rtl_stop(struct card *card)
{
	rtl.reset(card);
}

static const char *gone(struct card *card)
{
	return NULL;
}

/* Its memory is the child's by copy, and its threads are not there: nothing to let go of. */
static void forked(struct card *card)
{
}

/* With what is the same for all cards in this process; the library has the rest. */
#define LOCAL_API(engine)                                                                          \
	{                                                                                          \
		.api = {                                                                           \
			.bus_base = BUS_BASE,                                                      \
			.bus_size = BUS_SIZE,                                                      \
			.clear = true,                                                             \
			.dma_alloc = engine##_dma_alloc,                                           \
			.dma_free = engine##_dma_free,                                             \
			.stop = engine##_stop,                                                     \
			.gone = gone,                                                              \
			.forked = forked,                                                          \
		},                                                                                 \
	}

static struct library model = LOCAL_API(model), rtl = LOCAL_API(rtl);

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

static int load_fail(enum sim_engine engine, const char *path)
{
	if (engine == SIM_RTL && access(path, F_OK))
		return sl_fail(SL_ERR_NO_DEVICE,
			       "sim:rtl: %s is not built; `make rtl` makes it (with SL_RTL_WAVES "
			       "set, `make rtl-waves`)",
			       path);
	return sl_fail(SL_ERR_NO_DEVICE, "sim: the card's library: %s", dlerror());
}

static int load(const char *libdir, enum sim_engine engine, struct library *library)
{
	char path[PATH_MAX + 32];
	void *object;
	size_t i;
	const struct {
		const char *name;
		void **function;
	} symbols[] = {
		{"card_create", (void **)&library->create},
		{"card_destroy", (void **)&library->api.destroy},
		{"card_config_read", (void **)&library->api.config_read},
		{"card_config_write", (void **)&library->api.config_write},
		{"card_bar_read", (void **)&library->api.bar_read},
		{"card_bar_write", (void **)&library->api.bar_write},
		{"card_dma_map", (void **)&library->dma_map},
		{"card_dma_unmap", (void **)&library->dma_unmap},
		{"card_set_irq", (void **)&library->api.set_irq},
		{"card_reset", (void **)&library->reset},
	};

	snprintf(path, sizeof(path), "%s/sl200/%s", libdir, sim_engine_library(engine));
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!object)
		return load_fail(engine, path);
	for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		*symbols[i].function = dlsym(object, symbols[i].name);
		if (!*symbols[i].function)
			return load_fail(engine, path);
	}
	library->loaded = true;
	return 0;
}

int sim_local_open(const char *libdir, enum sim_engine engine, const struct card_config *config,
		   struct card **card, const struct sim_card_api **out)
{
	struct library *library = engine == SIM_RTL ? &rtl : &model;
	int ret = library->loaded ? 0 : load(libdir, engine, library);

	if (ret)
		return ret;
	ret = library->create(config, card);
	if (ret == -EINVAL && engine == SIM_RTL)
		return sl_fail(SL_ERR_NO_DEVICE,
			       "sim:rtl: the chip in RTL has the engines it has: no options venc, "
			       "crc and threads");
	if (ret)
		return sl_fail(ret == -ENOMEM ? SL_ERR_NO_MEMORY : SL_ERR_NO_DEVICE,
			       "sim: the card could not be created: %s", strerror(-ret));
	*out = &library->api;
	return 0;
}
