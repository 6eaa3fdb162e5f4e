/* SPDX-License-Identifier: MIT */
/* Encode synthetic content in a session and judge the stream: for tests of encoder sessions. */
#ifndef TESTS_STACK_ENCODE_H
#define TESTS_STACK_ENCODE_H

#include <stdbool.h>

#include "sl200/sl.h"

#define MAX_PICTURES 700

/* What a session produced. */
struct encoded {
	struct sl_encoder_params params;
	unsigned int count;
	uint8_t *data[MAX_PICTURES];
	size_t size[MAX_PICTURES];
	struct sl_packet packet[MAX_PICTURES]; /* its data and recon are gone */
	uint8_t *recon[MAX_PICTURES]; /* I420 of the visible size; NULL: not fetched */
};

/* Content: patterns that move at different speeds, with noise and a cut where asked for. */
struct content {
	unsigned int cut_every; /* pictures; 0: none */
	unsigned int noise; /* amplitude */
};

/* 176x144 at 25 pictures a second, else defaults. */
struct sl_encoder_params encode_params(void);

/* Draw picture n into a host surface. */
void encode_draw(struct sl_surface *surface, const struct content *c, unsigned int n);

/* The visible part of a card surface as I420; the caller frees it. */
uint8_t *encode_fetch(struct sl_device *device, struct sl_queue *queue,
		      const struct sl_surface *surface, uint32_t width, uint32_t height);

/* Append a copy of a packet, whose number must be the next. */
void encode_keep(struct encoded *s, const struct sl_packet *packet);

/*
 * Encode count pictures in one thread, picture n with pts 100 + 3 n. recon: fetch the
 * reconstructions. before, when not NULL, may change a picture's options or the session.
 */
struct encoded *encode_stream(struct sl_device *device, const struct sl_encoder_params *params,
			      const struct content *content, unsigned int count, bool recon,
			      void (*before)(struct sl_encoder *, unsigned int,
					     struct sl_encode_options *));
void encode_free(struct encoded *s);

/*
 * Decode with libavcodec, which must not complain, and compare with the reconstructions where
 * there are any. Returns the number of pictures.
 */
unsigned int encode_check(const struct encoded *s);

#endif
