// SPDX-License-Identifier: MIT
#include "tests/stack/test_va_client.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <va/va_backend.h>

static int display_is_valid(VADisplayContextP display)
{
	return display->vadpy_magic == VA_DISPLAY_MAGIC;
}

static void display_destroy(VADisplayContextP display)
{
	free(display->pDriverContext);
	free(display);
}

static VAStatus driver_name(VADisplayContextP display, char **name)
{
	*name = strdup("sl200");
	return *name ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_ALLOCATION_FAILED;
}

static VAStatus num_candidates(VADisplayContextP display, int *num)
{
	*num = 1;
	return VA_STATUS_SUCCESS;
}

static VAStatus driver_name_by_index(VADisplayContextP display, char **name, int index)
{
	return driver_name(display, name);
}

#if VA_CHECK_VERSION(1, 20, 0)
static VAStatus driver_names(VADisplayContextP display, char **names, unsigned int *num)
{
	if (!*num)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	*num = 1;
	return driver_name(display, names);
}
#endif

VADisplay va_client_open(const char *program)
{
	VADisplayContextP display = calloc(1, sizeof(*display));
	VADriverContextP driver = calloc(1, sizeof(*driver));
	char path[PATH_MAX], *slash;
	int major, minor;

	if (!display || !driver || !realpath(program, path))
		goto fail;
	slash = strrchr(path, '/');
	snprintf(slash, sizeof(path) - (size_t)(slash - path), "/../lib/dri");
	setenv("LIBVA_DRIVERS_PATH", path, 1);
	setenv("LIBVA_DRIVER_NAME", "sl200", 1);
	setenv("LIBVA_MESSAGING_LEVEL", "1", 0);
	setenv("SL_DEVICE", "sim:", 0);
	driver->pDisplayContext = display;
	driver->display_type = VA_DISPLAY_DRM_RENDERNODES;
	display->vadpy_magic = VA_DISPLAY_MAGIC;
	display->pDriverContext = driver;
	display->vaIsValid = display_is_valid;
	display->vaDestroy = display_destroy;
	display->vaGetDriverName = driver_name;
	display->vaGetNumCandidates = num_candidates;
	display->vaGetDriverNameByIndex = driver_name_by_index;
#if VA_CHECK_VERSION(1, 20, 0)
	display->vaGetDriverNames = driver_names;
#endif
	if (vaInitialize(display, &major, &minor) == VA_STATUS_SUCCESS)
		return display;
	vaTerminate(display);
	return NULL;
fail:
	free(display);
	free(driver);
	return NULL;
}

void va_client_pattern(const VAImage *image, uint8_t *data, unsigned int seed)
{
	for (unsigned int p = 0; p < image->num_planes; p++) {
		unsigned int rows = p ? (image->height + 1u) / 2 : image->height;
		unsigned int bytes = p && image->num_planes == 3 ? (image->width + 1u) / 2
				     : p			 ? (image->width + 1u) & ~1u
								 : image->width;

		for (unsigned int y = 0; y < rows; y++) {
			uint8_t *row = data + image->offsets[p] + (size_t)y * image->pitches[p];

			for (unsigned int x = 0; x < bytes; x++) {
				unsigned int noise = (x * 7919 + y * 104729 + seed * 31) >> 3 & 15;

				row[x] = (uint8_t)(64 + ((x + 2 * seed) >> 2 ^ y >> 3) % 96 +
						   (p ? 0 : noise));
			}
		}
	}
}

static VAStatus create_objects(struct va_client *c, VAProfile profile, uint32_t rate_control)
{
	VAConfigAttrib attribs[] = {{VAConfigAttribRTFormat, VA_RT_FORMAT_YUV420},
				    {VAConfigAttribRateControl, rate_control}};
	VASurfaceID surfaces[1 + VA_CLIENT_RECONS];
	VAStatus status =
		vaCreateConfig(c->display, profile, VAEntrypointEncSlice, attribs, 2, &c->config);

	if (status != VA_STATUS_SUCCESS)
		return status;
	status = vaCreateSurfaces(c->display, VA_RT_FORMAT_YUV420, c->width_mbs * 16,
				  c->height_mbs * 16, surfaces, 1 + VA_CLIENT_RECONS, NULL, 0);
	if (status != VA_STATUS_SUCCESS)
		return status;
	c->source = surfaces[0];
	memcpy(c->recon, surfaces + 1, sizeof(c->recon));
	status = vaCreateContext(c->display, c->config, (int)c->width, (int)c->height,
				 VA_PROGRESSIVE, NULL, 0, &c->context);
	if (status != VA_STATUS_SUCCESS)
		return status;
	return vaCreateBuffer(c->display, c->context, VAEncCodedBufferType, c->coded_size, 1, NULL,
			      &c->coded);
}

VAStatus va_client_create(struct va_client *c, VADisplay display, VAProfile profile,
			  uint32_t rate_control)
{
	c->display = display;
	c->config = c->context = c->source = c->coded = VA_INVALID_ID;
	c->width_mbs = (c->width + 15) / 16;
	c->height_mbs = (c->height + 15) / 16;
	c->slices = c->slices ? c->slices : 1;
	c->refs = c->refs ? c->refs : 1;
	c->gop = c->gop ? c->gop : 100;
	c->qp = c->qp ? c->qp : 26;
	c->cabac = profile != VAProfileH264ConstrainedBaseline;
	c->coded_size = c->coded_size ? c->coded_size : c->width_mbs * c->height_mbs * 800 + 4096;

	VAStatus status = create_objects(c, profile, rate_control);

	if (status != VA_STATUS_SUCCESS)
		va_client_destroy(c);
	return status;
}

void va_client_destroy(struct va_client *c)
{
	vaDestroyBuffer(c->display, c->coded);
	vaDestroyContext(c->display, c->context);
	if (c->source != VA_INVALID_ID) {
		vaDestroySurfaces(c->display, &c->source, 1);
		vaDestroySurfaces(c->display, c->recon, VA_CLIENT_RECONS);
	}
	vaDestroyConfig(c->display, c->config);
}

VAStatus va_client_fill(struct va_client *c, unsigned int seed)
{
	VAImage image;
	void *data;
	VAStatus status = vaSyncSurface(c->display, c->source);

	if (status == VA_STATUS_SUCCESS)
		status = vaDeriveImage(c->display, c->source, &image);
	if (status != VA_STATUS_SUCCESS)
		return status;
	status = vaMapBuffer(c->display, image.buf, &data);
	if (status == VA_STATUS_SUCCESS) {
		va_client_pattern(&image, data, seed);
		vaUnmapBuffer(c->display, image.buf);
	}
	vaDestroyImage(c->display, image.image_id);
	return status;
}

static VAStatus render(struct va_client *c, VABufferType type, uint32_t size, uint32_t num,
		       void *data)
{
	VABufferID buffer;
	VAStatus status = vaCreateBuffer(c->display, c->context, type, size, num, data, &buffer);

	if (status != VA_STATUS_SUCCESS)
		return status;
	status = vaRenderPicture(c->display, c->context, &buffer, 1);
	vaDestroyBuffer(c->display, buffer);
	return status;
}

VAStatus va_client_misc(struct va_client *c, VAEncMiscParameterType type, const void *data,
			uint32_t size)
{
	uint8_t buffer[512] = {0};
	VAEncMiscParameterBuffer head = {.type = type};

	memcpy(buffer, &head, sizeof(head));
	memcpy(buffer + sizeof(head), data, size);
	return render(c, VAEncMiscParameterBufferType, (uint32_t)sizeof(head) + size, 1, buffer);
}

static VAStatus render_sequence(struct va_client *c)
{
	VAEncSequenceParameterBufferH264 seq = {
		.level_idc = 41,
		.intra_period = c->gop,
		.intra_idr_period = c->gop,
		.ip_period = 1,
		.max_num_ref_frames = c->refs,
		.picture_width_in_mbs = (uint16_t)c->width_mbs,
		.picture_height_in_mbs = (uint16_t)c->height_mbs,
		.frame_cropping_flag = c->width % 16 || c->height % 16,
		.frame_crop_right_offset = (c->width_mbs * 16 - c->width) / 2,
		.frame_crop_bottom_offset = (c->height_mbs * 16 - c->height) / 2,
	};

	seq.seq_fields.bits.chroma_format_idc = 1;
	seq.seq_fields.bits.frame_mbs_only_flag = 1;
	seq.seq_fields.bits.direct_8x8_inference_flag = 1;
	seq.seq_fields.bits.log2_max_frame_num_minus4 = 4;
	seq.seq_fields.bits.pic_order_cnt_type = 2;
	return render(c, VAEncSequenceParameterBufferType, sizeof(seq), 1, &seq);
}

/* The picture that is age pictures older than the current one. */
static VAPictureH264 reference(const struct va_client *c, unsigned int frame, unsigned int age)
{
	return (VAPictureH264){
		.picture_id = c->recon[(c->frame - age) % VA_CLIENT_RECONS],
		.frame_idx = (frame - age) % 256,
		.flags = VA_PICTURE_H264_SHORT_TERM_REFERENCE,
		.TopFieldOrderCnt = (int32_t)(2 * (frame - age)),
	};
}

static VAStatus render_slices(struct va_client *c, unsigned int frame, unsigned int refs)
{
	unsigned int mbs = c->width_mbs * c->height_mbs, first = 0;
	VAEncSliceParameterBufferH264 *slices = calloc(c->slices, sizeof(*slices));

	if (!slices)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	for (unsigned int i = 0; i < c->slices; i++) {
		unsigned int end = mbs * (i + 1) / c->slices;

		slices[i].macroblock_address = first;
		slices[i].num_macroblocks = end - first;
		slices[i].macroblock_info = VA_INVALID_ID;
		slices[i].slice_type = frame ? 0 : 2;
		slices[i].slice_qp_delta = (int8_t)((int)i * c->slice_qp_step);
		slices[i].num_ref_idx_active_override_flag = 1;
		slices[i].num_ref_idx_l0_active_minus1 = (uint8_t)(refs ? refs - 1 : 0);
		for (unsigned int r = 0; r < refs; r++)
			slices[i].RefPicList0[r] =
				reference(c, frame, c->reverse_refs ? refs - r : 1 + r);
		first = end;
	}

	VAStatus status =
		render(c, VAEncSliceParameterBufferType, sizeof(*slices), c->slices, slices);

	free(slices);
	return status;
}

static VAStatus render_picture(struct va_client *c, unsigned int frame, unsigned int refs)
{
	VAEncPictureParameterBufferH264 pic = {
		.CurrPic = reference(c, frame, 0),
		.coded_buf = c->coded,
		.frame_num = (uint16_t)(frame % 256),
		.pic_init_qp = (uint8_t)c->qp,
	};

	pic.pic_fields.bits.idr_pic_flag = frame == 0;
	pic.pic_fields.bits.reference_pic_flag = 1;
	pic.pic_fields.bits.entropy_coding_mode_flag = c->cabac;
	for (unsigned int i = 0; i < 16; i++) {
		pic.ReferenceFrames[i].picture_id = VA_INVALID_SURFACE;
		pic.ReferenceFrames[i].flags = VA_PICTURE_H264_INVALID;
		if (i < refs)
			pic.ReferenceFrames[i] = reference(c, frame, 1 + i);
	}
	return render(c, VAEncPictureParameterBufferType, sizeof(pic), 1, &pic);
}

VAStatus va_client_encode(struct va_client *c)
{
	unsigned int frame = c->frame % c->gop;
	unsigned int refs = frame < c->refs ? frame : c->refs;
	VAStatus status = vaBeginPicture(c->display, c->context, c->source);

	/* Slices before the picture, against the usual order: any is allowed. */
	if (status == VA_STATUS_SUCCESS)
		status = render_slices(c, frame, refs);
	if (status == VA_STATUS_SUCCESS && !frame)
		status = render_sequence(c);
	if (status == VA_STATUS_SUCCESS)
		status = render_picture(c, frame, refs);
	if (status == VA_STATUS_SUCCESS)
		status = vaEndPicture(c->display, c->context);
	if (status == VA_STATUS_SUCCESS)
		c->frame++;
	return status;
}

VASurfaceID va_client_recon(const struct va_client *c)
{
	return c->recon[(c->frame - 1) % VA_CLIENT_RECONS];
}
