// SPDX-License-Identifier: MIT
#include "tools/slfw_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int slfw_key_read(const char *path, uint8_t key[SLFW_KEY_SIZE])
{
	FILE *file = fopen(path, "r");
	char line[256];
	int found = 0;

	if (!file) {
		fprintf(stderr, "slfw: %s: %s\n", path, strerror(errno));
		return -1;
	}
	while (!found && fgets(line, sizeof(line), file)) {
		size_t len = strcspn(line, "\r\n");
		size_t bytes;

		if (line[0] == '#' || !len)
			continue;
		if (len != 2 * SLFW_KEY_SIZE ||
		    sodium_hex2bin(key, SLFW_KEY_SIZE, line, len, NULL, &bytes, NULL) ||
		    bytes != SLFW_KEY_SIZE)
			break;
		found = 1;
	}
	sodium_memzero(line, sizeof(line));
	fclose(file);
	if (!found)
		fprintf(stderr, "slfw: %s: no key of 64 hexadecimal digits\n", path);
	return found ? 0 : -1;
}

int slfw_key_write(const char *path, const uint8_t key[SLFW_KEY_SIZE], const char *comment,
		   int secret)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
	char hex[2 * SLFW_KEY_SIZE + 1];
	FILE *file;
	int failed;

	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		fprintf(stderr, "slfw: %s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	sodium_bin2hex(hex, sizeof(hex), key, SLFW_KEY_SIZE);
	failed = fprintf(file, "# %s\n%s\n", comment, hex) < 0;
	failed |= fclose(file) != 0;
	sodium_memzero(hex, sizeof(hex));
	if (failed)
		fprintf(stderr, "slfw: %s: %s\n", path, strerror(errno));
	return failed ? -1 : 0;
}
