/* remote.h: the orchestrator's driver of a renga-vnfm over HTTP (docs/southbound.md,
 * section 1). */
#ifndef API_SOUTHBOUND_CLIENT_REMOTE_H
#define API_SOUTHBOUND_CLIENT_REMOTE_H

#include "orchestrator/southbound/vnfm.h"

/* url: "unix:/run/renga/vnfm.sock", "http://..." or "https://...". Nothing is asked yet:
 * a VNFM that is not there is ERR_UNAVAILABLE in each call.
 * vnfm->driver->close(vnfm->self) ends it. */
int remote_open(const char *url, struct vnfm *vnfm, struct err *err);

#endif
