/* kept_heal.c: see kept_heal.h. */
#include "orchestrator/kept_heal.h"

#include <stdio.h>
#include <string.h>
#include "common/log.h"
#include "db/alarms.h"
#include "orchestrator/alarm.h"
#include "orchestrator/event.h"
#include "orchestrator/host.h"
#include "orchestrator/observe.h"
#include "orchestrator/occurrence.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/vnf_heal.h"

#define REASON	 "cause"
#define GIVEN_UP "auto-heal-failed" /* event and alarm */

static void choose(const struct kept_look *look, struct kept_vnf *vnf,
	const struct policy_heal_history *history, struct policy_heal_choice *choice);
static void carry_out(const struct kept_look *look, struct kept_vnf *vnf,
	struct policy_heal_choice *choice);
static json_t *ill_replicas(const struct kept_look *look, const struct kept_vnf *vnf);
static void give_up(
	const struct kept_look *look, const struct policy_heal_choice *choice);

json_t *
kept_heal(const struct kept_look *look, struct kept_vnf *vnf)
{
	const int64_t within_ms = (int64_t)(vnf->policy.heal.within_ns / 1000000);
	struct policy_heal_history history = {0};
	struct policy_heal_choice choice;
	struct db_occurrence *rows = NULL;
	size_t n = 0;
	char since[STAMP_TIME];
	stamp_time_at(stamp_us() / 1000 - within_ms, since);
	if (db_occurrence_list_heals(
		    look->orch->db, look->row->id, since, &rows, &n, NULL))
		n = 0;
	history.attempts = (unsigned)n;
	if (n)
		history.ended_ms = stamp_since_ms(rows[n - 1].entered);
	choose(look, vnf, &history, &choice);
	json_t *told = policy_form_heal_json(&vnf->policy.heal);
	json_object_set_new(
		told, "state", json_string(observe_state(look->observed, look->row->id)));
	json_object_set_new(told, "attemptsMade", json_integer((json_int_t)n));
	json_object_set_new(told, "now", json_string(choice.why));
	if (n)
		json_object_set_new(
			told, "last", kept_look_last(look, &rows[n - 1], REASON));
	db_occurrences_free(rows, n);
	return told;
}

bool
kept_heal_give_up(
	struct orch *orch, const struct kept *kept, const struct db_occurrence *open)
{
	struct err err;
	bool heals = false;
	for (size_t i = 0; i < kept->n_vnfs; i++)
		heals |= kept->vnfs[i].policy.heals;
	if (!heals || !open->automatic || strcmp(open->operation, "HEAL") != 0 ||
		strcmp(open->state, "FAILED_TEMP") != 0)
		return false;
	if (!occurrence_task(orch, open->api, open->id, EVENT_FAIL, &err))
		return true;
	log_warn("failed heal cannot be given up", "id=%s reason=\"%s\"", open->id,
		err.text);
	return false;
}

static void
choose(const struct kept_look *look, struct kept_vnf *vnf,
	const struct policy_heal_history *history, struct policy_heal_choice *choice)
{
	const char *state = observe_state(look->observed, look->row->id);
	policy_heal_choose(
		&vnf->policy.heal, state, history, look->now_ms, &vnf->heal, choice);
	if (look->busy && choice->act != POLICY_LEAVE)
		snprintf(choice->why, sizeof(choice->why), "%s", look->busy);
	else if (choice->act == POLICY_HEAL)
		carry_out(look, vnf, choice);
	else if (choice->act == POLICY_GIVE_UP)
		give_up(look, choice);
}

static void
carry_out(const struct kept_look *look, struct kept_vnf *vnf,
	struct policy_heal_choice *choice)
{
	struct operation_answer answer = {.automatic = true};
	struct faults faults = {0};
	struct err err = {0};
	json_t *ill = ill_replicas(look, vnf);
	json_t *request = json_pack("{s:s, s:O*}", REASON, choice->why, "vnfcInstanceId",
		json_array_size(ill) ? ill : NULL);
	/* without the dataplane nothing is well, and nothing can be made so */
	int rc = host_ready(look->orch, &err);
	if (!rc)
		rc = vnf_heal(look->orch, look->row->id, request, &answer, &faults, &err);
	json_decref(request);
	json_decref(ill);
	if (rc && faults.n)
		faults_first(&faults, &err);
	faults_clear(&faults);
	if (rc && !kept_look_is_passing(look, rc)) {
		vnf->heal.since_ms = look->now_ms;
		log_warn("VNF cannot be healed as its policy wants",
			"vnf=%s reason=\"%s\"", look->row->name, err.text);
	}
	if (rc) {
		snprintf(choice->why, sizeof(choice->why), "it waits: %.300s", err.text);
		return;
	}
	log_info("VNF is healed by its policy", "vnf=%s reason=\"%s\"", look->row->name,
		choice->why);
	event_add(look->orch->db, NULL, "auto-heal", look->kept->ns, look->row->id,
		json_pack("{s:s, s:s, s:s}", "vnf", look->row->name, "reason",
			choice->why, "occurrence", answer.occurrence));
}

/* None where only their number makes it ill: then all of them are healed. */
static json_t *
ill_replicas(const struct kept_look *look, const struct kept_vnf *vnf)
{
	json_t *list = json_array();
	char id[64];
	for (unsigned i = 0; i < REPLICAS_MAX; i++) {
		replicas_id(look->row->id, i, id, sizeof(id));
		const char *state = json_string_value(
			json_object_get(json_object_get(look->observed, id), "state"));
		if (state && policy_heal_is_ill(&vnf->policy.heal, state))
			json_array_append_new(list, json_string(id));
	}
	return list;
}

/* Told once: the alarm stays until the VNF is ready. */
static void
give_up(const struct kept_look *look, const struct policy_heal_choice *choice)
{
	struct db *db = look->orch->db;
	const char *ns = look->kept->ns, *vnf = look->row->id;
	struct db_alarm open = {0};
	char now[STAMP_TIME];
	const bool told = db_alarm_get_open(db, vnf, &open, NULL) == 0 &&
			  strcmp(open.fault, GIVEN_UP) == 0;
	db_alarm_clear(&open);
	if (told)
		return;
	json_t *detail = json_string(choice->why);
	log_error("VNF cannot be healed", "vnf=%s reason=\"%s\"", look->row->name,
		choice->why);
	alarm_take_event(db, stamp_time(now), GIVEN_UP, ns, vnf, NULL, detail);
	event_add(db, now, GIVEN_UP, ns, vnf, detail);
}
