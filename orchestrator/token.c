/* token.c: users, their roles and secrets. */
#include "orchestrator/token.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/dirs.h"
#include "db/projects.h"
#include "db/tokens.h"
#include "orchestrator/descriptor/model.h"
#include "orchestrator/project.h"
#include "orchestrator/stamp.h"

#define NAME_MAX_LEN 63

static void make_secret(char secret[TOKEN_SECRET]);
static void hash_secret(const char *secret, size_t len, char hash[TOKEN_SECRET]);
static int keep(struct orch *orch, const char *name, const char *role,
	const char *project, const char *secret, struct err *err);

int
token_admin_file(struct orch *orch, const char *path, struct err *err)
{
	char secret[TOKEN_SECRET], *text = NULL;
	struct db_token row = {0};
	char hash[TOKEN_SECRET];
	size_t len = 0;
	if (dirs_read_file(path, 4096, &text, &len, NULL) == 0 &&
		strcspn(text, "\r\n") >= 16)
		snprintf(
			secret, sizeof(secret), "%.*s", (int)strcspn(text, "\r\n"), text);
	else
		make_secret(secret);
	free(text);
	hash_secret(secret, strlen(secret), hash);
	const bool known = db_token_get_by_hash(orch->db, hash, &row, NULL) == 0;
	db_token_clear(&row);
	int rc = 0;
	if (!known) {
		(void)db_token_delete(
			orch->db, "admin", NULL); /* that of another file, if any */
		rc = keep(orch, "admin", "admin", NULL, secret, err);
	}
	if (!rc)
		rc = dirs_write_file(path, 0600, secret, strlen(secret), err);
	sodium_memzero(secret, sizeof(secret));
	return rc;
}

int
token_verify(struct orch *orch, const char *user, const char *secret, char *name,
	size_t name_size, char *role, size_t role_size, struct err *err)
{
	char hash[TOKEN_SECRET];
	struct db_token row = {0};
	hash_secret(secret, strlen(secret), hash);
	int rc = db_token_get_by_hash(orch->db, hash, &row, NULL);
	if (rc || (user && strcmp(user, row.name) != 0)) {
		db_token_clear(&row);
		return err_set(err, ERR_UNAUTHENTICATED, NULL,
			"the admin's token is in admin.token of the state directory",
			"the credential is not known");
	}
	snprintf(name, name_size, "%s", row.name);
	snprintf(role, role_size, "%s", row.role);
	db_token_clear(&row);
	return 0;
}

int
token_list(struct orch *orch, json_t **list, struct err *err)
{
	struct db_token *rows;
	size_t n;
	int rc = db_token_list(orch->db, &rows, &n, err);
	if (rc)
		return rc;
	*list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(*list,
			json_pack("{s:s, s:s, s:s, s:s}", "name", rows[i].name, "role",
				rows[i].role, "created", rows[i].created, "project",
				rows[i].project ? rows[i].project : DB_PROJECT_DEFAULT));
	db_tokens_free(rows, n);
	return 0;
}

int
token_create(struct orch *orch, const json_t *request, json_t **token, struct err *err)
{
	const char *name = json_string_value(json_object_get(request, "name"));
	const char *role = json_string_value(json_object_get(request, "role"));
	const json_t *of = json_object_get(request, "project");
	const char *project = json_string_value(of);
	char secret[TOKEN_SECRET];
	if (!name || !model_name_ok(name, NAME_MAX_LEN))
		return err_set(err, ERR_INVALID, "name",
			"small letters, digits and dashes", "the token needs a name");
	if (!role || (strcmp(role, "viewer") && strcmp(role, "operator") &&
			     strcmp(role, "admin")))
		return err_set(err, ERR_INVALID, "role", "viewer, operator or admin",
			"the token needs a role");
	if (of && !json_is_null(of) && !project)
		return err_set(err, ERR_INVALID, "project", "renga project set NAME",
			"the name of a project is a text");
	make_secret(secret);
	int rc = project_check(orch, project, err);
	if (!rc)
		rc = keep(orch, name, role, project, secret, err);
	if (rc == err_errno(ERR_EXISTS))
		return err_set(err, ERR_EXISTS, "name", NULL,
			"a token '%s' exists already", name);
	if (!rc)
		*token = json_pack(
			"{s:s, s:s, s:s}", "name", name, "role", role, "token", secret);
	sodium_memzero(secret, sizeof(secret));
	return rc;
}

int
token_delete(struct orch *orch, const char *name, struct err *err)
{
	if (strcmp(name, "admin") == 0)
		return err_set(err, ERR_STATE, NULL,
			"remove its file and restart to change it",
			"the token 'admin' cannot be deleted");
	if (db_token_delete(orch->db, name, NULL))
		return err_set(
			err, ERR_NOT_FOUND, NULL, NULL, "there is no token '%s'", name);
	return 0;
}

static void
make_secret(char secret[TOKEN_SECRET])
{
	unsigned char bytes[32];
	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(secret, TOKEN_SECRET, bytes, sizeof(bytes));
	sodium_memzero(bytes, sizeof(bytes));
}

static void
hash_secret(const char *secret, size_t len, char hash[TOKEN_SECRET])
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(digest, (const unsigned char *)secret, len);
	sodium_bin2hex(hash, TOKEN_SECRET, digest, sizeof(digest));
}

static int
keep(struct orch *orch, const char *name, const char *role, const char *project,
	const char *secret, struct err *err)
{
	char hash[TOKEN_SECRET], now[STAMP_TIME];
	hash_secret(secret, strlen(secret), hash);
	const struct db_token row = {
		(char *)name, hash, (char *)role, stamp_time(now), (char *)project};
	return db_token_insert(orch->db, &row, err);
}
