// SPDX-License-Identifier: MIT
/*
 * The whole chip in one thread, its inputs in cycles of the test's choosing: it boots the product's
 * firmware, refuses a damaged one, and takes the same number of cycles every time. Prints how fast
 * cycles go.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_mmu.h"
#include "abi/sl200_regs.h"
#include "firmware/keys/dev_key.h"
#include "sim/card/card.h"
#include "sim/rtl/harness/rtl_chip.h"

#define IMAGE_BUS 0x100000000ull
#define IMAGE_ROOM (2u << 20)
#define CYCLE_NS 1000u
#define POLL_CYCLES 5000u
#define BOOT_CYCLES_MAX 20000000u
#define ANSWER_CYCLES_MAX 10000u
#define IDLE_CYCLES 200000u

struct bench {
	struct rtl_chip *chip;
	struct rtl_memory *memory;
	struct rtl_chip_in in;
	struct rtl_chip_out out;
	uint64_t cycle;
};

static const char *rom, *image_file;
static uint8_t *image;
static uint32_t image_size;
static unsigned int failures;

static void check(bool ok, const char *what)
{
	printf("%s - %s\n", ok ? "ok" : "not ok", what);
	failures += !ok;
}

static void give_up(const char *why)
{
	printf("not ok - %s\n", why);
	exit(EXIT_FAILURE);
}

static double processor_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void step(struct bench *b)
{
	b->in.time = b->cycle * CYCLE_NS;
	rtl_memory_drive(b->memory, b->in.port);
	rtl_chip_settle(b->chip, &b->in, &b->out);
	rtl_memory_take(b->memory, b->in.port, b->out.port);
	rtl_chip_edge(b->chip);
	b->cycle++;
}

static void steps(struct bench *b, unsigned int cycles)
{
	while (cycles--)
		step(b);
}

static void power_on(struct bench *b, const struct rtl_memory_config *config)
{
	memset(b, 0, sizeof(*b));
	b->chip = rtl_chip_create(rom, config->seed);
	if (!b->chip || rtl_memory_create(config, 64u << 20, &b->memory) ||
	    host_mem_add(rtl_memory_host(b->memory), IMAGE_BUS, image, IMAGE_ROOM, CARD_DMA_READ))
		give_up("out of memory");
	b->in.dram_size = 64u << 20;
	memcpy(b->in.otp_key, sl200_dev_public_key, sizeof(b->in.otp_key));
	steps(b, 8);
	b->in.por_n = true;
	b->in.bus_master = true;
	rtl_memory_set_bus_master(b->memory, true);
	steps(b, 8);
}

static void power_off(struct bench *b)
{
	rtl_chip_destroy(b->chip);
	rtl_memory_destroy(b->memory);
}

static uint32_t reg(struct bench *b, uint32_t addr, bool write, uint32_t value)
{
	unsigned int cycles = 0;

	b->in.host_valid = true;
	b->in.host_write = write;
	b->in.host_addr = addr;
	b->in.host_size = 4;
	b->in.host_wdata = value;
	do
		step(b);
	while (!b->out.host_ready && ++cycles < ANSWER_CYCLES_MAX);
	b->in.host_valid = false;
	while (!b->out.host_done && ++cycles < ANSWER_CYCLES_MAX)
		step(b);
	if (cycles >= ANSWER_CYCLES_MAX)
		give_up("a register access is answered");
	return (uint32_t)b->out.host_rdata;
}

/* Returns the status that ended the boot. */
static uint32_t boot(struct bench *b)
{
	uint64_t from = b->cycle;
	uint32_t status;

	reg(b, SL200_BOOT_IMAGE_LO, true, (uint32_t)IMAGE_BUS);
	reg(b, SL200_BOOT_IMAGE_HI, true, (uint32_t)(IMAGE_BUS >> 32));
	reg(b, SL200_BOOT_SIZE, true, image_size);
	reg(b, SL200_BOOT_CTRL, true, SL200_BOOT_CTRL_GO);
	do {
		steps(b, POLL_CYCLES);
		status = reg(b, SL200_BOOT_STATUS, false, 0);
	} while (status < SL200_BOOT_RUNNING && b->cycle < from + BOOT_CYCLES_MAX);
	return status;
}

/* The cycles of a boot to the next poll, 0 if it does not end well. */
static uint64_t boot_cycles(const struct rtl_memory_config *config, double *speed)
{
	struct bench b;
	uint32_t status;
	double began;

	power_on(&b, config);
	began = processor_seconds();
	status = boot(&b);
	*speed = (double)b.cycle / (processor_seconds() - began);
	/* Every memory access counts, the last one too. */
	while (!b.out.idle && b.cycle < BOOT_CYCLES_MAX)
		step(&b);
	power_off(&b);
	return status == SL200_BOOT_RUNNING ? b.cycle : 0;
}

static void test_boot(uint64_t seed)
{
	struct rtl_memory_config config;
	uint64_t cycles, again, other;
	double speed, unused;

	rtl_memory_defaults(&config);
	config.seed = seed;
	cycles = boot_cycles(&config, &speed);
	check(cycles, "the firmware runs");
	printf("# booted in %llu cycles, %.0f a second of a processor\n",
	       (unsigned long long)cycles, speed);
	again = boot_cycles(&config, &unused);
	check(again == cycles, "the same seed takes the same cycles");
	rtl_memory_stress(&config);
	config.seed = seed;
	other = boot_cycles(&config, &unused);
	check(other && other != cycles, "memories that stall and reorder change only the cycles");
}

static void test_damaged(uint64_t seed)
{
	struct rtl_memory_config config;
	uint32_t at = sizeof(struct sl200_fw_header) +
		      (uint32_t)(seed % (image_size - sizeof(struct sl200_fw_header)));
	struct bench b;

	rtl_memory_defaults(&config);
	power_on(&b, &config);
	image[at] ^= 1;
	check(boot(&b) == SL200_BOOT_ERR_HASH, "a damaged payload is refused");
	image[at] ^= 1;
	b.in.bus_master = false;
	rtl_memory_set_bus_master(b.memory, false);
	check(boot(&b) == SL200_BOOT_ERR_DMA, "without bus mastering there is no image");
	power_off(&b);
}

/* As fast as cycles go when nothing happens: they need not be clocked, but could. */
static void test_idle(uint64_t seed)
{
	struct rtl_memory_config config;
	struct bench b;
	double began, seconds;

	rtl_memory_defaults(&config);
	config.seed = seed;
	power_on(&b, &config);
	check(reg(&b, SL200_TOP_ID, false, 0) == SL200_TOP_ID_RESET_VALUE, "the chip answers");
	steps(&b, 10);
	check(b.out.idle && rtl_memory_idle(b.memory), "a chip that has nothing to do is idle");
	began = processor_seconds();
	steps(&b, IDLE_CYCLES);
	seconds = processor_seconds() - began;
	check(b.out.idle, "and stays so");
	printf("# idle: %.0f cycles a second of a processor\n", IDLE_CYCLES / seconds);
	power_off(&b);
}

static void read_image(void)
{
	FILE *file = fopen(image_file, "rb");

	image = aligned_alloc(SL200_PAGE_SIZE, IMAGE_ROOM);
	if (!file || !image)
		give_up("the image can be read");
	memset(image, 0, IMAGE_ROOM);
	image_size = (uint32_t)fread(image, 1, IMAGE_ROOM, file);
	fclose(file);
	if (image_size <= sizeof(struct sl200_fw_header))
		give_up("the image is one");
}

int main(int argc, char **argv)
{
	uint64_t seed = 1;

	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "+seed=", 6))
			seed = strtoull(argv[i] + 6, NULL, 0);
		else if (!strncmp(argv[i], "+image=", 7))
			image_file = argv[i] + 7;
		else if (!strncmp(argv[i], "+rom=", 5))
			rom = argv[i] + 5;
	}
	if (!image_file || !rom) {
		fputs("chip: +image=sl200.fw +rom=rom.hex [+seed=N]\n", stderr);
		return EXIT_FAILURE;
	}
	printf("# seed %llu\n", (unsigned long long)seed);
	read_image();
	test_idle(seed);
	test_damaged(seed);
	test_boot(seed);
	free(image);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
