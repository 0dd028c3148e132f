/* steps.c: what each step of a scenario does; main.c says how they are written. */
#include "tests/scenario/scenario.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/doc.h"
#include "dataplane/runtime/plugin.h"
#include "tests/lib/pkttext.h"

static bool need_instance(struct run *run);
static void show_rest(struct run *run);

static bool
load_type(struct run *run)
{
	char name[32];
	struct err err;

	if (run->type != NULL)
		return true;
	if (plugin_load(run->plugins, run->type_name, &run->type, &err) != 0) {
		scenario_fail(run, "%s (%s)", err.text, err.hint);
		return false;
	}
	for (unsigned cp = 0; cp < vnf_n_cps(run->type); cp++) {
		char mac[32];

		snprintf(name, sizeof(name), "mac-%.27s", run->type->cps[cp]);
		snprintf(mac, sizeof(mac), "02:00:00:00:ff:%02x", cp);
		scenario_set(run, name, mac);
	}
	return true;
}

static void
show_faults(struct run *run, const struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++)
		scenario_fail(run, "%s: %s", faults->list[i].path, faults->list[i].text);
}

static void
open_instance(struct run *run, struct harness_state *state)
{
	struct faults faults = {0};

	if (!load_type(run))
		return;
	if (harness_open(&run->h, run->type, run->config, state, &faults) != 0)
		show_faults(run, &faults);
	faults_clear(&faults);
}

static void
step_let(struct run *run, char *args)
{
	const size_t len = strcspn(args, " \t\n");
	char *text = args + len + strspn(args + len, " \t");

	args[len] = '\0';
	scenario_expand(run, text);
	scenario_set(run, args, text);
}

static void
step_type(struct run *run, char *args)
{
	snprintf(run->type_name, sizeof(run->type_name), "%.31s", args);
	run->type = NULL;
}

static void
step_state_size(struct run *run, char *args)
{
	uint64_t bytes;

	if (field_size_parse(args, &bytes) != 0)
		scenario_fail(run, "'%s' is no size", args);
	else
		run->state_size = bytes;
}

static void
step_config(struct run *run, char *args)
{
	struct harness_state state = {.size = run->state_size};
	const char *fault = harness_close(run->h);

	if (fault != NULL)
		scenario_fail(run, "%s", fault);
	run->h = NULL;
	snprintf(run->config, sizeof(run->config), "%s", args);
	open_instance(run, run->state_size > 0 ? &state : NULL);
	run->state_size = 0;
}

static void
step_configure(struct run *run, char *args)
{
	struct faults faults = {0};

	if (!need_instance(run))
		return;
	if (harness_configure(run->h, args, &faults) != 0)
		show_faults(run, &faults);
	else
		snprintf(run->config, sizeof(run->config), "%s", args);
	faults_clear(&faults);
}

static void
step_refuse(struct run *run, char *args)
{
	struct harness *h = run->h;
	int rc;

	if (!load_type(run))
		return;
	rc = h != NULL ? harness_configure(h, args, &run->faults)
		       : harness_open(&h, run->type, args, NULL, &run->faults);
	if (rc == 0)
		scenario_fail(run, "the configuration was accepted");
	if (rc == 0 && run->h == NULL)
		(void)harness_close(h);
	run->refused = true;
}

static void
step_fault(struct run *run, char *args)
{
	struct faults *faults = &run->faults;

	for (size_t i = 0; i < faults->n; i++) {
		if (strcmp(faults->list[i].path, args) != 0)
			continue;
		faults->list[i] = faults->list[--faults->n];
		return;
	}
	scenario_fail(run, "no fault at '%s'", args);
}

static void
step_crash(struct run *run, char *args)
{
	struct harness_state state;

	(void)args;
	if (!need_instance(run))
		return;
	harness_crash(run->h, &state);
	run->h = NULL;
	open_instance(run, &state);
	harness_state_free(&state);
}

/* Index of the connection point that args begin with; *rest is behind it and its colon.
 */
static int
read_cp(struct run *run, char *args, char **rest)
{
	const size_t len = strcspn(args, ": \t");

	*rest = args + len + strspn(args + len, ": \t");
	args[len] = '\0';
	if (!need_instance(run))
		return -1;
	for (unsigned cp = 0; run->type->cps[cp] != NULL; cp++)
		if (strcmp(run->type->cps[cp], args) == 0)
			return (int)cp;
	scenario_fail(run, "%s has no connection point '%s'", run->type->name, args);
	return -1;
}

static void
flush_burst(struct run *run)
{
	if (run->n_burst > 0 && run->h != NULL)
		harness_burst(run->h, run->burst_cp, run->burst, run->n_burst);
	run->n_burst = 0;
}

static void
step_in(struct run *run, char *args)
{
	struct pkttext pkt;
	struct err err;
	char *text;
	const int cp = read_cp(run, args, &text);
	struct harness_frame *frame;

	if (cp < 0)
		return;
	if (pkttext_parse(text, &pkt, &err) != 0) {
		scenario_fail(run, "%s", err.text);
		return;
	}
	if (run->n_burst > 0 &&
		(run->burst_cp != (unsigned)cp || run->n_burst == VNF_BURST)) {
		flush_burst(run);
		scenario_settle(run);
	}
	frame = &run->burst[run->n_burst++];
	run->burst_cp = (unsigned)cp;
	frame->len = (uint32_t)pkt.len;
	memcpy(frame->data, pkt.data, pkt.len);
}

static void
step_out(struct run *run, char *args)
{
	struct harness_frame frame;
	struct pkttext expected;
	struct err err;
	char *text, got[TEXT_SIZE];
	const char *fault;
	const int cp = read_cp(run, args, &text);

	if (cp < 0)
		return;
	if (pkttext_parse(text, &expected, &err) != 0) {
		scenario_fail(run, "%s", err.text);
		return;
	}
	if (!harness_out(run->h, (unsigned)cp, &frame)) {
		scenario_fail(run, "nothing came out of %s\n  expected: %s", args, text);
		return;
	}
	fault = pkttext_fault(frame.data, frame.len);
	pkttext_print(frame.data, frame.len, got, sizeof(got));
	if (!pkttext_match(&expected, frame.data, frame.len))
		scenario_fail(run,
			"another packet came out of %s\n  expected: %s\n  got:      %s",
			args, text, got);
	else if (fault != NULL)
		scenario_fail(run, "%s\n  got:      %s", fault, got);
}

static void
step_drop(struct run *run, char *args)
{
	char name[64] = "";
	unsigned n = 1;

	if (!need_instance(run))
		return;
	if (sscanf(args, "%63s x%u", name, &n) < 1) {
		scenario_fail(run, "drop what?");
		return;
	}
	for (unsigned i = 0; i < vnf_n_reasons(run->type); i++) {
		if (strcmp(vnf_reason(run->type, i)->name, name) != 0)
			continue;
		for (unsigned taken = 0; taken < n; taken++)
			if (!harness_drop_of(run->h, i))
				scenario_fail(
					run, "%u of %u drops for %s", taken, n, name),
					taken = n;
		return;
	}
	scenario_fail(run, "%s has no drop reason '%s'", run->type->name, name);
}

static void
step_none(struct run *run, char *args)
{
	(void)args;
	scenario_settle(run);
}

static void
step_whatever(struct run *run, char *args)
{
	struct harness_frame frame;
	unsigned reason;
	int cp;

	(void)args;
	while (need_instance(run) && harness_any(run->h, &cp, &reason, &frame))
		continue;
}

static void
step_clock(struct run *run, char *args)
{
	uint64_t ns;

	if (!need_instance(run))
		return;
	if (field_duration_parse(args[0] == '+' ? args + 1 : args, &ns) != 0)
		scenario_fail(run, "'%s' is no duration", args);
	else
		harness_clock(run->h, ns);
}

static bool
holds(double left, const char *op, double right)
{
	return strcmp(op, "==") == 0   ? left == right
	       : strcmp(op, "!=") == 0 ? left != right
	       : strcmp(op, "<") == 0  ? left < right
	       : strcmp(op, "<=") == 0 ? left <= right
	       : strcmp(op, ">") == 0  ? left > right
				       : strcmp(op, ">=") == 0 && left >= right;
}

/* The node at a path, which may choose an element once, by a member: list[name=value].
 */
static json_t *
node_at(json_t *root, char *path)
{
	char *name = strchr(path, '['), *value = strchr(path, '='), *rest;
	json_t *item;
	size_t i;

	if (name == NULL || value == NULL || (rest = strchr(value, ']')) == NULL)
		return doc_at(root, path);
	*name++ = *value++ = *rest++ = '\0';
	json_array_foreach (doc_at(root, path), i, item) {
		const char *has = json_string_value(json_object_get(item, name));

		if (has != NULL && strcmp(has, value) == 0)
			return doc_at(item, rest);
	}
	return NULL;
}

/* PATH OP VALUE about a document; takes the reference. */
static void
check_document(struct run *run, json_t *root, const char *expr)
{
	char path[128], op[4], value[256], *end, *got;
	json_t *node;
	bool good;
	double number;

	if (sscanf(expr, "%127s %3s %255[^\n]", path, op, value) != 3) {
		scenario_fail(run, "expected PATH OP VALUE");
		json_decref(root);
		return;
	}
	node = node_at(root, path);
	number = strtod(value, &end);
	if (json_is_boolean(node))
		good = (strcmp(json_is_true(node) ? "true" : "false", value) == 0) ==
		       (strcmp(op, "==") == 0);
	else if (json_is_string(node))
		good = (strcmp(json_string_value(node), value) == 0) ==
		       (strcmp(op, "==") == 0);
	else
		good = json_is_number(node) && *end == '\0' &&
		       holds(json_number_value(node), op, number);
	got = node != NULL ? json_dumps(node, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	if (!good)
		scenario_fail(run, "%s is %s, expected %s %s", path,
			got != NULL ? got : "absent", op, value);
	free(got);
	json_decref(root);
}

static void
step_stat(struct run *run, char *args)
{
	if (need_instance(run))
		check_document(run, harness_stats(run->h), args);
}

/* "WHAT {ARGS}": ARGS, an object, may be absent; *rest is behind it. */
static json_t *
read_question(struct run *run, char *args, char **rest)
{
	const size_t len = strcspn(args, " \t");
	json_error_t error;
	json_t *given;

	*rest = args + len + (args[len] != '\0');
	args[len] = '\0';
	if (**rest != '{')
		return json_object();
	given = json_loads(*rest, JSON_DISABLE_EOF_CHECK, &error);
	if (given == NULL)
		scenario_fail(run, "%s", error.text);
	else
		*rest += error.position;
	*rest += strspn(*rest, " \t");
	return given;
}

static void
step_query(struct run *run, char *args)
{
	json_t *given, *answer;
	struct err err = {0};
	char *rest;

	if (!need_instance(run) || (given = read_question(run, args, &rest)) == NULL)
		return;
	answer = harness_query(run->h, args, given, &err);
	json_decref(given);
	if (answer == NULL)
		scenario_fail(run, "%s", err.text);
	else
		check_document(run, answer, rest);
}

static void
step_refine(struct run *run, char *args)
{
	(void)args;
	if (need_instance(run) && !harness_refine(run->h))
		scenario_fail(run, "there is nothing to refine");
}

static void
step_act(struct run *run, char *args)
{
	json_t *given, *answer;
	struct err err = {0};
	char *rest;

	if (!need_instance(run) || (given = read_question(run, args, &rest)) == NULL)
		return;
	answer = harness_act(run->h, args, given, &err);
	json_decref(given);
	if (answer == NULL)
		scenario_fail(run, "%s", err.text);
	json_decref(answer);
}

static void
step_held(struct run *run, char *args)
{
	if (need_instance(run) && harness_held(run->h) != strtoul(args, NULL, 10))
		scenario_fail(run, "%u packets are held", harness_held(run->h));
}

static void
step_stash(struct run *run, char *args)
{
	if (need_instance(run))
		harness_stash(run->h, (unsigned)strtoul(args, NULL, 10));
}

static void
step_wire(struct run *run, char *args)
{
	char *rest;
	const int cp = read_cp(run, args, &rest);

	if (cp >= 0)
		harness_wire(run->h, (unsigned)cp, true);
}

static void
step_unwire(struct run *run, char *args)
{
	char *rest;
	const int cp = read_cp(run, args, &rest);

	if (cp >= 0)
		harness_wire(run->h, (unsigned)cp, false);
}

static void
step_mtu(struct run *run, char *args)
{
	char *rest;
	const int cp = read_cp(run, args, &rest);

	if (cp >= 0)
		harness_mtu(run->h, (unsigned)cp, (uint16_t)strtoul(rest, NULL, 10));
}

static void
step_case(struct run *run, char *args)
{
	scenario_begin_case(run, args);
}

static const struct {
	const char *word;
	void (*play)(struct run *run, char *args);
	bool settles;	/* what came out before must have been named */
	bool multiline; /* args may be many lines: a configuration */
} steps[] = {
	{"let", step_let, false, false},
	{"case", step_case, true, false},
	{"type", step_type, true, false},
	{"state-size", step_state_size, true, false},
	{"config", step_config, true, true},
	{"configure", step_configure, true, true},
	{"refuse", step_refuse, true, true},
	{"fault", step_fault, false, false},
	{"crash", step_crash, true, false},
	{"in", step_in, true, false},
	{"out", step_out, false, false},
	{"drop", step_drop, false, false},
	{"none", step_none, true, false},
	{"whatever", step_whatever, false, false},
	{"clock", step_clock, true, false},
	{"stat", step_stat, false, false},
	{"query", step_query, false, false},
	{"act", step_act, true, false},
	{"refine", step_refine, true, false},
	{"held", step_held, false, false},
	{"stash", step_stash, true, false},
	{"wire", step_wire, true, false},
	{"unwire", step_unwire, true, false},
	{"mtu", step_mtu, true, false},
};

void
scenario_step(struct run *run, const char *word, char *args)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(steps[i].word, word) != 0)
			continue;
		if (steps[i].play != step_in)
			flush_burst(run);
		if (steps[i].settles && run->n_burst == 0)
			scenario_settle(run);
		if (!steps[i].multiline) {
			for (char *c = args; *c != '\0'; c++)
				*c = *c == '\n' ? ' ' : *c;
			for (size_t n = strlen(args); n > 0 && args[n - 1] == ' ';)
				args[--n] = '\0';
		}
		steps[i].play(run, args);
		return;
	}
	scenario_fail(run, "'%s' is no step", word);
}

static bool
need_instance(struct run *run)
{
	if (run->h == NULL && !run->failed)
		scenario_fail(run, "no instance: a `config` step comes first");
	return run->h != NULL;
}

void
scenario_settle(struct run *run)
{
	flush_burst(run);
	if (run->refused)
		show_faults(run, &run->faults);
	faults_clear(&run->faults);
	run->refused = false;
	if (run->h != NULL)
		show_rest(run);
}

static void
show_rest(struct run *run)
{
	struct harness_frame frame;
	char text[TEXT_SIZE];
	unsigned reason;
	int cp;

	while (harness_any(run->h, &cp, &reason, &frame)) {
		if (cp < 0) {
			scenario_fail(run, "before this, a packet was dropped: %s",
				vnf_reason(run->type, reason)->name);
			continue;
		}
		pkttext_print(frame.data, frame.len, text, sizeof(text));
		scenario_fail(run, "before this, a packet came out of %s\n  got:      %s",
			run->type->cps[cp], text);
	}
}
