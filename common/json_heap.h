/* json_heap.h: memory for the trees of large documents. Such a tree is millions of pieces
 * that are made one after the other and freed one after the other; malloc() takes half of
 * the time that the document takes.
 *
 * Blocks of a range of addresses of its own are filled from front to back and counted
 * down; a block is free again when all of its pieces are. What is made outside of
 * json_heap_begin() and json_heap_end() comes from malloc() as ever, and both kinds may
 * be changed, taken apart and freed by anybody (jansson's functions), in any thread.
 * Where an address sanitizer watches, all comes from malloc().
 */
#ifndef COMMON_JSON_HEAP_H
#define COMMON_JSON_HEAP_H

/* What this thread lets jansson make from here on is of a large document, until
 * json_heap_end(). Not nested. If there is no memory to be had that way, it comes from
 * malloc(). */
void json_heap_begin(void);
void json_heap_end(void);

/* Blocks with something in them. */
unsigned json_heap_blocks(void);

#endif
