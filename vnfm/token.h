/* token.h: the bearer token that a TCP client of renga-vnfm must show. */
#ifndef VNFM_TOKEN_H
#define VNFM_TOKEN_H

#include <stddef.h>
#include "common/err.h"

struct token {
	char text[256];
};

/* The first line of a file that only its owner can read. */
int token_read(const char *file, struct token *token, struct err *err);
/* Takes the time of a full comparison, whatever is given. */
bool token_equal(const struct token *token, const char *given);

#endif
