/* json_heap.c: see json_heap.h. */
#include "common/json_heap.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <jansson.h>

#define BLOCK	     ((size_t)2 << 20) /* bytes: a huge page */
#define N_BLOCKS     8192u	       /* addresses only: memory is taken as it is used */
#define KEPT	     32u	       /* free blocks that keep their memory for sure */
#define ALIGN	     16u
#define BEING_FILLED (1u << 31)
#define LARGEST	     (BLOCK / 32) /* pieces: tables of large arrays are malloc()'s */

static struct {
	pthread_mutex_t lock;
	char *base;	 /* null: not there */
	uint32_t n_used; /* blocks that have been used at all */
	uint32_t free[N_BLOCKS], n_free;
	uint32_t pieces[N_BLOCKS]; /* in use; BEING_FILLED more while that is so */
} heap = {.lock = PTHREAD_MUTEX_INITIALIZER};

static __thread struct {
	bool on;
	char *at, *end; /* what is left of the block that is being filled */
	uint32_t n;	/* pieces of it */
} mine;

static void install(void) __attribute__((constructor));
static void *take(size_t size);
static void give(void *piece);
static bool fill_next(void);
static void open_range(void);
static void leave(char *block);
static void drop(size_t number, uint32_t n);

/* Before anything can be freed: jansson has one pair of functions for all. */
static void
install(void)
{
	json_set_alloc_funcs(take, give);
}

void
json_heap_begin(void)
{
#ifndef __SANITIZE_ADDRESS__ /* it would not find what is kept here */
	mine.on = true;
#endif
}

void
json_heap_end(void)
{
	mine.on = false;
	if (mine.end != NULL)
		leave(mine.end - BLOCK);
}

unsigned
json_heap_blocks(void)
{
	pthread_mutex_lock(&heap.lock);
	const unsigned n = heap.n_used - heap.n_free;

	pthread_mutex_unlock(&heap.lock);
	return n;
}

static void *
take(size_t size)
{
	const size_t room = (size + ALIGN - 1) / ALIGN * ALIGN;

	if (!mine.on || size > LARGEST)
		return malloc(size);
	if ((size_t)(mine.end - mine.at) < room && !fill_next())
		return malloc(size);
	mine.at += room;
	mine.n++;
	return mine.at - room;
}

static void
give(void *piece)
{
	const char *base = __atomic_load_n(&heap.base, __ATOMIC_RELAXED);
	const size_t at = (size_t)((uintptr_t)piece - (uintptr_t)base);

	if (base != NULL && at < BLOCK * N_BLOCKS)
		drop(at / BLOCK, 1);
	else
		free(piece);
}

/* A block to fill, instead of the one that is full. */
static bool
fill_next(void)
{
	char *block = NULL;

	if (mine.end != NULL)
		leave(mine.end - BLOCK);
	pthread_mutex_lock(&heap.lock);
	if (heap.base == NULL)
		open_range();
	if (heap.base != NULL && heap.n_free > 0)
		block = heap.base + BLOCK * heap.free[--heap.n_free];
	else if (heap.base != NULL && heap.n_used < N_BLOCKS)
		block = heap.base + BLOCK * heap.n_used++;
	pthread_mutex_unlock(&heap.lock);
	if (block == NULL)
		return false;
	__atomic_store_n(&heap.pieces[(size_t)(block - heap.base) / BLOCK], BEING_FILLED,
		__ATOMIC_RELAXED);
	mine.at = block;
	mine.end = block + BLOCK;
	mine.n = 0;
	return true;
}

static void
open_range(void)
{
	char *base = mmap(NULL, BLOCK * (N_BLOCKS + 1), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return;
	base += -(uintptr_t)base % BLOCK;
	madvise(base, BLOCK * N_BLOCKS, MADV_HUGEPAGE); /* fewer faults */
	__atomic_store_n(&heap.base, base, __ATOMIC_RELEASE);
}

/* It is filled no more. */
static void
leave(char *block)
{
	mine.at = mine.end = NULL;
	drop((size_t)(block - heap.base) / BLOCK, BEING_FILLED - mine.n);
}

static void
drop(size_t number, uint32_t n)
{
	if (__atomic_sub_fetch(&heap.pieces[number], n, __ATOMIC_ACQ_REL) > 0)
		return;
	pthread_mutex_lock(&heap.lock);
	if (heap.n_free >= KEPT)
		madvise(heap.base + BLOCK * number, BLOCK, MADV_FREE);
	heap.free[heap.n_free++] = (uint32_t)number;
	pthread_mutex_unlock(&heap.lock);
}
