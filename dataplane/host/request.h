/* request.h: reading the members of a request. */
#ifndef DATAPLANE_HOST_REQUEST_H
#define DATAPLANE_HOST_REQUEST_H

#include <jansson.h>
#include "common/err.h"

#define REQUEST_ID_MAX 63 /* of a service or a VNF */

/* json_unpack() with an ERR_INVALID that names the member. Strings and objects are
 * borrowed from the request. */
int request_unpack(const json_t *request, struct err *err, const char *format, ...);
/* ERR_INVALID with that path for an id that is empty or longer than max. */
int request_check_id(const char *id, const char *path, size_t max, struct err *err);

#endif
