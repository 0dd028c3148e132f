/* kind.c: the table of kinds, and finding one thing by its name. */
#include "cli/kind.h"

#include <errno.h>
#include <string.h>
#include "common/field.h"

#define COLUMNS (const struct output_column[])
#define COL(title_, path_)                                                               \
	{                                                                                \
		.title = title_, .path = path_                                           \
	}
#define NUM(title_, path_)                                                               \
	{                                                                                \
		.title = title_, .path = path_, .right = true                            \
	}
#define WIDE(title_, path_)                                                              \
	{                                                                                \
		.title = title_, .path = path_, .wide = true                             \
	}
#define WIDE_NUM(title_, path_)                                                          \
	{                                                                                \
		.title = title_, .path = path_, .wide = true, .right = true              \
	}
#define END                                                                              \
	{                                                                                \
		.title = NULL                                                            \
	}
#define VNFC	  "instantiatedVnfInfo.vnfcResourceInfo[0]"
#define KINDS_MAX 16

static bool collection_of(const char *path, const json_t *item);
static const char *text_of(const json_t *item, const char *member);
static void sort_by_start(json_t *list);
static int list_with(
	struct session *session, const struct kind *kind, bool all_fields, json_t **list);

const struct kind kind_table[] = {
	{"chains", "chain", {"/renga/v1/chains"}, "name", "name",
		COLUMNS{COL("NAME", "name"), COL("STATE", "state"),
			COL("VNFS", "vnfs[].vnf"), WIDE("TYPES", "vnfs[].type"),
			WIDE("NS", "nsInstanceId"), WIDE("PROJECT", "project"), END}},
	{"ns", "ns", {"/nslcm/v1/ns_instances"}, "id", "nsInstanceName",
		COLUMNS{COL("NAME", "nsInstanceName"), COL("STATE", "nsState"),
			COL("NSD", "nsdId"), COL("ID", "id"),
			WIDE("DESCRIPTION", "nsInstanceDescription"), END}},
	{"vnfs", "vnf", {"/vnflcm/v1/vnf_instances"}, "id", "vnfInstanceName",
		COLUMNS{COL("NAME", "vnfInstanceName"),
			COL("TYPE", "vnfProductName|vnfdId"),
			COL("STATE", "instantiatedVnfInfo.vnfState|instantiationState"),
			NUM("PID", VNFC ".metadata.pid"),
			NUM("CORE", VNFC ".metadata.core"),
			WIDE_NUM("SLOT", VNFC ".metadata.slot"),
			WIDE("HOST", VNFC ".metadata.host"),
			WIDE("FLAVOUR", "instantiatedVnfInfo.flavourId"),
			WIDE("ID", "id"), END}},
	{"nsds", "nsd", {"/nsd/v1/ns_descriptors"}, "id", "nsdId",
		COLUMNS{COL("NSD", "nsdId"), COL("NAME", "nsdName"),
			COL("VERSION", "nsdVersion"), COL("STATE", "nsdOperationalState"),
			COL("USAGE", "nsdUsageState"),
			WIDE("ONBOARDING", "nsdOnboardingState"), WIDE("ID", "id"), END}},
	{"packages", "package", {"/vnfpkgm/v1/vnf_packages"}, "id", "vnfdId",
		COLUMNS{COL("VNFD", "vnfdId"), COL("PRODUCT", "vnfProductName"),
			COL("VERSION", "vnfdVersion"), COL("STATE", "operationalState"),
			COL("USAGE", "usageState"), WIDE("PROVIDER", "vnfProvider"),
			WIDE("ID", "id"), END}},
	{"ops", "op", {"/nslcm/v1/ns_lcm_op_occs", "/vnflcm/v1/vnf_lcm_op_occs"}, "id",
		"id",
		COLUMNS{COL("ID", "id"), COL("OPERATION", "lcmOperationType|operation"),
			COL("STATE", "operationState"), COL("STARTED", "startTime"),
			WIDE("INSTANCE", "nsInstanceId|vnfInstanceId"),
			WIDE("ERROR", "error.detail"), END}},
	{"alarms", "alarm", {"/nsfm/v1/alarms"}, "id", "id",
		COLUMNS{COL("ID", "id"), COL("SEVERITY", "perceivedSeverity"),
			COL("CAUSE", "probableCause"),
			COL("OBJECT",
				"rootCauseFaultyComponent.faultyVnfInstanceId|managedObjectId"),
			COL("RAISED", "alarmRaisedTime"), COL("ACK", "ackState"), END}},
	{"subscriptions", "subscription",
		{"/nslcm/v1/subscriptions", "/vnflcm/v1/subscriptions",
			"/nsd/v1/subscriptions", "/vnfpkgm/v1/subscriptions",
			"/nsfm/v1/subscriptions", "/vnffm/v1/subscriptions"},
		"id", "id",
		COLUMNS{COL("ID", "id"), COL("CALLBACK", "callbackUri"),
			COL("FILTER", "filter"), WIDE("OF", "_links.self.href"), END}},
	{"notifications", "notification", {"/renga/v1/notifications"}, "id", "id",
		COLUMNS{COL("ID", "id"), COL("STATE", "state"),
			NUM("ATTEMPTS", "attempts"),
			COL("TYPE", "notification.notificationType"),
			COL("REASON", "reason"), COL("CREATED", "created"),
			WIDE("SUBSCRIPTION", "subscriptionId"), END}},
	{"projects", "project", {"/renga/v1/projects"}, "name", "name",
		COLUMNS{COL("NAME", "name"), NUM("SERVICES", "used.services"),
			NUM("OF", "quota.services"), NUM("VNFS", "used.vnfs"),
			NUM("OF", "quota.vnfs"), NUM("MIB", "used.memoryMiB"),
			NUM("OF", "quota.memoryMiB"), NUM("CORES", "used.cores"),
			NUM("OF", "quota.cores"), END}},
	{"types", "type", {"/renga/v1/vnf_types"}, "type", "type",
		COLUMNS{COL("TYPE", "type"), COL("CONNECTION POINTS", "connectionPoints"),
			COL("SUMMARY", "summary"), WIDE("VERSION", "version"), END}},
	{"hosts", "host", {"/renga/v1/hosts"}, "host", "host",
		COLUMNS{COL("HOST", "host|id"), COL("DATAPLANE", "dataplane.state"),
			COL("CORES", "cores"), NUM("MIB", "memory.totalMiB"),
			NUM("MIB FREE", "memory.freeMiB"), NUM("SLOTS", "slots.total"),
			NUM("SLOTS FREE", "slots.free"), WIDE("VERSION", "version"),
			WIDE_NUM("RESTARTS", "dataplane.restarts"), END}},
	{"events", "event", {"/renga/v1/events"}, "seq", "seq",
		COLUMNS{NUM("SEQ", "seq"), COL("TIME", "time"), COL("TYPE", "type"),
			COL("VNF", "vnf"), COL("DETAIL", "detail"), WIDE("NS", "ns"),
			END}},
	{0},
};

const struct kind *
kind_find(const char *word)
{
	for (const struct kind *kind = kind_table; kind->name; kind++)
		if (strcmp(word, kind->name) == 0 || strcmp(word, kind->one) == 0)
			return kind;
	return NULL;
}

int
kind_need(struct session *session, const char *word, const struct kind **kind)
{
	const char *names[KINDS_MAX + 1] = {0};
	char hint[128];
	*kind = kind_find(word);
	if (*kind)
		return 0;
	for (size_t i = 0; kind_table[i].name; i++)
		names[i] = kind_table[i].name;
	const char *nearest = field_nearest(word, names);
	snprintf(hint, sizeof(hint),
		nearest ? "did you mean '%s'?" : "see 'renga help %s'",
		nearest ? nearest : "get");
	return err_set(
		&session->err, ERR_INVALID, NULL, hint, "there is no kind '%s'", word);
}

int
kind_list(struct session *session, const struct kind *kind, json_t **list)
{
	return list_with(session, kind, true, list);
}

/* ETSI's collections leave members out unless told otherwise. */
static int
list_with(
	struct session *session, const struct kind *kind, bool all_fields, json_t **list)
{
	char path[SESSION_PATH];
	json_t *all = json_array(), *part;
	for (int i = 0; kind->paths[i]; i++) {
		const bool etsi = strncmp(kind->paths[i], "/renga/", 7) != 0;
		snprintf(path, sizeof(path), "%s%s", kind->paths[i],
			etsi && all_fields ? "?all_fields" : "");
		const int rc = session_get(session, path, &part);
		if (rc && i > 0 && session->err.code == ERR_NOT_FOUND)
			continue;
		if (rc) {
			json_decref(all);
			return rc;
		}
		if (json_is_array(part))
			json_array_extend(all, part);
		else
			json_array_append(all, part);
		json_decref(part);
	}
	if (kind->paths[1])
		sort_by_start(all);
	*list = all;
	return 0;
}

/* What comes from several collections is told in the order in which it happened. */
static void
sort_by_start(json_t *list)
{
	for (size_t i = 1; i < json_array_size(list); i++) {
		json_t *item = json_incref(json_array_get(list, i));
		size_t at = i;
		while (at && strcmp(text_of(json_array_get(list, at - 1), "startTime"),
				     text_of(item, "startTime")) > 0)
			at--;
		json_array_remove(list, i);
		json_array_insert_new(list, at, item);
	}
}

int
kind_pick(const struct kind *kind, const json_t *list, const char *word, json_t **item,
	struct err *err)
{
	const size_t len = strlen(word);
	unsigned begin = 0;
	json_t *one;
	size_t i;
	json_array_foreach (list, i, one) {
		const char *id = text_of(one, kind->key),
			   *label = text_of(one, kind->label);
		if (strcmp(id, word) == 0 || strcmp(label, word) == 0) {
			*item = one;
			return 0;
		}
		if (strncmp(id, word, len) == 0 || strncmp(label, word, len) == 0) {
			*item = one;
			begin++;
		}
	}
	if (begin == 1)
		return 0;
	if (begin > 1)
		return err_set(err, ERR_STATE, NULL, "write more of it",
			"%u %s begin with '%s'", begin, kind->name, word);
	return err_set(
		err, ERR_NOT_FOUND, NULL, NULL, "there is no %s '%s'", kind->one, word);
}

static const char *
text_of(const json_t *item, const char *member)
{
	const char *text = json_string_value(json_object_get(item, member));
	return text ? text : "";
}

int
kind_locate(struct session *session, const struct kind *kind, const char *word,
	json_t **item, char path[SESSION_PATH])
{
	json_t *list, *found;
	int rc = list_with(session, kind, false, &list);
	if (rc)
		return rc;
	rc = kind_pick(kind, list, word, &found, &session->err);
	if (!rc) {
		int at = 0;
		for (int i = 1; kind->paths[i]; i++)
			if (collection_of(kind->paths[i], found))
				at = i;
		if (path)
			session_path(
				path, kind->paths[at], text_of(found, kind->key), "");
		*item = json_incref(found);
	}
	json_decref(list);
	return rc;
}

int
kind_get(struct session *session, const struct kind *kind, const char *word,
	json_t **item, char path[SESSION_PATH])
{
	char buf[SESSION_PATH];
	json_t *found;
	if (!path)
		path = buf;
	int rc = kind_locate(session, kind, word, &found, path);
	if (rc)
		return rc;
	json_decref(found);
	return session_get(session, path, item);
}

/* Things of several collections tell by their own link, or by what they are about, where
 * they belong. */
static bool
collection_of(const char *path, const json_t *item)
{
	const char *self = json_string_value(doc_at((json_t *)item, "_links.self.href"));
	if (self)
		return strstr(self, path) != NULL;
	return json_object_get(item, "vnfInstanceId") &&
	       !json_object_get(item, "nsInstanceId");
}

const char *
kind_label(const struct kind *kind, const json_t *item)
{
	const char *label = text_of(item, kind->label);
	return *label ? label : text_of(item, kind->key);
}
