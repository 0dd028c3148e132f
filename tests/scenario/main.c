/* main.c: renga-scenario, which plays text scenarios against VNF types: packets in,
 *packets out, clock moves.
 *
 *	renga-scenario [--plugins DIR] FILE.scn...          prints TAP, one test per case;
 *exit 1 if one failed
 *
 * A file tests the type that its folder is named after (tests/scenario/TYPE/x.scn), or
 *its `type`. A step begins at the left margin; indented lines belong to the step above.
 *`#` begins a comment line.
 *
 *	let NAME TEXT              $NAME stands for TEXT from here on. $mac-CP is the MAC
 *that the platform made for CP case TEXT                  what follows is one test type
 *NAME state-size BYTES           of the next instance's region, instead of what the type
 *asks for config                     a fresh instance with the configuration below (YAML,
 *indented) configure                  hands the running instance a new one refuse this
 *configuration is refused, with the faults that `fault PATH` lines name, and no other
 *	crash                      the process dies; a successor takes over the state,
 *with the same configuration in CP: PACKET              consecutive ones by one CP are
 *one burst (tests/lib/pkttext.h has the words for packets) out CP: PACKET             the
 *oldest packet that waits at CP has all that is written here drop REASON [xN]           N
 *dropped packets (1) none                       nothing else came out: also required at
 *each next in, clock, case and config whatever                   what came out so far is
 *of no interest clock +5s                  time passes stat PATH OP VALUE statistics:
 *stat sessions == 1, rules[name=web].packets == 2; OP is == != < <= > >= query WHAT
 *[{ARGS}] PATH OP VALUE   the answer to a question act WHAT [{ARGS}]    the type is told
 *to do something held N                     packets that the VNF keeps stash N buffers
 *that it may originate from in one call, from here on wire CP, unwire CP         whether
 *something is at the other end mtu CP N of the port that CP's link ends in
 */
#include <ctype.h>
#include <getopt.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/dirs.h"
#include "dataplane/runtime/plugin.h"
#include "tests/scenario/scenario.h"

struct step {
	unsigned line;
	char word[32];
	char args[TEXT_SIZE]; /* the rest of the line, and further lines (joined by
				 newlines) */
};

static void run_file(struct run *run, const char *file);
static void run_text(struct run *run, char *text);
static size_t append(struct step *step, size_t used, const char *text, size_t len);
static char *read_step(char *text, unsigned *line, struct step *step);
static const char *find_var(struct run *run, const char *name, size_t *len);
static void end_case(struct run *run);

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{"plugins", required_argument, NULL, 'p'}, {0}};
	static struct run run;
	const char *given = NULL;
	char dir[PATH_MAX];
	glob_t files = {0};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'p')
			return 2;
		given = optarg;
	}
	if (plugin_dir(given, dir, sizeof(dir)) != 0)
		return 2;
	run.plugins = dir;
	if (optind == argc && glob("tests/scenario/*/*.scn", 0, NULL, &files) != 0) {
		fprintf(stderr,
			"renga-scenario: no tests/scenario/*/*.scn below this folder\n");
		return 2;
	}
	for (int i = optind; i < argc; i++)
		run_file(&run, argv[i]);
	for (size_t i = 0; i < files.gl_pathc; i++)
		run_file(&run, files.gl_pathv[i]);
	globfree(&files);
	printf("1..%u\n", run.n_tests);
	return run.n_failed > 0 ? 1 : 0;
}

/* ---- files and steps --------------------------------------------------------------- */

static void
run_file(struct run *run, const char *file)
{
	char path[PATH_MAX], *text;
	const unsigned before = run->n_tests;
	struct err err;

	run->file = file;
	run->line = 0;
	run->n_vars = 0;
	run->type = NULL;
	snprintf(path, sizeof(path), "%s", file);
	snprintf(
		run->type_name, sizeof(run->type_name), "%.31s", basename(dirname(path)));
	snprintf(path, sizeof(path), "%s", file);
	scenario_begin_case(run, basename(path));
	if (dirs_read_file(file, 4u << 20, &text, NULL, &err) != 0) {
		scenario_fail(run, "%s", err.text);
	} else {
		run_text(run, text);
		free(text);
	}
	scenario_settle(run);
	if (run->h != NULL) {
		const char *fault = harness_close(run->h);

		if (fault != NULL)
			scenario_fail(run, "%s", fault);
	}
	run->h = NULL;
	run->in_case = run->in_case || run->n_tests == before;
	end_case(run);
}

static void
run_text(struct run *run, char *text)
{
	struct step *step = malloc(sizeof(*step));
	unsigned line = 1;

	while (step != NULL && (text = read_step(text, &line, step)) != NULL) {
		run->line = step->line;
		if (strcmp(step->word, "let") != 0)
			scenario_expand(run, step->args);
		scenario_step(run, step->word, step->args);
	}
	free(step);
}

/* Returns where the next step begins, or null at the end. */
static char *
read_step(char *text, unsigned *line, struct step *step)
{
	size_t used = 0;
	bool begun = false;

	step->args[0] = '\0';
	while (*text != '\0') {
		const size_t len = strcspn(text, "\n");
		const bool margin = len > 0 && !isblank((unsigned char)text[0]);
		const size_t word = margin ? strcspn(text, " \t\n") : 0;
		size_t skip = word;

		if (margin && text[0] != '#') {
			if (begun)
				return text;
			begun = true;
			step->line = *line;
			snprintf(step->word, sizeof(step->word), "%.*s", (int)word, text);
			skip += strspn(text + word, " \t");
		}
		if (text[0] != '#' && begun) {
			for (; skip < len && text[skip] == '\t';
				skip++) /* YAML has none */
				used += append(step, used, "        ", 8);
			used += append(step, used, text + skip, len - skip);
			used += append(step, used, "\n", 1);
		}
		text += len + (text[len] == '\n');
		(*line)++;
	}
	return begun ? text : NULL;
}

/* What does not fit is left out; no step is that long. */
static size_t
append(struct step *step, size_t used, const char *text, size_t len)
{
	if (used + len >= sizeof(step->args))
		return 0;
	memcpy(step->args + used, text, len);
	step->args[used + len] = '\0';
	return len;
}

void
scenario_expand(struct run *run, char *text)
{
	char *out = malloc(TEXT_SIZE);
	size_t used = 0;

	for (const char *at = text; out != NULL && *at != '\0' && used + 1 < TEXT_SIZE;) {
		size_t len = 1;
		const char *value = *at == '$' ? find_var(run, at + 1, &len) : NULL;

		if (value == NULL) {
			out[used++] = *at++;
			continue;
		}
		used += (size_t)snprintf(out + used, TEXT_SIZE - used, "%s", value);
		at += 1 + len;
	}
	if (out == NULL || used >= TEXT_SIZE) {
		scenario_fail(run, "the step is too long");
	} else {
		memcpy(text, out, used);
		text[used] = '\0';
	}
	free(out);
}

static const char *
find_var(struct run *run, const char *name, size_t *len)
{
	*len = strspn(
		name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
	for (unsigned i = run->n_vars; i-- > 0;)
		if (strlen(run->vars[i].name) == *len &&
			strncmp(run->vars[i].name, name, *len) == 0)
			return run->vars[i].text;
	scenario_fail(run, "nothing is called $%.*s", (int)*len, name);
	return NULL;
}

void
scenario_set(struct run *run, const char *name, const char *text)
{
	unsigned i = 0;

	while (i < run->n_vars && strcmp(run->vars[i].name, name) != 0)
		i++;
	if (i == MAX_VARS) {
		scenario_fail(run, "more than %d names", MAX_VARS);
		return;
	}
	run->n_vars = i == run->n_vars ? i + 1 : run->n_vars;
	snprintf(run->vars[i].name, sizeof(run->vars[i].name), "%s", name);
	snprintf(run->vars[i].text, sizeof(run->vars[i].text), "%s", text);
}

/* ---- results ----------------------------------------------------------------------- */

void
scenario_begin_case(struct run *run, const char *name)
{
	char scenario[64];

	end_case(run);
	snprintf(scenario, sizeof(scenario), "%s",
		strrchr(run->file, '/') != NULL ? strrchr(run->file, '/') + 1
						: run->file);
	snprintf(run->case_name, sizeof(run->case_name), "%s/%s: %s", run->type_name,
		scenario, name);
	run->failed = false;
	run->in_case = strcmp(name, scenario) != 0;
}

/* The part of a file before its first `case` is a test only if it failed, or if there is
 * no other. */
static void
end_case(struct run *run)
{
	if (!run->in_case && !run->failed)
		return;
	run->n_tests++;
	run->n_failed += run->failed ? 1 : 0;
	printf("%sok %u - %s\n", run->failed ? "not " : "", run->n_tests, run->case_name);
	run->in_case = run->failed = false;
}

void
scenario_fail(struct run *run, const char *fmt, ...)
{
	char text[2 * TEXT_SIZE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	run->failed = true;
	printf("# %s:%u: ", run->file, run->line);
	for (const char *c = text; *c != '\0'; c++)
		printf(*c == '\n' ? "\n# " : "%c", *c);
	printf("\n");
}
