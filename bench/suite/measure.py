"""What is measured of a case: throughput at zero loss, loss beyond it, latency below it, cycles, CPUs, idling; new connections."""
from dataclasses import dataclass

from . import cases, figures, search
from .service import Service


@dataclass(frozen=True)
class Effort:
    """Seconds and counts. The long one is what is worth publishing."""
    trial: float  # of one step of the search
    confirm: float  # of the trial that confirms its answer
    latency: float
    curve: tuple  # shares of the throughput at which loss is looked at
    curve_trial: float
    idle: float
    rounds: int  # of comparisons
    turn: float  # of one measurement of a round
    precision: float


SHORT = Effort(trial=0.12, confirm=0.4, latency=0.2, curve=(1.1, 1.3), curve_trial=0.1, idle=0.3, rounds=3, turn=0.25, precision=0.03)
LONG = Effort(trial=0.25, confirm=1.0, latency=0.4, curve=(0.5, 0.9, 1.0, 1.05, 1.1, 1.2, 1.35, 1.5), curve_trial=0.2, idle=1.0, rounds=3, turn=0.5,
              precision=0.02)
LATENCY_AT = (10, 50, 90)  # % of the throughput
AUTO_SETTLES = 25  # seconds of load after which `isolation: auto` has followed what it measured (docs/adr/0018)


def case(bed, case, effort):
    """One measurement, as JSON."""
    with Service(bed, case) as service:
        service.trial(0, 0, warm=True)
        service.trial(0, 0, warm=True)  # those that waited for a neighbour are through now
        if case.placement == "auto":
            service.trial(0, AUTO_SETTLES)
        most = service.trial(0, effort.trial * 2)
        found = search.highest(lambda rate, confirms: service.trial(rate, effort.confirm if confirms else effort.trial),
                               0.2 * most.mpps * 1e6, 1.1 * most.mpps * 1e6, effort.precision)
        best = found.trial
        result = {"bench": "suite", **cases.describe(case, service.chain.types), "mpps": _mpps(found.rate), "loss": 0.0 if best else None,
                  "maxMpps": figures.significant(most.mpps), **_work(most, len(service.chain.vnfs)), "seconds": effort.confirm, "onCores": service.cores(),
                  "trials": len(found.tried)}
        if best:
            result |= {"gbps": figures.significant(_gbps(found.rate, case.size)), "cpu": _cpu(best.cpu), "latencyUs": _latency(best),
                       "latencyAt": {str(share): _latency(service.trial(found.rate * share / 100, effort.latency)) for share in LATENCY_AT},
                       "lossCurve": [_point(service.trial(found.rate * share, effort.curve_trial)) for share in effort.curve]}
        result |= {"idleCpu": _cpu(service.idle(effort.idle)), "stolen": round(most.stolen, 3)}
    return result


def connections(bed, case):
    """Every packet makes a session. The first flow goes ahead, so that neighbours know one another."""
    with Service(bed, case) as service:
        trial = service.trial(0, 0, warm=True)
        return {"bench": "suite", "what": "new connections", **cases.describe(case, service.chain.types), "mpps": figures.significant(trial.mpps),
                "connectionsPerSecond": figures.significant(trial.mpps * 1e6), "loss": figures.significant(trial.loss),
                **_work(trial, len(service.chain.vnfs)), "cpu": _cpu(trial.cpu), "stolen": round(trial.stolen, 3)}


def _work(trial, hops):
    total = sum(trial.cycles.values())
    return {"cycles": figures.significant(total), "perHop": figures.significant(total / hops),
            "cyclesEach": {name.split(".", 1)[-1]: figures.significant(value) for name, value in sorted(trial.cycles.items())}}


def _point(trial):
    return {"offeredMpps": _mpps(trial.rate), "loss": figures.significant(trial.loss)}


def _latency(trial):
    return {name: figures.significant(trial.latency[name]) for name in ("p50", "p90", "p99", "max")}


def _cpu(cpu):
    return {name: round(used, 3) for name, used in cpu.items()}


def _mpps(rate):
    return figures.significant(rate / 1e6)


def _gbps(rate, size):
    """Of frames with their FCS, without preamble and gap."""
    length = {"imix": (7 * 64 + 4 * 590 + 1514) / 12}.get(size) or cases.SIZES[size]
    return rate * (length + 4) * 8 / 1e9
