/* body.c: the body of a request from -f FILE and --set PATH=VALUE. */
#include "cli/body.h"

#include <string.h>

int
body_merge(struct session *session, json_t *body)
{
	const char *file = session->args.value[OPT_FILE];
	struct doc *doc;
	int rc = 0;
	if (file) {
		rc = doc_read(file, 0, &doc, &session->err);
		if (rc)
			return rc;
		if (json_object_update(body, doc_root(doc)))
			rc = err_set(&session->err, ERR_INVALID, NULL, NULL,
				"%s is not an object", file);
		doc_close(doc);
	}
	for (unsigned i = 0; i < session->args.n_sets && !rc; i++)
		rc = body_set(body, session->args.set[i], &session->err);
	return rc;
}

int
body_set(json_t *body, const char *assignment, struct err *err)
{
	const char *equals = strchr(assignment, '=');
	char name[128];
	struct doc *doc;
	if (!equals || equals == assignment)
		return err_set(err, ERR_INVALID, NULL, NULL,
			"--set is PATH=VALUE, not '%s'", assignment);
	for (const char *at = assignment;; at += strlen(name) + 1) {
		const size_t len = strcspn(at, ".=");
		if (len == 0 || len >= sizeof(name) || memchr(at, '[', len))
			return err_set(err, ERR_INVALID, NULL, "a list is set as a whole",
				"'%.*s' is no path of members",
				(int)(equals - assignment), assignment);
		memcpy(name, at, len);
		name[len] = '\0';
		if (at[len] == '=')
			break;
		if (!json_is_object(json_object_get(body, name)))
			json_object_set_new(body, name, json_object());
		body = json_object_get(body, name);
	}
	const int rc =
		doc_parse(equals + 1, strlen(equals + 1), DOC_AUTO, "--set", &doc, err);
	if (rc)
		return rc;
	json_object_set(body, name, doc_root(doc));
	doc_close(doc);
	return 0;
}
