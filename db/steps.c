/* steps.c: the table steps. */
#include "db/steps.h"

#include "db/internal.h"

static const struct db_column columns[] = {
	{"occurrence", DB_TEXT, offsetof(struct db_step, occurrence)},
	{"number", DB_INT, offsetof(struct db_step, number)},
	{"action", DB_TEXT, offsetof(struct db_step, action)},
	{"kind", DB_TEXT, offsetof(struct db_step, kind)},
	{"object", DB_TEXT, offsetof(struct db_step, object)},
	{"ns", DB_TEXT, offsetof(struct db_step, ns)},
	{"name", DB_TEXT, offsetof(struct db_step, name)},
	{"wanted", DB_JSON, offsetof(struct db_step, wanted)},
	{"before", DB_JSON, offsetof(struct db_step, before)},
	{"state", DB_TEXT, offsetof(struct db_step, state)},
	{"started_us", DB_INT, offsetof(struct db_step, started_us)},
	{"ended_us", DB_INT, offsetof(struct db_step, ended_us)},
	{0},
};

#define BRIEF(document)                                                                  \
	"CASE WHEN " document " IS NULL OR kind<>'vnf' THEN " document                   \
	" ELSE json_object('name',coalesce(name,object)) END"

static const struct db_column brief_columns[] = {
	{"occurrence", DB_TEXT, offsetof(struct db_step, occurrence)},
	{"number", DB_INT, offsetof(struct db_step, number)},
	{"action", DB_TEXT, offsetof(struct db_step, action)},
	{"kind", DB_TEXT, offsetof(struct db_step, kind)},
	{"object", DB_TEXT, offsetof(struct db_step, object)},
	{BRIEF("wanted"), DB_JSON, offsetof(struct db_step, wanted)},
	{BRIEF("before"), DB_JSON, offsetof(struct db_step, before)},
	{"state", DB_TEXT, offsetof(struct db_step, state)},
	{"started_us", DB_INT, offsetof(struct db_step, started_us)},
	{"ended_us", DB_INT, offsetof(struct db_step, ended_us)},
	{0},
};

static const struct db_table brief = {
	"steps", brief_columns, sizeof(struct db_step), "number"};
static const struct db_table table = {"steps", columns, sizeof(struct db_step), "number"};

int
db_step_insert(struct db *db, const struct db_step *row, struct err *err)
{
	return db_row_insert(db, &table, row, err);
}

int
db_step_list(struct db *db, const char *occurrence, struct db_step **rows, size_t *n,
	struct err *err)
{
	return db_row_list(
		db, &table, (void **)rows, n, err, "occurrence=?", "s", occurrence);
}

int
db_step_list_brief(struct db *db, const char *occurrence, struct db_step **rows,
	size_t *n, struct err *err)
{
	return db_row_list(
		db, &brief, (void **)rows, n, err, "occurrence=?", "s", occurrence);
}

int
db_step_mark(struct db *db, const struct db_step *row, struct err *err)
{
	return db_run(db, err,
		"UPDATE steps SET state=?, started_us=?, ended_us=?"
		" WHERE occurrence=? AND number=?",
		"siisi", row->state, row->started_us, row->ended_us, row->occurrence,
		row->number);
}

void
db_steps_free(struct db_step *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
