/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/h264_cabac.h"

/* H.264 Table 9-44 */
const uint8_t h264_cabac_range_lps[64][4] = {
	{128, 176, 208, 240}, {128, 167, 197, 227}, {128, 158, 187, 216}, {123, 150, 178, 205},
	{116, 142, 169, 195}, {111, 135, 160, 185}, {105, 128, 152, 175}, {100, 122, 144, 166},
	{95, 116, 137, 158},  {90, 110, 130, 150},  {85, 104, 123, 142},  {81, 99, 117, 135},
	{77, 94, 111, 128},   {73, 89, 105, 122},   {69, 85, 100, 116},	  {66, 80, 95, 110},
	{62, 76, 90, 104},    {59, 72, 86, 99},	    {56, 69, 81, 94},	  {53, 65, 77, 89},
	{51, 62, 73, 85},     {48, 59, 69, 80},	    {46, 56, 66, 76},	  {43, 53, 63, 72},
	{41, 50, 59, 69},     {39, 48, 56, 65},	    {37, 45, 54, 62},	  {35, 43, 51, 59},
	{33, 41, 48, 56},     {32, 39, 46, 53},	    {30, 37, 43, 50},	  {29, 35, 41, 48},
	{27, 33, 39, 45},     {26, 31, 37, 43},	    {24, 30, 35, 41},	  {23, 28, 33, 39},
	{22, 27, 32, 37},     {21, 26, 30, 35},	    {20, 24, 29, 33},	  {19, 23, 27, 31},
	{18, 22, 26, 30},     {17, 21, 25, 28},	    {16, 20, 23, 27},	  {15, 19, 22, 25},
	{14, 18, 21, 24},     {14, 17, 20, 23},	    {13, 16, 19, 22},	  {12, 15, 18, 21},
	{12, 14, 17, 20},     {11, 14, 16, 19},	    {11, 13, 15, 18},	  {10, 12, 15, 17},
	{10, 12, 14, 16},     {9, 11, 13, 15},	    {9, 11, 12, 14},	  {8, 10, 12, 14},
	{8, 9, 11, 13},	      {7, 9, 11, 12},	    {7, 9, 10, 12},	  {7, 8, 10, 11},
	{6, 8, 9, 11},	      {6, 7, 9, 10},	    {6, 7, 8, 9},	  {2, 2, 2, 2},
};

/*
 * Table 9-45: (LPS) from pStateIdx s to transIdxLPS l, valMPS changing in state 0; (MPS) to
 * s + 1, but 62 stays.
 */
#define LPS(s, l, mps) ((l) << 1 | ((s) == 0 ? 1 - (mps) : (mps)))
#define MPS(s, mps) (((s) < 62 ? (s) + 1 : (s)) << 1 | (mps))
#define STATE(s, l)                                                                                \
	{MPS(s, 0), LPS(s, l, 0)},                                                                 \
	{                                                                                          \
		LPS(s, l, 1), MPS(s, 1)                                                            \
	}

const uint8_t h264_cabac_next[128][2] = {
	STATE(0, 0),   STATE(1, 0),   STATE(2, 1),   STATE(3, 2),   STATE(4, 2),   STATE(5, 4),
	STATE(6, 4),   STATE(7, 5),   STATE(8, 6),   STATE(9, 7),   STATE(10, 8),  STATE(11, 9),
	STATE(12, 9),  STATE(13, 11), STATE(14, 11), STATE(15, 12), STATE(16, 13), STATE(17, 13),
	STATE(18, 15), STATE(19, 15), STATE(20, 16), STATE(21, 16), STATE(22, 18), STATE(23, 18),
	STATE(24, 19), STATE(25, 19), STATE(26, 21), STATE(27, 21), STATE(28, 22), STATE(29, 22),
	STATE(30, 23), STATE(31, 24), STATE(32, 24), STATE(33, 25), STATE(34, 26), STATE(35, 26),
	STATE(36, 27), STATE(37, 27), STATE(38, 28), STATE(39, 29), STATE(40, 29), STATE(41, 30),
	STATE(42, 30), STATE(43, 30), STATE(44, 31), STATE(45, 32), STATE(46, 32), STATE(47, 33),
	STATE(48, 33), STATE(49, 33), STATE(50, 34), STATE(51, 34), STATE(52, 35), STATE(53, 35),
	STATE(54, 35), STATE(55, 36), STATE(56, 36), STATE(57, 36), STATE(58, 37), STATE(59, 37),
	STATE(60, 37), STATE(61, 38), STATE(62, 38), STATE(63, 63),
};

static int clip3(int lo, int hi, int v)
{
	return v < lo ? lo : v > hi ? hi : v;
}

void h264_cabac_init_contexts(struct h264_cabac *c, unsigned int column, int slice_qp)
{
	int qp = clip3(0, 51, slice_qp);

	for (unsigned int i = 0; i < H264_CABAC_CONTEXTS; i++) {
		const int8_t *mn = h264_cabac_init[i][column];
		int pre = clip3(1, 126, ((mn[0] * qp) >> 4) + mn[1]); /* preCtxState */

		c->state[i] = (uint16_t)(pre <= 63 ? (63 - pre) << 1 : (pre - 64) << 1 | 1);
	}
}

void h264_cabac_start(struct h264_cabac *c, struct h264_nal *nal)
{
	c->nal = nal;
	c->low = 0;
	c->range = 510;
	c->pending = 0;
	c->held = -1;
	c->held_ff = 0;
}

static void release_held(struct h264_cabac *c, unsigned int carry)
{
	if (c->held >= 0)
		h264_nal_put(c->nal, (uint8_t)((unsigned int)c->held + carry));
	while (c->held_ff) {
		h264_nal_put(c->nal, (uint8_t)(0xff + carry));
		c->held_ff--;
	}
}

/* Take the byte in front of the lowest rest bits of low, and the carry on top of it. */
static void take_byte(struct h264_cabac *c, unsigned int rest)
{
	unsigned int v = (unsigned int)(c->low >> rest);

	c->low &= ((uint64_t)1 << rest) - 1;
	c->pending -= 8;
	if (v == 0xff) {
		c->held_ff++;
		return;
	}
	release_held(c, v >> 8);
	c->held = v & 0xff;
}

void h264_cabac_output(struct h264_cabac *c)
{
	while (c->pending >= 8)
		take_byte(c, c->pending + 9 - 8);
}

void h264_cabac_terminate(struct h264_cabac *c, unsigned int bin)
{
	unsigned int shift;

	c->range -= 2;
	if (!bin) {
		shift = (unsigned int)__builtin_clz(c->range) - 23;
		c->range <<= shift;
		c->low <<= shift;
		h264_cabac_shifted(c, shift);
		return;
	}
	/*
	 * 9.3.4.5: renormalising a range of 2 shifts by 7, then bits 9 and 8 of codILow and a 1 end
	 * the code: it is what low holds now, with its last bit set.
	 */
	h264_cabac_output(c);
	c->low = (c->low + c->range) | 1;
	c->pending += 9;
	shift = (8 - (c->pending & 7)) & 7;
	c->low <<= 9 + shift;
	c->pending += shift;
	h264_cabac_output(c);
	release_held(c, 0);
	c->held = -1;
}

void h264_cabac_exp_golomb(struct h264_cabac *c, unsigned int value, unsigned int k)
{
	unsigned int len, ones;

	/* value + 2^k is 1 and len bits; len - k ones and a zero go in front of these bits */
	value += 1u << k;
	len = 31 - (unsigned int)__builtin_clz(value);
	ones = len - k;
	value ^= 1u << len;
	for (; ones > 8; ones -= 8)
		h264_cabac_bypass(c, 8, 0xff);
	h264_cabac_bypass(c, ones + 1, (2u << ones) - 2);
	if (len > 8) {
		h264_cabac_bypass(c, len - 8, value >> 8);
		len = 8;
	}
	h264_cabac_bypass(c, len, value & 0xff);
}
