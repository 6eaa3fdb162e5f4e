// SPDX-License-Identifier: MIT
/* The memory of random traffic: address spaces, what is in them, and how a reference reaches it. */
#include "tests/rtl/traffic.h"

#include <string.h>

/* Physical places: host memory and card memory as far as they are used. */
struct place {
	uint8_t *bytes, *any;
};

struct dice dice_make(uint64_t seed)
{
	return (struct dice){seed * 0x9e3779b97f4a7c15u | 1};
}

uint64_t dice_64(struct dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint32_t dice_roll(struct dice *dice, uint32_t below)
{
	return (uint32_t)((dice_64(dice) >> 32) * below >> 32);
}

uint64_t plan_page_iova(const struct plan *plan, const struct plan_queue *q, unsigned int page)
{
	return plan->client[q->client].window +
	       ((uint64_t)q->index * PAGE_COUNT + page) * SL200_PAGE_SIZE;
}

uint32_t plan_page_host(const struct plan *plan, const struct plan_queue *q, unsigned int page)
{
	uint64_t pte = plan->client[q->client].pte[q->index * PAGE_COUNT + page];

	return (uint32_t)((pte & SL200_PTE_ADDR) - HOST_BUS);
}

/* ---------------------------------------------------------------- page tables */

static uint64_t *table(struct plan *plan, uint64_t bus)
{
	return (uint64_t *)(plan->before->host + (bus - HOST_BUS));
}

static uint64_t new_table(struct plan *plan)
{
	return HOST_BUS + HOST_TABLES + SL200_PAGE_SIZE * plan->next_table++;
}

static void map(struct plan *plan, uint64_t root, uint64_t iova, unsigned int level, uint64_t leaf)
{
	uint64_t *entry = table(plan, root);

	for (unsigned int i = SL200_PT_LEVELS - 1; i > level; i--) {
		entry += SL200_PT_INDEX(iova, i);
		if (!(*entry & SL200_PTE_VALID))
			*entry = new_table(plan) | SL200_PTE_VALID;
		entry = table(plan, *entry & SL200_PTE_ADDR);
	}
	entry[SL200_PT_INDEX(iova, level)] = leaf;
}

#define READ_WRITE (SL200_PTE_VALID | SL200_PTE_READ | SL200_PTE_WRITE)

/* A page of host memory, or of card memory. */
static uint64_t good_page(struct plan *plan, bool host)
{
	if (host)
		return (HOST_BUS + HOST_PAGES + SL200_PAGE_SIZE * plan->next_host_page++) |
		       READ_WRITE;
	return (CARD_BASE + CARD_PAGES + SL200_PAGE_SIZE * plan->next_card_page++) |
	       SL200_PTE_DRAM | READ_WRITE;
}

static uint64_t bad_page(struct plan *plan, enum plan_bad bad)
{
	uint64_t good = good_page(plan, dice_roll(&plan->dice, 2));

	switch (bad) {
	case BAD_ABSENT:
		return good & ~SL200_PTE_VALID;
	case BAD_READ_ONLY:
		return good & ~SL200_PTE_WRITE;
	case BAD_WRITE_ONLY:
		return good & ~SL200_PTE_READ;
	case BAD_ENTRY:
		return good | (dice_roll(&plan->dice, 2) ? SL200_PTE_HUGE : 1ull << 60);
	case BAD_BUS:
		return (HOST_BUS + HOST_BYTES) | READ_WRITE;
	default:
		return (DRAM_BYTES + SL200_PAGE_SIZE * dice_roll(&plan->dice, 1u << 20)) |
		       SL200_PTE_DRAM | READ_WRITE;
	}
}

static void make_window(struct plan *plan, struct plan_client *client, unsigned int queue)
{
	for (unsigned int page = 0; page < PAGE_COUNT; page++) {
		uint64_t *pte = &client->pte[queue * PAGE_COUNT + page];
		bool host = page < PAGE_DATA || dice_roll(&plan->dice, 2);

		if (page >= PAGE_TRASH && (page - PAGE_TRASH) & 1)
			*pte = bad_page(plan, (page - PAGE_TRASH) / 2);
		else
			*pte = good_page(plan, host);
		map(plan, client->root,
		    client->window + ((uint64_t)queue * PAGE_COUNT + page) * SL200_PAGE_SIZE, 0,
		    *pte);
	}
}

/* Neighbours in IOVA are none in memory. */
static void shuffle_data(struct plan *plan, struct plan_client *client, unsigned int queue)
{
	uint64_t *pte = &client->pte[queue * PAGE_COUNT + PAGE_DATA];
	const unsigned int pages = PAGE_WORDS - PAGE_DATA;

	for (unsigned int i = 0; i < pages; i++) {
		unsigned int other = dice_roll(&plan->dice, pages);
		uint64_t swap = pte[i];

		pte[i] = pte[other];
		pte[other] = swap;
	}
	for (unsigned int i = 0; i < pages; i++)
		map(plan, client->root,
		    client->window +
			    ((uint64_t)queue * PAGE_COUNT + PAGE_DATA + i) * SL200_PAGE_SIZE,
		    0, pte[i]);
}

static void make_client(struct plan *plan, unsigned int n)
{
	struct plan_client *client = &plan->client[n];

	/* One in each quarter of the space; the last may touch its end. */
	client->window = dice_64(&plan->dice) >> 18 & ~(uint64_t)(SL200_PAGE_SIZE - 1);
	client->window &= ~(1ull << 45);
	client->host_huge =
		1ull << 46 | (dice_64(&plan->dice) >> 18 & ~(uint64_t)(SL200_HUGE_SIZE - 1));
	client->card_huge =
		3ull << 46 | (dice_64(&plan->dice) >> 18 & ~(uint64_t)(SL200_HUGE_SIZE - 1));
	if (!dice_roll(&plan->dice, 4))
		client->card_huge = (1ull << SL200_IOVA_BITS) - SL200_HUGE_SIZE;
	client->root = new_table(plan);
	for (unsigned int i = 0; i < client->queues; i++) {
		make_window(plan, client, i);
		shuffle_data(plan, client, i);
	}
	map(plan, client->root, client->host_huge, 1,
	    (HOST_BUS + HOST_HUGE + n * SL200_HUGE_SIZE) | SL200_PTE_HUGE | READ_WRITE);
	map(plan, client->root, client->card_huge, 1,
	    (CARD_BASE + n * SL200_HUGE_SIZE) | SL200_PTE_HUGE | SL200_PTE_DRAM | READ_WRITE);
}

void plan_world(struct plan *plan)
{
	for (unsigned int n = 0; n < plan->num_clients; n++)
		make_client(plan, n);
}

/* ---------------------------------------------------------------- the reference's accesses */

static struct place page_at(struct plan_memory *memory, uint64_t pte)
{
	uint64_t addr = pte & SL200_PTE_ADDR;

	if (pte & SL200_PTE_DRAM)
		return (struct place){memory->card + (addr - CARD_BASE),
				      memory->card_any + (addr - CARD_BASE)};
	return (struct place){memory->host + (addr - HOST_BUS),
			      memory->host_any + (addr - HOST_BUS)};
}

static struct place locate(const struct plan *plan, unsigned int n, uint64_t iova)
{
	const struct plan_client *client = &plan->client[n];
	struct plan_memory *memory = plan->after;
	uint64_t offset = iova - client->host_huge;
	struct place place;

	if (offset < SL200_HUGE_SIZE) {
		offset += HOST_HUGE + n * SL200_HUGE_SIZE;
		return (struct place){memory->host + offset, memory->host_any + offset};
	}
	offset = iova - client->card_huge;
	if (offset < SL200_HUGE_SIZE) {
		offset += n * SL200_HUGE_SIZE;
		return (struct place){memory->card + offset, memory->card_any + offset};
	}
	offset = iova - client->window;
	place = page_at(memory, client->pte[offset / SL200_PAGE_SIZE]);
	place.bytes += offset % SL200_PAGE_SIZE;
	place.any += offset % SL200_PAGE_SIZE;
	return place;
}

static uint32_t in_page(uint64_t iova, uint32_t len)
{
	uint32_t room = SL200_PAGE_SIZE - (uint32_t)(iova % SL200_PAGE_SIZE);

	return len < room ? len : room;
}

void plan_read(const struct plan *plan, unsigned int client, uint64_t iova, uint8_t *data,
	       uint32_t len)
{
	for (uint32_t n; len; iova += n, data += n, len -= n) {
		n = in_page(iova, len);
		memcpy(data, locate(plan, client, iova).bytes, n);
	}
}

void plan_write(struct plan *plan, unsigned int client, uint64_t iova, const uint8_t *data,
		uint32_t len)
{
	for (uint32_t n; len; iova += n, data += n, len -= n) {
		n = in_page(iova, len);
		memcpy(locate(plan, client, iova).bytes, data, n);
	}
}

void plan_forget(struct plan *plan, unsigned int client, uint64_t iova, uint32_t len)
{
	for (uint32_t n; len; iova += n, len -= n) {
		n = in_page(iova, len);
		memset(locate(plan, client, iova).any, 1, n);
	}
}

/* CRC-32C bit by bit. */
uint32_t plan_crc32c(const uint8_t *data, uint32_t len)
{
	uint32_t crc = ~0u;

	while (len--) {
		crc ^= *data++;
		for (unsigned int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}
