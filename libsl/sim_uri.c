// SPDX-License-Identifier: MIT
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "libsl/error.h"
#include "libsl/sim_uri.h"

static int parse_number(const char *text, size_t length, double min, double max, uint64_t *value)
{
	char digits[32], *end;
	double number;

	if (!length || length >= sizeof(digits))
		return -1;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (strspn(digits, "0123456789.eEKMG") != length)
		return -1;
	number = strtod(digits, &end);
	if (end == digits)
		return -1;
	switch (*end) {
	case 'G':
		number *= 1024;
		/* fall through */
	case 'M':
		number *= 1024;
		/* fall through */
	case 'K':
		number *= 1024;
		end++;
		break;
	}
	if (*end || !(number >= min) || !(number <= max) || number != floor(number))
		return -1;
	*value = (uint64_t)number;
	return 0;
}

const char *sim_engine_library(enum sim_engine engine)
{
	const char *waves = secure_getenv("SL_RTL_WAVES");

	if (engine == SIM_MODEL)
		return "libslcard.so";
	return waves && *waves ? "libslcard-rtl-waves.so" : "libslcard-rtl.so";
}

const char *sim_uri_engine(const char *text, enum sim_engine *engine)
{
	*engine = SIM_MODEL;
	if (strncmp(text, "rtl", 3) || (text[3] && text[3] != '?'))
		return text;
	*engine = SIM_RTL;
	return text + 3;
}

int sim_uri_parse(const char *text, struct card_config *config)
{
	static const struct {
		const char *name;
		double min, max;
	} options[] = {
		{"dram", 64.0 * (1 << 20), 64.0 * (1ull << 30)},
		{"threads", 1, 256},
		{"venc", 1, 8},
		{"bandwidth", 1e6, 1e12},
		{"latency", 0, 1e9},
		{"crc", 0, 6},
	};
	const size_t count = sizeof(options) / sizeof(options[0]);
	uint64_t value[6] = {0};

	memset(config, 0, sizeof(*config));
	if (!*text)
		return 0;
	if (*text != '?')
		return sl_fail(SL_ERR_NO_DEVICE,
			       "sim:%.60s: expected nothing, rtl, ?name=value&... or "
			       "/path/of/a/socket after sim:",
			       text);
	do {
		const char *name = text + 1, *equals = strchr(name, '=');
		size_t i, length = strcspn(name, "&"), name_length;

		name_length = equals && equals < name + length ? (size_t)(equals - name) : length;
		for (i = 0; i < count; i++) {
			if (strlen(options[i].name) == name_length &&
			    !strncmp(options[i].name, name, name_length))
				break;
		}
		if (i == count)
			return sl_fail(SL_ERR_NO_DEVICE,
				       "sim: has no option '%.*s'; it has dram, threads, venc, "
				       "bandwidth, latency, crc",
				       (int)(name_length < 40 ? name_length : 40), name);
		if (name_length == length ||
		    parse_number(equals + 1, length - name_length - 1, options[i].min,
				 options[i].max, &value[i]))
			return sl_fail(SL_ERR_NO_DEVICE,
				       "sim: option %s takes a whole number from %.0f to %.0f",
				       options[i].name, options[i].min, options[i].max);
		text = name + length;
	} while (*text);
	config->dram_size = value[0] & ~((2ull << 20) - 1);
	config->threads = (unsigned int)value[1];
	config->venc_engines = (unsigned int)value[2];
	config->link.bandwidth = value[3];
	config->link.latency_ns = (uint32_t)value[4];
	config->crc_engines = (unsigned int)value[5];
	return 0;
}

int sim_uri_socket(const char *path, char socket[SIM_SOCKET_PATH_SIZE])
{
	if (strchr(path, '?'))
		return sl_fail(SL_ERR_NO_DEVICE,
			       "sim:%.60s: a card in another process takes its options from "
			       "slcard, not from here",
			       path);
	if (strlen(path) >= SIM_SOCKET_PATH_SIZE)
		return sl_fail(SL_ERR_NO_DEVICE,
			       "sim:%.60s...: the path of a socket has at most %zu characters",
			       path, SIM_SOCKET_PATH_SIZE - 1);
	strcpy(socket, path);
	return 0;
}
