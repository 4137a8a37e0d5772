"""Answers reports out of what was decided and what came of it."""

from __future__ import annotations

from collections.abc import Callable

from tailorbird.bus import Answerer
from tailorbird.contracts import evidence, reports
from tailorbird.insights.answering.measuring import Measuring
from tailorbird.insights.reports.cohortreport import cohort_report
from tailorbird.insights.reports.experimentreport import experiment_report, experiments_seen, power_report
from tailorbird.insights.reports.holdoutreport import holdout_report
from tailorbird.insights.reports.kpireport import kpi_report
from tailorbird.insights.reports.matrixreport import value_matrix
from tailorbird.insights.reports.offpolicyreport import off_policy_report
from tailorbird.insights.reports.qualityreport import data_quality
from tailorbird.insights.reports.suggestionreport import suggestions

__all__ = ["Reporting"]

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
        return await self._measuring.ask(lambda facts: kpi_report(facts, query, self._now()), query.traffic)

    async def cohorts(self, query: reports.CohortsQuery) -> reports.CohortReport:
        return await self._measuring.ask(lambda facts: cohort_report(facts, query, self._now()), query.traffic)

    async def value_matrix(self, query: reports.ValueMatrixQuery) -> reports.ValueMatrix:
        return await self._measuring.ask(lambda facts: value_matrix(facts, query, self._now()), query.traffic)

    async def suggestions(self, query: reports.SuggestionsQuery) -> reports.Suggestions:
        return await self._measuring.ask(lambda facts: suggestions(facts, query), query.traffic)

    async def data_quality(self, query: reports.DataQualityQuery) -> reports.DataQuality:
        twice = self._measuring.twice
        return await self._measuring.ask(lambda facts: data_quality(facts, query, twice, self._now()), query.traffic)

    async def experiments(self, query: evidence.ExperimentsSeenQuery) -> evidence.ExperimentsSeen:
        return await self._measuring.ask(experiments_seen, query.traffic)

    async def experiment(self, query: evidence.ExperimentQuery) -> evidence.ExperimentReport:
        return await self._measuring.ask(lambda facts: experiment_report(facts, query, self._now()), query.traffic)

    async def power(self, query: evidence.PowerQuery) -> evidence.Power:
        return await self._measuring.ask(lambda facts: power_report(facts, query), query.traffic)

    async def holdout(self, query: evidence.HoldoutQuery) -> evidence.HoldoutReport:
        return await self._measuring.ask(lambda facts: holdout_report(facts, query, self._now()), query.traffic)

    async def off_policy(self, query: evidence.OffPolicyQuery) -> evidence.OffPolicyReport:
        return await self._measuring.ask(lambda facts: off_policy_report(facts, query, self._now()), query.traffic)
