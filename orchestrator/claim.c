/* claim.c: see claim.h. */
#include "orchestrator/claim.h"

#include <stdio.h>
#include <string.h>
#include "db/ns_instances.h"
#include "db/objects.h"
#include "orchestrator/descriptor/port.h"

static void check_port(struct orch *orch, const char *ns, const struct model_sap *sap,
	const struct db_object *ports, size_t n, struct faults *faults);

int
claim_check(struct orch *orch, const char *ns, const struct model *model,
	struct faults *faults, struct err *err)
{
	struct db_object *ports;
	size_t n;
	int rc = db_object_list_ports(orch->db, &ports, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < model->n_saps; i++)
		check_port(orch, ns, &model->saps[i], ports, n, faults);
	db_objects_free(ports, n);
	return 0;
}

static void
check_port(struct orch *orch, const char *ns, const struct model_sap *sap,
	const struct db_object *ports, size_t n, struct faults *faults)
{
	char claim[256], other[256], path[MODEL_PATH];
	port_claim(sap->port, claim, sizeof(claim));
	for (size_t i = 0; *claim && i < n; i++) {
		const json_t *spec = json_object_get(ports[i].doc, "spec");
		struct db_ns its = {0};
		if (strcmp(ports[i].ns, ns) == 0 ||
			strcmp(port_claim(spec, other, sizeof(other)), claim) != 0)
			continue;
		snprintf(path, sizeof(path), "%.150s.%s", sap->path,
			port_claim_member(sap->port));
		const bool known = db_ns_get(orch->db, ports[i].ns, &its, NULL) == 0;
		faults_add(faults, ERR_EXISTS, path,
			"choose another, or delete that service",
			"%s is used by service '%s'", strchr(claim, ':') + 1,
			known ? its.name : ports[i].ns);
		db_ns_clear(&its);
		return;
	}
}
