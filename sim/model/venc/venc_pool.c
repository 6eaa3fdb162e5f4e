/* SPDX-License-Identifier: MIT */
#include "sim/model/venc/venc_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct worker {
	struct venc_pool *pool;
	unsigned int index;
	pthread_t thread;
};

struct venc_pool {
	pthread_mutex_t lock;
	pthread_cond_t start, done;
	unsigned int round; /* of venc_pool_run() */
	unsigned int busy;
	bool quit;
	void (*work)(void *arg, unsigned int thread);
	void *arg;
	unsigned int count; /* workers; the caller is one more */
	struct worker worker[];
};

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct venc_pool *pool = w->pool;
	unsigned int round = 0;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (!pool->quit && pool->round == round)
			pthread_cond_wait(&pool->start, &pool->lock);
		if (pool->quit)
			break;
		round = pool->round;
		pthread_mutex_unlock(&pool->lock);
		pool->work(pool->arg, w->index);
		pthread_mutex_lock(&pool->lock);
		if (--pool->busy == 0)
			pthread_cond_signal(&pool->done);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

struct venc_pool *venc_pool_create(unsigned int threads)
{
	struct venc_pool *pool = calloc(1, sizeof(*pool) + threads * sizeof(pool->worker[0]));

	if (!pool)
		return NULL;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->start, NULL);
	pthread_cond_init(&pool->done, NULL);
	for (unsigned int i = 0; i + 1 < threads; i++) {
		struct worker *w = &pool->worker[i];

		w->pool = pool;
		w->index = i + 1;
		if (pthread_create(&w->thread, NULL, worker_main, w)) {
			venc_pool_destroy(pool);
			return NULL;
		}
		pool->count++;
	}
	return pool;
}

void venc_pool_destroy(struct venc_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->quit = true;
	pthread_cond_broadcast(&pool->start);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned int i = 0; i < pool->count; i++)
		pthread_join(pool->worker[i].thread, NULL);
	pthread_cond_destroy(&pool->done);
	pthread_cond_destroy(&pool->start);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

void venc_pool_run(struct venc_pool *pool, void (*work)(void *arg, unsigned int thread), void *arg)
{
	pthread_mutex_lock(&pool->lock);
	pool->work = work;
	pool->arg = arg;
	pool->busy = pool->count;
	pool->round++;
	pthread_cond_broadcast(&pool->start);
	pthread_mutex_unlock(&pool->lock);
	work(arg, 0);
	pthread_mutex_lock(&pool->lock);
	while (pool->busy)
		pthread_cond_wait(&pool->done, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}
