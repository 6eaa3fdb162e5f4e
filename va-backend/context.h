/* SPDX-License-Identifier: MIT */
#ifndef SLVA_CONTEXT_H
#define SLVA_CONTEXT_H

#include "va-backend/buffer.h"
#include "va-backend/config.h"
#include "va-backend/encode.h"

struct slva_context {
	struct slva_object object;
	struct slva_driver *drv;
	struct slva_config *config; /* with a reference */
	uint32_t width, height;	    /* 0: not said */

	/* Of all below; held by BeginPicture, RenderPicture and EndPicture of this context. */
	pthread_mutex_t lock;
	struct slva_surface *target; /* between Begin- and EndPicture, with a reference */
	struct slva_encode encode;
};

#endif
