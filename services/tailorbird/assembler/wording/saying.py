"""The templates' own words in the language of whoever reads them."""

from __future__ import annotations

from tailorbird.wording.locales import locale_of

__all__ = ["said"]


def said(words: str, locale: str = "") -> str:
    """The templates' own words in this language; in English where nobody translated them."""
    return _SAID.get(locale_of(locale).language, {}).get(words, words)


_SAID: dict[str, dict[str, str]] = {
    "de": {
        "Not for me": "Nichts für mich", "points": "Punkte", "Member since": "Mitglied seit",
        "Points lapse on": "Punkte verfallen am", "points to": "Punkte bis", "About": "Betrifft", "Join": "Mitmachen",
        "Scanned": "Gescannt", "Lowest price": "Niedrigster Preis", "Best rated": "Am besten bewertet",
        "Not rated": "Ohne Bewertung", "Item": "Artikel", "Price": "Preis", "Size": "Größe", "Brand": "Marke",
        "Rating": "Bewertung", "Quantity": "Menge", "Amount": "Betrag", "Total": "Summe",
        "Your cart is empty.": "Ihr Warenkorb ist leer.", "Not available at the moment.": "Zurzeit nicht lieferbar.",
        "Your status": "Ihr Status",
    },
    "es": {
        "Not for me": "No es para mí", "points": "puntos", "Member since": "Socio desde",
        "Points lapse on": "Los puntos caducan el", "points to": "puntos para", "About": "Sobre", "Join": "Unirse",
        "Scanned": "Escaneado", "Lowest price": "Precio más bajo", "Best rated": "Mejor valorado",
        "Not rated": "Sin valorar", "Item": "Artículo", "Price": "Precio", "Size": "Tamaño", "Brand": "Marca",
        "Rating": "Valoración", "Quantity": "Cantidad", "Amount": "Importe", "Total": "Total",
        "Your cart is empty.": "Su carrito está vacío.", "Not available at the moment.": "No disponible por ahora.",
        "Your status": "Su nivel",
    },
    "fr": {
        "Not for me": "Pas pour moi", "points": "points", "Member since": "Membre depuis le",
        "Points lapse on": "Vos points expirent le", "points to": "points avant", "About": "À propos de",
        "Join": "Adhérer", "Scanned": "Scanné", "Lowest price": "Prix le plus bas", "Best rated": "Le mieux noté",
        "Not rated": "Pas encore noté", "Item": "Article", "Price": "Prix", "Size": "Format", "Brand": "Marque",
        "Rating": "Note", "Quantity": "Quantité", "Amount": "Montant", "Total": "Total",
        "Your cart is empty.": "Votre panier est vide.", "Not available at the moment.": "Indisponible pour le moment.",
        "Your status": "Votre statut",
    },
}  # fmt: skip
