"""Answers reports out of what was decided and what came of it."""

from __future__ import annotations

from tailorbird.bus import Answerer
from tailorbird.contracts import evidence, reports

__all__ = ["Reporting"]

_NONE = reports.Estimate()
_RATIO = evidence.SampleRatio(
    expected={}, observed={}, p_value=None, fits=True, sentence="No customer has come to it yet."
)
_NOTHING = ("Nothing is measured yet.",)


class Reporting:
    """One method for each report."""

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
        return reports.KpiReport(
            by=query.by, first_day=query.first_day, last_day=query.last_day, simulated=False, definitions=(), rows=(),
            notes=_NOTHING,
        )  # fmt: skip

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
        return evidence.ExperimentsSeen(experiments=())

    async def experiment(self, query: evidence.ExperimentQuery) -> evidence.ExperimentReport:
        metric = reports.KpiDefinition(name=query.metric, title=query.metric, sentence="", unit="number")
        return evidence.ExperimentReport(
            experiment_id=query.experiment_id, metric=metric, simulated=False, first_day="", last_day="",
            level=query.level, arms=(), comparisons=(), sample_ratio=_RATIO, power=_power(), notes=_NOTHING,
        )  # fmt: skip

    async def power(self, query: evidence.PowerQuery) -> evidence.Power:
        del query
        return _power()

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


def _power() -> evidence.Power:
    return evidence.Power(
        persons_needed=None, days=None, smallest_effect=None, sentence="Nothing is measured yet to plan from."
    )
