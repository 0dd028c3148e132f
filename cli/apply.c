/* apply.c: `renga apply`, `diff` and `validate`: a document goes to the server, its
 * faults come back with their lines. A chain is applied; an NSD in ETSI form is
 * onboarded.
 */
#include <stdlib.h>
#include <string.h>
#include "cli/command.h"
#include "cli/plan_print.h"
#include "cli/wait.h"

#define CHAINS	"/renga/v1/chains"
#define DRY_RUN "/renga/v1/chains?dryRun=true"
#define NSDS	"/nsd/v1/ns_descriptors"

struct document {
	const char *file;
	struct doc *doc;
	const char *name; /* of the chain or the NSD; "" if it has none */
	bool is_nsd;
};

static int open_document(struct session *session, struct document *document);
static int fail(struct session *session, const struct document *document);
static int apply_chain(struct session *session, const struct document *document);
static int dry_run(
	struct session *session, const struct document *document, json_t **plan);
static int apply_nsd(struct session *session, const struct document *document);
static int onboard(struct session *session, const struct document *document,
	char path[SESSION_PATH]);
static void remove_nsd(struct session *session, const char *path);

int
cmd_apply(struct session *session)
{
	struct document document;
	if (session->args.value[OPT_DRY_RUN])
		return cmd_diff(session);
	int status = open_document(session, &document);
	if (status != EXIT_DONE)
		return status;
	status = document.is_nsd ? apply_nsd(session, &document)
				 : apply_chain(session, &document);
	doc_close(document.doc);
	return status;
}

int
cmd_diff(struct session *session)
{
	struct document document;
	json_t *plan = NULL;
	int status = open_document(session, &document);
	if (status != EXIT_DONE)
		return status;
	if (document.is_nsd)
		status = session_refuse(session, ERR_UNSUPPORTED, "use 'renga validate'",
			"only a chain can be compared with what runs");
	else
		status = dry_run(session, &document, &plan);
	if (status == EXIT_DONE && !output_tree(&session->out, plan))
		plan_print(&session->out, plan);
	json_decref(plan);
	doc_close(document.doc);
	return status;
}

int
cmd_validate(struct session *session)
{
	struct document document;
	char path[SESSION_PATH];
	json_t *plan = NULL;
	int status = open_document(session, &document);
	if (status != EXIT_DONE)
		return status;
	if (!document.is_nsd)
		status = dry_run(session, &document, &plan);
	else if (onboard(session, &document, path) == 0)
		remove_nsd(session, path);
	else
		status = fail(session, &document);
	if (status == EXIT_DONE)
		fprintf(session->out.file, "%s: valid (%s %s)\n", document.file,
			document.is_nsd ? "NSD" : "chain", document.name);
	json_decref(plan);
	doc_close(document.doc);
	return status;
}

/* Returns the exit status. */
static int
open_document(struct session *session, struct document *document)
{
	const char *file = session->args.value[OPT_FILE];
	if (!file)
		return session_usage(
			session, "which file? -f FILE, or -f - for standard input");
	*document = (struct document){
		.file = strcmp(file, "-") == 0 ? "stdin" : file, .name = ""};
	if (doc_read(file, 0, &document->doc, &session->err)) {
		session->err.path[0] = '\0'; /* the text has the line */
		return session_fail(session);
	}
	const json_t *root = doc_root(document->doc);
	if (!json_is_object(root)) {
		err_set(&session->err, ERR_MALFORMED, NULL,
			"a chain begins with 'kind: Chain', a service descriptor with 'nsd:'",
			"%s: there is no chain or descriptor in it", document->file);
		doc_close(document->doc);
		return session_fail(session);
	}
	const json_t *nsd = json_object_get(root, "nsd");
	const char *name = json_string_value(json_object_get(
		nsd ? json_array_get(nsd, 0) : root, nsd ? "id" : "name"));
	document->is_nsd = nsd;
	document->name = name ? name : "";
	return EXIT_DONE;
}

static int
fail(struct session *session, const struct document *document)
{
	return session_fail_in(session, document->file, document->doc);
}

static int
apply_chain(struct session *session, const struct document *document)
{
	struct client_answer answer;
	if (session_request(session, "POST", CHAINS, doc_root(document->doc), &answer)) {
		client_answer_clear(&answer);
		return fail(session, document);
	}
	const bool nothing = answer.status != 202;
	const int status = wait_answer(session, &answer, document->name, true);
	if (status != EXIT_DONE || session->out.format == OUTPUT_NAME)
		return status;
	if (session->out.format == OUTPUT_TABLE)
		fprintf(session->out.file, "%s %s\n", document->name,
			nothing ? "unchanged" : "applied");
	return status;
}

static int
dry_run(struct session *session, const struct document *document, json_t **plan)
{
	struct client_answer answer;
	const int rc = session_request(
		session, "POST", DRY_RUN, doc_root(document->doc), &answer);
	if (!rc)
		*plan = json_incref(answer.json);
	client_answer_clear(&answer);
	return rc ? fail(session, document) : EXIT_DONE;
}

static int
apply_nsd(struct session *session, const struct document *document)
{
	char path[SESSION_PATH];
	if (onboard(session, document, path))
		return fail(session, document);
	fprintf(session->out.file, "%s onboarded\n", document->name);
	return EXIT_DONE;
}

/* Makes a record and uploads the NSD into it; a record whose upload fails is removed
 * again. */
static int
onboard(struct session *session, const struct document *document, char path[SESSION_PATH])
{
	struct client_answer answer;
	char content[SESSION_PATH];
	json_t *empty = json_object();
	int rc = session_request(session, "POST", NSDS, empty, &answer);
	json_decref(empty);
	const char *id = json_string_value(json_object_get(answer.json, "id"));
	if (!rc)
		session_path(path, NSDS, id ? id : "", "");
	client_answer_clear(&answer);
	if (rc)
		return rc;
	snprintf(content, sizeof(content), "%.400s/nsd_content", path);
	rc = session_request(session, "PUT", content, doc_root(document->doc), &answer);
	client_answer_clear(&answer);
	if (rc) {
		const struct err err = session->err;
		struct faults faults = session->faults;
		session->faults = (struct faults){0};
		remove_nsd(session, path);
		faults_clear(&session->faults);
		session->err = err;
		session->faults = faults;
	}
	return rc;
}

/* A descriptor must be disabled before it can be deleted; one that was never onboarded is
 * so. */
static void
remove_nsd(struct session *session, const char *path)
{
	struct client_answer answer;
	json_t *disable = json_pack("{s:s}", "nsdOperationalState", "DISABLED");
	session_request(session, "PATCH", path, disable, &answer);
	client_answer_clear(&answer);
	session_request(session, "DELETE", path, NULL, &answer);
	client_answer_clear(&answer);
	json_decref(disable);
}
