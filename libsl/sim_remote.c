// SPDX-License-Identifier: MIT
/* The operations of a card in another process. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/vfio.h>

#include "libsl/sim.h"
#include "libsl/sim_remote.h"

struct region_write {
	struct vfio_user_region_access access;
	uint8_t data[8];
};

static int region_read(struct card *card, uint32_t region, uint64_t offset, unsigned int size,
		       uint64_t *value)
{
	const struct vfio_user_region_access access = {offset, region, size};
	struct region_write reply;
	const struct remote_call call = {
		.command = VFIO_USER_REGION_READ,
		.payload = &access,
		.size = sizeof(access),
		.reply = &reply,
		.reply_min = sizeof(access) + size,
		.reply_max = sizeof(access) + size,
	};
	int ret;

	*value = UINT64_MAX;
	ret = remote_request(&card->link, &call, NULL);
	if (ret)
		return ret;
	if (reply.access.count != size)
		return -EIO;
	*value = 0;
	memcpy(value, reply.data, size);
	return 0;
}

static int config_read(struct card *card, unsigned int offset, unsigned int size, uint32_t *value)
{
	uint64_t wide;
	int ret;

	ret = region_read(card, VFIO_PCI_CONFIG_REGION_INDEX, offset, size, &wide);
	*value = (uint32_t)wide;
	return ret;
}

static int config_write(struct card *card, unsigned int offset, unsigned int size, uint32_t value)
{
	struct region_write write = {{offset, VFIO_PCI_CONFIG_REGION_INDEX, size}, {0}};
	const struct remote_call call = {
		.command = VFIO_USER_REGION_WRITE,
		.payload = &write,
		.size = sizeof(write.access) + size,
		.reply = &(struct vfio_user_region_access){0},
		.reply_max = sizeof(write.access),
	};

	memcpy(write.data, &value, size);
	return remote_request(&card->link, &call, NULL);
}

static int bar_read(struct card *card, unsigned int bar, uint64_t offset, unsigned int size,
		    uint64_t *value)
{
	return region_read(card, bar, offset, size, value);
}

/* Posted, as on a bus. */
static int bar_write(struct card *card, unsigned int bar, uint64_t offset, unsigned int size,
		     uint64_t value)
{
	struct region_write write = {{offset, bar, size}, {0}};

	memcpy(write.data, &value, size);
	return remote_post(&card->link, VFIO_USER_REGION_WRITE, &write,
			   sizeof(write.access) + size);
}

static int set_irq(struct card *card, unsigned int vector, void (*fn)(void *arg), void *arg)
{
	return remote_irqs_set(&card->irqs, vector, fn, arg);
}

static int dma_alloc(struct card *card, uint64_t bus, size_t size, void **cpu)
{
	const struct vfio_user_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.offset = bus - REMOTE_BUS_BASE,
		.addr = bus,
		.size = size,
	};
	const struct remote_call call = {
		.command = VFIO_USER_DMA_MAP,
		.payload = &map,
		.size = sizeof(map),
		.fd = &card->memory.fd,
	};
	int ret;

	ret = remote_memory_map(&card->memory, bus, size, cpu);
	if (ret)
		return ret;
	ret = remote_request(&card->link, &call, NULL);
	if (ret)
		remote_memory_unmap(&card->memory, bus, *cpu, size);
	return ret;
}

static void dma_free(struct card *card, uint64_t bus, void *cpu, size_t size)
{
	const struct vfio_user_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.addr = bus,
		.size = size,
	};
	struct vfio_user_dma_unmap reply;
	const struct remote_call call = {
		.command = VFIO_USER_DMA_UNMAP,
		.payload = &unmap,
		.size = sizeof(unmap),
		.reply = &reply,
		.reply_max = sizeof(reply),
	};

	/* A card that is gone has let go of it; one that refuses harms its own client at most. */
	(void)remote_request(&card->link, &call, NULL);
	remote_memory_unmap(&card->memory, bus, cpu, size);
}

static void stop(struct card *card)
{
	const struct remote_call reset = {.command = VFIO_USER_DEVICE_RESET};

	(void)remote_request(&card->link, &reset, NULL);
	/* Others may have the card then. */
	remote_link_break(&card->link, "it was given up");
}

static const char *gone(struct card *card)
{
	return atomic_load(&card->link.broken);
}

static void destroy(struct card *card)
{
	remote_link_break(&card->link, "it was closed");
	remote_irqs_fini(&card->irqs);
	remote_memory_fini(&card->memory);
	remote_link_fini(&card->link);
	free(card);
}

static void forked(struct card *card)
{
	remote_memory_forked(&card->memory);
	remote_irqs_forked(&card->irqs);
	close(card->link.socket);
	free(card);
}

const struct sim_card_api remote_card_api = {
	.bus_base = REMOTE_BUS_BASE,
	.bus_size = REMOTE_BUS_SIZE,
	.destroy = destroy,
	.config_read = config_read,
	.config_write = config_write,
	.bar_read = bar_read,
	.bar_write = bar_write,
	.set_irq = set_irq,
	.dma_alloc = dma_alloc,
	.dma_free = dma_free,
	.stop = stop,
	.gone = gone,
	.forked = forked,
};
