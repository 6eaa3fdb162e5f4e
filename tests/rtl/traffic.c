// SPDX-License-Identifier: MIT
/*
 * Random clients on the whole chip, booted once: each plan is carried out under several timings of
 * memories and host, and must have its results under each.
 *
 *   traffic +image=sl200.fw +rom=rom.hex [+seed=N] [+rounds=N] [+time=SECONDS]
 */
#include "tests/rtl/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMINGS 3u

static struct traffic_card card;
static struct plan plan;
static uint8_t *host;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* As on a card; shaken; and anything. */
static void timing(struct rtl_memory_config *config, unsigned int n, uint64_t seed)
{
	struct dice dice = dice_make(seed + n);

	if (n == 1)
		rtl_memory_stress(config);
	else
		rtl_memory_defaults(config);
	config->seed = dice_64(&dice);
	for (unsigned int i = 0; n == 2 && i < RTL_PORTS; i++)
		config->port[i] = (struct rtl_port_config){
			.read_latency = 1 + dice_roll(&dice, 300),
			.write_latency = 1 + dice_roll(&dice, 100),
			.jitter = dice_roll(&dice, 2) * dice_roll(&dice, 400),
			.bandwidth = dice_roll(&dice, 2) * (8192 + dice_roll(&dice, 24576)),
			.shared = dice_roll(&dice, 2),
			.stall = dice_roll(&dice, 2) * dice_roll(&dice, 600),
			.stall_cycles = 1 + dice_roll(&dice, 20),
		};
}

static bool carry_out(uint64_t seed)
{
	struct rtl_memory_config config;
	uint64_t digest, first = 0;
	const char *why;

	plan_make(&plan, seed);
	for (unsigned int n = 0; n < TIMINGS; n++) {
		timing(&config, n, seed);
		why = pass_run(&card, &plan, &config, host, seed * TIMINGS + n, &digest);
		if (why) {
			printf("# seed %llu, timing %u: %s\n", (unsigned long long)seed, n, why);
			return false;
		}
		if (n && digest != first) {
			printf("# seed %llu, timing %u: other results\n", (unsigned long long)seed,
			       n);
			return false;
		}
		first = digest;
	}
	return true;
}

static void *memory(size_t size)
{
	void *p = aligned_alloc(SL200_HUGE_SIZE,
				(size + SL200_HUGE_SIZE - 1) & ~(size_t)(SL200_HUGE_SIZE - 1));

	if (!p) {
		printf("not ok - there is memory for the test\n");
		exit(EXIT_FAILURE);
	}
	return p;
}

static uint64_t number(const char *arg, const char *name, uint64_t value)
{
	size_t len = strlen(name);

	return strncmp(arg, name, len) ? value : strtoull(arg + len, NULL, 0);
}

int main(int argc, char **argv)
{
	const char *rom = NULL, *image = NULL;
	uint64_t seed = 1, rounds = 0, seconds = 0, cycles, round = 0;
	double began;
	bool good = true;

	for (int i = 1; i < argc; i++) {
		seed = number(argv[i], "+seed=", seed);
		rounds = number(argv[i], "+rounds=", rounds);
		seconds = number(argv[i], "+time=", seconds);
		if (!strncmp(argv[i], "+image=", 7))
			image = argv[i] + 7;
		else if (!strncmp(argv[i], "+rom=", 5))
			rom = argv[i] + 5;
	}
	if (!image || !rom) {
		fputs("traffic: +image=sl200.fw +rom=rom.hex [+seed=N] [+rounds=N] [+time=S]\n",
		      stderr);
		return EXIT_FAILURE;
	}
	if (!rounds && !seconds)
		rounds = 8;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("# seed %llu\n", (unsigned long long)seed);
	plan.before = memory(sizeof(*plan.before));
	plan.after = memory(sizeof(*plan.after));
	host = memory(HOST_BYTES);
	began = now();
	card_boot(&card, rom, image, seed);
	printf("ok - the firmware runs\n");
	cycles = card.cycle;
	printf("# %llu cycles in %.1f s\n", (unsigned long long)cycles, now() - began);
	began = now();
	while (good && (!rounds || round < rounds) && (!seconds || now() - began < (double)seconds))
		good = carry_out(seed + round++);
	printf("# %llu rounds of %u timings, %llu cycles in %.1f s\n", (unsigned long long)round,
	       TIMINGS, (unsigned long long)(card.cycle - cycles), now() - began);
	if (!good)
		printf("# again: +seed=%llu +rounds=1; with what went before it: +seed=%llu "
		       "+rounds=%llu\n",
		       (unsigned long long)(seed + round - 1), (unsigned long long)seed,
		       (unsigned long long)round);
	printf("%s - random clients have the same results under every timing\n",
	       good ? "ok" : "not ok");
	card_off(&card);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
