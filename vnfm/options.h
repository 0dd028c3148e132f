/* options.h: the command line of renga-vnfm. */
#ifndef VNFM_OPTIONS_H
#define VNFM_OPTIONS_H

#include "common/cores.h"
#include "common/err.h"
#include "common/log.h"

enum options_mode {
	OPTIONS_SERVE,
	OPTIONS_CHECK,		 /* -n */
	OPTIONS_PRINT_LIFECYCLE, /* the state table as Markdown */
	OPTIONS_HELP,
	OPTIONS_VERSION,
};

struct options {
	enum options_mode mode;
	const char *socket; /* null: <runtime>/vnfm.sock */
	const char *listen; /* null: only the socket */
	const char *tls_cert, *tls_key, *token_file;
	struct cores cores;    /* all that are online unless told */
	struct cores io_cores; /* the first of cores unless told */
	int io_core;	       /* the first of those */
	unsigned memory_mib;
	unsigned
		crash_window_ms; /* five deaths in this time are a crash loop; 0: never */
	enum log_level log_level;
	unsigned spares; /* processes that are attached and wait to be a VNF */
	bool with_host;	 /* SIGTERM ends VNFs and dataplane too */
};

/* ERR_INVALID with a sentence. Texts point into argv. */
int options_parse(int argc, char **argv, struct options *options, struct err *err);
const char *options_usage(void);

#endif
