/* db.h: the store: one SQLite file in WAL mode, one connection, one writer at a time.
 *
 * Every function of db/ may be called from any thread; a recursive mutex makes them take
 * turns, and a transaction holds it from begin to commit. So keep transactions short, and
 * never wait for another process inside one.
 *
 * A commit survives the death of the process at any instruction (WAL,
 * synchronous=NORMAL); the last commits before a power cut may be missing, the file is
 * never damaged by one. A running store can be copied with `sqlite3 FILE ".backup COPY"`.
 *
 * Errors: ERR_NO_SPACE (disk full), ERR_UNAVAILABLE (another process holds the file),
 * ERR_EXISTS (a unique value is taken), ERR_NOT_FOUND, ERR_INTERNAL (damaged, not ours).
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include "common/err.h"

struct db;

/* Opens or creates the file (":memory:" for a test), checks that it is ours
 * (application_id) and not newer than we are, and brings it to our schema by numbered
 * migrations. */
int db_open(const char *path, struct db **db, struct err *err);
void db_close(struct db *db); /* null is fine */

/* Whether a failure of the store is one of its surroundings, which goes away: a full
 * disk, another process that holds the file. */
bool db_is_passing(int rc);
/* The passing failure that nothing could be written since: 0 if the last write worked. */
int db_illness(struct db *db, struct err *err);

/* A transaction. May be nested: only the outermost commit writes, and it fails with
 * ERR_INTERNAL when an inner one was rolled back. After a failed commit the transaction
 * is rolled back. */
int db_begin(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);

/* Commits if result is 0, else rolls back; returns the first failure. */
int db_end(struct db *db, int result, struct err *err);

#endif
