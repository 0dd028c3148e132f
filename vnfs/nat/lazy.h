/* lazy.h: private memory for the tables of a NAT, all zero. */
#ifndef VNFS_NAT_LAZY_H
#define VNFS_NAT_LAZY_H

#include <stddef.h>

/* Pages come when they are used: room for many costs little while there are few. Null:
 * out of memory. */
void *lazy_alloc(size_t size);
/* For what is looked up at random: all is there at once, in huge pages where the system
 * has them. Null: out of memory. */
void *lazy_alloc_now(size_t size);
/* Null is fine. */
void lazy_free(void *mem, size_t size);

#endif
