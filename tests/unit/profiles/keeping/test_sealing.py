"""What is sealed opens with the person's own key only, and only when not a bit of it changed."""

from __future__ import annotations

import pytest

from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.sealing import BrokenSealError, decision_key, open_sealed, seal

ADA = Person("ada", bytes(range(32)))
BEN = Person("ben", bytes(range(32)))
PLAIN = b"a marker that nobody else may read"


def test_what_was_sealed_opens() -> None:
    assert open_sealed(ADA, seal(ADA, PLAIN)) == PLAIN


def test_nothing_of_it_is_readable() -> None:
    assert b"marker" not in seal(ADA, PLAIN)
    assert seal(ADA, PLAIN) != seal(ADA, PLAIN)


@pytest.mark.parametrize("place", range(len(seal(ADA, PLAIN))))
def test_a_flipped_bit_anywhere_is_refused(place: int) -> None:
    sealed = bytearray(seal(ADA, PLAIN))
    sealed[place] ^= 1
    with pytest.raises(BrokenSealError):
        open_sealed(ADA, bytes(sealed))


def test_another_persons_profile_in_this_ones_place_is_refused() -> None:
    with pytest.raises(BrokenSealError):
        open_sealed(BEN, seal(ADA, PLAIN))


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + bytes(60)])
def test_bytes_that_are_no_seal_are_refused(sealed: bytes) -> None:
    with pytest.raises(BrokenSealError):
        open_sealed(ADA, sealed)


def test_the_key_of_decisions_is_not_the_persons_key() -> None:
    assert len(decision_key(ADA)) == 32
    assert decision_key(ADA) != ADA.key
    assert decision_key(ADA) == decision_key(ADA)
