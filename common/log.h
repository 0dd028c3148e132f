/* log.h: one line per event on stderr, key=value, for the operator.
 *
 *	log_info("vnf restarted", "vnf=%s pid=%d restarts=%u", name, pid, n);
 *
 * prints  time=2026-11-23T08:00:00.123Z level=info prog=renga-vnfm msg="vnf restarted"
 *vnf=... Values that may hold spaces are written as name="%s" by the caller; control
 *characters and quotes inside the formatted text are escaped by the log. Thread-safe; one
 *write(2) per line.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Called once at start. prog is kept by reference. Before it: prog "renga", level info.
 */
void log_open(const char *prog, enum log_level level);
void log_set_level(enum log_level level);
/* "error", "warn", "info", "debug". 0, or -EINVAL and *level unchanged. */
int log_level_parse(const char *name, enum log_level *level);
bool log_enabled(enum log_level level);

void log_write(enum log_level level, const char *msg, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A time as the lines of the log have it: 2026-11-23T08:00:00.123Z. ns: since 1970.
 * Returns text. */
#define LOG_TIME 32
const char *log_time(uint64_t ns, char text[LOG_TIME]);

/* fmt may be "" when there is nothing to add. */
#define log_error(msg, ...) log_write(LOG_LEVEL_ERROR, msg, __VA_ARGS__)
#define log_warn(msg, ...)  log_write(LOG_LEVEL_WARN, msg, __VA_ARGS__)
#define log_info(msg, ...)  log_write(LOG_LEVEL_INFO, msg, __VA_ARGS__)
#define log_debug(msg, ...)                                                              \
	do {                                                                             \
		if (log_enabled(LOG_LEVEL_DEBUG))                                        \
			log_write(LOG_LEVEL_DEBUG, msg, __VA_ARGS__);                    \
	} while (0)

#endif
