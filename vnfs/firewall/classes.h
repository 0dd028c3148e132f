/* classes.h: sets of entries, each of which is a class: equal sets have one number. While
 * a cascade is made. One thread.
 */
#ifndef VNFS_FIREWALL_CLASSES_H
#define VNFS_FIREWALL_CLASSES_H

#include <stdint.h>

#define CLASSES_MAX UINT16_MAX

struct classes {
	unsigned words; /* of 64 entries each, in a set */
	unsigned n, room;
	uint64_t *sets;	 /* n of them */
	uint32_t *slots; /* by hash: class + 1; 0: empty */
	unsigned mask;	 /* slots - 1 */
};

/* Empty, for sets of that many words. */
void classes_init(struct classes *classes, unsigned words);
void classes_clear(struct classes *classes);

/* The number of a set, which is copied if it is new. -E2BIG: there are CLASSES_MAX;
 * -ENOMEM. */
int classes_number(struct classes *classes, const uint64_t *set);

static inline const uint64_t *
classes_set(const struct classes *classes, unsigned number)
{
	return classes->sets + (size_t)number * classes->words;
}

#endif
