/* SPDX-License-Identifier: MIT */
/* A small VA-API client for tests: a display without a device node, and an H.264 encoder. */
#ifndef TEST_VA_CLIENT_H
#define TEST_VA_CLIENT_H

#include <stdbool.h>

#include <va/va.h>
#include <va/va_enc_h264.h>

/*
 * A display that loads the backend of the build tree the program is in, and a card of SL_DEVICE
 * (sim: when unset). Initialised; end it with vaTerminate(). NULL on failure.
 */
VADisplay va_client_open(const char *program);

/* A test picture: each byte of each plane from its place and the picture's number. */
void va_client_pattern(const VAImage *image, uint8_t *data, unsigned int seed);

#define VA_CLIENT_RECONS 4

struct va_client {
	VADisplay display;
	VAConfigID config;
	VAContextID context;
	VASurfaceID source, recon[VA_CLIENT_RECONS];
	VABufferID coded;
	unsigned int width, height; /* shown */
	unsigned int width_mbs, height_mbs;
	unsigned int slices; /* of equal size in macroblocks, which need not be rows */
	unsigned int refs;   /* active references, as far as there are pictures */
	bool reverse_refs;   /* oldest first, so that the list must be modified */
	bool cabac;
	int slice_qp_step; /* each slice's QP is higher by this than the one's before */
	unsigned int qp;
	unsigned int frame; /* pictures submitted */
	unsigned int gop;
	uint32_t coded_size;
};

/* Fill in what is zero, and create all objects. */
VAStatus va_client_create(struct va_client *client, VADisplay display, VAProfile profile,
			  uint32_t rate_control);
void va_client_destroy(struct va_client *client);

/* Write the pattern of a seed into the source surface. */
VAStatus va_client_fill(struct va_client *client, unsigned int seed);
/* Begin, render and end the next picture; headers are left to the driver. */
VAStatus va_client_encode(struct va_client *client);
/* The surface with the reconstruction of the picture submitted last. */
VASurfaceID va_client_recon(const struct va_client *client);
/* Add a miscellaneous parameter buffer to the next picture. One at a time. */
VAStatus va_client_misc(struct va_client *client, VAEncMiscParameterType type, const void *data,
			uint32_t size);

#endif
