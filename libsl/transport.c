// SPDX-License-Identifier: MIT
#include <string.h>

#include "abi/uapi/drm/sl200_drm.h"
#include "libsl/error.h"
#include "libsl/transport.h"

static const struct {
	const char *scheme;
	int (*open)(const char *rest, struct transport **transport);
} transports[] = {
	{"drm:", transport_drm_open},
	{"sim:", transport_sim_open},
};

const char *transport_implementation(uint32_t kind)
{
	switch (kind) {
	case DRM_SL200_SILICON:
		return "silicon";
	case DRM_SL200_FUNCTIONAL_MODEL:
		return "functional model";
	case DRM_SL200_RTL:
		return "RTL simulation";
	default:
		return "unknown";
	}
}

int transport_open(const char *uri, struct transport **transport)
{
	size_t i;

	if (!uri)
		return transport_drm_open("", transport);
	for (i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
		size_t length = strlen(transports[i].scheme);

		if (!strncmp(uri, transports[i].scheme, length))
			return transports[i].open(uri + length, transport);
	}
	return sl_fail(SL_ERR_NO_DEVICE,
		       "device '%.80s': there is no such kind of device; there are drm: (a card "
		       "behind the kernel driver) and sim: (the functional model inside the "
		       "process)",
		       uri);
}
