/* page.h: a part of a table, in its order. */
#ifndef DB_PAGE_H
#define DB_PAGE_H

#include <stddef.h>

#define DB_PAGE_EQUAL 4

struct db_page {
	struct {
		const char *column, *value;
	} equal[DB_PAGE_EQUAL]; /* what rows are to have; the table's file says which
				   columns can be named */
	unsigned n_equal;
	const char *after; /* key of the row before the first; null: from the beginning */
	size_t offset;	   /* if there is no such row: so many are left out */
	size_t limit;
};

#endif
