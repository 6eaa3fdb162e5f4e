/* SPDX-License-Identifier: MIT */
#include "sim/model/engine.h"

#include <string.h>

#include "abi/sl200_regs.h"
#include "sim/model/chip.h"

/* Waits for the link that are shorter are left to add up. */
#define STALL_MIN_NS 200000u

#define REG(name) (SL200_ENGINE_##name(0) - SL200_ENGINE_BASE)

/* Sleep until a card time or an abort; adds the time slept to *stall. */
static void wait_until(struct engine *engine, uint64_t until, atomic_uint_fast64_t *stall)
{
	const struct timebase *time = &engine->chip->time;
	struct timespec deadline = timebase_deadline(time, until);
	uint64_t start = timebase_now(time);

	pthread_mutex_lock(&engine->lock);
	while (!engine_aborted(engine) && timebase_now(time) < until)
		pthread_cond_timedwait(&engine->changed, &engine->lock, &deadline);
	pthread_mutex_unlock(&engine->lock);
	atomic_fetch_add_explicit(stall, timebase_now(time) - start, memory_order_relaxed);
}

static void record_fault(struct engine *engine, unsigned int reason, const struct fabric_use *use)
{
	pthread_mutex_lock(&engine->lock);
	if (!engine->fault_info) {
		engine->fault_iova = use->fault_iova;
		engine->fault_info = SL200_ENGINE_FAULT_INFO_VALID |
				     (use->fault_write ? SL200_ENGINE_FAULT_INFO_WRITE : 0) |
				     reason << SL200_ENGINE_FAULT_INFO_REASON_SHIFT;
	}
	pthread_mutex_unlock(&engine->lock);
}

static void raise_until(atomic_uint_fast64_t *until, uint64_t value)
{
	uint_fast64_t old = atomic_load_explicit(until, memory_order_relaxed);

	while (old < value && !atomic_compare_exchange_weak(until, &old, value))
		;
}

uint16_t engine_access_done(struct engine *engine, unsigned int reason,
			    const struct fabric_use *use, uint64_t read, uint64_t written)
{
	if (engine_aborted(engine))
		return SL200_STATUS_ABORTED;
	if (reason == FABRIC_ECC)
		return SL200_STATUS_ENGINE_ERROR;
	if (reason) {
		record_fault(engine, reason, use);
		return SL200_STATUS_MMU_FAULT;
	}
	atomic_fetch_add_explicit(&engine->job_read, read, memory_order_relaxed);
	atomic_fetch_add_explicit(&engine->job_written, written, memory_order_relaxed);
	if (use->read_done || use->write_done) {
		uint64_t now = timebase_now(&engine->chip->time);

		raise_until(&engine->job_link_until, use->read_done);
		raise_until(&engine->job_link_until, use->write_done);
		if (use->read_done > now + STALL_MIN_NS)
			wait_until(engine, use->read_done, &engine->stall_in_ns);
		else if (use->write_done > now + STALL_MIN_NS)
			wait_until(engine, use->write_done, &engine->stall_out_ns);
	}
	return engine_aborted(engine) ? SL200_STATUS_ABORTED : SL200_STATUS_OK;
}

static uint16_t port_read(struct mem_port *port, uint64_t iova, void *dst, size_t len)
{
	struct engine *engine = (struct engine *)((char *)port - offsetof(struct engine, port));
	struct fabric_use use = {0};
	unsigned int reason;

	if (engine_aborted(engine))
		return SL200_STATUS_ABORTED;
	reason = fabric_read(&engine->chip->fabric, engine->job_asid, iova, dst, len, &use);
	return engine_access_done(engine, reason, &use, len, 0);
}

static uint16_t port_write(struct mem_port *port, uint64_t iova, const void *src, size_t len)
{
	struct engine *engine = (struct engine *)((char *)port - offsetof(struct engine, port));
	struct fabric_use use = {0};
	unsigned int reason;

	if (engine_aborted(engine))
		return SL200_STATUS_ABORTED;
	reason = fabric_write(&engine->chip->fabric, engine->job_asid, iova, src, len, &use);
	return engine_access_done(engine, reason, &use, 0, len);
}

/* Fault injection: takes the engine's bit of a request register. */
static bool take_injected(atomic_uint *request, unsigned int index)
{
	uint32_t bit = 1u << index;

	return atomic_fetch_and(request, ~bit) & bit;
}

static uint16_t run_job(struct engine *engine, uint32_t job, struct sl200_job_result *result)
{
	struct chip *chip = engine->chip;
	uint16_t status;

	if (take_injected(&chip->inject_hang, engine->index)) {
		atomic_uint_fast64_t hung = 0;

		wait_until(engine, UINT64_MAX, &hung);
		return SL200_STATUS_ABORTED;
	}
	if (take_injected(&chip->inject_error, engine->index))
		return SL200_STATUS_ENGINE_ERROR;
	if (job % 8 || job >= HAL_TCM_SIZE)
		return SL200_STATUS_ENGINE_ERROR;
	/* An engine fetches ahead: of the link's latency one round trip shows, at the start. */
	if (chip->fabric.link.latency_ns)
		raise_until(&engine->job_link_until,
			    engine->job_start + chip->fabric.link.latency_ns);
	status = engine->kind->run(engine, chip->tcm + job, HAL_TCM_SIZE - job, result);
	if (status == SL200_STATUS_OK &&
	    atomic_load(&engine->job_link_until) > timebase_now(&chip->time))
		wait_until(engine, atomic_load(&engine->job_link_until), &engine->stall_out_ns);
	return status;
}

/* With the lock held: the job's end, as one step for those who read counters or status. */
static void finish_job(struct engine *engine, struct sl200_job_result *result)
{
	struct chip *chip = engine->chip;

	result->start_ns = engine->job_start;
	result->end_ns = timebase_now(&chip->time);
	result->bytes_read = atomic_load(&engine->job_read);
	result->bytes_written = atomic_load(&engine->job_written);
	engine->busy_ns += result->end_ns - result->start_ns;
	if (engine_aborted(engine)) {
		atomic_store(&engine->status, SL200_ENGINE_STATUS_IDLE);
	} else {
		engine->jobs++;
		engine->cycles += result->cycles;
		if (engine->result % 8 == 0 && engine->result <= HAL_TCM_SIZE - sizeof(*result))
			memcpy(chip->tcm + engine->result, result, sizeof(*result));
		atomic_store(&engine->status, SL200_ENGINE_STATUS_DONE);
	}
	pthread_cond_broadcast(&engine->changed);
}

static void *engine_main(void *arg)
{
	struct engine *engine = arg;

	pthread_mutex_lock(&engine->lock);
	for (;;) {
		struct sl200_job_result result = {0};
		uint32_t job;

		while (!engine->exit && !engine->started)
			pthread_cond_wait(&engine->changed, &engine->lock);
		if (engine->exit)
			break;
		engine->started = false;
		engine->job_start = timebase_now(&engine->chip->time);
		engine->job_asid = engine->asid;
		job = engine->job;
		atomic_store(&engine->job_read, 0);
		atomic_store(&engine->job_written, 0);
		atomic_store(&engine->job_link_until, 0);
		pthread_mutex_unlock(&engine->lock);

		result.status = run_job(engine, job, &result);

		pthread_mutex_lock(&engine->lock);
		finish_job(engine, &result);
		pthread_mutex_unlock(&engine->lock);
		mcu_wake(&engine->chip->mcu);
		pthread_mutex_lock(&engine->lock);
	}
	pthread_mutex_unlock(&engine->lock);
	return NULL;
}

int engine_create(struct engine *engine, struct chip *chip, const struct engine_kind *kind,
		  unsigned int index, unsigned int workers)
{
	pthread_condattr_t attr;
	int rc;

	memset(engine, 0, sizeof(*engine));
	engine->chip = chip;
	engine->kind = kind;
	engine->index = index;
	engine->workers = workers;
	engine->port.read = port_read;
	engine->port.write = port_write;
	if (kind->create) {
		rc = kind->create(engine);
		if (rc)
			return rc;
	}
	pthread_mutex_init(&engine->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&engine->changed, &attr);
	pthread_condattr_destroy(&attr);
	rc = pthread_create(&engine->thread, NULL, engine_main, engine);
	if (rc) {
		pthread_cond_destroy(&engine->changed);
		pthread_mutex_destroy(&engine->lock);
		if (kind->destroy)
			kind->destroy(engine);
	}
	return -rc;
}

void engine_destroy(struct engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	engine->exit = true;
	atomic_store(&engine->abort, true);
	pthread_cond_broadcast(&engine->changed);
	pthread_mutex_unlock(&engine->lock);
	pthread_join(engine->thread, NULL);
	pthread_cond_destroy(&engine->changed);
	pthread_mutex_destroy(&engine->lock);
	if (engine->kind->destroy)
		engine->kind->destroy(engine);
}

uint32_t engine_reg_read(struct engine *engine, uint32_t offset)
{
	struct engine_caps caps = {0};
	uint32_t value = 0;

	if (offset == REG(STATUS))
		return atomic_load(&engine->status);
	if (engine->kind->caps)
		engine->kind->caps(&caps);
	pthread_mutex_lock(&engine->lock);
	switch (offset) {
	case REG(KIND):
		value = engine->kind->kind;
		break;
	case REG(ASID):
		value = engine->asid;
		break;
	case REG(JOB):
		value = engine->job;
		break;
	case REG(RESULT):
		value = engine->result;
		break;
	case REG(FAULT_IOVA_LO):
		value = (uint32_t)engine->fault_iova;
		break;
	case REG(FAULT_IOVA_HI):
		value = (uint32_t)(engine->fault_iova >> 32);
		break;
	case REG(FAULT_INFO):
		value = engine->fault_info;
		break;
	case REG(CAP_FLAGS):
		value = caps.flags;
		break;
	case REG(CAP_DIM):
		value = caps.dim;
		break;
	case REG(CAP_LIMITS):
		value = caps.limits;
		break;
	}
	pthread_mutex_unlock(&engine->lock);
	return value;
}

/* With the lock held. */
static void drop_job(struct engine *engine)
{
	switch (atomic_load(&engine->status)) {
	case SL200_ENGINE_STATUS_BUSY:
		atomic_store(&engine->abort, true);
		atomic_store(&engine->status, SL200_ENGINE_STATUS_RESETTING);
		pthread_cond_broadcast(&engine->changed);
		break;
	case SL200_ENGINE_STATUS_DONE:
		atomic_store(&engine->status, SL200_ENGINE_STATUS_IDLE);
		break;
	}
}

static void control(struct engine *engine, uint32_t value)
{
	if (value & SL200_ENGINE_CTRL_RESET) {
		drop_job(engine);
		atomic_fetch_add(&engine->chip->resets_engine, 1);
		return;
	}
	if (value & SL200_ENGINE_CTRL_ACK &&
	    atomic_load(&engine->status) == SL200_ENGINE_STATUS_DONE)
		atomic_store(&engine->status, SL200_ENGINE_STATUS_IDLE);
	if (value & SL200_ENGINE_CTRL_START &&
	    atomic_load(&engine->status) == SL200_ENGINE_STATUS_IDLE) {
		atomic_store(&engine->abort, false);
		engine->fault_info = 0;
		engine->fault_iova = 0;
		engine->job_start = timebase_now(&engine->chip->time);
		engine->started = true;
		atomic_store(&engine->status, SL200_ENGINE_STATUS_BUSY);
		pthread_cond_broadcast(&engine->changed);
	}
}

void engine_reg_write(struct engine *engine, uint32_t offset, uint32_t value)
{
	pthread_mutex_lock(&engine->lock);
	switch (offset) {
	case REG(CTRL):
		control(engine, value);
		break;
	case REG(ASID):
		engine->asid = value;
		break;
	case REG(JOB):
		engine->job = value;
		break;
	case REG(RESULT):
		engine->result = value;
		break;
	}
	pthread_mutex_unlock(&engine->lock);
}

void engine_stop(struct engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	drop_job(engine);
	while (atomic_load(&engine->status) != SL200_ENGINE_STATUS_IDLE)
		pthread_cond_wait(&engine->changed, &engine->lock);
	engine->asid = engine->job = engine->result = 0;
	engine->fault_iova = 0;
	engine->fault_info = 0;
	pthread_mutex_unlock(&engine->lock);
}

void engine_counters(struct engine *engine, struct engine_counters *counters)
{
	unsigned int status;

	pthread_mutex_lock(&engine->lock);
	status = atomic_load(&engine->status);
	*counters = (struct engine_counters){
		.jobs = engine->jobs,
		.busy_ns = engine->busy_ns,
		.cycles = engine->cycles,
		.stall_in_ns = atomic_load(&engine->stall_in_ns),
		.stall_out_ns = atomic_load(&engine->stall_out_ns),
		.active_ns = engine->busy_ns,
	};
	if (status == SL200_ENGINE_STATUS_BUSY || status == SL200_ENGINE_STATUS_RESETTING)
		counters->active_ns += timebase_now(&engine->chip->time) - engine->job_start;
	pthread_mutex_unlock(&engine->lock);
}

void engine_clear_counters(struct engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	engine->jobs = engine->busy_ns = engine->cycles = 0;
	atomic_store(&engine->stall_in_ns, 0);
	atomic_store(&engine->stall_out_ns, 0);
	pthread_mutex_unlock(&engine->lock);
}
