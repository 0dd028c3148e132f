/* vnfm.h: what the orchestrator asks of a VNF manager, as a table of functions.
 *
 * The orchestrator knows no HTTP: main.c gives it a driver (api/southbound/client), a
 * test gives it a fake host. Every put is the whole wanted state of one object and may be
 * repeated; documents are as in docs/southbound.md. Each function may be called from any
 * thread, blocks until answered (at most the driver's time-out), and returns 0 or a
 * negative errno with err. A json_t ** result is a new reference; json_t arguments are
 * borrowed.
 */
#ifndef ORCHESTRATOR_SOUTHBOUND_VNFM_H
#define ORCHESTRATOR_SOUTHBOUND_VNFM_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include "common/err.h"

enum vnfm_kind { VNFM_SERVICE, VNFM_PORT, VNFM_VNF, VNFM_LINK };

struct vnfm_driver {
	int (*host)(void *self, json_t **host, struct err *err);
	int (*types)(void *self, json_t **manifests, struct err *err);
	/* Judges a configuration with the code that would run it: *faults is a list,
	 * empty if it is good; then *state_size (null: nobody asks) is what it needs, in
	 * bytes of instance state. */
	int (*check)(void *self, const char *type, const json_t *config, json_t **faults,
		uint64_t *state_size, struct err *err);
	int (*put)(void *self, enum vnfm_kind kind, const char *id, const json_t *wanted,
		json_t **actual, struct err *err);
	int (*get)(void *self, enum vnfm_kind kind, const char *id, json_t **actual,
		struct err *err);
	int (*list)(void *self, enum vnfm_kind kind, json_t **list, struct err *err);
	/* The same, VNFs without their configurations; null: list() is as good. */
	int (*list_brief)(
		void *self, enum vnfm_kind kind, json_t **list, struct err *err);
	/* Ends the object; one that does not exist is fine. A service's end takes all of
	 * its objects along. */
	int (*del)(void *self, enum vnfm_kind kind, const char *id, struct err *err);
	/* links: {ID: document or null}: how each is wanted, null: to be gone. All at
	 * once, with no loss for the traffic of the running service. */
	int (*relink)(void *self, const char *ns, const json_t *links, struct err *err);
	/* Has replicas 0 to n - 1 of a VNF share its flows; sessions stay where they are.
	 * *done: {done, sessions}: whether those beyond are empty, to be repeated until
	 * they are; force: what they have left is given up. */
	int (*spread)(void *self, const char *vnf, unsigned n, bool force, json_t **done,
		struct err *err);
	/* Waits until the VNF is ready; its failure is the error. */
	int (*wait_ready)(void *self, const char *vnf, unsigned timeout_ms,
		json_t **actual, struct err *err);
	int (*stats)(void *self, const char *ns, json_t **stats, struct err *err);
	int (*log)(void *self, const char *vnf, unsigned lines, char **text,
		struct err *err);
	/* A question to a VNF, by what its type calls it; args: an object of texts. act:
	 * something for it to do. */
	int (*ask)(void *self, const char *vnf, const char *what, const json_t *args,
		bool act, json_t **answer, struct err *err);
	int (*audit)(void *self, json_t **audit, struct err *err);
	/* Events after the number `after`; waits up to wait_ms for the first. */
	int (*events)(void *self, uint64_t after, unsigned wait_ms, json_t **events,
		struct err *err);
	void (*close)(void *self);
};

struct vnfm {
	const struct vnfm_driver *driver;
	void *self;
};

#endif
