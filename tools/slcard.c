// SPDX-License-Identifier: MIT
/*
 * slcard: simulated cards behind vfio-user sockets, for QEMU's vfio-user-pci and its like.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "libsl/error.h"
#include "libsl/sim_uri.h"
#include "sim/card/vfio_user_server.h"
#include "tools/slcard_load.h"

#define MAX_CARDS 64
/* Of the first card; the next ones count on. */
#define FIRST_SERIAL 0x5352303030303031ull
/* A client that leaves replies unread for so long is dropped. */
#define CLIENT_TIMEOUT_MS 2000

enum exit_status {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

struct slot {
	const char *path;
	int event; /* the program's */
	struct card *card;
	struct vfio_user_server *server;
	atomic_bool served; /* a client has come and left */
};

struct program {
	struct slot slot[MAX_CARDS];
	int num_slots;
	enum sim_engine engine;
	char options[256]; /* of all cards, as in a sim: URI */
	uint64_t serial;
	int ready_fd;
	bool once;
	bool verbose;
	int event; /* eventfd: a client has left */
	int signals;
};

static const char usage[] =
	"Usage: slcard --socket PATH [--socket PATH ...] [options]\n"
	"Simulated SL200 cards, one a socket, for a vfio-user client such as QEMU.\n"
	"\n"
	"  -s, --socket PATH      listen here; the file is made with mode 0600\n"
	"  -e, --engine KIND      what the card is made of: model (default) or rtl\n"
	"      --dram BYTES       card memory (8G)\n"
	"      --threads N        worker threads of an encode engine (one a processor)\n"
	"      --venc N           encode engines (1)\n"
	"      --crc N            crc engines (0)\n"
	"      --bandwidth N      bytes a second over the link, each way (no limit)\n"
	"      --latency N        nanoseconds that a read over the link takes (0)\n"
	"      --serial N         serial number of the first card; the next has N+1\n"
	"      --ready-fd N       write a line to descriptor N when all sockets listen\n"
	"      --once             end when each card has had a client and it has left\n"
	"  -v, --verbose          clients that come and leave, and what the firmware prints\n"
	"  -h, --help             this text\n"
	"  -V, --version          the version\n";

static void log_line(void *arg, const char *line)
{
	const struct slot *slot = arg;

	fprintf(stderr, "slcard: %s: %s\n", slot->path, line);
}

static void client_left(void *arg)
{
	struct slot *slot = arg;

	atomic_store(&slot->served, true);
	eventfd_write(slot->event, 1);
}

static int usage_error(const char *what, const char *argument)
{
	fprintf(stderr, "slcard: %s%s\nTry 'slcard --help'.\n", what, argument);
	return EXIT_USAGE;
}

static bool parse_number(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *text != '-';
}

static bool add_option(struct program *program, const char *name, const char *value)
{
	size_t length = strlen(program->options);
	int n = snprintf(program->options + length, sizeof(program->options) - length, "%c%s=%s",
			 length ? '&' : '?', name, value);

	return n > 0 && (size_t)n < sizeof(program->options) - length;
}

/* Returns EXIT_OK to go on, or -1 when all is done, or a failure. */
static int parse(struct program *program, int argc, char **argv)
{
	enum { OPT_CARD = 256, OPT_SERIAL, OPT_READY, OPT_ONCE };
	static const struct option options[] = {
		{"socket", required_argument, NULL, 's'},
		{"engine", required_argument, NULL, 'e'},
		{"dram", required_argument, NULL, OPT_CARD},
		{"threads", required_argument, NULL, OPT_CARD},
		{"venc", required_argument, NULL, OPT_CARD},
		{"crc", required_argument, NULL, OPT_CARD},
		{"bandwidth", required_argument, NULL, OPT_CARD},
		{"latency", required_argument, NULL, OPT_CARD},
		{"serial", required_argument, NULL, OPT_SERIAL},
		{"ready-fd", required_argument, NULL, OPT_READY},
		{"once", no_argument, NULL, OPT_ONCE},
		{"verbose", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	uint64_t number;
	int opt, which;

	while ((opt = getopt_long(argc, argv, "s:e:vhV", options, &which)) != -1) {
		switch (opt) {
		case 's':
			if (program->num_slots == MAX_CARDS)
				return usage_error("more than 64 sockets: ", optarg);
			program->slot[program->num_slots++].path = optarg;
			break;
		case 'e':
			if (strcmp(optarg, "model") && strcmp(optarg, "rtl"))
				return usage_error("no such engine: ", optarg);
			program->engine = *optarg == 'r' ? SIM_RTL : SIM_MODEL;
			break;
		case OPT_CARD:
			if (!add_option(program, options[which].name, optarg))
				return usage_error("too many options: ", optarg);
			break;
		case OPT_SERIAL:
			if (!parse_number(optarg, &program->serial) || !program->serial)
				return usage_error("not a serial number: ", optarg);
			break;
		case OPT_READY:
			if (!parse_number(optarg, &number) || number > INT32_MAX)
				return usage_error("not a descriptor: ", optarg);
			program->ready_fd = (int)number;
			break;
		case OPT_ONCE:
			program->once = true;
			break;
		case 'v':
			program->verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return -1;
		case 'V':
			puts("slcard " SL200_VERSION);
			return -1;
		default:
			fputs("Try 'slcard --help'.\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return usage_error("unexpected argument: ", argv[optind]);
	if (!program->num_slots)
		return usage_error("no --socket", "");
	return EXIT_OK;
}

static int start(struct program *program, struct slot *slot, const struct card_config *common)
{
	struct vfio_user_server_config config = {
		.path = slot->path,
		.options = {.log = log_line, .log_arg = slot, .timeout_ms = CLIENT_TIMEOUT_MS},
		.verbose = program->verbose,
		.left = client_left,
		.left_arg = slot,
	};
	struct card_config card = *common;
	int rc;

	slot->event = program->event;
	card.serial = program->serial + (uint64_t)(slot - program->slot);
	if (program->verbose) {
		card.console = log_line;
		card.console_arg = slot;
	}
	rc = card_create(&card, &slot->card);
	if (rc) {
		fprintf(stderr, "slcard: %s: cannot make a card: %s\n", slot->path, strerror(-rc));
		return rc;
	}
	rc = vfio_user_server_create(&config, slot->card, &slot->server);
	if (rc)
		fprintf(stderr, "slcard: %s: cannot listen: %s\n", slot->path, strerror(-rc));
	return rc;
}

static void stop(struct program *program)
{
	for (int i = 0; i < program->num_slots; i++) {
		if (program->slot[i].server)
			vfio_user_server_destroy(program->slot[i].server);
		card_destroy(program->slot[i].card);
	}
}

static bool all_served(struct program *program)
{
	for (int i = 0; i < program->num_slots; i++)
		if (!atomic_load(&program->slot[i].served))
			return false;
	return true;
}

static int serve(struct program *program)
{
	struct pollfd pfd[MAX_CARDS + 2];
	int n = program->num_slots;
	eventfd_t events;

	for (int i = 0; i < n; i++)
		pfd[i] = (struct pollfd){.fd = vfio_user_server_fd(program->slot[i].server),
					 .events = POLLIN};
	pfd[n] = (struct pollfd){.fd = program->event, .events = POLLIN};
	pfd[n + 1] = (struct pollfd){.fd = program->signals, .events = POLLIN};
	for (;;) {
		if (poll(pfd, (nfds_t)n + 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			fprintf(stderr, "slcard: poll: %s\n", strerror(errno));
			return EXIT_FAILED;
		}
		if (pfd[n + 1].revents)
			return EXIT_OK;
		if (pfd[n].revents) {
			eventfd_read(program->event, &events);
			if (program->once && all_served(program))
				return EXIT_OK;
		}
		for (int i = 0; i < n; i++)
			if (pfd[i].revents)
				vfio_user_server_accept(program->slot[i].server);
	}
}

static int announce(struct program *program)
{
	for (int i = 0; i < program->num_slots; i++)
		printf("listening on %s\n", program->slot[i].path);
	fflush(stdout);
	if (program->ready_fd >= 0 && write(program->ready_fd, "ready\n", 6) != 6) {
		fprintf(stderr, "slcard: descriptor %d: %s\n", program->ready_fd, strerror(errno));
		return EXIT_FAILED;
	}
	if (program->ready_fd > STDERR_FILENO)
		close(program->ready_fd);
	return EXIT_OK;
}

/* Signals come to poll(), not to a thread; and each card has some hundred descriptors. */
static int prepare(struct program *program)
{
	struct rlimit files;
	sigset_t set;

	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	program->signals = signalfd(-1, &set, SFD_CLOEXEC);
	program->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (program->signals < 0 || program->event < 0) {
		fprintf(stderr, "slcard: %s\n", strerror(errno));
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	static struct program program = {.serial = FIRST_SERIAL, .ready_fd = -1};
	struct card_config config;
	int status = parse(&program, argc, argv);

	if (status)
		return status < 0 ? EXIT_OK : status;
	if (sim_uri_parse(program.options, &config))
		return usage_error(sl_last_error(), "");
	if (slcard_load(program.engine))
		return EXIT_FAILED;
	status = prepare(&program);
	for (int i = 0; i < program.num_slots && !status; i++)
		if (start(&program, &program.slot[i], &config))
			status = EXIT_FAILED;
	if (!status)
		status = announce(&program);
	if (!status)
		status = serve(&program);
	stop(&program);
	return status;
}
