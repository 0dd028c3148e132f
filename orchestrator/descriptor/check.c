/* check.c: judges a model, and resolves the names in it. */
#include "orchestrator/descriptor/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"
#include "orchestrator/descriptor/check_ends.h"
#include "orchestrator/descriptor/check_paths.h"
#include "orchestrator/descriptor/policy_form.h"
#include "orchestrator/descriptor/port.h"

#define SERVICE_NAME_MAX 31

static void check_names(const struct model *model, bool whole, struct faults *faults);
static void check_element_name(
	const struct model *model, size_t i, struct faults *faults);
static void check_types(
	struct model *model, const struct catalog *catalog, struct faults *faults);
static void resolve_type(
	struct model_vnf *vnf, const struct catalog *catalog, struct faults *faults);
static void check_group(const struct model *model, size_t at, struct faults *faults);
static void check_replicas(
	const struct model_vnf *vnf, const char *type, struct faults *faults);
static void check_links(
	struct model *model, const struct catalog *catalog, struct faults *faults);
static void check_used_twice(const struct model *model, struct faults *faults);
static void check_unconnected(const struct model *model, struct faults *faults);
static void interface_unknown(const struct model_sap *sap, const char *name,
	const json_t *interfaces, struct faults *faults);

void
check_model(struct model *model, const struct catalog *catalog, bool need_ports,
	struct faults *faults)
{
	const bool whole = faults->n == 0;
	const size_t before = faults_count(faults);
	check_names(model, whole, faults);
	const bool named = !faults_since(faults, before);
	check_ports(model, need_ports, faults);
	policy_form_check(model, catalog, faults);
	check_types(model, catalog, faults);
	if (named && model->n_paths)
		check_paths(model, catalog, faults);
	else if (named)
		check_links(model, catalog, faults);
	if (whole && faults->n == 0 && !model->spare)
		check_unconnected(model, faults);
	if (faults->n == 0)
		check_name_links(model);
}

void
check_ports(const struct model *model, bool need_ports, struct faults *faults)
{
	char claim[256], other[256];
	for (size_t i = 0; i < model->n_saps; i++) {
		const struct model_sap *sap = &model->saps[i];
		if (!sap->port) {
			if (need_ports)
				faults_add(faults, ERR_INVALID, sap->path,
					"name it in additionalParamsForNs.ports",
					"SAP '%s' has no port", sap->name);
			continue;
		}
		if (port_check(sap->port, sap->path, faults) ||
			!*port_claim(sap->port, claim, sizeof(claim)))
			continue;
		for (size_t k = 0; k < i; k++)
			if (strcmp(port_claim(model->saps[k].port, other, sizeof(other)),
				    claim) == 0)
				faults_add(faults, ERR_INVALID, sap->path,
					"give each port an interface of its own",
					"ports '%s' and '%s' use the same %s",
					model->saps[k].name, sap->name,
					port_claim_member(sap->port));
	}
}

int
check_configs(struct model *model, const struct vnfm *vnfm, struct faults *faults,
	struct err *err)
{
	int rc = 0;
	json_t *empty = json_object();
	for (size_t i = 0; !rc && i < model->n_vnfs; i++) {
		struct model_vnf *vnf = &model->vnfs[i];
		json_t *answer = NULL;
		struct faults found = {0};
		if (!vnf->vnfd || !vnf->type)
			continue;
		rc = vnfm->driver->check(vnfm->self, vnf->type,
			vnf->config ? vnf->config : empty, &answer, &vnf->state_need,
			err);
		if (!rc) {
			faults_from_json(&found, answer);
			faults_merge(faults, &found, vnf->config_path);
			faults_clear(&found);
		}
		json_decref(answer);
	}
	json_decref(empty);
	return rc;
}

void
check_interfaces(const struct model *model, const json_t *host, struct faults *faults)
{
	const json_t *interfaces = json_object_get(host, "interfaces");
	for (size_t i = 0; json_is_array(interfaces) && i < model->n_saps; i++) {
		const struct model_sap *sap = &model->saps[i];
		const char *driver =
			json_string_value(json_object_get(sap->port, "driver"));
		const char *name =
			json_string_value(json_object_get(sap->port, "interface"));
		bool known = false;
		if (!driver || !name || strncmp(driver, "af_", 3) != 0)
			continue;
		for (size_t k = 0; k < json_array_size(interfaces); k++)
			known |= strcmp(json_string_value(json_array_get(interfaces, k)),
					 name) == 0;
		if (!known)
			interface_unknown(sap, name, interfaces, faults);
	}
}

static void
check_names(const struct model *model, bool whole, struct faults *faults)
{
	if (model->name && !model_name_ok(model->name, SERVICE_NAME_MAX))
		faults_add(faults, ERR_INVALID, model->name_path,
			"small letters, digits and dashes, 31 at most",
			"'%s' cannot be the name of a service", model->name);
	if (whole && model->n_vnfs == 0)
		faults_add(faults, ERR_INVALID, NULL,
			"add an element {vnf: NAME, type: TYPE}",
			"the service has no VNF");
	for (size_t i = 0; i < model->n_saps + model->n_vnfs; i++)
		check_element_name(model, i, faults);
}

/* Name or path of an element: SAPs are counted before VNFs. */
static const char *
element_name(const struct model *model, size_t i)
{
	return i < model->n_saps ? model->saps[i].name
				 : model->vnfs[i - model->n_saps].name;
}

static const char *
element_path(const struct model *model, size_t i)
{
	return i < model->n_saps ? model->saps[i].path
				 : model->vnfs[i - model->n_saps].path;
}

static void
check_element_name(const struct model *model, size_t i, struct faults *faults)
{
	const char *name = element_name(model, i), *path = element_path(model, i);
	if (!model_name_ok(name, MODEL_NAME_MAX))
		faults_add(faults, ERR_INVALID, path,
			"small letters, digits and dashes, 24 at most",
			"'%s' cannot be the name of a part", name);
	for (size_t k = 0; k < i; k++) {
		if (strcmp(element_name(model, k), name) != 0)
			continue;
		faults_add(faults, ERR_INVALID, path, "give each part a name of its own",
			"the name '%s' is used twice", name);
		return;
	}
}

static void
check_types(struct model *model, const struct catalog *catalog, struct faults *faults)
{
	for (size_t i = 0; i < model->n_vnfs; i++)
		resolve_type(&model->vnfs[i], catalog, faults);
	for (size_t i = 0; i < model->n_vnfs; i++)
		check_group(model, i, faults);
}

static void
resolve_type(struct model_vnf *vnf, const struct catalog *catalog, struct faults *faults)
{
	char hint[320];
	const bool by_vnfd = !vnf->type;
	const char *word = by_vnfd ? vnf->vnfd : vnf->type;
	const struct catalog_type *type =
		by_vnfd ? catalog_find_vnfd(catalog, word) : catalog_find(catalog, word);
	if (!type)
		faults_add(faults, ERR_INVALID, vnf->type_path,
			catalog_hint(catalog, word, by_vnfd, hint, sizeof(hint)),
			by_vnfd ? "no VNF package has the vnfdId '%s'"
				: "no VNF type is called '%s'",
			word);
	else if (!type->enabled)
		faults_add(faults, ERR_STATE, vnf->type_path, "enable the package",
			"the package of '%s' is disabled", word);
	else if (vnf->replicas > 1 && !catalog_scales(type))
		check_replicas(vnf, word, faults);
	else if (vnf->group && vnf->alone)
		faults_add(faults, ERR_INVALID, vnf->path, "write one of the two",
			"'%s' cannot be in group '%s' and have a process of its own",
			vnf->name, vnf->group);
	else if (vnf->group && strncmp(vnf->group, MODEL_AUTO, strlen(MODEL_AUTO)) == 0)
		faults_add(faults, ERR_INVALID, vnf->path, "choose another name",
			"groups whose names begin with '" MODEL_AUTO
			"' are those of isolation: auto");
	else if (by_vnfd)
		vnf->type = strdup(type->name);
	else if (!vnf->vnfd)
		vnf->vnfd = strdup(type->vnfd);
}

/* A group is copied as a whole, so its VNFs have as many replicas, on the same cores. */
static void
check_group(const struct model *model, size_t at, struct faults *faults)
{
	const struct model_vnf *vnf = &model->vnfs[at], *first = NULL;
	char path[MODEL_PATH];
	for (size_t i = 0; i < at && !first; i++)
		if (vnf->group && model->vnfs[i].group &&
			strcmp(model->vnfs[i].group, vnf->group) == 0)
			first = &model->vnfs[i];
	if (!first)
		return;
	const unsigned n = vnf->replicas ? vnf->replicas : 1,
		       wanted = first->replicas ? first->replicas : 1;
	snprintf(path, sizeof(path), "%.180s.replicas", vnf->path);
	if (n != wanted)
		faults_add(faults, ERR_INVALID, path,
			"give both as many, or take one out",
			"a group has replicas as a whole: in group '%s', '%s' has %u and "
			"'%s' %u",
			vnf->group, first->name, wanted, vnf->name, n);
	else if (n > 1 && vnf->n_cores > 0 && first->n_cores > 0 &&
		 (vnf->n_cores != first->n_cores ||
			 memcmp(vnf->cores, first->cores,
				 vnf->n_cores * sizeof(*vnf->cores)) != 0))
		faults_add(faults, ERR_INVALID, vnf->core_path,
			"name them for one of them",
			"replicas of group '%s' run on the cores that '%s' names",
			vnf->group, first->name);
}

static void
check_replicas(const struct model_vnf *vnf, const char *type, struct faults *faults)
{
	char path[MODEL_PATH];
	snprintf(path, sizeof(path), "%.180s.replicas", vnf->path);
	faults_add(faults, ERR_UNSUPPORTED, path, "leave it out, or write 1",
		"a VNF of '%s' cannot have replicas yet: it runs as one process", type);
}

static void
check_links(struct model *model, const struct catalog *catalog, struct faults *faults)
{
	for (size_t i = 0; i < model->n_links; i++)
		for (int e = 0; e < 2; e++)
			check_end(model, catalog, &model->links[i].ends[e], faults);
	check_used_twice(model, faults);
}

static void
check_used_twice(const struct model *model, struct faults *faults)
{
	for (size_t i = 0; i < 2 * model->n_links; i++) {
		const struct model_end *end = &model->links[i / 2].ends[i % 2];
		for (size_t k = 0; k < i; k++) {
			if (!check_same_end(end, &model->links[k / 2].ends[k % 2]))
				continue;
			faults_add(faults, ERR_INVALID, end->path,
				"a link joins two ends that nothing else uses",
				"'%s%s%s' is linked twice", end->element,
				end->cp ? "." : "", end->cp ? end->cp : "");
			break;
		}
	}
}

static void
check_unconnected(const struct model *model, struct faults *faults)
{
	bool *saps = calloc(model->n_saps + 1, sizeof(*saps));
	bool *vnfs = calloc(model->n_vnfs + 1, sizeof(*vnfs));
	for (size_t i = 0; saps && vnfs && i < 2 * model->n_links; i++) {
		const struct model_end *end = &model->links[i / 2].ends[i % 2];
		if (end->sap >= 0)
			saps[end->sap] = true;
		else
			vnfs[end->vnf] = true;
	}
	for (size_t i = 0; saps && i < model->n_saps; i++)
		if (!saps[i])
			faults_add(faults, ERR_INVALID, model->saps[i].path,
				"link it, or leave it out", "port '%s' is not connected",
				model->saps[i].name);
	for (size_t i = 0; vnfs && i < model->n_vnfs; i++)
		if (!vnfs[i])
			faults_add(faults, ERR_INVALID, model->vnfs[i].path,
				"link it, or leave it out", "VNF '%s' is not connected",
				model->vnfs[i].name);
	free(saps);
	free(vnfs);
}

void
check_name_links(struct model *model)
{
	char name[32], base[24];
	for (size_t i = 0; i < model->n_links; i++) {
		struct model_link *link = &model->links[i];
		unsigned n = 1;
		snprintf(base, sizeof(base), "%.11s-%.11s", link->ends[0].element,
			link->ends[1].element);
		snprintf(name, sizeof(name), "%s", base);
		for (size_t k = 0; k < i; k++)
			if (strcmp(model->links[k].name, name) == 0) {
				snprintf(name, sizeof(name), "%.21s-%u", base, ++n);
				k = (size_t)-1;
			}
		free(link->name);
		link->name = strdup(name);
	}
}

static void
interface_unknown(const struct model_sap *sap, const char *name, const json_t *interfaces,
	struct faults *faults)
{
	char path[MODEL_PATH], hint[128] = "`ip link` on the host lists the interfaces";
	const char **names = calloc(json_array_size(interfaces) + 1, sizeof(*names));
	for (size_t i = 0; names && i < json_array_size(interfaces); i++)
		names[i] = json_string_value(json_array_get(interfaces, i));
	const char *nearest = names ? field_nearest(name, names) : NULL;
	if (nearest)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
	snprintf(path, sizeof(path), "%.170s.interface", sap->path);
	faults_add(faults, ERR_INVALID, path, hint,
		"the host has no interface called '%s'", name);
	free(names);
}
