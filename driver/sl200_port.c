// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What driver/core needs of the kernel. */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/mm.h>

#include "driver/sl200_card.h"
#include "driver/sl200_reset.h"

static struct sl200_device *port_to_sl200(struct core_port *port)
{
	return container_of(port, struct sl200_device, port);
}

static u32 port_read32(struct core_port *port, u32 offset)
{
	return readl(port_to_sl200(port)->regs + offset);
}

static void port_write32(struct core_port *port, u32 offset, u32 value)
{
	writel(value, port_to_sl200(port)->regs + offset);
}

/* writel() orders earlier writes to coherent memory before itself. */
static void port_doorbell(struct core_port *port, unsigned int qid, u32 offset, u32 value)
{
	writel(value, port_to_sl200(port)->doorbells + qid * SL200_DOORBELL_STRIDE + offset);
}

static int port_dma_alloc(struct core_port *port, size_t size, struct core_dma *dma)
{
	struct sl200_device *sdev = port_to_sl200(port);
	dma_addr_t bus;

	dma->cpu = dma_alloc_coherent(&sdev->pdev->dev, size, &bus, GFP_KERNEL | __GFP_NOWARN);
	if (!dma->cpu)
		return -ENOMEM;
	dma->bus = bus;
	dma->size = size;
	return 0;
}

static void port_dma_free(struct core_port *port, struct core_dma *dma)
{
	struct sl200_device *sdev = port_to_sl200(port);

	/* A card that may still write keeps what it knows of. */
	if (!READ_ONCE(sdev->reset.dma_unsafe))
		dma_free_coherent(&sdev->pdev->dev, dma->size, dma->cpu, dma->bus);
	dma->cpu = NULL;
}

static void *port_mem_alloc(struct core_port *port, size_t size)
{
	return kvzalloc(size, GFP_KERNEL);
}

static void port_mem_free(struct core_port *port, void *mem)
{
	kvfree(mem);
}

static u64 port_now_ns(struct core_port *port)
{
	return ktime_get_ns();
}

static void port_sleep_us(struct core_port *port, unsigned int us)
{
	usleep_range(us, 2 * us);
}

static u32 port_admin_irqs(struct core_port *port)
{
	return atomic_read(&port_to_sl200(port)->irq.admin_irqs);
}

static void port_admin_wait(struct core_port *port, u32 seen, unsigned int timeout_us)
{
	struct sl200_irq *irq = &port_to_sl200(port)->irq;

	wait_event_timeout(irq->admin_wait, (u32)atomic_read(&irq->admin_irqs) != seen,
			   usecs_to_jiffies(timeout_us) + 1);
}

static struct mutex *port_mutex(struct core_port *port, enum core_lock lock)
{
	struct sl200_device *sdev = port_to_sl200(port);

	return lock == CORE_LOCK_ADMIN ? &sdev->admin_lock : &sdev->regs_lock;
}

static void port_lock(struct core_port *port, enum core_lock lock)
{
	mutex_lock(port_mutex(port, lock));
}

static void port_unlock(struct core_port *port, enum core_lock lock)
{
	mutex_unlock(port_mutex(port, lock));
}

/* An error that core finds in what the card wrote means that the card can be trusted no more. */
static __printf(3, 4) void port_log(struct core_port *port, enum core_log_level level,
				    const char *fmt, ...)
{
	struct sl200_device *sdev = port_to_sl200(port);
	struct va_format vaf;
	va_list args;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	if (level == CORE_LOG_ERROR)
		dev_err_ratelimited(&sdev->pdev->dev, "%pV\n", &vaf);
	else
		dev_info_ratelimited(&sdev->pdev->dev, "%pV\n", &vaf);
	va_end(args);
	if (level == CORE_LOG_ERROR)
		sl200_reset_request(sdev, "the card broke the protocol of the admin queue");
}

const struct core_port_ops sl200_port_ops = {
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
