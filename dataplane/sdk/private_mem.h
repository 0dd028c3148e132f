/* private_mem.h: DPDK's table libraries on memory of this process alone.
 *
 * rte_acl, rte_fib, rte_hash and their like allocate from a heap, and list themselves in
 * lists, that all processes share under locks in shared memory: a VNF killed while it
 * builds a table would hang every other process. Programs that run plug-ins are linked
 * with --wrap (Makefile, WRAP) for the functions below, so that the libraries' calls end
 * here: libc memory, lists and locks of this process. It works with or without
 * rte_eal_init(), so tables can be tested without EAL.
 *
 * Rules for the callers: names of tables of one kind are unique within the process (as
 * always in DPDK), which may have several VNFs; no memory of theirs is given to another
 * process or to a device.
 *
 * All memory is zeroed and aligned as asked (at least to a cache line). Blocks of
 * PRIVATE_MEM_LARGE and more come from mmap, aligned for transparent huge pages. The
 * prototypes are those of rte_malloc.h, rte_memzone.h, rte_tailq.h, rte_memory.h and
 * rte_eal_memconfig.h; socket and type arguments are ignored.
 */
#ifndef DATAPLANE_SDK_PRIVATE_MEM_H
#define DATAPLANE_SDK_PRIVATE_MEM_H

#include <stddef.h>
#include <rte_common.h>
#include <rte_memzone.h>
#include <rte_tailq.h>

#define PRIVATE_MEM_LARGE (2u << 20)

/* Null: out of memory, size 0, or align not a power of two. */
void *__wrap_rte_malloc(const char *type, size_t size, unsigned align);
void *__wrap_rte_malloc_socket(const char *type, size_t size, unsigned align, int socket);
void *__wrap_rte_zmalloc(const char *type, size_t size, unsigned align);
void *__wrap_rte_zmalloc_socket(
	const char *type, size_t size, unsigned align, int socket);
void *__wrap_rte_calloc(const char *type, size_t num, size_t size, unsigned align);
void *__wrap_rte_calloc_socket(
	const char *type, size_t num, size_t size, unsigned align, int socket);
/* The part beyond the old size is zeroed too. */
void *__wrap_rte_realloc(void *ptr, size_t size, unsigned align);
void *__wrap_rte_realloc_socket(void *ptr, size_t size, unsigned align, int socket);
void __wrap_rte_free(void *ptr);

/* A zone of its own for each call: names are kept, not compared. Length 0 ("the largest
 * there is") is refused. */
const struct rte_memzone *__wrap_rte_memzone_reserve(
	const char *name, size_t len, int socket, unsigned flags);
const struct rte_memzone *__wrap_rte_memzone_reserve_aligned(
	const char *name, size_t len, int socket, unsigned flags, unsigned align);
int __wrap_rte_memzone_free(const struct rte_memzone *zone);
/* Where a device would see it: nowhere. The virtual address, which satisfies mempools. */
rte_iova_t __wrap_rte_mem_virt2iova(const void *addr);

/* Gives the list a head in this process. 0, or -1 beyond 64 lists. */
int __wrap_rte_eal_tailq_register(struct rte_tailq_elem *list);

void __wrap_rte_mcfg_tailq_read_lock(void);
void __wrap_rte_mcfg_tailq_read_unlock(void);
void __wrap_rte_mcfg_tailq_write_lock(void);
void __wrap_rte_mcfg_tailq_write_unlock(void);
void __wrap_rte_mcfg_mempool_read_lock(void);
void __wrap_rte_mcfg_mempool_read_unlock(void);
void __wrap_rte_mcfg_mempool_write_lock(void);
void __wrap_rte_mcfg_mempool_write_unlock(void);
/* Mempools look at the map of shared memory, which is fixed from the dataplane's start.
 */
void __wrap_rte_mcfg_mem_read_lock(void);
void __wrap_rte_mcfg_mem_read_unlock(void);

#endif
