// SPDX-License-Identifier: MIT
/* Writes the seeds of the firmware's fuzz targets: fuzz_fw_seed DIRECTORY (tests/fuzz/corpus). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/test_fw_desc.h"

static int put(const char *root, const char *target, const char *name, const void *data,
	       size_t size)
{
	char path[4096];
	FILE *file;
	int failed;

	snprintf(path, sizeof(path), "%s/%s", root, target);
	if (mkdir(path, 0777) && errno != EEXIST) {
		perror(path);
		return 1;
	}
	snprintf(path, sizeof(path), "%s/%s/%s", root, target, name);
	file = fopen(path, "wb");
	if (!file) {
		perror(path);
		return 1;
	}
	failed = fwrite(data, 1, size, file) != size;
	failed |= fclose(file) != 0;
	if (failed)
		perror(path);
	return failed;
}

int main(int argc, char **argv)
{
	static uint64_t buffer[1 + (SL200_H264_ENC_MAX_SIZE + 7) / 8];
	static const uint8_t patched[] = {4, 1, 8, 0, 0};
	static const uint8_t patched_b[] = {4, 2, 8, 0, 0};
	/* NOPs, a fill, an encode; time; a signal that a wait has waited for; collect; destroy. */
	static const uint8_t ring[] = {
		2, 0, 0,    2, 0, 0,	1, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 2,  1, 2,    3,  0,
		0, 2, 0,    0, 0, 8,	1, 0, 0, 1, 0, 2, 2, 0, 3, 0,	 0,  3, 0,    8,  0,
		0, 1, 0,    0, 0, 0x0e, 7, 9, 3, 1, 4, 0, 0, 0, 4, 0,	 0,  0, 8,    1,  0,
		0, 0, 0x0a, 4, 0, 0,	0, 0, 0, 5, 0, 0, 0, 0, 0, 0,	 0,  0, 0x10, 7,  20,
		6, 6, 5,    6, 0, 1,	0, 0, 0, 0, 0, 0, 0, 0, 0, 7,	 22, 6, 7,    23,
	};
	static const uint8_t faults[] = {
		8,  0, 2, 1,  5, 0,   0, 0, 2, 0, 2, 0, 0,  0, 7, 0, 0, 0, 8, 0, 8, 0, 1,  1, 7,
		12, 8, 1, 1,  0, 0,   0, 0, 2, 1, 2, 0, 10, 0, 8, 0, 0, 0, 8, 0, 8, 0, 1,  1, 7,
		20, 9, 0, 16, 0, 255, 0, 2, 1, 0, 0, 0, 0,  1, 0, 0, 0, 0, 0, 0, 0, 0, 15, 7, 23,
	};
	uint8_t *bytes = (uint8_t *)buffer;
	uint32_t size;
	int failed = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	if (mkdir(argv[1], 0777) && errno != EEXIST) {
		perror(argv[1]);
		return 1;
	}
	for (int b = 0; b < 2; b++) {
		size = test_desc_make(buffer, b);
		memmove(bytes + 2, bytes, size);
		bytes[0] = 0;
		bytes[1] = 0;
		failed |= put(argv[1], "fw_desc", b ? "whole_b" : "whole_p", bytes, size + 2);
	}
	failed |= put(argv[1], "fw_desc", "patched_p", patched, sizeof(patched));
	failed |= put(argv[1], "fw_desc", "patched_b", patched_b, sizeof(patched_b));
	failed |= put(argv[1], "fw_ring", "mixed", ring, sizeof(ring));
	failed |= put(argv[1], "fw_ring", "faults", faults, sizeof(faults));
	return failed;
}
