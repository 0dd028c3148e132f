/* subscription.h: subscriptions to notifications of an interface, and the letters that
 * could not be delivered. */
#ifndef ORCHESTRATOR_SUBSCRIPTION_H
#define ORCHESTRATOR_SUBSCRIPTION_H

#include <stdbool.h>
#include "orchestrator/orch.h"

/* Subscription resources of an interface ("nslcm", "vnflcm", "nsd", "vnfpkgm", "nsfm",
 * "vnffm"): {id, filter?, callbackUri}. What a subscriber authenticates with is never
 * told. */
int subscription_list(struct orch *orch, const char *api, json_t **list, struct err *err);
int subscription_get(struct orch *orch, const char *api, const char *id,
	json_t **subscription, struct err *err);
int subscription_delete(
	struct orch *orch, const char *api, const char *id, struct err *err);

/* Its request: {filter?, callbackUri, authentication?: {authType: [BASIC |
 * OAUTH2_CLIENT_CREDENTIALS], paramsBasic, paramsOauth2ClientCredentials}}. The URI is
 * tried with a GET first. *is_new false: there is one with the same filter and URI, and
 * *subscription is that. */
int subscription_create(struct orch *orch, const char *api, const json_t *request,
	json_t **subscription, bool *is_new, struct faults *faults, struct err *err);

/* Notifications that wait, or were given up: [{id, subscriptionId, state: WAITING | DEAD,
 * attempts, reason?, created, notification}]; new reference. */
int subscription_letters(struct orch *orch, json_t **list, struct err *err);
/* A dead one is tried again, or forgotten. ERR_NOT_FOUND, ERR_STATE if it is not dead. */
int subscription_revive(struct orch *orch, const char *letter, struct err *err);
int subscription_bury(struct orch *orch, const char *letter, struct err *err);

/* Whether a filter lets something pass, of which the facts are {member of a filter:
 * value}: of each list of the filter one value has to be the fact. Pure. */
bool subscription_matches(const json_t *filter, const json_t *facts);

#endif
