/* answer.c: what came back, as JSON or as an error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/client/answer.h"
#include "common/json_text.h"

static void problem_to_err(const json_t *problem, unsigned status, struct err *err);
static enum err_code code_of_status(unsigned status);

int
answer_judge(struct client_answer *answer, struct err *err)
{
	const char *type = answer->content_type != NULL ? answer->content_type : "";
	if (strncmp(type, "application/", 12) == 0 && strstr(type, "json") != NULL &&
		answer->text != NULL)
		answer->json = json_text_read(
			answer->text, answer->text_len, JSON_DECODE_ANY, NULL);
	if (answer->status / 100 == 2)
		return 0;
	struct err problem = {0};
	problem_to_err(answer->json, answer->status, &problem);
	if (err != NULL)
		*err = problem;
	return err_errno(problem.code);
}

static void
problem_to_err(const json_t *problem, unsigned status, struct err *err)
{
	const char *code = json_string_value(json_object_get(problem, "errorCode"));
	const char *detail = json_string_value(json_object_get(problem, "detail"));
	const char *title = json_string_value(json_object_get(problem, "title"));
	err_set(err, code != NULL ? err_code_from_name(code) : code_of_status(status),
		json_string_value(json_object_get(problem, "path")),
		json_string_value(json_object_get(problem, "hint")), "%s",
		detail != NULL	? detail
		: title != NULL ? title
				: "");
	if (err->text[0] == '\0')
		snprintf(err->text, sizeof(err->text), "the server answered %u", status);
}

static enum err_code
code_of_status(unsigned status)
{
	static const struct {
		unsigned status;
		enum err_code code;
	} codes[] = {
		{400, ERR_MALFORMED},
		{401, ERR_UNAUTHENTICATED},
		{403, ERR_FORBIDDEN},
		{404, ERR_NOT_FOUND},
		{405, ERR_UNSUPPORTED},
		{406, ERR_UNSUPPORTED},
		{409, ERR_STATE},
		{412, ERR_PRECONDITION},
		{413, ERR_TOO_LARGE},
		{414, ERR_TOO_LARGE},
		{415, ERR_UNSUPPORTED},
		{422, ERR_INVALID},
		{501, ERR_UNSUPPORTED},
		{503, ERR_UNAVAILABLE},
		{504, ERR_TIMEOUT},
	};
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return ERR_INTERNAL;
}

void
client_answer_clear(struct client_answer *answer)
{
	free(answer->location);
	free(answer->etag);
	free(answer->link);
	free(answer->content_type);
	json_decref(answer->json);
	free(answer->text);
	memset(answer, 0, sizeof(*answer));
}
