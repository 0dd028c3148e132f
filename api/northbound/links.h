/* links.h: `_links` of a resource: itself, what belongs to it, and the tasks that are
 * legal now. Pure. */
#ifndef API_NORTHBOUND_LINKS_H
#define API_NORTHBOUND_LINKS_H

#include <jansson.h>

/* Replaces the member `_actions` of a resource of that collection (and of resources
 * inside it) by `_links`. */
void links_add(json_t *resource, const char *collection);

#endif
