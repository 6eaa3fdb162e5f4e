// SPDX-License-Identifier: MIT
#include <string.h>

#include "libsl/error.h"
#include "libsl/transport.h"

static const struct {
	const char *scheme;
	int (*open)(const char *rest, struct transport **transport);
} transports[] = {
	{"sim:", transport_sim_open},
};

int transport_open(const char *uri, struct transport **transport)
{
	size_t i;

	for (i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
		size_t length = strlen(transports[i].scheme);

		if (!strncmp(uri, transports[i].scheme, length))
			return transports[i].open(uri + length, transport);
	}
	return sl_fail(SL_ERR_NO_DEVICE,
		       "device '%.80s': this build has no such kind of device; it has sim: "
		       "(the functional model inside the process)",
		       uri);
}
