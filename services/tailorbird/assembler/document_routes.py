"""What the assembler keeps, over HTTP: layouts, e-mails, campaigns, experiments, and what there is only one of."""

from __future__ import annotations

from tailorbird.assembler.experiments.document import Experiment, Holdout
from tailorbird.assembler.layouts.document import Email, Layout
from tailorbird.assembler.mail.documents import Campaign, Mailing
from tailorbird.contracts.assembler import APPLY, LIST_DOCUMENTS
from tailorbird.host.documentroutes import DocumentKind, Owner, document_routes, routes_of_one

__all__ = ["HANDLERS"]

_OWNER = Owner(APPLY, LIST_DOCUMENTS)

LAYOUTS = DocumentKind(
    owner=_OWNER, kind="layout", shape=Layout, path="/v1/layouts", tag="layouts", one="a layout",
    many="layouts of pages", effect="The next page has it.",
)  # fmt: skip
EXPERIMENTS = DocumentKind(
    owner=_OWNER, kind="experiment", shape=Experiment, path="/v1/experiments", tag="experiments", one="an experiment",
    many="experiments, drafts and stopped ones too", effect="With `status` running the next page is part of it.",
)  # fmt: skip
HOLDOUT = DocumentKind(
    owner=_OWNER, kind="holdout", shape=Holdout, path="/v1/holdout", tag="experiments", alone="default",
    one="the share of people kept out of personalization", effect="So the effect of all of it shows.",
)  # fmt: skip
EMAILS = DocumentKind(
    # At the path of its id an e-mail for one recipient is had.
    owner=_OWNER, kind="email", shape=Email, path="/v1/emails", tag="mail", one="an e-mail", many="e-mails",
    effect="Its template is compiled and checked now.", id_name="email", read_behind="/document",
)  # fmt: skip
CAMPAIGNS = DocumentKind(
    owner=_OWNER, kind="campaign", shape=Campaign, path="/v1/campaigns", tag="mail", one="a campaign",
    many="campaigns", effect="Nothing is sent by that: `tailorbird campaign run` sends it.",
)  # fmt: skip
MAILING = DocumentKind(
    owner=_OWNER, kind="mailing", shape=Mailing, path="/v1/mailing", tag="mail", alone="default",
    one="how the shop writes", effect="Running campaigns go by it at once.",
)  # fmt: skip

HANDLERS = (
    *document_routes(LAYOUTS), *document_routes(EXPERIMENTS), *routes_of_one(HOLDOUT), *document_routes(EMAILS),
    *document_routes(CAMPAIGNS), *routes_of_one(MAILING),
)  # fmt: skip
