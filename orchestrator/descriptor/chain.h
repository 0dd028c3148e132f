/* chain.h: the chain form of a descriptor: what a person writes (docs: contract, section
 * 3). */
#ifndef ORCHESTRATOR_DESCRIPTOR_CHAIN_H
#define ORCHESTRATOR_DESCRIPTOR_CHAIN_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"
#include "orchestrator/descriptor/model.h"

/* Whether a document is meant to be a chain: an object with `kind`, or with `path`,
 * `links` or `paths`. */
bool chain_is(const json_t *doc);

/* Reads doc into *model (zeroed by the caller, who clears it in every case), names
 * unresolved. Adds every fault of the form, and goes on, so that check.c can add those of
 * the meaning. Pure. */
void chain_parse(const json_t *doc, struct model *model, struct faults *faults);

#endif
