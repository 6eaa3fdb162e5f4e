// SPDX-License-Identifier: MIT
/*
 * Rate control against a synthetic encoder: pictures whose sizes follow content and QP by laws that
 * are not the model's own, an independent VBV, and every 10 s window of the result.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "sl200/rate_control.h"
#include "tests/suite.h"

#define MAX_PICTURES 20000

/* The content: complexity of I and P pictures over time. */
struct content {
	const char *name;
	double bits_i; /* bits of an I picture at QP 26 */
	double bits_p;
	double noise;		  /* relative spread of P sizes */
	double slope;		  /* QP steps that halve the bits */
	unsigned int cut_every;	  /* pictures between scene cuts; 0: none */
	double swing;		  /* ratio of complexity between scenes */
	unsigned int fade_period; /* pictures of a slow swell from still to moving; 0: none */
	double fade_floor;	  /* share of the movement that is left when still */
	double overhead;	  /* bits a picture has at any QP */
};

static uint32_t seed;

static double uniform(void)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) / 16777216.0;
}

static double content_bits(const struct content *c, unsigned int n, int intra, double qp,
			   double *last_qp, double jitter)
{
	unsigned int scene = c->cut_every ? n / c->cut_every : 0;
	double scale = c->swing && scene & 1 ? c->swing : 1;
	double bits = intra ? c->bits_i : c->bits_p;

	/* The first picture of a scene is intra coded whatever its type. */
	if (c->cut_every && n && n % c->cut_every == 0)
		bits = c->bits_i;
	if (c->fade_period && !intra)
		bits *= c->fade_floor +
			(1 - c->fade_floor) * (0.5 - 0.5 * cos(2 * M_PI * n / c->fade_period));
	bits *= scale * exp2((26 - qp) / c->slope) * jitter;
	/* A finer picture than its reference also codes what the reference had lost. */
	if (!intra && qp < *last_qp)
		bits *= 1 + 0.15 * fmin(*last_qp - qp, 6);
	return floor(bits + c->overhead);
}

struct result {
	unsigned int pictures, retries;
	unsigned int at_min, at_max; /* pictures at the ends of the QP range: no control left */
	double underflow, overflow;  /* bits by which the independent VBV was left, at worst */
	uint64_t rc_underflows;
	double worst_window; /* relative deviation of a 10 s window */
	double average;	     /* relative deviation of the whole */
	double mean_qp;
	double filler; /* share of the bits */
	uint64_t hash;
};

static double sent[MAX_PICTURES];

/*
 * Drive rate control as a session does: one picture in flight while the next is chosen, retries
 * with the later picture coded again.
 */
static struct result drive(const struct sl_rc_params *params, const struct content *c,
			   unsigned int pictures)
{
	struct sl_rc_decision decision[2], again;
	double fps = (double)params->fps_num / params->fps_den;
	double rate = (double)(params->mode == SL_RC_VBR ? params->max_bit_rate : params->bit_rate);
	double size = params->vbv_size ? (double)params->vbv_size : rate;
	double fullness =
		params->vbv_initial ? (double)params->vbv_initial : size - floor(size / 4);
	double qp_min = params->qp_max ? params->qp_min : 1;
	double qp_max = params->qp_max ? params->qp_max : 51;
	double last_qp = 51, total = 0, fill_total = 0, sum_qp = 0;
	struct result r = {.pictures = pictures};
	struct sl_rc_vbv vbv;
	struct sl_rc *rc;

	CU_ASSERT_FATAL(pictures <= MAX_PICTURES);
	CU_ASSERT_FATAL(sl_rc_create(params, &rc) == 0);
	seed = 1;
	for (unsigned int n = 0; n <= pictures; n++) {
		unsigned int done = n - 1;
		int intra = params->gop_size ? n % params->gop_size == 0 : n == 0;
		double jitter, bits;
		uint64_t filler;

		if (n < pictures)
			sl_rc_begin(rc, intra ? SL_RC_I : SL_RC_P, &decision[n & 1]);
		if (!n)
			continue;
		/* Picture n - 1 is done, n under way. */
		intra = params->gop_size ? done % params->gop_size == 0 : done == 0;
		jitter = 1 + c->noise * (2 * uniform() - 1);
		bits = content_bits(c, done, intra, decision[done & 1].qp, &last_qp, jitter);
		if (sl_rc_retry(rc, (uint64_t)bits, decision[done & 1].qp, &again)) {
			int next_intra = params->gop_size ? n % params->gop_size == 0 : 0;

			sl_rc_cancel(rc, 1);
			do {
				CU_ASSERT(again.qp != decision[done & 1].qp);
				r.retries++;
				decision[done & 1] = again;
				bits = content_bits(c, done, intra, again.qp, &last_qp, jitter);
			} while (sl_rc_retry(rc, (uint64_t)bits, again.qp, &again));
			if (n < pictures)
				sl_rc_begin(rc, next_intra ? SL_RC_I : SL_RC_P, &decision[n & 1]);
		}
		sl_rc_end(rc, (uint64_t)bits, decision[done & 1].qp);
		filler = sl_rc_filler_bits(rc);
		CU_ASSERT(filler == 0 || (filler >= SL_RC_FILLER_MIN && filler % 8 == 0));
		CU_ASSERT(filler == 0 || params->mode == SL_RC_CBR);
		CU_ASSERT(decision[done & 1].qp >= qp_min);
		CU_ASSERT(decision[done & 1].qp <= qp_max);
		last_qp = decision[done & 1].qp;
		sum_qp += last_qp;
		bits += (double)filler;
		fill_total += (double)filler;
		sent[done] = bits;
		total += bits;
		r.hash = r.hash * 31 + (uint64_t)bits * 64 + decision[done & 1].qp;

		fullness -= bits;
		if (last_qp < qp_max)
			r.underflow = fmax(r.underflow, -fullness);
		r.at_min += last_qp == qp_min;
		r.at_max += last_qp == qp_max;
		fullness = fmax(fullness, 0) + rate / fps;
		if (params->mode == SL_RC_CBR)
			r.overflow = fmax(r.overflow, fullness - size);
		fullness = fmin(fullness, size);
	}
	sl_rc_vbv(rc, &vbv);
	r.rc_underflows = vbv.underflows;
	CU_ASSERT_DOUBLE_EQUAL((double)vbv.fullness, fullness, 2 + 1e-6 * size);
	sl_rc_destroy(rc);

	unsigned int window = (unsigned int)(10 * fps + 0.5);
	double sum = 0;

	for (unsigned int n = 0; n < pictures; n++) {
		sum += sent[n];
		if (n >= window)
			sum -= sent[n - window];
		/* Windows from the start, and all that begin after the first picture is paid. */
		if (n + 1 == window || n >= window + 2 * fps)
			r.worst_window =
				fmax(r.worst_window,
				     fabs(sum / ((double)params->bit_rate * window / fps) - 1));
	}
	r.average = total / ((double)params->bit_rate * pictures / fps) - 1;
	r.mean_qp = sum_qp / pictures;
	r.filler = fill_total / total;
	return r;
}

static void report(const struct sl_rc_params *p, const struct content *c, const struct result *r)
{
	printf("\n    %s %.0f kbit/s %.2f fps gop %u vbv %.0f %s: average %+.2f %%, window %.2f "
	       "%%, "
	       "QP %.1f, filler %.1f %%, retries %u, at QP limits %u %u, underflow %.0f, overflow "
	       "%.0f",
	       p->mode == SL_RC_CBR ? "CBR" : "VBR", (double)p->bit_rate / 1000,
	       (double)p->fps_num / p->fps_den, p->gop_size, (double)p->vbv_size, c->name,
	       100 * r->average, 100 * r->worst_window, r->mean_qp, 100 * r->filler, r->retries,
	       r->at_min, r->at_max, r->underflow, r->overflow);
}

/* 720p-like contents: sizes at QP 26. */
static const struct content contents[] = {
	{"steady", 500e3, 80e3, 0.1, 6, 0, 0, 0, 0, 400},
	{"noisy sizes", 500e3, 80e3, 0.35, 6, 0, 0, 0, 0, 400},
	{"steep", 500e3, 60e3, 0.2, 4.5, 0, 0, 0, 0, 400},
	{"flat slope", 900e3, 250e3, 0.2, 8, 0, 0, 0, 0, 400},
	{"scene cuts", 600e3, 70e3, 0.2, 6, 73, 4, 0, 0, 400},
	{"rapid cuts", 600e3, 70e3, 0.2, 5.5, 11, 3, 0, 0, 400},
	{"fades", 500e3, 120e3, 0.15, 6, 0, 0, 300, 0.1, 400},
	{"to black and back", 500e3, 120e3, 0.15, 6, 0, 0, 300, 0.001, 400},
	{"talking head", 400e3, 8e3, 0.3, 5, 0, 0, 0, 0, 300},
	{"noise", 3000e3, 2500e3, 0.05, 7, 0, 0, 0, 0, 400},
};
#define NUM_CONTENTS (sizeof(contents) / sizeof(contents[0]))

static void test_cbr(void)
{
	static const struct {
		uint32_t num, den, gop;
		uint64_t rate, vbv;
	} cases[] = {
		{30, 1, 250, 3000000, 0},      {30, 1, 60, 3000000, 0},
		{25, 1, 0, 1500000, 0},	       {60, 1, 120, 6000000, 0},
		{30000, 1001, 48, 800000, 0},  {24, 1, 250, 20000000, 40000000},
		{30, 1, 250, 3000000, 600000}, {50, 1, 0, 4000000, 400000},
		{25, 1, 1, 30000000, 0},       {25, 1, 250, 250000000, 0},
	};

	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		for (size_t i = 0; i < NUM_CONTENTS; i++) {
			struct sl_rc_params p = {
				.mode = SL_RC_CBR,
				.width_mbs = 80,
				.height_mbs = 45,
				.fps_num = cases[k].num,
				.fps_den = cases[k].den,
				.gop_size = cases[k].gop,
				.bit_rate = cases[k].rate,
				.vbv_size = cases[k].vbv,
			};
			struct result r = drive(&p, &contents[i], 1500);

			/* With the QP at its end the size is the content's. */
			if (r.underflow > 0 || r.overflow > 0.5 || r.retries >= r.pictures / 4 ||
			    (!r.at_max && r.worst_window > 0.01))
				report(&p, &contents[i], &r);
			CU_ASSERT(r.underflow <= 0);
			CU_ASSERT(r.overflow <= 0.5);
			CU_ASSERT(r.at_max || r.rc_underflows == 0);
			CU_ASSERT(r.at_max || r.worst_window <= 0.01);
			CU_ASSERT(r.retries < r.pictures / 4);
		}
	}
}

static void test_vbr(void)
{
	static const struct {
		uint32_t num, den, gop;
		uint64_t rate, max, vbv;
		unsigned int pictures;
	} cases[] = {
		{30, 1, 250, 3000000, 4500000, 0, 1500},
		{30, 1, 60, 3000000, 6000000, 0, 600},
		{25, 1, 0, 1500000, 1500000, 0, 1500},
		{60, 1, 120, 6000000, 9000000, 0, 3000},
		{24, 1, 240, 900000, 1350000, 0, 9000},
		{30, 1, 250, 3000000, 4500000, 900000, 900},
		{25, 1, 1, 30000000, 40000000, 0, 1000},
	};

	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		for (size_t i = 0; i < NUM_CONTENTS; i++) {
			struct sl_rc_params p = {
				.mode = SL_RC_VBR,
				.width_mbs = 80,
				.height_mbs = 45,
				.fps_num = cases[k].num,
				.fps_den = cases[k].den,
				.gop_size = cases[k].gop,
				.bit_rate = cases[k].rate,
				.max_bit_rate = cases[k].max,
				.vbv_size = cases[k].vbv,
			};
			struct result r = drive(&p, &contents[i], cases[k].pictures);
			int limited = r.at_max || r.at_min > r.pictures / 100;

			if (r.underflow > 0 || (!limited && fabs(r.average) > 0.02))
				report(&p, &contents[i], &r);
			CU_ASSERT(r.underflow <= 0);
			CU_ASSERT(r.at_max || r.rc_underflows == 0);
			CU_ASSERT(limited || fabs(r.average) <= 0.02);
			CU_ASSERT(r.filler == 0);
		}
	}
}

static struct sl_rc_params small_cbr(void)
{
	return (struct sl_rc_params){.mode = SL_RC_CBR,
				     .width_mbs = 11,
				     .height_mbs = 9,
				     .fps_num = 15,
				     .fps_den = 1,
				     .bit_rate = 64000};
}

/* Rates and buffers at the ends of what makes sense: the VBV holds, nothing else is asked. */
static void test_extremes(void)
{
	static const struct content tiny = {"tiny", 20e3, 3e3, 0.3, 6, 40, 3, 0, 0, 60};
	struct sl_rc_params p = small_cbr();
	struct result r;

	p.bit_rate = 10000;
	r = drive(&p, &tiny, 600);
	CU_ASSERT(r.underflow <= 0 && r.overflow <= 0.5);
	/* A buffer of one picture: each has to fit its share. */
	p.bit_rate = 90000;
	p.vbv_size = 6096;
	p.vbv_initial = 6096;
	r = drive(&p, &tiny, 600);
	CU_ASSERT(r.underflow <= 0 && r.overflow <= 0.5);
	CU_ASSERT(r.at_max || r.worst_window <= 0.01);
	/* One picture in two seconds. */
	p = small_cbr();
	p.fps_den = 30;
	p.vbv_size = 256000;
	r = drive(&p, &tiny, 300);
	CU_ASSERT(r.underflow <= 0 && r.overflow <= 0.5);
	CU_ASSERT(r.at_max || fabs(r.average) < 0.02);
	/* Far more than the content can use: filler takes the rest. */
	p = small_cbr();
	p.bit_rate = 500000000;
	r = drive(&p, &tiny, 600);
	CU_ASSERT(r.overflow <= 0.5 && r.filler > 0.9);
	CU_ASSERT(r.worst_window <= 0.01);
	/* A QP range the rate cannot be met in. */
	p = small_cbr();
	p.qp_min = 20;
	p.qp_max = 24;
	p.bit_rate = 20000;
	r = drive(&p, &tiny, 300);
	CU_ASSERT(r.rc_underflows > 0 && r.average > 0.1);
	CU_ASSERT(r.mean_qp > 23.5);
}

static void test_tolerance(void)
{
	struct sl_rc_params p = small_cbr();
	struct sl_rc_decision tight, loose;
	struct sl_rc *rc;

	p.gop_size = 1000;
	for (int pass = 0; pass < 2; pass++) {
		struct sl_rc_decision d;

		p.rate_tolerance = pass ? 50 : 0;
		CU_ASSERT_FATAL(sl_rc_create(&p, &rc) == 0);
		for (int n = 0; n < 100; n++) {
			sl_rc_begin(rc, n ? SL_RC_P : SL_RC_I, &d);
			sl_rc_end(rc, 4266, d.qp);
		}
		sl_rc_begin(rc, SL_RC_I, pass ? &loose : &tight);
		sl_rc_destroy(rc);
	}
	/* More tolerance, finer I pictures. */
	CU_ASSERT(loose.qp <= tight.qp);
}

/* Decisions when reports come as early or as late as they may. */
static uint64_t decisions(int early)
{
	struct sl_rc_params p = small_cbr();
	struct sl_rc_decision d[2];
	uint64_t hash = 0;
	struct sl_rc *rc;

	p.gop_size = 50;
	CU_ASSERT_FATAL(sl_rc_create(&p, &rc) == 0);
	seed = 7;
	for (unsigned int n = 0; n < 400; n++) {
		unsigned int done = early ? n : n - 1;

		sl_rc_begin(rc, n % 50 ? SL_RC_P : SL_RC_I, &d[n & 1]);
		hash = hash * 31 + d[n & 1].qp;
		if (early || n) {
			double bits = (done % 50 ? 60e3 : 300e3) * (0.7 + 0.6 * uniform());

			sl_rc_end(rc, (uint64_t)(bits * exp2(-d[done & 1].qp / 6.0)),
				  d[done & 1].qp);
		}
	}
	sl_rc_destroy(rc);
	return hash;
}

static void test_determinism(void)
{
	struct sl_rc_params p = small_cbr();
	struct result a, b;

	p.gop_size = 30;
	a = drive(&p, &contents[5], 500);
	b = drive(&p, &contents[5], 500);
	CU_ASSERT(a.hash == b.hash);
	CU_ASSERT(decisions(0) == decisions(1));
	p.mode = SL_RC_VBR;
	p.max_bit_rate = 96000;
	CU_ASSERT(drive(&p, &contents[5], 500).hash != a.hash);
}

static void test_cqp(void)
{
	struct sl_rc_params p = {.mode = SL_RC_CQP, .qp_i = 20, .qp_p = 23, .qp_b = 60};
	struct sl_rc_decision d;
	struct sl_rc_vbv vbv;
	struct sl_rc *rc;

	CU_ASSERT(sl_rc_create(&p, &rc) == SL_ERR_INVALID);
	p.qp_b = 25;
	CU_ASSERT_FATAL(sl_rc_create(&p, &rc) == 0);
	for (int n = 0; n < 200; n++) {
		sl_rc_begin(rc, n % 3, &d);
		CU_ASSERT(d.qp == (n % 3 == 0 ? 20 : n % 3 == 1 ? 23 : 25));
		CU_ASSERT(d.max_bytes == 0);
	}
	CU_ASSERT(sl_rc_retry(rc, 1000000000, 20, &d) == 0);
	sl_rc_end(rc, 1000000000, 20);
	CU_ASSERT(sl_rc_filler_bits(rc) == 0);
	sl_rc_vbv(rc, &vbv);
	CU_ASSERT(vbv.size == 0 && vbv.underflows == 0);
	p.qp_min = 22;
	p.qp_max = 24;
	CU_ASSERT(sl_rc_update(rc, &p) == 0);
	sl_rc_begin(rc, SL_RC_I, &d);
	CU_ASSERT(d.qp == 22);
	sl_rc_begin(rc, SL_RC_B, &d);
	CU_ASSERT(d.qp == 24);
	sl_rc_destroy(rc);
	sl_rc_destroy(NULL);
}

static void test_update(void)
{
	struct sl_rc_params p = small_cbr();
	struct sl_rc_vbv before, after;
	struct sl_rc_decision d;
	struct sl_rc *rc;
	int qp_before;

	CU_ASSERT_FATAL(sl_rc_create(&p, &rc) == 0);
	for (int n = 0; n < 100; n++) {
		sl_rc_begin(rc, n ? SL_RC_P : SL_RC_I, &d);
		sl_rc_end(rc, (uint64_t)(60000 * exp2(-d.qp / 6.0)), d.qp);
	}
	qp_before = d.qp;
	sl_rc_vbv(rc, &before);
	p.bit_rate *= 4;
	CU_ASSERT(sl_rc_update(rc, &p) == 0);
	sl_rc_vbv(rc, &after);
	CU_ASSERT(after.fullness == before.fullness && after.size == 4 * before.size);
	for (int n = 0; n < 100; n++) {
		sl_rc_begin(rc, SL_RC_P, &d);
		sl_rc_end(rc, (uint64_t)(60000 * exp2(-d.qp / 6.0)), d.qp);
	}
	CU_ASSERT(d.qp < qp_before);
	p.bit_rate = 0;
	CU_ASSERT(sl_rc_update(rc, &p) == SL_ERR_INVALID);
	sl_rc_vbv(rc, &before);
	CU_ASSERT(before.rate == 256000);
	p.mode = SL_RC_CQP;
	p.qp_p = 33;
	CU_ASSERT(sl_rc_update(rc, &p) == 0);
	sl_rc_begin(rc, SL_RC_P, &d);
	CU_ASSERT(d.qp == 33);
	sl_rc_destroy(rc);
}

static void test_lost_and_cancelled(void)
{
	struct sl_rc_params p = small_cbr();
	struct sl_rc_decision first, d;
	struct sl_rc_vbv a, b;
	struct sl_rc *rc;

	CU_ASSERT_FATAL(sl_rc_create(&p, &rc) == 0);
	sl_rc_begin(rc, SL_RC_I, &first);
	sl_rc_begin(rc, SL_RC_P, &d);
	sl_rc_cancel(rc, 0);
	sl_rc_begin(rc, SL_RC_I, &d);
	CU_ASSERT(d.qp == first.qp && d.max_bytes == first.max_bytes);
	/* A lost picture lets the buffer fill, within its bounds. */
	sl_rc_vbv(rc, &a);
	sl_rc_end(rc, 0, 0);
	sl_rc_vbv(rc, &b);
	CU_ASSERT(b.fullness + sl_rc_filler_bits(rc) / 8 * 8 <= a.size);
	CU_ASSERT(a.fullness + 64000 / 15 - b.fullness - sl_rc_filler_bits(rc) <= 1);
	/* Reports that no picture waits for are ignored. */
	sl_rc_end(rc, 100000, 30);
	sl_rc_vbv(rc, &a);
	CU_ASSERT(a.fullness == b.fullness);
	CU_ASSERT(sl_rc_retry(rc, 100000, 30, &d) == 0);
	/* More begun than anybody can remember. */
	for (int n = 0; n < 1000; n++)
		sl_rc_begin(rc, SL_RC_P, &d);
	CU_ASSERT(d.qp >= 1 && d.qp <= 51);
	sl_rc_destroy(rc);
}

static void test_invalid(void)
{
	struct sl_rc_params p = small_cbr();
	struct sl_rc *rc = NULL;

#define REFUSE(field, value, word)                                                                 \
	do {                                                                                       \
		struct sl_rc_params bad = p;                                                       \
		bad.field = value;                                                                 \
		CU_ASSERT(sl_rc_create(&bad, &rc) == SL_ERR_INVALID);                              \
		CU_ASSERT(strstr(sl_last_error(), word) != NULL);                                  \
	} while (0)
	REFUSE(mode, (enum sl_rc_mode)7, "mode");
	REFUSE(bit_rate, 0, "bit_rate");
	REFUSE(bit_rate, UINT64_MAX, "bit_rate");
	REFUSE(width_mbs, 0, "width_mbs");
	REFUSE(height_mbs, 1 << 20, "height_mbs");
	REFUSE(fps_num, 0, "frame rate");
	REFUSE(fps_den, 0, "frame rate");
	REFUSE(fps_num, UINT32_MAX, "frame rate");
	REFUSE(qp_max, 52, "qp_max");
	REFUSE(qp_min, 30, "qp_min");
	REFUSE(vbv_size, 100, "vbv_size");
	REFUSE(vbv_size, UINT64_MAX, "vbv_size");
	REFUSE(vbv_initial, 1000000, "vbv_initial");
	REFUSE(rate_tolerance, 1001, "rate_tolerance");
	p.mode = SL_RC_VBR;
	REFUSE(max_bit_rate, 1000, "max_bit_rate");
	CU_ASSERT(rc == NULL);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"CBR: VBV and 10 s windows", test_cbr},
		{"VBR: average and peak", test_vbr},
		{"extremes", test_extremes},
		{"tolerance", test_tolerance},
		{"determinism", test_determinism},
		{"CQP", test_cqp},
		{"update", test_update},
		{"lost and cancelled pictures", test_lost_and_cancelled},
		{"invalid parameters", test_invalid},
		CU_TEST_INFO_NULL,
	};

	return suite_run("rate control", NULL, NULL, tests);
}
