/* catalog.c: VNF types, as the onboarded packages and their manifests tell. */
#include "orchestrator/descriptor/catalog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"
#include "db/packages.h"

int
catalog_load(struct db *db, struct catalog *catalog, struct err *err)
{
	struct db_package *rows;
	size_t n;
	int rc = db_package_list(db, &rows, &n, err);
	if (rc)
		return rc;
	*catalog = (struct catalog){0};
	for (size_t i = 0; !rc && i < n; i++)
		rc = catalog_add(catalog, rows[i].id, rows[i].vnfd_id,
			strcmp(rows[i].operational, "ENABLED") == 0, rows[i].manifest);
	db_packages_free(rows, n);
	if (rc) {
		catalog_clear(catalog);
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	}
	return 0;
}

int
catalog_add(struct catalog *catalog, const char *package, const char *vnfd, bool enabled,
	json_t *manifest)
{
	const json_t *cps = json_object_get(manifest, "connectionPoints");
	const char *name = json_string_value(json_object_get(manifest, "type"));
	struct catalog_type *types =
		realloc(catalog->types, (catalog->n + 1) * sizeof(*catalog->types));
	if (!types)
		return -ENOMEM;
	catalog->types = types;
	struct catalog_type *type = &types[catalog->n++];
	*type = (struct catalog_type){.name = strdup(name ? name : ""),
		.vnfd = strdup(vnfd),
		.package = strdup(package),
		.enabled = enabled,
		.manifest = json_incref(manifest),
		.n_cps = json_array_size(cps)};
	type->cps = calloc(type->n_cps + 1, sizeof(*type->cps));
	if (!type->name || !type->vnfd || !type->package || !type->cps)
		return -ENOMEM;
	for (size_t i = 0; i < type->n_cps; i++) {
		const char *cp = json_string_value(json_array_get(cps, i));
		type->cps[i] = cp ? cp : "";
	}
	return 0;
}

void
catalog_clear(struct catalog *catalog)
{
	for (size_t i = 0; i < catalog->n; i++) {
		struct catalog_type *type = &catalog->types[i];
		free(type->name);
		free(type->vnfd);
		free(type->package);
		free(type->cps);
		json_decref(type->manifest);
	}
	free(catalog->types);
	*catalog = (struct catalog){0};
}

const struct catalog_type *
catalog_find(const struct catalog *catalog, const char *name)
{
	for (size_t i = 0; i < catalog->n; i++)
		if (strcmp(catalog->types[i].name, name) == 0)
			return &catalog->types[i];
	return NULL;
}

const struct catalog_type *
catalog_find_vnfd(const struct catalog *catalog, const char *vnfd)
{
	for (size_t i = 0; i < catalog->n; i++)
		if (strcmp(catalog->types[i].vnfd, vnfd) == 0)
			return &catalog->types[i];
	return NULL;
}

char *
catalog_hint(const struct catalog *catalog, const char *word, bool vnfd, char *buf,
	size_t size)
{
	const char **names = calloc(catalog->n + 1, sizeof(*names));
	snprintf(buf, size, "known:");
	for (size_t i = 0; names && i < catalog->n; i++) {
		names[i] = vnfd ? catalog->types[i].vnfd : catalog->types[i].name;
		snprintf(buf + strlen(buf), size - strlen(buf), "%s%s", i ? ", " : " ",
			names[i]);
	}
	const char *nearest = names ? field_nearest(word, names) : NULL;
	if (nearest)
		snprintf(buf, size, "did you mean '%s'?", nearest);
	free(names);
	return buf;
}

bool
catalog_scales(const struct catalog_type *type)
{
	return json_is_string(json_object_get(type->manifest, "scaling"));
}

bool
catalog_scales_by_port(const struct catalog_type *type)
{
	const char *scaling =
		json_string_value(json_object_get(type->manifest, "scaling"));
	return scaling && strcmp(scaling, "by-port") == 0;
}

int
catalog_cp(const struct catalog_type *type, const char *cp)
{
	for (size_t i = 0; i < type->n_cps; i++)
		if (strcmp(type->cps[i], cp) == 0)
			return (int)i;
	return -1;
}
