"""What a marketer writes: layouts of pages and e-mails, in variants where message and look belong together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

from msgspec import Meta, Struct
from msgspec.structs import replace

from tailorbird.assembler.experiments.changing import changed
from tailorbird.assembler.experiments.document import Change
from tailorbird.assembler.layouts.theme import Theme
from tailorbird.assembler.slots.base import Line, Prose, Slot, Url
from tailorbird.assembler.slots.family import AnySlot
from tailorbird.assembler.wording.placeholders import PLACEHOLDERS, bad_placeholders
from tailorbird.contracts.wire import Problem
from tailorbird.contracts.words import Channel, Id
from tailorbird.rules.document import Rule, check_rule

__all__ = [
    "Email", "EmailVariant", "Hero", "Layout", "Link", "Variant", "check_documents", "check_variant", "texts_of",
    "translated",
]  # fmt: skip

V = TypeVar("V", bound="Variant")


class Hero(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Words, a picture and one thing to do. Any text may hold `{first_name}` or `{first_name|neighbour}`."""

    headline: Annotated[str, Meta(min_length=1, max_length=300)]
    text: Prose = ""
    image_url: Url = ""
    call_to_action: Line = ""
    url: Url = ""


Locale = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z]{4})?(-[A-Z]{2}|-[0-9]{3})?$")]


class Link(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    label: Annotated[str, Meta(min_length=1, max_length=80)]
    url: Url


class Variant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One face of a page. It is for customers whom all of `personas`, `segments` and `rule` allow; empty allows all."""

    id: Id
    personas: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    rule: Rule | None = None
    theme: Theme
    hero: Hero | None = None
    navigation: tuple[Link, ...] = ()
    slots: Annotated[tuple[AnySlot, ...], Meta(min_length=1, max_length=30)]
    translations: Annotated[dict[Locale, dict[str, Prose]], Meta(max_length=100)] = {}
    """Locale (`de`, `pt-BR`) -> part of the variant (`hero.headline`, `slots.offers.title`, `navigation.0.label`) ->
    its text in that language. What is not translated is said as it stands.
    """

    def for_everyone(self) -> bool:
        return not self.personas and not self.segments and self.rule is None


class Layout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page for a channel. The first variant that is for the customer is theirs; the last one is for everyone."""

    page: Id
    channel: Channel = "web"
    variants: Annotated[tuple[Variant, ...], Meta(min_length=1, max_length=200)]


class EmailVariant(Variant, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    subject: Annotated[str, Meta(min_length=1, max_length=200)]
    preheader: Line = ""


class Email(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An e-mail: what it says and looks like per variant, and one MJML template for all of them."""

    sender_name: Annotated[str, Meta(min_length=1, max_length=100)]
    postal_address: Annotated[str, Meta(min_length=1, max_length=300)]
    """Stands in every mail, as the law of most places wants."""
    sender_address: Annotated[str, Meta(max_length=200, pattern=r"^($|[^\s<>@,;:\"]+@[^\s<>@,;:\"]+$)")] = ""
    """From whom it comes; empty: what the `mailing` document says."""
    reply_to: Annotated[str, Meta(max_length=200, pattern=r"^($|[^\s<>@,;:\"]+@[^\s<>@,;:\"]+$)")] = ""
    topic: Id = "news"
    """What it is about: recipients choose topics, and how often they hear of them."""
    track: bool = True
    """Whether clicks and openings are counted."""
    mjml: Annotated[str, Meta(min_length=1, max_length=60_000)]
    """MJML with minijinja's values and loops in it; `<!-- {% for %} -->` keeps a loop where MJML allows none."""
    variants: Annotated[tuple[EmailVariant, ...], Meta(min_length=1, max_length=200)]


def check_documents(documents: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Every mistake in the whole set that the types alone do not tell. A path starts with `layout/<id>`."""
    problems: list[Problem] = []
    owners: dict[tuple[str, str], str] = {}
    for layout_id, layout in documents.get("layout", {}).items():
        path = f"layout/{layout_id} $"
        other = owners.setdefault((layout.page, layout.channel), layout_id)
        if other != layout_id:
            sentence = (
                f"Page '{layout.page}' on {layout.channel} is laid out by '{other}' already: one document a page."
            )
            problems.append(Problem(path=f"{path}.page", sentence=sentence))
        problems += _check_variants(layout.variants, path)
    for email_id, email in documents.get("email", {}).items():
        problems += _check_variants(email.variants, f"email/{email_id} $")
    return problems


def _check_variants(variants: Iterable[Variant], path: str) -> list[Problem]:
    problems: list[Problem] = []
    seen: set[str] = set()
    held = tuple(variants)
    for place, variant in enumerate(held):
        where = f"{path}.variants[{place}]"
        if variant.id in seen:
            problems.append(Problem(path=f"{where}.id", sentence=f"Two variants are called '{variant.id}'."))
        seen.add(variant.id)
        if variant.for_everyone() and place < len(held) - 1:
            sentence = "This variant is for everyone, so none after it is ever shown: put it last."
            problems.append(Problem(path=where, sentence=sentence))
        problems += check_rule(variant.rule, f"{where}.rule")
        problems += check_variant(variant, where)
    if not held[-1].for_everyone():
        sentence = "The last variant must be for everyone (no personas, segments or rule): somebody would get nothing."
        problems.append(Problem(path=f"{path}.variants[{len(held) - 1}]", sentence=sentence))
    return problems


def check_variant(variant: Variant, path: str) -> list[Problem]:
    """Every mistake in what one variant shows, in every language."""
    return _check_slots(variant, path) + _check_texts(variant, path) + _check_translations(variant, path)


def translated(variant: V, locale: str) -> V:
    """The variant as it is said in this locale of its translations. Raises ValueError with a sentence."""
    texts = variant.translations[locale]
    said = changed(variant, [Change(part=part, value=text) for part, text in texts.items()])
    return replace(said, translations={})


def _check_translations(variant: Variant, path: str) -> list[Problem]:
    problems: list[Problem] = []
    for locale, texts in variant.translations.items():
        for part, text in texts.items():
            where = f"{path}.translations.{locale}.{part}"
            try:
                said = changed(variant, [Change(part=part, value=text)])
            except ValueError as error:
                problems.append(Problem(path=where, sentence=str(error)))
                continue
            problems += [Problem(path=where, sentence=one.sentence) for one in _check_texts(said, "")]
    return problems


def _check_slots(variant: Variant, path: str) -> list[Problem]:
    problems: list[Problem] = []
    seen: set[str] = set()
    for place, slot in enumerate(variant.slots):
        where = f"{path}.slots[{place}]"
        if slot.id in seen:
            problems.append(Problem(path=f"{where}.id", sentence=f"Two slots are called '{slot.id}'."))
        seen.add(slot.id)
        if slot.type == "hero" and variant.hero is None:
            sentence = "This variant has a slot for a hero, and no [variants.hero] to stand in it."
            problems.append(Problem(path=where, sentence=sentence))
        problems += slot.problems(where)
    return problems


def _check_texts(variant: Variant, path: str) -> list[Problem]:
    allowed = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    return [
        Problem(path=f"{path}{where}", sentence=f"{bad} stands for nothing; there is {allowed}.")
        for where, text in texts_of(variant)
        for bad in bad_placeholders(text)
    ]


def texts_of(variant: Variant) -> Iterable[tuple[str, str]]:
    """(path, text) of everything in a variant in which a placeholder may stand."""
    if variant.hero is not None:
        for name in ("headline", "text", "call_to_action"):
            yield f".hero.{name}", getattr(variant.hero, name)
    if isinstance(variant, EmailVariant):
        yield ".subject", variant.subject
        yield ".preheader", variant.preheader
    for place, slot in enumerate(variant.slots):
        yield from _slot_texts(slot, f".slots[{place}]")


def _slot_texts(slot: Slot, path: str) -> Iterable[tuple[str, str]]:
    for name in ("title", "text", "call_to_action", "title_without_cart", "fallback_title", "join_text", "nothing"):
        text = getattr(slot, name, "")
        if text:
            yield f"{path}.{name}", text
