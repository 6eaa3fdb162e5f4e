// SPDX-License-Identifier: MIT
#include "sim/card/vfio_user_version.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "abi/sl200_mmu.h"
#include "sim/card/vfio_user_proto.h"

int vfio_user_version_check(const char *text, size_t size, char *error, size_t error_size)
{
	json_t *root, *capabilities, *value;
	json_error_t problem;
	const char *name;
	int rc = 0;

	if (!size)
		return 0;
	if (text[size - 1]) {
		snprintf(error, error_size, "capabilities do not end on a NUL");
		return -EINVAL;
	}
	root = json_loads(text, 0, &problem);
	if (!root) {
		snprintf(error, error_size, "capabilities are no JSON: %.80s", problem.text);
		return -EINVAL;
	}
	capabilities = json_object_get(root, "capabilities");
	if (!json_is_object(root) || (capabilities && !json_is_object(capabilities))) {
		snprintf(error, error_size, "capabilities are no JSON object");
		rc = -EINVAL;
	}
	json_object_foreach(capabilities, name, value)
	{
		bool number = !strcmp(name, "max_msg_fds") || !strcmp(name, "max_dma_maps") ||
			      !strcmp(name, "max_data_xfer_size") || !strcmp(name, "pgsizes");

		if ((number && (!json_is_integer(value) || json_integer_value(value) < 0)) ||
		    (!strcmp(name, "write_multiple") && !json_is_boolean(value))) {
			snprintf(error, error_size, "capability %.40s is of a wrong type", name);
			rc = -EINVAL;
		}
	}
	json_decref(root);
	return rc;
}

char *vfio_user_version_text(void)
{
	json_t *root = json_pack("{s:{s:i, s:i, s:i, s:i, s:b}}", "capabilities", "max_msg_fds",
				 (int)VFIO_USER_MAX_FDS, "max_data_xfer_size",
				 (int)VFIO_USER_MAX_DATA, "pgsizes", (int)SL200_PAGE_SIZE,
				 "max_dma_maps", (int)VFIO_USER_MAX_DMA_MAPS, "write_multiple", 1);
	char *text = json_dumps(root, JSON_COMPACT);

	json_decref(root);
	return text;
}
