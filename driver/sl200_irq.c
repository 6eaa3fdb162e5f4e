// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/interrupt.h>

#include "driver/sl200_device.h"
#include "driver/sl200_irq.h"
#include "driver/sl200_queue.h"
#include "driver/sl200_trace.h"

#define VECTORS_MIN 2 /* the admin queue's, and one for all others */

static irqreturn_t admin_irq(int irq, void *data)
{
	struct sl200_vector *vector = data;
	struct sl200_device *sdev = vector->sdev;

	trace_sl200_irq(sdev, vector->index);
	atomic_inc(&sdev->irq.admin_irqs);
	wake_up_all(&sdev->irq.admin_wait);
	queue_work(sdev->wq, &sdev->irq.event_work);
	return IRQ_HANDLED;
}

static irqreturn_t queue_irq(int irq, void *data)
{
	struct sl200_vector *vector = data;

	trace_sl200_irq(vector->sdev, vector->index);
	sl200_queues_irq(vector->sdev, vector->index);
	return IRQ_HANDLED;
}

static void irq_free(struct sl200_device *sdev, unsigned int count)
{
	while (count--)
		free_irq(pci_irq_vector(sdev->pdev, count), &sdev->irq.vector[count]);
	cancel_work_sync(&sdev->irq.event_work);
	pci_free_irq_vectors(sdev->pdev);
	sdev->irq.count = 0;
}

int sl200_irq_init(struct sl200_device *sdev)
{
	struct sl200_irq *irq = &sdev->irq;
	unsigned int i, count;
	int ret;

	ret = pci_alloc_irq_vectors(sdev->pdev, VECTORS_MIN, SL200_NUM_VECTORS, PCI_IRQ_MSIX);
	if (ret < 0) {
		dev_err(&sdev->pdev->dev, "fewer than %u MSI-X vectors: error %d\n", VECTORS_MIN,
			ret);
		return ret;
	}
	count = ret;
	for (i = 0; i < count; i++) {
		struct sl200_vector *vector = &irq->vector[i];

		vector->sdev = sdev;
		vector->index = i;
		if (i)
			snprintf(vector->name, sizeof(vector->name), "sl200-%u", i);
		else
			strscpy(vector->name, "sl200-admin", sizeof(vector->name));
		ret = request_irq(pci_irq_vector(sdev->pdev, i), i ? queue_irq : admin_irq, 0,
				  vector->name, vector);
		if (ret) {
			dev_err(&sdev->pdev->dev, "no interrupt for vector %u: error %d\n", i, ret);
			irq_free(sdev, i);
			return ret;
		}
	}
	irq->count = count;
	return 0;
}

void sl200_irq_fini(struct sl200_device *sdev)
{
	irq_free(sdev, sdev->irq.count);
}
