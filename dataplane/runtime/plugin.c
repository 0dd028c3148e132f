/* plugin.c: VNF types are shared objects, found by name in one directory (plugin.h). */
#include "dataplane/runtime/plugin.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/child.h"

static bool is_type_name(const char *name);
static int not_found(const char *dir, const char *name, struct err *err);
static int check_type(
	const struct vnf_type *type, const char *name, const char *path, struct err *err);
static int is_plugin(const struct dirent *entry);

int
plugin_dir(const char *given, char *buf, size_t size)
{
	const char *env = getenv("RENGA_PLUGINS");
	int n;

	if (given == NULL && env != NULL && env[0] != '\0')
		given = env;
	if (given != NULL)
		n = snprintf(buf, size, "%s", given);
	else
		n = snprintf(buf, size, "%s/../vnfs", child_self_dir());
	if (given == NULL && access(buf, X_OK) != 0)
		n = snprintf(buf, size, "%s/../lib/renga/vnfs", child_self_dir());
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int
plugin_load(
	const char *dir, const char *name, const struct vnf_type **type, struct err *err)
{
	char path[PATH_MAX];
	const struct vnf_type *const *symbol;
	void *library;
	int rc;

	if (!is_type_name(name) ||
		snprintf(path, sizeof(path), "%s/%s.so", dir, name) >=
			(int)sizeof(path) ||
		access(path, F_OK) != 0)
		return not_found(dir, name, err);
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return err_set(err, ERR_UNSUPPORTED, NULL,
			"build it anew with this version",
			"the VNF type '%s' cannot be loaded: %s", name, dlerror());
	symbol = dlsym(library, "vnf_plugin_type");
	rc = check_type(symbol != NULL ? *symbol : NULL, name, path, err);
	if (rc != 0) {
		dlclose(library);
		return rc;
	}
	*type = *symbol;
	return 0;
}

static bool
is_type_name(const char *name)
{
	const size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && name[len] == '\0' && len < 32;
}

static int
not_found(const char *dir, const char *name, struct err *err)
{
	char hint[sizeof(err->hint)] = "known types:";
	json_t *types = plugin_list(dir), *type;
	size_t i, used = strlen(hint);

	json_array_foreach (types, i, type) {
		if (used < sizeof(hint))
			used += (size_t)snprintf(hint + used, sizeof(hint) - used,
				"%s %s", i > 0 ? "," : "", json_string_value(type));
	}
	if (json_array_size(types) == 0)
		snprintf(hint, sizeof(hint), "there are no VNF types in %.200s", dir);
	json_decref(types);
	return err_set(
		err, ERR_NOT_FOUND, NULL, hint, "no VNF type is called '%s'", name);
}

static int
check_type(
	const struct vnf_type *type, const char *name, const char *path, struct err *err)
{
	if (type == NULL)
		return err_set(err, ERR_UNSUPPORTED, NULL, "it needs VNF_REGISTER()",
			"%s is no VNF plug-in", path);
	if (type->api != VNF_API_VERSION)
		return err_set(err, ERR_UNSUPPORTED, NULL,
			"build it anew with this version",
			"%s was built for plug-in interface %u, this is %u", path,
			type->api, VNF_API_VERSION);
	if (strcmp(type->name, name) != 0)
		return err_set(err, ERR_UNSUPPORTED, NULL, "name the file as the type",
			"%s holds the VNF type '%s'", path, type->name);
	if (vnf_n_cps(type) == 0 || vnf_n_cps(type) > VNF_MAX_CPS ||
		vnf_n_reasons(type) > VNF_MAX_REASONS)
		return err_set(err, ERR_UNSUPPORTED, NULL, NULL,
			"%s has %u connection points (1 to %d) and %u drop reasons (at "
			"most %d)",
			path, vnf_n_cps(type), VNF_MAX_CPS, vnf_n_reasons(type),
			VNF_MAX_REASONS);
	if (type->state_size != NULL && type->state_version == 0)
		return err_set(err, ERR_UNSUPPORTED, NULL, "count state_version from 1",
			"%s keeps state without a version", path);
	return 0;
}

json_t *
plugin_list(const char *dir)
{
	json_t *types = json_array();
	struct dirent **entries;
	const int n = scandir(dir, &entries, is_plugin, alphasort);

	for (int i = 0; i < n; i++) {
		const size_t len = strlen(entries[i]->d_name) - strlen(".so");

		json_array_append_new(types, json_stringn(entries[i]->d_name, len));
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return types;
}

static int
is_plugin(const struct dirent *entry)
{
	const size_t len = strlen(entry->d_name);

	return len > 3 && strcmp(entry->d_name + len - 3, ".so") == 0;
}
