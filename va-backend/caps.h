/* SPDX-License-Identifier: MIT */
/*
 * The capability table: filled once from the card's capability page, it answers every query and
 * validates every request, so that what is advertised and what is accepted cannot differ.
 */
#ifndef SLVA_CAPS_H
#define SLVA_CAPS_H

#include <stdbool.h>

#include <va/va.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_enc.h"

#define SLVA_MAX_PROFILES 3
#define SLVA_MAX_ROI 32u

struct slva_caps {
	int num_profiles;
	VAProfile profile[SLVA_MAX_PROFILES];
	struct sl200_enc_caps h264;
};

/* Fill the table. No profile is left when the card has no H.264 encoder. */
void slva_caps_init(struct slva_caps *caps, const struct sl200_caps *card);

/* VA_STATUS_ERROR_UNSUPPORTED_PROFILE, VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT, or success. */
VAStatus slva_caps_check(const struct slva_caps *caps, VAProfile profile, VAEntrypoint entrypoint);

/* Value of an attribute for any advertised profile, or VA_ATTRIB_NOT_SUPPORTED. */
uint32_t slva_caps_attrib(const struct slva_caps *caps, VAConfigAttribType type);

/*
 * May a client ask for this value? VA_STATUS_ERROR_ATTR_NOT_SUPPORTED,
 * VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, VA_STATUS_ERROR_INVALID_VALUE, or success.
 */
VAStatus slva_caps_check_attrib(const struct slva_caps *caps, const VAConfigAttrib *attrib);

/* Pixel formats of surfaces and images. */
struct slva_format {
	uint32_t fourcc;
	enum sl200_format format; /* of a surface that holds it */
	uint8_t planes;
	uint8_t plane[3]; /* which of Y, Cb, Cr (or Y, CbCr) is stored n-th */
	bool surface;	  /* surfaces can have it, not images alone */
};

/* The n-th format, or NULL. Preferred ones come first. */
const struct slva_format *slva_format_at(unsigned int n);
const struct slva_format *slva_format_find(uint32_t fourcc);
bool slva_format_supported(const struct slva_caps *caps, const struct slva_format *format);

#endif
