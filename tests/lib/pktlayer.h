/* pktlayer.h: the headers that packet text knows, as tables that reading and printing
 * share (pkttext.h). */
#ifndef TESTS_LIB_PKTLAYER_H
#define TESTS_LIB_PKTLAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pktfield_kind {
	PKTFIELD_NUM,	/* name N */
	PKTFIELD_WORD,	/* name: stands for .value */
	PKTFIELD_MAC,	/* name MAC */
	PKTFIELD_IP4,	/* name ADDR */
	PKTFIELD_IP6,	/* name ADDR */
	PKTFIELD_FLAGS, /* name LETTERS: TCP's */
	PKTFIELD_OPTS,	/* name HEX: put behind the header, whose length grows */
};

struct pktfield {
	const char *name; /* "": the value follows the layer's name directly; null ends a
			     table */
	enum pktfield_kind kind;
	size_t off;	/* from the start of the header */
	size_t size;	/* 1, 2 or 4 bytes, big-endian (NUM, WORD) */
	uint32_t mask;	/* the bits of them; 0: all */
	uint32_t value; /* of a WORD; else the usual one, that printing leaves out */
	bool computed;	/* a length, checksum or next-layer number: printing leaves it out
			 */
	uint8_t only[2]; /* kinds of message (byte kind_off of the header) that have it;
			    0, 0: all */
	bool sets_kind;	 /* writing it makes the message one of only[0] */
};

struct pktlayer {
	const char *name;
	size_t len;
	enum pktfield_kind pair; /* kind of `A > B`; WORD: has none */
	size_t pair_from, pair_to;
	int eth_type, proto; /* by which the layer outside names it; -1: it cannot */
	size_t next_off, next_size; /* where it names the layer inside: 2 bytes an eth
				       type, 1 a protocol; 0: nowhere */
	size_t kind_off;	    /* of the byte that says which message it is */
	const struct pktfield *fields;
	uint8_t init[24];  /* the usual header */
	uint8_t fixed[24]; /* bits of it that are always compared */
};

/* By its word, by the number in the layer outside; null if there is none. */
const struct pktlayer *pktlayer_named(const char *name);
const struct pktlayer *pktlayer_of_eth_type(uint32_t eth_type);
const struct pktlayer *pktlayer_of_proto(uint32_t proto);

/* Bytes of a kind of address or port. */
size_t pktfield_size(const struct pktfield *field);
uint32_t pktfield_get(const struct pktfield *field, const uint8_t *header);
void pktfield_set(const struct pktfield *field, uint8_t *header, uint32_t value);

/* "FSRPAUEC" in bit order. */
extern const char pktlayer_tcp_flags[];

/* Running Internet checksum, and its end. */
uint32_t pktlayer_sum(uint32_t sum, const uint8_t *data, size_t len);
uint16_t pktlayer_fold(uint32_t sum);
/* The sum that an L4 checksum is made over: pseudo-header of the IP header at ip, and len
 * bytes at l4. */
uint32_t pktlayer_l4_sum(const uint8_t *ip, uint8_t proto, const uint8_t *l4, size_t len);

#endif
