/* nsd_form_print.c: a model as a descriptor in the ETSI form. */
#include <stdlib.h>
#include <string.h>
#include "orchestrator/descriptor/affinity_form.h"
#include "orchestrator/descriptor/check_ends.h"
#include "orchestrator/descriptor/flavour.h"
#include "orchestrator/descriptor/nsd_form.h"
#include "orchestrator/descriptor/nsd_vnffg.h"
#include "orchestrator/descriptor/policy_form.h"

static json_t *print_saps(const struct model *model, const size_t *nets);
static bool is_repeated(const struct model *model, size_t at);
static json_t *print_profiles(const struct model *model, const size_t *nets);
static json_t *print_connectivity(
	const struct model *model, size_t vnf, const size_t *nets);

json_t *
nsd_form_print(const struct model *model, const char *nsd_id, const char *description)
{
	json_t *vnfds = json_array(), *vls = json_array(), *profiles = json_array();
	for (size_t i = 0; i < model->n_vnfs; i++) {
		bool seen = false;
		for (size_t k = 0; k < i; k++)
			seen |= strcmp(model->vnfs[k].vnfd, model->vnfs[i].vnfd) == 0;
		if (!seen)
			json_array_append_new(vnfds, json_string(model->vnfs[i].vnfd));
	}
	size_t *nets = nsd_vnffg_nets(model);
	for (size_t i = 0; nets && i < model->n_links; i++) {
		const char *name = model->links[i].name;
		if (nets[i] != i)
			continue;
		json_array_append_new(vls, json_pack("{s:s}", "id", name));
		json_array_append_new(
			profiles, json_pack("{s:s+, s:s}", "id", "vlp-", name,
					  "virtual-link-desc-id", name));
	}
	json_t *df = json_pack("{s:s, s:o, s:o}", "id", "default", "virtual-link-profile",
		profiles, "vnf-profile", print_profiles(model, nets));
	affinity_print(model, df);
	json_t *nsd = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:o, s:o, s:o, s:[o]}", "id",
		nsd_id, "name", model->name, "designer", "renga", "version", "1.0",
		"description", description, "vnfd-id", vnfds, "sapd",
		print_saps(model, nets), "virtual-link-desc", vls, "df", df);
	free(nets);
	if (model->n_paths)
		json_object_set_new(nsd, "vnffgd", nsd_vnffg_print(model));
	if (model->buffers)
		json_object_set_new(
			nsd, "renga:buffers", json_integer((json_int_t)model->buffers));
	if (model->share)
		json_object_set_new(nsd, "renga:cpu-share", json_integer(model->share));
	if (model->limits)
		json_object_set(nsd, "renga:limits", model->limits);
	if (model->isolation != MODEL_PROCESS)
		json_object_set_new(nsd, "renga:isolation",
			json_string(nsd_form_isolations[model->isolation]));
	return json_pack("{s:[o]}", "nsd", nsd);
}

static json_t *
print_saps(const struct model *model, const size_t *nets)
{
	json_t *saps = json_array();
	for (size_t i = 0; i < 2 * model->n_links; i++) {
		const int sap = model->links[i / 2].ends[i % 2].sap;
		if (sap < 0 || is_repeated(model, i))
			continue;
		const char *vl = model->links[nets[i / 2]].name;
		json_array_append_new(
			saps, json_pack("{s:s, s:s, s:O*}", "id", model->saps[sap].name,
				      "virtual-link-desc", vl, "renga:port",
				      model->saps[sap].port));
	}
	return saps;
}

/* An end that an earlier link has too: of links in their order, both ends of each. */
static bool
is_repeated(const struct model *model, size_t at)
{
	const struct model_end *end = &model->links[at / 2].ends[at % 2];
	for (size_t i = 0; i < at; i++)
		if (check_same_end(&model->links[i / 2].ends[i % 2], end))
			return true;
	return false;
}

static json_t *
print_profiles(const struct model *model, const size_t *nets)
{
	json_t *profiles = json_array();
	for (size_t i = 0; i < model->n_vnfs; i++) {
		const struct model_vnf *vnf = &model->vnfs[i];
		json_t *profile = json_pack("{s:s, s:s, s:O*, s:o}", "id", vnf->name,
			"vnfd-id", vnf->vnfd, "renga:config", vnf->config,
			"virtual-link-connectivity", print_connectivity(model, i, nets));
		if (vnf->core >= 0)
			json_object_set_new(
				profile, "renga:cores", json_pack("[i]", vnf->core));
		if (vnf->replicas)
			json_object_set_new(
				profile, "renga:replicas", json_integer(vnf->replicas));
		if (vnf->state_size)
			json_object_set_new(profile, "renga:state-size",
				json_integer((json_int_t)vnf->state_size));
		if (vnf->alone)
			json_object_set_new(
				profile, "renga:isolation", json_string("process"));
		if (vnf->dedicated)
			json_object_set_new(
				profile, "flavour-id", json_string(flavour_id(true)));
		if (vnf->group && !model_is_free(model, i))
			json_object_set_new(
				profile, "renga:group", json_string(vnf->group));
		if (vnf->share)
			json_object_set_new(
				profile, "renga:cpu-share", json_integer(vnf->share));
		policy_form_print(vnf, profile);
		json_array_append_new(profiles, profile);
	}
	return profiles;
}

static json_t *
print_connectivity(const struct model *model, size_t vnf, const size_t *nets)
{
	json_t *list = json_array();
	for (size_t i = 0; i < 2 * model->n_links; i++) {
		const struct model_end *end = &model->links[i / 2].ends[i % 2];
		if (end->vnf != (int)vnf || is_repeated(model, i))
			continue;
		json_array_append_new(list,
			json_pack("{s:s+, s:[{s:s, s:s}]}", "virtual-link-profile-id",
				"vlp-", model->links[nets[i / 2]].name,
				"constituent-cpd-id", "constituent-base-element-id",
				end->element, "constituent-cpd-id", end->cp));
	}
	return list;
}
