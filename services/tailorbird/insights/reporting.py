"""Answers reports out of what was decided and what came of it."""

from __future__ import annotations

from collections.abc import Callable

from tailorbird.bus import Answerer
from tailorbird.contracts import evidence, reports
from tailorbird.insights.experimentreport import experiment_report, experiments_seen, power_report
from tailorbird.insights.kpireport import kpi_report
from tailorbird.insights.measuring import Measuring

__all__ = ["Reporting"]

_NONE = reports.Estimate()
_RATIO = evidence.SampleRatio(
    expected={}, observed={}, p_value=None, fits=True, sentence="No customer has come to it yet."
)
_NOTHING = ("Nothing is measured yet.",)


class Reporting:
    """One method for each report."""

    def __init__(self, measuring: Measuring, now: Callable[[], float]) -> None:
        self._measuring = measuring
        self._now = now

    async def answer(self, answerer: Answerer) -> None:
        """Registers every report."""
        await answerer.answer(reports.KPIS, self.kpis)
        await answerer.answer(reports.COHORTS, self.cohorts)
        await answerer.answer(reports.VALUE_MATRIX, self.value_matrix)
        await answerer.answer(reports.SUGGESTIONS, self.suggestions)
        await answerer.answer(reports.DATA_QUALITY, self.data_quality)
        await answerer.answer(evidence.EXPERIMENTS_SEEN, self.experiments)
        await answerer.answer(evidence.EXPERIMENT, self.experiment)
        await answerer.answer(evidence.POWER, self.power)
        await answerer.answer(evidence.HOLDOUT, self.holdout)
        await answerer.answer(evidence.OFF_POLICY, self.off_policy)

    async def kpis(self, query: reports.KpisQuery) -> reports.KpiReport:
        return await self._measuring.ask(lambda facts: kpi_report(facts, query, self._now()))

    async def cohorts(self, query: reports.CohortsQuery) -> reports.CohortReport:
        return reports.CohortReport(period=query.period, simulated=False, cohorts=(), notes=_NOTHING)

    async def value_matrix(self, query: reports.ValueMatrixQuery) -> reports.ValueMatrix:
        return reports.ValueMatrix(
            first_day=query.first_day, last_day=query.last_day, simulated=False, cells=(), notes=_NOTHING
        )

    async def suggestions(self, query: reports.SuggestionsQuery) -> reports.Suggestions:
        del query
        return reports.Suggestions(suggestions=(), persons=0, simulated=False, notes=_NOTHING)

    async def data_quality(self, query: reports.DataQualityQuery) -> reports.DataQuality:
        return reports.DataQuality(days=query.days, simulated=False, lines=())

    async def experiments(self, query: evidence.ExperimentsSeenQuery) -> evidence.ExperimentsSeen:
        del query
        return await self._measuring.ask(experiments_seen)

    async def experiment(self, query: evidence.ExperimentQuery) -> evidence.ExperimentReport:
        return await self._measuring.ask(lambda facts: experiment_report(facts, query, self._now()))

    async def power(self, query: evidence.PowerQuery) -> evidence.Power:
        return await self._measuring.ask(lambda facts: power_report(facts, query))

    async def holdout(self, query: evidence.HoldoutQuery) -> evidence.HoldoutReport:
        return evidence.HoldoutReport(
            first_day=query.first_day, last_day=query.last_day, simulated=False, persons=0, held_out=0, per_person={},
            incremental_orders=_NONE, incremental_revenue=_NONE, incremental_margin=_NONE, cost=0.0,
            return_on_investment=_NONE, sequential=_NONE, yearly_value=_NONE, sample_ratio=_RATIO, notes=_NOTHING,
        )  # fmt: skip

    async def off_policy(self, query: evidence.OffPolicyQuery) -> evidence.OffPolicyReport:
        return evidence.OffPolicyReport(
            metric=query.metric, slot=query.slot, first_day=query.first_day, last_day=query.last_day, simulated=False,
            decisions=0, happened=_NONE, policies=(), notes=_NOTHING,
        )  # fmt: skip
