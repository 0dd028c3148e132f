"""The platform and what else there is, on the same packets in the same run: rounds in which all take turns, medians, ratios.

What each baseline stands for, and where it is kinder than that, is said in its header in bench/baselines/.
"""
import json
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from . import cases, chains, figures
from .console import turn
from .service import Service
from .testbed import BUILD


@dataclass(frozen=True)
class Rival:
    """One way to carry the chain of a case."""
    name: str
    change: dict  # members of the case that differ
    relay: str = None  # ladder, spin
    relay_core: int = None


def rivals(case, cores, is_long):
    """Those that run as processes of a platform: the first is ours. The short run has no spinning relays."""
    yield Rival("placed by the policy", {})
    if case.placement != "group":
        yield Rival("ours, a group", {"placement": "group"})
    yield Rival("spinning workers", {"placement": "process", "idle": "spin"})
    for idle in ("ladder", "spin") if is_long else ("ladder",):
        for core in cores:
            where = "beside the ports" if core == cores[0] else "beside the VNFs"
            yield Rival(f"central relay, {'our idle ladder' if idle == 'ladder' else 'spinning'}, {where}",
                        {"placement": "process", "idle": "ladder" if idle == "ladder" else "spin"}, idle, core)
    if case.chain == "passthrough":
        yield Rival("copies between isolated functions", {"placement": "process", "chain": "copy"})


def run(bed, case, effort, say, is_long):
    """Measurements, as JSON: ours first, then each rival with the ratio of ours to it."""
    results = {}
    for number in range(effort.rounds):
        for rival in rivals(case, bed.cores[:2], is_long):
            turn()
            mpps = _once(bed, case, rival, effort.turn)
            results.setdefault(rival.name, []).append(mpps)
            say(f"  round {number + 1} of {effort.rounds}: {rival.name}: {mpps:.3f} Mpps")
        turn()
        completion = run_to_completion(case, effort.turn)
        results.setdefault("run to completion", []).append(completion["mpps"])
        results.setdefault("run to completion, making the traffic too", []).append(completion["mppsWithTraffic"])
    yield from beside(case, results, "placed by the policy", {"bench": "compare"})


def beside(case, results, ours, members):
    """Of {way: [Mpps of each round]}: ours by itself, then beside each of the others as its baseline."""
    mpps = figures.median(results[ours])
    measured = members | cases.describe(case, chains.chain(case).types)
    measured |= {"way": ours, "mpps": figures.significant(mpps), "rounds": len(results[ours]), "spread": _spread(results[ours])}
    yield measured
    for name, rounds in results.items():
        if name != ours:
            other = figures.median(rounds)
            yield measured | {"baseline": {"name": name, "mpps": figures.significant(other), "spread": _spread(rounds)},
                              "ratio": figures.significant(figures.ratio(mpps, other, 6))}


def _spread(rounds):
    return figures.significant(figures.spread(rounds), 2)


def _once(bed, case, rival, seconds):
    with Service(bed, replace(case, **rival.change), relay=rival.relay, relay_core=rival.relay_core) as service:
        service.trial(0, seconds)  # sessions, caches
        return service.trial(0, seconds).mpps


def run_to_completion(case, seconds):
    """The plug-ins in one loop: bench/baselines/run_to_completion.c, with the files of its configurations."""
    chain = chains.chain(case)
    with tempfile.TemporaryDirectory(prefix="rgbench.") as folder:
        stages = []
        for vnf in chain.vnfs:
            file = Path(folder) / f"{vnf.name}.json"
            file.write_text(json.dumps(vnf.config), encoding="utf-8")
            stages.append(f"{vnf.type}={file}")
        options = {"size": cases.SIZES[case.size], "seconds": seconds, **chain.traffic}
        command = [str(BUILD / "bench" / "baselines" / "run_to_completion"), *(f"--{name}={value}" for name, value in options.items()), *stages]
        core = 1 if len(stages) else 0
        done = subprocess.run(["taskset", "-c", str(core), *command], capture_output=True, text=True, timeout=120, check=False,
                              env={"RENGA_PLUGINS": str(BUILD / "vnfs"), "PATH": "/usr/bin:/bin"})
    if done.returncode != 0:
        raise RuntimeError(f"run_to_completion: {done.stderr.strip()}")
    return json.loads(done.stdout)
