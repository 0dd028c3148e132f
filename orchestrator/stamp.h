/* stamp.h: new ids and the time of day. */
#ifndef ORCHESTRATOR_STAMP_H
#define ORCHESTRATOR_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#define STAMP_ID   37 /* a UUID with its NUL */
#define STAMP_TIME 32

char *stamp_id(char id[STAMP_ID]);
/* "2026-11-23T08:00:00.123Z" */
char *stamp_time(char time[STAMP_TIME]);
/* The time that is so many milliseconds after 1970 (UTC). */
char *stamp_time_at(int64_t ms, char time[STAMP_TIME]);
/* Milliseconds of such a time after 1970, and since it. */
int64_t stamp_ms(const char *time);
int64_t stamp_since_ms(const char *time);
/* Whether a text is such a time, or another of RFC 3339. */
bool stamp_is_time(const char *text);
int64_t stamp_us(void); /* CLOCK_REALTIME in microseconds */

#endif
