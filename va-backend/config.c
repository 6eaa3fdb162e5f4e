/* SPDX-License-Identifier: MIT */
#include "va-backend/config.h"

#include <stdlib.h>
#include <string.h>

static VAStatus query_config_profiles(VADriverContextP ctx, VAProfile *profile_list,
				      int *num_profiles)
{
	struct slva_caps *caps = &slva_driver(ctx)->caps;

	if (!profile_list || !num_profiles)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	memcpy(profile_list, caps->profile, (size_t)caps->num_profiles * sizeof(*profile_list));
	*num_profiles = caps->num_profiles;
	return VA_STATUS_SUCCESS;
}

static VAStatus query_config_entrypoints(VADriverContextP ctx, VAProfile profile,
					 VAEntrypoint *entrypoint_list, int *num_entrypoints)
{
	if (!entrypoint_list || !num_entrypoints)
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	*num_entrypoints = 0;

	VAStatus status = slva_caps_check(&slva_driver(ctx)->caps, profile, VAEntrypointEncSlice);

	if (status == VA_STATUS_SUCCESS)
		entrypoint_list[(*num_entrypoints)++] = VAEntrypointEncSlice;
	return status;
}

static VAStatus get_config_attributes(VADriverContextP ctx, VAProfile profile,
				      VAEntrypoint entrypoint, VAConfigAttrib *attrib_list,
				      int num_attribs)
{
	struct slva_caps *caps = &slva_driver(ctx)->caps;
	VAStatus status = slva_caps_check(caps, profile, entrypoint);

	if (status != VA_STATUS_SUCCESS)
		return status;
	if (num_attribs < 0 || (num_attribs && !attrib_list))
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	for (int i = 0; i < num_attribs; i++)
		attrib_list[i].value = slva_caps_attrib(caps, attrib_list[i].type);
	return VA_STATUS_SUCCESS;
}

static void config_destroy(struct slva_object *object)
{
	free((struct slva_config *)object);
}

static VAStatus create_config(VADriverContextP ctx, VAProfile profile, VAEntrypoint entrypoint,
			      VAConfigAttrib *attrib_list, int num_attribs, VAConfigID *config_id)
{
	struct slva_driver *drv = slva_driver(ctx);
	VAStatus status = slva_caps_check(&drv->caps, profile, entrypoint);

	if (status != VA_STATUS_SUCCESS)
		return status;
	if (!config_id || num_attribs < 0 || (num_attribs && !attrib_list))
		return VA_STATUS_ERROR_INVALID_PARAMETER;

	uint32_t rate_control = VA_RC_CQP;
	uint32_t packed_headers = 0;

	for (int i = 0; i < num_attribs; i++) {
		status = slva_caps_check_attrib(&drv->caps, &attrib_list[i]);
		if (status != VA_STATUS_SUCCESS)
			return status;
		/* Of several modes the client leaves the choice: the lowest bit set is taken. */
		if (attrib_list[i].type == VAConfigAttribRateControl)
			rate_control = attrib_list[i].value & VA_RC_CQP
					       ? VA_RC_CQP
					       : attrib_list[i].value & -attrib_list[i].value;
		else if (attrib_list[i].type == VAConfigAttribEncPackedHeaders)
			packed_headers = attrib_list[i].value;
	}

	struct slva_config *config = calloc(1, sizeof(*config));

	if (!config)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	config->profile = profile;
	config->entrypoint = entrypoint;
	config->rate_control = rate_control;
	config->packed_headers = packed_headers;
	status = slva_object_add(&drv->objects, SLVA_CONFIG, &config->object, config_destroy);
	if (status != VA_STATUS_SUCCESS) {
		free(config);
		return status;
	}
	*config_id = config->object.id;
	return VA_STATUS_SUCCESS;
}

static VAStatus destroy_config(VADriverContextP ctx, VAConfigID config_id)
{
	struct slva_object *object =
		slva_object_remove(&slva_driver(ctx)->objects, SLVA_CONFIG, config_id);

	if (!object)
		return VA_STATUS_ERROR_INVALID_CONFIG;
	slva_object_put(object);
	return VA_STATUS_SUCCESS;
}

static VAStatus query_config_attributes(VADriverContextP ctx, VAConfigID config_id,
					VAProfile *profile, VAEntrypoint *entrypoint,
					VAConfigAttrib *attrib_list, int *num_attribs)
{
	struct slva_driver *drv = slva_driver(ctx);
	struct slva_config *config = slva_object_get(&drv->objects, SLVA_CONFIG, config_id);
	int n = 0;

	if (!config)
		return VA_STATUS_ERROR_INVALID_CONFIG;
	if (!profile || !entrypoint || !attrib_list || !num_attribs) {
		slva_object_put(&config->object);
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	}
	*profile = config->profile;
	*entrypoint = config->entrypoint;
	for (int type = 0; type < VAConfigAttribTypeMax; type++) {
		uint32_t value = slva_caps_attrib(&drv->caps, (VAConfigAttribType)type);

		if (value == VA_ATTRIB_NOT_SUPPORTED)
			continue;
		if (type == VAConfigAttribRateControl)
			value = config->rate_control;
		else if (type == VAConfigAttribEncPackedHeaders)
			value = config->packed_headers;
		attrib_list[n++] = (VAConfigAttrib){(VAConfigAttribType)type, value};
	}
	*num_attribs = n;
	slva_object_put(&config->object);
	return VA_STATUS_SUCCESS;
}

void slva_config_hooks(struct VADriverVTable *vtable)
{
	vtable->vaQueryConfigProfiles = query_config_profiles;
	vtable->vaQueryConfigEntrypoints = query_config_entrypoints;
	vtable->vaGetConfigAttributes = get_config_attributes;
	vtable->vaCreateConfig = create_config;
	vtable->vaDestroyConfig = destroy_config;
	vtable->vaQueryConfigAttributes = query_config_attributes;
}
