/* kept_scale.c: see kept_scale.h. */
#include "orchestrator/kept_scale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/log.h"
#include "orchestrator/event.h"
#include "orchestrator/plan/policy_figures.h"
#include "orchestrator/vnf_scale.h"

#define REASON "reason" /* among additionalParams */

static struct policy_sample measure(
	const struct kept_look *look, const struct kept_vnf *vnf);
static void choose(const struct kept_look *look, struct kept_vnf *vnf,
	const struct policy_sample *sample, int64_t scaled_ms,
	struct policy_scale_choice *choice);
static void carry_out(const struct kept_look *look, struct kept_vnf *vnf,
	unsigned replicas, struct policy_scale_choice *choice);
static void refused(const struct kept_look *look, struct kept_vnf *vnf,
	const struct err *err, struct policy_scale_choice *choice);
static json_t *tell(const struct kept_vnf *vnf, const struct policy_sample *sample,
	const struct policy_scale_choice *choice);

json_t *
kept_scale(const struct kept_look *look, struct kept_vnf *vnf)
{
	struct policy_scale_choice choice;
	struct db_occurrence last = {0};
	const struct policy_sample sample = measure(look, vnf);
	const bool before = db_occurrence_last_scaling(look->orch->db, look->kept->ns,
				    look->row->id, &last, NULL) == 0;
	choose(look, vnf, &sample, before ? stamp_since_ms(last.entered) : POLICY_NEVER,
		&choice);
	if (choice.by)
		carry_out(look, vnf, sample.replicas, &choice);
	json_t *told = tell(vnf, &sample, &choice);
	if (before)
		json_object_set_new(told, "last", kept_look_last(look, &last, REASON));
	db_occurrence_clear(&last);
	return told;
}

static struct policy_sample
measure(const struct kept_look *look, const struct kept_vnf *vnf)
{
	struct policy_sample sample = {0};
	int64_t n = 0;
	const double seconds = (double)(look->now_ms - look->kept->stats_ms) / 1000;
	if (db_policy_replicas(look->orch->db, look->row->id, &n, NULL) == 0)
		sample.replicas = (unsigned)n;
	policy_figures_take(vnf->policy.scale.metric, look->row->id, look->kept->stats,
		look->stats, seconds, &sample);
	return sample;
}

/* Nothing, and what was seen so far does not count, while others change the service. */
static void
choose(const struct kept_look *look, struct kept_vnf *vnf,
	const struct policy_sample *sample, int64_t scaled_ms,
	struct policy_scale_choice *choice)
{
	struct policy_scale_memory none = {0};
	const char *why = look->busy			? look->busy
			  : look->now_ms < vnf->hold_ms ? vnf->hold
							: NULL;
	policy_scale_choose(&vnf->policy.scale, sample, scaled_ms, look->now_ms,
		why ? &none : &vnf->scale, choice);
	if (!why)
		return;
	vnf->scale = none;
	choice->by = 0;
	snprintf(choice->why, sizeof(choice->why), "%s", why);
}

static void
carry_out(const struct kept_look *look, struct kept_vnf *vnf, unsigned replicas,
	struct policy_scale_choice *choice)
{
	struct operation_answer answer = {.automatic = true};
	struct faults faults = {0};
	struct err err = {0};
	json_t *request = json_pack("{s:s, s:s, s:i, s:{s:s}}", "type",
		choice->by > 0 ? "SCALE_OUT" : "SCALE_IN", "aspectId", "replicas",
		"numberOfSteps", abs(choice->by), "additionalParams", REASON,
		choice->why);
	int rc = vnf_scale(look->orch, look->row->id, request, &answer, &faults, &err);
	json_decref(request);
	if (rc && faults.n)
		faults_first(&faults, &err);
	faults_clear(&faults);
	if (rc && kept_look_is_passing(look, rc))
		snprintf(choice->why, sizeof(choice->why), "it waits: %.300s", err.text);
	else if (rc)
		refused(look, vnf, &err, choice);
	if (rc)
		return;
	vnf->hold[0] = '\0';
	log_info("VNF is scaled by its policy", "vnf=%s by=%d reason=\"%s\"",
		look->row->name, choice->by, choice->why);
	event_add(look->orch->db, NULL, "auto-scale", look->kept->ns, look->row->id,
		json_pack("{s:s, s:i, s:i, s:s, s:s}", "vnf", look->row->name, "from",
			(int)replicas, "to", (int)replicas + choice->by, REASON,
			choice->why, "occurrence", answer.occurrence));
}

/* Tried again when it would have cooled down, and told once. */
static void
refused(const struct kept_look *look, struct kept_vnf *vnf, const struct err *err,
	struct policy_scale_choice *choice)
{
	char text[POLICY_TEXT];
	snprintf(text, sizeof(text), "it was refused: %.280s", err->text);
	const bool told = strcmp(text, vnf->hold) == 0;
	memcpy(vnf->hold, text, sizeof(text));
	vnf->hold_ms = look->now_ms + (int64_t)(vnf->policy.scale.cooldown_ns / 1000000);
	if (!told) {
		log_warn("VNF cannot be scaled as its policy wants",
			"vnf=%s by=%d reason=\"%s\"", look->row->name, choice->by,
			err->text);
		event_add(look->orch->db, NULL, "auto-scale-refused", look->kept->ns,
			look->row->id,
			json_pack("{s:s, s:i, s:s, s:s}", "vnf", look->row->name, "by",
				choice->by, REASON, choice->why, "refused", err->text));
	}
	memcpy(choice->why, text, sizeof(text));
}

static json_t *
tell(const struct kept_vnf *vnf, const struct policy_sample *sample,
	const struct policy_scale_choice *choice)
{
	json_t *told = policy_form_scale_json(&vnf->policy.scale);
	json_object_set_new(told, "replicas", json_integer(sample->replicas));
	if (sample->measured)
		json_object_set_new(
			told, "value", json_integer((json_int_t)(sample->value + 0.5)));
	json_object_set_new(told, "now", json_string(choice->why));
	json_object_set_new(told, "cooldownLeft",
		json_sprintf("%.1fs", (double)choice->cools_ms / 1000));
	return told;
}
