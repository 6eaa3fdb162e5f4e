// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "abi/sl200_regs.h"
#include "driver/core/telemetry.h"
#include "libsl/error.h"
#include "libsl/sim.h"

static struct sim_client *to_client(struct transport *transport)
{
	return (struct sim_client *)transport;
}

static void sim_close(struct transport *transport)
{
	struct sim_client *client = to_client(transport);
	struct sim_card *card = client->card;

	sim_client_destroy(client);
	sim_card_put(card);
}

static int sim_stats(struct transport *transport, struct sl_device_stats *stats)
{
	struct sim_client *client = to_client(transport);
	struct sim_card *card = client->card;
	struct core_telemetry telemetry;
	uint32_t i;
	int ret;

	if (atomic_load(&card->lost))
		return sim_card_lost(card);
	ret = core_admin_get_stats(&card->core.admin, &stats->firmware);
	if (!ret)
		ret = core_telemetry_read(&card->port, &telemetry);
	if (ret)
		return sim_core_fail(card, ret, "reading statistics");
	stats->time_ns = telemetry.time_ns;
	stats->link_read = telemetry.link_read;
	stats->link_write = telemetry.link_write;
	stats->dram_read = telemetry.dram_read;
	stats->dram_write = telemetry.dram_write;
	stats->interrupts = telemetry.interrupts;
	stats->doorbells = telemetry.doorbells;
	stats->doorbells_dropped = telemetry.doorbells_dropped;
	stats->mmu_faults = telemetry.mmu_faults;
	stats->temperature_mc = telemetry.temperature_mc;
	stats->power_mw = telemetry.power_mw;
	stats->heartbeat = telemetry.heartbeat;
	stats->reset_count = telemetry.reset_count;
	stats->num_engines = telemetry.num_engines;
	for (i = 0; i < telemetry.num_engines; i++) {
		stats->engine[i] = (struct sl_engine_stats){
			.kind = telemetry.engine[i].kind,
			.jobs = telemetry.engine[i].jobs,
			.busy_ns = telemetry.engine[i].busy_ns,
			.cycles = telemetry.engine[i].cycles,
			.stall_in_ns = telemetry.engine[i].stall_in_ns,
			.stall_out_ns = telemetry.engine[i].stall_out_ns,
		};
	}
	pthread_mutex_lock(&client->lock);
	stats->host_bytes = client->host_bytes;
	stats->card_bytes = client->card_bytes;
	pthread_mutex_unlock(&client->lock);
	pthread_mutex_lock(&card->lock);
	stats->dram_used = card->dram.used;
	pthread_mutex_unlock(&card->lock);
	return 0;
}

static int sim_log(struct transport *transport, struct sl200_log_entry *entries, int max)
{
	struct sim_card *card = to_client(transport)->card;

	if (atomic_load(&card->lost))
		return sim_card_lost(card);
	return core_card_log(&card->core, 0, entries, max);
}

static int sim_queue_info(struct transport *transport, unsigned int qid,
			  struct sl200_queue_info *info)
{
	struct sim_card *card = to_client(transport)->card;
	int ret;

	if (atomic_load(&card->lost))
		return sim_card_lost(card);
	ret = core_admin_queue_query(&card->core.admin, qid, info);
	return ret ? sim_core_fail(card, ret, "querying a queue") : 0;
}

static int sim_inject(struct transport *transport, uint32_t offset, uint32_t value)
{
	struct sim_card *card = to_client(transport)->card;

	if (!(core_read32(&card->port, SL200_INJECT_CTRL) & SL200_INJECT_CTRL_PRESENT) ||
	    offset < SL200_INJECT_BASE || offset > SL200_INJECT_ECC)
		return sl_fail(SL_ERR_UNSUPPORTED, "the card has no such fault injection");
	core_write32(&card->port, offset, value);
	return 0;
}

static const struct transport_ops sim_ops = {
	.close = sim_close,
	.stats = sim_stats,
	.log = sim_log,
	.queue_info = sim_queue_info,
	.bo_create = sim_bo_create,
	.bo_destroy = sim_bo_destroy,
	.queue_create = sim_queue_create,
	.queue_stop = sim_queue_stop,
	.queue_free = sim_queue_free,
	.doorbell = sim_queue_doorbell,
	.queue_irqs = sim_queue_irqs,
	.queue_sleep = sim_queue_sleep,
	.queue_wake = sim_queue_wake,
	.inject = sim_inject,
};

int transport_sim_open(const char *options, struct transport **transport)
{
	struct sim_client *client;
	struct sl_device_info *info;
	struct sim_card *card;
	int ret;

	ret = sim_card_get(options, &card);
	if (ret)
		return ret;
	ret = sim_client_create(card, &client);
	if (ret) {
		sim_card_put(card);
		return ret;
	}
	client->base.ops = &sim_ops;
	client->base.caps = card->core.caps;
	info = &client->base.info;
	snprintf(info->implementation, sizeof(info->implementation), "%s",
		 transport_implementation(core_read32(&card->port, SL200_TOP_IMPL) &
					  SL200_TOP_IMPL_KIND));
	info->serial = core_read64(&card->port, SL200_TOP_SERIAL_LO);
	info->hw_version = core_read32(&card->port, SL200_TOP_HW_VERSION);
	info->fw_version = card->core.fw_version;
	info->dram_size = card->core.caps.dram_size;
	*transport = &client->base;
	return 0;
}
