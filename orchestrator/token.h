/* token.h: users, their roles, and the secrets that prove who they are.
 *
 * A secret is 256 random bits; the store keeps its SHA-256 only, so it is told once, when
 * made.
 */
#ifndef ORCHESTRATOR_TOKEN_H
#define ORCHESTRATOR_TOKEN_H

#include "orchestrator/orch.h"

#define TOKEN_SECRET 65 /* hex, with its NUL */

/* At start: the secret in the file (mode 0600) is that of user "admin"; a missing file is
 * made anew. */
int token_admin_file(struct orch *orch, const char *path, struct err *err);

/* Who has this secret; user null: anyone. name and role ("viewer", ...) are filled in.
 * ERR_UNAUTHENTICATED. */
int token_verify(struct orch *orch, const char *user, const char *secret, char *name,
	size_t name_size, char *role, size_t role_size, struct err *err);

/* [{name, role, created, project}] */
int token_list(struct orch *orch, json_t **list, struct err *err);
/* {name, role, project?}: what it makes is of that project; *token is {name, role,
 * token}. */
int token_create(
	struct orch *orch, const json_t *request, json_t **token, struct err *err);
int token_delete(struct orch *orch, const char *name, struct err *err);

#endif
