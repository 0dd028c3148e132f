/* problem.c: see problem.h. */
#include <string.h>
#include "api/problem/problem.h"

static json_t *invalid_param(const struct err *fault);
static void set_text(json_t *object, const char *name, const char *text);
static json_t *string_or_less(const char *text);

unsigned
problem_status(enum err_code code)
{
	static const unsigned statuses[ERR_CODES] = {
		[ERR_NONE] = 500,
		[ERR_MALFORMED] = 400,
		[ERR_INVALID] = 422,
		[ERR_NOT_FOUND] = 404,
		[ERR_EXISTS] = 409,
		[ERR_STATE] = 409,
		[ERR_PRECONDITION] = 412,
		[ERR_UNAUTHENTICATED] = 401,
		[ERR_FORBIDDEN] = 403,
		[ERR_NO_RESOURCE] = 409,
		[ERR_NO_SPACE] = 507,
		[ERR_TOO_LARGE] = 413,
		[ERR_UNSUPPORTED] = 422,
		[ERR_UNAVAILABLE] = 503,
		[ERR_TIMEOUT] = 504,
		[ERR_INTERNAL] = 500,
	};
	return code < ERR_CODES ? statuses[code] : 500;
}

const char *
problem_title(unsigned status)
{
	static const struct {
		unsigned status;
		const char *title;
	} titles[] = {
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{406, "Not Acceptable"},
		{409, "Conflict"},
		{412, "Precondition Failed"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{415, "Unsupported Media Type"},
		{416, "Range Not Satisfiable"},
		{422, "Unprocessable Content"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{507, "Insufficient Storage"},
	};
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (titles[i].status == status)
			return titles[i].title;
	return "Error";
}

json_t *
problem_from_err(unsigned status, const struct err *err)
{
	json_t *problem = json_pack("{s:s, s:s, s:i}", "type", "about:blank", "title",
		problem_title(status), "status", (int)status);
	json_object_set_new(problem, "detail", string_or_less(err->text));
	json_object_set_new(problem, "errorCode", json_string(err_code_name(err->code)));
	set_text(problem, "path", err->path);
	set_text(problem, "hint", err->hint);
	return problem;
}

json_t *
problem_from_faults(unsigned status, const struct faults *faults)
{
	struct err first = {.code = ERR_INVALID};
	faults_first(faults, &first);
	json_t *problem = problem_from_err(status, &first);
	json_t *params = json_array();
	for (size_t i = 0; i < faults->n; i++)
		json_array_append_new(params, invalid_param(&faults->list[i]));
	json_object_set_new(problem, "invalidParams", params);
	return problem;
}

void
problem_of_error(json_t *resource)
{
	json_t *error = json_object_get(resource, "error");
	struct err err;
	if (!json_is_object(error) || !json_object_get(error, "code"))
		return;
	err_from_json(&err, error);
	json_t *problem = problem_from_err(problem_status(err.code), &err);
	static const char *const kept[] = {"step", "object", "log"};
	for (size_t i = 0; i < 3; i++)
		if (json_object_get(error, kept[i]))
			json_object_set(
				problem, kept[i], json_object_get(error, kept[i]));
	json_object_set_new(resource, "error", problem);
}

static json_t *
invalid_param(const struct err *fault)
{
	json_t *param = json_object();
	json_object_set_new(param, "path", string_or_less(fault->path));
	json_object_set_new(param, "reason", string_or_less(fault->text));
	set_text(param, "hint", fault->hint);
	return param;
}

static void
set_text(json_t *object, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_object_set_new(object, name, string_or_less(text));
}

/* A text that was cut inside a UTF-8 sequence loses what is left of the sequence. */
static json_t *
string_or_less(const char *text)
{
	size_t len = strlen(text);
	json_t *string = json_stringn(text, len);
	for (int cut = 0; string == NULL && cut < 3 && len > 0; cut++)
		string = json_stringn(text, --len);
	return string != NULL ? string : json_string("text that is not UTF-8");
}
