/* vnf_flavour.c: see vnf_flavour.h. */
#include "orchestrator/vnf_flavour.h"

#include <string.h>
#include "orchestrator/converge.h"
#include "orchestrator/descriptor/flavour.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/running.h"

static bool read_request(const json_t *request, struct faults *faults);
static int make_model(
	struct converge *service, bool dedicated, bool one_replica, struct err *err);
static int check_other(const struct converge *service, const struct model_vnf *vnf,
	bool dedicated, struct err *err);
static void leave_one(struct model_vnf *vnf);
static struct model_vnf *find(struct converge *service);

int
vnf_flavour_change(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct converge service = {0};
	json_t *intent = json_object();
	int rc = converge_open_vnf(orch, id, &service, err);
	const bool dedicated = !rc && read_request(request, faults);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = make_model(&service, dedicated,
			json_object_get(request, "instantiationLevelId") != NULL, err);
	if (!rc)
		rc = converge_check_started(&service, err);
	service.operation = "CHANGE_FLAVOUR";
	if (!rc)
		rc = converge_accept(&service, request, intent, answer, faults, err);
	json_decref(intent);
	converge_clear(&service);
	return rc;
}

/* Whether it shall have a core for itself. */
static bool
read_request(const json_t *request, struct faults *faults)
{
	static const char *const elsewhere[][2] = {
		{"extVirtualLinks", "ask for change_ext_conn"},
		{"vnfConfigurableProperties", "change it by a PATCH"},
		{"extensions", "change them by a PATCH"}};
	const json_t *level = json_object_get(request, "instantiationLevelId");
	const char *said = json_string_value(level);
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (json_object_get(request, elsewhere[i][0]))
			faults_add(faults, ERR_UNSUPPORTED, elsewhere[i][0],
				elsewhere[i][1],
				"a change of the flavour does not change this too");
	if (level && (!said || strcmp(said, "default") != 0))
		faults_add(faults, ERR_INVALID, "instantiationLevelId", "default",
			"there is no such instantiation level");
	return flavour_read(
		json_object_get(request, "newFlavourId"), "newFlavourId", faults);
}

static int
make_model(struct converge *service, bool dedicated, bool one_replica, struct err *err)
{
	struct model base = {0}, *model = &service->deploy.model;
	converge_base(service, &base);
	running_model(service, &base, model);
	running_rules(service, model);
	struct model_vnf *vnf = find(service);
	int rc = check_other(service, vnf, dedicated, err);
	if (!rc) {
		vnf->dedicated = dedicated;
		if (one_replica)
			leave_one(vnf);
		running_order(model, &base);
	}
	model_clear(&base);
	return rc;
}

static int
check_other(const struct converge *service, const struct model_vnf *vnf, bool dedicated,
	struct err *err)
{
	if (!vnf)
		return err_set(err, ERR_STATE, NULL, "update its service, or heal it",
			"nothing of the VNF is wanted any more");
	if (vnf->dedicated != dedicated)
		return 0;
	return err_set(err, ERR_STATE, "newFlavourId", NULL,
		"VNF '%s' is of flavour '%s' already",
		converge_vnf(service, vnf->name)->name, flavour_id(dedicated));
}

/* Whatever a policy came to. */
static void
leave_one(struct model_vnf *vnf)
{
	json_decref(vnf->scale);
	vnf->scale = NULL;
	if (vnf->replicas)
		vnf->replicas = 1;
}

/* Null: an operation on its service was given up, and left nothing of it. */
static struct model_vnf *
find(struct converge *service)
{
	struct model *model = &service->deploy.model;
	for (size_t i = 0; i < model->n_vnfs; i++)
		if (strcmp(converge_vnf(service, model->vnfs[i].name)->id,
			    service->vnf) == 0)
			return &model->vnfs[i];
	return NULL;
}
