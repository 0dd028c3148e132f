/* adopt.c: see adopt.h. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/frame.h"
#include "common/log.h"
#include "vnfm/adopt.h"
#include "vnfm/leftovers.h"
#include "vnfm/orphans.h"
#include "vnfm/start.h"
#include "vnfm/succession.h"
#include "vnfm/supervisor.h"

#define LIST_MS	  10000
#define STATUS_MS 2000
#define END_MS	  2000

static void clear_orphans(const json_t *slots);
static void end(pid_t pid);
static void adopt_list(
	struct manager *manager, enum object_kind kind, const json_t *list);
static void adopt_one(struct manager *manager, enum object_kind kind, const json_t *item);
static void take_over(struct manager *manager, struct object *vnf, const json_t *item);
static json_t *find_status(const char *id, pid_t pid);
static json_t *ask_status(const char *socket, const char *id, pid_t pid);
static bool is_as_wanted(
	const struct manager *manager, const struct object *vnf, const json_t *status);
static bool is_vnf(pid_t pid, const char *id, const char *name);
static void remove_stranger(
	struct manager *manager, enum object_kind kind, const char *id);
static pid_t socket_owner(const char *socket);

int
adopt_all(struct manager *manager, struct err *err)
{
	static const char *const members[OBJECT_KINDS] = {
		"pools", "ports", "slots", "links"};
	json_t *request = json_pack("{s:s}", "op", "list"), *reply = NULL;
	int rc = frame_ask(manager->dataplane.socket, request, LIST_MS, &reply, err);
	json_decref(request);
	if (rc != 0)
		return rc;
	clear_orphans(json_object_get(reply, "slots"));
	for (unsigned kind = 0; kind < OBJECT_KINDS; kind++)
		adopt_list(manager, kind, json_object_get(reply, members[kind]));
	json_decref(reply);
	return 0;
}

void
adopt_sweep(const struct manager *manager)
{
	char path[256];
	(void)manager;
	DIR *dir =
		dirs_runtime_path(path, sizeof(path), "vnf") == 0 ? opendir(path) : NULL;
	if (dir == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		char socket[600];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(socket, sizeof(socket), "%s/%s", path, entry->d_name);
		pid_t pid = socket_owner(socket);
		if (pid != 0) {
			log_warn("leftover vnf ended", "pid=%d socket=\"%s\"", pid,
				socket);
			kill(pid, SIGKILL);
		}
		unlink(socket);
	}
	closedir(dir);
}

/* What our predecessor was about to make or to remove when it died. A process that was
 * just starting has no slot yet, and would take it beside the one that we start. */
static void
clear_orphans(const json_t *slots)
{
	json_t *orphans = orphans_find(slots);
	for (size_t i = 0; i < json_array_size(orphans); i++) {
		const char *kind, *name;
		if (json_unpack(json_array_get(orphans, i), "{s:s, s:s}", "kind", &kind,
			    "name", &name) != 0)
			continue;
		if (strcmp(kind, "process") != 0) {
			leftovers_remove_orphan(kind, name);
			continue;
		}
		log_warn("vnf without a slot", "pid=%s next=SIGKILL", name);
		end((pid_t)atoi(name));
	}
	json_decref(orphans);
}

static void
end(pid_t pid)
{
	struct pollfd ended = {
		.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	if (ended.fd < 0)
		return;
	if (kill(pid, SIGKILL) != 0 || poll(&ended, 1, END_MS) != 1)
		log_warn("not ended", "pid=%d reason=\"%s\"", pid, strerror(errno));
	close(ended.fd);
}

static void
adopt_list(struct manager *manager, enum object_kind kind, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		adopt_one(manager, kind, json_array_get(list, i));
}

/* The tag; of a VNF with its configuration (request.c). New reference. */
static json_t *
document_of(enum object_kind kind, const char *id, json_t *tag)
{
	if (kind != OBJECT_VNF || !json_is_true(json_object_get(tag, "config")))
		return json_incref(tag);
	json_t *doc = json_copy(tag), *config = start_kept_config(id);
	if (config != NULL)
		json_object_set_new(doc, "config", config);
	else
		json_object_del(doc, "config");
	return doc;
}

/* What was not put by a renga-vnfm, or cannot be now, is taken apart. */
static void
adopt_one(struct manager *manager, enum object_kind kind, const json_t *item)
{
	const char *member = kind == OBJECT_SERVICE ? "ns" : "id";
	const char *id = json_string_value(json_object_get(item, member));
	struct faults faults = {0};
	if (id == NULL)
		return;
	json_t *tag = document_of(kind, id, json_object_get(item, "tag"));
	int rc = wanted_check(kind, id, tag, &faults);
	faults_clear(&faults);
	struct object *object =
		rc == 0 ? wanted_add(&manager->wanted, kind, id, tag) : NULL;
	json_decref(tag);
	if (object == NULL) {
		remove_stranger(manager, kind, id);
		return;
	}
	object->placed = true;
	object->applied = json_incref(object->wanted);
	object->actual = json_copy((json_t *)item);
	json_object_del(object->actual, "tag");
	if (kind == OBJECT_VNF)
		take_over(manager, object, item);
}

static void
take_over(struct manager *manager, struct object *vnf, const json_t *item)
{
	pid_t pid = (pid_t)json_integer_value(json_object_get(item, "pid"));
	json_t *status;
	vnf->vnf.slot = (int)json_integer_value(json_object_get(item, "slot"));
	vnf->vnf.turn = (uint32_t)json_integer_value(json_object_get(item, "turn"));
	vnf->vnf.restarts = vnf->vnf.turn > 1 ? vnf->vnf.turn - 1 : 0;
	vnf->vnf.state_size =
		(uint64_t)json_integer_value(json_object_get(item, "regionSize"));
	if (pid > 0 && is_vnf(pid, vnf->id, vnf->name)) {
		status = find_status(vnf->id, pid);
		if (status != NULL) {
			vnf->vnf.start.lcore = (unsigned)json_integer_value(
				json_object_get(status, "lcore"));
			supervisor_adopt(manager, vnf, pid);
			if (!is_as_wanted(manager, vnf, status))
				succession_want(vnf, NULL);
			json_decref(status);
			return;
		}
		log_warn("vnf does not answer", "vnf=%s pid=%d next=SIGKILL", vnf->name,
			pid);
		kill(pid, SIGKILL);
	}
	supervisor_adopt(manager, vnf, 0);
}

/* What the process says of itself. One that took over while our predecessor died still
 * has the name that it had beside the former one. */
static json_t *
find_status(const char *id, pid_t pid)
{
	char socket[256];
	json_t *status = NULL;
	if (start_socket(id, false, socket, sizeof(socket)) == 0)
		status = ask_status(socket, id, pid);
	if (status == NULL && start_socket(id, true, socket, sizeof(socket)) == 0) {
		status = ask_status(socket, id, pid);
		if (status != NULL)
			start_rename_socket(id, NULL);
	}
	return status;
}

static json_t *
ask_status(const char *socket, const char *id, pid_t pid)
{
	json_t *request = json_pack("{s:s}", "op", "status"), *reply = NULL;
	if (frame_ask(socket, request, STATUS_MS, &reply, NULL) == 0) {
		const char *its_id = json_string_value(json_object_get(reply, "id"));
		if (its_id == NULL || strcmp(its_id, id) != 0 ||
			json_integer_value(json_object_get(reply, "pid")) != pid) {
			json_decref(reply);
			reply = NULL;
		}
	}
	json_decref(request);
	return reply;
}

/* The dataplane may have got a document whose process was not started any more. */
static bool
is_as_wanted(
	const struct manager *manager, const struct object *vnf, const json_t *status)
{
	const char *type = json_string_value(json_object_get(status, "type"));
	const json_t *revision = json_object_get(vnf->wanted, "revision");
	return type != NULL && strcmp(type, wanted_text(vnf, "type")) == 0 &&
	       json_integer_value(json_object_get(status, "core")) ==
		       wanted_core(vnf, manager->default_core) &&
	       json_integer_value(json_object_get(status, "revision")) ==
		       json_integer_value(revision);
}

/* A number may have been given to another process meanwhile. One that is several VNFs
 * shows the socket of the first, and the names of all. */
static bool
is_vnf(pid_t pid, const char *id, const char *name)
{
	char path[64], *line = NULL;
	size_t len = 0;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	if (dirs_read_file(path, 65536, &line, &len, NULL) != 0)
		return false;
	bool is = memmem(line, len, "renga-vnf", 9) != NULL &&
		  (memmem(line, len, id, strlen(id)) != NULL ||
			  memmem(line, len, name, strlen(name)) != NULL);
	free(line);
	return is;
}

static void
remove_stranger(struct manager *manager, enum object_kind kind, const char *id)
{
	log_warn("stranger in the dataplane", "kind=%s id=\"%s\" next=remove",
		wanted_kind_name(kind), id);
	json_t *doc = json_pack("{s:s, s:s}", "ns", "", "name", id);
	struct object *object = wanted_add(&manager->wanted, kind, id, doc);
	json_decref(doc);
	if (object == NULL)
		return;
	object->applied = json_incref(object->wanted);
	object->unwanted = true;
	if (kind == OBJECT_VNF)
		object->vnf.state = LIFECYCLE_STOPPING;
}

static pid_t
socket_owner(const char *socket)
{
	json_t *request = json_pack("{s:s}", "op", "status"), *reply = NULL;
	pid_t pid = 0;
	if (frame_ask(socket, request, STATUS_MS, &reply, NULL) == 0)
		pid = (pid_t)json_integer_value(json_object_get(reply, "pid"));
	json_decref(reply);
	json_decref(request);
	return pid;
}
