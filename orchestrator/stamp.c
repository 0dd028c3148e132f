/* stamp.c: new ids and the time of day. */
#include "orchestrator/stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uuid.h>

static bool is_offset(const char *text);

char *
stamp_id(char id[STAMP_ID])
{
	uuid_t uuid;
	uuid_generate_random(uuid);
	uuid_unparse_lower(uuid, id);
	return id;
}

char *
stamp_time(char time[STAMP_TIME])
{
	return stamp_time_at(stamp_us() / 1000, time);
}

char *
stamp_time_at(int64_t ms, char time[STAMP_TIME])
{
	struct tm tm;
	const time_t seconds = (time_t)(ms / 1000);
	gmtime_r(&seconds, &tm);
	const size_t n = strftime(time, STAMP_TIME, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(time + n, STAMP_TIME - n, ".%03dZ", (int)(ms % 1000));
	return time;
}

int64_t
stamp_ms(const char *time)
{
	struct tm tm = {0};
	char *rest = strptime(time, "%Y-%m-%dT%H:%M:%S", &tm);
	const double fraction = rest && *rest == '.' ? strtod(rest, &rest) : 0;
	const int hours = rest && *rest ? (int)strtol(rest, &rest, 10) : 0;
	const int minutes = rest && *rest == ':' ? (int)strtol(rest + 1, NULL, 10) : 0;
	const int64_t east_s =
		hours * 3600 + (strchr(time, '+') ? minutes : -minutes) * 60;
	return ((int64_t)timegm(&tm) - east_s) * 1000 + (int64_t)(fraction * 1000 + 0.5);
}

int64_t
stamp_since_ms(const char *time)
{
	return stamp_us() / 1000 - stamp_ms(time);
}

bool
stamp_is_time(const char *text)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (rest && *rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	return rest && *text >= '0' && *text <= '9' &&
	       (strcmp(rest, "Z") == 0 || is_offset(rest));
}

/* "+01:30" */
static bool
is_offset(const char *text)
{
	static const char form[] = "+dd:dd";
	if (strlen(text) != strlen(form) || !strchr("+-", text[0]) || text[3] != ':')
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' && (text[i] < '0' || text[i] > '9'))
			return false;
	return strncmp(text + 1, "24", 2) < 0 && text[4] < '6';
}

int64_t
stamp_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
