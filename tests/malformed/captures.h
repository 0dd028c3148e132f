/* captures.h: the frames of all captures of a folder (pcap and pcapng), in memory. */
#ifndef TESTS_MALFORMED_CAPTURES_H
#define TESTS_MALFORMED_CAPTURES_H

#include <stdint.h>
#include "tests/lib/harness.h"

struct captures {
	struct harness_frame *frames;
	unsigned n, n_files;
};

/* Reads every file of the folder, in the order of their names. Frames of a link type that
 * is not Ethernet get an Ethernet header in place of theirs; longer ones than a port
 * takes in are cut. None if there is no such folder. Free with captures_free(). */
struct captures captures_read(const char *folder);
void captures_free(struct captures *captures);

#endif
