/* ask.h: questions to the processes of a VNF, and things for them to do, by what its type
 * calls them: "sessions", "explain-packet", "reset-counters".
 */
#ifndef ORCHESTRATOR_ASK_H
#define ORCHESTRATOR_ASK_H

#include <stdbool.h>
#include <jansson.h>
#include "orchestrator/orch.h"

/* args: an object of texts, borrowed. act: not a question. *answer: what the VNF says; of
 * one with several replicas {replicas: [{vnfcId, ...what it says...}]}. ERR_NOT_FOUND, or
 * what the VNF finds wrong. */
int ask_vnf(struct orch *orch, const char *id, const char *what, const json_t *args,
	bool act, json_t **answer, struct err *err);

#endif
