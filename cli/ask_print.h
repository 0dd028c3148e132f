/* ask_print.h: what a VNF answered, for people. */
#ifndef CLI_ASK_PRINT_H
#define CLI_ASK_PRINT_H

#include "cli/output.h"

/* {verdicts: [{from, verdict, rule, index, session, continued: [rule], earlier: [{rule,
 * because}]}]} of a firewall's explain-packet. */
void ask_print_packet(const struct output *out, const json_t *answer);
/* {rules: [{rule, index, kind, by}], looked, of} of its shadowed. */
void ask_print_shadowed(const struct output *out, const json_t *answer);

#endif
