/* stage.h: a VNF type in a configuration that lets packets come far, and the addresses
 * that do. */
#ifndef TESTS_MALFORMED_STAGE_H
#define TESTS_MALFORMED_STAGE_H

#define STAGE_ADDRESSES 10
#define STAGE_CPS	3

struct stage_side { /* who sends by a connection point, and to whom; IPv4 or IPv6 */
	const char *src[STAGE_ADDRESSES], *dst[STAGE_ADDRESSES];
};

struct stage {
	const char *type, *name;
	const char *config, *other;	    /* that it runs with by turns */
	struct stage_side sides[STAGE_CPS]; /* those that are not there have no addresses
					     */
};

/* Ends with a null type. Types that are not here have one without configuration and
 * addresses. */
extern const struct stage stages[];

#endif
