/* token.c: see token.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "common/dirs.h"
#include "vnfm/token.h"

int
token_read(const char *file, struct token *token, struct err *err)
{
	struct stat stat_of;
	char *text;
	if (stat(file, &stat_of) == 0 && (stat_of.st_mode & 077) != 0)
		return err_set(err, ERR_FORBIDDEN, "--token-file", "chmod 600 it",
			"others can read the token in %s", file);
	int rc = dirs_read_file(file, sizeof(token->text), &text, NULL, err);
	if (rc != 0)
		return rc;
	size_t len = strcspn(text, " \t\r\n");
	bool fits = len > 0 && len < sizeof(token->text);
	memset(token, 0, sizeof(*token));
	if (fits)
		memcpy(token->text, text, len);
	explicit_bzero(text, strlen(text));
	free(text);
	return fits ? 0
		    : err_set(err, ERR_INVALID, "--token-file", NULL,
			      "the first line of %s is no token", file);
}

bool
token_equal(const struct token *token, const char *given)
{
	struct token other = {0};
	strncpy(other.text, given, sizeof(other.text) - 1);
	unsigned char differs = 0;
	for (size_t i = 0; i < sizeof(other.text); i++)
		differs |= (unsigned char)(token->text[i] ^ other.text[i]);
	return differs == 0;
}
