// SPDX-License-Identifier: MIT
/*
 * slsmi: the state of a card: engines, queues, memory, firmware, counters.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "sl200/device.h"

#define LOG_ENTRIES 32
#define CARDS_MAX 64 /* as many render nodes as there can be */

static const char *const engine_names[] = {
	[SL200_ENGINE_NONE] = "none", [SL200_ENGINE_DMA] = "dma", [SL200_ENGINE_VENC] = "venc",
	[SL200_ENGINE_VDEC] = "vdec", [SL200_ENGINE_VPP] = "vpp", [SL200_ENGINE_CRC] = "crc",
};

static const char *const priority_names[] = {
	[SL200_PRIO_LOW] = "low",
	[SL200_PRIO_NORMAL] = "normal",
	[SL200_PRIO_HIGH] = "high",
	[SL200_PRIO_REALTIME] = "realtime",
};

static const char *const event_names[] = {
	[SL200_EVENT_BOOT] = "boot",
	[SL200_EVENT_QUEUE_STOPPED] = "queue stopped",
	[SL200_EVENT_ENGINE_RESET] = "engine reset",
	[SL200_EVENT_JOB_TIMEOUT] = "job timeout",
	[SL200_EVENT_FW_UPDATED] = "firmware updated",
	[SL200_EVENT_BAD_DOORBELL] = "bad doorbell",
};

#define NAME(table, i) ((i) < sizeof(table) / sizeof((table)[0]) && (table)[i] ? (table)[i] : "?")

struct snapshot {
	struct sl_device_info info;
	struct sl_device_stats stats;
	struct sl200_log_entry log[LOG_ENTRIES];
	int num_log;
	bool log_hidden;
};

static void version_text(uint32_t version, char *text, size_t size)
{
	snprintf(text, size, "%u.%u.%u", version >> 24, (version >> 16) & 0xff, version & 0xffff);
}

/* Share of the time between two snapshots (or since power-on) that an engine was busy. */
static double utilisation(const struct snapshot *now, const struct snapshot *before,
			  uint32_t engine)
{
	uint64_t busy = now->stats.engine[engine].busy_ns;
	uint64_t time = now->stats.time_ns;

	if (before) {
		busy -= before->stats.engine[engine].busy_ns;
		time -= before->stats.time_ns;
	}
	return time ? 100.0 * (double)busy / (double)time : 0.0;
}

static int take_snapshot(struct sl_device *device, struct snapshot *snap)
{
	int ret;

	sl_device_info(device, &snap->info);
	ret = sl_device_stats(device, &snap->stats);
	if (ret)
		return ret;
	/* The log is for administrators; the rest is for everybody. */
	ret = sl_device_log(device, snap->log, LOG_ENTRIES);
	if (ret < 0 && ret != SL_ERR_PERMISSION)
		return ret;
	snap->log_hidden = ret < 0;
	snap->num_log = ret < 0 ? 0 : ret;
	return 0;
}

static void print_text(struct sl_device *device, const struct snapshot *now,
		       const struct snapshot *before)
{
	const struct sl200_caps *caps = sl_device_caps(device);
	const struct sl_device_stats *st = &now->stats;
	char version[32];

	version_text(now->info.fw_version, version, sizeof(version));
	printf("SL200 %016" PRIx64 "  %s  (%s)\n", now->info.serial, now->info.implementation,
	       now->info.uri);
	printf("  firmware   %s, up %.1f s, heartbeat %u\n", version,
	       (double)st->firmware.uptime_ns / 1e9, st->heartbeat);
	printf("  memory     %.1f of %.1f MiB card DRAM in use\n",
	       (double)st->dram_used / (1 << 20), (double)now->info.dram_size / (1 << 20));
	printf("  sensors    %.1f C, %.1f W (model values unless silicon)\n",
	       st->temperature_mc / 1e3, st->power_mw / 1e3);
	printf("  link       %.1f MiB read, %.1f MiB written\n", (double)st->link_read / (1 << 20),
	       (double)st->link_write / (1 << 20));
	printf("  DRAM       %.1f MiB read, %.1f MiB written\n", (double)st->dram_read / (1 << 20),
	       (double)st->dram_write / (1 << 20));
	printf("  events     %" PRIu64 " doorbells (%" PRIu64 " dropped), %" PRIu64
	       " interrupts, %" PRIu64 " MMU faults\n",
	       st->doorbells, st->doorbells_dropped, st->interrupts, st->mmu_faults);
	printf("  jobs       %" PRIu64 " done, %" PRIu64 " failed, %" PRIu64
	       " timed out; resets: %u engine, %u MCU, %u chip, %u function\n",
	       st->firmware.jobs, st->firmware.job_errors, st->firmware.watchdog_expiries,
	       (st->reset_count >> 8) & 0xff, st->reset_count & 0xff,
	       (st->reset_count >> 16) & 0xff, st->reset_count >> 24);
	printf("\n  engine      busy        jobs        time      cycles\n");
	for (uint32_t i = 0; i < st->num_engines; i++) {
		const struct sl_engine_stats *e = &st->engine[i];

		printf("  %u %-6s %6.1f %% %11" PRIu64 " %9.3f s %11" PRIu64 "\n", i,
		       NAME(engine_names, e->kind), utilisation(now, before, i), e->jobs,
		       (double)e->busy_ns / 1e9, e->cycles);
	}
	printf("\n  queue  client  priority  state    in flight        jobs      errors\n");
	for (uint32_t qid = 1; qid < caps->num_queues; qid++) {
		struct sl200_queue_info q;

		if (sl_device_queue_info(device, qid, &q))
			continue;
		printf("  %5u  %6u  %-8s  %-7s  %9u %11" PRIu64 " %11" PRIu64 "\n", qid, q.asid,
		       NAME(priority_names, q.priority),
		       q.state == SL200_QUEUE_STOPPED ? "stopped" : "running", q.in_flight, q.jobs,
		       q.errors);
	}
	printf("\n  event log%s\n", now->log_hidden ? ": needs CAP_PERFMON or CAP_SYS_ADMIN" : "");
	for (int i = 0; i < now->num_log; i++) {
		const struct sl200_log_entry *e = &now->log[i];

		printf("  %12.6f  %-16s queue %u, 0x%x, 0x%" PRIx64 "\n", (double)e->time_ns / 1e9,
		       NAME(event_names, e->event), e->qid, e->arg0, e->arg1);
	}
}

static json_t *engines_json(const struct snapshot *now, const struct snapshot *before)
{
	json_t *engines = json_array();

	for (uint32_t i = 0; i < now->stats.num_engines; i++) {
		const struct sl_engine_stats *e = &now->stats.engine[i];

		json_array_append_new(
			engines,
			json_pack("{s:s s:f s:I s:I s:I s:I s:I}", "kind",
				  NAME(engine_names, e->kind), "busy_percent",
				  utilisation(now, before, i), "jobs", (json_int_t)e->jobs,
				  "busy_ns", (json_int_t)e->busy_ns, "cycles",
				  (json_int_t)e->cycles, "stall_in_ns", (json_int_t)e->stall_in_ns,
				  "stall_out_ns", (json_int_t)e->stall_out_ns));
	}
	return engines;
}

static json_t *queues_json(struct sl_device *device)
{
	json_t *queues = json_array();

	for (uint32_t qid = 1; qid < sl_device_caps(device)->num_queues; qid++) {
		struct sl200_queue_info q;

		if (sl_device_queue_info(device, qid, &q))
			continue;
		json_array_append_new(
			queues,
			json_pack("{s:i s:i s:s s:s s:i s:I s:I}", "id", (int)qid, "asid",
				  (int)q.asid, "priority", NAME(priority_names, q.priority),
				  "state", q.state == SL200_QUEUE_STOPPED ? "stopped" : "running",
				  "in_flight", (int)q.in_flight, "jobs", (json_int_t)q.jobs,
				  "errors", (json_int_t)q.errors));
	}
	return queues;
}

static json_t *log_json(const struct snapshot *now)
{
	json_t *log = json_array();

	for (int i = 0; i < now->num_log; i++) {
		const struct sl200_log_entry *e = &now->log[i];

		json_array_append_new(
			log, json_pack("{s:I s:s s:i s:I s:I}", "time_ns", (json_int_t)e->time_ns,
				       "event", NAME(event_names, e->event), "queue", (int)e->qid,
				       "arg0", (json_int_t)e->arg0, "arg1", (json_int_t)e->arg1));
	}
	return log;
}

static int print_json(struct sl_device *device, const struct snapshot *now,
		      const struct snapshot *before)
{
	const struct sl_device_stats *st = &now->stats;
	const struct sl200_fw_stats *fw = &st->firmware;
	char version[32], serial[32];
	json_t *root;
	int ret;

	version_text(now->info.fw_version, version, sizeof(version));
	snprintf(serial, sizeof(serial), "%016" PRIx64, now->info.serial);
	root = json_pack(
		"{s:s s:s s:s s:I s:{s:s s:I s:i s:I s:I s:I s:I} s:{s:I s:I} s:{s:f s:f}"
		" s:{s:I s:I s:I s:I} s:{s:I s:I s:I s:I} s:{s:i s:i s:i s:i} s:o s:o s:o}",
		"uri", now->info.uri, "implementation", now->info.implementation, "serial", serial,
		"time_ns", (json_int_t)st->time_ns, "firmware", "version", version, "uptime_ns",
		(json_int_t)fw->uptime_ns, "heartbeat", (int)st->heartbeat, "jobs",
		(json_int_t)fw->jobs, "job_errors", (json_int_t)fw->job_errors, "watchdog_expiries",
		(json_int_t)fw->watchdog_expiries, "backpressure", (json_int_t)fw->backpressure,
		"memory", "dram_size", (json_int_t)now->info.dram_size, "dram_used",
		(json_int_t)st->dram_used, "sensors", "temperature_c", st->temperature_mc / 1e3,
		"power_w", st->power_mw / 1e3, "traffic", "link_read", (json_int_t)st->link_read,
		"link_write", (json_int_t)st->link_write, "dram_read", (json_int_t)st->dram_read,
		"dram_write", (json_int_t)st->dram_write, "events", "doorbells",
		(json_int_t)st->doorbells, "doorbells_dropped", (json_int_t)st->doorbells_dropped,
		"interrupts", (json_int_t)st->interrupts, "mmu_faults", (json_int_t)st->mmu_faults,
		"resets", "mcu", (int)(st->reset_count & 0xff), "engine",
		(int)((st->reset_count >> 8) & 0xff), "chip", (int)((st->reset_count >> 16) & 0xff),
		"function", (int)(st->reset_count >> 24), "engines", engines_json(now, before),
		"queues", queues_json(device), "log", log_json(now));
	if (!root) {
		fprintf(stderr, "slsmi: out of memory\n");
		return 1;
	}
	ret = json_dumpf(root, stdout, JSON_INDENT(2));
	json_decref(root);
	printf("\n");
	return ret ? 1 : 0;
}

static void usage(FILE *out)
{
	fprintf(out,
		"usage: slsmi [--device URI] [--json] [--interval SECONDS [--count N]]\n"
		"       slsmi --list [--json]\n"
		"Show the state of an SL200 card: engines, queues, memory, firmware, counters.\n\n"
		"  -d, --device URI      the card; default: SL_DEVICE, else the first card found\n"
		"  -l, --list            the cards behind the kernel driver, one a line\n"
		"  -j, --json            JSON instead of text\n"
		"  -i, --interval SEC    show again every SEC seconds; busy is then per interval\n"
		"  -n, --count N         stop after N times\n"
		"  -h, --help            this text\n"
		"  -V, --version         version of the library\n\n"
		"sim: is a card of this process alone: its counters start at zero here.\n");
}

/* A card of the list: what it is, or why it cannot be opened. */
static json_t *entry_json(const struct sl_device_entry *entry)
{
	json_t *object = json_pack("{s:s s:s}", "uri", entry->uri, "pci", entry->pci);
	struct sl_device_info info;
	struct sl_device *device;
	char text[32];

	if (sl_device_open(entry->uri, &device)) {
		json_object_set_new(object, "error", json_string(sl_last_error()));
		return object;
	}
	sl_device_info(device, &info);
	sl_device_close(device);
	json_object_set_new(object, "implementation", json_string(info.implementation));
	snprintf(text, sizeof(text), "%016" PRIx64, info.serial);
	json_object_set_new(object, "serial", json_string(text));
	version_text(info.fw_version, text, sizeof(text));
	json_object_set_new(object, "firmware", json_string(text));
	return object;
}

static void print_entry(const json_t *object)
{
	const char *error = json_string_value(json_object_get(object, "error"));

	printf("%s  %s  ", json_string_value(json_object_get(object, "uri")),
	       json_string_value(json_object_get(object, "pci")));
	if (error)
		printf("%s\n", error);
	else
		printf("SL200 %s  %s, firmware %s\n",
		       json_string_value(json_object_get(object, "serial")),
		       json_string_value(json_object_get(object, "implementation")),
		       json_string_value(json_object_get(object, "firmware")));
}

static int list_cards(bool json)
{
	static struct sl_device_entry entries[CARDS_MAX];
	json_t *list = json_array();
	int i, ret = 0, found = sl_device_list(entries, CARDS_MAX);

	if (found < 0) {
		fprintf(stderr, "slsmi: %s\n", sl_last_error());
		json_decref(list);
		return 1;
	}
	for (i = 0; i < found && i < CARDS_MAX; i++)
		json_array_append_new(list, entry_json(&entries[i]));
	if (json) {
		ret = json_dumpf(list, stdout, JSON_INDENT(2));
		printf("\n");
	} else {
		for (i = 0; i < (int)json_array_size(list); i++)
			print_entry(json_array_get(list, (size_t)i));
	}
	json_decref(list);
	if (!found)
		fprintf(stderr, "slsmi: no SL200 card found\n");
	return ret || !found;
}

static bool parse_number(const char *text, double max, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && !*end && *value > 0 && *value <= max;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"device", required_argument, NULL, 'd'},
		{"list", no_argument, NULL, 'l'},
		{"json", no_argument, NULL, 'j'},
		{"interval", required_argument, NULL, 'i'},
		{"count", required_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	struct snapshot snaps[2] = {0};
	struct sl_device *device;
	const char *uri = NULL;
	double interval = 0, count = 0;
	bool json = false, list = false;
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "d:lji:n:hV", options, NULL)) != -1) {
		switch (opt) {
		case 'd':
			uri = optarg;
			break;
		case 'l':
			list = true;
			break;
		case 'j':
			json = true;
			break;
		case 'i':
			if (!parse_number(optarg, 86400, &interval)) {
				fprintf(stderr,
					"slsmi: --interval wants seconds, 0 to 86400, not '%s'\n",
					optarg);
				return 2;
			}
			break;
		case 'n':
			if (!parse_number(optarg, 1e9, &count)) {
				fprintf(stderr,
					"slsmi: --count wants a positive number, not '%s'\n",
					optarg);
				return 2;
			}
			break;
		case 'h':
			usage(stdout);
			return 0;
		case 'V':
			printf("slsmi %s\n", sl_version());
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "slsmi: unexpected argument '%s'\n", argv[optind]);
		return 2;
	}
	if (list)
		return list_cards(json);
	if (sl_device_open(uri, &device)) {
		fprintf(stderr, "slsmi: %s\n", sl_last_error());
		return 1;
	}
	for (unsigned long n = 0;; n++) {
		struct snapshot *now = &snaps[n & 1];

		ret = take_snapshot(device, now);
		if (ret) {
			fprintf(stderr, "slsmi: %s\n", sl_last_error());
			break;
		}
		if (json)
			ret = print_json(device, now, n ? &snaps[!(n & 1)] : NULL);
		else
			print_text(device, now, n ? &snaps[!(n & 1)] : NULL);
		if (ret || interval == 0 || (count != 0 && n + 1 >= count))
			break;
		fflush(stdout);
		nanosleep(&(struct timespec){(time_t)interval,
					     (long)((interval - (double)(time_t)interval) * 1e9)},
			  NULL);
	}
	sl_device_close(device);
	return ret ? 1 : 0;
}
