/* SPDX-License-Identifier: MIT */
#ifndef SLVA_CONFIG_H
#define SLVA_CONFIG_H

#include "va-backend/driver.h"

struct slva_config {
	struct slva_object object;
	VAProfile profile;
	VAEntrypoint entrypoint;
	uint32_t rate_control;	 /* one of VA_RC_CQP, VA_RC_CBR, VA_RC_VBR */
	uint32_t packed_headers; /* VA_ENC_PACKED_HEADER_* the client will send */
};

#endif
