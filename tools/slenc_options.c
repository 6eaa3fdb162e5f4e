// SPDX-License-Identifier: MIT
/* Command line of slenc. Names follow x264's where the meaning is the same. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/parseutils.h>

#include "tools/slenc.h"

#define USAGE_ERROR 2

static const char help[] =
	"Usage: slenc [OPTION]... -o OUTPUT INPUT\n"
	"Encode video to H.264 on an SL200 card.\n"
	"\n"
	"INPUT is anything libavformat and libavcodec read, y4m, raw video (--input-res), or - "
	"for\n"
	"standard input. OUTPUT is .mp4, .mov, .m4v or .mkv, else a raw H.264 stream; - is "
	"standard\n"
	"output.\n"
	"\n"
	"Rate (default --qp 26):\n"
	"      --qp N                constant QP of P pictures, 0..51; I pictures have 3 less\n"
	"      --bitrate K           average bit rate, kbit/s\n"
	"      --vbv-maxrate K       highest bit rate, kbit/s (default 1.5 times the average)\n"
	"      --vbv-bufsize K       decoder buffer, kbit (default one second)\n"
	"      --vbv-init F          part of the buffer that is full at the start, 0..1 (0.75)\n"
	"      --cbr                 constant bit rate, with filler\n"
	"      --nal-hrd MODE        none, vbr, or cbr: write HRD parameters and SEI messages\n"
	"      --rate-tolerance P    --cbr: how far any 10 s may be off, percent (1)\n"
	"      --qpmin N, --qpmax N  bounds of the QP\n"
	"\n"
	"Stream:\n"
	"      --keyint N            distance of IDR pictures (250); infinite: only the first\n"
	"      --profile P           baseline (constrained), main, high\n"
	"      --level L             for example 4.1; default the lowest that fits\n"
	"      --preset P            effort: slow, medium, fast\n"
	"      --quality N           effort as the card counts it: 1 is best\n"
	"      --ref N               reference pictures\n"
	"      --slices N            slices of each picture\n"
	"      --no-cabac            code with CAVLC\n"
	"      --no-deblock          no deblocking filter\n"
	"      --deblock A:B         deblocking offsets, -6..6\n"
	"      --roi X,Y,W,H,OFFSET  change the QP of a region; repeat for more, first one wins\n"
	"      --aud                 write access unit delimiters\n"
	"      --sar W:H             sample aspect ratio\n"
	"      --range R             tv, pc, or auto\n"
	"\n"
	"Input:\n"
	"      --input-res WxH       size of raw input\n"
	"      --input-csp C         of raw input: i420 (default), nv12\n"
	"      --fps F               frame rate: 25, 29.97, 30000/1001; needed for raw input\n"
	"      --seek N              leave out the first N pictures\n"
	"      --frames N            encode N pictures at most\n"
	"\n"
	"Other:\n"
	"  -o, --output FILE\n"
	"      --recon FILE          write the decoded pictures: .y4m, else raw I420\n"
	"      --psnr                report the PSNR, as the card measures it\n"
	"      --stats FILE          write statistics of every picture as JSON\n"
	"      --device URI          the card, as in SL_DEVICE; sim: is the simulated one\n"
	"  -q, --quiet               print errors only\n"
	"  -v, --verbose             print what is done, and libavformat's messages\n"
	"  -h, --help\n"
	"  -V, --version\n";

enum option_id {
	OPT_QP = 256,
	OPT_BITRATE,
	OPT_VBV_MAXRATE,
	OPT_VBV_BUFSIZE,
	OPT_VBV_INIT,
	OPT_CBR,
	OPT_NAL_HRD,
	OPT_RATE_TOLERANCE,
	OPT_QPMIN,
	OPT_QPMAX,
	OPT_KEYINT,
	OPT_PROFILE,
	OPT_LEVEL,
	OPT_PRESET,
	OPT_QUALITY,
	OPT_REF,
	OPT_SLICES,
	OPT_NO_CABAC,
	OPT_NO_DEBLOCK,
	OPT_DEBLOCK,
	OPT_ROI,
	OPT_AUD,
	OPT_SAR,
	OPT_RANGE,
	OPT_INPUT_RES,
	OPT_INPUT_CSP,
	OPT_FPS,
	OPT_SEEK,
	OPT_FRAMES,
	OPT_RECON,
	OPT_PSNR,
	OPT_STATS,
	OPT_DEVICE,
};

static const struct option long_options[] = {
	{"qp", 1, NULL, OPT_QP},
	{"bitrate", 1, NULL, OPT_BITRATE},
	{"vbv-maxrate", 1, NULL, OPT_VBV_MAXRATE},
	{"vbv-bufsize", 1, NULL, OPT_VBV_BUFSIZE},
	{"vbv-init", 1, NULL, OPT_VBV_INIT},
	{"cbr", 0, NULL, OPT_CBR},
	{"nal-hrd", 1, NULL, OPT_NAL_HRD},
	{"rate-tolerance", 1, NULL, OPT_RATE_TOLERANCE},
	{"qpmin", 1, NULL, OPT_QPMIN},
	{"qpmax", 1, NULL, OPT_QPMAX},
	{"keyint", 1, NULL, OPT_KEYINT},
	{"profile", 1, NULL, OPT_PROFILE},
	{"level", 1, NULL, OPT_LEVEL},
	{"preset", 1, NULL, OPT_PRESET},
	{"quality", 1, NULL, OPT_QUALITY},
	{"ref", 1, NULL, OPT_REF},
	{"slices", 1, NULL, OPT_SLICES},
	{"no-cabac", 0, NULL, OPT_NO_CABAC},
	{"no-deblock", 0, NULL, OPT_NO_DEBLOCK},
	{"deblock", 1, NULL, OPT_DEBLOCK},
	{"roi", 1, NULL, OPT_ROI},
	{"aud", 0, NULL, OPT_AUD},
	{"sar", 1, NULL, OPT_SAR},
	{"range", 1, NULL, OPT_RANGE},
	{"input-res", 1, NULL, OPT_INPUT_RES},
	{"input-csp", 1, NULL, OPT_INPUT_CSP},
	{"fps", 1, NULL, OPT_FPS},
	{"seek", 1, NULL, OPT_SEEK},
	{"frames", 1, NULL, OPT_FRAMES},
	{"output", 1, NULL, 'o'},
	{"recon", 1, NULL, OPT_RECON},
	{"psnr", 0, NULL, OPT_PSNR},
	{"stats", 1, NULL, OPT_STATS},
	{"device", 1, NULL, OPT_DEVICE},
	{"quiet", 0, NULL, 'q'},
	{"verbose", 0, NULL, 'v'},
	{"help", 0, NULL, 'h'},
	{"version", 0, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

void slenc_error(const char *fmt, ...)
{
	va_list args;

	fputs("slenc: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

/* What the options say, before they are put together. */
struct rates {
	double bitrate, maxrate, bufsize; /* kbit/s, kbit */
	bool cbr, qp;
	int hrd; /* 0 none, 1 vbr, 2 cbr */
};

static _Noreturn void bad(const char *option, const char *value, const char *wanted)
{
	slenc_error("--%s %s: %s", option, value, wanted);
	exit(USAGE_ERROR);
}

static double number(const char *option, const char *text, double min, double max)
{
	char wanted[64], *end;
	double x;

	errno = 0;
	x = strtod(text, &end);
	if (end == text || *end || errno || !(x >= min && x <= max)) {
		snprintf(wanted, sizeof(wanted), "a number in %.10g..%.10g is needed", min, max);
		bad(option, text, wanted);
	}
	return x;
}

static long long integer(const char *option, const char *text, long long min, long long max)
{
	char wanted[64], *end;
	long long x;

	errno = 0;
	x = strtoll(text, &end, 10);
	if (end == text || *end || errno || x < min || x > max) {
		snprintf(wanted, sizeof(wanted), "a whole number in %lld..%lld is needed", min,
			 max);
		bad(option, text, wanted);
	}
	return x;
}

/* Which of the words is text; words end with NULL. */
static int word(const char *option, const char *text, const char *const *words)
{
	char wanted[160] = "one of ";

	for (int i = 0; words[i]; i++) {
		if (strcmp(text, words[i]) == 0)
			return i;
		if (i)
			strncat(wanted, ", ", sizeof(wanted) - strlen(wanted) - 1);
		strncat(wanted, words[i], sizeof(wanted) - strlen(wanted) - 1);
	}
	strncat(wanted, " is needed", sizeof(wanted) - strlen(wanted) - 1);
	bad(option, text, wanted);
}

static void parse_pair(const char *option, const char *text, char separator, int *a, int *b)
{
	char format[] = "%d?%d%c", end;

	format[2] = separator;
	if (sscanf(text, format, a, b, &end) != 2)
		bad(option, text, "two whole numbers are needed");
}

static void parse_roi(struct slenc_options *o, const char *text)
{
	struct sl_roi *r = &o->roi[o->num_roi];
	char end;

	if (o->num_roi == MAX_ROI)
		bad("roi", text, "there are too many regions");
	if (sscanf(text, "%d,%d,%d,%d,%d%c", &r->x, &r->y, &r->width, &r->height, &r->qp_offset,
		   &end) != 5 ||
	    r->width <= 0 || r->height <= 0 || r->qp_offset < -51 || r->qp_offset > 51)
		bad("roi", text, "X,Y,W,H,OFFSET is needed, with OFFSET in -51..51");
	o->num_roi++;
}

static void parse_stream(struct slenc_options *o, int id, const char *text)
{
	static const char *const profiles[] = {"baseline", "main", "high", NULL};
	static const char *const presets[] = {"slow", "medium", "fast", NULL};
	struct sl_encoder_params *p = &o->encoder;
	int a, b;

	switch (id) {
	case OPT_KEYINT:
		p->gop_size = strcmp(text, "infinite")
				      ? (uint32_t)integer("keyint", text, 1, INT32_MAX)
				      : 0;
		break;
	case OPT_PROFILE:
		p->profile = (enum sl_h264_profile)(1 + word("profile", text, profiles));
		break;
	case OPT_LEVEL:
		/* 4.1 and 41 are the same. */
		p->level_idc = (uint8_t)(number("level", text, 1, 62) *
						 (strchr(text, '.') || strlen(text) == 1 ? 10 : 1) +
					 0.5);
		break;
	case OPT_PRESET:
		o->effort = (const int[]){1, 0, -1}[word("preset", text, presets)];
		break;
	case OPT_QUALITY:
		p->quality = (uint8_t)integer("quality", text, 1, 255);
		break;
	case OPT_REF:
		p->refs = (uint32_t)integer("ref", text, 1, 16);
		break;
	case OPT_SLICES:
		p->slices = (uint32_t)integer("slices", text, 1, SL200_H264_MAX_SLICES);
		break;
	case OPT_NO_CABAC:
		p->cabac = 0;
		break;
	case OPT_NO_DEBLOCK:
		p->disable_deblocking = 1;
		break;
	case OPT_DEBLOCK:
		parse_pair("deblock", text, ':', &a, &b);
		if (a < -6 || a > 6 || b < -6 || b > 6)
			bad("deblock", text, "offsets are in -6..6");
		p->deblock_alpha = (int8_t)a;
		p->deblock_beta = (int8_t)b;
		break;
	case OPT_ROI:
		parse_roi(o, text);
		break;
	case OPT_AUD:
		p->aud = 1;
		break;
	}
}

static void parse_rate(struct slenc_options *o, struct rates *r, int id, const char *text)
{
	static const char *const hrds[] = {"none", "vbr", "cbr", NULL};
	struct sl_rc_params *rc = &o->encoder.rc;

	switch (id) {
	case OPT_QP:
		rc->qp_p = (uint8_t)integer("qp", text, 0, 51);
		r->qp = true;
		break;
	case OPT_BITRATE:
		r->bitrate = number("bitrate", text, 1, 4e6);
		break;
	case OPT_VBV_MAXRATE:
		r->maxrate = number("vbv-maxrate", text, 1, 4e6);
		break;
	case OPT_VBV_BUFSIZE:
		r->bufsize = number("vbv-bufsize", text, 1, 4e7);
		break;
	case OPT_VBV_INIT:
		o->vbv_init = number("vbv-init", text, 0.01, 1);
		break;
	case OPT_CBR:
		r->cbr = true;
		break;
	case OPT_NAL_HRD:
		r->hrd = word("nal-hrd", text, hrds);
		break;
	case OPT_RATE_TOLERANCE:
		rc->rate_tolerance =
			(uint32_t)(10 * number("rate-tolerance", text, 0.1, 100) + 0.5);
		break;
	case OPT_QPMIN:
		rc->qp_min = (uint8_t)integer("qpmin", text, 0, 51);
		rc->qp_max = rc->qp_max ? rc->qp_max : 51;
		break;
	case OPT_QPMAX:
		rc->qp_max = (uint8_t)integer("qpmax", text, 1, 51);
		break;
	}
}

static AVRational ratio(const char *option, const char *text)
{
	AVRational q = {0, 0};
	int a, b;

	if (strchr(text, ':')) {
		parse_pair(option, text, ':', &a, &b);
		q = (AVRational){a, b};
	} else if (av_parse_video_rate(&q, text) < 0) {
		bad(option, text, "a number or fraction is needed");
	}
	if (q.num <= 0 || q.den <= 0)
		bad(option, text, "it must be above zero");
	return q;
}

static void parse_other(struct slenc_options *o, int id, const char *text)
{
	static const char *const ranges[] = {"tv", "pc", "auto", NULL};
	static const char *const csps[] = {"i420", "nv12", NULL};

	switch (id) {
	case OPT_SAR:
		o->sar = ratio("sar", text);
		break;
	case OPT_RANGE:
		o->range = (const int[]){0, 1, -1}[word("range", text, ranges)];
		break;
	case OPT_INPUT_RES:
		parse_pair("input-res", text, 'x', &o->input_width, &o->input_height);
		if (o->input_width <= 0 || o->input_height <= 0)
			bad("input-res", text, "WxH is needed");
		break;
	case OPT_INPUT_CSP:
		o->input_csp = csps[word("input-csp", text, csps)];
		break;
	case OPT_FPS:
		o->fps = ratio("fps", text);
		break;
	case OPT_SEEK:
		o->seek = (uint64_t)integer("seek", text, 0, INT64_MAX);
		break;
	case OPT_FRAMES:
		o->frames = (uint64_t)integer("frames", text, 1, INT64_MAX);
		break;
	case OPT_RECON:
		o->recon = text;
		break;
	case OPT_PSNR:
		o->psnr = true;
		break;
	case OPT_STATS:
		o->stats = text;
		break;
	case OPT_DEVICE:
		o->device = text;
		break;
	case 'o':
		o->output = text;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	}
}

static _Noreturn void usage(const char *what)
{
	slenc_error("%s; see slenc --help", what);
	exit(USAGE_ERROR);
}

static void set_rate(struct slenc_options *o, const struct rates *r)
{
	struct sl_rc_params *rc = &o->encoder.rc;
	bool cbr = r->cbr || r->hrd == 2;

	if (r->qp && r->bitrate > 0)
		usage("--qp and --bitrate exclude each other");
	if (r->bitrate <= 0) {
		if (cbr || r->hrd || r->maxrate > 0 || r->bufsize > 0)
			usage("--cbr, --nal-hrd and --vbv-* need --bitrate");
		return;
	}
	if (r->cbr && r->hrd == 1)
		usage("--cbr and --nal-hrd vbr exclude each other");
	if (cbr && r->maxrate > 0 && r->maxrate != r->bitrate)
		usage("with a constant bit rate --vbv-maxrate equals --bitrate");
	if (!cbr && r->maxrate > 0 && r->maxrate < r->bitrate)
		usage("--vbv-maxrate is below --bitrate");
	rc->mode = cbr ? SL_RC_CBR : SL_RC_VBR;
	rc->bit_rate = (uint64_t)(r->bitrate * 1000 + 0.5);
	rc->max_bit_rate = cbr ? 0 : (uint64_t)(r->maxrate * 1000 + 0.5);
	rc->vbv_size = (uint64_t)(r->bufsize * 1000 + 0.5);
	if (o->vbv_init > 0) {
		double rate = r->maxrate > 0 ? r->maxrate : cbr ? r->bitrate : 1.5 * r->bitrate;
		double size = r->bufsize > 0 ? r->bufsize : rate;

		rc->vbv_initial = (uint64_t)(o->vbv_init * size * 1000);
	}
	o->encoder.nal_hrd = r->hrd != 0;
}

void slenc_parse(int argc, char **argv, struct slenc_options *o)
{
	struct rates rates = {0};
	int id;

	*o = (struct slenc_options){.range = -1};
	sl_encoder_params_init(&o->encoder);
	while ((id = getopt_long(argc, argv, "o:qvhV", long_options, NULL)) != -1) {
		switch (id) {
		case 'h':
			fputs(help, stdout);
			exit(0);
		case 'V':
			printf("slenc %s\n", sl_version());
			exit(0);
		case '?':
			fputs("slenc: see slenc --help\n", stderr);
			exit(USAGE_ERROR);
		default:
			if (id >= OPT_QP && id <= OPT_QPMAX)
				parse_rate(o, &rates, id, optarg);
			else if (id >= OPT_KEYINT && id <= OPT_AUD)
				parse_stream(o, id, optarg);
			else
				parse_other(o, id, optarg);
		}
	}
	if (optind != argc - 1)
		usage(optind == argc ? "an input is needed" : "there is more than one input");
	o->input = argv[optind];
	if (!o->output)
		usage("an output is needed (-o)");
	set_rate(o, &rates);
}
