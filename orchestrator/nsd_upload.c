/* nsd_upload.c: the content of a descriptor: unpacked, read, judged, onboarded. */
#include <stdlib.h>
#include <string.h>
#include "common/doc.h"
#include "db/nsds.h"
#include "orchestrator/descriptor/archive.h"
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/descriptor/chain.h"
#include "orchestrator/descriptor/check.h"
#include "orchestrator/event.h"
#include "orchestrator/nsd.h"
#include "orchestrator/notify_catalog.h"
#include "orchestrator/descriptor/nsd_form.h"

static int check_state(struct orch *orch, const char *id, struct err *err);
static int read_document(const void *data, size_t len, struct doc **doc, struct err *err);
static int judge(struct orch *orch, const json_t *root, json_t **form,
	struct faults *faults, struct err *err);
static int judge_model(
	struct orch *orch, struct model *model, struct faults *faults, struct err *err);
static int onboard(struct orch *orch, const char *id, json_t *form, const char *type,
	const void *data, size_t len, struct err *err);
static void note_failure(struct orch *orch, const char *id, const struct faults *faults,
	const struct err *err);
static void replace(char **member, const char *with);

int
nsd_upload(struct orch *orch, const char *id, const char *type, const void *data,
	size_t len, struct faults *faults, struct err *err)
{
	struct doc *doc = NULL;
	json_t *form = NULL;
	int rc = check_state(orch, id, err);
	if (rc)
		return rc;
	rc = read_document(data, len, &doc, err);
	if (!rc)
		rc = judge(orch, doc_root(doc), &form, faults, err);
	if (!rc)
		rc = onboard(orch, id, form, type, data, len, err);
	if (rc)
		note_failure(orch, id, faults, err);
	json_decref(form);
	doc_close(doc);
	return rc;
}

static int
check_state(struct orch *orch, const char *id, struct err *err)
{
	struct db_nsd row = {0};
	int rc = 0;
	if (db_nsd_get(orch->db, id, &row, NULL))
		return err_set(
			err, ERR_NOT_FOUND, NULL, NULL, "there is no NSD '%s'", id);
	if (strcmp(row.onboarding, "CREATED") != 0)
		rc = err_set(err, ERR_STATE, NULL,
			"create another record for another version",
			"the descriptor is onboarded already");
	db_nsd_clear(&row);
	return rc;
}

static int
read_document(const void *data, size_t len, struct doc **doc, struct err *err)
{
	char *text = NULL, *name = NULL;
	size_t text_len = 0;
	if (!archive_is(data, len))
		return doc_parse(data, len, DOC_AUTO, "descriptor", doc, err);
	int rc = archive_descriptor(data, len, &text, &text_len, &name, err);
	if (!rc)
		rc = doc_parse(text, text_len, DOC_AUTO, name, doc, err);
	free(text);
	free(name);
	return rc;
}

/* *form: the descriptor in its ETSI form; new reference. */
static int
judge(struct orch *orch, const json_t *root, json_t **form, struct faults *faults,
	struct err *err)
{
	struct model model = {0};
	const json_t *nsd = nsd_form_find(root);
	int rc = 0;
	if (nsd) {
		struct nsd_identity identity;
		nsd_form_identity(nsd, &identity, faults);
		nsd_form_parse(nsd, NULL, &model, faults);
		rc = judge_model(orch, &model, faults, err);
		*form = json_pack("{s:[O]}", "nsd", nsd);
	} else if (chain_is(root)) {
		chain_parse(root, &model, faults);
		rc = judge_model(orch, &model, faults, err);
		if (!rc && !faults->n)
			*form = nsd_form_print(&model, model.name,
				json_string_value(json_object_get(root, "description")));
	} else {
		faults_add(faults, ERR_INVALID, NULL, "begin with nsd: or kind: Chain",
			"the document is neither an NSD nor a chain");
	}
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	model_clear(&model);
	return rc;
}

static int
judge_model(
	struct orch *orch, struct model *model, struct faults *faults, struct err *err)
{
	struct catalog catalog;
	int rc = catalog_load(orch->db, &catalog, err);
	if (rc)
		return rc;
	check_model(model, &catalog, false, faults);
	catalog_clear(&catalog);
	return check_configs(model, &orch->vnfm, faults, err);
}

static int
onboard(struct orch *orch, const char *id, json_t *form, const char *type,
	const void *data, size_t len, struct err *err)
{
	struct nsd_identity identity;
	struct faults none = {0};
	struct db_nsd row = {0}, other = {0};
	nsd_form_identity(nsd_form_find(form), &identity, &none);
	faults_clear(&none);
	int rc = db_begin(orch->db, err);
	if (rc)
		return rc;
	if (db_nsd_get_by_nsd_id(orch->db, identity.id, &other, NULL) == 0)
		rc = err_set(err, ERR_EXISTS, "nsd[0].id",
			"give this version an id of its own",
			"a descriptor with the id '%s' is onboarded already",
			identity.id);
	db_nsd_clear(&other);
	if (!rc)
		rc = db_nsd_get(orch->db, id, &row, err);
	if (!rc) {
		replace(&row.nsd_id, identity.id);
		replace(&row.name, identity.name ? identity.name : identity.id);
		replace(&row.version, identity.version);
		replace(&row.designer, identity.designer);
		replace(&row.invariant_id, identity.invariant_id);
		replace(&row.onboarding, "ONBOARDED");
		replace(&row.operational, "ENABLED");
		json_decref(row.failure);
		row.failure = NULL;
		row.nsd = json_incref(form);
		rc = db_nsd_update(orch->db, &row, err);
	}
	if (!rc)
		rc = notify_nsd(orch->db, &row, NOTIFY_NSD_ONBOARDED, err);
	if (!rc)
		rc = db_content_put(orch->db, id, type, data, len, err);
	db_nsd_clear(&row);
	rc = db_end(orch->db, rc, err);
	if (!rc)
		event_add(orch->db, NULL, "nsd-onboarded", NULL, NULL,
			json_pack("{s:s}", "nsd", id));
	return rc;
}

static void
note_failure(struct orch *orch, const char *id, const struct faults *faults,
	const struct err *err)
{
	struct db_nsd row = {0};
	struct err first = {0};
	if (!faults_first(faults, &first))
		first = *err;
	if (db_nsd_get(orch->db, id, &row, NULL))
		return;
	json_decref(row.failure);
	row.failure = json_pack("{s:i, s:s, s:s, s:s}", "status", 422, "detail",
		first.text, "path", first.path, "hint", first.hint);
	int rc = db_begin(orch->db, &first);
	if (!rc) {
		rc = db_nsd_update(orch->db, &row, &first);
		if (!rc)
			rc = notify_nsd(orch->db, &row, NOTIFY_NSD_FAILED, &first);
		rc = db_end(orch->db, rc, &first);
	}
	if (rc)
		event_add(orch->db, NULL, "nsd-failure-not-kept", NULL, NULL,
			err_to_json(&first));
	db_nsd_clear(&row);
}

static void
replace(char **member, const char *with)
{
	free(*member);
	*member = with ? strdup(with) : NULL;
}
