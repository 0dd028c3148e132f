/* flavour.h: deployment flavours of VNFs: whether one shares its core. Pure.
 *
 * Every package has the same two, so a VNFD gets them whatever its type is: `default`
 * shares its core with others, `dedicated` has it for itself. In a model that is
 * model_vnf.dedicated and nothing else: the chain form says it as `core: dedicated`, a
 * profile of an NSD as `flavour-id`, requests as `flavourId`; a host has it in the tag of
 * the VNF (affinity.h).
 */
#ifndef ORCHESTRATOR_DESCRIPTOR_FLAVOUR_H
#define ORCHESTRATOR_DESCRIPTOR_FLAVOUR_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"

/* "default", "dedicated". */
const char *flavour_id(bool dedicated);
/* Which one a VNF is of by its document (target.h); null: the default one. */
bool flavour_is_dedicated(const json_t *doc);

/* Which one the id in a document means. Adds a fault that names those that there are
 * unless it is one of them. */
bool flavour_read(const json_t *id, const char *path, struct faults *faults);

/* The id of the VDU that a VNF of that type runs as in a flavour. Returns buf. */
char *flavour_vdu(const char *type, bool dedicated, char *buf, size_t size);

/* Adds to a VNFD what flavours are about: compute descriptors, VDUs, connection points,
 * and a `df` for each (SOL006). cps: their names; most: replicas that there may be. */
void flavour_print(json_t *vnfd, const char *type, const json_t *cps, unsigned most);

#endif
