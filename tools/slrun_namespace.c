// SPDX-License-Identifier: MIT
/*
 * Private namespaces with a stand-in device node. Directories of the host are never written:
 * where an entry is missing, a tmpfs covers the directory and shows everything that was there.
 */
#include "tools/slrun.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* udev takes a device's name from the directory that all links lead to. */
#define SYS_NODE "/sys/class/drm/" SLRUN_NODE_NAME
#define PATH_SIZE 512

struct failure {
	char *text;
	unsigned int size;
};

static int fail(const struct failure *f, const char *fmt, ...)
{
	int error = errno;
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(f->text, f->size, fmt, args);

	va_end(args);
	if (n >= 0 && (unsigned int)n < f->size)
		snprintf(f->text + n, f->size - (unsigned int)n, ": %s", strerror(error));
	return -1;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
	ssize_t size = (ssize_t)strlen(text);

	if (fd < 0)
		return -1;

	ssize_t written = write(fd, text, (size_t)size);

	if (close(fd) || written != size)
		return -1;
	return 0;
}

/* Become root of nothing but the new namespaces: every ID maps to itself. */
static int map_ids(uid_t uid, gid_t gid)
{
	char text[64];

	if (write_file("/proc/self/setgroups", "deny") && errno != ENOENT)
		return -1;
	snprintf(text, sizeof(text), "%u %u 1", uid, uid);
	if (write_file("/proc/self/uid_map", text))
		return -1;
	snprintf(text, sizeof(text), "%u %u 1", gid, gid);
	return write_file("/proc/self/gid_map", text);
}

static int enter(const struct failure *f)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWNS)) {
		if (errno != EPERM)
			return fail(f, "cannot make a mount namespace");
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
			return fail(f,
				    "cannot make a user namespace, and without one only root can "
				    "show a stand-in device node (sysctl user.max_user_namespaces, "
				    "kernel.unprivileged_userns_clone, or "
				    "kernel.apparmor_restrict_unprivileged_userns forbids it; in a "
				    "container, its seccomp profile)");
		if (map_ids(uid, gid))
			return fail(f, "cannot map user IDs");
	}
	/* What is mounted here from now on must not reach the host. */
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return fail(f,
			    errno == EINVAL
				    ? "cannot make mounts private: the root directory is no mount "
				      "point, as in a plain chroot (mount --bind it onto itself)"
				    : "cannot make mounts private");
	return 0;
}

/* Show an entry of the covered directory below path. Entries that cannot be shown are left out. */
static void show_entry(int covered, const char *name, const char *path)
{
	char target[PATH_SIZE], source[64];
	struct stat st;

	if (fstatat(covered, name, &st, AT_SYMLINK_NOFOLLOW))
		return;
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlinkat(covered, name, target, sizeof(target) - 1);

		if (n > 0) {
			target[n] = '\0';
			if (symlink(target, path))
				return;
		}
		return;
	}

	int fd = openat(covered, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	if (S_ISDIR(st.st_mode) ? mkdir(path, 0755) : write_file(path, "")) {
		close(fd);
		return;
	}
	if (mount(source, path, NULL, MS_BIND | MS_REC, NULL))
		(void)(S_ISDIR(st.st_mode) ? rmdir(path) : unlink(path));
	close(fd);
}

/* Cover a directory with a tmpfs that shows all its entries except one, which is to be made. */
static int cover(const struct failure *f, const char *directory, const char *except)
{
	int covered = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = covered < 0 ? NULL : fdopendir(covered);
	struct dirent *entry;
	char path[PATH_SIZE];

	if (!dir) {
		if (covered >= 0)
			close(covered);
		return fail(f, "%s", directory);
	}
	if (mount("tmpfs", directory, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755")) {
		closedir(dir);
		return fail(f, "cannot mount over %s", directory);
	}
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    !strcmp(entry->d_name, except))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) <
		    (int)sizeof(path))
			show_entry(covered, entry->d_name, path);
	}
	closedir(dir);
	return 0;
}

/* An empty directory that hides what is there, or is made by covering its parent. */
static int empty_directory(const struct failure *f, const char *parent, const char *name)
{
	char path[PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", parent, name);
	if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
		if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755"))
			return fail(f, "cannot mount over %s", path);
		return 0;
	}
	if (cover(f, parent, name))
		return -1;
	return mkdir(path, 0755) ? fail(f, "%s", path) : 0;
}

/* /dev/null stands behind the node: it opens everywhere, and needs no mknod(). */
static int make_node(const struct failure *f)
{
	if (empty_directory(f, "/dev", "dri"))
		return -1;
	if (write_file(SLRUN_NODE, "") || mount("/dev/null", SLRUN_NODE, NULL, MS_BIND, NULL))
		return fail(f, "cannot make " SLRUN_NODE);
	return 0;
}

struct sysfs_entry {
	const char *path;
	const char *text; /* of a file */
	const char *link; /* of a symbolic link */
};

/* What libdrm, libva and udev look up about a render node of a PCI device. */
static const struct sysfs_entry sysfs_entries[] = {
	{SYS_NODE, NULL, NULL},
	{SYS_NODE "/dev", "226:128\n", NULL},
	{SYS_NODE "/uevent", "MAJOR=226\nMINOR=128\nDEVNAME=dri/renderD128\nDEVTYPE=drm_minor\n",
	 NULL},
	{SYS_NODE "/subsystem", NULL, "/sys/class/drm"},
	{SYS_NODE "/device", NULL, NULL},
	{SYS_NODE "/device/drm", NULL, NULL},
	{SYS_NODE "/device/drm/renderD128", NULL, "../.."},
	{SYS_NODE "/device/subsystem", NULL, "/sys/bus/pci"},
	{SYS_NODE "/device/vendor", "0x1024\n", NULL},
	{SYS_NODE "/device/device", "0x0101\n", NULL},
	{SYS_NODE "/device/subsystem_vendor", "0x1024\n", NULL},
	{SYS_NODE "/device/subsystem_device", "0x0201\n", NULL},
	{SYS_NODE "/device/revision", "0x00\n", NULL},
	{SYS_NODE "/device/uevent",
	 "DRIVER=sl200\nPCI_CLASS=48000\nPCI_ID=1024:0101\nPCI_SUBSYS_ID=1024:0201\n"
	 "PCI_SLOT_NAME=0000:00:1f.7\n",
	 NULL},
	{"/sys/dev/char/226:128", NULL, "../../class/drm/" SLRUN_NODE_NAME},
};

static int make_sysfs(const struct failure *f)
{
	if (cover(f, "/sys/dev/char", "226:128") || empty_directory(f, "/sys/class", "drm"))
		return -1;
	for (size_t i = 0; i < sizeof(sysfs_entries) / sizeof(sysfs_entries[0]); i++) {
		const struct sysfs_entry *entry = &sysfs_entries[i];
		int result;

		if (entry->text)
			result = write_file(entry->path, entry->text);
		else if (entry->link)
			result = symlink(entry->link, entry->path);
		else
			result = mkdir(entry->path, 0755);
		if (result)
			return fail(f, "cannot make %s", entry->path);
	}
	return 0;
}

int slrun_namespace(char *error, unsigned int size)
{
	struct failure f = {error, size};

	if (enter(&f) || make_node(&f))
		return -1;
	return make_sysfs(&f);
}
