/* northbound.h: the REST API: ETSI SOL005 and SOL003, and /renga/v1 for what they have no
 * word for.
 *
 * One file and one route table per family of resources. A handler takes the parsed
 * request, calls one service function of the orchestrator, and answers; links.c makes
 * `_links` of what the service says is legal.
 */
#ifndef API_NORTHBOUND_NORTHBOUND_H
#define API_NORTHBOUND_NORTHBOUND_H

#include "common/err.h"
#include "orchestrator/orch.h"

struct northbound;

struct northbound_config {
	const char *listen;		/* "127.0.0.1:9080"; port 0: any */
	const char *tls_cert, *tls_key; /* both or none */
	struct orch *orch;
};

/* The strings of config must live as long as the server. ERR_EXISTS if the address is
 * taken. */
int northbound_open(const struct northbound_config *config,
	struct northbound **northbound, struct err *err);
/* "127.0.0.1:9080", with the real port. */
const char *northbound_address(const struct northbound *northbound);
void northbound_close(struct northbound *northbound); /* null is fine */

#endif
