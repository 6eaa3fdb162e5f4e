/* SPDX-License-Identifier: MIT */
#include "sim/model/mcu.h"

#include <sched.h>
#include <string.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"
#include "sim/model/chip.h"
#include "sim/model/native_fw.h"

uint32_t mcu_irq(struct mcu *mcu)
{
	struct chip *chip = mcu->hal.chip;
	uint32_t irq = 0;

	if (doorbell_any_pending(&chip->doorbells))
		irq |= SL200_SYS_IRQ_DOORBELL;
	for (unsigned int i = 0; i < chip->num_engines; i++)
		if (atomic_load(&chip->engine[i].status) == SL200_ENGINE_STATUS_DONE)
			irq |= SL200_SYS_IRQ_ENGINE;
	if (mcu->timer_armed && timebase_now(&chip->time) >= mcu->timer_cmp) {
		mcu->timer_armed = false;
		mcu->timer_pending = true;
	}
	if (mcu->timer_pending)
		irq |= SL200_SYS_IRQ_TIMER;
	if (atomic_load(&mcu->irq_host))
		irq |= SL200_SYS_IRQ_HOST;
	return irq;
}

int hal_stopping(struct hal *hal)
{
	struct chip *chip = hal->chip;

	/* Asked in loops that wait for an engine's reset: its thread may need this processor. */
	for (unsigned int i = 0; i < chip->num_engines; i++)
		if (atomic_load(&chip->engine[i].status) == SL200_ENGINE_STATUS_RESETTING)
			sched_yield();
	return atomic_load(&chip->mcu.stopping);
}

void *hal_tcm(struct hal *hal)
{
	return hal->chip->tcm;
}

int hal_wait(struct hal *hal)
{
	struct chip *chip = hal->chip;
	struct mcu *mcu = &chip->mcu;

	pthread_mutex_lock(&mcu->lock);
	/* Sources set their state, then look at sleeping; here it is the other way round. */
	atomic_store(&mcu->sleeping, true);
	while (!atomic_load(&mcu->stopping) && !mcu_irq(mcu)) {
		if (mcu->timer_armed) {
			struct timespec deadline = timebase_deadline(&chip->time, mcu->timer_cmp);

			pthread_cond_timedwait(&mcu->changed, &mcu->lock, &deadline);
		} else {
			pthread_cond_wait(&mcu->changed, &mcu->lock);
		}
	}
	atomic_store(&mcu->sleeping, false);
	pthread_mutex_unlock(&mcu->lock);
	return atomic_load(&mcu->stopping);
}

void mcu_wake(struct mcu *mcu)
{
	if (!atomic_load(&mcu->sleeping))
		return;
	pthread_mutex_lock(&mcu->lock);
	pthread_cond_broadcast(&mcu->changed);
	pthread_mutex_unlock(&mcu->lock);
}

void mcu_halt(struct mcu *mcu, uint32_t panic)
{
	pthread_mutex_lock(&mcu->lock);
	if (mcu->running && !atomic_load(&mcu->stopping)) {
		atomic_store(&mcu->panic, panic);
		atomic_store(&mcu->state, SL200_MCU_STATE_HALTED);
		atomic_store(&mcu->stopping, true);
		pthread_cond_broadcast(&mcu->changed);
	}
	pthread_mutex_unlock(&mcu->lock);
}

/*
 * The image has been verified. What then runs is the native build of the same sources, so the
 * image must be of the version that this model was built with.
 */
static bool version_matches(struct chip *chip, const struct rom_boot *boot)
{
	if (boot->version == native_fw_version())
		return true;
	atomic_store(&chip->boot_detail, boot->version);
	atomic_store(&chip->boot_status, SL200_BOOT_ERR_ABI);
	return false;
}

static void set_state(struct mcu *mcu, uint32_t state)
{
	pthread_mutex_lock(&mcu->lock);
	if (!atomic_load(&mcu->stopping))
		atomic_store(&mcu->state, state);
	pthread_mutex_unlock(&mcu->lock);
}

static void boot_and_run(struct mcu *mcu)
{
	struct rom_boot boot = {0};

	set_state(mcu, SL200_MCU_STATE_ROM);
	if (!rom_main(&mcu->hal, &boot) && !hal_stopping(&mcu->hal) &&
	    version_matches(mcu->hal.chip, &boot)) {
		set_state(mcu, SL200_MCU_STATE_RUN);
		fw_main(&mcu->hal);
		/* A main loop that ends by itself has lost its way. */
		mcu_halt(mcu, SL200_PANIC_ASSERT);
	}
	set_state(mcu, SL200_MCU_STATE_RESET);
}

static void *mcu_main(void *arg)
{
	struct mcu *mcu = arg;

	pthread_mutex_lock(&mcu->lock);
	for (;;) {
		while (!mcu->exit && !mcu->boot)
			pthread_cond_wait(&mcu->changed, &mcu->lock);
		if (mcu->exit)
			break;
		mcu->boot = false;
		pthread_mutex_unlock(&mcu->lock);
		boot_and_run(mcu);
		pthread_mutex_lock(&mcu->lock);
		mcu->running = false;
		pthread_cond_broadcast(&mcu->changed);
	}
	pthread_mutex_unlock(&mcu->lock);
	return NULL;
}

/* With the lock held and the thread outside the firmware. */
static void reset_core(struct mcu *mcu)
{
	atomic_store(&mcu->irq_host, false);
	atomic_store(&mcu->panic, SL200_PANIC_NONE);
	mcu->timer_armed = mcu->timer_pending = false;
	mcu->timer_cmp = UINT64_MAX;
	mcu->timer_cmp_lo = SL200_SYS_TIMER_CMP_LO_RESET_VALUE;
	mcu->time_hi = 0;
	mcu->mmu_asid = mcu->mdma_space = mcu->mdma_tcm = mcu->mdma_len = mcu->mdma_status = 0;
	mcu->mmu_root = mcu->mmu_iova = mcu->mmu_size = mcu->mdma_addr = 0;
	mcu->console_len = 0;
	atomic_store(&mcu->state, SL200_MCU_STATE_RESET);
}

int mcu_create(struct mcu *mcu, struct chip *chip)
{
	pthread_condattr_t attr;
	int rc;

	memset(mcu, 0, sizeof(*mcu));
	mcu->hal.chip = chip;
	pthread_mutex_init(&mcu->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&mcu->changed, &attr);
	pthread_condattr_destroy(&attr);
	reset_core(mcu);
	rc = pthread_create(&mcu->thread, NULL, mcu_main, mcu);
	if (rc) {
		pthread_cond_destroy(&mcu->changed);
		pthread_mutex_destroy(&mcu->lock);
	}
	return -rc;
}

void mcu_destroy(struct mcu *mcu)
{
	pthread_mutex_lock(&mcu->lock);
	mcu->exit = true;
	mcu->boot = false;
	atomic_store(&mcu->stopping, true);
	pthread_cond_broadcast(&mcu->changed);
	pthread_mutex_unlock(&mcu->lock);
	pthread_join(mcu->thread, NULL);
	pthread_cond_destroy(&mcu->changed);
	pthread_mutex_destroy(&mcu->lock);
}

static bool may_boot(struct chip *chip)
{
	uint32_t status = atomic_load(&chip->boot_status);

	return status == SL200_BOOT_RESET || status > SL200_BOOT_RUNNING;
}

void mcu_boot(struct mcu *mcu, uint32_t source)
{
	struct chip *chip = mcu->hal.chip;

	pthread_mutex_lock(&mcu->lock);
	/* The host may see the error of the last boot before the thread has left the ROM. */
	while (mcu->running && !atomic_load(&mcu->stopping) && may_boot(chip))
		pthread_cond_wait(&mcu->changed, &mcu->lock);
	if (!mcu->running && !atomic_load(&mcu->stopping) && may_boot(chip)) {
		atomic_store(&chip->boot_source, source);
		atomic_store(&chip->boot_detail, 0);
		atomic_store(&chip->boot_status, SL200_BOOT_ROM);
		mcu->boot = mcu->running = true;
		pthread_cond_broadcast(&mcu->changed);
	}
	pthread_mutex_unlock(&mcu->lock);
}

void mcu_stop(struct mcu *mcu)
{
	pthread_mutex_lock(&mcu->lock);
	atomic_store(&mcu->stopping, true);
	pthread_cond_broadcast(&mcu->changed);
	while (mcu->running)
		pthread_cond_wait(&mcu->changed, &mcu->lock);
	pthread_mutex_unlock(&mcu->lock);
}

void mcu_reset(struct mcu *mcu)
{
	pthread_mutex_lock(&mcu->lock);
	reset_core(mcu);
	atomic_store(&mcu->stopping, false);
	pthread_mutex_unlock(&mcu->lock);
}
