/* SPDX-License-Identifier: MIT */
/*
 * The engine's worker threads.
 */
#ifndef VENC_POOL_H
#define VENC_POOL_H

struct venc_pool;

/* Threads of the pool, the caller of venc_pool_run() included. NULL when out of resources. */
struct venc_pool *venc_pool_create(unsigned int threads);
void venc_pool_destroy(struct venc_pool *pool);

/* Call work(arg, i) once on each thread, i = 0 .. threads - 1, and return when all are done. */
void venc_pool_run(struct venc_pool *pool, void (*work)(void *arg, unsigned int thread), void *arg);

#endif
