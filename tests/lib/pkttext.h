/* pkttext.h: packets as a line of text, and back.
 *
 * A packet is its layers from the outside in, each a word, its addresses, and its fields
 *in any order:
 *
 *	eth 02:00:00:00:00:01 > 02:00:00:00:00:02 ip4 10.0.0.1 > 192.0.2.1 ttl 64 udp 1000
 *> 53 "payload" eth SRC > DST arp who-has 10.0.0.1 tell 10.0.0.2          arp
 *reply 10.0.0.1 is-at MAC to 10.0.0.2 eth SRC > DST vlan 100 ip6 2001:db8::1 >
 *2001:db8::2 tcp 1 > 2 flags SA seq 1 ack 2 eth SRC > DST ip4 A > B icmp unreachable code
 *1 [ip4 C > D udp 1 > 2] hex 0200000000010200000000020800...
 *
 *	eth SRC > DST   type N                         vlan ID   prio N  type N
 *	arp             who-has IP  tell IP | reply IP  is-at MAC  to IP; op N  sender-mac
 *MAC  target-mac MAC ip4 A > B       ttl N  tos N  id N  df | no-df  mf | no-mf  off N (8
 *bytes)  proto N  len N  csum N  ihl N  opts HEX ip6 A > B       hlim N  tc N  flow N
 *next N  len N hopopts, dstopts, routing (type N  left N), frag (off N  mf | no-mf  id
 *N): IPv6 extension headers, 8 bytes, next N udp S > D       len N  csum N sctp S > D tag
 *N  csum N tcp S > D       flags [FSRPAUEC.]  seq N  ack N  win N  urgent N  csum N  off
 *N (4 bytes)  opts HEX icmp            echo | reply | unreachable | redirect |
 *time-exceeded | param-problem | type N; code N  id N  seq N mtu N  gateway IP  pointer N
 *csum N; then [the packet that it is about] icmp6           echo | reply | unreachable |
 *too-big | time-exceeded | param-problem | rs | ra | ns | na | type N; code N  id N  seq
 *N  mtu N  pointer N  router  solicited  override  csum N; then [packet], or target IP
 *slla MAC  tlla MAC "text"  hex HEX  zeros N  pattern N            payload; end: nothing
 *more
 *
 * To send: what is not written has its usual value; lengths, checksums and the numbers of
 *the next layer are computed. To expect: only what is written is compared, but all
 *lengths and checksums must be right. How long the packet is counts only where its
 *payload (or `end`) is written.
 */
#ifndef TESTS_LIB_PKTTEXT_H
#define TESTS_LIB_PKTTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/err.h"

#define PKTTEXT_MAX 2048 /* bytes of a packet */

struct pkttext {
	size_t len;
	bool whole; /* the payload was written: nothing may follow */
	uint8_t data[PKTTEXT_MAX];
	uint8_t mask[PKTTEXT_MAX]; /* bits that were written */
};

/* 0, or ERR_MALFORMED with the word that could not be read. */
int pkttext_parse(const char *text, struct pkttext *pkt, struct err *err);
/* Whether a packet has all that was written. */
bool pkttext_match(const struct pkttext *expected, const uint8_t *data, size_t len);
/* The text of a packet: every field that has not its usual value. buf is always ended by
 * NUL. */
char *pkttext_print(const uint8_t *data, size_t len, char *buf, size_t size);
/* Null, or the first length or checksum in it that is wrong (static text). The sums are
 * computed here anew, not by dataplane/pkt, which is under test. A packet inside an ICMP
 * error is held to its IP header's. */
const char *pkttext_fault(const uint8_t *data, size_t len);

#endif
