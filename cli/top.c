/* top.c: `renga top`: the statistics of services, read again and again. */
#include <unistd.h>
#include "cli/command.h"
#include "cli/kind.h"
#include "cli/top_print.h"
#include "common/loop.h"

#define INTERVAL_MS 1000

struct sample {
	json_t *chains; /* [{name, nsInstanceId}] */
	json_t *stats;	/* {ns id: statistics} */
	uint64_t time_ns;
};

static int take_sample(struct session *session, struct sample *sample);
static int pick_chains(struct session *session, json_t **chains);
static void print_sample(const struct session *session, const struct sample *before,
	const struct sample *after);
static void drop_sample(struct sample *sample);

int
cmd_top(struct session *session)
{
	const bool live = session->out.terminal && !session->args.value[OPT_COUNT];
	struct sample before = {0}, after = {0};
	unsigned count, interval_ms;
	if (args_number(
		    &session->args, OPT_COUNT, 1, live ? 0 : 1, &count, &session->err) ||
		args_number(&session->args, OPT_INTERVAL, 10, INTERVAL_MS, &interval_ms,
			&session->err)) {
		session_fail(session);
		return EXIT_USAGE;
	}
	int rc = take_sample(session, &before);
	for (unsigned i = 0; !rc && (!count || i < count); i++) {
		usleep(interval_ms * 1000);
		rc = take_sample(session, &after);
		if (rc)
			break;
		if (live)
			fputs("\033[H\033[J", session->out.file);
		print_sample(session, &before, &after);
		fflush(session->out.file);
		drop_sample(&before);
		before = after;
		after = (struct sample){0};
	}
	drop_sample(&before);
	return rc ? session_fail(session) : EXIT_DONE;
}

static int
take_sample(struct session *session, struct sample *sample)
{
	char path[SESSION_PATH];
	size_t i;
	json_t *chain, *stats;
	int rc = pick_chains(session, &sample->chains);
	sample->stats = json_object();
	json_array_foreach (sample->chains, i, chain) {
		const char *ns =
			json_string_value(json_object_get(chain, "nsInstanceId"));
		if (!ns || rc)
			continue;
		rc = session_get(session,
			session_path(path, "/renga/v1/stats/ns", ns, ""), &stats);
		if (!rc)
			json_object_set_new(sample->stats, ns, stats);
	}
	sample->time_ns = loop_now_ns();
	if (rc)
		drop_sample(sample);
	return rc;
}

/* The one that was named, a chain or an NS instance, or all chains. */
static int
pick_chains(struct session *session, json_t **chains)
{
	json_t *list, *one;
	*chains = NULL;
	int rc = kind_list(session, kind_find("chains"), &list);
	if (rc || session->args.n_pos == 0) {
		*chains = rc ? NULL : list;
		return rc;
	}
	const char *word = session->args.pos[0];
	rc = kind_pick(kind_find("chains"), list, word, &one, &session->err);
	if (!rc)
		*chains = json_pack("[O]", one);
	json_decref(list);
	if (!rc || kind_list(session, kind_find("ns"), &list))
		return rc;
	rc = kind_pick(kind_find("ns"), list, word, &one, &session->err);
	if (!rc)
		*chains = json_pack("[{s:O*, s:O*}]", "name",
			json_object_get(one, "nsInstanceName"), "nsInstanceId",
			json_object_get(one, "id"));
	json_decref(list);
	return rc;
}

static void
print_sample(const struct session *session, const struct sample *before,
	const struct sample *after)
{
	const double seconds = (after->time_ns - before->time_ns) / 1e9;
	size_t i;
	json_t *chain;
	if (output_tree(&session->out, after->stats))
		return;
	json_array_foreach (after->chains, i, chain) {
		const char *name = json_string_value(json_object_get(chain, "name"));
		const char *ns =
			json_string_value(json_object_get(chain, "nsInstanceId"));
		json_t *path = top_path(chain);
		if (i)
			fputc('\n', session->out.file);
		top_print(&session->out, name ? name : "-", path,
			ns ? json_object_get(before->stats, ns) : NULL,
			ns ? json_object_get(after->stats, ns) : NULL, seconds);
		json_decref(path);
	}
}

static void
drop_sample(struct sample *sample)
{
	json_decref(sample->chains);
	json_decref(sample->stats);
	*sample = (struct sample){0};
}
