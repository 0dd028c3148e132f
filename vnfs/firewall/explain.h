/* explain.h: what the rules would do, and which of them do nothing: the questions
 * explain-packet and shadowed. Control thread.
 */
#ifndef VNFS_FIREWALL_EXPLAIN_H
#define VNFS_FIREWALL_EXPLAIN_H

#include <jansson.h>
#include "vnfs/firewall/firewall.h"

/* args {packet}: packet_text.h. {verdicts: [{from, verdict, rule, index, session?,
 * continued: [rule], earlier: [{rule, because}], more?}]}, one for each side that it may
 * come from; because: the first member that does not match; at most 100 of them. Null
 * with err. */
json_t *explain_packet(const struct vnf *vnf, const json_t *args, struct err *err);

/* {rules: [{rule, index, kind: "shadowed" or "redundant", by}], looked, of}: looked < of
 * if there are too many rules to look at all. */
json_t *explain_shadowed(const struct vnf *vnf, const json_t *args, struct err *err);

#endif
