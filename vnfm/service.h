/* service.h: what renga-vnfm does for others, as functions for any thread
 * (docs/southbound.md section 1).
 *
 * Each blocks until answered, for a bounded time, and returns 0 or a negative errno with
 * err. A json_t ** result is a new reference; json_t arguments are borrowed. The vnfm's
 * state is touched in its loop's thread only.
 */
#ifndef VNFM_SERVICE_H
#define VNFM_SERVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include "common/err.h"

struct manager;
struct service;

enum service_kind { SERVICE_SERVICE, SERVICE_PORT, SERVICE_VNF, SERVICE_LINK };
enum service_outcome { SERVICE_DONE, SERVICE_ACCEPTED }; /* it is so; it will be so */

/* The manager must be open, and outlive it. Null without memory. */
struct service *service_create(struct manager *manager);
/* In the loop's thread: whoever waits is refused, now and from now on. Then callers can
 * be ended. Null is fine. */
void service_close(struct service *service);
void service_destroy(struct service *service); /* null is fine */

/* The whole wanted state of one object. Every fault of the document is in faults (then
 * ERR_INVALID), other reasons in err. SERVICE_ACCEPTED for a VNF whose process is on its
 * way. */
int service_put(struct service *service, enum service_kind kind, const char *id,
	const json_t *doc, json_t **actual, enum service_outcome *outcome,
	struct faults *faults, struct err *err);
int service_get(struct service *service, enum service_kind kind, const char *id,
	json_t **actual, struct err *err);
/* ns: only of this service; null: all. */
int service_list(struct service *service, enum service_kind kind, const char *ns,
	json_t **list, struct err *err);
/* Waits until it is gone. One that does not exist is fine. */
int service_del(
	struct service *service, enum service_kind kind, const char *id, struct err *err);
/* links: {ID: document or null}, of links of that service: how each is wanted, null: to
 * be gone. Replaces what differs in one go, with no loss for what is under way, and
 * answers when it is so: *done {freed?, dropped?, shed?, us?}, what the dataplane said of
 * it. All or none; faults as for service_put(). */
int service_relink(struct service *service, const char *ns, const json_t *links,
	json_t **done, struct faults *faults, struct err *err);
/* Has n replicas of a VNF share its flows, and empties those beyond: spread.h. */
int service_spread(struct service *service, const char *vnf, unsigned n, bool force,
	json_t **done, struct err *err);
/* Waits until the VNF is ready; ERR_STATE with its reason if it failed, ERR_TIMEOUT. */
int service_wait_ready(struct service *service, const char *vnf, unsigned timeout_ms,
	json_t **actual, struct err *err);

int service_host(struct service *service, json_t **host, struct err *err);
int service_types(struct service *service, json_t **manifests, struct err *err);
/* *faults: a list, empty if the configuration is good, which then needs *state_size bytes
 * of instance state. ERR_NOT_FOUND for an unknown type.
 */
int service_check(struct service *service, const char *type, const json_t *config,
	json_t **faults, uint64_t *state_size, struct err *err);
/* Of a service: what shared memory, the VNFs and the supervisor know. */
int service_stats(
	struct service *service, const char *ns, json_t **stats, struct err *err);
/* The last lines of a VNF's log, malloc'd. */
int service_log(struct service *service, const char *vnf, unsigned lines, char **text,
	struct err *err);
/* A question to the plug-in, or something for it to do; args an object or null. */
int service_query(struct service *service, const char *vnf, const char *what,
	const json_t *args, json_t **answer, struct err *err);
int service_act(struct service *service, const char *vnf, const char *what,
	const json_t *args, json_t **answer, struct err *err);
int service_audit(struct service *service, json_t **audit, struct err *err);
/* Events after number `after`; waits up to wait_ms (at most a minute) for the first. */
int service_events(struct service *service, uint64_t after, unsigned wait_ms,
	json_t **events, struct err *err);
/* Begins the end of everything: VNFs, dataplane, leftovers, ourselves. */
int service_shutdown(struct service *service, struct err *err);

#endif
