// SPDX-License-Identifier: MIT
/* The chip of random traffic: one thread, its inputs in cycles of the test's choosing. */
#include "tests/rtl/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/keys/dev_key.h"
#include "sim/card/card.h"

#define IMAGE_BUS 0x100000000ull
#define IMAGE_ROOM (2u << 20)
#define POLL_CYCLES 5000u
#define BOOT_CYCLES_MAX 20000000u
#define ANSWER_CYCLES_MAX 20000u
#define SETTLE_CYCLES_MAX 200000u

static void give_up(const char *why)
{
	printf("not ok - %s\n", why);
	exit(EXIT_FAILURE);
}

static void step(struct traffic_card *card)
{
	card->in.time = card->cycle * CYCLE_NS + card->jumped_ns;
	/* The power-on reset is the memories' as well: what ports say before it is noise. */
	if (card->in.por_n)
		rtl_memory_drive(card->memory, card->in.port);
	rtl_chip_settle(card->chip, &card->in, &card->out);
	if (card->in.por_n)
		rtl_memory_take(card->memory, card->in.port, card->out.port);
	rtl_chip_edge(card->chip);
	if (card->in.por_n && card->out.msix_valid)
		card->messages[card->out.msix_vector % 64]++;
	card->cycle++;
}

void card_steps(struct traffic_card *card, uint32_t cycles)
{
	while (cycles--)
		step(card);
}

void card_settle(struct traffic_card *card)
{
	uint32_t quiet = 0;

	for (uint32_t i = 0; i < SETTLE_CYCLES_MAX && quiet < 8; i++) {
		step(card);
		quiet = card->out.idle && rtl_memory_idle(card->memory) ? quiet + 1 : 0;
	}
	if (quiet < 8)
		give_up("the chip comes to rest");
}

void card_jump(struct traffic_card *card, uint64_t ns)
{
	card->jumped_ns += ns;
}

uint64_t card_access(struct traffic_card *card, unsigned int bar, uint32_t addr, unsigned int size,
		     bool write, uint64_t value)
{
	uint32_t cycles = 0;

	card->in.host_valid = true;
	card->in.host_write = write;
	card->in.host_bar = (uint8_t)bar;
	card->in.host_addr = addr;
	card->in.host_size = (uint8_t)size;
	card->in.host_wdata = value;
	do
		step(card);
	while (!card->out.host_ready && ++cycles < ANSWER_CYCLES_MAX);
	card->in.host_valid = false;
	while (!card->out.host_done && ++cycles < ANSWER_CYCLES_MAX)
		step(card);
	if (cycles >= ANSWER_CYCLES_MAX)
		give_up("an access of the host is answered");
	return card->out.host_rdata;
}

uint32_t card_read(struct traffic_card *card, uint32_t reg)
{
	return (uint32_t)card_access(card, 0, reg, 4, false, 0);
}

void card_write(struct traffic_card *card, uint32_t reg, uint32_t value)
{
	card_access(card, 0, reg, 4, true, value);
}

static uint8_t *read_image(const char *name, uint32_t *size)
{
	uint8_t *image = aligned_alloc(SL200_PAGE_SIZE, IMAGE_ROOM);
	FILE *file = fopen(name, "rb");

	if (!file || !image)
		give_up("the image can be read");
	memset(image, 0, IMAGE_ROOM);
	*size = (uint32_t)fread(image, 1, IMAGE_ROOM, file);
	fclose(file);
	return image;
}

void card_exchange_memory(struct traffic_card *card, const struct rtl_memory_config *config,
			  uint64_t bus, uint8_t *host, uint64_t size)
{
	rtl_memory_destroy(card->memory);
	if (rtl_memory_create(config, DRAM_BYTES, &card->memory) ||
	    host_mem_add(rtl_memory_host(card->memory), bus, host, size,
			 CARD_DMA_READ | CARD_DMA_WRITE))
		give_up("there is memory for memories");
	rtl_memory_set_bus_master(card->memory, true);
}

static void boot(struct traffic_card *card, uint32_t size)
{
	uint32_t status;

	card_write(card, SL200_BOOT_IMAGE_LO, (uint32_t)IMAGE_BUS);
	card_write(card, SL200_BOOT_IMAGE_HI, (uint32_t)(IMAGE_BUS >> 32));
	card_write(card, SL200_BOOT_SIZE, size);
	card_write(card, SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO);
	do {
		card_steps(card, POLL_CYCLES);
		status = card_read(card, SL200_BOOT_STATUS);
	} while (status < SL200_BOOT_RUNNING && card->cycle < BOOT_CYCLES_MAX);
	if (status != SL200_BOOT_RUNNING)
		give_up("the firmware runs");
}

void card_boot(struct traffic_card *card, const char *rom, const char *image_file, uint64_t seed)
{
	struct rtl_memory_config config;
	uint32_t size;
	uint8_t *image = read_image(image_file, &size);

	rtl_memory_defaults(&config);
	config.seed = seed;
	memset(card, 0, sizeof(*card));
	card->chip = rtl_chip_create(rom, seed);
	if (!card->chip || rtl_memory_create(&config, DRAM_BYTES, &card->memory))
		give_up("there is memory for a card");
	card_exchange_memory(card, &config, IMAGE_BUS, image, IMAGE_ROOM);
	card->in.dram_size = DRAM_BYTES;
	memcpy(card->in.otp_key, sl200_dev_public_key, sizeof(card->in.otp_key));
	card_steps(card, 8);
	card->in.por_n = true;
	card->in.bus_master = true;
	card->in.msix_enable = true;
	card_steps(card, 8);
	boot(card, size);
	for (uint32_t n = 0; n < 64; n++)
		card_write(card, SL200_MSIX_TABLE_CTRL(n), 0);
	card_settle(card);
	free(image);
}

void card_off(struct traffic_card *card)
{
	rtl_chip_destroy(card->chip);
	rtl_memory_destroy(card->memory);
}
