/* match.c: matches as a person writes them; match_rule.c has those of ETSI. */
#include "orchestrator/descriptor/match.h"

#include <stdio.h>
#include <string.h>
#include "common/steer_rule.h"

#define PATH  224
#define FIRST "[0].match" /* begins the places of faults of a rule alone */

static void check_one(const json_t *match, const char *path, struct faults *faults);

json_t *
match_read(const json_t *match, const char *path, struct faults *faults)
{
	char place[PATH];
	const size_t before = faults_count(faults);
	size_t i;
	json_t *one;
	if (!match)
		return json_pack("[{}]");
	if (!json_is_array(match)) {
		check_one(match, path, faults);
		return faults_since(faults, before) ? NULL : json_pack("[O]", match);
	}
	if (json_array_size(match) == 0)
		faults_add(faults, ERR_INVALID, path, "leave it out to match everything",
			"the list of matches is empty");
	json_array_foreach ((json_t *)match, i, one) {
		snprintf(place, sizeof(place), "%.170s[%zu]", path, i);
		check_one(one, place, faults);
	}
	return faults_since(faults, before) ? NULL : json_incref((json_t *)match);
}

/* By what the host will read it with. */
static void
check_one(const json_t *match, const char *path, struct faults *faults)
{
	char place[PATH];
	struct steer_rules rules;
	struct faults found = {0};
	if (!json_is_object(match)) {
		faults_add(faults, ERR_INVALID, path, "write {proto: tcp, dport: 80}",
			"a match is a map");
		return;
	}
	json_t *rule = json_pack("[{s:O, s:[{s:i}]}]", "match", match, "to", "path", 1);
	if (steer_rules_parse(rule, "", &rules, &found) == 0)
		steer_rules_clear(&rules);
	for (size_t i = 0; i < found.n; i++) {
		const char *at = found.list[i].path;
		const size_t skip = strncmp(at, FIRST, strlen(FIRST)) == 0;
		snprintf(place, sizeof(place), "%.120s%.90s", path,
			skip ? at + strlen(FIRST) : "");
		faults_add(faults, found.list[i].code, place, found.list[i].hint, "%s",
			found.list[i].text);
	}
	faults_clear(&found);
	json_decref(rule);
}
