/* relink.h: replacing links of a service by others in one request to the dataplane, which
 * loses nothing of what is under way. Loop thread only.
 *
 * `links` is {ID: document or null}: how each is wanted, or that it is to be gone. While
 * the dataplane is asked, these objects are busy. It is asked again until the outcome is
 * certain; if it is lost meanwhile, the ordinary rounds (converge.h) put what is wanted.
 */
#ifndef VNFM_RELINK_H
#define VNFM_RELINK_H

#include <stdbool.h>
#include "vnfm/manager.h"

enum relink_state {
	RELINK_ASKED,
	RELINK_DONE,
	RELINK_REFUSED, /* all is as it was: err says why */
	RELINK_LOST,	/* the dataplane died: look anew */
};

struct relink {
	struct manager *manager;
	char ns[WANTED_ID_MAX + 1];
	json_t *links;
	json_t *undo; /* what the objects were: {ID: document or null} */
	uint64_t generation;
	enum relink_state state;
	struct err err;
	json_t *reply;	/* of the dataplane */
	bool abandoned; /* nobody waits for it any more */
};

/* Pure looks at the set. */
bool relink_is_done(const struct wanted *wanted, const json_t *links);
/* What the new links end in is known to the dataplane, and none of the objects is busy.
 */
bool relink_may_begin(const struct wanted *wanted, const json_t *links);

/* Changes the set and asks. Ends with relink_release(), whenever. Null without memory. */
struct relink *relink_begin(struct manager *manager, const char *ns, const json_t *links);
void relink_release(struct relink *relink); /* null is fine */

#endif
