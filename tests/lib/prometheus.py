"""prometheus.py FILE: judges a /metrics answer: the text format 0.0.4, and the names and labels of the contract."""
import re
import sys

VNF = {"ns", "vnf", "type"}
WANTED = {
    "renga_vnf_packets_total": ("counter", VNF | {"cp", "direction"}),
    "renga_vnf_bytes_total": ("counter", VNF | {"cp", "direction"}),
    "renga_vnf_drops_total": ("counter", VNF | {"reason"}),
    "renga_vnf_busy_ratio": ("gauge", VNF),
    "renga_vnf_sessions": ("gauge", VNF),
    "renga_vnf_restarts_total": ("counter", VNF),
    "renga_link_fill_ratio": ("gauge", {"ns"}),
    "renga_ns_latency_seconds": ("histogram", {"ns"}),
    "renga_pool_buffers": ("gauge", {"ns", "state"}),
    "renga_port_packets_total": ("counter", {"ns", "port", "direction"}),
    "renga_operations_total": ("counter", {"type", "state"}),
    "renga_operation_duration_seconds": ("histogram", {"type"}),
    "renga_http_requests_total": ("counter", {"method", "route", "code"}),
    "renga_http_request_duration_seconds": ("histogram", set()),
    "renga_build_info": ("gauge", {"version"}),
}
SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(?:\{((?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

faults, types, helps, samples = [], {}, set(), {}


def family(name):
    for suffix in ("_bucket", "_sum", "_count"):
        if name.endswith(suffix) and types.get(name[: -len(suffix)]) == "histogram":
            return name[: -len(suffix)]
    return name


def read(path):
    for line in open(path).read().splitlines():
        if line.startswith("# HELP "):
            helps.add(line.split()[2])
        elif line.startswith("# TYPE "):
            name, kind = line.split()[2:4]
            if name in types:
                faults.append(f"{name}: TYPE twice")
            types[name] = kind
        elif line and not line.startswith("#"):
            match = SAMPLE.match(line)
            if not match:
                faults.append(f"no sample: {line}")
                continue
            name, labels, value = match.group(1), dict(LABEL.findall(match.group(2) or "")), float(match.group(3))
            key = (name, tuple(sorted(labels.items())))
            if key in samples:
                faults.append(f"twice: {line}")
            samples[key] = value
            if family(name) not in types or family(name) not in helps:
                faults.append(f"{name}: no TYPE or HELP before it")


def judge_histogram(name):
    series = {}
    for (sample, labels), value in samples.items():
        rest = tuple(pair for pair in labels if pair[0] != "le")
        if sample == name + "_bucket":
            series.setdefault(rest, []).append((float(dict(labels)["le"]), value))
    for rest, buckets in series.items():
        counts = [value for _, value in sorted(buckets)]
        if sorted(buckets)[-1][0] != float("inf") or counts != sorted(counts):
            faults.append(f"{name}{dict(rest)}: buckets do not add up")
        if counts[-1] != samples.get((name + "_count", rest)) or (name + "_sum", rest) not in samples:
            faults.append(f"{name}{dict(rest)}: no _sum, or another _count")
    return bool(series)


read(sys.argv[1])
for name, (kind, labels) in WANTED.items():
    if types.get(name) != kind:
        faults.append(f"{name}: is {types.get(name)}, not {kind}")
    elif kind == "histogram":
        if not judge_histogram(name):
            faults.append(f"{name}: has no buckets")
    found = [set(dict(at)) for (sample, at) in samples if family(sample) == name]
    if not found or any(not labels <= have for have in found):
        faults.append(f"{name}: wants the labels {sorted(labels)}, has {sorted(found[0]) if found else 'no samples'}")
print("\n".join(faults))
sys.exit(bool(faults))
