// SPDX-License-Identifier: MIT
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libsl/device.h"

static const char *engine_name(uint32_t kind)
{
	switch (kind) {
	case SL200_ENGINE_DMA:
		return "dma";
	case SL200_ENGINE_VENC:
		return "venc";
	case SL200_ENGINE_VDEC:
		return "vdec";
	case SL200_ENGINE_VPP:
		return "vpp";
	case SL200_ENGINE_CRC:
		return "crc";
	default:
		return "unknown";
	}
}

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *engines_json(const struct sl_device_stats *stats)
{
	json_t *array = json_array();
	uint32_t i;

	for (i = 0; i < stats->num_engines; i++) {
		const struct sl_engine_stats *engine = &stats->engine[i];
		json_t *object = json_object();

		json_object_set_new(object, "kind", json_string(engine_name(engine->kind)));
		json_object_set_new(object, "jobs", number(engine->jobs));
		json_object_set_new(object, "busy_ns", number(engine->busy_ns));
		json_object_set_new(object, "cycles", number(engine->cycles));
		json_object_set_new(object, "stall_in_ns", number(engine->stall_in_ns));
		json_object_set_new(object, "stall_out_ns", number(engine->stall_out_ns));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *firmware_json(const struct sl200_fw_stats *firmware)
{
	json_t *object = json_object();

	json_object_set_new(object, "uptime_ns", number(firmware->uptime_ns));
	json_object_set_new(object, "jobs", number(firmware->jobs));
	json_object_set_new(object, "job_errors", number(firmware->job_errors));
	json_object_set_new(object, "admin_commands", number(firmware->admin_commands));
	json_object_set_new(object, "watchdog_expiries", number(firmware->watchdog_expiries));
	json_object_set_new(object, "engine_resets", number(firmware->engine_resets));
	json_object_set_new(object, "faults", number(firmware->faults));
	json_object_set_new(object, "interrupts", number(firmware->interrupts));
	json_object_set_new(object, "interrupts_coalesced", number(firmware->interrupts_coalesced));
	json_object_set_new(object, "backpressure", number(firmware->backpressure));
	return object;
}

static void stats_json(json_t *root, const struct sl_device_stats *stats)
{
	json_object_set_new(root, "time_ns", number(stats->time_ns));
	json_object_set_new(root, "jobs_submitted", number(stats->firmware.jobs));
	json_object_set_new(root, "link_read", number(stats->link_read));
	json_object_set_new(root, "link_write", number(stats->link_write));
	json_object_set_new(root, "dram_read", number(stats->dram_read));
	json_object_set_new(root, "dram_write", number(stats->dram_write));
	json_object_set_new(root, "interrupts", number(stats->interrupts));
	json_object_set_new(root, "doorbells", number(stats->doorbells));
	json_object_set_new(root, "doorbells_dropped", number(stats->doorbells_dropped));
	json_object_set_new(root, "mmu_faults", number(stats->mmu_faults));
	json_object_set_new(root, "temperature_mc", number(stats->temperature_mc));
	json_object_set_new(root, "power_mw", number(stats->power_mw));
	json_object_set_new(root, "engines", engines_json(stats));
	json_object_set_new(root, "firmware", firmware_json(&stats->firmware));
}

/* Whole or not at all: a reader never sees half a file. */
static int replace_file(const char *path, const json_t *root)
{
	char temporary[PATH_MAX];

	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid()) >=
	    sizeof(temporary)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (json_dump_file(root, temporary, JSON_INDENT(2)) || rename(temporary, path)) {
		unlink(temporary);
		return -1;
	}
	return 0;
}

void stats_file_write(const char *path, struct sl_device *device)
{
	struct sl_device_stats stats;
	char version[32];
	json_t *root = json_object();
	uint32_t fw = device->info.fw_version;

	snprintf(version, sizeof(version), "%u.%u.%u", fw >> 24, fw >> 16 & 0xff, fw & 0xffff);
	json_object_set_new(root, "uri", json_string(device->info.uri));
	json_object_set_new(root, "implementation", json_string(device->info.implementation));
	json_object_set_new(root, "fw_version", json_string(version));
	if (sl_device_stats(device, &stats))
		json_object_set_new(root, "error", json_string(sl_last_error()));
	else
		stats_json(root, &stats);
	if (replace_file(path, root))
		fprintf(stderr, "sl200: SL_STATS: %s: %s\n", path, strerror(errno));
	json_decref(root);
}
