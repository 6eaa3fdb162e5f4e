// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libsl/drm.h"
#include "libsl/error.h"

/* More than any firmware keeps. */
#define LOG_BYTES_MAX (1 << 20)

static int read_engines(struct drm_transport *client, struct sl_device_stats *stats)
{
	struct drm_sl200_query_engine engine[SL200_MAX_ENGINES];
	int size = drm_query(client, DRM_SL200_QUERY_ENGINES, engine, sizeof(engine));
	uint32_t i;

	if (size < 0)
		return size;
	stats->num_engines = (uint32_t)size / sizeof(engine[0]);
	for (i = 0; i < stats->num_engines; i++) {
		stats->engine[i] = (struct sl_engine_stats){
			.kind = engine[i].kind,
			.jobs = engine[i].jobs,
			.busy_ns = engine[i].busy_ns,
			.cycles = engine[i].cycles,
			.stall_in_ns = engine[i].stall_in_ns,
			.stall_out_ns = engine[i].stall_out_ns,
		};
	}
	return 0;
}

int drm_stats(struct transport *transport, struct sl_device_stats *stats)
{
	struct drm_transport *client = to_drm(transport);
	struct drm_sl200_query_memory memory;
	struct drm_sl200_query_stats card;
	int ret;

	ret = drm_query(client, DRM_SL200_QUERY_STATS, &card, sizeof(card));
	if (ret >= 0)
		ret = drm_query(client, DRM_SL200_QUERY_FW_STATS, &stats->firmware,
				sizeof(stats->firmware));
	if (ret >= 0)
		ret = drm_query(client, DRM_SL200_QUERY_MEMORY, &memory, sizeof(memory));
	if (ret >= 0)
		ret = read_engines(client, stats);
	if (ret < 0)
		return drm_fail(client, ret, "reading statistics");
	stats->time_ns = card.time_ns;
	stats->link_read = card.link_read;
	stats->link_write = card.link_write;
	stats->dram_read = card.dram_read;
	stats->dram_write = card.dram_write;
	stats->interrupts = card.interrupts;
	stats->doorbells = card.doorbells;
	stats->doorbells_dropped = card.doorbells_dropped;
	stats->mmu_faults = card.mmu_faults;
	stats->temperature_mc = card.temperature_mc;
	stats->power_mw = card.power_mw;
	stats->heartbeat = card.heartbeat;
	stats->reset_count = card.reset_count;
	stats->host_bytes = memory.host_used;
	stats->card_bytes = memory.card_used;
	stats->dram_used = memory.card_allocated;
	return 0;
}

int drm_log(struct transport *transport, struct sl200_log_entry *entries, int max)
{
	struct drm_transport *client = to_drm(transport);
	struct sl200_log_entry *all = NULL;
	int n, size = drm_query(client, DRM_SL200_QUERY_LOG, NULL, 0);

	if (size > 0) {
		size = size < LOG_BYTES_MAX ? size : LOG_BYTES_MAX;
		all = malloc((size_t)size);
		if (!all)
			return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
		size = drm_query(client, DRM_SL200_QUERY_LOG, all, (uint32_t)size);
	}
	if (size == -EPERM || size == -EACCES) {
		free(all);
		return sl_fail(SL_ERR_PERMISSION,
			       "the event log tells of all clients: it needs CAP_PERFMON or "
			       "CAP_SYS_ADMIN");
	}
	if (size < 0) {
		free(all);
		return drm_fail(client, size, "reading the event log");
	}
	n = size / (int)sizeof(*all);
	if (n > max) {
		memmove(all, all + (n - max), (size_t)max * sizeof(*all));
		n = max;
	}
	if (n)
		memcpy(entries, all, (size_t)n * sizeof(*all));
	free(all);
	return n;
}

int drm_queue_info(struct transport *transport, unsigned int qid, struct sl200_queue_info *info)
{
	struct drm_transport *client = to_drm(transport);
	struct drm_sl200_queue_info query = {
		.queue = qid,
		.size = sizeof(*info),
		.pointer = (uintptr_t)info,
	};
	int ret;

	memset(info, 0, sizeof(*info));
	ret = drm_call(client, DRM_IOCTL_SL200_QUEUE_INFO, &query);
	return ret ? drm_fail(client, ret, "querying a queue") : 0;
}
