/* nfp.h: a network forwarding path as SOL005 has it (NfpData, NfpInfo), to and from the
 * paths of a service that runs. Pure. */
#ifndef ORCHESTRATOR_PLAN_NFP_H
#define ORCHESTRATOR_PLAN_NFP_H

#include <jansson.h>
#include "common/err.h"
#include "orchestrator/plan/forwarding.h"

/* Index of the path of a graph whose NfpInfo has that id, "<ns>/<path>"; -1 with a fault.
 */
int nfp_find(const struct forwarding *forwarding, const char *graph, const json_t *id,
	const char *path, struct faults *faults);

/* Changes or adds the path that NfpData is of (ns_vnffg.h); adds every fault. */
void nfp_change(struct forwarding *forwarding, const char *graph, const json_t *data,
	const char *path, struct faults *faults);

/* [VnffgInfo] of a service, from its objects; new reference. */
json_t *nfp_graphs(const json_t *objects);

/* What a step that puts the document of a service does to its graphs: appends {id,
 * vnffgdId, changeType, changeResult} of each that differs. */
void nfp_changes(json_t *list, const char *ns, const json_t *before, const json_t *wanted,
	const char *result);

#endif
