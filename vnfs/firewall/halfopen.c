/* halfopen.c: see halfopen.h. A ring of links; the last one is its head. */
#include "vnfs/firewall/halfopen.h"

#include <stdlib.h>
#include <rte_malloc.h>

struct link {
	uint32_t next, prev; /* younger, older */
};

struct halfopen {
	struct link *links;
	uint32_t head; /* its number: the capacity */
	uint32_t n;
};

struct halfopen *
halfopen_create(uint32_t capacity)
{
	struct halfopen *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return NULL;
	list->links = rte_zmalloc(
		"firewall-halfopen", ((size_t)capacity + 1) * sizeof(*list->links), 64);
	if (list->links == NULL) {
		free(list);
		return NULL;
	}
	list->head = capacity;
	list->links[capacity] = (struct link){capacity, capacity};
	return list;
}

void
halfopen_destroy(struct halfopen *list)
{
	if (list == NULL)
		return;
	rte_free(list->links);
	free(list);
}

void
halfopen_add(struct halfopen *list, session_ref ref)
{
	const uint32_t i = ref >> 1, youngest = list->links[list->head].prev;

	list->links[i] = (struct link){.next = list->head, .prev = youngest};
	list->links[youngest].next = i;
	list->links[list->head].prev = i;
	__atomic_store_n(&list->n, list->n + 1, __ATOMIC_RELAXED);
}

void
halfopen_del(struct halfopen *list, session_ref ref)
{
	const struct link link = list->links[ref >> 1];

	list->links[link.prev].next = link.next;
	list->links[link.next].prev = link.prev;
	__atomic_store_n(&list->n, list->n - 1, __ATOMIC_RELAXED);
}

session_ref
halfopen_oldest(const struct halfopen *list)
{
	const uint32_t oldest = list->links[list->head].next;

	return oldest == list->head ? SESSION_NONE : oldest << 1;
}

uint32_t
halfopen_count(const struct halfopen *list)
{
	return __atomic_load_n(&list->n, __ATOMIC_RELAXED);
}
