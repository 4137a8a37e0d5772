"""CPU time of processes as the operating system counts it, and their memory."""

from __future__ import annotations

import psutil
from msgspec import Struct

__all__ = ["Cost", "Meter", "memory_mib"]


class Cost(Struct, frozen=True):
    """What a stretch of work cost: CPU seconds by process name."""

    seconds: dict[str, float]

    @property
    def total(self) -> float:
        return sum(self.seconds.values())

    def per(self, count: int) -> float:
        """CPU microseconds per one of `count`, over all processes."""
        return self.total / count * 1e6


class Meter:
    """Reads the CPU time of named processes; children that they started are counted with them."""

    def __init__(self, processes: dict[str, int]) -> None:
        self._processes = {name: psutil.Process(process_id) for name, process_id in processes.items()}
        self._began = self._read()

    def restart(self) -> None:
        self._began = self._read()

    def cost(self) -> Cost:
        """Since the meter was made or restarted. Resolution: the kernel's clock tick, 10 ms a process."""
        now = self._read()
        return Cost({name: now[name] - self._began[name] for name in now})

    def _read(self) -> dict[str, float]:
        used: dict[str, float] = {}
        for name, process in self._processes.items():
            times = process.cpu_times()
            used[name] = times.user + times.system + times.children_user + times.children_system
        return used


def memory_mib(process_id: int) -> float:
    """Memory that this process does not share with others (USS), in MiB."""
    return float(psutil.Process(process_id).memory_full_info().uss) / 2**20
