/* request.c: reading the members of a request. */
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include "dataplane/host/request.h"

int
request_unpack(const json_t *request, struct err *err, const char *format, ...)
{
	json_error_t error;
	va_list args;
	int rc;

	va_start(args, format);
	rc = json_vunpack_ex((json_t *)(uintptr_t)request, &error, 0, format, args);
	va_end(args);
	return rc == 0 ? 0 : err_set(err, ERR_INVALID, NULL, NULL, "%s", error.text);
}

int
request_check_id(const char *id, const char *path, size_t max, struct err *err)
{
	if (id[0] != '\0' && strlen(id) <= max)
		return 0;
	return err_set(
		err, ERR_INVALID, path, NULL, "an id has from 1 to %zu characters", max);
}
