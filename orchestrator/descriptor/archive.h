/* archive.h: descriptors in a zip or tar package (SOL004/SOL007: CSAR). */
#ifndef ORCHESTRATOR_DESCRIPTOR_ARCHIVE_H
#define ORCHESTRATOR_DESCRIPTOR_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include "common/err.h"

/* Whether the bytes begin like a zip or tar (also compressed) archive. */
bool archive_is(const void *data, size_t len);

/* The descriptor in an archive: what Entry-Definitions of TOSCA-Metadata/TOSCA.meta
 * names, else the only .yaml, .yml or .json file at the top. *text is malloc'd with a NUL
 * behind it, *name is its path (malloc'd). Refused: ERR_INVALID for absolute paths, `..`
 * and links; ERR_TOO_LARGE beyond 1,000 entries, 64 MiB unpacked, or 100 times the packed
 * size; ERR_MALFORMED for a damaged one. */
int archive_descriptor(const void *data, size_t len, char **text, size_t *text_len,
	char **name, struct err *err);

#endif
