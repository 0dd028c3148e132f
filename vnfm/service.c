/* service.c: see service.h. Changes are carried out by change.c; questions about traffic
 * by report.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/frame.h"
#include "common/log.h"
#include "vnfm/change.h"
#include "vnfm/logs.h"
#include "vnfm/spread.h"
#include "vnfm/start.h"

#define READ_MS	     5000
#define PUT_MS	     15000
#define DEL_MS	     20000
#define RELINK_MS    15000
#define CONFIGURE_MS 120000 /* many thousand rules, while all CPUs are busy */
#define QUERY_MS     5000
#define WAIT_MS	     60000 /* the longest wait that may be asked for */

static struct call *make_call(struct service *service, void (*run)(struct call *call),
	enum service_kind kind, const char *id, unsigned timeout_ms);
static int check_links(const char *ns, const json_t *links, struct faults *faults);
static int check_vnf(struct service *service, const json_t *doc, uint64_t *state_size,
	struct faults *faults, struct err *err);
static int not_found_is_invalid(struct err *err);
static int configure(struct service *service, const char *id, const json_t *doc,
	json_t **actual, struct faults *faults, struct err *err);
static int ask_plugin(struct service *service, const char *vnf, const char *op,
	const char *what, const json_t *args, json_t **answer, struct err *err);
static int ask_vnf(
	const char *id, json_t *request, int timeout_ms, json_t **reply, struct err *err);
static int out_of_memory(struct err *err);
static void run_get(struct call *call);
static void run_list(struct call *call);
static void run_shutdown(struct call *call);

struct service *
service_create(struct manager *manager)
{
	struct service *service = calloc(1, sizeof(*service));
	if (service == NULL)
		return NULL;
	service->manager = manager;
	TAILQ_INIT(&service->waiting);
	manager->changed = change_look;
	manager->changed_arg = service;
	return service;
}

void
service_close(struct service *service)
{
	if (service != NULL)
		change_close(service);
}

void
service_destroy(struct service *service)
{
	if (service == NULL)
		return;
	service->manager->changed = NULL;
	free(service);
}

int
service_put(struct service *service, enum service_kind kind, const char *id,
	const json_t *doc, json_t **actual, enum service_outcome *outcome,
	struct faults *faults, struct err *err)
{
	uint64_t state_size = 0;
	int rc = wanted_check((enum object_kind)kind, id, doc, faults);
	if (rc == 0 && kind == SERVICE_VNF)
		rc = check_vnf(service, doc, &state_size, faults, err);
	if (rc != 0)
		return rc;
	struct call *call = make_call(service, change_put, kind, id, PUT_MS);
	if (call == NULL)
		return out_of_memory(err);
	call->doc = json_incref((json_t *)doc);
	call->state_size = state_size;
	int made = SERVICE_DONE;
	rc = call_perform(call, service->manager->loop, actual, &made, err);
	if (rc == 0 && made == CHANGE_CONFIGURE) {
		made = SERVICE_DONE;
		rc = configure(service, id, doc, actual, faults, err);
	}
	*outcome = (enum service_outcome)made;
	return rc == 0 ? 0 : not_found_is_invalid(err);
}

int
service_get(struct service *service, enum service_kind kind, const char *id,
	json_t **actual, struct err *err)
{
	struct call *call = make_call(service, run_get, kind, id, READ_MS);
	return call == NULL
		       ? out_of_memory(err)
		       : call_perform(call, service->manager->loop, actual, NULL, err);
}

int
service_list(struct service *service, enum service_kind kind, const char *ns,
	json_t **list, struct err *err)
{
	struct call *call =
		make_call(service, run_list, kind, ns != NULL ? ns : "", READ_MS);
	return call == NULL ? out_of_memory(err)
			    : call_perform(call, service->manager->loop, list, NULL, err);
}

int
service_del(
	struct service *service, enum service_kind kind, const char *id, struct err *err)
{
	struct call *call = make_call(service, change_del, kind, id, DEL_MS);
	return call == NULL ? out_of_memory(err)
			    : call_perform(call, service->manager->loop, NULL, NULL, err);
}

int
service_relink(struct service *service, const char *ns, const json_t *links,
	json_t **done, struct faults *faults, struct err *err)
{
	int rc = check_links(ns, links, faults);
	if (rc != 0)
		return rc;
	struct call *call =
		make_call(service, change_relink, SERVICE_LINK, ns, RELINK_MS);
	if (call == NULL)
		return out_of_memory(err);
	call->doc = json_incref((json_t *)links);
	return call_perform(call, service->manager->loop, done, NULL, err);
}

int
service_spread(struct service *service, const char *vnf, unsigned n, bool force,
	json_t **done, struct err *err)
{
	json_t *object;
	int rc = service_get(service, SERVICE_VNF, vnf, &object, err);
	if (rc != 0)
		return rc;
	json_decref(object);
	return spread_run(vnf, n, force, done, err);
}

int
service_wait_ready(struct service *service, const char *vnf, unsigned timeout_ms,
	json_t **actual, struct err *err)
{
	struct call *call = make_call(service, change_wait_ready, SERVICE_VNF, vnf,
		timeout_ms < WAIT_MS ? timeout_ms : WAIT_MS);
	return call == NULL
		       ? out_of_memory(err)
		       : call_perform(call, service->manager->loop, actual, NULL, err);
}

int
service_types(struct service *service, json_t **manifests, struct err *err)
{
	return catalog_types(service->manager->catalog, manifests, err);
}

int
service_check(struct service *service, const char *type, const json_t *config,
	json_t **faults, uint64_t *state_size, struct err *err)
{
	*state_size = 0;
	return catalog_check(
		service->manager->catalog, type, config, faults, state_size, err);
}

int
service_log(struct service *service, const char *vnf, unsigned lines, char **text,
	struct err *err)
{
	json_t *object;
	int rc = service_get(service, SERVICE_VNF, vnf, &object, err);
	if (rc != 0)
		return rc;
	rc = logs_tail(
		json_string_value(json_object_get(object, "name")), lines, text, err);
	json_decref(object);
	return rc;
}

int
service_query(struct service *service, const char *vnf, const char *what,
	const json_t *args, json_t **answer, struct err *err)
{
	return ask_plugin(service, vnf, "query", what, args, answer, err);
}

int
service_act(struct service *service, const char *vnf, const char *what,
	const json_t *args, json_t **answer, struct err *err)
{
	return ask_plugin(service, vnf, "act", what, args, answer, err);
}

static int
ask_plugin(struct service *service, const char *vnf, const char *op, const char *what,
	const json_t *args, json_t **answer, struct err *err)
{
	json_t *object;
	int rc = service_get(service, SERVICE_VNF, vnf, &object, err);
	if (rc != 0)
		return rc;
	json_decref(object);
	json_t *request = json_pack("{s:s, s:s, s:o}", "op", op, "what", what, "args",
		args != NULL ? json_deep_copy(args) : json_object());
	rc = ask_vnf(vnf, request, QUERY_MS, answer, err);
	if (rc == 0)
		json_object_del(*answer, "ok");
	return rc;
}

int
service_events(struct service *service, uint64_t after, unsigned wait_ms, json_t **events,
	struct err *err)
{
	*events = events_after(
		service->manager->events, after, wait_ms < WAIT_MS ? wait_ms : WAIT_MS);
	return *events != NULL ? 0 : out_of_memory(err);
}

int
service_shutdown(struct service *service, struct err *err)
{
	struct call *call =
		make_call(service, run_shutdown, SERVICE_SERVICE, "", READ_MS);
	return call == NULL ? out_of_memory(err)
			    : call_perform(call, service->manager->loop, NULL, NULL, err);
}

static struct call *
make_call(struct service *service, void (*run)(struct call *call), enum service_kind kind,
	const char *id, unsigned timeout_ms)
{
	struct call *call = call_create(service, run, timeout_ms);
	if (call == NULL)
		return NULL;
	call->kind = (enum object_kind)kind;
	snprintf(call->id, sizeof(call->id), "%s", id);
	return call;
}

/* Paths of faults are below the link's id. */
static int
check_links(const char *ns, const json_t *links, struct faults *faults)
{
	const char *id;
	json_t *doc;
	if (!json_is_object(links))
		return faults_add(faults, ERR_INVALID, "links", "{ID: document or null}",
			"links is an object");
	json_object_foreach ((json_t *)links, id, doc) {
		struct faults found = {0};
		const char *of = json_string_value(json_object_get(doc, "ns"));
		if (!json_is_null(doc))
			wanted_check(OBJECT_LINK, id, doc, &found);
		if (of != NULL && strcmp(of, ns) != 0)
			faults_add(&found, ERR_INVALID, "ns", NULL,
				"the link is of another service");
		faults_merge(faults, &found, id);
		faults_clear(&found);
	}
	return faults->n > 0 ? err_errno(faults->list[0].code) : 0;
}

/* Judged by the code that would run it; paths are those of the document. */
static int
check_vnf(struct service *service, const json_t *doc, uint64_t *state_size,
	struct faults *faults, struct err *err)
{
	const char *type = json_string_value(json_object_get(doc, "type"));
	const json_t *core = json_object_get(doc, "core");
	json_t *list;
	int rc = catalog_check(service->manager->catalog, type,
		json_object_get(doc, "config"), &list, state_size, err);
	if (rc != 0)
		return not_found_is_invalid(err);
	if (core != NULL && !cores_has(&service->manager->options->cores,
				    (int)json_integer_value(core)))
		faults_add(faults, ERR_INVALID, "core", "GET /v1/host lists them",
			"CPU %d is not one of this platform's",
			(int)json_integer_value(core));
	struct faults found = {0};
	faults_from_json(&found, list);
	faults_merge(faults, &found, "config");
	rc = faults->n > 0 ? err_errno(ERR_INVALID) : 0;
	faults_clear(&found);
	json_decref(list);
	return rc;
}

/* What a document names and is not there makes the document wrong; the object of the
 * request is not missing. */
static int
not_found_is_invalid(struct err *err)
{
	if (err->code == ERR_NOT_FOUND)
		err->code = ERR_INVALID;
	return err_errno(err->code);
}

/* The loop is not held up meanwhile; the VNF is marked as being configured until commit
 * or abort. */
static int
configure(struct service *service, const char *id, const json_t *doc, json_t **actual,
	struct faults *faults, struct err *err)
{
	json_t *config = json_object_get(doc, "config");
	json_t *request = json_pack("{s:s, s:o}", "op", "configure", "config",
		config != NULL ? json_incref(config) : json_object());
	int rc = ask_vnf(id, request, CONFIGURE_MS, NULL, err);
	struct err lost;
	if (rc == 0 && start_keep_config(id, config, &lost) != 0)
		log_warn("configuration not kept", "vnf=%s reason=\"%s\"", id, lost.text);
	struct call *call = make_call(service, rc == 0 ? change_commit : change_abort,
		SERVICE_VNF, id, READ_MS);
	if (call == NULL)
		return out_of_memory(err);
	call->doc = json_incref((json_t *)doc);
	if (rc == 0)
		return call_perform(call, service->manager->loop, actual, NULL, err);
	call_perform(call, service->manager->loop, NULL, NULL, NULL);
	if (err->code == ERR_INVALID) {
		err_prefix(err, "config");
		faults_add_err(faults, err);
	}
	return rc;
}

/* Takes the request. */
static int
ask_vnf(const char *id, json_t *request, int timeout_ms, json_t **reply, struct err *err)
{
	char socket[256];
	int rc = dirs_runtime_path(socket, sizeof(socket), "vnf/%s.sock", id);
	if (rc == 0)
		rc = frame_ask(socket, request, timeout_ms, reply, err);
	else
		rc = err_set(err, ERR_INVALID, NULL, NULL, "the id is too long");
	json_decref(request);
	return rc;
}

static int
out_of_memory(struct err *err)
{
	return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
}

static void
run_get(struct call *call)
{
	const struct object *object =
		wanted_find(&call->service->manager->wanted, call->kind, call->id);
	if (object != NULL) {
		call_finish(call, SERVICE_DONE, wanted_to_json(object));
		return;
	}
	struct err err;
	err_set(&err, ERR_NOT_FOUND, NULL, NULL, "there is no %s '%s' on this host",
		wanted_kind_name(call->kind), call->id);
	call_fail(call, &err);
}

/* id: the service whose objects are asked for, "" for all. */
static void
run_list(struct call *call)
{
	const struct object *object;
	json_t *list = json_array();
	TAILQ_FOREACH (object, &call->service->manager->wanted.lists[call->kind], entry)
		if (call->id[0] == '\0' || strcmp(object->ns, call->id) == 0)
			json_array_append_new(list, wanted_to_json(object));
	call_finish(call, SERVICE_DONE, list);
}

static void
run_shutdown(struct call *call)
{
	struct manager *manager = call->service->manager;
	call_finish(call, SERVICE_DONE, NULL);
	manager_end(manager);
}
