/* any.c: a field whose value is any JSON. */
#include "orchestrator/descriptor/any.h"

int
any_parse(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	(void)field;
	(void)path;
	(void)faults;
	*(json_t **)out = json_incref((json_t *)json);
	return 0;
}

json_t *
any_print(const struct field *field, const void *in)
{
	(void)field;
	json_t *json = *(json_t *const *)in;
	return json ? json_incref(json) : json_null();
}

void
any_clear(const struct field *field, void *in)
{
	(void)field;
	json_decref(*(json_t **)in);
	*(json_t **)in = NULL;
}
