/* link_want.h: what link.put and links.put ask for, read and judged against what is
 * there. Control thread only. */
#ifndef DATAPLANE_HOST_LINK_WANT_H
#define DATAPLANE_HOST_LINK_WANT_H

#include "dataplane/host/host.h"

struct link_want { /* strings are borrowed from the request */
	const char *id, *ns, *name;
	uint32_t size;
	struct link_end ends[2];
	uint32_t paths[8]; /* bits; none: not told */
	json_t *tag;	   /* borrowed; null: none */
};

int link_want_read(const struct host *host, const json_t *request, struct link_want *want,
	struct err *err);
/* The link is there as wanted, but for its paths, which may change while it is. */
bool link_want_is(const struct link_want *want, const struct link *link);
bool link_want_has_paths(const struct link_want *want, const struct link *link);
/* The ends are two, are of the service, and each is free: of every link that is up and
 * may not meet this one (wiring.h), but those that `but` (may be null) names. ERR_EXISTS
 * else. */
int link_want_check(const struct host *host, const struct link_want *want,
	bool (*but)(const struct link *link, const void *arg), const void *arg,
	struct err *err);
/* Makes the link; it is not wired yet. */
int link_want_make(struct host *host, const struct link_want *want, struct link **link,
	struct err *err);

#endif
