/* auth.h: the Authorization header as a credential. Pure. */
#ifndef API_HTTP_AUTH_H
#define API_HTTP_AUTH_H

#include "common/err.h"

#define AUTH_MAX 512

struct auth_credential {
	const char *scheme;  /* "bearer" or "basic" */
	char user[AUTH_MAX]; /* of basic */
	char secret[AUTH_MAX];
};

/* Takes "Bearer TOKEN" or "Basic base64(user:password)" apart. ERR_UNAUTHENTICATED if
 * header is null, ERR_MALFORMED for anything that is no credential. */
int auth_parse(const char *header, struct auth_credential *credential, struct err *err);

#endif
