/* kind.h: the kinds of things that the API has: where each is read, what names it, how it
 * is shown. One table. */
#ifndef CLI_KIND_H
#define CLI_KIND_H

#include "cli/output.h"
#include "cli/session.h"

#define KIND_PATHS 8

struct kind {
	const char *name;	       /* "chains" */
	const char *one;	       /* "chain" */
	const char *paths[KIND_PATHS]; /* collections; ends with a null one; those after
					  the first may be missing on the server */
	const char *key;	       /* member that is the id in a URL */
	const char *label;	       /* member that people call it by */
	const struct output_column *columns;
};

extern const struct kind kind_table[]; /* ends with a null name */

/* By plural or singular; null if unknown. */
const struct kind *kind_find(const char *word);
/* The same, or an error with the nearest kind as hint. */
int kind_need(struct session *session, const char *word, const struct kind **kind);

/* All of a kind: one list, of all its collections. New reference. */
int kind_list(struct session *session, const struct kind *kind, json_t **list);

/* The one of a list that a name, an id, or a unique beginning of one means (borrowed).
 * ERR_NOT_FOUND, or ERR_STATE if several begin so. Pure. */
int kind_pick(const struct kind *kind, const json_t *list, const char *word,
	json_t **item, struct err *err);

/* Finds the one that `word` means: what a list tells of it (new reference), and its path
 * if path is not null. */
int kind_locate(struct session *session, const struct kind *kind, const char *word,
	json_t **item, char path[SESSION_PATH]);
/* Finds the one that `word` means: its whole resource (new reference), and its path if
 * path is not null. */
int kind_get(struct session *session, const struct kind *kind, const char *word,
	json_t **item, char path[SESSION_PATH]);

/* "edge.fw": what people call it; its id if it has no name. */
const char *kind_label(const struct kind *kind, const json_t *item);

#endif
