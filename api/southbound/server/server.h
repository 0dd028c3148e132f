/* server.h: the HTTP face of renga-vnfm (docs/southbound.md section 1), as a table of
 * routes over vnfm/service.h. */
#ifndef API_SOUTHBOUND_SERVER_SERVER_H
#define API_SOUTHBOUND_SERVER_SERVER_H

#include "api/http/http.h"
#include "vnfm/service.h"

/* Ends with a null method; its table's arg is the struct service. */
extern const struct http_route southbound_routes[];

#endif
