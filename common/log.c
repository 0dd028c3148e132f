/* log.c: one key=value line per event on stderr. */
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN 4096
#define TAIL_ROOM    8 /* for what ends a line that was cut */
#define QUOTE_MARK                                                                       \
	'\xff' /* stands for a quote of the format while values are put in; no UTF-8 */

static const char *const names[] = {"error", "warn", "info", "debug"};
static const char *program = "renga";
static _Atomic int current = LOG_LEVEL_INFO;

static const char *mark_quotes(const char *fmt, char marked[LINE_MAX_LEN])
	__attribute__((format_arg(1)));
static size_t put_head(char *line, enum log_level level);
static size_t put_text(char *line, size_t len, const char *text);
static size_t put_char(char *line, size_t len, char c);

void
log_open(const char *prog, enum log_level level)
{
	program = prog;
	log_set_level(level);
}

void
log_set_level(enum log_level level)
{
	atomic_store_explicit(&current, level, memory_order_relaxed);
}

int
log_level_parse(const char *name, enum log_level *level)
{
	for (int i = 0; i <= LOG_LEVEL_DEBUG; i++) {
		if (strcmp(name, names[i]) == 0) {
			*level = i;
			return 0;
		}
	}
	return -EINVAL;
}

bool
log_enabled(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&current, memory_order_relaxed);
}

void
log_write(enum log_level level, const char *msg, const char *fmt, ...)
{
	char line[LINE_MAX_LEN], text[LINE_MAX_LEN], marked[LINE_MAX_LEN];
	const int saved = errno;
	va_list args;
	if (!log_enabled(level))
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), mark_quotes(fmt, marked), args);
	va_end(args);
	size_t len = put_head(line, level);
	len = put_text(line, len, msg);
	line[len++] = '"';
	if (*text)
		line[len++] = ' ';
	len = put_text(line, len, text);
	line[len++] = '\n';
	/* A log that cannot be written has nobody left to be told. */
	const ssize_t written = write(STDERR_FILENO, line, len);
	(void)written;
	errno = saved;
}

static size_t
put_head(char *line, enum log_level level)
{
	struct timespec now;
	char time[LOG_TIME];
	clock_gettime(CLOCK_REALTIME, &now);
	log_time((uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec, time);
	return (size_t)snprintf(line, LINE_MAX_LEN, "time=%s level=%s prog=%.64s msg=\"",
		time, names[level], program);
}

const char *
log_time(uint64_t ns, char text[LOG_TIME])
{
	const time_t seconds = (time_t)(ns / 1000000000ull);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	const size_t len = strftime(text, LOG_TIME, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, LOG_TIME - len, ".%03uZ",
		(unsigned)(ns % 1000000000ull / 1000000));
	return text;
}

/* The quotes that the caller wrote around a value stay; those inside a value are escaped.
 */
static const char *
mark_quotes(const char *fmt, char marked[LINE_MAX_LEN])
{
	size_t i;
	for (i = 0; i < LINE_MAX_LEN - 1 && fmt[i]; i++)
		marked[i] = fmt[i] == '"' ? QUOTE_MARK : fmt[i];
	marked[i] = '\0';
	return marked;
}

static size_t
put_text(char *line, size_t len, const char *text)
{
	while (*text && len < LINE_MAX_LEN - TAIL_ROOM)
		len = put_char(line, len, *text++);
	return len;
}

static size_t
put_char(char *line, size_t len, char c)
{
	static const char hex[] = "0123456789abcdef";
	if (c == QUOTE_MARK) {
		line[len++] = '"';
	} else if (c == '"' || c == '\\') {
		line[len++] = '\\';
		line[len++] = c;
	} else if (c == '\n') {
		line[len++] = '\\';
		line[len++] = 'n';
	} else if ((unsigned char)c < 0x20 || c == 0x7f) {
		memcpy(line + len, "\\x", 2);
		line[len + 2] = hex[c >> 4];
		line[len + 3] = hex[c & 15];
		len += 4;
	} else {
		line[len++] = c;
	}
	return len;
}
