/* SPDX-License-Identifier: MIT */
/* Subpictures and output to a window: the card drives no display. */
#include "va-backend/driver.h"

static VAStatus query_subpicture_formats(VADriverContextP ctx, VAImageFormat *format_list,
					 unsigned int *flags, unsigned int *num_formats)
{
	if (!num_formats)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	*num_formats = 0;
	return VA_STATUS_SUCCESS;
}

static VAStatus create_subpicture(VADriverContextP ctx, VAImageID image, VASubpictureID *subpicture)
{
	struct slva_object *object = slva_object_get(&slva_driver(ctx)->objects, SLVA_IMAGE, image);

	if (!object)
		return VA_STATUS_ERROR_INVALID_IMAGE;
	slva_object_put(object);
	return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
}

static VAStatus destroy_subpicture(VADriverContextP ctx, VASubpictureID subpicture)
{
	return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

static VAStatus set_subpicture_image(VADriverContextP ctx, VASubpictureID subpicture,
				     VAImageID image)
{
	return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

static VAStatus set_subpicture_chromakey(VADriverContextP ctx, VASubpictureID subpicture,
					 unsigned int chromakey_min, unsigned int chromakey_max,
					 unsigned int chromakey_mask)
{
	return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

static VAStatus set_subpicture_global_alpha(VADriverContextP ctx, VASubpictureID subpicture,
					    float global_alpha)
{
	return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

static VAStatus associate_subpicture(VADriverContextP ctx, VASubpictureID subpicture,
				     VASurfaceID *target_surfaces, int num_surfaces, short src_x,
				     short src_y, unsigned short src_width,
				     unsigned short src_height, short dest_x, short dest_y,
				     unsigned short dest_width, unsigned short dest_height,
				     unsigned int flags)
{
	return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

static VAStatus deassociate_subpicture(VADriverContextP ctx, VASubpictureID subpicture,
				       VASurfaceID *target_surfaces, int num_surfaces)
{
	return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

static VAStatus put_surface(VADriverContextP ctx, VASurfaceID surface, void *draw, short srcx,
			    short srcy, unsigned short srcw, unsigned short srch, short destx,
			    short desty, unsigned short destw, unsigned short desth,
			    VARectangle *cliprects, unsigned int number_cliprects,
			    unsigned int flags)
{
	return VA_STATUS_ERROR_UNIMPLEMENTED;
}

void slva_subpicture_hooks(struct VADriverVTable *vtable)
{
	vtable->vaQuerySubpictureFormats = query_subpicture_formats;
	vtable->vaCreateSubpicture = create_subpicture;
	vtable->vaDestroySubpicture = destroy_subpicture;
	vtable->vaSetSubpictureImage = set_subpicture_image;
	vtable->vaSetSubpictureChromakey = set_subpicture_chromakey;
	vtable->vaSetSubpictureGlobalAlpha = set_subpicture_global_alpha;
	vtable->vaAssociateSubpicture = associate_subpicture;
	vtable->vaDeassociateSubpicture = deassociate_subpicture;
	vtable->vaPutSurface = put_surface;
}
