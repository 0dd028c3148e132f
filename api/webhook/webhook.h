/* webhook.h: delivers notifications to the URIs of subscribers, as courier.h wants it:
 * unauthenticated, with HTTP Basic, or with a token that is asked for first (OAuth 2.0
 * client credentials, RFC 6749 4.4). */
#ifndef API_WEBHOOK_WEBHOOK_H
#define API_WEBHOOK_WEBHOOK_H

#include "orchestrator/courier.h"

struct webhook; /* keeps tokens while they are good (token_cache.h) */

struct webhook *webhook_create(void); /* null: out of memory */
void webhook_destroy(struct webhook *webhook);

/* Its self is a struct webhook. */
extern const struct courier_driver webhook_driver;

#endif
