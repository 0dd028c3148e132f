/* captures.c: see captures.h. libpcap reads the files. */
#include "tests/malformed/captures.h"
#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pcap/pcap.h>
#include "dataplane/pkt/hdr.h"

#define FRAME_MAX 1900u /* bytes: room for what a mutation adds */

static void read_file(struct captures *captures, const char *path);
static void add(struct captures *captures, const uint8_t *data, uint32_t len);
static uint32_t link_header(int link, uint32_t len);

struct captures
captures_read(const char *folder)
{
	struct captures captures = {0};
	struct dirent **names = NULL;
	const int n = scandir(folder, &names, NULL, alphasort);
	char path[1024];

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			read_file(&captures, path);
		free(names[i]);
	}
	free(names);
	return captures;
}

void
captures_free(struct captures *captures)
{
	free(captures->frames);
	*captures = (struct captures){0};
}

static void
read_file(struct captures *captures, const char *path)
{
	static const uint8_t eth[12] = {2, 0, 0, 0, 0, 0x0b, 2, 0, 0, 0, 0, 0x0a};
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, why);
	struct pcap_pkthdr *header;
	const uint8_t *data;
	uint8_t frame[FRAME_MAX];

	if (pcap == NULL)
		return;
	captures->n_files++;
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		const uint32_t skip = link_header(pcap_datalink(pcap), header->caplen);
		const uint32_t rest = header->caplen - skip;

		if (pcap_datalink(pcap) == DLT_EN10MB) {
			add(captures, data, header->caplen);
		} else if (rest > 0) {
			const uint32_t len = RTE_MIN(rest, FRAME_MAX - PKT_ETH_LEN);

			memcpy(frame, eth, sizeof(eth));
			memcpy(frame + 12, data[skip] >> 4 == 6 ? "\x86\xdd" : "\x08\x00",
				2);
			memcpy(frame + PKT_ETH_LEN, data + skip, len);
			add(captures, frame, len + PKT_ETH_LEN);
		}
	}
	pcap_close(pcap);
}

/* Bytes before the IP header. */
static uint32_t
link_header(int link, uint32_t len)
{
	const uint32_t size = link == DLT_NULL	       ? 4
			      : link == DLT_PPP	       ? 2
			      : link == DLT_PPP_SERIAL ? 4
			      : link == DLT_LINUX_SLL  ? 16
			      : link == DLT_LINUX_SLL2 ? 20
						       : 0;

	return RTE_MIN(size, len);
}

static void
add(struct captures *captures, const uint8_t *data, uint32_t len)
{
	struct harness_frame *frame;

	if (captures->n % 256 == 0) {
		captures->frames = realloc(captures->frames,
			(captures->n + 256) * sizeof(*captures->frames));
		assert(captures->frames != NULL);
	}
	frame = &captures->frames[captures->n++];
	frame->len = RTE_MIN(len, FRAME_MAX);
	memcpy(frame->data, data, frame->len);
}
