/* SPDX-License-Identifier: MIT */
#include "sim/model/chip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_mmu.h"

#define DRAM_DEFAULT (8ull << 30)
#define DRAM_MIN (32ull << 20)
#define DRAM_MAX (1ull << 40)
#define SERIAL_DEFAULT 0x5352303030303031ull
#define DMA_DEFAULT 2u
#define VENC_DEFAULT 1u
#define VENC_MAX 8u /* descriptors that the TCM has room for */
#define WORKERS_MAX 64u
#define FLASH_ERASED 0xff

/* What a configuration comes to. Returns 0 or -EINVAL. */
static int settle(struct card_config *config)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (!config->dram_size)
		config->dram_size = DRAM_DEFAULT;
	if (!config->serial)
		config->serial = SERIAL_DEFAULT;
	if (!config->venc_engines)
		config->venc_engines = VENC_DEFAULT;
	if (!config->dma_engines)
		config->dma_engines = DMA_DEFAULT;
	if (!config->threads)
		config->threads = cpus < 1		     ? 1
				  : cpus > (long)WORKERS_MAX ? WORKERS_MAX
							     : (unsigned int)cpus;
	if (config->dram_size < DRAM_MIN || config->dram_size > DRAM_MAX ||
	    config->dram_size % SL200_HUGE_SIZE || config->venc_engines > VENC_MAX ||
	    config->dma_engines > SL200_MAX_ENGINES || config->crc_engines > SL200_MAX_ENGINES ||
	    config->dma_engines + config->venc_engines + config->crc_engines > SL200_MAX_ENGINES ||
	    config->threads > WORKERS_MAX)
		return -EINVAL;
	return 0;
}

static int create_memory(struct chip *chip, const struct card_config *config)
{
	int rc = card_mem_create(&chip->dram, config->dram_size);

	if (rc)
		return rc;
	rc = card_mem_create(&chip->flash, SL200_FLASH_SIZE);
	if (rc)
		return rc;
	memset(chip->flash.base, FLASH_ERASED, chip->flash.size);
	chip->tcm = aligned_alloc(64, HAL_TCM_SIZE);
	if (!chip->tcm)
		return -ENOMEM;
	memset(chip->tcm, 0, HAL_TCM_SIZE);
	return 0;
}

static void destroy_memory(struct chip *chip)
{
	free(chip->tcm);
	card_mem_destroy(&chip->flash);
	card_mem_destroy(&chip->dram);
}

static int create_engines(struct chip *chip, const struct card_config *config)
{
	const struct {
		const struct engine_kind *kind;
		unsigned int count;
	} kinds[] = {
		{&engine_dma, config->dma_engines},
		{&engine_venc, config->venc_engines},
		{&engine_crc, config->crc_engines},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (unsigned int j = 0; j < kinds[i].count; j++) {
			unsigned int n = chip->num_engines;
			int rc = engine_create(&chip->engine[n], chip, kinds[i].kind, n,
					       config->threads);

			if (rc)
				return rc;
			chip->num_engines++;
		}
	}
	return 0;
}

static void destroy_engines(struct chip *chip)
{
	for (unsigned int i = 0; i < chip->num_engines; i++)
		engine_destroy(&chip->engine[i]);
}

/* Threads last: they find the rest in place. Engines stand still until the MCU runs. */
static int create_parts(struct chip *chip, const struct card_config *config)
{
	int rc = create_memory(chip, config);

	if (rc)
		goto free_memory;
	rc = fabric_create(&chip->fabric, &chip->dram, &chip->time, &config->link);
	if (rc)
		goto free_memory;
	rc = msix_create(&chip->msix);
	if (rc)
		goto free_fabric;
	rc = create_engines(chip, config);
	if (rc)
		goto free_engines;
	rc = mcu_create(&chip->mcu, chip);
	if (rc)
		goto free_engines;
	telemetry_init(&chip->telemetry);
	pthread_mutex_init(&chip->reset_lock, NULL);
	return 0;

free_engines:
	destroy_engines(chip);
	msix_destroy(&chip->msix);
free_fabric:
	fabric_destroy(&chip->fabric);
free_memory:
	destroy_memory(chip);
	return rc;
}

int chip_create(const struct card_config *config, struct chip **out)
{
	struct card_config settled = *config;
	struct chip *chip;
	int rc = settle(&settled);

	if (rc)
		return rc;
	chip = aligned_alloc(_Alignof(struct chip), sizeof(*chip));
	if (!chip)
		return -ENOMEM;
	memset(chip, 0, sizeof(*chip));
	timebase_start(&chip->time);
	chip->serial = settled.serial;
	chip->console = settled.console;
	chip->console_arg = settled.console_arg;
	rc = create_parts(chip, &settled);
	if (rc) {
		free(chip);
		return rc;
	}
	*out = chip;
	return 0;
}

void chip_destroy(struct chip *chip)
{
	fabric_set_blocked(&chip->fabric, true);
	mcu_stop(&chip->mcu);
	/* Engines before the MCU: their threads wake it, even when it is stopped. */
	destroy_engines(chip);
	mcu_destroy(&chip->mcu);
	msix_destroy(&chip->msix);
	fabric_destroy(&chip->fabric);
	telemetry_destroy(&chip->telemetry);
	pthread_mutex_destroy(&chip->reset_lock);
	destroy_memory(chip);
	free(chip);
}

static void clear_registers(struct chip *chip)
{
	atomic_uint *const regs[] = {
		&chip->boot_image_lo, &chip->boot_image_hi, &chip->boot_size,	&chip->boot_source,
		&chip->boot_status,   &chip->boot_detail,   &chip->admin_sq_lo, &chip->admin_sq_hi,
		&chip->admin_cq_lo,   &chip->admin_cq_hi,   &chip->admin_depth, &chip->admin_ctrl,
		&chip->admin_status,  &chip->heartbeat,	    &chip->fw_version,	&chip->fw_abi,
		&chip->event_seq,
	};

	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++)
		atomic_store(regs[i], 0);
}

/* What an MCU reset leaves alone and a chip reset does not. */
static void clear_chip(struct chip *chip)
{
	atomic_store(&chip->scratch, 0);
	atomic_store(&chip->aperture_lo, 0);
	atomic_store(&chip->aperture_hi, 0);
	atomic_store(&chip->inject_hang, 0);
	atomic_store(&chip->inject_error, 0);
	atomic_store(&chip->inject_corrupt_cqe, 0);
	msix_drop_set(&chip->msix, 0);
	msix_clear_counters(&chip->msix);
	doorbell_clear_counters(&chip->doorbells);
	fabric_clear_counters(&chip->fabric);
	for (unsigned int i = 0; i < chip->num_engines; i++)
		engine_clear_counters(&chip->engine[i]);
}

void chip_reset(struct chip *chip, enum chip_reset_level level)
{
	pthread_mutex_lock(&chip->reset_lock);
	/* DMA stops here and now; the rest is waiting for those who would do it to notice. */
	fabric_set_blocked(&chip->fabric, true);
	mcu_stop(&chip->mcu);
	for (unsigned int i = 0; i < chip->num_engines; i++)
		engine_stop(&chip->engine[i]);
	doorbell_reset(&chip->doorbells);
	fabric_unbind_all(&chip->fabric);
	memset(chip->tcm, 0, HAL_TCM_SIZE);
	clear_registers(chip);
	if (level != CHIP_RESET_MCU)
		clear_chip(chip);
	if (level == CHIP_RESET_FLR) {
		msix_reset(&chip->msix);
		atomic_store(&chip->inject_all_ones, false);
	}
	atomic_fetch_add(level == CHIP_RESET_MCU    ? &chip->resets_mcu
			 : level == CHIP_RESET_CHIP ? &chip->resets_chip
						    : &chip->resets_flr,
			 1);
	mcu_reset(&chip->mcu);
	fabric_set_blocked(&chip->fabric, false);
	pthread_mutex_unlock(&chip->reset_lock);
}

void chip_doorbell(struct chip *chip, uint64_t offset, unsigned int size, uint32_t value)
{
	if (doorbell_write(&chip->doorbells, offset, size, value))
		mcu_wake(&chip->mcu);
}

static uint8_t *aperture(struct chip *chip, uint64_t offset, unsigned int size)
{
	uint64_t addr =
		(uint64_t)atomic_load(&chip->aperture_hi) << 32 | atomic_load(&chip->aperture_lo);

	if (addr > DRAM_MAX || !card_mem_holds(&chip->dram, addr + offset, size))
		return NULL;
	return chip->dram.base + addr + offset;
}

int chip_aperture_read(struct chip *chip, uint64_t offset, unsigned int size, uint64_t *value)
{
	uint8_t *p = aperture(chip, offset, size);

	if (!p)
		return -EINVAL;
	if (size == 8)
		*value = __atomic_load_n((uint64_t *)p, __ATOMIC_RELAXED);
	else
		*value = __atomic_load_n((uint32_t *)p, __ATOMIC_RELAXED);
	return 0;
}

int chip_aperture_write(struct chip *chip, uint64_t offset, unsigned int size, uint64_t value)
{
	uint8_t *p = aperture(chip, offset, size);

	if (!p)
		return -EINVAL;
	if (size == 8)
		__atomic_store_n((uint64_t *)p, value, __ATOMIC_RELAXED);
	else
		__atomic_store_n((uint32_t *)p, (uint32_t)value, __ATOMIC_RELAXED);
	return 0;
}
