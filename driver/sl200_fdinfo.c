// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What /proc/PID/fdinfo tells about a client, for nvtop, gputop and the like. */
#include <linux/pci.h>
#include <linux/seq_file.h>

#include "driver/sl200_admin.h"
#include "driver/sl200_client.h"
#include "driver/sl200_device.h"
#include "driver/sl200_queue.h"

static const char *const engine_name[SL200_ENGINE_KINDS] = {
	[SL200_ENGINE_DMA] = "dma",
	[SL200_ENGINE_VENC] = "venc",
	[SL200_ENGINE_VDEC] = "vdec",
	[SL200_ENGINE_VPP] = "vpp",
	[SL200_ENGINE_CRC] = "crc",
};

/* How many engines of each kind the card has; none, if it cannot be asked now. */
static void count_engines(struct sl200_device *sdev, unsigned int *count)
{
	unsigned int i, kind;
	int idx;

	memset(count, 0, SL200_ENGINE_KINDS * sizeof(*count));
	if (sl200_card_enter(sdev, &idx))
		return;
	for (i = 0; i < SL200_MAX_ENGINES; i++) {
		kind = sdev->core.caps.engine_kind[i];
		if (kind < SL200_ENGINE_KINDS)
			count[kind]++;
	}
	sl200_card_exit(sdev, idx);
}

/* Engine time by kind, of the queues there are and those there were. */
static void sum_busy(struct sl200_client *client, u64 *busy_ns)
{
	struct sl200_queue *queue;
	unsigned long qid;
	unsigned int i;

	mutex_lock(&client->queue_lock);
	memcpy(busy_ns, client->ended_ns, sizeof(client->ended_ns));
	xa_for_each(&client->queues, qid, queue) {
		sl200_queue_refresh_busy(queue);
		for (i = 0; i < SL200_ENGINE_KINDS; i++)
			busy_ns[i] += queue->busy_ns[i];
	}
	mutex_unlock(&client->queue_lock);
}

/* Memory of clients is pinned: what there is, is resident. */
static void show_memory(struct seq_file *m, const char *region, u64 bytes)
{
	u64 kib = bytes >> 10;

	seq_printf(m, "drm-total-%s:\t%llu KiB\n", region, kib);
	seq_printf(m, "drm-resident-%s:\t%llu KiB\n", region, kib);
	seq_printf(m, "drm-memory-%s:\t%llu KiB\n", region, kib);
}

void sl200_show_fdinfo(struct seq_file *m, struct file *filp)
{
	struct drm_file *file = filp->private_data;
	struct sl200_client *client = to_client(file);
	struct sl200_device *sdev = client->sdev;
	unsigned int count[SL200_ENGINE_KINDS], i;
	u64 busy_ns[SL200_ENGINE_KINDS];
	u64 host, card;

	count_engines(sdev, count);
	sum_busy(client, busy_ns);
	seq_puts(m, "drm-driver:\tsl200\n");
	seq_printf(m, "drm-pdev:\t%s\n", pci_name(sdev->pdev));
	seq_printf(m, "drm-client-id:\t%llu\n", client->id);
	for (i = 0; i < SL200_ENGINE_KINDS; i++) {
		if (!engine_name[i] || (!count[i] && !busy_ns[i]))
			continue;
		seq_printf(m, "drm-engine-%s:\t%llu ns\n", engine_name[i], busy_ns[i]);
		if (count[i] > 1)
			seq_printf(m, "drm-engine-capacity-%s:\t%u\n", engine_name[i], count[i]);
	}
	mutex_lock(&client->vm.lock);
	host = client->vm.host_bytes;
	card = client->vm.card_bytes;
	mutex_unlock(&client->vm.lock);
	show_memory(m, "system", host);
	show_memory(m, "vram0", card);
}
