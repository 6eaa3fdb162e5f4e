/* SPDX-License-Identifier: MIT */
#include "sim/model/telemetry.h"

#include "abi/sl200_regs.h"
#include "sim/model/chip.h"

#define POWER_IDLE_MW ((double)SL200_TELEM_POWER_RESET_VALUE)
#define POWER_VENC_MW 14000.0 /* more for each engine that is always busy */
#define POWER_SMALL_MW 2000.0 /* dma and crc */
#define TEMP_IDLE_MC ((double)SL200_TELEM_TEMP_RESET_VALUE)
#define TEMP_PER_WATT_MC 1600.0 /* above idle */
#define POWER_TAU_NS 0.2e9	/* time constants of the averages */
#define TEMP_TAU_NS 8e9
#define SAMPLE_MIN_NS 10000000u

void telemetry_init(struct telemetry *telemetry)
{
	pthread_mutex_init(&telemetry->lock, NULL);
	telemetry->sampled_at = 0;
	telemetry->energy = 0;
	telemetry->power_mw = POWER_IDLE_MW;
	telemetry->temp_mc = TEMP_IDLE_MC;
}

void telemetry_destroy(struct telemetry *telemetry)
{
	pthread_mutex_destroy(&telemetry->lock);
}

/* Engine time so far, each kind weighted by its power: nanoseconds times milliwatts. */
static double energy(struct chip *chip)
{
	double sum = 0;

	for (unsigned int i = 0; i < chip->num_engines; i++) {
		struct engine_counters c;

		engine_counters(&chip->engine[i], &c);
		sum += (double)c.active_ns * (chip->engine[i].kind->kind == SL200_ENGINE_VENC
						      ? POWER_VENC_MW
						      : POWER_SMALL_MW);
	}
	return sum;
}

static double toward(double from, double to, double dt, double tau)
{
	return from + (to - from) * dt / (dt + tau);
}

static void sample(struct chip *chip)
{
	struct telemetry *t = &chip->telemetry;
	uint64_t now = timebase_now(&chip->time);
	double dt, power, spent;

	if (now < t->sampled_at + SAMPLE_MIN_NS)
		return;
	dt = (double)(now - t->sampled_at);
	spent = energy(chip);
	/* Counters restart at a reset. */
	power = POWER_IDLE_MW + (spent > t->energy ? (spent - t->energy) / dt : 0);
	t->power_mw = toward(t->power_mw, power, dt, POWER_TAU_NS);
	t->temp_mc =
		toward(t->temp_mc, TEMP_IDLE_MC + (power - POWER_IDLE_MW) / 1000 * TEMP_PER_WATT_MC,
		       dt, TEMP_TAU_NS);
	t->energy = spent;
	t->sampled_at = now;
}

uint32_t telemetry_temp(struct chip *chip)
{
	uint32_t value;

	pthread_mutex_lock(&chip->telemetry.lock);
	sample(chip);
	value = (uint32_t)chip->telemetry.temp_mc;
	pthread_mutex_unlock(&chip->telemetry.lock);
	return value;
}

uint32_t telemetry_power(struct chip *chip)
{
	uint32_t value;

	pthread_mutex_lock(&chip->telemetry.lock);
	sample(chip);
	value = (uint32_t)chip->telemetry.power_mw;
	pthread_mutex_unlock(&chip->telemetry.lock);
	return value;
}
