// SPDX-License-Identifier: MIT
/* Fault injection, for tests: through the kernel driver's file in debugfs, as root. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "libsl/drm.h"
#include "libsl/error.h"

#define DEBUGFS "/sys/kernel/debug/dri"

/* Kernels name a device's folder by its minor numbers, newer ones by its place on the bus too. */
static int open_file(struct drm_transport *client)
{
	const struct drm_sl200_query_device *device = &client->device;
	char path[96];
	struct stat st;
	int fd = -1;

	if (!fstat(client->fd, &st)) {
		snprintf(path, sizeof(path), DEBUGFS "/%u/inject", minor(st.st_rdev));
		fd = open(path, O_WRONLY | O_CLOEXEC);
	}
	if (fd < 0) {
		snprintf(path, sizeof(path), DEBUGFS "/%04x:%02x:%02x.%x/inject",
			 device->pci_domain, device->pci_bus, device->pci_device,
			 device->pci_function);
		fd = open(path, O_WRONLY | O_CLOEXEC);
	}
	return fd;
}

int drm_inject(struct transport *transport, uint32_t offset, uint32_t value)
{
	int error = 0, fd = open_file(to_drm(transport));
	char line[32];
	int length = snprintf(line, sizeof(line), "%x %x\n", offset, value);

	if (fd < 0)
		return sl_fail(SL_ERR_UNSUPPORTED,
			       "fault injection needs the kernel driver's file in " DEBUGFS
			       ", and root: %s",
			       strerror(errno));
	if (write(fd, line, (size_t)length) != length)
		error = errno ? errno : EIO;
	close(fd);
	return error ? sl_fail(SL_ERR_UNSUPPORTED, "the card has no such fault injection: %s",
			       strerror(error))
		     : 0;
}
