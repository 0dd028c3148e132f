/* project.c: `renga project ...`: what the services of a project may have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/project.h"
#include "cli/thing.h"

static int present_quota(struct session *session, const char *path, json_t **quota);

/* What is not named stays as it is. */
int
cmd_project_set(struct session *session)
{
	const struct args *args = &session->args;
	struct client_answer answer;
	char path[SESSION_PATH];
	json_t *quota = NULL;
	session_path(path, "/renga/v1/projects", args->pos[0], "");
	if (present_quota(session, path, &quota))
		return session_fail(session);
	for (unsigned i = 1; i < args->n_pos; i++)
		if (project_quota_set(quota, args->pos[i], &session->err)) {
			json_decref(quota);
			session_fail(session);
			return EXIT_USAGE;
		}
	json_t *body = json_pack("{s:o}", "quota", quota);
	const int rc = session_request(session, "PUT", path, body, &answer);
	json_decref(body);
	if (!rc && !output_tree(&session->out, answer.json))
		fprintf(session->out.file, "%s set\n", args->pos[0]);
	client_answer_clear(&answer);
	return rc ? session_fail(session) : EXIT_DONE;
}

int
cmd_project_show(struct session *session)
{
	return thing_show(session, kind_find("projects"), session->args.pos[0]);
}

int
cmd_project_delete(struct session *session)
{
	return thing_request(session, kind_find("projects"), "DELETE", "", "deleted");
}

int
project_quota_set(json_t *quota, const char *assignment, struct err *err)
{
	const char *equals = strchr(assignment, '=');
	char name[32], *end;
	if (!equals || equals == assignment ||
		(size_t)(equals - assignment) >= sizeof(name))
		return err_set(err, ERR_INVALID, NULL, "write vnfs=4, or vnfs=none",
			"'%s' is no quota", assignment);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - assignment), assignment);
	if (strcmp(equals + 1, "none") == 0) {
		json_object_set_new(quota, name, json_null());
		return 0;
	}
	const long long n = strtoll(equals + 1, &end, 10);
	if (end == equals + 1 || *end || n < 0)
		return err_set(err, ERR_INVALID, NULL, "or none",
			"'%s' is no number of %s", equals + 1, name);
	return json_object_set_new(quota, name, json_integer(n));
}

/* {} of one that is not there yet. */
static int
present_quota(struct session *session, const char *path, json_t **quota)
{
	json_t *project = NULL;
	const int rc = session_get(session, path, &project);
	if (rc && session->err.code != ERR_NOT_FOUND)
		return rc;
	*quota = rc ? json_object() : json_incref(json_object_get(project, "quota"));
	json_decref(project);
	return 0;
}
