// SPDX-License-Identifier: MIT
/* What follows "sim:" in a device's URI. */
#include <string.h>

#include "libsl/sim_uri.h"
#include "sl200/device.h"
#include "tests/fuzz/fuzz_input.h"

static void check_accepted(const char *text, const struct card_config *config)
{
	FUZZ_CHECK(!*text || *text == '?');
	FUZZ_CHECK(!config->dram_size ||
		   (config->dram_size >= 64ull << 20 && config->dram_size <= 64ull << 30));
	FUZZ_CHECK(config->dram_size % (2 << 20) == 0);
	FUZZ_CHECK(config->threads <= 256);
	FUZZ_CHECK(config->venc_engines <= 8);
	FUZZ_CHECK(config->crc_engines <= 6);
	FUZZ_CHECK(!config->link.bandwidth ||
		   (config->link.bandwidth >= 1000000 && config->link.bandwidth <= 1000000000000));
	FUZZ_CHECK(config->link.latency_ns <= 1000000000);
	FUZZ_CHECK(!config->console && !config->serial && !config->dma_engines);
}

static void check_refused(int result)
{
	const char *why = sl_last_error();

	FUZZ_CHECK(result == SL_ERR_NO_DEVICE);
	FUZZ_CHECK(!strncmp(why, "sim:", 4) && strlen(why) < 512);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char socket[SIM_SOCKET_PATH_SIZE];
	struct card_config config;
	char *text = malloc(size + 1);
	int result;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	result = sim_uri_parse(text, &config);
	if (result)
		check_refused(result);
	else
		check_accepted(text, &config);
	if (*text == '/') {
		result = sim_uri_socket(text, socket);
		if (result)
			check_refused(result);
		else
			FUZZ_CHECK(!strcmp(socket, text) && !strchr(text, '?'));
	}
	free(text);
	return 0;
}
