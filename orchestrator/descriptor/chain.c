/* chain.c: the chain form of a descriptor, read into a model by two field tables. */
#include "orchestrator/descriptor/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"
#include "common/limits.h"
#include "orchestrator/descriptor/affinity_form.h"
#include "orchestrator/descriptor/any.h"
#include "orchestrator/descriptor/chain_paths.h"
#include "orchestrator/descriptor/policy_form.h"

struct form {
	char *kind, *name, *description;
	int isolation;
	json_t *ports, *path, *vnfs, *links, *paths, *affinity;
	uint64_t buffers;
	uint32_t share;
	struct limits limits;
};

static const struct field_value isolations[] = {
	{"process", MODEL_PROCESS, "every VNF is a process of its own"},
	{"group", MODEL_GROUP, "the VNFs share one process"},
	{"auto", MODEL_AUTO_GROUPS,
		"VNFs share processes, and are spread over cores, by what is measured"},
	{0},
};

static const struct field_value alone[] = {
	{"process", MODEL_PROCESS, "a process of its own, whatever the service has"},
	{0},
};

static const struct field form_fields[] = {
	{.name = "kind",
		.type = FIELD_STRING,
		.offset = offsetof(struct form, kind),
		.required = true,
		.help = "Chain"},
	{.name = "name",
		.type = FIELD_STRING,
		.offset = offsetof(struct form, name),
		.required = true,
		.help = "of the service"},
	{.name = "description",
		.type = FIELD_STRING,
		.offset = offsetof(struct form, description),
		.help = "for people"},
	{.name = "isolation",
		.type = FIELD_ENUM,
		.offset = offsetof(struct form, isolation),
		.values = isolations,
		.dflt = "process",
		.help = "of the VNFs from each other"},
	ANY_FIELD(struct form, ports, "NAME: port object"),
	ANY_FIELD(struct form, path, "ports and VNFs in order"),
	ANY_FIELD(struct form, vnfs, "VNFs of a graph"),
	ANY_FIELD(struct form, links, "[[lan, fw.left], ...]"),
	ANY_FIELD(struct form, paths, "forwarding paths through the VNFs"),
	ANY_FIELD(
		struct form, affinity, "[{vnfs: [a, b], scope: core, anti: true}, ...]"),
	{.name = "buffers",
		.type = FIELD_SIZE,
		.offset = offsetof(struct form, buffers),
		.min = 1024,
		.max = MODEL_BUFFERS,
		.dflt = "16k",
		.help = "packet buffers of the service"},
	{.name = "cpu-share",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct form, share),
		.min = 1,
		.max = MODEL_SHARE_MAX,
		.dflt = "100",
		.help = "of a core that it shares: how many packets of each of its VNFs to those of others, as a weight"},
	LIMITS_FIELD(struct form, limits),
	{0},
};

struct element {
	char *vnf, *type, *group;
	int isolation, core;
	json_t *config, *scale, *heal;
	uint32_t replicas, share;
	uint32_t *cores;
	unsigned n_cores;
	uint64_t state_size;
};

static const struct field_value core_uses[] = {
	{"shared", false, "with others, as placement has it"},
	{"dedicated", true, "no other VNF runs on its core"},
	{0},
};

static const struct field element_fields[] = {
	{.name = "vnf",
		.type = FIELD_STRING,
		.offset = offsetof(struct element, vnf),
		.required = true,
		.help = "name inside the chain"},
	{.name = "type",
		.type = FIELD_STRING,
		.offset = offsetof(struct element, type),
		.required = true,
		.help = "of VNF"},
	ANY_FIELD(struct element, config, "configuration, as `renga explain TYPE` says"),
	{.name = "replicas",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct element, replicas),
		.dflt = "1",
		.min = 1,
		.max = MODEL_REPLICAS,
		.help = "processes that share its load"},
	{.name = "group",
		.type = FIELD_STRING,
		.offset = offsetof(struct element, group),
		.help = "VNFs of one group share a process"},
	{.name = "isolation",
		.type = FIELD_ENUM,
		.offset = offsetof(struct element, isolation),
		.values = alone,
		.help = "process: none shares its process, whatever the service has"},
	{.name = "core",
		.type = FIELD_ENUM,
		.offset = offsetof(struct element, core),
		.values = core_uses,
		.dflt = "shared",
		.help = "whether it shares its core"},
	{.name = "cores",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.list = true,
		.offset = offsetof(struct element, cores),
		.count = offsetof(struct element, n_cores),
		.max_len = MODEL_REPLICAS,
		.max = MODEL_CORE_MAX,
		.help = "where it runs"},
	{.name = "cpu-share",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct element, share),
		.min = 1,
		.max = MODEL_SHARE_MAX,
		.dflt = "100",
		.help = "of its core; what the service has if absent"},
	{.name = "state-size",
		.type = FIELD_SIZE,
		.offset = offsetof(struct element, state_size),
		.max = MODEL_STATE,
		.help = "bytes of instance state"},
	ANY_FIELD(struct element, scale,
		"{metric, out, ...}: replicas by what is measured"),
	ANY_FIELD(
		struct element, heal, "{on, attempts, ...}: what is done when it fails"),
	{0},
};

static void parse_form(const json_t *doc, const struct form *form, struct model *model,
	struct faults *faults);
static void parse_ports(const json_t *ports, struct model *model, struct faults *faults);
static void parse_path(const json_t *path, struct model *model, struct faults *faults);
static void parse_vnfs(const json_t *vnfs, struct model *model, struct faults *faults);
static void parse_links(const json_t *links, struct model *model, struct faults *faults);
static struct model_vnf *parse_element(
	const json_t *json, const char *path, struct model *model, struct faults *faults);
static void element_values(
	const struct element *element, struct model_vnf *vnf, struct faults *faults);
static void parse_end(const json_t *json, struct model_end *end, struct faults *faults);
static const char *text(const json_t *object, const char *member);

bool
chain_is(const json_t *doc)
{
	return json_object_get(doc, "kind") || json_object_get(doc, "path") ||
	       json_object_get(doc, "links") || json_object_get(doc, "paths");
}

void
chain_parse(const json_t *doc, struct model *model, struct faults *faults)
{
	struct form form;
	const char *kind = text(doc, "kind");
	if (kind && strcmp(kind, "Chain") != 0) {
		faults_add(faults, ERR_INVALID, "kind", "write kind: Chain",
			"no kind is called '%s'", kind);
		return;
	}
	const size_t before = faults_count(faults);
	field_parse(form_fields, doc, "", &form, sizeof(form), faults);
	/* What was a fault above is read as far as it can be, for the sake of further
	 * faults. */
	if (faults_since(faults, before))
		form = (struct form){.ports = json_incref(json_object_get(doc, "ports")),
			.path = json_incref(json_object_get(doc, "path")),
			.vnfs = json_incref(json_object_get(doc, "vnfs")),
			.links = json_incref(json_object_get(doc, "links")),
			.paths = json_incref(json_object_get(doc, "paths"))};
	parse_form(doc, &form, model, faults);
	model->isolation = (enum model_isolation)form.isolation;
	model_group(model);
	field_clear(form_fields, &form);
}

static void
parse_form(const json_t *doc, const struct form *form, struct model *model,
	struct faults *faults)
{
	const char *name = text(doc, "name");
	model->name = strdup(name ? name : "");
	snprintf(model->name_path, sizeof(model->name_path), "name");
	model->buffers = json_object_get(doc, "buffers") ? form->buffers : 0;
	model->share = json_object_get(doc, "cpu-share") ? form->share : 0;
	model->limits = json_incref(json_object_get(doc, "limits"));
	affinity_from_chain(form->affinity, model, faults);
	parse_ports(form->ports, model, faults);
	if ((form->path && (form->vnfs || form->links || form->paths)) ||
		(form->links && form->paths))
		faults_add(faults, ERR_INVALID,
			form->paths  ? "paths"
			: form->vnfs ? "vnfs"
				     : "links",
			"write either `path`, or `vnfs` and `links`, or `vnfs` and "
			"`paths`",
			"a chain has one form only");
	else if (form->path)
		parse_path(form->path, model, faults);
	else if (form->paths) {
		parse_vnfs(form->vnfs, model, faults);
		chain_paths_parse(form->paths, "paths", model, faults);
	} else if (form->vnfs || form->links) {
		parse_vnfs(form->vnfs, model, faults);
		parse_links(form->links, model, faults);
	} else
		faults_add(faults, ERR_INVALID, "path", "list ports and VNFs in order",
			"the chain has no path");
}

static void
parse_ports(const json_t *ports, struct model *model, struct faults *faults)
{
	const char *name;
	json_t *port;
	if (ports && !json_is_object(ports))
		faults_add(faults, ERR_INVALID, "ports", "write NAME: {driver: ...}",
			"ports is not a map");
	if (!model_fits(ports, "ports", faults))
		return;
	json_object_foreach ((json_t *)ports, name, port) {
		struct model_sap *sap = model_add_sap(model);
		if (!sap)
			return;
		sap->name = strdup(name);
		sap->port = json_incref(port);
		snprintf(sap->path, sizeof(sap->path), "ports.%s", name);
	}
}

static void
parse_path(const json_t *path, struct model *model, struct faults *faults)
{
	char place[MODEL_PATH], before[MODEL_PATH] = "";
	const char *previous = NULL;
	bool previous_is_vnf = false;
	size_t i;
	json_t *item;
	if (!json_is_array(path) || json_array_size(path) < 2)
		faults_add(faults, ERR_INVALID, "path", "list ports and VNFs in order",
			"a path has at least two elements");
	if (!model_fits(path, "path", faults))
		return;
	json_array_foreach ((json_t *)path, i, item) {
		const bool is_vnf = !json_is_string(item);
		snprintf(place, sizeof(place), "path[%zu]", i);
		struct model_vnf *vnf =
			is_vnf ? parse_element(item, place, model, faults) : NULL;
		const char *name = vnf	    ? vnf->name
				   : is_vnf ? NULL
					    : json_string_value(item);
		struct model_link *link = previous && name ? model_add_link(model) : NULL;
		if (link) {
			struct model_end *a = &link->ends[0], *b = &link->ends[1];
			a->element = strdup(previous);
			a->position = previous_is_vnf ? 1 : -1;
			snprintf(a->path, sizeof(a->path), "%s", before);
			b->element = strdup(name);
			b->position = is_vnf ? 0 : -1;
			snprintf(b->path, sizeof(b->path), "%s", place);
		}
		previous = name;
		previous_is_vnf = is_vnf;
		memcpy(before, place, sizeof(before));
	}
}

static void
parse_vnfs(const json_t *vnfs, struct model *model, struct faults *faults)
{
	char place[MODEL_PATH];
	size_t i;
	json_t *item;
	if (!json_is_array(vnfs))
		faults_add(faults, ERR_INVALID, "vnfs",
			"write a list of {vnf: NAME, type: TYPE}",
			"a graph needs a list of VNFs");
	if (!model_fits(vnfs, "vnfs", faults))
		return;
	json_array_foreach ((json_t *)vnfs, i, item) {
		snprintf(place, sizeof(place), "vnfs[%zu]", i);
		parse_element(item, place, model, faults);
	}
}

static void
parse_links(const json_t *links, struct model *model, struct faults *faults)
{
	char place[MODEL_PATH];
	size_t i;
	json_t *item;
	if (!json_is_array(links))
		faults_add(faults, ERR_INVALID, "links",
			"write [[lan, fw.left], [fw.right, wan]]",
			"a graph needs a list of links");
	if (!model_fits(links, "links", faults))
		return;
	json_array_foreach ((json_t *)links, i, item) {
		snprintf(place, sizeof(place), "links[%zu]", i);
		if (!json_is_array(item) || json_array_size(item) != 2) {
			faults_add(faults, ERR_INVALID, place, "write [lan, fw.left]",
				"a link has two ends");
			continue;
		}
		struct model_link *link = model_add_link(model);
		for (size_t e = 0; link && e < 2; e++) {
			snprintf(link->ends[e].path, MODEL_PATH, "links[%zu][%zu]", i, e);
			parse_end(json_array_get(item, e), &link->ends[e], faults);
		}
	}
}

static void
parse_end(const json_t *json, struct model_end *end, struct faults *faults)
{
	const char *name = json_string_value(json);
	const char *dot = name ? strchr(name, '.') : NULL;
	if (!name)
		faults_add(faults, ERR_INVALID, end->path, "write a port, or VNF.CP",
			"the end of a link is not a name");
	if (dot) {
		end->element = strndup(name, (size_t)(dot - name));
		end->cp = strdup(dot + 1);
	} else {
		end->element = strdup(name ? name : "");
	}
}

static struct model_vnf *
parse_element(
	const json_t *json, const char *path, struct model *model, struct faults *faults)
{
	struct element element;
	const int bad = field_parse(
		element_fields, json, path, &element, sizeof(element), faults);
	const char *name = text(json, "vnf"), *type = text(json, "type");
	struct model_vnf *vnf = name && type ? model_add_vnf(model) : NULL;
	if (vnf) {
		vnf->name = strdup(name);
		vnf->type = strdup(type);
		vnf->config = json_incref(json_object_get(json, "config"));
		snprintf(vnf->path, sizeof(vnf->path), "%s", path);
		snprintf(vnf->type_path, sizeof(vnf->type_path), "%.180s.type", path);
		snprintf(vnf->config_path, sizeof(vnf->config_path), "%.180s.config",
			path);
		snprintf(vnf->core_path, sizeof(vnf->core_path), "%.180s.cores", path);
		if (!bad)
			element_values(&element, vnf, faults);
		policy_form_take(json, "", vnf, faults);
		vnf->alone = json_object_get(json, "isolation") != NULL;
		if (!bad && json_object_get(json, "cpu-share"))
			vnf->share = element.share;
		if (!bad && json_object_get(json, "replicas"))
			vnf->replicas = element.replicas;
	}
	if (!bad)
		field_clear(element_fields, &element);
	return vnf;
}

static void
element_values(
	const struct element *element, struct model_vnf *vnf, struct faults *faults)
{
	if (element->group)
		vnf->group = strdup(element->group);
	if (element->n_cores > 1 && element->replicas == 1)
		faults_add(faults, ERR_UNSUPPORTED, vnf->core_path, "name one core",
			"a VNF without replicas runs on one core");
	if (element->n_cores)
		vnf->core = (int)element->cores[0];
	for (vnf->n_cores = 0; vnf->n_cores < element->n_cores; vnf->n_cores++)
		vnf->cores[vnf->n_cores] = (int)element->cores[vnf->n_cores];
	vnf->state_size = element->state_size;
	vnf->dedicated = element->core;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
