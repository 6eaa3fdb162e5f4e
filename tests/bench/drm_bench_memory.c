// SPDX-License-Identifier: MIT
/*
 * Buffer objects: what it costs to make one (memory, cleared, and its page-table entries), to
 * import one of another client (entries alone), and to close it (entries, and the card's
 * acknowledgement that it has forgotten them).
 */
#include <stdio.h>
#include <unistd.h>

#include "tests/bench/drm_bench.h"
#include "tests/vm/drm_client.h"

#define MAX_ROUNDS 16u
#define BYTES_A_SIZE (256ull << 20)

struct cost {
	double make[MAX_ROUNDS], close[MAX_ROUNDS];
};

static void make_and_close(int fd, uint64_t size, uint32_t flags, unsigned int round,
			   struct cost *cost)
{
	struct drm_sl200_bo_create bo;
	double began = bench_now();

	bench_must(drm_client_bo_create(fd, size, flags, &bo), "creating a buffer object");
	cost->make[round] = bench_now() - began;
	began = bench_now();
	bench_must(drm_client_bo_close(fd, bo.handle), "closing a buffer object");
	cost->close[round] = bench_now() - began;
}

static void import_and_close(int fd, int dmabuf, unsigned int round, struct cost *cost)
{
	double began = bench_now();
	uint32_t handle;

	bench_must(drm_client_import(fd, dmabuf, &handle), "importing a buffer object");
	cost->make[round] = bench_now() - began;
	began = bench_now();
	bench_must(drm_client_bo_close(fd, handle), "closing a buffer object");
	cost->close[round] = bench_now() - began;
}

static void print_size(uint64_t size)
{
	if (size < 1 << 20)
		printf("  %6u KiB", (unsigned int)(size >> 10));
	else
		printf("  %6u MiB", (unsigned int)(size >> 20));
}

static void print_cost(struct cost *cost, unsigned int rounds)
{
	printf(" %12.0f %9.0f", bench_quantile(cost->make, rounds, BENCH_QUIET) * 1e6,
	       bench_quantile(cost->close, rounds, BENCH_QUIET) * 1e6);
}

static void measure(int fd, int other, uint64_t size)
{
	unsigned int i, rounds = MAX_ROUNDS;
	struct drm_sl200_bo_create bo;
	struct cost host, card, shared;
	int dmabuf;

	if (rounds > BYTES_A_SIZE / size)
		rounds = (unsigned int)(BYTES_A_SIZE / size);
	for (i = 0; i < rounds; i++)
		make_and_close(fd, size, DRM_SL200_BO_HOST, i, &host);
	for (i = 0; i < rounds; i++)
		make_and_close(fd, size, DRM_SL200_BO_CARD, i, &card);
	bench_must(drm_client_bo_create(other, size, DRM_SL200_BO_HOST, &bo),
		   "creating a buffer object");
	bench_must(drm_client_export(other, bo.handle, &dmabuf), "exporting a buffer object");
	for (i = 0; i < rounds; i++)
		import_and_close(fd, dmabuf, i, &shared);
	close(dmabuf);
	bench_must(drm_client_bo_close(other, bo.handle), "closing a buffer object");
	print_size(size);
	print_cost(&host, rounds);
	print_cost(&card, rounds);
	print_cost(&shared, rounds);
	printf("\n");
}

void bench_memory(void)
{
	static const uint64_t sizes[] = {4ull << 10, 64ull << 10, 1ull << 20,
					 4ull << 20, 16ull << 20, 64ull << 20};
	int fd = drm_client_open(0), other = drm_client_open(0);
	struct drm_sl200_bo_create first;
	size_t i;

	bench_must(fd < 0 ? fd : 0, "no card");
	bench_must(other < 0 ? other : 0, "no card");
	/* Address spaces and their first tables are there. */
	bench_must(drm_client_bo_create(fd, 4096, DRM_SL200_BO_HOST, &first), "a first object");
	printf("\nBuffer objects, us\n  %10s %12s %9s %12s %9s %12s %9s\n", "", "host", "close",
	       "card", "close", "import", "close");
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		measure(fd, other, sizes[i]);
	close(other);
	close(fd);
}
