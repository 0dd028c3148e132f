/* metrics.c: figures in Prometheus' text format. */
#include "orchestrator/metrics.h"

#include <inttypes.h>
#include <string.h>
#include "db/occurrences.h"
#include "orchestrator/stats.h"

#define MAX_COUNTS 64

struct scope { /* the labels of what is being written */
	FILE *out;
	const char *ns, *vnf, *type;
};

static void help(FILE *out, const char *name, const char *type, const char *text);
static void each_vnf(const json_t *services, FILE *out,
	void (*write)(const struct scope *scope, const json_t *vnf));
static void write_packets(const struct scope *scope, const json_t *vnf);
static void write_bytes(const struct scope *scope, const json_t *vnf);
static void write_cps(const struct scope *scope, const json_t *vnf, const char *metric,
	const char *rx, const char *tx);
static void write_drops(const struct scope *scope, const json_t *vnf);
static void write_busy(const struct scope *scope, const json_t *vnf);
static void write_sessions(const struct scope *scope, const json_t *vnf);
static void write_restarts(const struct scope *scope, const json_t *vnf);
static void write_gauge(
	const struct scope *scope, const char *metric, const json_t *value);
static void write_links(const json_t *services, FILE *out);
static void write_pools(const json_t *services, FILE *out);
static void write_ports(const json_t *services, FILE *out);
static void write_paths(const json_t *services, FILE *out);
static void write_latencies(const json_t *services, FILE *out);
static void write_latency(const char *ns, const json_t *latency, FILE *out);
static int write_operations(struct orch *orch, FILE *out, struct err *err);
static void write_duration(const struct db_occurrence_count *count, FILE *out);
static void labels(const struct scope *scope);
static const char *text(const json_t *object, const char *member);

static const struct {
	const char *name, *type, *help;
	void (*write)(const struct scope *scope, const json_t *vnf);
} vnf_metrics[] = {
	{"renga_vnf_packets_total", "counter", "Packets at a connection point.",
		write_packets},
	{"renga_vnf_bytes_total", "counter", "Bytes at a connection point.", write_bytes},
	{"renga_vnf_drops_total", "counter", "Dropped packets.", write_drops},
	{"renga_vnf_busy_ratio", "gauge", "Share of the last second spent with packets.",
		write_busy},
	{"renga_vnf_sessions", "gauge", "Sessions kept.", write_sessions},
	{"renga_vnf_restarts_total", "counter", "Restarts of the process.",
		write_restarts},
};

int
metrics_write(struct orch *orch, FILE *out, struct err *err)
{
	json_t *services = NULL;
	help(out, "renga_build_info", "gauge", "Version of the orchestrator.");
	fprintf(out, "renga_build_info{version=\"%s\"} 1\n", RENGA_VERSION);
	int rc = write_operations(orch, out, err);
	if (!rc)
		rc = stats_all(orch, &services, err);
	if (!rc)
		metrics_write_stats(services, out);
	json_decref(services);
	return rc;
}

void
metrics_write_stats(const json_t *services, FILE *out)
{
	for (size_t i = 0; i < sizeof(vnf_metrics) / sizeof(vnf_metrics[0]); i++) {
		help(out, vnf_metrics[i].name, vnf_metrics[i].type, vnf_metrics[i].help);
		each_vnf(services, out, vnf_metrics[i].write);
	}
	write_latencies(services, out);
	write_links(services, out);
	write_pools(services, out);
	write_ports(services, out);
	write_paths(services, out);
}

void
metrics_label(FILE *out, const char *value)
{
	fputc('"', out);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		if (*value == '\n')
			fputs("\\n", out);
		else
			fputc(*value, out);
	}
	fputc('"', out);
}

static void
help(FILE *out, const char *name, const char *type, const char *sentence)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, sentence, name, type);
}

static void
each_vnf(const json_t *services, FILE *out,
	void (*write)(const struct scope *scope, const json_t *vnf))
{
	size_t i, k;
	json_t *service, *vnf;
	json_array_foreach ((json_t *)services, i, service) {
		json_array_foreach (json_object_get(service, "vnfs"), k, vnf) {
			const struct scope scope = {out, text(service, "name"),
				text(vnf, "vnfInstanceName"), text(vnf, "type")};
			write(&scope, vnf);
		}
	}
}

static void
write_packets(const struct scope *scope, const json_t *vnf)
{
	write_cps(scope, vnf, "renga_vnf_packets_total", "rxPackets", "txPackets");
}

static void
write_bytes(const struct scope *scope, const json_t *vnf)
{
	write_cps(scope, vnf, "renga_vnf_bytes_total", "rxBytes", "txBytes");
}

static void
write_cps(const struct scope *scope, const json_t *vnf, const char *metric,
	const char *rx, const char *tx)
{
	const char *cp;
	json_t *figures;
	json_object_foreach (json_object_get(vnf, "cps"), cp, figures) {
		for (int i = 0; i < 2; i++) {
			fputs(metric, scope->out);
			labels(scope);
			fputs(",cp=", scope->out);
			metrics_label(scope->out, cp);
			fprintf(scope->out, ",direction=\"%s\"} %lld\n", i ? "tx" : "rx",
				(long long)json_integer_value(
					json_object_get(figures, i ? tx : rx)));
		}
	}
}

static void
write_drops(const struct scope *scope, const json_t *vnf)
{
	const char *reason;
	json_t *count;
	json_object_foreach (json_object_get(vnf, "drops"), reason, count) {
		fputs("renga_vnf_drops_total", scope->out);
		labels(scope);
		fputs(",reason=", scope->out);
		metrics_label(scope->out, reason);
		fprintf(scope->out, "} %lld\n", (long long)json_integer_value(count));
	}
}

static void
write_busy(const struct scope *scope, const json_t *vnf)
{
	write_gauge(scope, "renga_vnf_busy_ratio", json_object_get(vnf, "busy"));
}

static void
write_sessions(const struct scope *scope, const json_t *vnf)
{
	write_gauge(scope, "renga_vnf_sessions", json_object_get(vnf, "sessions"));
}

static void
write_restarts(const struct scope *scope, const json_t *vnf)
{
	write_gauge(scope, "renga_vnf_restarts_total", json_object_get(vnf, "restarts"));
}

static void
write_gauge(const struct scope *scope, const char *metric, const json_t *value)
{
	if (!json_is_number(value))
		return;
	fputs(metric, scope->out);
	labels(scope);
	fprintf(scope->out, "} %.15g\n", json_number_value(value));
}

static void
write_paths(const json_t *services, FILE *out)
{
	static const struct {
		const char *metric, *help, *member;
	} metrics[] = {
		{"renga_path_packets_total", "Packets that were given a path.",
			"packets"},
		{"renga_path_bytes_total", "Bytes that were given a path.", "bytes"},
	};
	size_t i, k;
	json_t *service, *path;
	for (size_t m = 0; m < sizeof(metrics) / sizeof(metrics[0]); m++) {
		help(out, metrics[m].metric, "counter", metrics[m].help);
		json_array_foreach ((json_t *)services, i, service)
			json_array_foreach (json_object_get(service, "paths"), k, path) {
				fprintf(out, "%s{ns=", metrics[m].metric);
				metrics_label(out, text(service, "name"));
				fputs(",path=", out);
				metrics_label(out, text(path, "name"));
				fprintf(out, "} %lld\n",
					(long long)json_integer_value(json_object_get(
						path, metrics[m].member)));
			}
	}
}

static void
write_latencies(const json_t *services, FILE *out)
{
	size_t i;
	json_t *service;
	help(out, "renga_ns_latency_seconds", "histogram",
		"Time from entry port to exit port, of sampled packets.");
	json_array_foreach ((json_t *)services, i, service)
		write_latency(text(service, "name"),
			json_object_get(service, "latencyUs"), out);
}

static void
write_latency(const char *ns, const json_t *latency, FILE *out)
{
	const double sum_us = json_number_value(json_object_get(latency, "sum"));
	long long n = 0;
	size_t i;
	json_t *bucket, *buckets = json_object_get(latency, "buckets");
	if (json_array_size(buckets) == 0)
		return;
	json_array_foreach (buckets, i, bucket) {
		const json_t *le = json_object_get(bucket, "le");
		n = json_integer_value(json_object_get(bucket, "n"));
		fputs("renga_ns_latency_seconds_bucket{ns=", out);
		metrics_label(out, ns);
		if (json_is_number(le))
			fprintf(out, ",le=\"%g\"} %lld\n", json_number_value(le) / 1e6,
				n);
		else
			fprintf(out, ",le=\"+Inf\"} %lld\n", n);
	}
	fputs("renga_ns_latency_seconds_sum{ns=", out);
	metrics_label(out, ns);
	fprintf(out, "} %.9g\nrenga_ns_latency_seconds_count{ns=", sum_us / 1e6);
	metrics_label(out, ns);
	fprintf(out, "} %lld\n", n);
}

static void
write_links(const json_t *services, FILE *out)
{
	static const char *const directions[] = {"ab", "ba"};
	size_t i, k;
	json_t *service, *link;
	help(out, "renga_link_fill_ratio", "gauge", "Fill of a link's ring.");
	json_array_foreach ((json_t *)services, i, service) {
		json_array_foreach (json_object_get(service, "links"), k, link) {
			const double size =
				json_number_value(json_object_get(link, "size"));
			for (size_t d = 0; d < 2 && size > 0; d++) {
				fputs("renga_link_fill_ratio{ns=", out);
				metrics_label(out, text(service, "name"));
				fputs(",link=", out);
				metrics_label(out, text(link, "name"));
				fprintf(out, ",direction=\"%s\"} %.6g\n", directions[d],
					json_number_value(json_array_get(
						json_object_get(link, "fill"), d)) /
						size);
			}
		}
	}
}

static void
write_pools(const json_t *services, FILE *out)
{
	static const char *const states[] = {"free", "inFlight"};
	size_t i;
	json_t *service;
	help(out, "renga_pool_buffers", "gauge", "Packet buffers of a service.");
	json_array_foreach ((json_t *)services, i, service) {
		for (size_t s = 0; s < 2; s++) {
			fputs("renga_pool_buffers{ns=", out);
			metrics_label(out, text(service, "name"));
			fprintf(out, ",state=\"%s\"} %lld\n", s ? "in-flight" : "free",
				(long long)json_integer_value(json_object_get(
					json_object_get(service, "buffers"), states[s])));
		}
	}
}

static void
write_ports(const json_t *services, FILE *out)
{
	static const struct {
		const char *metric, *help, *rx, *tx;
	} metrics[] = {
		{"renga_port_packets_total", "Packets at a port.", "rxPackets",
			"txPackets"},
		{"renga_port_bytes_total", "Bytes at a port.", "rxBytes", "txBytes"},
	};
	size_t i, k;
	json_t *service, *port;
	for (size_t m = 0; m < 2; m++) {
		help(out, metrics[m].metric, "counter", metrics[m].help);
		json_array_foreach ((json_t *)services, i, service) {
			json_array_foreach (json_object_get(service, "ports"), k, port) {
				for (int d = 0; d < 2; d++) {
					fprintf(out, "%s{ns=", metrics[m].metric);
					metrics_label(out, text(service, "name"));
					fputs(",port=", out);
					metrics_label(out, text(port, "name"));
					fprintf(out, ",direction=\"%s\"} %lld\n",
						d ? "tx" : "rx",
						(long long)json_integer_value(
							json_object_get(port,
								d ? metrics[m].tx
								  : metrics[m].rx)));
				}
			}
		}
	}
}

static int
write_operations(struct orch *orch, FILE *out, struct err *err)
{
	struct db_occurrence_count counts[MAX_COUNTS];
	size_t n;
	int rc = db_occurrence_counts(orch->db, counts, MAX_COUNTS, &n, err);
	if (rc)
		return rc;
	help(out, "renga_operations_total", "counter", "Operations by type and state.");
	for (size_t i = 0; i < n; i++)
		fprintf(out,
			"renga_operations_total{type=\"%s\",state=\"%s\"} %" PRId64 "\n",
			counts[i].operation, counts[i].state, counts[i].n);
	help(out, "renga_operation_duration_seconds", "histogram",
		"Time that operations took.");
	for (size_t i = 0; i < n; i++)
		write_duration(&counts[i], out);
	return 0;
}

static void
write_duration(const struct db_occurrence_count *count, FILE *out)
{
	static const char *const metric = "renga_operation_duration_seconds";
	char scope[96];
	snprintf(scope, sizeof(scope), "type=\"%.23s\",state=\"%.23s\"", count->operation,
		count->state);
	for (int i = 0; i < DB_OCCURRENCE_BOUNDS; i++)
		fprintf(out, "%s_bucket{%s,le=\"%g\"} %" PRId64 "\n", metric, scope,
			(double)db_occurrence_bounds_ms[i] / 1000, count->within[i]);
	fprintf(out, "%s_bucket{%s,le=\"+Inf\"} %" PRId64 "\n", metric, scope, count->n);
	fprintf(out, "%s_sum{%s} %.3f\n", metric, scope,
		(double)count->duration_ms / 1000);
	fprintf(out, "%s_count{%s} %" PRId64 "\n", metric, scope, count->n);
}

static void
labels(const struct scope *scope)
{
	fputs("{ns=", scope->out);
	metrics_label(scope->out, scope->ns);
	fputs(",vnf=", scope->out);
	metrics_label(scope->out, scope->vnf);
	fputs(",type=", scope->out);
	metrics_label(scope->out, scope->type);
}

static const char *
text(const json_t *object, const char *member)
{
	const char *value = json_string_value(json_object_get(object, member));
	return value ? value : "";
}
