/* logs.h: the log files of the processes that were started here,
 * <runtime>/log/<name>.log. */
#ifndef VNFM_LOGS_H
#define VNFM_LOGS_H

#include "common/err.h"

/* Path of a process's log. -ENAMETOOLONG */
int logs_path(const char *name, char *path, size_t size);
/* The last lines, malloc'd; "" if there is no log. Any thread. */
int logs_tail(const char *name, unsigned lines, char **text, struct err *err);
/* Copies every log that is larger than 4 MiB to <name>.log.1 and empties it: writers
 * append, so they go on in the emptied file. */
void logs_rotate(void);

#endif
