/* The command line, lists of CPUs, the token of TCP clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "vnfm/options.h"
#include "vnfm/token.h"

static int
parse(struct options *options, struct err *err, const char *a, const char *b,
	const char *c, const char *d)
{
	char *argv[] = {"renga-vnfm", (char *)a, (char *)b, (char *)c, (char *)d, NULL};
	int argc = 1;
	while (argv[argc] != NULL)
		argc++;
	return options_parse(argc, argv, options, err);
}

static void
test_options_defaults_are_all_cores_and_half_a_gigabyte(void **state)
{
	(void)state;
	struct options options;
	struct cores online;
	cores_online(&online);
	assert_int_equal(parse(&options, NULL, NULL, NULL, NULL, NULL), 0);
	assert_int_equal(options.memory_mib, 512);
	assert_int_equal(options.cores.n, online.n);
	assert_int_equal(options.io_core, online.cpus[0]);
	assert_false(options.with_host);
	assert_int_equal(options.crash_window_ms, 30000);
}

static void
test_options_refuse_with_a_sentence(void **state)
{
	(void)state;
	static const char *const bad[][2] = {{"--memory", "0"}, {"--memory", "x"},
		{"--cores", "0-"}, {"--cores", "255"}, {"--io-core", "254"},
		{"--log-level", "loud"}, {"--nonsense", NULL}, {"extra", NULL},
		{"--memory", NULL}, {"--crash-window", "-1"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct options options;
		struct err err = {0};
		assert_true(parse(&options, &err, bad[i][0], bad[i][1], NULL, NULL) < 0);
		assert_true(err.text[0] != '\0');
	}
}

static void
test_options_tcp_needs_a_token_and_beyond_this_machine_tls(void **state)
{
	(void)state;
	struct options options;
	assert_true(parse(&options, NULL, "--listen", "127.0.0.1:1", NULL, NULL) < 0);
	assert_int_equal(
		parse(&options, NULL, "--listen", "127.0.0.1:1", "--token-file", "t"), 0);
	assert_true(
		parse(&options, NULL, "--listen", "0.0.0.0:1", "--token-file", "t") < 0);
}

static void
test_token_file_must_be_private(void **state)
{
	(void)state;
	char path[64];
	struct token token;
	struct err err;
	snprintf(path, sizeof(path), "/tmp/renga-token-%d", getpid());
	FILE *file = fopen(path, "w");
	fputs("sesame\n", file);
	fclose(file);
	chmod(path, 0644);
	assert_true(token_read(path, &token, &err) < 0);
	assert_int_equal(err.code, ERR_FORBIDDEN);
	chmod(path, 0600);
	assert_int_equal(token_read(path, &token, &err), 0);
	assert_true(token_equal(&token, "sesame"));
	assert_false(token_equal(&token, "sesam"));
	assert_false(token_equal(&token, "sesame2"));
	assert_false(token_equal(&token, ""));
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_defaults_are_all_cores_and_half_a_gigabyte),
		cmocka_unit_test(test_options_refuse_with_a_sentence),
		cmocka_unit_test(
			test_options_tcp_needs_a_token_and_beyond_this_machine_tls),
		cmocka_unit_test(test_token_file_must_be_private),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
