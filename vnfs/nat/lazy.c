/* lazy.c: private memory for tables; see lazy.h. */
#include "vnfs/nat/lazy.h"
#include <sys/mman.h>

#define PAGE 4096

void *
lazy_alloc(size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return mem == MAP_FAILED ? NULL : mem;
}

void *
lazy_alloc_now(size_t size)
{
	char *mem = lazy_alloc(size);

	if (mem == NULL)
		return NULL;
	(void)madvise(mem, size, MADV_HUGEPAGE); /* a wish */
	for (size_t at = 0; at < size; at += PAGE)
		((volatile char *)mem)[at] = 0;
	return mem;
}

void
lazy_free(void *mem, size_t size)
{
	if (mem != NULL)
		munmap(mem, size);
}
