/* auth.c: RFC 6750 section 2.1 and RFC 7617. */
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include "api/http/auth.h"

static int parse_bearer(
	const char *token, struct auth_credential *credential, struct err *err);
static int parse_basic(
	const char *encoded, struct auth_credential *credential, struct err *err);
static int base64_decode(const char *text, char *out, size_t size);
static int base64_value(char c);
static int malformed(struct err *err);

int
auth_parse(const char *header, struct auth_credential *credential, struct err *err)
{
	memset(credential, 0, sizeof(*credential));
	if (header == NULL)
		return err_set(err, ERR_UNAUTHENTICATED, NULL,
			"send Authorization: Bearer TOKEN; the first token is in "
			"<state directory>/admin.token",
			"this request needs a credential");
	size_t len = strcspn(header, " ");
	const char *value = header + len + strspn(header + len, " ");
	if (len == 6 && strncasecmp(header, "Bearer", len) == 0)
		return parse_bearer(value, credential, err);
	if (len == 5 && strncasecmp(header, "Basic", len) == 0)
		return parse_basic(value, credential, err);
	return malformed(err);
}

static int
parse_bearer(const char *token, struct auth_credential *credential, struct err *err)
{
	size_t len = strlen(token);
	if (len == 0 || len >= sizeof(credential->secret))
		return malformed(err);
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)token[i]) &&
			strchr("-._~+/=", token[i]) == NULL)
			return malformed(err);
	credential->scheme = "bearer";
	memcpy(credential->secret, token, len + 1);
	return 0;
}

static int
parse_basic(const char *encoded, struct auth_credential *credential, struct err *err)
{
	if (base64_decode(encoded, credential->user, sizeof(credential->user)) != 0)
		return malformed(err);
	char *colon = strchr(credential->user, ':');
	if (colon == NULL)
		return malformed(err);
	*colon = '\0';
	strcpy(credential->secret, colon + 1);
	credential->scheme = "basic";
	return 0;
}

/* Writes NUL-ended text. -1 for what is no base64, holds a NUL, or does not fit. */
static int
base64_decode(const char *text, char *out, size_t size)
{
	size_t len = strlen(text), n = 0;
	if (len == 0 || len % 4 != 0 || len / 4 * 3 >= size)
		return -1;
	size_t padding = text[len - 1] != '=' ? 0 : text[len - 2] != '=' ? 1 : 2;
	for (size_t i = 0; i < len; i += 4) {
		uint32_t bits = 0;
		for (size_t k = i; k < i + 4; k++) {
			int value = k >= len - padding ? 0 : base64_value(text[k]);
			if (value < 0)
				return -1;
			bits = bits << 6 | (uint32_t)value;
		}
		for (int shift = 16; shift >= 0; shift -= 8)
			out[n++] = (char)(bits >> shift & 0xff);
	}
	out[n - padding] = '\0';
	return strlen(out) == n - padding ? 0 : -1;
}

static int
base64_value(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);
	return at == NULL ? -1 : (int)(at - digits);
}

static int
malformed(struct err *err)
{
	return err_set(err, ERR_MALFORMED, NULL,
		"write Authorization: Bearer TOKEN, or Basic with base64 of "
		"user:password",
		"the Authorization header is no credential");
}
