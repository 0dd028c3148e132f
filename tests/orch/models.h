/* models.h: descriptors compiled to models as the orchestrator does it, for tests of what
 * is pure: they fill the catalog. */
#ifndef TESTS_ORCH_MODELS_H
#define TESTS_ORCH_MODELS_H

#include <string.h>
#include "common/doc.h"
#include "orchestrator/descriptor/chain.h"
#include "orchestrator/descriptor/check.h"
#include "orchestrator/descriptor/nsd_form.h"

static struct catalog catalog;

/* manifest: what `renga-vnf --describe` would print; its reference is taken. */
static inline void
add_type(const char *vnfd, json_t *manifest)
{
	assert_int_equal(catalog_add(&catalog, vnfd, vnfd, true, manifest), 0);
	json_decref(manifest);
}

static inline int
drop_catalog(void **state)
{
	(void)state;
	catalog_clear(&catalog);
	return 0;
}

/* Of either form. The caller clears both. */
static inline void
compile(const char *text, struct model *model, struct faults *faults)
{
	struct doc *doc;
	struct err err;
	*model = (struct model){0};
	*faults = (struct faults){0};
	assert_int_equal(doc_parse(text, strlen(text), DOC_YAML, NULL, &doc, &err), 0);
	if (nsd_form_find(doc_root(doc)))
		nsd_form_parse(nsd_form_find(doc_root(doc)), NULL, model, faults);
	else
		chain_parse(doc_root(doc), model, faults);
	check_model(model, &catalog, false, faults);
	doc_close(doc);
}

#endif
