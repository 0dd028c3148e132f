/* subscription.c: `renga subscription ...` and `renga notification ...`: who is told of
 * what happens, and what could not be told. */
#include <stdio.h>
#include <string.h>
#include "cli/body.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/thing.h"

static int tell(struct session *session, const struct client_answer *answer);
static bool is_api(const char *api);

/* One that is there already is answered by 303 and its place. */
int
cmd_subscription_create(struct session *session)
{
	struct client_answer answer;
	char path[SESSION_PATH];
	if (!is_api(session->args.pos[0]))
		return session_usage(session, "there is nothing to subscribe to in '%s'",
			session->args.pos[0]);
	snprintf(path, sizeof(path), "/%s/v1/subscriptions", session->args.pos[0]);
	json_t *body = json_pack("{s:s}", "callbackUri", session->args.pos[1]);
	int rc = body_merge(session, body);
	if (rc) {
		json_decref(body);
		return session_fail(session);
	}
	rc = session_request(session, "POST", path, body, &answer);
	json_decref(body);
	const bool is_there = answer.status == 303;
	const int status =
		rc && !is_there ? session_fail(session) : tell(session, &answer);
	client_answer_clear(&answer);
	return status;
}

int
cmd_subscription_show(struct session *session)
{
	return thing_show(session, kind_find("subscriptions"), session->args.pos[0]);
}

int
cmd_subscription_delete(struct session *session)
{
	return thing_request(
		session, kind_find("subscriptions"), "DELETE", "", "deleted");
}

int
cmd_notification_retry(struct session *session)
{
	return thing_request(
		session, kind_find("notifications"), "POST", "/retry", "is tried again");
}

int
cmd_notification_delete(struct session *session)
{
	return thing_request(
		session, kind_find("notifications"), "DELETE", "", "deleted");
}

/* Its id, which is the end of its place. */
static int
tell(struct session *session, const struct client_answer *answer)
{
	const char *id = json_string_value(json_object_get(answer->json, "id"));
	const char *slash = answer->location ? strrchr(answer->location, '/') : NULL;
	if (!id && slash)
		id = slash + 1;
	if (answer->json && session->out.format != OUTPUT_TABLE &&
		output_tree(&session->out, answer->json))
		return EXIT_DONE;
	fprintf(session->out.file, "%s\n", id ? id : "");
	return EXIT_DONE;
}

/* Those that the kind has collections of. */
static bool
is_api(const char *api)
{
	const struct kind *kind = kind_find("subscriptions");
	const size_t len = strlen(api);
	for (int i = 0; kind->paths[i]; i++)
		if (strncmp(kind->paths[i] + 1, api, len) == 0 &&
			kind->paths[i][len + 1] == '/')
			return true;
	return false;
}
