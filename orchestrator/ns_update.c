/* ns_update.c: see ns_update.h. */
#include "orchestrator/ns_update.h"

#include <stdio.h>
#include <string.h>
#include "db/vnf_instances.h"
#include "orchestrator/ns.h"
#include "orchestrator/ns_version.h"
#include "orchestrator/ns_vnf.h"
#include "orchestrator/ns_vnffg.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_change.h"
#include "orchestrator/vnf_flavour.h"
#include "orchestrator/vnf_operate.h"
#include "orchestrator/vnf_port.h"

typedef int task_fn(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

/* data: the list that holds what is asked of one VNF; null: the service itself changes,
 * and the task has the whole request. */
static const struct update {
	const char *type, *data;
	task_fn *task;
} updates[] = {
	{"OPERATE_VNF", "operateVnfData", vnf_operate},
	{"CHANGE_VNFPKG", "changeVnfPackageData", vnf_change_package},
	{"CHANGE_VNF_DF", "changeVnfFlavourData", vnf_flavour_change},
	{"MODIFY_VNF_INFORMATION", "modifyVnfInfoData", vnf_modify},
	{"CHANGE_EXTERNAL_VNF_CONNECTIVITY", "changeExtVnfConnectivityData",
		vnf_port_change},
	{"ADD_VNF", NULL, ns_vnf_add},
	{"INSTANTIATE_VNF", NULL, ns_vnf_instantiate},
	{"REMOVE_VNF", NULL, ns_vnf_remove},
	{"ASSOC_NEW_NSD_VERSION", NULL, ns_version_change},
	{"ADD_VNFFG", NULL, ns_vnffg_add},
	{"REMOVE_VNFFG", NULL, ns_vnffg_remove},
	{"UPDATE_VNFFG", NULL, ns_vnffg_update},
};

static const struct update *find_update(const json_t *request, struct faults *faults);
static char *known_types(char *buf, size_t size);
static int update_vnf(struct orch *orch, const char *id, const struct update *update,
	const json_t *request, struct operation_answer *answer, struct faults *faults,
	struct err *err);
static int check_vnf(struct orch *orch, const char *ns, const char *vnf, const char *path,
	struct faults *faults);
static int run(struct orch *orch, const struct update *update, const json_t *data,
	const json_t *request, struct operation_answer *answer, struct faults *faults,
	struct err *err);

int
ns_update(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	json_t *ns;
	int rc = ns_get(orch, id, &ns, err);
	if (rc)
		return rc;
	json_decref(ns);
	const struct update *update = find_update(request, faults);
	if (!update)
		return err_errno(faults->list[0].code);
	return update->data ? update_vnf(orch, id, update, request, answer, faults, err)
			    : update->task(orch, id, request, answer, faults, err);
}

static const struct update *
find_update(const json_t *request, struct faults *faults)
{
	char known[512];
	const char *type = json_string_value(json_object_get(request, "updateType"));
	for (size_t i = 0; type && i < sizeof(updates) / sizeof(updates[0]); i++)
		if (strcmp(updates[i].type, type) == 0)
			return &updates[i];
	faults_add(faults, type ? ERR_UNSUPPORTED : ERR_INVALID, "updateType",
		known_types(known, sizeof(known)),
		type ? "an update of type '%s' cannot be done"
		     : "updateType is missing%s",
		type ? type : "");
	return NULL;
}

static char *
known_types(char *buf, size_t size)
{
	const size_t n = sizeof(updates) / sizeof(updates[0]);
	size_t len = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < n && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s",
			i == 0	    ? ""
			: i + 1 < n ? ", "
				    : " or ",
			updates[i].type);
	return buf;
}

static int
update_vnf(struct orch *orch, const char *id, const struct update *update,
	const json_t *request, struct operation_answer *answer, struct faults *faults,
	struct err *err)
{
	char path[96];
	const json_t *list = json_object_get(request, update->data);
	const json_t *data = json_array_get(list, 0);
	snprintf(path, sizeof(path), "%s[0].vnfInstanceId", update->data);
	if (json_array_size(list) != 1)
		return faults_add(faults, ERR_INVALID, update->data,
			"ask for one after the other",
			"a list of one VNF is to be given");
	int rc = check_vnf(orch, id,
		json_string_value(json_object_get(data, "vnfInstanceId")), path, faults);
	return rc ? rc : run(orch, update, data, request, answer, faults, err);
}

static int
check_vnf(struct orch *orch, const char *ns, const char *vnf, const char *path,
	struct faults *faults)
{
	struct db_vnf row = {0};
	int rc =
		vnf && db_vnf_get(orch->db, vnf, &row, NULL) == 0 &&
				strcmp(row.ns_id, ns) == 0
			? 0
			: faults_add(faults, ERR_INVALID, path,
				  "renga get vnfs lists them",
				  "the service has no VNF instance '%s'", vnf ? vnf : "");
	db_vnf_clear(&row);
	return rc;
}

/* What the VNF's own interface would be asked for. */
static int
run(struct orch *orch, const struct update *update, const json_t *data,
	const json_t *request, struct operation_answer *answer, struct faults *faults,
	struct err *err)
{
	json_t *own = json_copy((json_t *)data);
	const char *vnf = json_string_value(json_object_get(data, "vnfInstanceId"));
	json_object_del(own, "vnfInstanceId");
	answer->ns_update = request;
	int rc = update->task(orch, vnf, own, answer, faults, err);
	answer->ns_update = NULL;
	json_decref(own);
	return rc;
}
