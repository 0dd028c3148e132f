/* alarms.c: the table alarms. */
#include "db/alarms.h"

#include "db/internal.h"

#define KEEP 1000

static const struct db_column columns[] = {
	{"id", DB_TEXT, offsetof(struct db_alarm, id)},
	{"object", DB_TEXT, offsetof(struct db_alarm, object)},
	{"ns", DB_TEXT, offsetof(struct db_alarm, ns)},
	{"vnf", DB_TEXT, offsetof(struct db_alarm, vnf)},
	{"fault", DB_TEXT, offsetof(struct db_alarm, fault)},
	{"raised", DB_TEXT, offsetof(struct db_alarm, raised)},
	{"changed", DB_TEXT, offsetof(struct db_alarm, changed)},
	{"cleared", DB_TEXT, offsetof(struct db_alarm, cleared)},
	{"acknowledged", DB_BOOL, offsetof(struct db_alarm, acknowledged)},
	{"detail", DB_JSON, offsetof(struct db_alarm, detail)},
	{0},
};

static const struct db_table table = {
	"alarms", columns, sizeof(struct db_alarm), "raised,id"};

int
db_alarm_insert(struct db *db, const struct db_alarm *row, struct err *err)
{
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	rc = db_row_insert(db, &table, row, err);
	if (!rc)
		rc = db_run(db, err,
			"DELETE FROM alarms WHERE id IN (SELECT id FROM alarms WHERE "
			"cleared IS NOT NULL ORDER BY cleared DESC LIMIT -1 OFFSET ?)",
			"i", (int64_t)KEEP);
	return db_end(db, rc, err);
}

int
db_alarm_update(struct db *db, const struct db_alarm *row, struct err *err)
{
	return db_row_update(db, &table, row, err);
}

int
db_alarm_get(struct db *db, const char *id, struct db_alarm *row, struct err *err)
{
	return db_row_get(db, &table, id, row, err);
}

int
db_alarm_get_open(
	struct db *db, const char *object, struct db_alarm *row, struct err *err)
{
	return db_row_get_where(
		db, &table, "cleared IS NULL AND object=?", object, row, err);
}

int
db_alarm_list(struct db *db, struct db_alarm **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err, NULL, "");
}

int
db_alarm_list_open(struct db *db, struct db_alarm **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err, "cleared IS NULL", "");
}

int
db_alarm_end(struct db *db, const char *object, const char *time, struct err *err)
{
	return db_run(db, err,
		"UPDATE alarms SET cleared=?1, changed=?1 WHERE cleared IS NULL AND "
		"object=?2",
		"ss", time, object);
}

int
db_alarm_end_gone(struct db *db, const char *time, struct err *err)
{
	return db_run(db, err,
		"UPDATE alarms SET cleared=?1, changed=?1 WHERE cleared IS NULL AND "
		"((vnf IS NOT NULL AND vnf NOT IN (SELECT id FROM vnf_instances)) OR "
		"(vnf IS NULL AND ns IS NOT NULL AND 'port:' || object NOT IN (SELECT id "
		"FROM objects)))",
		"s", time);
}

void
db_alarm_clear(struct db_alarm *row)
{
	db_row_clear(&table, row);
}

void
db_alarms_free(struct db_alarm *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
