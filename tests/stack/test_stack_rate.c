// SPDX-License-Identifier: MIT
/* Rates of encoder sessions on the card: buffers, 10 s windows, averages, and what an HRD says. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/stack/encode.h"
#include "tests/stack/stack.h"

/* Rates depend on sizes alone; one case is enough where threads are looked at. */
#ifdef STACK_TSAN
#define RATE_CASES(n) 1
#else
#define RATE_CASES(n) (n)
#endif

/* An independent decoder buffer: bits over and under at worst, starting three quarters full. */
static void run_vbv(const struct encoded *s, double rate, double size, double *under, double *over)
{
	double fullness = size - floor(size / 4);
	double per_picture = rate * s->params.fps_den / s->params.fps_num;

	*under = *over = 0;
	for (unsigned int n = 0; n < s->count; n++) {
		fullness -= 8.0 * (double)s->size[n];
		*under = fmax(*under, -fullness);
		fullness += per_picture;
		*over = fmax(*over, fullness - size);
		if (s->params.rc.mode == SL_RC_VBR)
			fullness = fmin(fullness, size);
	}
}

/*
 * initial_cpb_removal_delay of a buffering period SEI message as this stack writes it (D.1.2:
 * seq_parameter_set_id 0 in one bit, then 24 bits), or -1 without one.
 */
static long removal_delay(const uint8_t *data, size_t size)
{
	uint8_t rbsp[8] = {0};
	size_t n = 0, zeros = 0, i = 0;

	while (i + 6 < size && memcmp(data + i, "\0\0\0\1\6\0", 6) != 0)
		i++;
	for (i += 6; i < size && n < sizeof(rbsp); i++) {
		if (zeros == 2 && data[i] == 3) { /* emulation prevention */
			zeros = 0;
			continue;
		}
		zeros = data[i] ? 0 : zeros + 1;
		rbsp[n++] = data[i];
	}
	if (n < sizeof(rbsp) || !(rbsp[1] & 0x80))
		return -1;
	return (long)(((uint32_t)rbsp[1] << 24 | (uint32_t)rbsp[2] << 16 | (uint32_t)rbsp[3] << 8 |
		       rbsp[4]) >>
			      7 &
		      0xffffff);
}

/* The delays that the stream states are those of an independent buffer. */
static void check_hrd(const struct encoded *s, double rate, double size)
{
	double fullness = size - floor(size / 4);
	unsigned int stated = 0;

	for (unsigned int n = 0; n < s->count; n++) {
		if (s->packet[n].idr) {
			long delay = removal_delay(s->data[n], s->size[n]);

			CU_ASSERT(fabs((double)delay - fullness * 90000 / rate) <= 2);
			stated++;
		}
		fullness += rate * s->params.fps_den / s->params.fps_num - 8.0 * (double)s->size[n];
		if (s->params.rc.mode == SL_RC_VBR)
			fullness = fmin(fullness, size);
	}
	CU_ASSERT(stated >= 2);
}

static double worst_window(const struct encoded *s, double rate)
{
	unsigned int fps = s->params.fps_num / s->params.fps_den, window = 10 * fps;
	double sum = 0, worst = 0;

	for (unsigned int n = 0; n < s->count; n++) {
		sum += 8.0 * (double)s->size[n];
		if (n >= window)
			sum -= 8.0 * (double)s->size[n - window];
		if (n + 1 == window || n >= window + 2 * fps)
			worst = fmax(worst, fabs(sum / (rate * 10) - 1));
	}
	return worst;
}

static void test_cbr(void)
{
	static const struct content contents[] = {{0, 0}, {61, 5}, {0, 12}};
	struct sl_device *device = stack_open();

	for (int i = 0; i < RATE_CASES(4); i++) {
		struct sl_encoder_params p = encode_params();
		double under, over, worst;
		struct encoded *s;

		p.rc.mode = SL_RC_CBR;
		p.rc.bit_rate = i < 3 ? 150016 : 600000;
		p.gop_size = 125;
		p.nal_hrd = i == 0 || i == 3;
		s = encode_stream(device, &p, &contents[i % 3], 320, false, NULL);
		CU_ASSERT_EQUAL(encode_check(s), 320);
		run_vbv(s, (double)p.rc.bit_rate, (double)p.rc.bit_rate, &under, &over);
		worst = worst_window(s, (double)p.rc.bit_rate);
		if (p.nal_hrd)
			check_hrd(s, (double)p.rc.bit_rate, (double)p.rc.bit_rate);
		CU_ASSERT(under <= 0);
		CU_ASSERT(over <= 0.5);
		CU_ASSERT(worst <= 0.01);
		if (under > 0 || over > 0.5 || worst > 0.01)
			printf("\n    CBR case %d: under %.0f over %.0f window %.4f", i, under,
			       over, worst);
		encode_free(s);
	}
	sl_device_close(device);
}

static void test_vbr(void)
{
	static const struct content contents[] = {{0, 0}, {61, 5}, {0, 12}};
	struct sl_device *device = stack_open();

	for (int i = 0; i < RATE_CASES(3); i++) {
		struct sl_encoder_params p = encode_params();
		double under, over, bits = 0, average;
		struct encoded *s;

		p.rc.mode = SL_RC_VBR;
		p.rc.bit_rate = 200000;
		p.rc.max_bit_rate = 320000;
		p.nal_hrd = i == 1;
		s = encode_stream(device, &p, &contents[i], 350, false, NULL);
		CU_ASSERT_EQUAL(encode_check(s), 350);
		run_vbv(s, 320000, 320000, &under, &over);
		if (p.nal_hrd)
			check_hrd(s, 320000, 320000);
		CU_ASSERT(under <= 0);
		for (unsigned int n = 0; n < s->count; n++) {
			bits += 8.0 * (double)s->size[n];
			CU_ASSERT_EQUAL(s->packet[n].filler, 0);
		}
		average = bits / (200000.0 * 350 / 25) - 1;
		CU_ASSERT(fabs(average) <= 0.02);
		if (under > 0 || fabs(average) > 0.02)
			printf("\n    VBR case %d: under %.0f average %+.4f", i, under, average);
		encode_free(s);
	}
	sl_device_close(device);
}

static void change_rate(struct sl_encoder *enc, unsigned int n, struct sl_encode_options *o)
{
	struct sl_rc_params rc = {.mode = SL_RC_CBR, .bit_rate = 400000};

	if (n == 100)
		CU_ASSERT_OK(sl_encoder_set_rate(enc, &rc));
	rc.mode = SL_RC_CQP;
	rc.qp_p = 30;
	if (n == 200)
		CU_ASSERT_OK(sl_encoder_set_rate(enc, &rc));
	rc.qp_p = 60;
	CU_ASSERT_EQUAL(sl_encoder_set_rate(enc, &rc), SL_ERR_INVALID);
}

static void test_set_rate(void)
{
	static const struct content content = {.noise = 8};
	struct sl_device *device = stack_open();
	struct sl_encoder_params p = encode_params();
	double first = 0, second = 0;
	struct encoded *s;

	p.rc.mode = SL_RC_CBR;
	p.rc.bit_rate = 100000;
	s = encode_stream(device, &p, &content, 210, false, change_rate);
	CU_ASSERT_EQUAL(encode_check(s), 210);
	for (unsigned int n = 25; n < 100; n++) {
		first += (double)s->size[n] * 8 / 75;
		second += (double)s->size[n + 100] * 8 / 75;
	}
	CU_ASSERT(fabs(first * 25 / 100000 - 1) < 0.1);
	CU_ASSERT(fabs(second * 25 / 400000 - 1) < 0.1);
	CU_ASSERT_EQUAL(s->packet[205].qp, 30);
	encode_free(s);
	sl_device_close(device);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"CBR", test_cbr},
		{"VBR", test_vbr},
		{"change of rate", test_set_rate},
		CU_TEST_INFO_NULL,
	};

	return stack_run_encoder("encoder rates", tests);
}
