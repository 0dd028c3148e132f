/* steps.c: the table steps. */
#include "db/steps.h"

#include "db/internal.h"

/* What changes is apart from the documents, which may have megabytes. */
#define COLUMNS                                                                          \
	{"occurrence", DB_TEXT, offsetof(struct db_step, occurrence)},                   \
		{"number", DB_INT, offsetof(struct db_step, number)},                    \
		{"action", DB_TEXT, offsetof(struct db_step, action)},                   \
		{"kind", DB_TEXT, offsetof(struct db_step, kind)},                       \
		{"object", DB_TEXT, offsetof(struct db_step, object)},                   \
		{"ns", DB_TEXT, offsetof(struct db_step, ns)},                           \
		{"name", DB_TEXT, offsetof(struct db_step, name)},                       \
		{"state", DB_TEXT, offsetof(struct db_step, state)},                     \
		{"timeout_ms", DB_INT, offsetof(struct db_step, timeout_ms)},            \
		{"started_us", DB_INT, offsetof(struct db_step, started_us)},            \
	{                                                                                \
		"ended_us", DB_INT, offsetof(struct db_step, ended_us)                   \
	}
#define DOCUMENT(column, member)                                                         \
	{                                                                                \
		column, DB_JSON, offsetof(struct db_step, member)                        \
	}
/* typeof() does not read it */
#define BRIEF(document)                                                                  \
	"CASE WHEN typeof(" document                                                     \
	")='null'  OR kind<>'vnf' OR action='spread' THEN " document                     \
	" ELSE json_object('name',coalesce(name,object)) END"
#define WITH_DOCUMENTS "steps LEFT JOIN step_documents USING(occurrence,number)"

static const struct db_column columns[] = {COLUMNS, {0}};
static const struct db_column all_columns[] = {
	COLUMNS, DOCUMENT("wanted", wanted), DOCUMENT("before", before), {0}};
static const struct db_column ahead_columns[] = {
	COLUMNS, DOCUMENT("wanted", wanted), DOCUMENT(BRIEF("before"), before), {0}};
static const struct db_column brief_columns[] = {COLUMNS,
	DOCUMENT(BRIEF("wanted"), wanted), DOCUMENT(BRIEF("before"), before), {0}};
static const struct db_column document_columns[] = {
	{"occurrence", DB_TEXT, offsetof(struct db_step, occurrence)},
	{"number", DB_INT, offsetof(struct db_step, number)}, DOCUMENT("wanted", wanted),
	DOCUMENT("before", before), {0}};

static const struct db_table table = {"steps", columns, sizeof(struct db_step), "number"};
static const struct db_table documents = {
	"step_documents", document_columns, sizeof(struct db_step), "number"};
static const struct db_table whole = {
	WITH_DOCUMENTS, all_columns, sizeof(struct db_step), "number"};
static const struct db_table ahead = {
	WITH_DOCUMENTS, ahead_columns, sizeof(struct db_step), "number"};
static const struct db_table brief = {
	WITH_DOCUMENTS, brief_columns, sizeof(struct db_step), "number"};

int
db_step_insert(struct db *db, const struct db_step *row, struct err *err)
{
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	rc = db_row_insert(db, &table, row, err);
	if (!rc)
		rc = db_row_insert(db, &documents, row, err);
	return db_end(db, rc, err);
}

int
db_step_list(struct db *db, const char *occurrence, struct db_step **rows, size_t *n,
	struct err *err)
{
	return db_row_list(
		db, &whole, (void **)rows, n, err, "occurrence=?", "s", occurrence);
}

int
db_step_list_ahead(struct db *db, const char *occurrence, struct db_step **rows,
	size_t *n, struct err *err)
{
	return db_row_list(
		db, &ahead, (void **)rows, n, err, "occurrence=?", "s", occurrence);
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
	db_rows_free(&whole, rows, n);
}
