// SPDX-License-Identifier: MIT
/*
 * Preloaded by slrun: answers for the stand-in device node, behind which is /dev/null. It says
 * that the node is DRM's 226:128, and what DRM_IOCTL_VERSION says of a card's driver. Everything
 * else goes on to the C library.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tools/slrun.h"

#define EXPORT __attribute__((visibility("default")))

/* include/uapi/drm/drm.h of the kernel: part of the user interface since 1999. */
struct drm_version {
	int version_major, version_minor, version_patchlevel;
	size_t name_len;
	char *name;
	size_t date_len;
	char *date;
	size_t desc_len;
	char *desc;
};
#define DRM_IOCTL_VERSION _IOWR('d', 0x00, struct drm_version)

/* Is the descriptor an open stand-in node? */
static bool is_node_fd(int fd)
{
	char link[64], path[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);

	ssize_t n = readlink(link, path, sizeof(path));

	return n == (ssize_t)strlen(SLRUN_NODE) && !memcmp(path, SLRUN_NODE, (size_t)n);
}

/* As the kernel: copy as much as there is room for, and tell the whole length. */
static void copy_text(char *dst, size_t *size, const char *text)
{
	size_t length = strlen(text);

	if (dst && *size)
		memcpy(dst, text, length < *size ? length : *size);
	*size = length;
}

static int node_ioctl(unsigned long request, void *arg)
{
	struct drm_version *version = arg;

	if (request != DRM_IOCTL_VERSION) {
		errno = ENOTTY;
		return -1;
	}
	if (!version) {
		errno = EFAULT;
		return -1;
	}
	version->version_major = 0;
	version->version_minor = 1;
	version->version_patchlevel = 0;
	copy_text(version->name, &version->name_len, "sl200");
	copy_text(version->date, &version->date_len, "0");
	copy_text(version->desc, &version->desc_len, "SL200 stand-in made by slrun");
	return 0;
}

EXPORT int ioctl(int fd, unsigned long request, ...)
{
	static int (*next)(int, unsigned long, void *);
	va_list args;

	va_start(args, request);
	void *arg = va_arg(args, void *);

	va_end(args);
	if (_IOC_TYPE(request) == 'd' && is_node_fd(fd))
		return node_ioctl(request, arg);
	if (!__atomic_load_n(&next, __ATOMIC_RELAXED))
		__atomic_store_n(&next,
				 (int (*)(int, unsigned long, void *))dlsym(RTLD_NEXT, "ioctl"),
				 __ATOMIC_RELAXED);
	return next(fd, request, arg);
}

/* Every status call is fstatat() with this on top; struct stat64 is struct stat on 64-bit hosts. */
static int node_stat(int directory, const char *path, struct stat *st, int flags)
{
	static int (*next)(int, const char *, struct stat *, int);
	int result;

	if (!__atomic_load_n(&next, __ATOMIC_RELAXED))
		__atomic_store_n(
			&next,
			(int (*)(int, const char *, struct stat *, int))dlsym(RTLD_NEXT, "fstatat"),
			__ATOMIC_RELAXED);
	result = next(directory, path, st, flags);
	if (!result && S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3) &&
	    (flags & AT_EMPTY_PATH && !path[0] ? is_node_fd(directory) : !strcmp(path, SLRUN_NODE)))
		st->st_rdev = makedev(SLRUN_MAJOR, SLRUN_MINOR);
	return result;
}

EXPORT int fstatat(int directory, const char *path, struct stat *st, int flags)
{
	return node_stat(directory, path, st, flags);
}

EXPORT int fstat(int fd, struct stat *st)
{
	return node_stat(fd, "", st, AT_EMPTY_PATH);
}

EXPORT int stat(const char *path, struct stat *st)
{
	return node_stat(AT_FDCWD, path, st, 0);
}

EXPORT int lstat(const char *path, struct stat *st)
{
	return node_stat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "a 64-bit host");

EXPORT int fstatat64(int directory, const char *path, struct stat64 *st, int flags)
{
	return node_stat(directory, path, (struct stat *)st, flags);
}

EXPORT int fstat64(int fd, struct stat64 *st)
{
	return node_stat(fd, "", (struct stat *)st, AT_EMPTY_PATH);
}

EXPORT int stat64(const char *path, struct stat64 *st)
{
	return node_stat(AT_FDCWD, path, (struct stat *)st, 0);
}

EXPORT int lstat64(const char *path, struct stat64 *st)
{
	return node_stat(AT_FDCWD, path, (struct stat *)st, AT_SYMLINK_NOFOLLOW);
}
