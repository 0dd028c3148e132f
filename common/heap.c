/* heap.c: see heap.h. */
#include "common/heap.h"
#include <malloc.h>

#define PIECE (64 << 20) /* bytes */
#define NEVER (1 << 30)

void
heap_for_one_task(void)
{
	mallopt(M_MXFAST, 0);
	mallopt(M_TOP_PAD, PIECE);
	mallopt(M_TRIM_THRESHOLD, NEVER);
	mallopt(M_MMAP_THRESHOLD, NEVER);
}
