/* SPDX-License-Identifier: MIT */
#include "va-backend/rate.h"

#include <stdlib.h>

#define MAX_PENDING (SL_RC_DELAY + 2)

struct slva_rate {
	atomic_uint refs;
	pthread_mutex_t lock; /* a leaf: nothing waits under it */
	struct sl_rc *rc;
	struct sl_rc_params params; /* of rc */
	bool stuffing;		    /* filler data keeps the rate constant */
	unsigned int num_pending;
	struct slva_job *pending[MAX_PENDING]; /* begun, not reported; oldest first */
};

struct slva_rate *slva_rate_create(void)
{
	struct slva_rate *rate = calloc(1, sizeof(*rate));

	if (!rate)
		return NULL;
	atomic_init(&rate->refs, 1);
	pthread_mutex_init(&rate->lock, NULL);
	return rate;
}

struct slva_rate *slva_rate_ref(struct slva_rate *rate)
{
	atomic_fetch_add(&rate->refs, 1);
	return rate;
}

void slva_rate_put(struct slva_rate *rate)
{
	if (!rate || atomic_fetch_sub(&rate->refs, 1) != 1)
		return;
	for (unsigned int i = 0; i < rate->num_pending; i++)
		slva_job_put(rate->pending[i]);
	sl_rc_destroy(rate->rc);
	pthread_mutex_destroy(&rate->lock);
	free(rate);
}

/* Report the oldest pending job, which is done. The lock is held. Returns it, for slva_job_put().
 */
static struct slva_job *report_oldest(struct slva_rate *rate)
{
	struct slva_job *job = rate->pending[0];

	rate->num_pending--;
	for (unsigned int i = 0; i < rate->num_pending; i++)
		rate->pending[i] = rate->pending[i + 1];
	sl_rc_end(rate->rc, (uint64_t)job->completion.bytes * 8, slva_job_mean_qp(job));
	job->filler_bytes = rate->stuffing ? (uint32_t)(sl_rc_filler_bits(rate->rc) / 8) : 0;
	return job;
}

/* Wait for and report pending jobs, oldest first, until at most keep are left. */
static void report_until(struct slva_rate *rate, unsigned int keep)
{
	pthread_mutex_lock(&rate->lock);
	while (rate->num_pending > keep) {
		struct slva_job *job = slva_job_ref(rate->pending[0]);
		struct slva_job *reported = NULL;

		pthread_mutex_unlock(&rate->lock);
		slva_job_wait(job, VA_TIMEOUT_INFINITE);
		pthread_mutex_lock(&rate->lock);
		/* Another thread may have reported it meanwhile. */
		if (rate->num_pending && rate->pending[0] == job)
			reported = report_oldest(rate);
		pthread_mutex_unlock(&rate->lock);
		slva_job_put(reported);
		slva_job_put(job);
		pthread_mutex_lock(&rate->lock);
	}
	pthread_mutex_unlock(&rate->lock);
}

void slva_rate_finish(struct slva_rate *rate)
{
	report_until(rate, 0);
}

static uint8_t qp_limit(uint32_t qp)
{
	return (uint8_t)(qp > 51 ? 51 : qp);
}

static void set_params(struct sl_rc_params *params, const struct slva_rate_request *request,
		       uint32_t width_mbs, uint32_t height_mbs)
{
	uint64_t rate = request->bits_per_second;
	uint32_t percentage = request->target_percentage;

	*params = (struct sl_rc_params){
		.mode = SL_RC_CBR,
		.width_mbs = width_mbs,
		.height_mbs = height_mbs,
		.fps_num = request->fps_num,
		.fps_den = request->fps_den,
		.qp_min = qp_limit(request->min_qp ? request->min_qp : 1),
		.qp_max = qp_limit(request->max_qp ? request->max_qp : 51),
		.initial_qp = qp_limit(request->initial_qp),
		.bit_rate = rate,
		.vbv_size = request->hrd_size,
		.vbv_initial = request->hrd_fullness < request->hrd_size ? request->hrd_fullness
									 : request->hrd_size,
		.gop_size = request->gop_size,
	};
	if (request->mode == VA_RC_VBR) {
		params->mode = SL_RC_VBR;
		params->max_bit_rate = rate;
		/* 0: not said */
		if (percentage && percentage < 100)
			params->bit_rate = rate * percentage / 100;
	}
}

static bool params_equal(const struct sl_rc_params *a, const struct sl_rc_params *b)
{
	return a->mode == b->mode && a->width_mbs == b->width_mbs &&
	       a->height_mbs == b->height_mbs && a->fps_num == b->fps_num &&
	       a->fps_den == b->fps_den && a->qp_min == b->qp_min && a->qp_max == b->qp_max &&
	       a->initial_qp == b->initial_qp && a->bit_rate == b->bit_rate &&
	       a->max_bit_rate == b->max_bit_rate && a->vbv_size == b->vbv_size &&
	       a->vbv_initial == b->vbv_initial && a->gop_size == b->gop_size;
}

/* Create the controller, or change it where the request differs. The lock is held. */
static int update(struct slva_rate *rate, const struct sl_rc_params *params, bool reset)
{
	bool resized = params->width_mbs != rate->params.width_mbs ||
		       params->height_mbs != rate->params.height_mbs;
	int result = SL_OK;

	if (rate->rc && !reset && !resized) {
		if (!params_equal(params, &rate->params))
			result = sl_rc_update(rate->rc, params);
	} else {
		struct sl_rc *rc;

		result = sl_rc_create(params, &rc);
		if (result == SL_OK) {
			sl_rc_destroy(rate->rc);
			rate->rc = rc;
		}
	}
	if (result == SL_OK)
		rate->params = *params;
	return result;
}

VAStatus slva_rate_begin(struct slva_rate *rate, struct slva_driver *drv,
			 const struct slva_rate_request *request, uint32_t width_mbs,
			 uint32_t height_mbs, enum sl_rc_picture type,
			 struct sl_rc_decision *decision)
{
	struct sl_rc_params params;

	if (!request->bits_per_second)
		return slva_refuse(drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "rate control needs a bit rate, and none was given");
	set_params(&params, request, width_mbs, height_mbs);
	if (params.qp_min > params.qp_max)
		return slva_refuse(drv, VA_STATUS_ERROR_INVALID_PARAMETER,
				   "min_qp %u is above max_qp %u", params.qp_min, params.qp_max);
	/* A new controller knows nothing of the old one's pictures. */
	report_until(rate, request->reset ? 0 : SL_RC_DELAY);

	pthread_mutex_lock(&rate->lock);
	int result = update(rate, &params, request->reset);

	if (result == SL_OK) {
		rate->stuffing = params.mode == SL_RC_CBR && !request->disable_bit_stuffing;
		sl_rc_begin(rate->rc, type, decision);
	}
	pthread_mutex_unlock(&rate->lock);
	if (result != SL_OK)
		return slva_refuse(drv, VA_STATUS_ERROR_INVALID_PARAMETER, "rate control: %s",
				   sl_last_error());
	return VA_STATUS_SUCCESS;
}

void slva_rate_submitted(struct slva_rate *rate, struct slva_job *job)
{
	slva_job_ref(job);
	pthread_mutex_lock(&rate->lock);
	rate->pending[rate->num_pending++] = job;
	pthread_mutex_unlock(&rate->lock);
}

void slva_rate_cancelled(struct slva_rate *rate)
{
	pthread_mutex_lock(&rate->lock);
	sl_rc_cancel(rate->rc, rate->num_pending);
	pthread_mutex_unlock(&rate->lock);
}

bool slva_rate_is_risky(const struct slva_rate *rate, enum sl_rc_picture type,
			const struct sl_rc_decision *decision)
{
	const struct sl_rc_params *params = &rate->params;
	uint64_t average = params->bit_rate * params->fps_den / params->fps_num / 8;

	if (!decision->max_bytes)
		return false;
	/* A scene cut may come with any picture, and a buffer that runs empty stalls a decoder. */
	if (params->mode == SL_RC_CBR)
		return true;
	/* A peak may be exceeded less dearly: I pictures, and others when little is left. */
	return type == SL_RC_I || decision->max_bytes < 8 * average;
}

bool slva_rate_retry(struct slva_rate *rate, struct slva_job *job, struct sl_rc_decision *decision)
{
	report_until(rate, 0);
	if (job->status != VA_STATUS_SUCCESS)
		return false;
	pthread_mutex_lock(&rate->lock);
	bool retry = sl_rc_retry(rate->rc, (uint64_t)job->completion.bytes * 8,
				 slva_job_mean_qp(job), decision) == 1;

	pthread_mutex_unlock(&rate->lock);
	return retry;
}

void slva_rate_settle(struct slva_rate *rate, struct slva_job *job)
{
	for (;;) {
		struct slva_job *oldest = NULL;

		pthread_mutex_lock(&rate->lock);
		for (unsigned int i = 0; i < rate->num_pending && rate->stuffing; i++) {
			if (rate->pending[i] == job)
				oldest = slva_job_ref(rate->pending[0]);
		}
		pthread_mutex_unlock(&rate->lock);
		if (!oldest)
			return;
		slva_job_wait(oldest, VA_TIMEOUT_INFINITE);
		pthread_mutex_lock(&rate->lock);
		struct slva_job *reported = NULL;

		if (rate->num_pending && rate->pending[0] == oldest)
			reported = report_oldest(rate);
		pthread_mutex_unlock(&rate->lock);
		slva_job_put(reported);
		slva_job_put(oldest);
	}
}
