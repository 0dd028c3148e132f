/* body.h: the body of a request from -f FILE and --set PATH=VALUE. */
#ifndef CLI_BODY_H
#define CLI_BODY_H

#include "cli/session.h"

/* Puts the members of the file, then of each --set, over those of body (an object). */
int body_merge(struct session *session, json_t *body);

/* Puts one "a.b=VALUE" into body, where VALUE is YAML or JSON. Pure. ERR_INVALID,
 * ERR_MALFORMED. */
int body_set(json_t *body, const char *assignment, struct err *err);

#endif
