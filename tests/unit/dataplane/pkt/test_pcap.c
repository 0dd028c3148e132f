/* test_pcap.c: every frame of real and malformed captures through the parser, whole, cut
 * and with bytes changed, each in a heap block of just its size, so that the address
 * sanitizer sees any read beyond it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/parse.h"
#include "tests/lib/random.h"

#define MAX_FILE      (32u << 20)
#define LINK_ETHERNET 1

typedef void visit_fn(const uint8_t *frame, uint32_t len, void *arg);

static uint32_t
word(const uint8_t *p, bool swap)
{
	uint32_t value;

	memcpy(&value, p, 4);
	return swap ? __builtin_bswap32(value) : value;
}

/* Calls visit for each Ethernet frame of a classic pcap file, either byte order. Number
 * of frames. */
static unsigned
each_frame(const uint8_t *file, size_t size, visit_fn *visit, void *arg)
{
	unsigned n = 0;

	if (size < 24)
		return 0;
	const uint32_t magic = word(file, false);
	const bool swap = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;

	if (!swap && magic != 0xa1b2c3d4 && magic != 0xa1b23c4d)
		return 0;
	if ((word(file + 20, swap) & 0xffff) != LINK_ETHERNET)
		return 0;
	for (size_t at = 24; at + 16 <= size; n++) {
		const uint32_t len = word(file + at + 8, swap);

		at += 16;
		if (len > size - at)
			break;
		visit(file + at, len, arg);
		at += len;
	}
	return n;
}

static uint8_t *
read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(MAX_FILE);

	assert_non_null(f);
	assert_non_null(data);
	*size = fread(data, 1, MAX_FILE, f);
	fclose(f);
	return data;
}

static const char *
folder(char *buf, size_t size)
{
	const char *data = getenv("RENGA_DATA");

	snprintf(buf, size, "%s/pcap", data != NULL ? data : "../shared/data");
	return buf;
}

/* Visits all frames of the captures whose name holds `part`. Number of frames. */
static unsigned
each_capture(const char *part, visit_fn *visit, void *arg)
{
	char dir[256], path[600];
	DIR *d = opendir(folder(dir, sizeof(dir)));
	unsigned n = 0;

	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		size_t size;

		if (e->d_name[0] == '.' || strstr(e->d_name, part) == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		uint8_t *file = read_file(path, &size);

		n += each_frame(file, size, visit, arg);
		free(file);
	}
	if (d != NULL)
		closedir(d);
	return n;
}

static void
assert_consistent(const struct pkt_info *info, uint32_t len)
{
	assert_true(info->l3 <= info->l4);
	assert_true(info->l4 <= info->end);
	assert_true(info->end <= len);
}

static void
parse_copy(const uint8_t *frame, uint32_t len)
{
	struct pkt_info info;
	uint8_t *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, frame, len);
	if (pkt_parse(copy, len, &info) == PKT_OK) {
		assert_consistent(&info, len);
		csum_l4_ok(copy, &info);
		csum_l4_complete(copy, &info);
		csum_l4_set(copy, &info);
	}
	for (unsigned family = 4; family <= 6 && len > PKT_ETH_LEN; family += 2)
		if (pkt_parse_embedded(copy + PKT_ETH_LEN, len - PKT_ETH_LEN,
			    (uint8_t)family, &info) == PKT_OK)
			assert_consistent(&info, len - PKT_ETH_LEN);
	free(copy);
}

static void
visit_hostile(const uint8_t *frame, uint32_t len, void *arg)
{
	uint8_t mutant[512];
	const uint32_t head = len < sizeof(mutant) ? len : sizeof(mutant);

	(void)arg;
	parse_copy(frame, len);
	for (uint32_t cut = 0; cut < head && cut < 120; cut++)
		parse_copy(frame, cut);
	for (unsigned i = 0; i < 16 && head > 0; i++) {
		memcpy(mutant, frame, head);
		for (unsigned k = random32() % 4; k < 4; k++)
			mutant[random32() % (head < 100 ? head : 100)] =
				(uint8_t)random32();
		parse_copy(mutant, head);
	}
}

struct sums {
	unsigned good, bad;
};

static void
visit_sums(const uint8_t *frame, uint32_t len, void *arg)
{
	struct sums *sums = arg;
	struct pkt_info info;
	const enum pkt_fault fault = pkt_parse(frame, len, &info);

	if (fault == PKT_BAD_IP_CSUM || (fault == PKT_OK && !csum_l4_ok(frame, &info)))
		sums->bad++;
	else
		sums->good++;
}

static void
test_pcap_any_frame_is_parsed_without_reading_beyond_it(void **state)
{
	(void)state;
	if (each_capture("", visit_hostile, NULL) == 0)
		skip();
}

static void
test_pcap_good_checksums_are_good_and_bad_ones_bad(void **state)
{
	static const char *const kinds[] = {"chksums_ip4-icmp-", "chksums_ip4-tcp-",
		"chksums_ip4-udp-", "chksums_ip6-icmp6-", "chksums_ip6-tcp-",
		"chksums_ip6-udp-"};
	char name[64];

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct sums good = {0}, bad = {0};

		snprintf(name, sizeof(name), "%sgood", kinds[i]);
		if (each_capture(name, visit_sums, &good) == 0)
			skip();
		assert_int_equal(good.bad, 0);
		snprintf(name, sizeof(name), "%sbad", kinds[i]);
		each_capture(name, visit_sums, &bad);
		assert_int_equal(bad.good, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap_any_frame_is_parsed_without_reading_beyond_it),
		cmocka_unit_test(test_pcap_good_checksums_are_good_and_bad_ones_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
