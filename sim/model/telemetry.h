/* SPDX-License-Identifier: MIT */
/*
 * Temperature and power of the model: computed from what its engines did lately, so that tools
 * have something to show that moves as on a card. The numbers are not those of any silicon.
 */
#ifndef MODEL_TELEMETRY_H
#define MODEL_TELEMETRY_H

#include <pthread.h>
#include <stdint.h>

struct chip;

struct telemetry {
	pthread_mutex_t lock;
	uint64_t sampled_at; /* card time */
	double energy;	     /* of all engines up to then: nanoseconds times milliwatts */
	double power_mw;
	double temp_mc;
};

void telemetry_init(struct telemetry *telemetry);
void telemetry_destroy(struct telemetry *telemetry);

/* As the registers TEMP and POWER. Thread-safe. */
uint32_t telemetry_temp(struct chip *chip);
uint32_t telemetry_power(struct chip *chip);

#endif
