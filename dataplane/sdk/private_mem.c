/* private_mem.c: see private_mem.h. A block is preceded by a header that says where it
 * starts and how it was made. */
#include "dataplane/sdk/private_mem.h"
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <rte_errno.h>
#include <rte_string_fns.h>

struct header { /* right before the memory that the caller sees */
	void *base;
	size_t mapped; /* bytes at base that were mmap'd; 0: base is from malloc */
	size_t size;   /* what the caller asked for */
};

static void *block_create(size_t size, unsigned align);
static void *block_map(size_t size, size_t pad);
static void *block_malloc(size_t size, size_t pad);
static void *block_finish(void *base, size_t pad, size_t mapped, size_t size);
static void block_destroy(void *ptr);
static struct header *header_of(void *ptr);

/* ---- heap -------------------------------------------------------------------------- */

void *
__wrap_rte_malloc(const char *type, size_t size, unsigned align)
{
	(void)type;
	return block_create(size, align);
}

void *
__wrap_rte_malloc_socket(const char *type, size_t size, unsigned align, int socket)
{
	(void)type;
	(void)socket;
	return block_create(size, align);
}

void *
__wrap_rte_zmalloc(const char *type, size_t size, unsigned align)
{
	return __wrap_rte_malloc(type, size, align);
}

void *
__wrap_rte_zmalloc_socket(const char *type, size_t size, unsigned align, int socket)
{
	return __wrap_rte_malloc_socket(type, size, align, socket);
}

void *
__wrap_rte_calloc(const char *type, size_t num, size_t size, unsigned align)
{
	size_t bytes;

	(void)type;
	if (__builtin_mul_overflow(num, size, &bytes))
		return NULL;
	return block_create(bytes, align);
}

void *
__wrap_rte_calloc_socket(
	const char *type, size_t num, size_t size, unsigned align, int socket)
{
	(void)socket;
	return __wrap_rte_calloc(type, num, size, align);
}

void *
__wrap_rte_realloc(void *ptr, size_t size, unsigned align)
{
	void *fresh;

	if (size == 0) {
		block_destroy(ptr);
		return NULL;
	}
	fresh = block_create(size, align);
	if (fresh == NULL || ptr == NULL)
		return fresh;
	memcpy(fresh, ptr, RTE_MIN(size, header_of(ptr)->size));
	block_destroy(ptr);
	return fresh;
}

void *
__wrap_rte_realloc_socket(void *ptr, size_t size, unsigned align, int socket)
{
	(void)socket;
	return __wrap_rte_realloc(ptr, size, align);
}

void
__wrap_rte_free(void *ptr)
{
	block_destroy(ptr);
}

static void *
block_create(size_t size, unsigned align)
{
	const size_t pad = RTE_MAX((size_t)align, (size_t)RTE_CACHE_LINE_SIZE);

	if (size == 0 || (pad & (pad - 1)) != 0 || size > SIZE_MAX / 2 - pad)
		return NULL;
	return size >= PRIVATE_MEM_LARGE && pad <= PRIVATE_MEM_LARGE
		       ? block_map(size, pad)
		       : block_malloc(size, pad);
}

static void *
block_map(size_t size, size_t pad)
{
	const size_t mapped = size + pad + PRIVATE_MEM_LARGE;
	void *base = mmap(
		NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t start;

	if (base == MAP_FAILED)
		return NULL;
	start = RTE_ALIGN_CEIL((uintptr_t)base, (uintptr_t)PRIVATE_MEM_LARGE);
	/* Refused where the kernel has no transparent huge pages: then it is only slower.
	 */
	(void)madvise((void *)start, size + pad, MADV_HUGEPAGE);
	return block_finish(base, start + pad - (uintptr_t)base, mapped, size);
}

static void *
block_malloc(size_t size, size_t pad)
{
	void *base;

	if (posix_memalign(&base, pad, size + pad) != 0)
		return NULL;
	memset(base, 0, size + pad);
	return block_finish(base, pad, 0, size);
}

static void *
block_finish(void *base, size_t pad, size_t mapped, size_t size)
{
	void *ptr = (char *)base + pad;

	*header_of(ptr) = (struct header){.base = base, .mapped = mapped, .size = size};
	return ptr;
}

static void
block_destroy(void *ptr)
{
	struct header header;

	if (ptr == NULL)
		return;
	header = *header_of(ptr);
	if (header.mapped > 0)
		munmap(header.base, header.mapped);
	else
		free(header.base);
}

static struct header *
header_of(void *ptr)
{
	return (struct header *)ptr - 1;
}

/* ---- zones ------------------------------------------------------------------------- */

const struct rte_memzone *
__wrap_rte_memzone_reserve(const char *name, size_t len, int socket, unsigned flags)
{
	return __wrap_rte_memzone_reserve_aligned(name, len, socket, flags, 0);
}

const struct rte_memzone *
__wrap_rte_memzone_reserve_aligned(
	const char *name, size_t len, int socket, unsigned flags, unsigned align)
{
	struct rte_memzone *zone = block_create(sizeof(*zone), 0);
	void *addr = block_create(len, align);

	if (zone == NULL || addr == NULL) {
		block_destroy(zone);
		block_destroy(addr);
		rte_errno = len == 0 ? EINVAL : ENOMEM;
		return NULL;
	}
	strlcpy(zone->name, name, sizeof(zone->name));
	zone->iova = (rte_iova_t)(uintptr_t)addr;
	zone->addr = addr;
	zone->len = len;
	zone->hugepage_sz = PRIVATE_MEM_LARGE;
	zone->socket_id = socket;
	zone->flags = flags;
	return zone;
}

int
__wrap_rte_memzone_free(const struct rte_memzone *zone)
{
	if (zone == NULL)
		return -EINVAL;
	block_destroy(zone->addr);
	block_destroy((void *)(uintptr_t)zone);
	return 0;
}

rte_iova_t
__wrap_rte_mem_virt2iova(const void *addr)
{
	return (rte_iova_t)(uintptr_t)addr;
}

/* ---- lists ------------------------------------------------------------------------- */

/* Called by constructors, before main() and before any of ours. */
int
__wrap_rte_eal_tailq_register(struct rte_tailq_elem *list)
{
	static struct rte_tailq_head heads[64];
	static unsigned n_heads;
	struct rte_tailq_head *head;

	if (n_heads == RTE_DIM(heads))
		return -1;
	head = &heads[n_heads++];
	TAILQ_INIT(&head->tailq_head);
	strlcpy(head->name, list->name, sizeof(head->name));
	list->head = head;
	return 0;
}

/* ---- locks ------------------------------------------------------------------------- */

/* Of this process: tables are made by the threads of several VNFs. */
static pthread_rwlock_t lists = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t pools = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t memory = PTHREAD_RWLOCK_INITIALIZER;

void
__wrap_rte_mcfg_tailq_read_lock(void)
{
	pthread_rwlock_rdlock(&lists);
}

void
__wrap_rte_mcfg_tailq_read_unlock(void)
{
	pthread_rwlock_unlock(&lists);
}

void
__wrap_rte_mcfg_tailq_write_lock(void)
{
	pthread_rwlock_wrlock(&lists);
}

void
__wrap_rte_mcfg_tailq_write_unlock(void)
{
	pthread_rwlock_unlock(&lists);
}

void
__wrap_rte_mcfg_mempool_read_lock(void)
{
	pthread_rwlock_rdlock(&pools);
}

void
__wrap_rte_mcfg_mempool_read_unlock(void)
{
	pthread_rwlock_unlock(&pools);
}

void
__wrap_rte_mcfg_mempool_write_lock(void)
{
	pthread_rwlock_wrlock(&pools);
}

void
__wrap_rte_mcfg_mempool_write_unlock(void)
{
	pthread_rwlock_unlock(&pools);
}

void
__wrap_rte_mcfg_mem_read_lock(void)
{
	pthread_rwlock_rdlock(&memory);
}

void
__wrap_rte_mcfg_mem_read_unlock(void)
{
	pthread_rwlock_unlock(&memory);
}
