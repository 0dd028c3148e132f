/* migrations.c: the schema, as numbered steps that are never changed once released. */
#include "db/internal.h"

#include <inttypes.h>
#include <stdio.h>

#define APPLICATION_ID 0x52656e67 /* "Reng" */

static const char *const migrations[] = {
	"CREATE TABLE nsds("
	" id TEXT PRIMARY KEY, nsd_id TEXT, name TEXT, version TEXT, designer TEXT,"
	" invariant_id TEXT, onboarding TEXT NOT NULL, operational TEXT NOT NULL, nsd "
	"TEXT,"
	" user_data TEXT, failure TEXT, created TEXT NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX nsds_nsd_id ON nsds(nsd_id);"

	"CREATE TABLE nsd_contents("
	" id TEXT PRIMARY KEY REFERENCES nsds(id) ON DELETE CASCADE,"
	" type TEXT NOT NULL, data BLOB NOT NULL) STRICT;"

	"CREATE TABLE packages("
	" id TEXT PRIMARY KEY, vnfd_id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,"
	" provider TEXT NOT NULL, product TEXT NOT NULL, software_version TEXT NOT NULL,"
	" vnfd_version TEXT NOT NULL, operational TEXT NOT NULL, manifest TEXT NOT NULL,"
	" user_data TEXT) STRICT;"

	"CREATE TABLE ns_instances("
	" id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL,"
	" nsd_info_id TEXT NOT NULL REFERENCES nsds(id), nsd_id TEXT NOT NULL, flavour "
	"TEXT,"
	" state TEXT NOT NULL, created TEXT NOT NULL) STRICT;"

	"CREATE TABLE vnf_instances("
	" id TEXT PRIMARY KEY, ns_id TEXT NOT NULL REFERENCES ns_instances(id),"
	" name TEXT NOT NULL UNIQUE, profile TEXT NOT NULL, type TEXT NOT NULL,"
	" package_id TEXT NOT NULL REFERENCES packages(id), state TEXT NOT NULL,"
	" occurrence TEXT NOT NULL, user_data TEXT) STRICT;"
	"CREATE INDEX vnf_instances_ns ON vnf_instances(ns_id);"

	"CREATE TABLE objects("
	" id TEXT PRIMARY KEY, kind TEXT NOT NULL, object TEXT NOT NULL, ns TEXT NOT "
	"NULL,"
	" doc TEXT NOT NULL) STRICT;"
	"CREATE INDEX objects_ns ON objects(ns);"

	"CREATE TABLE occurrences("
	" id TEXT PRIMARY KEY, api TEXT NOT NULL, operation TEXT NOT NULL, state TEXT "
	"NOT NULL,"
	" ns_id TEXT NOT NULL, instance TEXT NOT NULL, started TEXT NOT NULL,"
	" entered TEXT NOT NULL, duration_ms INTEGER NOT NULL, automatic INTEGER NOT "
	"NULL,"
	" cancel TEXT, undo_on_failure INTEGER NOT NULL, params TEXT, intent TEXT, error "
	"TEXT) STRICT;"
	"CREATE UNIQUE INDEX occurrences_one_at_a_time ON occurrences(ns_id)"
	" WHERE state IN ('STARTING','PROCESSING','ROLLING_BACK','FAILED_TEMP');"
	"CREATE INDEX occurrences_started ON occurrences(started);"

	"CREATE TABLE steps("
	" occurrence TEXT NOT NULL REFERENCES occurrences(id) ON DELETE CASCADE,"
	" number INTEGER NOT NULL, action TEXT NOT NULL, kind TEXT NOT NULL,"
	" object TEXT NOT NULL, ns TEXT NOT NULL, wanted TEXT, before TEXT,"
	" state TEXT NOT NULL, started_us INTEGER NOT NULL, ended_us INTEGER NOT NULL,"
	" PRIMARY KEY(occurrence, number)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE chains("
	" name TEXT PRIMARY KEY, ns_id TEXT NOT NULL UNIQUE REFERENCES ns_instances(id),"
	" nsd_info_id TEXT NOT NULL REFERENCES nsds(id), document TEXT NOT NULL) STRICT;"

	"CREATE TABLE tokens("
	" name TEXT PRIMARY KEY, hash TEXT NOT NULL, role TEXT NOT NULL,"
	" created TEXT NOT NULL) STRICT;"

	"CREATE TABLE events("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, type TEXT NOT NULL,"
	" ns TEXT, vnf TEXT, detail TEXT) STRICT;",

	"CREATE TABLE alarms("
	" id TEXT PRIMARY KEY, object TEXT NOT NULL, ns TEXT, vnf TEXT, fault TEXT NOT "
	"NULL,"
	" raised TEXT NOT NULL, changed TEXT NOT NULL, cleared TEXT,"
	" acknowledged INTEGER NOT NULL, detail TEXT) STRICT;"
	"CREATE UNIQUE INDEX alarms_open ON alarms(object) WHERE cleared IS NULL;",
	"ALTER TABLE steps ADD COLUMN name TEXT;",
	/* what may have megabytes is apart from what changes */
	"CREATE TABLE step_documents("
	" occurrence TEXT NOT NULL, number INTEGER NOT NULL, wanted TEXT, before TEXT,"
	" PRIMARY KEY(occurrence, number),"
	" FOREIGN KEY(occurrence, number) REFERENCES steps ON DELETE CASCADE) STRICT;"
	"INSERT INTO step_documents SELECT occurrence, number, wanted, before FROM steps;"
	"ALTER TABLE steps DROP COLUMN wanted;"
	"ALTER TABLE steps DROP COLUMN before;"

	"CREATE TABLE occurrence_params("
	" id TEXT PRIMARY KEY REFERENCES occurrences(id) ON DELETE CASCADE,"
	" params TEXT NOT NULL) STRICT;"
	"INSERT INTO occurrence_params SELECT id, params FROM occurrences"
	" WHERE params IS NOT NULL;"
	"ALTER TABLE occurrences DROP COLUMN params;",
	"ALTER TABLE steps ADD COLUMN timeout_ms INTEGER NOT NULL DEFAULT 15000;"
	"ALTER TABLE vnf_instances ADD COLUMN stopped TEXT;",
	"CREATE TABLE subscriptions("
	" id TEXT PRIMARY KEY, api TEXT NOT NULL, callback TEXT NOT NULL, filter TEXT,"
	" authentication TEXT, created TEXT NOT NULL) STRICT;"
	"CREATE TABLE notifications("
	" id TEXT PRIMARY KEY, subscription TEXT NOT NULL REFERENCES subscriptions(id)"
	" ON DELETE CASCADE, resource TEXT NOT NULL, body TEXT NOT NULL, created TEXT NOT "
	"NULL,"
	" attempts INTEGER NOT NULL, due_ms INTEGER NOT NULL, dead INTEGER NOT NULL,"
	" reason TEXT) STRICT;"
	"CREATE INDEX notifications_queue ON notifications(subscription, resource);",
	"CREATE INDEX occurrences_page ON occurrences(api, started, id);"
	"CREATE INDEX occurrences_state ON occurrences(api, state, started, id);"
	"CREATE INDEX occurrences_instance ON occurrences(instance, started, id);"
	"CREATE INDEX ns_instances_page ON ns_instances(created, id);",
	"ALTER TABLE vnf_instances ADD COLUMN state_size INTEGER NOT NULL DEFAULT 0;",
	/* which descriptors have policies, and whether one has changed, is known without
	 * reading them */
	"ALTER TABLE nsds ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE nsds ADD COLUMN policies INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX nsds_policies ON nsds(id) WHERE policies;"
	"CREATE INDEX ns_instances_nsd ON ns_instances(nsd_info_id);"
	"CREATE TRIGGER nsds_inserted AFTER INSERT ON nsds BEGIN"
	" UPDATE nsds SET policies=coalesce(instr(nsd,'\"renga:scale\"')"
	" OR instr(nsd,'\"renga:heal\"'),0) WHERE id=new.id; END;"
	"CREATE TRIGGER nsds_updated AFTER UPDATE OF nsd ON nsds BEGIN"
	" UPDATE nsds SET revision=revision+1,"
	" policies=coalesce(instr(nsd,'\"renga:scale\"')"
	" OR instr(nsd,'\"renga:heal\"'),0) WHERE id=new.id; END;"
	"CREATE VIEW policy_services AS SELECT ns_instances.id AS ns, ns_instances.name,"
	" flavour, nsd_info_id, revision FROM nsds CROSS JOIN ns_instances"
	" ON nsd_info_id=nsds.id WHERE policies AND state='INSTANTIATED';",
	"CREATE TABLE operation_counts(" /* of operations that came to a state */
	" operation TEXT NOT NULL, state TEXT NOT NULL, n INTEGER NOT NULL,"
	" duration_ms INTEGER NOT NULL, w0 INTEGER NOT NULL, w1 INTEGER NOT NULL,"
	" w2 INTEGER NOT NULL, w3 INTEGER NOT NULL, w4 INTEGER NOT NULL,"
	" w5 INTEGER NOT NULL, PRIMARY KEY(operation, state)) WITHOUT ROWID;"
	"INSERT INTO operation_counts SELECT operation, state, count(*),"
	" sum(duration_ms), sum(duration_ms<=30), sum(duration_ms<=100),"
	" sum(duration_ms<=300), sum(duration_ms<=1000), sum(duration_ms<=3000),"
	" sum(duration_ms<=10000) FROM occurrences"
	" WHERE state IN ('COMPLETED','FAILED','FAILED_TEMP','ROLLED_BACK')"
	" GROUP BY operation, state;"
	"CREATE TRIGGER operation_ended AFTER UPDATE OF state ON occurrences"
	" WHEN new.state<>old.state"
	" AND new.state IN ('COMPLETED','FAILED','FAILED_TEMP','ROLLED_BACK') BEGIN"
	" INSERT INTO operation_counts VALUES(new.operation, new.state, 1,"
	" new.duration_ms, new.duration_ms<=30, new.duration_ms<=100,"
	" new.duration_ms<=300, new.duration_ms<=1000, new.duration_ms<=3000,"
	" new.duration_ms<=10000)"
	" ON CONFLICT(operation, state) DO UPDATE SET n=n+1,"
	" duration_ms=duration_ms+excluded.duration_ms, w0=w0+excluded.w0,"
	" w1=w1+excluded.w1, w2=w2+excluded.w2, w3=w3+excluded.w3,"
	" w4=w4+excluded.w4, w5=w5+excluded.w5; END;",
	/* one that is to begin later locks nothing */
	"ALTER TABLE occurrences ADD COLUMN due_ms INTEGER NOT NULL DEFAULT 0;"
	"DROP INDEX occurrences_one_at_a_time;"
	"CREATE UNIQUE INDEX occurrences_one_at_a_time ON occurrences(ns_id)"
	" WHERE due_ms=0 AND state IN ('STARTING','PROCESSING','ROLLING_BACK',"
	"'FAILED_TEMP');"
	"CREATE INDEX occurrences_due ON occurrences(due_ms) WHERE due_ms>0;"
	"CREATE INDEX occurrences_scheduled ON occurrences(ns_id) WHERE due_ms>0;",
	"CREATE TABLE projects("
	" name TEXT PRIMARY KEY, services INTEGER NOT NULL, vnfs INTEGER NOT NULL,"
	" memory_mib INTEGER NOT NULL, cores INTEGER NOT NULL, created TEXT NOT NULL) "
	"STRICT;"
	"ALTER TABLE tokens ADD COLUMN project TEXT;"
	"ALTER TABLE ns_instances ADD COLUMN project TEXT;",
	"INSERT INTO nsds(id, onboarding, operational, created)" /* DB_NSD_NONE */
	" VALUES('vnf', 'CREATED', 'DISABLED', '1970-01-01T00:00:00.000Z');",
};

#define N_MIGRATIONS ((int64_t)(sizeof(migrations) / sizeof(migrations[0])))

static int check_owner(struct db *db, int64_t version, struct err *err);
static int apply(struct db *db, int64_t number, struct err *err);

int
db_migrate(struct db *db, struct err *err)
{
	int64_t version = 0;
	int rc = db_number(db, &version, err, "PRAGMA user_version", "");
	if (!rc)
		rc = check_owner(db, version, err);
	for (int64_t i = version; !rc && i < N_MIGRATIONS; i++)
		rc = apply(db, i, err);
	return rc;
}

static int
check_owner(struct db *db, int64_t version, struct err *err)
{
	int64_t owner = 0, tables = 0;
	int rc = db_number(db, &owner, err, "PRAGMA application_id", "");
	if (!rc)
		rc = db_number(
			db, &tables, err, "SELECT count(*) FROM sqlite_schema", "");
	if (rc)
		return rc;
	if (owner != APPLICATION_ID && (owner || version || tables))
		return err_set(err, ERR_INVALID, NULL, "give another file with --db",
			"the database belongs to another program");
	if (version > N_MIGRATIONS)
		return err_set(err, ERR_UNSUPPORTED, NULL, "install a newer renga",
			"the database has schema %" PRId64 ", this renga knows %" PRId64,
			version, N_MIGRATIONS);
	return 0;
}

static int
apply(struct db *db, int64_t number, struct err *err)
{
	char pragma[96];
	snprintf(pragma, sizeof(pragma),
		"PRAGMA application_id=%d; PRAGMA user_version=%" PRId64 ";",
		APPLICATION_ID, number + 1);
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	rc = db_script(db, migrations[number], err);
	if (!rc)
		rc = db_script(db, pragma, err);
	return db_end(db, rc, err);
}
