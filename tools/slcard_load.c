// SPDX-License-Identifier: MIT
/*
 * The functions of sim/card/card.h, passed on to the library that was loaded. The program's run
 * path says where libraries are, in a build tree and installed.
 */
#include <dlfcn.h>
#include <stdio.h>

#include "sim/card/card.h"
#include "tools/slcard_load.h"

static struct {
	__typeof__(&card_create) create;
	__typeof__(&card_destroy) destroy;
	__typeof__(&card_config_read) config_read;
	__typeof__(&card_config_write) config_write;
	__typeof__(&card_bar_size) bar_size;
	__typeof__(&card_bar_read) bar_read;
	__typeof__(&card_bar_write) bar_write;
	__typeof__(&card_dma_map) dma_map;
	__typeof__(&card_dma_unmap) dma_unmap;
	__typeof__(&card_set_irq) set_irq;
	__typeof__(&card_set_table_emulated) set_table_emulated;
	__typeof__(&card_reset) reset;
} lib;

int slcard_load(enum sim_engine engine)
{
	const struct {
		const char *name;
		void **function;
	} symbols[] = {
		{"card_create", (void **)&lib.create},
		{"card_destroy", (void **)&lib.destroy},
		{"card_config_read", (void **)&lib.config_read},
		{"card_config_write", (void **)&lib.config_write},
		{"card_bar_size", (void **)&lib.bar_size},
		{"card_bar_read", (void **)&lib.bar_read},
		{"card_bar_write", (void **)&lib.bar_write},
		{"card_dma_map", (void **)&lib.dma_map},
		{"card_dma_unmap", (void **)&lib.dma_unmap},
		{"card_set_irq", (void **)&lib.set_irq},
		{"card_set_table_emulated", (void **)&lib.set_table_emulated},
		{"card_reset", (void **)&lib.reset},
	};
	void *object = dlopen(sim_engine_library(engine), RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; object && i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		*symbols[i].function = dlsym(object, symbols[i].name);
		if (!*symbols[i].function)
			object = NULL;
	}
	if (object)
		return 0;
	fprintf(stderr, "slcard: %s%s\n", dlerror(),
		engine == SIM_RTL ? " (`make rtl` builds it; with SL_RTL_WAVES, `make rtl-waves`)"
				  : "");
	return -1;
}

int card_create(const struct card_config *config, struct card **card)
{
	return lib.create(config, card);
}

void card_destroy(struct card *card)
{
	lib.destroy(card);
}

int card_config_read(struct card *card, unsigned int offset, unsigned int size, uint32_t *value)
{
	return lib.config_read(card, offset, size, value);
}

int card_config_write(struct card *card, unsigned int offset, unsigned int size, uint32_t value)
{
	return lib.config_write(card, offset, size, value);
}

uint64_t card_bar_size(struct card *card, unsigned int bar)
{
	return lib.bar_size(card, bar);
}

int card_bar_read(struct card *card, unsigned int bar, uint64_t offset, unsigned int size,
		  uint64_t *value)
{
	return lib.bar_read(card, bar, offset, size, value);
}

int card_bar_write(struct card *card, unsigned int bar, uint64_t offset, unsigned int size,
		   uint64_t value)
{
	return lib.bar_write(card, bar, offset, size, value);
}

int card_dma_map(struct card *card, uint64_t bus_addr, void *vaddr, size_t size, unsigned int prot)
{
	return lib.dma_map(card, bus_addr, vaddr, size, prot);
}

int card_dma_unmap(struct card *card, uint64_t bus_addr, size_t size)
{
	return lib.dma_unmap(card, bus_addr, size);
}

int card_set_irq(struct card *card, unsigned int vector, void (*fn)(void *arg), void *arg)
{
	return lib.set_irq(card, vector, fn, arg);
}

void card_set_table_emulated(struct card *card, bool emulated)
{
	lib.set_table_emulated(card, emulated);
}

int card_reset(struct card *card)
{
	return lib.reset(card);
}
