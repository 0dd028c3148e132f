/* vnf_flavour.c: see vnf_flavour.h. */
#include "orchestrator/vnf_flavour.h"

#include <string.h>
#include "orchestrator/vnf_task.h"

void
vnf_flavour_check(const json_t *request, const char *member, struct faults *faults)
{
	const json_t *flavour = json_object_get(request, member);
	const char *id = json_string_value(flavour);
	if (!flavour)
		faults_add(faults, ERR_INVALID, member, "the package has: " VNF_FLAVOUR,
			"%s is missing", member);
	else if (!id || strcmp(id, VNF_FLAVOUR) != 0)
		faults_add(faults, ERR_INVALID, member, "the package has: " VNF_FLAVOUR,
			"the package has no flavour '%s'", id ? id : "");
}

int
vnf_flavour_change(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct vnf_task task = {0};
	(void)answer;
	int rc = vnf_task_open(orch, id, &task, err);
	if (!rc)
		vnf_flavour_check(request, "newFlavourId", faults);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = err_set(err, ERR_STATE, "newFlavourId", NULL,
			"VNF '%s' has that flavour already, which is all that its "
			"package has",
			task.vnf.name);
	vnf_task_clear(&task);
	return rc;
}
