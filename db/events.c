/* events.c: the table events. */
#include "db/events.h"

#include "db/internal.h"

#define KEEP 10000

static const struct db_column columns[] = {
	{"seq", DB_INT, offsetof(struct db_event, seq)},
	{"time", DB_TEXT, offsetof(struct db_event, time)},
	{"type", DB_TEXT, offsetof(struct db_event, type)},
	{"ns", DB_TEXT, offsetof(struct db_event, ns)},
	{"vnf", DB_TEXT, offsetof(struct db_event, vnf)},
	{"detail", DB_JSON, offsetof(struct db_event, detail)},
	{0},
};

static const struct db_table table = {"events", columns, sizeof(struct db_event), "seq"};

int
db_event_add(struct db *db, const struct db_event *event, struct err *err)
{
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	rc = db_run(db, err,
		"INSERT INTO events(time,type,ns,vnf,detail) VALUES(?,?,?,?,?)", "ssssj",
		event->time, event->type, event->ns, event->vnf, event->detail);
	if (!rc)
		rc = db_run(db, err,
			"DELETE FROM events WHERE seq<=(SELECT max(seq) FROM events)-?",
			"i", (int64_t)KEEP);
	if (!rc)
		db_wake(db);
	return db_end(db, rc, err);
}

void
db_wake(struct db *db)
{
	for (size_t i = 0; i < DB_WATCHERS; i++)
		if (db->watchers[i].added)
			db->watchers[i].added(db->watchers[i].arg);
}

void
db_events_watch(struct db *db, void (*added)(void *arg), void *arg)
{
	pthread_mutex_lock(&db->lock);
	size_t place = 0;
	while (place < DB_WATCHERS - 1 && (added ? db->watchers[place].added != NULL
						 : db->watchers[place].arg != arg))
		place++;
	db->watchers[place].added = added;
	db->watchers[place].arg = added ? arg : NULL;
	pthread_mutex_unlock(&db->lock);
}

int
db_event_list(struct db *db, int64_t after, int64_t limit, struct db_event **rows,
	size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err,
		"seq IN (SELECT seq FROM events WHERE seq>? ORDER BY seq LIMIT ?)", "ii",
		after, limit);
}

int
db_event_last(struct db *db, const char *type, const char *ns, struct db_event **rows,
	size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err,
		"seq=(SELECT max(seq) FROM events WHERE type=? AND ns=?)", "ss", type,
		ns);
}

void
db_events_free(struct db_event *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
