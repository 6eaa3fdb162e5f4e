// SPDX-License-Identifier: MIT
/*
 * The VA-API contract from outside: answers agree with one another, and whatever a client does
 * wrong gets the documented status and harms nothing.
 */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <va/va.h>
#include <va/va_drmcommon.h>
#include <va/va_vpp.h>

#include "tests/stack/test_va_client.h"

#define OK VA_STATUS_SUCCESS

static VADisplay display;

/* Exported by libva for its tracer and declared nowhere. */
VAStatus vaBufferInfo(VADisplay dpy, VAContextID context, VABufferID buffer, VABufferType *type,
		      unsigned int *size, unsigned int *num_elements);

static void test_queries(void)
{
	VAProfile profiles[16];
	VAEntrypoint entrypoints[4];
	VAImageFormat formats[16];
	VAConfigAttrib attribs[] = {{.type = VAConfigAttribRTFormat},
				    {.type = VAConfigAttribEncPackedHeaders},
				    {.type = VAConfigAttribDecJPEG},
				    {.type = (VAConfigAttribType)12345}};
	int num;

	CU_ASSERT_TRUE_FATAL(vaMaxNumProfiles(display) <= 16);
	CU_ASSERT_TRUE_FATAL(vaMaxNumImageFormats(display) <= 16);
	CU_ASSERT_EQUAL(vaQueryConfigProfiles(display, profiles, &num), OK);
	CU_ASSERT_EQUAL(num, 3);
	for (int i = 0; i < num; i++) {
		int n;

		CU_ASSERT_EQUAL(vaQueryConfigEntrypoints(display, profiles[i], entrypoints, &n),
				OK);
		CU_ASSERT_EQUAL(n, 1);
		CU_ASSERT_EQUAL(entrypoints[0], VAEntrypointEncSlice);
	}
	CU_ASSERT_EQUAL(vaQueryConfigEntrypoints(display, VAProfileMPEG2Main, entrypoints, &num),
			VA_STATUS_ERROR_UNSUPPORTED_PROFILE);
	CU_ASSERT_EQUAL(
		vaGetConfigAttributes(display, VAProfileH264Main, VAEntrypointEncSlice, attribs, 4),
		OK);
	CU_ASSERT_EQUAL(attribs[0].value, VA_RT_FORMAT_YUV420);
	CU_ASSERT_EQUAL(attribs[1].value, 0x1f);
	CU_ASSERT_EQUAL(attribs[2].value, VA_ATTRIB_NOT_SUPPORTED);
	CU_ASSERT_EQUAL(attribs[3].value, VA_ATTRIB_NOT_SUPPORTED);
	CU_ASSERT_EQUAL(
		vaGetConfigAttributes(display, VAProfileH264Main, VAEntrypointVLD, attribs, 1),
		VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT);
	CU_ASSERT_EQUAL(vaQueryImageFormats(display, formats, &num), OK);
	CU_ASSERT_TRUE(num > 0 && num <= vaMaxNumImageFormats(display));
}

static void test_configs(void)
{
	VAConfigAttrib attribs[64], bad;
	VAConfigID config;
	VAProfile profile;
	VAEntrypoint entrypoint;
	int num;

	CU_ASSERT_EQUAL(
		vaCreateConfig(display, VAProfileHEVCMain, VAEntrypointEncSlice, NULL, 0, &config),
		VA_STATUS_ERROR_UNSUPPORTED_PROFILE);
	CU_ASSERT_EQUAL(
		vaCreateConfig(display, VAProfileH264High, VAEntrypointVideoProc, NULL, 0, &config),
		VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT);
	bad = (VAConfigAttrib){VAConfigAttribRTFormat, VA_RT_FORMAT_YUV444};
	CU_ASSERT_EQUAL(
		vaCreateConfig(display, VAProfileH264High, VAEntrypointEncSlice, &bad, 1, &config),
		VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT);
	bad = (VAConfigAttrib){VAConfigAttribRateControl, VA_RC_ICQ};
	CU_ASSERT_EQUAL(
		vaCreateConfig(display, VAProfileH264High, VAEntrypointEncSlice, &bad, 1, &config),
		VA_STATUS_ERROR_INVALID_VALUE);
	bad = (VAConfigAttrib){VAConfigAttribDecJPEG, 1};
	CU_ASSERT_EQUAL(
		vaCreateConfig(display, VAProfileH264High, VAEntrypointEncSlice, &bad, 1, &config),
		VA_STATUS_ERROR_ATTR_NOT_SUPPORTED);
	CU_ASSERT_EQUAL(
		vaCreateConfig(display, VAProfileH264High, VAEntrypointEncSlice, NULL, 3, &config),
		VA_STATUS_ERROR_INVALID_PARAMETER);

	CU_ASSERT_EQUAL_FATAL(
		vaCreateConfig(display, VAProfileH264High, VAEntrypointEncSlice, NULL, 0, &config),
		OK);
	CU_ASSERT_TRUE_FATAL(vaMaxNumConfigAttributes(display) <= 64);
	CU_ASSERT_EQUAL(
		vaQueryConfigAttributes(display, config, &profile, &entrypoint, attribs, &num), OK);
	CU_ASSERT_EQUAL(profile, VAProfileH264High);
	CU_ASSERT_TRUE(num > 5);
	/* What was told can be asked for. */
	VAConfigID second;

	CU_ASSERT_EQUAL(vaCreateConfig(display, VAProfileH264High, VAEntrypointEncSlice, attribs,
				       num, &second),
			OK);
	CU_ASSERT_EQUAL(vaDestroyConfig(display, second), OK);
	CU_ASSERT_EQUAL(vaDestroyConfig(display, config), OK);
	CU_ASSERT_EQUAL(vaDestroyConfig(display, config), VA_STATUS_ERROR_INVALID_CONFIG);
	CU_ASSERT_EQUAL(vaDestroyConfig(display, VA_INVALID_ID), VA_STATUS_ERROR_INVALID_CONFIG);
	CU_ASSERT_EQUAL(
		vaQueryConfigAttributes(display, config, &profile, &entrypoint, attribs, &num),
		VA_STATUS_ERROR_INVALID_CONFIG);
}

/* Whether surfaces can be shared, as the backend tells. */
static bool shares_memory(void)
{
	VASurfaceAttrib attribs[32];
	unsigned int num = 32;
	VAConfigID config;
	bool shares = false;

	CU_ASSERT_EQUAL_FATAL(
		vaCreateConfig(display, VAProfileH264Main, VAEntrypointEncSlice, NULL, 0, &config),
		OK);
	CU_ASSERT_EQUAL_FATAL(vaQuerySurfaceAttributes(display, config, attribs, &num), OK);
	for (unsigned int i = 0; i < num; i++) {
		if (attribs[i].type == VASurfaceAttribMemoryType)
			shares = attribs[i].value.value.i & VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2;
	}
	CU_ASSERT_EQUAL(vaDestroyConfig(display, config), OK);
	return shares;
}

static void test_surfaces(void)
{
	VASurfaceID surfaces[4], again;
	VASurfaceAttrib attrib = {
		.type = VASurfaceAttribPixelFormat,
		.flags = VA_SURFACE_ATTRIB_SETTABLE,
		.value = {.type = VAGenericValueTypeInteger, .value.i = VA_FOURCC_P010}};
	VASurfaceStatus status;

	CU_ASSERT_EQUAL(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 0, 0, surfaces, 1, NULL, 0),
			VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED);
	CU_ASSERT_EQUAL(
		vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 100000, 64, surfaces, 1, NULL, 0),
		VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED);
	CU_ASSERT_EQUAL(
		vaCreateSurfaces(display, VA_RT_FORMAT_YUV422, 64, 64, surfaces, 1, NULL, 0),
		VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT);
	CU_ASSERT_EQUAL(
		vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, surfaces, 1, &attrib, 1),
		VA_STATUS_ERROR_INVALID_PARAMETER);
	attrib.type = VASurfaceAttribMemoryType;
	attrib.value.value.i = VA_SURFACE_ATTRIB_MEM_TYPE_V4L2;
	CU_ASSERT_EQUAL(
		vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, surfaces, 1, &attrib, 1),
		VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE);
	CU_ASSERT_EQUAL(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, NULL, 1, NULL, 0),
			VA_STATUS_ERROR_INVALID_PARAMETER);

	CU_ASSERT_EQUAL_FATAL(
		vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, surfaces, 4, NULL, 0), OK);
	CU_ASSERT_EQUAL(vaQuerySurfaceStatus(display, surfaces[0], &status), OK);
	CU_ASSERT_EQUAL(status, VASurfaceReady);
	CU_ASSERT_EQUAL(vaSyncSurface(display, surfaces[1]), OK);
	CU_ASSERT_EQUAL(vaSyncSurface2(display, surfaces[1], 0), OK);
	CU_ASSERT_EQUAL(vaDestroySurfaces(display, surfaces, 2), OK);
	CU_ASSERT_EQUAL(vaDestroySurfaces(display, surfaces, 2), VA_STATUS_ERROR_INVALID_SURFACE);
	CU_ASSERT_EQUAL(vaSyncSurface(display, surfaces[0]), VA_STATUS_ERROR_INVALID_SURFACE);
	/* A new surface in an old one's place has a name of its own. */
	CU_ASSERT_EQUAL(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &again, 1, NULL, 0),
			OK);
	CU_ASSERT_EQUAL(vaSyncSurface(display, surfaces[0]), VA_STATUS_ERROR_INVALID_SURFACE);
	CU_ASSERT_EQUAL(vaSyncSurface(display, surfaces[1]), VA_STATUS_ERROR_INVALID_SURFACE);
	CU_ASSERT_EQUAL(vaDestroySurfaces(display, &again, 1), OK);
	CU_ASSERT_EQUAL(vaDestroySurfaces(display, surfaces + 2, 2), OK);
}

/* A surface made of a descriptor. */
static VAStatus import(const VADRMPRIMESurfaceDescriptor *prime, unsigned int width,
		       unsigned int height, VASurfaceID *surface)
{
	VASurfaceAttrib attribs[] = {
		{.type = VASurfaceAttribExternalBufferDescriptor,
		 .flags = VA_SURFACE_ATTRIB_SETTABLE,
		 .value = {.type = VAGenericValueTypePointer, .value.p = (void *)prime}},
		{.type = VASurfaceAttribMemoryType,
		 .flags = VA_SURFACE_ATTRIB_SETTABLE,
		 .value = {.type = VAGenericValueTypeInteger,
			   .value.i = VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2}},
	};

	return vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, width, height, surface, 1, attribs,
				2);
}

static void test_import_misuse(const VADRMPRIMESurfaceDescriptor *good)
{
	VADRMPRIMESurfaceDescriptor bad[10];
	VASurfaceID surface;

	for (int i = 0; i < 10; i++)
		bad[i] = *good;
	bad[0].objects[0].fd = -1;
	bad[1].objects[0].fd = 0;
	bad[2].num_objects = 2;
	bad[3].objects[0].drm_format_modifier = 0x100000000000001; /* tiled, in somebody's way */
	bad[4].num_layers = 77;
	bad[5].layers[0].num_planes = 1000;
	bad[6].layers[0].offset[0] = 0x7fffffc0;
	bad[7].layers[0].pitch[0] += 1;
	bad[8].fourcc = VA_FOURCC_P010;
	bad[9].num_layers = 0;
	for (int i = 0; i < 10; i++)
		CU_ASSERT_EQUAL(import(&bad[i], 320, 240, &surface),
				VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(import(good, 640, 240, &surface), VA_STATUS_ERROR_INVALID_PARAMETER);
}

/* One picture in two surfaces: what is written into one is encoded from the other. */
static void test_sharing(void)
{
	struct va_client client = {.width = 320, .height = 240};
	const uint32_t type = VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2;
	VADRMPRIMESurfaceDescriptor prime;
	VAImage image[2];
	void *data[2];
	VASurfaceID shared, source;
	VACodedBufferSegment *segment;
	uint32_t size[2];

	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CQP), OK);
	if (!shares_memory()) {
		CU_ASSERT_EQUAL(vaExportSurfaceHandle(display, client.source, type,
						      VA_EXPORT_SURFACE_SEPARATE_LAYERS, &prime),
				VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE);
		CU_ASSERT_EQUAL(import(&prime, 320, 240, &shared),
				VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE);
		va_client_destroy(&client);
		return;
	}
	CU_ASSERT_EQUAL(va_client_fill(&client, 5), OK);
	CU_ASSERT_EQUAL(vaExportSurfaceHandle(display, client.source, 0x20000000, 0, &prime),
			VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE);
	CU_ASSERT_EQUAL(vaExportSurfaceHandle(display, client.source, type, 0xff, &prime),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaExportSurfaceHandle(display, VA_INVALID_ID, type, 0, &prime),
			VA_STATUS_ERROR_INVALID_SURFACE);
	CU_ASSERT_EQUAL_FATAL(vaExportSurfaceHandle(display, client.source, type,
						    VA_EXPORT_SURFACE_SEPARATE_LAYERS |
							    VA_EXPORT_SURFACE_READ_ONLY,
						    &prime),
			      OK);
	CU_ASSERT_EQUAL(prime.num_layers, 2);
	close(prime.objects[0].fd);
	CU_ASSERT_EQUAL_FATAL(vaExportSurfaceHandle(display, client.source, type,
						    VA_EXPORT_SURFACE_COMPOSED_LAYERS |
							    VA_EXPORT_SURFACE_READ_WRITE,
						    &prime),
			      OK);
	CU_ASSERT_EQUAL(prime.fourcc, VA_FOURCC_NV12);
	CU_ASSERT_EQUAL(prime.num_layers, 1);
	CU_ASSERT_EQUAL(prime.layers[0].num_planes, 2);
	test_import_misuse(&prime);
	CU_ASSERT_EQUAL_FATAL(import(&prime, 320, 240, &shared), OK);
	close(prime.objects[0].fd);
	/* The same bytes, for the CPU ... */
	CU_ASSERT_EQUAL_FATAL(vaDeriveImage(display, client.source, &image[0]), OK);
	CU_ASSERT_EQUAL_FATAL(vaDeriveImage(display, shared, &image[1]), OK);
	for (int i = 0; i < 2; i++)
		CU_ASSERT_EQUAL_FATAL(vaMapBuffer(display, image[i].buf, &data[i]), OK);
	CU_ASSERT_EQUAL(memcmp(data[0], data[1], 320 * 240), 0);
	((uint8_t *)data[1])[1000] ^= 0x80;
	CU_ASSERT_EQUAL(((uint8_t *)data[0])[1000], ((uint8_t *)data[1])[1000]);
	for (int i = 0; i < 2; i++) {
		vaUnmapBuffer(display, image[i].buf);
		vaDestroyImage(display, image[i].image_id);
	}
	/* ... and for the card; and they stay when the first of the two goes. */
	source = client.source;
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(va_client_encode(&client), OK);
		CU_ASSERT_EQUAL(vaSyncBuffer(display, client.coded, VA_TIMEOUT_INFINITE), OK);
		CU_ASSERT_EQUAL(vaMapBuffer(display, client.coded, (void **)&segment), OK);
		size[i] = segment->size;
		vaUnmapBuffer(display, client.coded);
		client.source = shared;
		client.frame = 0;
	}
	CU_ASSERT_EQUAL(size[0], size[1]);
	CU_ASSERT_EQUAL(vaDestroySurfaces(display, &source, 1), OK);
	CU_ASSERT_EQUAL(va_client_encode(&client), OK);
	CU_ASSERT_EQUAL(vaSyncBuffer(display, client.coded, VA_TIMEOUT_INFINITE), OK);
	va_client_destroy(&client);
}

static void test_surface_attributes(void)
{
	VASurfaceAttrib attribs[32];
	unsigned int num = 0, count;
	VAConfigID config;
	int formats = 0;

	CU_ASSERT_EQUAL(vaQuerySurfaceAttributes(display, VA_INVALID_ID, NULL, &num),
			VA_STATUS_ERROR_INVALID_CONFIG);
	CU_ASSERT_EQUAL_FATAL(
		vaCreateConfig(display, VAProfileH264Main, VAEntrypointEncSlice, NULL, 0, &config),
		OK);
	CU_ASSERT_EQUAL(vaQuerySurfaceAttributes(display, config, NULL, &num), OK);
	CU_ASSERT_TRUE_FATAL(num > 0 && num <= 32);
	count = num - 1;
	CU_ASSERT_EQUAL(vaQuerySurfaceAttributes(display, config, attribs, &count),
			VA_STATUS_ERROR_MAX_NUM_EXCEEDED);
	CU_ASSERT_EQUAL(count, num);
	CU_ASSERT_EQUAL(vaQuerySurfaceAttributes(display, config, attribs, &count), OK);
	/* Each format told is one that surfaces can have. */
	for (unsigned int i = 0; i < count; i++) {
		VASurfaceID surface;

		if (attribs[i].type != VASurfaceAttribPixelFormat)
			continue;
		formats++;
		CU_ASSERT_EQUAL(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &surface, 1,
						 &attribs[i], 1),
				OK);
		CU_ASSERT_EQUAL(vaDestroySurfaces(display, &surface, 1), OK);
	}
	CU_ASSERT_TRUE(formats >= 2);
	CU_ASSERT_EQUAL(vaDestroyConfig(display, config), OK);
}

struct picture {
	VAImage image;
	uint8_t *data;
};

static void open_picture(struct picture *p, uint32_t fourcc, int width, int height)
{
	VAImageFormat format = {.fourcc = fourcc};

	CU_ASSERT_EQUAL_FATAL(vaCreateImage(display, &format, width, height, &p->image), OK);
	CU_ASSERT_EQUAL_FATAL(vaMapBuffer(display, p->image.buf, (void **)&p->data), OK);
}

static void close_picture(struct picture *p)
{
	CU_ASSERT_EQUAL(vaUnmapBuffer(display, p->image.buf), OK);
	CU_ASSERT_EQUAL(vaDestroyImage(display, p->image.image_id), OK);
}

/* A sample of a colour component (0 Y, 1 Cb, 2 Cr) of an image of any format. */
static uint8_t sample(const struct picture *p, int component, unsigned int x, unsigned int y)
{
	const VAImage *image = &p->image;
	unsigned int plane = (unsigned int)component;

	if (component && image->num_planes == 2)
		return p->data[image->offsets[1] + y * image->pitches[1] + 2 * x + plane - 1];
	if (component && image->format.fourcc == VA_FOURCC_YV12)
		plane = 3 - plane;
	return p->data[image->offsets[plane] + y * image->pitches[plane] + x];
}

static bool same_region(const struct picture *a, unsigned int ax, unsigned int ay,
			const struct picture *b, unsigned int bx, unsigned int by,
			unsigned int width, unsigned int height)
{
	for (int c = 0; c < 3; c++) {
		unsigned int shift = c ? 1 : 0;

		for (unsigned int y = 0; y < (height + shift) >> shift; y++) {
			for (unsigned int x = 0; x < (width + shift) >> shift; x++) {
				if (sample(a, c, (ax >> shift) + x, (ay >> shift) + y) !=
				    sample(b, c, (bx >> shift) + x, (by >> shift) + y))
					return false;
			}
		}
	}
	return true;
}

/* Every image format into every surface format and back, whole and in part, at odd sizes too. */
static void test_image_transfer(void)
{
	static const uint32_t fourcc[] = {VA_FOURCC_NV12, VA_FOURCC_I420, VA_FOURCC_YV12};
	static const uint32_t surface_fourcc[] = {VA_FOURCC_NV12, VA_FOURCC_I420};
	VASurfaceAttrib attrib = {.type = VASurfaceAttribPixelFormat,
				  .value.type = VAGenericValueTypeInteger};
	const unsigned int width = 75, height = 53;

	for (int n = 0; n < 18; n++) {
		struct picture up, down;
		VASurfaceID surface;

		attrib.value.value.i = (int)surface_fourcc[n % 2];
		CU_ASSERT_EQUAL_FATAL(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, width, height,
						       &surface, 1, &attrib, 1),
				      OK);
		open_picture(&up, fourcc[n / 2 % 3], (int)width, (int)height);
		open_picture(&down, fourcc[n / 6], (int)width, (int)height);
		va_client_pattern(&up.image, up.data, (unsigned int)n);
		memset(down.data, 0, down.image.data_size);
		CU_ASSERT_EQUAL(vaPutImage(display, surface, up.image.image_id, 0, 0, width, height,
					   0, 0, width, height),
				OK);
		CU_ASSERT_EQUAL(
			vaGetImage(display, surface, 0, 0, width, height, down.image.image_id), OK);
		CU_ASSERT_TRUE(same_region(&up, 0, 0, &down, 0, 0, width, height));

		/* A part of the picture elsewhere, and a part of that back. */
		CU_ASSERT_EQUAL(vaPutImage(display, surface, up.image.image_id, 4, 6, 31, 17, 44,
					   36, 31, 17),
				OK);
		CU_ASSERT_EQUAL(vaGetImage(display, surface, 44, 36, 31, 17, down.image.image_id),
				OK);
		CU_ASSERT_TRUE(same_region(&up, 4, 6, &down, 0, 0, 31, 17));
		close_picture(&up);
		close_picture(&down);
		CU_ASSERT_EQUAL(vaDestroySurfaces(display, &surface, 1), OK);
	}
}

/* The reconstruction is in card memory: it cannot be derived from, but read. */
static void test_image_of_reconstruction(void)
{
	struct va_client client = {.width = 96, .height = 80, .qp = 2};
	static const uint32_t fourcc[] = {VA_FOURCC_NV12, VA_FOURCC_I420, VA_FOURCC_YV12};
	struct picture source, recon[3];
	VAImage image;

	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CQP), OK);
	CU_ASSERT_EQUAL(va_client_fill(&client, 3), OK);
	CU_ASSERT_EQUAL_FATAL(va_client_encode(&client), OK);
	CU_ASSERT_EQUAL(vaSyncSurface(display, va_client_recon(&client)), OK);
	CU_ASSERT_EQUAL(vaDeriveImage(display, va_client_recon(&client), &image),
			VA_STATUS_ERROR_OPERATION_FAILED);
	CU_ASSERT_EQUAL(image.image_id, VA_INVALID_ID);

	open_picture(&source, VA_FOURCC_NV12, 96, 80);
	CU_ASSERT_EQUAL(vaGetImage(display, client.source, 0, 0, 96, 80, source.image.image_id),
			OK);
	for (int i = 0; i < 3; i++) {
		int difference = 0;

		open_picture(&recon[i], fourcc[i], 96, 80);
		CU_ASSERT_EQUAL(vaGetImage(display, va_client_recon(&client), 0, 0, 96, 80,
					   recon[i].image.image_id),
				OK);
		CU_ASSERT_TRUE(same_region(&recon[0], 0, 0, &recon[i], 0, 0, 96, 80));
		for (unsigned int x = 0; x < 96 * 80; x++)
			difference += abs(sample(&recon[i], 0, x % 96, x / 96) -
					  sample(&source, 0, x % 96, x / 96));
		CU_ASSERT_TRUE(difference < 96 * 80 * 2);
	}
	/* And written: what was put there comes back. */
	for (int i = 0; i < 3; i++) {
		va_client_pattern(&recon[i].image, recon[i].data, 50u + (unsigned int)i);
		CU_ASSERT_EQUAL(vaPutImage(display, va_client_recon(&client),
					   recon[i].image.image_id, 2, 2, 60, 40, 8, 10, 60, 40),
				OK);
		CU_ASSERT_EQUAL(vaGetImage(display, va_client_recon(&client), 8, 10, 60, 40,
					   source.image.image_id),
				OK);
		CU_ASSERT_TRUE(same_region(&recon[i], 2, 2, &source, 0, 0, 60, 40));
		close_picture(&recon[i]);
	}
	close_picture(&source);
	va_client_destroy(&client);
}

static void test_image_misuse(void)
{
	VAImageFormat rgb = {.fourcc = VA_FOURCC_BGRA}, nv12 = {.fourcc = VA_FOURCC_NV12};
	VASurfaceID surface;
	VAImage image, derived;
	void *data;

	CU_ASSERT_EQUAL(vaCreateImage(display, &rgb, 64, 64, &image),
			VA_STATUS_ERROR_INVALID_IMAGE_FORMAT);
	CU_ASSERT_EQUAL(vaCreateImage(display, &nv12, -1, 64, &image),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaCreateImage(display, &nv12, 1 << 20, 1 << 20, &image),
			VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED);
	CU_ASSERT_EQUAL_FATAL(vaCreateImage(display, &nv12, 64, 64, &image), OK);
	CU_ASSERT_EQUAL_FATAL(
		vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &surface, 1, NULL, 0), OK);
	CU_ASSERT_EQUAL(vaGetImage(display, surface, 0, 0, 65, 64, image.image_id),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaGetImage(display, surface, -2, 0, 32, 32, image.image_id),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaGetImage(display, surface, 1, 0, 32, 32, image.image_id),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(
		vaGetImage(display, surface, 64, 64, 0xffffffff, 0xffffffff, image.image_id),
		VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaPutImage(display, surface, image.image_id, 0, 0, 64, 64, 0, 0, 32, 32),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaGetImage(display, VA_INVALID_SURFACE, 0, 0, 8, 8, image.image_id),
			VA_STATUS_ERROR_INVALID_SURFACE);
	CU_ASSERT_EQUAL(vaGetImage(display, surface, 0, 0, 8, 8, surface),
			VA_STATUS_ERROR_INVALID_IMAGE);
	CU_ASSERT_EQUAL(vaSetImagePalette(display, image.image_id, NULL),
			VA_STATUS_ERROR_INVALID_IMAGE_FORMAT);

	CU_ASSERT_EQUAL_FATAL(vaDeriveImage(display, surface, &derived), OK);
	CU_ASSERT_EQUAL(derived.format.fourcc, VA_FOURCC_NV12);
	CU_ASSERT_EQUAL(vaGetImage(display, surface, 0, 0, 8, 8, derived.image_id),
			VA_STATUS_ERROR_OPERATION_FAILED);
	/* A derived image keeps its pixels when the surface is destroyed first. */
	CU_ASSERT_EQUAL_FATAL(vaMapBuffer(display, derived.buf, &data), OK);
	CU_ASSERT_EQUAL(vaDestroySurfaces(display, &surface, 1), OK);
	memset(data, 1, derived.data_size);
	CU_ASSERT_EQUAL(vaUnmapBuffer(display, derived.buf), OK);
	CU_ASSERT_EQUAL(vaDestroyImage(display, derived.image_id), OK);
	CU_ASSERT_EQUAL(vaMapBuffer(display, derived.buf, &data), VA_STATUS_ERROR_INVALID_BUFFER);
	CU_ASSERT_EQUAL(vaDestroyImage(display, image.image_id), OK);
	CU_ASSERT_EQUAL(vaDestroyImage(display, image.image_id), VA_STATUS_ERROR_INVALID_IMAGE);
	CU_ASSERT_EQUAL(vaDeriveImage(display, surface, &derived), VA_STATUS_ERROR_INVALID_SURFACE);
}

static void test_buffers(void)
{
	struct va_client client = {.width = 64, .height = 64};
	VABufferID buffer;
	VABufferType type;
	unsigned int size, num;
	void *data;

	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CQP), OK);
	CU_ASSERT_EQUAL(vaCreateBuffer(display, client.config, VAEncMiscParameterBufferType, 16, 1,
				       NULL, &buffer),
			VA_STATUS_ERROR_INVALID_CONTEXT);
	CU_ASSERT_EQUAL(vaCreateBuffer(display, client.context, VASliceDataBufferType, 16, 1, NULL,
				       &buffer),
			VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE);
	CU_ASSERT_EQUAL(
		vaCreateBuffer(display, client.context, (VABufferType)-5, 16, 1, NULL, &buffer),
		VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE);
	CU_ASSERT_EQUAL(vaCreateBuffer(display, client.context, VAEncMiscParameterBufferType, 0, 1,
				       NULL, &buffer),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaCreateBuffer(display, client.context, VAEncMiscParameterBufferType,
				       0x10000, 0x10000, NULL, &buffer),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaCreateBuffer(display, client.context, VAEncCodedBufferType, 0xffffffff, 1,
				       NULL, &buffer),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL_FATAL(vaCreateBuffer(display, client.context, VAEncSliceParameterBufferType,
					     8, 4, NULL, &buffer),
			      OK);
	CU_ASSERT_EQUAL(vaUnmapBuffer(display, buffer), VA_STATUS_ERROR_INVALID_BUFFER);
	CU_ASSERT_EQUAL(vaMapBuffer(display, buffer, &data), OK);
	memset(data, 0xff, 32);
	CU_ASSERT_EQUAL(vaUnmapBuffer(display, buffer), OK);
	CU_ASSERT_EQUAL(vaBufferSetNumElements(display, buffer, 5),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaBufferSetNumElements(display, buffer, 2), OK);
	CU_ASSERT_EQUAL(vaBufferInfo(display, client.context, buffer, &type, &size, &num), OK);
	CU_ASSERT_EQUAL(type, VAEncSliceParameterBufferType);
	CU_ASSERT_EQUAL(size, 8);
	CU_ASSERT_EQUAL(num, 2);
	CU_ASSERT_EQUAL(vaSyncBuffer(display, buffer, 0), OK);
	CU_ASSERT_EQUAL(vaDestroyBuffer(display, buffer), OK);
	CU_ASSERT_EQUAL(vaDestroyBuffer(display, buffer), VA_STATUS_ERROR_INVALID_BUFFER);
	CU_ASSERT_EQUAL(vaMapBuffer(display, buffer, &data), VA_STATUS_ERROR_INVALID_BUFFER);
	CU_ASSERT_EQUAL(vaSyncBuffer(display, VA_INVALID_ID, 0), VA_STATUS_ERROR_INVALID_BUFFER);
	va_client_destroy(&client);
}

static void test_contexts(void)
{
	struct va_client client = {.width = 64, .height = 64};
	VAContextID context;
	VABufferID none = VA_INVALID_ID;
	VAProcPipelineCaps caps;

	CU_ASSERT_EQUAL(vaCreateContext(display, VA_INVALID_ID, 64, 64, 0, NULL, 0, &context),
			VA_STATUS_ERROR_INVALID_CONFIG);
	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CQP), OK);
	CU_ASSERT_EQUAL(vaCreateContext(display, client.config, 1 << 20, 64, 0, NULL, 0, &context),
			VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED);
	CU_ASSERT_EQUAL(vaCreateContext(display, client.config, 64, 64, 0, &none, 1, &context),
			VA_STATUS_ERROR_INVALID_SURFACE);
	CU_ASSERT_EQUAL(vaBeginPicture(display, VA_INVALID_ID, client.source),
			VA_STATUS_ERROR_INVALID_CONTEXT);
	CU_ASSERT_EQUAL(vaBeginPicture(display, client.context, VA_INVALID_ID),
			VA_STATUS_ERROR_INVALID_SURFACE);
	CU_ASSERT_EQUAL(vaRenderPicture(display, client.context, &client.coded, 1),
			VA_STATUS_ERROR_OPERATION_FAILED);
	CU_ASSERT_EQUAL(vaEndPicture(display, client.context), VA_STATUS_ERROR_OPERATION_FAILED);
	CU_ASSERT_EQUAL(vaBeginPicture(display, client.context, client.source), OK);
	CU_ASSERT_EQUAL(vaRenderPicture(display, client.context, &none, 1),
			VA_STATUS_ERROR_INVALID_BUFFER);
	CU_ASSERT_EQUAL(vaRenderPicture(display, client.context, &client.coded, 1),
			VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE);
	CU_ASSERT_EQUAL(vaRenderPicture(display, client.context, NULL, 1),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaEndPicture(display, client.context), VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(vaQueryVideoProcPipelineCaps(display, client.context, NULL, 0, &caps),
			VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT);
	CU_ASSERT_EQUAL(vaQueryVideoProcPipelineCaps(display, VA_INVALID_ID, NULL, 0, &caps),
			VA_STATUS_ERROR_INVALID_CONTEXT);
	/* After all that, pictures are encoded. */
	CU_ASSERT_EQUAL(va_client_fill(&client, 1), OK);
	CU_ASSERT_EQUAL(va_client_encode(&client), OK);
	CU_ASSERT_EQUAL(vaSyncSurface(display, client.source), OK);
	CU_ASSERT_EQUAL(vaDestroyContext(display, client.context), OK);
	CU_ASSERT_EQUAL(vaDestroyContext(display, client.context), VA_STATUS_ERROR_INVALID_CONTEXT);
	va_client_destroy(&client);
}

/* Pictures whose parameters make no sense are refused, and the next sound one is encoded. */
static void test_bad_pictures(void)
{
	struct va_client client = {.width = 64, .height = 64}, good;
	VAEncMiscParameterRateControl rate = {.rc_flags.bits.temporal_id = 1};
	VAEncMiscParameterBufferROI roi = {.num_roi = 1};
	VAEncMiscParameterBufferQualityLevel quality = {.quality_level = 1000};
	VAEncMiscParameterFrameRate fps = {0};

	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CQP), OK);
	CU_ASSERT_EQUAL(va_client_fill(&client, 1), OK);
	good = client;
	client.qp = 52;
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_ERROR_INVALID_PARAMETER);
	client = good;
	client.slices = 17; /* more than macroblocks: one is empty */
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_ERROR_INVALID_PARAMETER);
	client = good;
	client.slices = 4000;
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_ERROR_MAX_NUM_EXCEEDED);
	client = good;
	client.slices = 8;
	client.slice_qp_step = 10;
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_ERROR_INVALID_PARAMETER);
	client = good;
	client.width_mbs = 8; /* than the surfaces have */
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_ERROR_INVALID_SURFACE);
	client = good;
	client.width_mbs = 4000;
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED);
	client = good;
	client.coded = client.source;
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_ERROR_INVALID_BUFFER);
	client = good;
	client.recon[0] = client.source;
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_ERROR_INVALID_SURFACE);
	client = good;

	CU_ASSERT_EQUAL(vaBeginPicture(display, client.context, client.source), OK);
	CU_ASSERT_EQUAL(
		va_client_misc(&client, VAEncMiscParameterTypeRateControl, &rate, sizeof(rate)),
		VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(va_client_misc(&client, VAEncMiscParameterTypeROI, &roi, sizeof(roi)),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(va_client_misc(&client, VAEncMiscParameterTypeQualityLevel, &quality,
				       sizeof(quality)),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(va_client_misc(&client, VAEncMiscParameterTypeFrameRate, &fps, sizeof(fps)),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(va_client_misc(&client, VAEncMiscParameterTypeFrameRate, &fps, 0),
			VA_STATUS_ERROR_INVALID_PARAMETER);
	CU_ASSERT_EQUAL(va_client_misc(&client, (VAEncMiscParameterType)77, &fps, sizeof(fps)),
			VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE);

	CU_ASSERT_EQUAL(va_client_encode(&client), OK);
	/* A reference that does not exist any more. */
	good = client;
	client.recon[0] = VA_INVALID_SURFACE - 1;
	CU_ASSERT_EQUAL(va_client_encode(&client), VA_STATUS_ERROR_INVALID_SURFACE);
	client = good;
	CU_ASSERT_EQUAL(va_client_encode(&client), OK);
	CU_ASSERT_EQUAL(vaSyncBuffer(display, client.coded, VA_TIMEOUT_INFINITE), OK);
	va_client_destroy(&client);
}

/* Parameter buffers full of noise: any status will do, as long as nothing breaks. */
static void test_noise(void)
{
	static const VABufferType types[] = {
		VAEncSequenceParameterBufferType,     VAEncPictureParameterBufferType,
		VAEncSliceParameterBufferType,	      VAEncMiscParameterBufferType,
		VAEncPackedHeaderParameterBufferType, VAEncPackedHeaderDataBufferType};
	struct va_client client = {.width = 64, .height = 64};
	uint8_t noise[8192];

	srand(5);
	CU_ASSERT_EQUAL_FATAL(va_client_create(&client, display, VAProfileH264Main, VA_RC_CQP), OK);
	for (int n = 0; n < 400; n++) {
		CU_ASSERT_EQUAL(vaBeginPicture(display, client.context, client.source), OK);
		for (int i = 0; i < 8; i++) {
			VABufferID buffer;
			unsigned int size = 1 + (unsigned int)rand() % sizeof(noise);

			for (unsigned int k = 0; k < size; k++)
				noise[k] = (uint8_t)(rand() % 4 ? 0 : rand());
			/* No pointer for a region of interest: noise there is not the driver's. */
			noise[0] = (uint8_t)(noise[0] == VAEncMiscParameterTypeROI ? 0 : noise[0]);
			CU_ASSERT_EQUAL_FATAL(vaCreateBuffer(display, client.context,
							     types[rand() % 6], size, 1, noise,
							     &buffer),
					      OK);
			vaRenderPicture(display, client.context, &buffer, 1);
			vaDestroyBuffer(display, buffer);
		}
		vaEndPicture(display, client.context);
	}
	CU_ASSERT_EQUAL(va_client_fill(&client, 1), OK);
	CU_ASSERT_EQUAL(va_client_encode(&client), OK);
	CU_ASSERT_EQUAL(vaSyncBuffer(display, client.coded, VA_TIMEOUT_INFINITE), OK);
	va_client_destroy(&client);
}

static void test_subpictures(void)
{
	VAImageFormat formats[4];
	VASubpictureID subpicture;
	unsigned int flags[4], num = 7;

	CU_ASSERT_EQUAL(vaQuerySubpictureFormats(display, formats, flags, &num), OK);
	CU_ASSERT_EQUAL(num, 0);
	CU_ASSERT_EQUAL(vaCreateSubpicture(display, VA_INVALID_ID, &subpicture),
			VA_STATUS_ERROR_INVALID_IMAGE);
	CU_ASSERT_EQUAL(vaDestroySubpicture(display, 1), VA_STATUS_ERROR_INVALID_SUBPICTURE);
}

int main(int argc, char **argv)
{
	display = va_client_open(argv[0]);
	if (!display)
		return 1;
	CU_initialize_registry();
	CU_pSuite suite = CU_add_suite("VA-API contract", NULL, NULL);

	CU_ADD_TEST(suite, test_queries);
	CU_ADD_TEST(suite, test_configs);
	CU_ADD_TEST(suite, test_surfaces);
	CU_ADD_TEST(suite, test_sharing);
	CU_ADD_TEST(suite, test_surface_attributes);
	CU_ADD_TEST(suite, test_image_transfer);
	CU_ADD_TEST(suite, test_image_of_reconstruction);
	CU_ADD_TEST(suite, test_image_misuse);
	CU_ADD_TEST(suite, test_buffers);
	CU_ADD_TEST(suite, test_contexts);
	CU_ADD_TEST(suite, test_bad_pictures);
	CU_ADD_TEST(suite, test_noise);
	CU_ADD_TEST(suite, test_subpictures);
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();

	unsigned int failures = CU_get_number_of_failures();

	CU_cleanup_registry();
	vaTerminate(display);
	return failures != 0;
}
