// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_fw.h"
#include "libsl/error.h"
#include "libsl/sim.h"

static FILE *firmware_open(const char *libdir, char *path, size_t path_size)
{
	const char *named = secure_getenv("SL_FIRMWARE");
	FILE *file;

	if (named && *named) {
		snprintf(path, path_size, "%s", named);
		return fopen(path, "rbe");
	}
	/* Beside an installed library, or in a build tree. */
	snprintf(path, path_size, "%s/" SL200_FW_FILE, libdir);
	file = fopen(path, "rbe");
	if (!file) {
		snprintf(path, path_size, "%s/../firmware/sl200.fw", libdir);
		file = fopen(path, "rbe");
	}
	return file;
}

int sim_firmware_read(const char *libdir, void **data, size_t *size, char *path, size_t path_size)
{
	FILE *file = firmware_open(libdir, path, path_size);
	int failed;

	if (!file)
		return sl_fail(SL_ERR_FIRMWARE, "firmware %s: %s", path, strerror(errno));
	/* One byte more than allowed shows that a file is too large. */
	*data = malloc(SL200_FW_MAX_SIZE + 1);
	if (!*data) {
		fclose(file);
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	}
	*size = fread(*data, 1, SL200_FW_MAX_SIZE + 1, file);
	failed = ferror(file);
	fclose(file);
	if (failed) {
		free(*data);
		return sl_fail(SL_ERR_FIRMWARE, "firmware %s: %s", path, strerror(errno));
	}
	return 0;
}
