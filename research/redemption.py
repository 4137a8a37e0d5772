"""What is known of a household when a coupon campaign reaches it, and whether it redeemed: a row for each pair."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

__all__ = ["moved", "redemption_table", "within_campaigns"]

DAY = 86_400
USUAL, ASSUMED = 0.12, 3.0
"""The share that redeems, and how many campaigns it counts for beside those that a household received."""
COUNTS = ["orders of 90 days", "orders of 30 days", "spend", "items", "orders of covered items", "covered items bought",
          "covered orders of 90 days", "covered spend", "coupons that cover what was bought", "redeemed",
          "redeemed campaigns", "received", "redeemed of this kind", "received of this kind"]  # fmt: skip


def moved(folder: Path, day: str) -> float:
    """The moment, in seconds since 1970, at which a day of the source begins in the demonstration's calendar."""
    weeks = int(json.loads((folder / "shift.json").read_text(encoding="utf-8"))["weeks"])
    return pd.Timestamp(day, tz="UTC").timestamp() + weeks * 7 * DAY


def redemption_table(interactions: pd.DataFrame, folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """(a row per campaign and household that it was sent to, the columns that foretell): all known when it began."""
    bought = interactions.assign(person=interactions["person"].astype(str), item_id=interactions["item_id"].astype(str))
    names = ("offers", "audiences", "responses", "customers")
    read = {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}
    offers = read["offers"].assign(begins=_seconds(read["offers"]["starts_at"]))
    told = read["responses"].merge(offers[["offer_id", "audience_id"]], on="offer_id")
    told = told[told["kind"] == "redeemed"].assign(at=_seconds(told["time"]))
    campaigns = offers.groupby("audience_id").agg(begins=("begins", "min"), coupons=("offer_id", "size"))
    campaigns["personal"] = offers.groupby("audience_id")["text"].first().str.contains("personal").astype(float)
    sent = read["audiences"][["audience_id", "customer_id"]].drop_duplicates()
    sent = sent[sent["customer_id"].isin(bought["person"])].join(campaigns, on="audience_id")
    registered = read["customers"].set_index("customer_id")["age"].notna().astype(float)
    parts = [
        _of_campaign(name, rows, bought, offers[offers["audience_id"] == name], told, sent, campaigns["personal"])
        for name, rows in sent.groupby("audience_id")
    ]
    table = sent.merge(pd.concat(parts), on=["audience_id", "customer_id"])
    first = told.groupby(["audience_id", "customer_id"])["at"].min().rename("redeemed_at")
    table = table.join(first, on=["audience_id", "customer_id"])
    table["told age"] = table["customer_id"].map(registered).fillna(0.0)
    table[COUNTS] = np.log1p(table[COUNTS].fillna(0.0).clip(lower=0.0))
    table["coupons"] = np.log(table["coupons"])
    table["since order"] = table["since order"].fillna(200.0)
    table["redeemed lately"] = np.exp(-table.pop("since redeemed").fillna(400.0) / 60.0)
    for own in ("covered orders of 90 days", "habit", "orders of 90 days", "coupons that cover what was bought"):
        table[f"{own}, personal"] = table[own] * table["personal"]
    among = ["orders of 90 days", "spend", "orders of covered items", "covered orders of 90 days", "habit", "redeemed",
             "coupons that cover what was bought", "items"]  # fmt: skip
    for own in among:
        group = table.groupby("audience_id")[own]
        spread = group.transform("std").fillna(0.0) + 0.1
        table[f"{own}, among those"] = (table[own] - group.transform("mean")) / spread
    return table, [name for name in table if name not in {"audience_id", "customer_id", "begins", "redeemed_at"}]


def within_campaigns(redeemed: pd.Series, likely: pd.Series, campaign: pd.Series) -> float:
    """AUC over pairs of households of one campaign: who of its own receivers redeems."""
    total = pairs = 0.0
    for rows in campaign.groupby(campaign).groups.values():
        came = redeemed.loc[rows]
        count = float(came.sum() * (len(came) - came.sum()))
        if count:
            total, pairs = total + count * roc_auc_score(came, likely.loc[rows]), pairs + count
    return total / max(pairs, 1.0)


def _of_campaign(
    name: str, rows: pd.DataFrame, bought: pd.DataFrame, coupons: pd.DataFrame, told: pd.DataFrame, sent: pd.DataFrame,
    personal: pd.Series,
) -> pd.DataFrame:  # fmt: skip
    begins = rows["begins"].iloc[0]
    found = pd.DataFrame(index=pd.Index(rows["customer_id"].unique(), name="customer_id"))
    past = bought[bought["at"] < begins]
    lately, latest = past[past["at"] >= begins - 90 * DAY], past[past["at"] >= begins - 30 * DAY]
    found["orders of 90 days"] = lately.groupby("person")["order_id"].nunique()
    found["orders of 30 days"] = latest.groupby("person")["order_id"].nunique()
    found["spend"] = lately.groupby("person")["value"].sum()
    found["items"] = lately.groupby("person")["item_id"].nunique()
    found["since order"] = (begins - past.groupby("person")["at"].max()) / DAY
    covered = coupons[["offer_id", "item_ids"]].explode("item_ids")
    inside = past[past["item_id"].isin(covered["item_ids"])]
    inside_lately = inside[inside["at"] >= begins - 90 * DAY]
    found["orders of covered items"] = inside.groupby("person")["order_id"].nunique()
    found["covered items bought"] = inside.groupby("person")["item_id"].nunique()
    found["covered orders of 90 days"] = inside_lately.groupby("person")["order_id"].nunique()
    found["covered spend"] = inside_lately.groupby("person")["value"].sum()
    matched = covered.merge(inside[["person", "item_id"]].drop_duplicates(), left_on="item_ids", right_on="item_id")
    found["coupons that cover what was bought"] = matched.groupby("person")["offer_id"].nunique()
    before, received = told[told["at"] < begins], sent[sent["begins"] < begins]
    alike = personal[personal == personal[name]].index
    found["redeemed"] = before.groupby("customer_id").size()
    found["since redeemed"] = (begins - before.groupby("customer_id")["at"].max()) / DAY
    for kind, mine, got in (
        ("", before, received),
        (" of this kind", before[before["audience_id"].isin(alike)], received[received["audience_id"].isin(alike)]),
    ):
        took = mine.groupby("customer_id")["audience_id"].nunique().reindex(found.index).fillna(0.0)
        had = got.groupby("customer_id").size().reindex(found.index).fillna(0.0)
        found[f"redeemed{kind or ' campaigns'}"], found[f"received{kind}"] = took, had
        share = (took + USUAL * ASSUMED) / (had + ASSUMED)
        found[f"habit{kind}"] = np.log(share / (1.0 - share.clip(upper=0.95)))
    return found.assign(audience_id=name).reset_index()


def _seconds(times: pd.Series) -> pd.Series:
    return pd.to_datetime(times, utc=True).astype("datetime64[s, UTC]").astype("int64")
