"""What is known of a household when a coupon campaign reaches it, and whether it redeemed: a row for each pair."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from tailorbird.suite.demo.source import Source

__all__ = ["moved", "redemption_table", "within_campaigns"]

DAY = 86_400
USUAL, ASSUMED = 0.12, 3.0
"""The share that redeems, and how many campaigns it counts for beside those that a household received."""
COUNTS = ["orders of 90 days", "orders of 30 days", "spend", "items", "orders of covered items", "covered items bought",
          "covered orders of 90 days", "covered spend", "coupons that cover what was bought", "redeemed",
          "redeemed campaigns", "received", "redeemed of this kind", "received of this kind",
          "coupon orders", "coupon orders of 90 days", "coupon lines", "coupon lines of 90 days",
          "coupons on covered items", "coupons in covered categories", "lines in covered categories lately",
          "covered lines lately"]  # fmt: skip
MORE_IF_PERSONAL = ["covered orders of 90 days", "habit", "orders of 90 days", "coupons that cover what was bought",
                    "coupon orders of 90 days", "coupon lines", "share with coupons", "coupons on covered items",
                    "lines in covered categories lately"]  # fmt: skip
AMONG_THOSE = ["orders of 90 days", "spend", "orders of covered items", "covered orders of 90 days", "habit",
               "redeemed", "coupons that cover what was bought", "items", "coupon orders", "coupon orders of 90 days",
               "coupon lines", "coupon lines of 90 days", "share with coupons", "share with coupons of 90 days",
               "coupon lately", "coupons on covered items", "coupons in covered categories",
               "lines in covered categories lately", "covered lines lately"]  # fmt: skip


def moved(folder: Path, day: str) -> float:
    """The moment, in seconds since 1970, at which a day of the source begins in the demonstration's calendar."""
    weeks = int(json.loads((folder / "shift.json").read_text(encoding="utf-8"))["weeks"])
    return pd.Timestamp(day, tz="UTC").timestamp() + weeks * 7 * DAY


def redemption_table(interactions: pd.DataFrame, items: pd.DataFrame, folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """(a row per campaign and household that it was sent to, the columns that foretell): all known when it began."""
    bought = _with_coupons(interactions.astype({"person": str, "item_id": str, "order_id": str}), items)
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
    orders = bought.groupby(["person", "order_id"]).agg(at=("at", "max"), coupons=("coupon", "sum")).reset_index()
    known = Known(bought, orders, told, sent, campaigns["personal"])
    parts = [
        _of_campaign(name, rows, offers[offers["audience_id"] == name], known)
        for name, rows in sent.groupby("audience_id")
    ]
    table = sent.merge(pd.concat(parts), on=["audience_id", "customer_id"])
    first = told.groupby(["audience_id", "customer_id"])["at"].min().rename("redeemed_at")
    table = table.join(first, on=["audience_id", "customer_id"])
    table["told age"] = table["customer_id"].map(registered).fillna(0.0)
    table[COUNTS] = np.log1p(table[COUNTS].fillna(0.0).clip(lower=0.0))
    table["coupons"] = np.log(table["coupons"])
    table["since order"] = table["since order"].fillna(200.0)
    for lately, since in (("redeemed lately", "since redeemed"), ("coupon lately", "since coupon")):
        table[lately] = np.exp(-table.pop(since).fillna(400.0) / 60.0)
    for own in MORE_IF_PERSONAL:
        table[f"{own}, personal"] = table[own] * table["personal"]
    for own in AMONG_THOSE:
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


class Known(NamedTuple):
    """Everything that ever happened; what a campaign may know of it lies before its beginning."""

    bought: pd.DataFrame
    orders: pd.DataFrame
    told: pd.DataFrame
    """Redemptions."""
    sent: pd.DataFrame
    personal: pd.Series
    """By campaign."""


def _of_campaign(name: str, rows: pd.DataFrame, coupons: pd.DataFrame, known: Known) -> pd.DataFrame:
    bought, orders, told, sent, personal = known
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
    two_months = past[past["at"] >= begins - 60 * DAY]
    near = past["category"].isin(bought.loc[bought["item_id"].isin(covered["item_ids"]), "category"].unique())
    found["lines in covered categories lately"] = two_months[near.loc[two_months.index]].groupby("person").size()
    found["covered lines lately"] = inside[inside["at"] >= begins - 60 * DAY].groupby("person").size()
    found["coupons on covered items"] = inside.groupby("person")["coupon"].sum()
    found["coupons in covered categories"] = past[near].groupby("person")["coupon"].sum()
    for span, since in (("", 0.0), (" of 90 days", begins - 90 * DAY)):
        then = orders[(orders["at"] < begins) & (orders["at"] >= since)].groupby("person")["coupons"]
        took = then.agg(np.count_nonzero)
        found[f"coupon lines{span}"], found[f"coupon orders{span}"] = then.sum(), took
        share = (took + 0.2) / (then.size() + 4.0)
        found[f"share with coupons{span}"] = share.reindex(found.index).fillna(0.05)
    handed = orders[(orders["at"] < begins) & (orders["coupons"] > 0)]
    found["since coupon"] = (begins - handed.groupby("person")["at"].max()) / DAY
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


def _with_coupons(bought: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Beside each line its category, and whether a coupon was handed in for it: any maker's, not those sent alone. The
    shop's files hold one discount for all reasons; the source tells them apart.
    """
    paid = duckdb.execute(
        "SELECT DISTINCT basket_id::VARCHAR || ' ' || product_id::VARCHAR FROM read_parquet(?) WHERE coupon_disc > 0",
        [Source.installed().table("transactions")],
    ).fetchdf()
    category = items.assign(item_id=items["item_id"].astype(str)).set_index("item_id")["category"]
    line = bought["order_id"] + " " + bought["item_id"]
    return bought.assign(coupon=line.isin(paid.iloc[:, 0]), category=bought["item_id"].map(category))


def _seconds(times: pd.Series) -> pd.Series:
    return pd.to_datetime(times, utc=True).astype("datetime64[s, UTC]").astype("int64")
