// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/sl200_regs.h"
#include "libsl/error.h"
#include "libsl/sim.h"

#define BAR_REGS 0
#define BAR_DOORBELLS 2

/* PCI configuration space (PCI Local Bus 3.0 6.1, 6.8.2). */
#define PCI_COMMAND 0x04
#define PCI_COMMAND_MEMORY 0x0002
#define PCI_COMMAND_MASTER 0x0004
#define PCI_CAPABILITIES 0x34
#define PCI_CAP_ID_MSIX 0x11
#define PCI_MSIX_CONTROL 2
#define PCI_MSIX_CONTROL_ENABLE 0x8000

static struct sim_card *to_card(struct core_port *port)
{
	return (struct sim_card *)((char *)port - offsetof(struct sim_card, port));
}

static uint32_t port_read32(struct core_port *port, uint32_t offset)
{
	struct sim_card *card = to_card(port);
	uint64_t value;

	if (atomic_load(&card->forked) ||
	    card->api->bar_read(card->card, BAR_REGS, offset, 4, &value))
		return UINT32_MAX;
	return (uint32_t)value;
}

static void port_write32(struct core_port *port, uint32_t offset, uint32_t value)
{
	struct sim_card *card = to_card(port);

	if (!atomic_load(&card->forked))
		card->api->bar_write(card->card, BAR_REGS, offset, 4, value);
}

static void port_doorbell(struct core_port *port, unsigned int qid, uint32_t offset, uint32_t value)
{
	struct sim_card *card = to_card(port);

	if (!atomic_load(&card->forked))
		card->api->bar_write(card->card, BAR_DOORBELLS,
				     (uint64_t)qid * SL200_DOORBELL_STRIDE + offset, 4, value);
}

int sim_dma_alloc(struct sim_card *card, uint64_t size, struct core_dma *dma)
{
	uint64_t align = size >= SL200_HUGE_SIZE ? SL200_HUGE_SIZE : SL200_PAGE_SIZE;
	int ret;

	dma->size = size;
	pthread_mutex_lock(&card->lock);
	ret = range_alloc(&card->bus, size, align, 0, &dma->bus);
	pthread_mutex_unlock(&card->lock);
	if (ret)
		return sl_fail(ret, "no bus addresses for %llu bytes", (unsigned long long)size);
	ret = card->api->dma_alloc(card->card, dma->bus, size, &dma->cpu);
	if (!ret)
		return 0;
	pthread_mutex_lock(&card->lock);
	range_free(&card->bus, dma->bus);
	pthread_mutex_unlock(&card->lock);
	return sl_fail(SL_ERR_NO_MEMORY, "no host memory for %llu bytes: %s",
		       (unsigned long long)size, strerror(-ret));
}

void sim_dma_free(struct sim_card *card, struct core_dma *dma)
{
	if (atomic_load(&card->forked))
		munmap(dma->cpu, dma->size);
	else
		card->api->dma_free(card->card, dma->bus, dma->cpu, dma->size);
	pthread_mutex_lock(&card->lock);
	range_free(&card->bus, dma->bus);
	pthread_mutex_unlock(&card->lock);
}

static int port_dma_alloc(struct core_port *port, size_t size, struct core_dma *dma)
{
	return sim_dma_alloc(to_card(port), size, dma) ? -ENOMEM : 0;
}

static void port_dma_free(struct core_port *port, struct core_dma *dma)
{
	sim_dma_free(to_card(port), dma);
}

static void *port_mem_alloc(struct core_port *port, size_t size)
{
	return calloc(1, size);
}

static void port_mem_free(struct core_port *port, void *mem)
{
	free(mem);
}

static uint64_t port_now_ns(struct core_port *port)
{
	return (uint64_t)monotonic_ns();
}

static void port_sleep_us(struct core_port *port, unsigned int us)
{
	usleep(us);
}

static uint32_t port_admin_irqs(struct core_port *port)
{
	return event_count(&to_card(port)->vector[0]);
}

static void port_admin_wait(struct core_port *port, uint32_t seen, unsigned int timeout_us)
{
	event_sleep(&to_card(port)->vector[0], seen, timeout_us * 1000ll);
}

static void port_lock(struct core_port *port, enum core_lock lock)
{
	pthread_mutex_lock(&to_card(port)->port_lock[lock]);
}

static void port_unlock(struct core_port *port, enum core_lock lock)
{
	pthread_mutex_unlock(&to_card(port)->port_lock[lock]);
}

__attribute__((format(printf, 3, 4))) static void
port_log(struct core_port *port, enum core_log_level level, const char *fmt, ...)
{
	va_list args;

	if (level != CORE_LOG_ERROR)
		return;
	va_start(args, fmt);
	flockfile(stderr);
	fputs("sl200: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	funlockfile(stderr);
	va_end(args);
}

const struct core_port_ops sim_port_ops = {
	.read32 = port_read32,
	.write32 = port_write32,
	.doorbell = port_doorbell,
	.dma_alloc = port_dma_alloc,
	.dma_free = port_dma_free,
	.mem_alloc = port_mem_alloc,
	.mem_free = port_mem_free,
	.now_ns = port_now_ns,
	.sleep_us = port_sleep_us,
	.admin_irqs = port_admin_irqs,
	.admin_wait = port_admin_wait,
	.lock = port_lock,
	.unlock = port_unlock,
	.log = port_log,
};

static void vector_interrupt(void *arg)
{
	event_signal(arg);
}

static int find_msix(struct sim_card *card, unsigned int *offset)
{
	uint32_t at, id;
	int hops;

	if (card->api->config_read(card->card, PCI_CAPABILITIES, 1, &at))
		return -ENODEV;
	/* A list in 256 bytes has at most 48 entries: do not follow a loop. */
	for (hops = 0; at >= 0x40 && hops < 48; hops++) {
		if (card->api->config_read(card->card, at & ~3u, 2, &id))
			return -ENODEV;
		if ((id & 0xff) == PCI_CAP_ID_MSIX) {
			*offset = at & ~3u;
			return 0;
		}
		at = id >> 8;
	}
	return -ENODEV;
}

int sim_pci_enable(struct sim_card *card)
{
	const struct sim_card_api *api = card->api;
	unsigned int msix, i;
	uint32_t value;

	if (find_msix(card, &msix))
		return -ENODEV;
	for (i = 0; i < CARD_NUM_VECTORS; i++) {
		if (api->set_irq(card->card, i, vector_interrupt, &card->vector[i]))
			return -ENODEV;
	}
	api->config_read(card->card, PCI_COMMAND, 2, &value);
	api->config_write(card->card, PCI_COMMAND, 2,
			  value | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	for (i = 0; i < CARD_NUM_VECTORS; i++)
		core_write32(&card->port, SL200_MSIX_TABLE_CTRL(i), 0);
	api->config_read(card->card, msix + PCI_MSIX_CONTROL, 2, &value);
	api->config_write(card->card, msix + PCI_MSIX_CONTROL, 2, value | PCI_MSIX_CONTROL_ENABLE);
	return 0;
}

void sim_pci_disable(struct sim_card *card)
{
	unsigned int i;

	for (i = 0; i < CARD_NUM_VECTORS; i++)
		card->api->set_irq(card->card, i, NULL, NULL);
}
