/* SPDX-License-Identifier: MIT */
/*
 * Drives the encode engine alone over plain memory: y4m in, Annex B out. For measuring the model's
 * speed and rate-distortion without the layers around it.
 *
 *   venc_bench [options] in.y4m [out.264]
 *     -q QP      P QP; I pictures use QP - 3 (default 30)
 *     -l LEVEL   quality level (default 2)
 *     -t N       threads (default 2)
 *     -n N       frames at most
 *     -r N       references (default 1)
 *     -g N       distance of IDR pictures (default: only the first)
 *     -s N       slices per picture
 *     -v         CAVLC
 *     -d         reconstruction to out.264.yuv
 * Prints: name, frames, seconds in the engine, frames/s, kbit/s, PSNR of Y, U, V (mean over
 * pictures), share of skipped macroblocks.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/venc_stream.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double psnr(uint64_t sse, double samples)
{
	return sse ? 10 * log10(255.0 * 255.0 * samples / (double)sse) : 100;
}

int main(int argc, char **argv)
{
	struct venc_stream_config config = {
		.qp_i = 27,
		.qp_p = 30,
		.quality = 2,
		.threads = 2,
		.slices = 1,
		.refs = 1,
		.flags = SL200_H264_F_CABAC | (venc_h264_caps.flags & SL200_H264_F_TRANSFORM_8X8),
	};
	struct venc_stream *s;
	double seconds = 0, total[3] = {0}, fps = 25;
	unsigned int frames = 0, limit = 1u << 30, num = 25, den = 1, w = 0, h = 0;
	uint64_t bytes = 0, skip = 0;
	FILE *in, *out = NULL, *dump = NULL;
	bool want_dump = false;
	char line[512];
	uint8_t *frame;
	int opt;

	while ((opt = getopt(argc, argv, "q:l:t:n:r:g:s:vd")) != -1) {
		switch (opt) {
		case 'q':
			config.qp_p = (uint8_t)atoi(optarg);
			config.qp_i = config.qp_p > 3 ? (uint8_t)(config.qp_p - 3) : 0;
			break;
		case 'l':
			config.quality = (uint8_t)atoi(optarg);
			break;
		case 't':
			config.threads = (unsigned int)atoi(optarg);
			break;
		case 'n':
			limit = (unsigned int)atoi(optarg);
			break;
		case 'r':
			config.refs = (unsigned int)atoi(optarg);
			break;
		case 'g':
			config.idr_period = (unsigned int)atoi(optarg);
			break;
		case 's':
			config.slices = (unsigned int)atoi(optarg);
			break;
		case 'v':
			config.flags &= (uint16_t)~SL200_H264_F_CABAC;
			break;
		case 'd':
			want_dump = true;
			break;
		default:
			return 2;
		}
	}
	if (optind >= argc)
		return 2;
	in = fopen(argv[optind], "rb");
	if (!in || !fgets(line, sizeof(line), in) || strncmp(line, "YUV4MPEG2", 9)) {
		fprintf(stderr, "%s: not a y4m file\n", argv[optind]);
		return 1;
	}
	for (char *t = strtok(line, " \n"); t; t = strtok(NULL, " \n")) {
		if (*t == 'W')
			w = (unsigned int)atoi(t + 1);
		else if (*t == 'H')
			h = (unsigned int)atoi(t + 1);
		else if (*t == 'F' && sscanf(t + 1, "%u:%u", &num, &den) == 2 && den)
			fps = (double)num / den;
	}
	config.width = w & ~1u;
	config.height = h & ~1u;
	if (w % 2 || h % 2 || w < 16 || h < 16 || w > 8192 || h > 8192) {
		fprintf(stderr, "%s: size not supported\n", argv[optind]);
		return 1;
	}
	if (argc > optind + 1) {
		char name[4096];

		out = fopen(argv[optind + 1], "wb");
		snprintf(name, sizeof(name), "%s.yuv", argv[optind + 1]);
		dump = want_dump ? fopen(name, "wb") : NULL;
	}
	s = venc_stream_open(&config);
	frame = malloc((size_t)w * h * 3 / 2);
	if (!s || !frame)
		return 1;
	while (frames < limit && fgets(line, sizeof(line), in) &&
	       fread(frame, 1, (size_t)w * h * 3 / 2, in) == (size_t)w * h * 3 / 2) {
		const struct sl200_job_result *r = &s->result;
		double t0;
		uint16_t status;

		venc_stream_source(s, frame);
		t0 = now();
		status = venc_stream_encode(s);
		seconds += now() - t0;
		if (status) {
			fprintf(stderr, "frame %u: status %u\n", frames, status);
			return 1;
		}
		bytes += r->bytes;
		skip += r->skip_mbs;
		for (int p = 0; p < 3; p++)
			total[p] += psnr(r->sse[p], (double)w * h / (p ? 4 : 1));
		if (out)
			fwrite(s->bitstream, 1, r->bytes, out);
		if (dump) {
			venc_stream_recon(s, frame);
			fwrite(frame, 1, (size_t)w * h * 3 / 2, dump);
		}
		frames++;
	}
	if (frames)
		printf("%s frames %u sec %.3f fps %.2f kbps %.2f psnr %.4f %.4f %.4f skip %.3f\n",
		       argv[optind], frames, seconds, frames / seconds,
		       8e-3 * (double)bytes * fps / frames, total[0] / frames, total[1] / frames,
		       total[2] / frames,
		       (double)skip / frames / (double)((w + 15) / 16 * ((h + 15) / 16)));
	if (out)
		fclose(out);
	if (dump)
		fclose(dump);
	fclose(in);
	free(frame);
	venc_stream_close(s);
	return 0;
}
