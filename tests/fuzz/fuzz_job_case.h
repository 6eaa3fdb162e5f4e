/* SPDX-License-Identifier: MIT */
/*
 * A case of fuzz_job: an encode descriptor, sound but for the bytes that the input changes in it,
 * and the memory that it speaks of. The memory is one block; everything outside faults.
 */
#ifndef FUZZ_JOB_CASE_H
#define FUZZ_JOB_CASE_H

#include <stdbool.h>

#include "abi/sl200_enc.h"
#include "abi/sl200_queue.h"
#include "tests/fuzz/fuzz_input.h"

#define CASE_MAX_DIM 96u /* luma samples */
#define CASE_MAX_REFS 4u
#define CASE_SURFACE_SIZE 0x8000u
#define CASE_BITSTREAM_SIZE 0x80000u
#define CASE_HEADER_SIZE 0x2000u
#define CASE_MEMORY_SIZE 0xb6000u

struct job_case {
	uint64_t base;	    /* IOVA of memory[0] */
	uint8_t *memory;    /* CASE_MEMORY_SIZE bytes */
	void *desc;	    /* size bytes, on the heap */
	uint32_t size;	    /* as the submission entry says */
	bool sound_headers; /* each piece of the header blob is a NAL unit behind a start code */
	unsigned int fault_after; /* accesses until memory faults; 0: it never does */
	unsigned int abort_after; /* accesses until the job is aborted; 0: it is not */
	bool compare;		  /* run it on another engine, too */
};

/*
 * Build a case in memory of the caller's, CASE_MEMORY_SIZE bytes that the engine is to find at IOVA
 * base, a multiple of 64. Returns false when out of memory.
 */
bool job_case_build(struct job_case *c, uint8_t *memory, uint64_t base, struct fuzz_input *in);
void job_case_free(struct job_case *c);

#endif
