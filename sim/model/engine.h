/* SPDX-License-Identifier: MIT */
/*
 * An engine: the job port that the MCU sees (registers ENGINE), a thread that runs the jobs, and
 * the counters. What a job does is the kind's business (struct engine_kind).
 */
#ifndef MODEL_ENGINE_H
#define MODEL_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_queue.h"
#include "sim/model/fabric.h"
#include "sim/model/mem_port.h"

struct chip;
struct engine;

struct engine_caps {
	uint32_t flags; /* as the registers CAP_* */
	uint32_t dim;
	uint32_t limits;
};

struct engine_kind {
	enum sl200_engine_kind kind;
	/* Make the part behind impl; 0 or -ENOMEM. May be NULL, like destroy. */
	int (*create)(struct engine *engine);
	void (*destroy)(struct engine *engine);
	void (*caps)(struct engine_caps *caps);
	/*
	 * Run the job of at most room bytes at job, in the engine's thread. Returns enum
	 * sl200_status and fills result as far as it knows; the engine adds times and traffic.
	 */
	uint16_t (*run)(struct engine *engine, const void *job, uint32_t room,
			struct sl200_job_result *result);
};

extern const struct engine_kind engine_dma;
extern const struct engine_kind engine_venc;
extern const struct engine_kind engine_crc;

struct engine {
	struct chip *chip;
	const struct engine_kind *kind;
	void *impl;
	unsigned int index;
	unsigned int workers; /* threads a codec may use beside this one */
	pthread_t thread;

	pthread_mutex_t lock; /* of all below but the atomics */
	pthread_cond_t changed;
	bool exit;
	bool started;		    /* a job was given and not yet taken */
	atomic_uint status;	    /* SL200_ENGINE_STATUS_* */
	atomic_bool abort;	    /* the job is to end without a trace */
	uint32_t asid, job, result; /* registers */
	uint64_t fault_iova;
	uint32_t fault_info;
	uint64_t job_start; /* card time, while BUSY */

	/* Of the job that runs; used by the engine's threads. */
	struct mem_port port;
	uint32_t job_asid;
	atomic_uint_fast64_t job_read, job_written;
	atomic_uint_fast64_t job_link_until; /* when the link has moved all of the job's data */

	/* Since the last chip reset. */
	uint64_t jobs, busy_ns, cycles;
	atomic_uint_fast64_t stall_in_ns, stall_out_ns;
};

struct engine_counters {
	uint64_t jobs, busy_ns, cycles, stall_in_ns, stall_out_ns;
	uint64_t active_ns; /* busy_ns and the running job's time so far */
};

/* Returns 0, -ENOMEM or -EAGAIN. */
int engine_create(struct engine *engine, struct chip *chip, const struct engine_kind *kind,
		  unsigned int index, unsigned int workers);
void engine_destroy(struct engine *engine);

/* Registers of the engine's port, by offset from its base. MCU thread. */
uint32_t engine_reg_read(struct engine *engine, uint32_t offset);
void engine_reg_write(struct engine *engine, uint32_t offset, uint32_t value);

/* Drop the job, wait until no access of it is under way, and clear the registers. */
void engine_stop(struct engine *engine);

void engine_counters(struct engine *engine, struct engine_counters *counters);
void engine_clear_counters(struct engine *engine);

/* For kinds: account for an access of the running job, record its fault, wait for the link. */
uint16_t engine_access_done(struct engine *engine, unsigned int reason,
			    const struct fabric_use *use, uint64_t read, uint64_t written);

/* For kinds: the job is to end with SL200_STATUS_ABORTED. */
static inline bool engine_aborted(struct engine *engine)
{
	return atomic_load_explicit(&engine->abort, memory_order_relaxed);
}

#endif
