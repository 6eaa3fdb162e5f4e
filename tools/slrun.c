// SPDX-License-Identifier: MIT
/*
 * slrun: run a VA-API program against the simulated card, as on a host that has one. It sets the
 * environment, enters private namespaces with a stand-in for the device node, and becomes the
 * program: exit status, signals, terminal and working directory are the program's own.
 */
#include "tools/slrun.h"

#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As env(1) and its like: our own failure, and why a program could not be started. */
enum { EXIT_SLRUN = 125, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

static const char usage[] =
	"usage: slrun [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
	"Run a VA-API program against the simulated SL200 card.\n"
	"\n"
	"      --device URI   the card, as in SL_DEVICE (default: SL_DEVICE, or sim:)\n"
	"      --stats FILE   when the program ends, write the card's counters to FILE (JSON)\n"
	"  -h, --help         show this text\n"
	"  -V, --version      show the version\n";

static int set_env(const char *name, const char *value)
{
	if (!setenv(name, value, 1))
		return 0;
	fprintf(stderr, "slrun: cannot set %s: %s\n", name, strerror(errno));
	return -1;
}

#define BACKEND "dri/sl200_drv_video.so"

/* Where bin/ is in: a build tree, or where all is installed. */
static int find_prefix(char prefix[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", prefix, PATH_MAX - 1);

	if (n < 0) {
		fprintf(stderr, "slrun: /proc/self/exe: %s\n", strerror(errno));
		return -1;
	}
	prefix[n] = '\0';
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(prefix, '/');

		if (slash)
			*slash = '\0';
	}
	return 0;
}

/* The folder with the libraries: lib beside bin, or what a distribution has in its place. */
static int find_libraries(char libdir[PATH_MAX])
{
	static const char *const folders[] = {"lib", "lib/*", "lib64"};
	char prefix[PATH_MAX], pattern[PATH_MAX + 64];
	glob_t found;

	if (find_prefix(prefix))
		return -1;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(pattern, sizeof(pattern), "%s/%s/" BACKEND, prefix, folders[i]);
		if (glob(pattern, 0, NULL, &found))
			continue;
		snprintf(libdir, PATH_MAX, "%.*s",
			 (int)(strlen(found.gl_pathv[0]) - strlen("/" BACKEND)), found.gl_pathv[0]);
		globfree(&found);
		return 0;
	}
	fprintf(stderr, "slrun: there is no " BACKEND " in %s/lib, a folder of it, or lib64\n",
		prefix);
	return -1;
}

static int set_library_paths(void)
{
	char libdir[PATH_MAX], path[PATH_MAX + 64], preload[2 * PATH_MAX];
	const char *old = getenv("LD_PRELOAD");

	if (find_libraries(libdir))
		return -1;
	snprintf(path, sizeof(path), "%s/dri", libdir);
	if (set_env("LIBVA_DRIVER_NAME", "sl200") || set_env("LIBVA_DRIVERS_PATH", path))
		return -1;
	snprintf(path, sizeof(path), "%s/sl200/libslrun.so", libdir);
	if (access(path, R_OK)) {
		fprintf(stderr, "slrun: %s: %s\n", path, strerror(errno));
		return -1;
	}
	snprintf(preload, sizeof(preload), "%s%s%s", path, old && *old ? ":" : "", old ? old : "");
	return set_env("LD_PRELOAD", preload);
}

static int set_stats(const char *file)
{
	char cwd[PATH_MAX], path[2 * PATH_MAX];

	/* The program may change its directory before the file is written. */
	if (file[0] == '/')
		return set_env("SL_STATS", file);
	if (!getcwd(cwd, sizeof(cwd))) {
		fprintf(stderr, "slrun: working directory: %s\n", strerror(errno));
		return -1;
	}
	snprintf(path, sizeof(path), "%s/%s", cwd, file);
	return set_env("SL_STATS", path);
}

static int set_environment(const char *device, const char *stats)
{
	const char *old = getenv("SL_DEVICE");

	if (!device)
		device = old && *old ? old : "sim:";
	if (!strncmp(device, "drm", 3)) {
		fprintf(stderr,
			"slrun: '%s' is a card behind the kernel driver, which needs no stand-in: "
			"run "
			"the program without slrun\n",
			device);
		return -1;
	}
	if (set_env("SL_DEVICE", device))
		return -1;
	if (stats && set_stats(stats))
		return -1;
	/* GStreamer 1.24 on lists only drivers it knows unless told; udev doubts a tmpfs. */
	if (set_env("GST_VA_ALL_DRIVERS", "1") || set_env("SYSTEMD_DEVICE_VERIFY_SYSFS", "0"))
		return -1;
	return set_library_paths();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"device", required_argument, NULL, 'd'},
		{"stats", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	const char *device = NULL, *stats = NULL;
	char cwd[PATH_MAX], error[512];
	int c;

	while ((c = getopt_long(argc, argv, "+hV", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			device = optarg;
			break;
		case 's':
			stats = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'V':
			puts("slrun " SL200_VERSION);
			return 0;
		default:
			fputs("slrun: try --help\n", stderr);
			return EXIT_SLRUN;
		}
	}
	if (optind == argc) {
		fputs(usage, stderr);
		return EXIT_SLRUN;
	}
	if (set_environment(device, stats))
		return EXIT_SLRUN;
	if (!getcwd(cwd, sizeof(cwd)))
		cwd[0] = '\0';
	if (slrun_namespace(error, sizeof(error))) {
		fprintf(stderr, "slrun: %s\n", error);
		return EXIT_SLRUN;
	}
	/* If the directory is in one that was covered, go to where it is now. */
	if (cwd[0] && chdir(cwd)) {
		fprintf(stderr, "slrun: %s: %s\n", cwd, strerror(errno));
		return EXIT_SLRUN;
	}
	execvp(argv[optind], &argv[optind]);
	c = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	fprintf(stderr, "slrun: %s: %s\n", argv[optind], strerror(errno));
	return c;
}
