/* SPDX-License-Identifier: MIT */
#include "tests/unit/h264_random.h"

#include <libavcodec/avcodec.h>
#include <libavutil/motion_vector.h>
#include <libavutil/video_enc_params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wels/codec_api.h>

#include "sim/model/venc/h264_entropy.h"

uint64_t random_bits(uint64_t *rng)
{
	*rng ^= *rng << 13;
	*rng ^= *rng >> 7;
	*rng ^= *rng << 17;
	return *rng * 0x2545f4914f6cdd1dull;
}

int random_int(uint64_t *rng, int lo, int hi)
{
	return lo + (int)((random_bits(rng) >> 33) % (uint64_t)(hi - lo + 1));
}

static bool percent(struct random_video *v, unsigned int p)
{
	return random_int(&v->rng, 0, 99) < (int)p;
}

/* --- macroblocks --------------------------------------------------------------------------- */

static const uint8_t blk_x[16] = {0, 1, 0, 1, 2, 3, 2, 3, 0, 1, 0, 1, 2, 3, 2, 3};
static const uint8_t blk_y[16] = {0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3};

static unsigned int z_order(unsigned int x4, unsigned int y4)
{
	return (y4 >> 1) << 3 | (x4 >> 1) << 2 | (y4 & 1) << 1 | (x4 & 1);
}

/* The macroblock at an offset from addr when available (6.4.8), else NULL. */
static const struct h264_mb *neighbour(const struct random_video *v, unsigned int addr, int dx,
				       int dy)
{
	int w = (int)v->params.width_mbs;
	int x = (int)addr % w + dx, y = (int)addr / w + dy;
	const struct h264_mb *mb;

	if (x < 0 || x >= w || y < 0)
		return NULL;
	mb = &v->mbs[y * w + x];
	return y * w + x < (int)addr && mb->slice == v->mbs[addr].slice ? mb : NULL;
}

static bool usable_for_intra(const struct random_video *v, const struct h264_mb *mb)
{
	return mb && (h264_mb_is_intra(mb->type) || !v->params.constrained_intra);
}

enum { HAS_A = 1, HAS_B = 2, HAS_D = 4 };

static unsigned int intra_neighbours(const struct random_video *v, unsigned int addr,
				     unsigned int x4, unsigned int y4)
{
	bool a = x4 || usable_for_intra(v, neighbour(v, addr, -1, 0));
	bool b = y4 || usable_for_intra(v, neighbour(v, addr, 0, -1));
	bool d = x4 && y4 ? true
		 : x4	  ? b
		 : y4	  ? a
			  : usable_for_intra(v, neighbour(v, addr, -1, -1));

	return (a ? HAS_A : 0) | (b ? HAS_B : 0) | (d ? HAS_D : 0);
}

/* A mode whose needed neighbours (a mask per mode) are all there. */
static uint8_t pick_mode(struct random_video *v, unsigned int has, const uint8_t *needs, int modes)
{
	int mode;

	do
		mode = random_int(&v->rng, 0, modes - 1);
	while (needs[mode] & ~has);
	return (uint8_t)mode;
}

static void random_intra_modes(struct random_video *v, unsigned int addr, struct h264_mb *mb)
{
	static const uint8_t needs_nxn[9] = {HAS_B, HAS_A, 0, HAS_B, 7, 7, 7, HAS_B, HAS_A};
	static const uint8_t needs_16[4] = {HAS_B, HAS_A, 0, 7};
	static const uint8_t needs_chroma[4] = {0, HAS_A, HAS_B, 7};
	unsigned int step = mb->type == H264_MB_I8X8 ? 4 : 1;

	for (unsigned int blk = 0; blk < 16 && mb->type != H264_MB_I16X16; blk += step) {
		unsigned int has = intra_neighbours(v, addr, blk_x[blk], blk_y[blk]);

		memset(&mb->intra_mode[blk], pick_mode(v, has, needs_nxn, 9), step);
	}
	mb->intra16x16_mode = pick_mode(v, intra_neighbours(v, addr, 0, 0), needs_16, 4);
	mb->intra_chroma_mode = pick_mode(v, intra_neighbours(v, addr, 0, 0), needs_chroma, 4);
}

/* --- motion vector prediction, 8.4.1.3 ------------------------------------------------------ */

struct motion {
	bool available;
	int ref; /* -1: not predicted from this list */
	struct h264_mv mv;
};

static struct motion motion_at(const struct random_video *v, unsigned int addr, unsigned int list,
			       int x, int y, unsigned int z_now)
{
	struct motion m = {.ref = -1};
	const struct h264_mb *mb = &v->mbs[addr];

	if (y >= 0 && x > 3)
		return m;
	if (x < 0 || y < 0 || x > 3)
		mb = neighbour(v, addr, x < 0 ? -1 : x > 3 ? 1 : 0, y < 0 ? -1 : 0);
	else if (z_order((unsigned int)x, (unsigned int)y) >= z_now)
		return m;
	if (!mb)
		return m;
	x &= 3;
	y &= 3;
	m.available = true;
	if (h264_mb_is_intra(mb->type))
		return m;
	m.ref = mb->ref_idx[list][(y >> 1) * 2 + (x >> 1)];
	if (m.ref >= 0)
		m.mv = mb->mv[list][4 * y + x];
	return m;
}

static int16_t median(int a, int b, int c)
{
	int lo = a < b ? a : b, hi = a < b ? b : a;

	return (int16_t)(c < lo ? lo : c > hi ? hi : c);
}

static struct h264_mv predict_mv(const struct random_video *v, unsigned int addr, unsigned int list,
				 int ref, int x, int y, int w, int h)
{
	unsigned int z = z_order((unsigned int)x, (unsigned int)y);
	struct motion a = motion_at(v, addr, list, x - 1, y, z);
	struct motion b = motion_at(v, addr, list, x, y - 1, z);
	struct motion c = motion_at(v, addr, list, x + w, y - 1, z);
	int same;

	if (!c.available)
		c = motion_at(v, addr, list, x - 1, y - 1, z);
	if (w == 4 && h == 2 && y == 0 && b.ref == ref)
		return b.mv;
	if (w == 4 && h == 2 && y == 2 && a.ref == ref)
		return a.mv;
	if (w == 2 && h == 4 && x == 0 && a.ref == ref)
		return a.mv;
	if (w == 2 && h == 4 && x == 2 && c.ref == ref)
		return c.mv;
	if (!b.available && !c.available && a.available)
		return a.mv;
	same = (a.ref == ref) + (b.ref == ref) + (c.ref == ref);
	if (same == 1)
		return a.ref == ref ? a.mv : b.ref == ref ? b.mv : c.mv;
	return (struct h264_mv){median(a.mv.x, b.mv.x, c.mv.x), median(a.mv.y, b.mv.y, c.mv.y)};
}

static struct h264_mv skip_mv(const struct random_video *v, unsigned int addr)
{
	struct motion a = motion_at(v, addr, 0, -1, 0, 0), b = motion_at(v, addr, 0, 0, -1, 0);

	if (!a.available || !b.available || (a.ref == 0 && !a.mv.x && !a.mv.y) ||
	    (b.ref == 0 && !b.mv.x && !b.mv.y))
		return (struct h264_mv){0, 0};
	return predict_mv(v, addr, 0, 0, 0, 0, 4, 4);
}

static int16_t random_mv_comp(struct random_video *v, int pred, int limit)
{
	int mv;

	if (v->params.plain)
		return 0;
	switch (random_int(&v->rng, 0, v->params.big_mvs ? 4 : 2)) {
	case 0:
		mv = pred;
		break;
	case 1:
		mv = pred + random_int(&v->rng, -5, 5);
		break;
	case 2:
		mv = random_int(&v->rng, -12, 12);
		break;
	case 3:
		mv = pred + random_int(&v->rng, -80, 80);
		break;
	default:
		mv = random_int(&v->rng, -limit, limit - 1);
		break;
	}
	return (int16_t)(mv < -limit ? -limit : mv >= limit ? limit - 1 : mv);
}

static void random_motion(struct random_video *v, unsigned int addr, unsigned int list, int x,
			  int y, int w, int h)
{
	struct h264_mb *mb = &v->mbs[addr];
	int ref = mb->ref_idx[list][(y >> 1) * 2 + (x >> 1)];
	struct h264_mv mv = {0, 0}, mvd = {0, 0};

	if (v->params.direct) {
		/* vectors next to direct ones are not known here */
		mvd.x = random_mv_comp(v, 0, 200);
		mvd.y = random_mv_comp(v, 0, 200);
	} else {
		struct h264_mv pred = predict_mv(v, addr, list, ref, x, y, w, h);

		mv.x = random_mv_comp(v, pred.x, 8192);
		mv.y = random_mv_comp(v, pred.y, 2048);
		mvd.x = (int16_t)(mv.x - pred.x);
		mvd.y = (int16_t)(mv.y - pred.y);
	}
	for (int j = y; j < y + h; j++)
		for (int i = x; i < x + w; i++) {
			mb->mv[list][4 * j + i] = mv;
			mb->mvd[list][4 * j + i] = mvd;
		}
}

/* Lists of quadrant from to quadrant to, and their reference pictures. */
static void random_refs(struct random_video *v, struct h264_mb *mb, unsigned int parts)
{
	/* a partition's first quadrant, by quadrant */
	static const uint8_t owner[4][4] = {{0, 0, 0, 0}, {0, 0, 2, 2}, {0, 1, 0, 1}, {0, 1, 2, 3}};

	memset(mb->ref_idx, -1, sizeof(mb->ref_idx));
	memset(mb->ref_pic, 0xff, sizeof(mb->ref_pic));
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int o = owner[parts][i];
		int lists =
			v->params.slice_type == SL200_H264_SLICE_B ? random_int(&v->rng, 1, 3) : 1;

		for (unsigned int list = 0; list < 2; list++) {
			unsigned int n = list ? v->refs_l1 : v->refs_l0;

			if (o != i)
				mb->ref_idx[list][i] = mb->ref_idx[list][o];
			else if (lists >> list & 1 && mb->sub_type[i] != H264_SUB_DIRECT)
				mb->ref_idx[list][i] = (int8_t)random_int(&v->rng, 0, (int)n - 1);
			if (mb->ref_idx[list][i] >= 0)
				mb->ref_pic[list][i] =
					(uint8_t)v->list_pic[list][mb->ref_idx[list][i]];
		}
	}
}

static void random_inter(struct random_video *v, unsigned int addr)
{
	struct h264_mb *mb = &v->mbs[addr];
	unsigned int parts = v->params.plain ? 0 : (unsigned int)random_int(&v->rng, 0, 3);
	bool b = v->params.slice_type == SL200_H264_SLICE_B;

	mb->type = (uint8_t)(H264_MB_P16X16 + parts);
	for (unsigned int i = 0; i < 4 && parts == 3; i++)
		mb->sub_type[i] = (uint8_t)random_int(&v->rng, 0, b && v->params.direct ? 4 : 3);
	random_refs(v, mb, parts);
	for (unsigned int list = 0; list < 2; list++)
		for (unsigned int i = 0; i < 4; i++) {
			int x = (i & 1) * 2, y = (int)(i >> 1) * 2;
			int sub = parts == 3 ? mb->sub_type[i] : H264_SUB_8X8;
			int w = sub == H264_SUB_4X8 || sub == H264_SUB_4X4 ? 1 : 2;
			int h = sub == H264_SUB_8X4 || sub == H264_SUB_4X4 ? 1 : 2;

			if (mb->ref_idx[list][i] < 0)
				continue;
			if (parts == 0 && i == 0)
				random_motion(v, addr, list, 0, 0, 4, 4);
			else if (parts == 1 && !(i & 1))
				random_motion(v, addr, list, 0, y, 4, 2);
			else if (parts == 2 && i < 2)
				random_motion(v, addr, list, x, 0, 2, 4);
			for (int sy = 0; sy < 2 && parts == 3; sy += h)
				for (int sx = 0; sx < 2; sx += w)
					random_motion(v, addr, list, x + sx, y + sy, w, h);
		}
}

/* ones: percentage of levels that are +-1 */
static int16_t random_level(struct random_video *v, unsigned int ones)
{
	int limit = v->params.main_profile ? 2063 : 20000, m;

	if (percent(v, ones))
		m = 1;
	else if (!v->params.big_levels || percent(v, 70))
		m = random_int(&v->rng, 1, 4);
	else
		m = random_int(&v->rng, 1, percent(v, 50) ? 40 : percent(v, 50) ? 300 : limit);
	return (int16_t)(random_int(&v->rng, 0, 1) ? m : -m);
}

/* Fill levels[from..n); returns how many are not zero. */
static uint8_t random_block(struct random_video *v, int16_t *levels, int from, int n)
{
	unsigned int ones = (unsigned int)random_int(&v->rng, 0, 3) * 33;
	int count, left, end;

	memset(levels, 0, (size_t)n * sizeof(*levels));
	if (percent(v, 40))
		return 0;
	/* any number of levels, mostly few, in the first end places */
	count = random_int(&v->rng, 1, percent(v, 70) && n - from > 4 ? 4 : n - from);
	end = percent(v, 50) ? from + count : random_int(&v->rng, from + count, n);
	left = count;
	for (int i = from; i < end; i++)
		if (random_int(&v->rng, 1, end - i) <= left) {
			levels[i] = random_level(v, ones);
			left--;
		}
	return (uint8_t)count;
}

static void random_luma_8x8(struct random_video *v, struct h264_mb *mb, struct h264_levels *lv,
			    unsigned int blk8)
{
	int16_t *levels = lv->luma[4 * blk8];

	while (!random_block(v, levels, 0, 64))
		;
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int at = 4u * blk_y[4 * blk8 + i] + blk_x[4 * blk8 + i];

		for (unsigned int k = 0; k < 16; k++)
			mb->nnz[at] += levels[4 * k + i] != 0;
	}
}

static void random_residual(struct random_video *v, struct h264_mb *mb, struct h264_levels *lv)
{
	bool i16 = mb->type == H264_MB_I16X16;

	if (i16)
		lv->dc_nnz[0] = random_block(v, lv->luma_dc, 0, 16);
	for (unsigned int blk = 0; blk < 16; blk++) {
		unsigned int at = 4u * blk_y[blk] + blk_x[blk];

		if (!(mb->cbp_luma >> (blk >> 2) & 1))
			continue;
		if (!mb->transform_8x8)
			mb->nnz[at] = random_block(v, lv->luma[blk], i16, 16);
		else if (blk % 4 == 0)
			random_luma_8x8(v, mb, lv, blk / 4);
	}
	for (unsigned int c = 0; c < 2; c++) {
		if (mb->cbp_chroma)
			lv->dc_nnz[1 + c] = random_block(v, lv->chroma_dc[c], 0, 4);
		for (unsigned int i = 0; i < 4 && mb->cbp_chroma == 2; i++)
			mb->nnz[16 + 4 * c + i] = random_block(v, lv->chroma_ac[c][i], 1, 16);
	}
}

/* Samples with slopes and noise of different strength, so that every deblocking decision occurs. */
static void random_pcm(struct random_video *v, struct h264_levels *lv)
{
	int noise = random_int(&v->rng, 0, 12), base = random_int(&v->rng, 90, 150);

	if (percent(v, 4)) { /* what emulation prevention is for */
		for (unsigned int i = 0; i < 384; i++)
			lv->pcm[i] =
				(uint8_t)(random_int(&v->rng, -8, 4) > 0 ? random_int(&v->rng, 0, 4)
									 : 0);
		return;
	}
	if (percent(v, 4))
		noise = 100;
	for (unsigned int i = 0; i < 384; i++) {
		int s = base + (int)(i % 16) - 8 + random_int(&v->rng, -noise, noise);

		lv->pcm[i] = (uint8_t)(s < 0 ? 0 : s > 255 ? 255 : s);
	}
}

static void random_mb(struct random_video *v, unsigned int addr, unsigned int *qp)
{
	const struct random_params *p = &v->params;
	struct h264_mb *mb = &v->mbs[addr];
	struct h264_levels *lv = &v->levels[addr];
	bool b = p->slice_type == SL200_H264_SLICE_B;

	memset(mb->ref_idx, -1, sizeof(mb->ref_idx));
	memset(mb->ref_pic, 0xff, sizeof(mb->ref_pic));
	/* nothing may depend on levels of blocks that are not coded */
	memset(lv, 0x55, sizeof(*lv));
	mb->qp = (uint8_t)*qp;
	if (percent(v, p->pcm_percent)) {
		mb->type = H264_MB_I_PCM;
		random_pcm(v, lv);
		return;
	}
	if (p->slice_type != SL200_H264_SLICE_I && percent(v, p->skip_percent) &&
	    (!b || p->direct)) {
		mb->type = b ? H264_MB_B_SKIP : H264_MB_P_SKIP;
		for (unsigned int i = 0; i < 4 && !b; i++) {
			mb->ref_idx[0][i] = 0;
			mb->ref_pic[0][i] = (uint8_t)v->list_pic[0][0];
		}
		if (!b) {
			struct h264_mv mv = skip_mv(v, addr);

			for (unsigned int i = 0; i < 16; i++)
				mb->mv[0][i] = mv;
		}
		return;
	}
	mb->cbp_luma = (uint8_t)(percent(v, 30) ? 0 : random_int(&v->rng, 0, 15));
	mb->cbp_chroma = (uint8_t)random_int(&v->rng, 0, 2);
	if (p->slice_type == SL200_H264_SLICE_I || percent(v, p->intra_percent)) {
		mb->type = (uint8_t)(p->plain ? H264_MB_I16X16 : random_int(&v->rng, 0, 2));
		if (mb->type == H264_MB_I8X8 && !p->transform_8x8)
			mb->type = H264_MB_I4X4;
		if (mb->type == H264_MB_I16X16)
			mb->cbp_luma = mb->cbp_luma & 1 ? 15 : 0;
		mb->transform_8x8 = mb->type == H264_MB_I8X8;
		random_intra_modes(v, addr, mb);
	} else {
		bool small = false;

		if (b && p->direct && percent(v, 20))
			mb->type = H264_MB_B_DIRECT16X16;
		else
			random_inter(v, addr);
		for (unsigned int i = 0; i < 4 && mb->type == H264_MB_P8X8; i++)
			small |= mb->sub_type[i] != H264_SUB_8X8 &&
				 mb->sub_type[i] != H264_SUB_DIRECT;
		mb->transform_8x8 = p->transform_8x8 && !small && mb->cbp_luma && percent(v, 50);
	}
	if (mb->cbp_luma || mb->cbp_chroma || mb->type == H264_MB_I16X16) {
		if (percent(v, 40))
			*qp = (unsigned int)random_int(&v->rng, (int)p->qp_min, (int)p->qp_max);
		mb->qp = (uint8_t)*qp;
	}
	random_residual(v, mb, lv);
}

/* --- the video ------------------------------------------------------------------------------ */

/* Reference lists before modification (8.2.4.2.1, 8.2.4.2.3); reference r has POC 4 * r. */
static void init_lists(struct random_video *v)
{
	unsigned int n = v->params.num_refs, past, k;

	v->poc = 4 * n;
	if (v->params.slice_type == SL200_H264_SLICE_I)
		return;
	if (v->params.slice_type == SL200_H264_SLICE_P) {
		v->refs_l0 = n;
		for (unsigned int i = 0; i < n; i++)
			v->list_pic[0][i] = n - 1 - i;
		return;
	}
	/* between two references, or behind the only one */
	past = (n + 1) / 2;
	v->poc = 4 * past - 2;
	v->refs_l0 = v->refs_l1 = n;
	for (k = 0; k < past; k++)
		v->list_pic[0][k] = v->list_pic[1][n - past + k] = past - 1 - k;
	for (k = past; k < n; k++)
		v->list_pic[0][k] = v->list_pic[1][k - past] = k;
	if (n > 1 && !memcmp(v->list_pic[0], v->list_pic[1], n * sizeof(v->list_pic[0][0]))) {
		k = v->list_pic[1][0];
		v->list_pic[1][0] = v->list_pic[1][1];
		v->list_pic[1][1] = k;
	}
}

static void random_slices(struct random_video *v)
{
	unsigned int total = v->params.width_mbs * v->params.height_mbs, first = 0, n;
	const struct random_params *p = &v->params;

	for (n = 0; n < p->num_slices && first < total; n++) {
		struct sl200_h264_slice *s = &v->slices[n];
		unsigned int left = total - first;

		s->first_mb = first;
		s->num_mbs = n + 1 == p->num_slices
				     ? left
				     : (unsigned int)random_int(&v->rng, 1, (int)left);
		s->slice_type = (uint8_t)p->slice_type;
		s->slice_qp = (int8_t)random_int(&v->rng, (int)p->qp_min, (int)p->qp_max);
		s->cabac_init_idc = (uint8_t)random_int(&v->rng, 0, 2);
		s->disable_deblocking_filter_idc = (uint8_t)(percent(v, 60)   ? 0
							     : percent(v, 80) ? 2
									      : 1);
		s->slice_alpha_c0_offset_div2 = (int8_t)random_int(&v->rng, -6, 6);
		s->slice_beta_offset_div2 = (int8_t)random_int(&v->rng, -6, 6);
		s->num_ref_idx_l0 = (uint8_t)v->refs_l0;
		s->num_ref_idx_l1 = (uint8_t)v->refs_l1;
		for (unsigned int i = 0; i < s->num_mbs; i++)
			v->mbs[first + i].slice = (uint16_t)n;
		first += s->num_mbs;
	}
	v->desc.num_slices = (uint16_t)n;
}

bool random_video_create(struct random_video *v, const struct random_params *params)
{
	unsigned int total = params->width_mbs * params->height_mbs;

	memset(v, 0, sizeof(*v));
	v->params = *params;
	v->rng = params->seed * 0x9e3779b97f4a7c15ull + 1;
	v->mbs = calloc(total, sizeof(*v->mbs));
	v->levels = calloc(total, sizeof(*v->levels));
	for (unsigned int r = 0; r < params->num_refs; r++)
		v->pcm[r] = calloc(total, sizeof(*v->pcm[r]));
	if (!v->mbs || !v->levels || !v->pcm[params->num_refs - 1])
		return false;
	for (unsigned int r = 0; r < params->num_refs; r++)
		for (unsigned int i = 0; i < total; i++)
			random_pcm(v, &v->pcm[r][i]);
	v->desc.width_mbs = (uint16_t)params->width_mbs;
	v->desc.height_mbs = (uint16_t)params->height_mbs;
	v->desc.chroma_qp_index_offset = (int8_t)params->chroma_offset[0];
	v->desc.second_chroma_qp_index_offset = (int8_t)params->chroma_offset[1];
	v->desc.flags = (params->transform_8x8 ? SL200_H264_F_TRANSFORM_8X8 : 0) |
			(params->constrained_intra ? SL200_H264_F_CONSTRAINED_INTRA : 0) |
			SL200_H264_F_DIRECT_SPATIAL;
	init_lists(v);
	random_slices(v);
	for (unsigned int n = 0; n < v->desc.num_slices; n++) {
		const struct sl200_h264_slice *s = &v->slices[n];
		unsigned int qp = (unsigned int)s->slice_qp;

		for (unsigned int i = 0; i < s->num_mbs; i++)
			random_mb(v, s->first_mb + i, &qp);
	}
	return true;
}

void random_video_destroy(struct random_video *v)
{
	free(v->mbs);
	free(v->levels);
	for (unsigned int r = 0; r < RANDOM_MAX_REFS; r++)
		free(v->pcm[r]);
}

/* --- headers -------------------------------------------------------------------------------- */

struct header {
	uint8_t data[128];
	uint32_t bits;
};

static void u(struct header *h, unsigned int n, uint32_t value)
{
	while (n--) {
		h->data[h->bits / 8] |= (uint8_t)((value >> n & 1) << (7 - h->bits % 8));
		h->bits++;
	}
}

static void ue(struct header *h, uint32_t value)
{
	unsigned int len = 0;

	while ((value + 1) >> (len + 1))
		len++;
	u(h, len, 0);
	u(h, len + 1, value + 1);
}

static void se(struct header *h, int value)
{
	ue(h, value > 0 ? 2u * (uint32_t)value - 1 : 2u * (uint32_t)-value);
}

static void nal_start(struct header *h, unsigned int ref_idc, unsigned int type)
{
	memset(h, 0, sizeof(*h));
	u(h, 32, 1);
	u(h, 8, ref_idc << 5 | type);
}

static void trailing(struct header *h)
{
	u(h, 1, 1);
	while (h->bits % 8)
		u(h, 1, 0);
}

static void write_sps(const struct random_video *v, struct header *h)
{
	bool high = !v->params.main_profile;

	nal_start(h, 3, 7);
	u(h, 8, high ? 100 : 77);
	u(h, 8, 0);
	u(h, 8, 51);
	ue(h, 0);
	if (high) {
		ue(h, 1); /* chroma_format_idc */
		ue(h, 0);
		ue(h, 0);
		u(h, 2, 0);
	}
	ue(h, 0); /* log2_max_frame_num_minus4 */
	ue(h, 0); /* pic_order_cnt_type */
	ue(h, 4); /* log2_max_pic_order_cnt_lsb_minus4 */
	ue(h, RANDOM_MAX_REFS);
	u(h, 1, 0);
	ue(h, v->params.width_mbs - 1);
	ue(h, v->params.height_mbs - 1);
	u(h, 1, 1); /* frame_mbs_only_flag */
	u(h, 1, 1); /* direct_8x8_inference_flag */
	u(h, 1, 0);
	u(h, 1, 1); /* vui_parameters_present_flag */
	u(h, 8, 0);
	u(h, 2, 3); /* bitstream_restriction_flag, motion_vectors_over_pic_boundaries_flag */
	ue(h, 0);
	ue(h, 0);
	ue(h, 16);
	ue(h, 16);
	ue(h, RANDOM_MAX_REFS); /* max_num_reorder_frames */
	ue(h, RANDOM_MAX_REFS); /* max_dec_frame_buffering */
	trailing(h);
}

static void write_pps(const struct random_video *v, struct header *h, bool cabac)
{
	nal_start(h, 3, 8);
	ue(h, 0);
	ue(h, 0);
	u(h, 1, cabac);
	u(h, 1, 0);
	ue(h, 0); /* num_slice_groups_minus1 */
	ue(h, 0);
	ue(h, 0);
	u(h, 3, 0); /* weighted prediction */
	se(h, 0);   /* pic_init_qp_minus26 */
	se(h, 0);
	se(h, v->params.chroma_offset[0]);
	u(h, 1, 1); /* deblocking_filter_control_present_flag */
	u(h, 1, v->params.constrained_intra);
	u(h, 1, 0);
	if (!v->params.main_profile) {
		u(h, 1, v->params.transform_8x8);
		u(h, 1, 0);
		se(h, v->params.chroma_offset[1]);
	}
	trailing(h);
}

/* picture: its place in coding order */
static void write_slice_header(const struct random_video *v, struct header *h,
			       const struct sl200_h264_slice *s, unsigned int picture, bool cabac,
			       bool deblock)
{
	bool last = picture == v->params.num_refs, b = s->slice_type == SL200_H264_SLICE_B;
	unsigned int ref_idc = b ? 0 : 1;

	nal_start(h, ref_idc, picture ? 1 : 5);
	ue(h, s->first_mb);
	ue(h, s->slice_type);
	ue(h, 0);
	u(h, 4, picture); /* frame_num */
	if (!picture)
		ue(h, 0); /* idr_pic_id */
	u(h, 8, last ? v->poc : 4 * picture);
	if (b)
		u(h, 1, 1); /* direct_spatial_mv_pred_flag */
	if (s->slice_type != SL200_H264_SLICE_I) {
		u(h, 1, 1); /* num_ref_idx_active_override_flag */
		ue(h, s->num_ref_idx_l0 - 1u);
		if (b)
			ue(h, s->num_ref_idx_l1 - 1u);
		u(h, b ? 2 : 1, 0);
	}
	if (ref_idc)
		u(h, picture ? 1 : 2, 0);
	if (cabac && s->slice_type != SL200_H264_SLICE_I)
		ue(h, s->cabac_init_idc);
	se(h, s->slice_qp - 26);
	if (!deblock) {
		ue(h, 1);
		return;
	}
	ue(h, s->disable_deblocking_filter_idc);
	if (s->disable_deblocking_filter_idc != 1) {
		se(h, s->slice_alpha_c0_offset_div2);
		se(h, s->slice_beta_offset_div2);
	}
}

/* --- coding --------------------------------------------------------------------------------- */

enum { GUARD = 64 };

static bool code_slices(struct random_video *v, struct coded_video *out, struct h264_entropy *e,
			const struct sl200_h264_slice *slices, unsigned int num_slices,
			const struct h264_mb *mbs, const struct h264_levels *levels,
			unsigned int picture, bool cabac, bool deblock, size_t size)
{
	size_t bytes;
	bool fits;
	struct header h;

	memset(out->data + out->size + size, 0xa5, GUARD);
	h264_entropy_begin(e, &v->desc, mbs, out->data + out->size, size);
	if (!picture) {
		write_sps(v, &h);
		h264_entropy_header(e, h.data, h.bits);
		write_pps(v, &h, cabac);
		h264_entropy_header(e, h.data, h.bits);
	}
	out->mb_bits = 0;
	for (unsigned int n = 0; n < num_slices; n++) {
		write_slice_header(v, &h, &slices[n], picture, cabac, deblock);
		h264_entropy_slice_begin(e, &slices[n], h.data, h.bits);
		for (unsigned int i = 0; i < slices[n].num_mbs; i++) {
			unsigned int addr = slices[n].first_mb + i;

			out->mb_bits += h264_entropy_mb(e, addr, &levels[addr]);
		}
		h264_entropy_slice_end(e);
	}
	fits = h264_entropy_finish(e, &bytes);
	for (unsigned int i = 0; i < GUARD; i++)
		out->guard += out->data[out->size + size + i] != 0xa5;
	out->size += bytes;
	out->au_end[out->num_aus++] = out->size;
	return fits;
}

bool random_video_code(struct random_video *v, struct coded_video *out, bool cabac, bool deblock,
		       size_t picture_size)
{
	unsigned int total = v->params.width_mbs * v->params.height_mbs;
	size_t plenty = 4096 + (size_t)total * 4096;
	struct h264_entropy *e = h264_entropy_create(v->params.width_mbs);
	struct h264_mb *pcm_mbs = calloc(total, sizeof(*pcm_mbs));
	bool ok = true;

	memset(out, 0, sizeof(*out));
	out->capacity = plenty * (v->params.num_refs + 1);
	out->data = malloc(out->capacity + GUARD + AV_INPUT_BUFFER_PADDING_SIZE);
	if (!e || !pcm_mbs || !out->data)
		abort();
	v->desc.flags = (uint16_t)((v->desc.flags & ~SL200_H264_F_CABAC) |
				   (cabac ? SL200_H264_F_CABAC : 0));
	for (unsigned int i = 0; i < total; i++)
		pcm_mbs[i].type = H264_MB_I_PCM;
	for (unsigned int r = 0; r < v->params.num_refs; r++) {
		const struct sl200_h264_slice s = {
			.num_mbs = total, .slice_type = SL200_H264_SLICE_I, .slice_qp = 26};

		ok &= code_slices(v, out, e, &s, 1, pcm_mbs, v->pcm[r], r, cabac, false, plenty);
	}
	ok &= code_slices(v, out, e, v->slices, v->desc.num_slices, v->mbs, v->levels,
			  v->params.num_refs, cabac, deblock, picture_size ? picture_size : plenty);
	memset(out->data + out->size, 0, AV_INPUT_BUFFER_PADDING_SIZE);
	free(pcm_mbs);
	h264_entropy_destroy(e);
	return ok;
}

void coded_video_free(struct coded_video *c)
{
	free(c->data);
}

/* --- decoding ------------------------------------------------------------------------------- */

static unsigned int complaints;

static void count_complaints(void *ctx, int level, const char *format, va_list args)
{
	if (level <= AV_LOG_WARNING) {
		complaints++;
		vfprintf(stderr, format, args);
	}
}

static void copy_plane(uint8_t *out, const AVFrame *frame, int plane, int width, int height)
{
	for (int y = 0; y < height; y++)
		memcpy(out + y * width, frame->data[plane] + y * frame->linesize[plane],
		       (size_t)width);
}

static void take_picture(const struct random_video *v, const AVFrame *frame,
			 struct decoded_picture *out)
{
	int w = (int)v->params.width_mbs, h = (int)v->params.height_mbs;
	const AVFrameSideData *sd;

	for (int p = 0; p < 3; p++) {
		int size = p ? 8 : 16;

		out->plane[p] = malloc((size_t)(w * size * h * size));
		copy_plane(out->plane[p], frame, p, w * size, h * size);
	}
	out->qp = calloc((size_t)(w * h), 1);
	sd = av_frame_get_side_data(frame, AV_FRAME_DATA_VIDEO_ENC_PARAMS);
	if (sd) {
		AVVideoEncParams *ep = (AVVideoEncParams *)sd->data;

		for (unsigned int i = 0; i < ep->nb_blocks && i < (unsigned int)(w * h); i++)
			out->qp[i] = (int8_t)(ep->qp + av_video_enc_params_block(ep, i)->delta_qp);
	}
	for (int list = 0; list < 2; list++) {
		out->mv[list] = malloc((size_t)(4 * w * h) * sizeof(struct h264_mv));
		for (int i = 0; i < 4 * w * h; i++)
			out->mv[list][i] = (struct h264_mv){INT16_MIN, INT16_MIN};
	}
	sd = av_frame_get_side_data(frame, AV_FRAME_DATA_MOTION_VECTORS);
	for (size_t i = 0; sd && i < sd->size / sizeof(AVMotionVector); i++) {
		const AVMotionVector *m = (const AVMotionVector *)sd->data + i;
		struct h264_mv *mv = out->mv[m->source > 0];
		int x0 = (m->dst_x - m->w / 2) / 8, y0 = (m->dst_y - m->h / 2) / 8;

		for (int y = y0; y < y0 + m->h / 8; y++)
			for (int x = x0; x < x0 + m->w / 8; x++)
				mv[y * 2 * w + x] = (struct h264_mv){(int16_t)m->motion_x,
								     (int16_t)m->motion_y};
	}
}

bool decode_last(const struct random_video *v, const struct coded_video *c,
		 struct decoded_picture *out, unsigned int picture)
{
	AVCodecContext *ctx = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	unsigned int frames = 0;
	bool ok = true;

	memset(out, 0, sizeof(*out));
	complaints = 0;
	av_log_set_callback(count_complaints);
	ctx->thread_count = 1;
	ctx->err_recognition = AV_EF_EXPLODE | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_COMPLIANT;
	ctx->export_side_data = AV_CODEC_EXPORT_DATA_MVS | AV_CODEC_EXPORT_DATA_VIDEO_ENC_PARAMS;
	ok = avcodec_open2(ctx, NULL, NULL) >= 0;
	for (unsigned int i = 0; ok && i <= c->num_aus; i++) {
		if (i < c->num_aus) {
			size_t start = i ? c->au_end[i - 1] : 0;

			packet->data = c->data + start;
			packet->size = (int)(c->au_end[i] - start);
			packet->pts = i;
		}
		ok = avcodec_send_packet(ctx, i < c->num_aus ? packet : NULL) >= 0;
		while (ok && avcodec_receive_frame(ctx, frame) >= 0) {
			frames++;
			if (frame->pts == picture)
				take_picture(v, frame, out);
			av_frame_unref(frame);
		}
	}
	packet->data = NULL;
	packet->size = 0;
	av_packet_free(&packet);
	av_frame_free(&frame);
	avcodec_free_context(&ctx);
	av_log_set_callback(av_log_default_callback);
	return ok && !complaints && frames == c->num_aus && out->plane[0];
}

static void take_planes(const struct random_video *v, uint8_t *const data[3], const int stride[2],
			struct decoded_picture *out)
{
	int w = (int)v->params.width_mbs, h = (int)v->params.height_mbs;

	for (int p = 0; p < 3; p++) {
		int size = p ? 8 : 16;

		free(out->plane[p]);
		out->plane[p] = malloc((size_t)(w * size * h * size));
		for (int y = 0; y < h * size; y++)
			memcpy(out->plane[p] + y * w * size, data[p] + y * stride[p > 0],
			       (size_t)(w * size));
	}
}

bool decode_last_openh264(const struct random_video *v, const struct coded_video *c,
			  struct decoded_picture *out)
{
	SDecodingParam params = {.eEcActiveIdc = ERROR_CON_DISABLE,
				 .sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC};
	int level = WELS_LOG_QUIET;
	unsigned int frames = 0;
	ISVCDecoder *dec;
	bool ok;

	memset(out, 0, sizeof(*out));
	if (WelsCreateDecoder(&dec))
		return false;
	ok = (*dec)->Initialize(dec, &params) == cmResultSuccess;
	(*dec)->SetOption(dec, DECODER_OPTION_TRACE_LEVEL, &level);
	for (unsigned int i = 0; ok && i <= c->num_aus; i++) {
		size_t start = i ? c->au_end[i - 1] : 0;
		SBufferInfo info = {0};
		uint8_t *data[3] = {NULL, NULL, NULL};

		if (i < c->num_aus)
			ok = (*dec)->DecodeFrameNoDelay(dec, c->data + start,
							(int)(c->au_end[i] - start), data,
							&info) == dsErrorFree;
		else
			ok = (*dec)->FlushFrame(dec, data, &info) == dsErrorFree;
		if (!ok || info.iBufferStatus != 1)
			continue;
		frames++;
		take_planes(v, data, info.UsrData.sSystemBuffer.iStride, out);
	}
	(*dec)->Uninitialize(dec);
	WelsDestroyDecoder(dec);
	return ok && frames == c->num_aus;
}

void decoded_picture_free(struct decoded_picture *p)
{
	for (int i = 0; i < 3; i++)
		free(p->plane[i]);
	free(p->qp);
	free(p->mv[0]);
	free(p->mv[1]);
}
