/* thing.h: what verbs of several nouns do with one thing. */
#ifndef CLI_THING_H
#define CLI_THING_H

#include "cli/kind.h"

/* The thing that a word means, shown as `describe` does. Each returns the exit status. */
int thing_show(struct session *session, const struct kind *kind, const char *word);
/* A request to that of the command's first word, `tail` ("/retry", or "") behind its
 * path; then "ID DONE". */
int thing_request(struct session *session, const struct kind *kind, const char *method,
	const char *tail, const char *done);

#endif
