/* request.h: an object as a request to the dataplane (docs/southbound.md section 2).
 * Pure. */
#ifndef VNFM_REQUEST_H
#define VNFM_REQUEST_H

#include "vnfm/wanted.h"

/* manifest: of a VNF's type, else null. state_size: that its configuration asks for; the
 * document's own goes first. New reference. */
json_t *request_put(const struct object *object, const json_t *manifest,
	uint64_t state_size, int default_core);
json_t *request_del(const struct object *object);
json_t *request_clear(const struct object *object);

#endif
