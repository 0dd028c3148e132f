/* webhook.h: delivers notifications to the URIs of subscribers, as courier.h wants it:
 * unauthenticated, with HTTP Basic, or with a token that is asked for first (OAuth 2.0
 * client credentials, RFC 6749 4.4). */
#ifndef API_WEBHOOK_WEBHOOK_H
#define API_WEBHOOK_WEBHOOK_H

#include "orchestrator/courier.h"

/* Its self is null. */
extern const struct courier_driver webhook_driver;

#endif
