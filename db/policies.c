/* policies.c: the view policy_services (migrations.c), and replicas in the table objects.
 */
#include "db/policies.h"

#include "db/internal.h"

static const struct db_column columns[] = {
	{"ns", DB_TEXT, offsetof(struct db_policy_service, ns)},
	{"name", DB_TEXT, offsetof(struct db_policy_service, name)},
	{"flavour", DB_TEXT, offsetof(struct db_policy_service, flavour)},
	{"nsd_info_id", DB_TEXT, offsetof(struct db_policy_service, nsd_info_id)},
	{"revision", DB_INT, offsetof(struct db_policy_service, revision)},
	{0},
};

static const struct db_table table = {
	"policy_services", columns, sizeof(struct db_policy_service), "ns"};

int
db_policy_services(
	struct db *db, struct db_policy_service **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err, NULL, "");
}

void
db_policy_services_free(struct db_policy_service *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}

int
db_policy_replicas(struct db *db, const char *vnf, int64_t *n, struct err *err)
{
	return db_number(db, n, err,
		"SELECT count(*) FROM objects WHERE id='vnf:'||?1 OR"
		" (id>'vnf:'||?1||'~' AND id<'vnf:'||?1||'~~')",
		"s", vnf);
}
