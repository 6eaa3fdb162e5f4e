/* SPDX-License-Identifier: MIT */
#include "va-backend/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "va-backend/rate.h"

/* Far above any parameter buffer, far below what hurts the host. */
#define PARAMETER_BYTES_MAX (64u << 20)
#define CODED_BYTES_MAX (1u << 30)

static void buffer_destroy(struct slva_object *object)
{
	struct slva_buffer *buffer = (struct slva_buffer *)object;

	slva_job_put(buffer->job);
	if (buffer->storage)
		slva_storage_put(buffer->storage);
	else
		free(buffer->data);
	if (buffer->surface)
		slva_object_put(&buffer->surface->object);
	pthread_mutex_destroy(&buffer->lock);
	free(buffer);
}

static struct slva_buffer *buffer_alloc(VABufferType type, uint32_t size, uint32_t num_elements)
{
	struct slva_buffer *buffer = calloc(1, sizeof(*buffer));

	if (!buffer)
		return NULL;
	buffer->type = type;
	buffer->size = size;
	buffer->max_elements = num_elements;
	buffer->num_elements = num_elements;
	pthread_mutex_init(&buffer->lock, NULL);
	return buffer;
}

static VAStatus buffer_add(struct slva_driver *drv, struct slva_buffer *buffer, VABufferID *id)
{
	VAStatus status =
		slva_object_add(&drv->objects, SLVA_BUFFER, &buffer->object, buffer_destroy);

	if (status == VA_STATUS_SUCCESS)
		*id = buffer->object.id;
	else
		buffer_destroy(&buffer->object);
	return status;
}

VAStatus slva_buffer_wrap(struct slva_driver *drv, struct slva_storage *storage, uint32_t size,
			  struct slva_surface *surface, VABufferID *id)
{
	struct slva_buffer *buffer = buffer_alloc(VAImageBufferType, size, 1);

	if (!buffer) {
		slva_storage_put(storage);
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	}
	buffer->storage = storage;
	buffer->data = sl_buffer_map(slva_storage_memory(storage));
	buffer->surface = surface;
	if (surface)
		atomic_fetch_add(&surface->object.refs, 1);
	return buffer_add(drv, buffer, id);
}

uint32_t slva_buffer_bytes(struct slva_buffer *buffer)
{
	pthread_mutex_lock(&buffer->lock);
	uint32_t bytes = buffer->size * buffer->num_elements;

	pthread_mutex_unlock(&buffer->lock);
	return bytes;
}

void slva_buffer_set_job(struct slva_buffer *buffer, struct slva_job *job)
{
	slva_job_ref(job);
	pthread_mutex_lock(&buffer->lock);
	struct slva_job *old = buffer->job;

	buffer->job = job;
	pthread_mutex_unlock(&buffer->lock);
	slva_job_put(old);
}

static bool is_parameter_type(VABufferType type)
{
	switch (type) {
	case VAEncSequenceParameterBufferType:
	case VAEncPictureParameterBufferType:
	case VAEncSliceParameterBufferType:
	case VAEncPackedHeaderParameterBufferType:
	case VAEncPackedHeaderDataBufferType:
	case VAEncMiscParameterBufferType:
		return true;
	default:
		return false;
	}
}

static VAStatus create_buffer(VADriverContextP ctx, VAContextID context, VABufferType type,
			      unsigned int size, unsigned int num_elements, void *data,
			      VABufferID *id)
{
	struct slva_driver *drv = slva_driver(ctx);
	struct slva_object *object = slva_object_get(&drv->objects, SLVA_CONTEXT, context);
	bool coded = type == VAEncCodedBufferType;
	uint64_t bytes = (uint64_t)size * num_elements;
	VAStatus status;

	if (!object)
		return VA_STATUS_ERROR_INVALID_CONTEXT;
	slva_object_put(object);
	if (!coded && !is_parameter_type(type))
		return slva_refuse(drv, VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE,
				   "buffers of type %d are not supported", type);
	if (!id || !bytes || bytes > (coded ? CODED_BYTES_MAX : PARAMETER_BYTES_MAX))
		return VA_STATUS_ERROR_INVALID_PARAMETER;

	struct slva_buffer *buffer = buffer_alloc(type, size, num_elements);

	if (!buffer)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	if (coded) {
		status = slva_storage_buffer(drv, bytes, SL_MEMORY_HOST, &buffer->storage);
		if (status == VA_STATUS_SUCCESS)
			buffer->data = sl_buffer_map(buffer->storage->buffer);
	} else {
		buffer->data = calloc(1, bytes);
		status = buffer->data ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_ALLOCATION_FAILED;
	}
	if (status != VA_STATUS_SUCCESS) {
		buffer_destroy(&buffer->object);
		return status;
	}
	if (data && !coded)
		memcpy(buffer->data, data, bytes);
	return buffer_add(drv, buffer, id);
}

static struct slva_buffer *buffer_get(VADriverContextP ctx, VABufferID id)
{
	return slva_object_get(&slva_driver(ctx)->objects, SLVA_BUFFER, id);
}

static VAStatus buffer_set_num_elements(VADriverContextP ctx, VABufferID id,
					unsigned int num_elements)
{
	struct slva_buffer *buffer = buffer_get(ctx, id);
	VAStatus status = VA_STATUS_ERROR_INVALID_PARAMETER;

	if (!buffer)
		return VA_STATUS_ERROR_INVALID_BUFFER;
	if (num_elements && num_elements <= buffer->max_elements) {
		pthread_mutex_lock(&buffer->lock);
		buffer->num_elements = num_elements;
		pthread_mutex_unlock(&buffer->lock);
		status = VA_STATUS_SUCCESS;
	}
	slva_object_put(&buffer->object);
	return status;
}

/* The last job of a coded buffer with a reference, or NULL. */
static struct slva_job *buffer_job(struct slva_buffer *buffer)
{
	pthread_mutex_lock(&buffer->lock);
	struct slva_job *job = buffer->job ? slva_job_ref(buffer->job) : NULL;

	pthread_mutex_unlock(&buffer->lock);
	return job;
}

void slva_buffer_wait(struct slva_buffer *buffer)
{
	struct slva_job *job = buffer_job(buffer);

	if (job)
		slva_job_wait(job, VA_TIMEOUT_INFINITE);
	slva_job_put(job);
}

/* Filler data NAL unit of so many bytes (H.264 7.3.2.7), SL_RC_FILLER_MIN / 8 at least. */
static void write_filler(uint8_t *data, uint32_t bytes)
{
	static const uint8_t head[] = {0, 0, 0, 1, 12};

	memcpy(data, head, sizeof(head));
	memset(data + sizeof(head), 0xff, bytes - sizeof(head) - 1);
	data[bytes - 1] = 0x80; /* rbsp_trailing_bits() */
}

/* What the job left in the buffer, for the client. The lock is held; the job is done. */
static void fill_segment(struct slva_buffer *buffer, const struct slva_job *job)
{
	const struct sl_completion *completion = &job->completion;
	uint32_t room = buffer->size * buffer->max_elements;
	uint32_t bytes = completion->bytes < room ? completion->bytes : room;

	if (completion->status == SL200_STATUS_OK && job->filler_bytes >= SL_RC_FILLER_MIN / 8 &&
	    job->filler_bytes <= room - bytes) {
		write_filler(buffer->data + bytes, job->filler_bytes);
		bytes += job->filler_bytes;
	}
	buffer->segment = (VACodedBufferSegment){
		.size = bytes,
		.buf = buffer->data,
	};
	if (job->num_macroblocks)
		buffer->segment.status = (uint32_t)(slva_job_mean_qp(job) + 0.5) &
					 VA_CODED_BUF_STATUS_PICTURE_AVE_QP_MASK;
	if (completion->status == SL200_STATUS_OVERFLOW)
		buffer->segment.status |= VA_CODED_BUF_STATUS_SLICE_OVERFLOW_MASK;
}

static VAStatus map_buffer(VADriverContextP ctx, VABufferID id, void **pbuf)
{
	struct slva_buffer *buffer = buffer_get(ctx, id);
	VAStatus status = VA_STATUS_SUCCESS;
	struct slva_job *job;

	if (!buffer)
		return VA_STATUS_ERROR_INVALID_BUFFER;
	if (!pbuf) {
		slva_object_put(&buffer->object);
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	}
	job = buffer_job(buffer);
	if (job)
		status = slva_job_wait(job, VA_TIMEOUT_INFINITE);
	if (job && job->rate)
		slva_rate_settle(job->rate, job);
	if (status == VA_STATUS_SUCCESS) {
		if (buffer->surface)
			slva_surface_written(buffer->surface);
		pthread_mutex_lock(&buffer->lock);
		buffer->num_maps++;
		if (buffer->type == VAEncCodedBufferType) {
			buffer->segment = (VACodedBufferSegment){.buf = buffer->data};
			if (job)
				fill_segment(buffer, job);
			*pbuf = &buffer->segment;
		} else {
			*pbuf = buffer->data;
		}
		pthread_mutex_unlock(&buffer->lock);
	}
	slva_job_put(job);
	slva_object_put(&buffer->object);
	return status;
}

static VAStatus unmap_buffer(VADriverContextP ctx, VABufferID id)
{
	struct slva_buffer *buffer = buffer_get(ctx, id);
	VAStatus status = VA_STATUS_SUCCESS;

	if (!buffer)
		return VA_STATUS_ERROR_INVALID_BUFFER;
	pthread_mutex_lock(&buffer->lock);
	if (buffer->num_maps)
		buffer->num_maps--;
	else
		status = VA_STATUS_ERROR_INVALID_BUFFER;
	pthread_mutex_unlock(&buffer->lock);
	slva_object_put(&buffer->object);
	return status;
}

static VAStatus destroy_buffer(VADriverContextP ctx, VABufferID id)
{
	struct slva_object *object =
		slva_object_remove(&slva_driver(ctx)->objects, SLVA_BUFFER, id);

	if (!object)
		return VA_STATUS_ERROR_INVALID_BUFFER;
	slva_object_put(object);
	return VA_STATUS_SUCCESS;
}

static VAStatus buffer_info(VADriverContextP ctx, VABufferID id, VABufferType *type,
			    unsigned int *size, unsigned int *num_elements)
{
	struct slva_buffer *buffer = buffer_get(ctx, id);

	if (!buffer)
		return VA_STATUS_ERROR_INVALID_BUFFER;
	if (type)
		*type = buffer->type;
	if (size)
		*size = buffer->size;
	if (num_elements)
		*num_elements = slva_buffer_bytes(buffer) / buffer->size;
	slva_object_put(&buffer->object);
	return VA_STATUS_SUCCESS;
}

static VAStatus sync_buffer(VADriverContextP ctx, VABufferID id, uint64_t timeout_ns)
{
	struct slva_buffer *buffer = buffer_get(ctx, id);
	VAStatus status = VA_STATUS_SUCCESS;

	if (!buffer)
		return VA_STATUS_ERROR_INVALID_BUFFER;

	struct slva_job *job = buffer_job(buffer);

	if (job)
		status = slva_job_wait(job, timeout_ns);
	slva_job_put(job);
	slva_object_put(&buffer->object);
	return status;
}

static VAStatus acquire_buffer_handle(VADriverContextP ctx, VABufferID id, VABufferInfo *info)
{
	struct slva_buffer *buffer = buffer_get(ctx, id);

	if (!buffer)
		return VA_STATUS_ERROR_INVALID_BUFFER;
	slva_object_put(&buffer->object);
	return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
}

static VAStatus release_buffer_handle(VADriverContextP ctx, VABufferID id)
{
	struct slva_buffer *buffer = buffer_get(ctx, id);

	if (!buffer)
		return VA_STATUS_ERROR_INVALID_BUFFER;
	slva_object_put(&buffer->object);
	/* None can have been acquired. */
	return VA_STATUS_ERROR_INVALID_PARAMETER;
}

void slva_buffer_hooks(struct VADriverVTable *vtable)
{
	vtable->vaCreateBuffer = create_buffer;
	vtable->vaBufferSetNumElements = buffer_set_num_elements;
	vtable->vaMapBuffer = map_buffer;
	vtable->vaUnmapBuffer = unmap_buffer;
	vtable->vaDestroyBuffer = destroy_buffer;
	vtable->vaBufferInfo = buffer_info;
	vtable->vaSyncBuffer = sync_buffer;
	vtable->vaAcquireBufferHandle = acquire_buffer_handle;
	vtable->vaReleaseBufferHandle = release_buffer_handle;
}
