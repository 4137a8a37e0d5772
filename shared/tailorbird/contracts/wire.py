"""What a contract is made of: a message, an endpoint to ask, a topic to announce, and a fault."""

from __future__ import annotations

from typing import Generic, TypeVar, dataclass_transform

from msgspec import Struct, field

__all__ = ["Endpoint", "Fault", "Message", "Problem", "Topic"]


# For type checkers: without this line they take every subclass for a mutable one and refuse it.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Message(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The base of everything that crosses the bus: immutable, JSON, lenient about fields it does not know.

    Messages are trees, so the garbage collector has nothing to find in them (`gc=False`): a sixth of a page's time.

    (`kw_only` is not inherited in msgspec: a subclass that wants a required field after an optional one says so.)

    A new field with a default is a free change. Anything else is a new version of the endpoint.
    """


Query = TypeVar("Query", bound=Message)
Answer = TypeVar("Answer", bound=Message)
Announced = TypeVar("Announced", bound=Message)


class Endpoint(Struct, Generic[Query, Answer], frozen=True):
    """One question: where it is asked, what is asked, what is answered, how long an asker waits at most."""

    subject: str
    query: type[Query]
    answer: type[Answer]
    budget_ms: int
    """Milliseconds an asker waits when the call itself allows more."""
    hedge: bool = False
    """True where answering twice is harmless and a second instance may be asked when the first is late."""

    @property
    def answerer(self) -> str:
        """Who answers, in words for people: `the service 'offers'`."""
        return f"the service '{self.subject.split('.')[1]}'"


class Topic(Struct, Generic[Announced], frozen=True):
    """One announcement. With a `stream` it is stored and read by durable listeners; without, heard or missed."""

    subject: str
    message: type[Announced]
    stream: str = ""


class Problem(Message):
    """One mistake in what a person sent: where it stands (`$.slots[2].count`) and a sentence on how to mend it."""

    path: str
    sentence: str


class Fault(Exception):  # noqa: N818 - the suite's word for it, on every wire
    """A refusal with a reason for the person who reads it.

    `code` has HTTP's meaning on HTTP and NATS alike: 400 malformed, 401, 404, 409 conflict, 413, 422 invalid,
    503 cannot now, 504 too late. Raised in cores, turned into bytes in exactly one place per wire.
    """

    def __init__(self, code: int, sentence: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence
        self.problems = problems

    def __str__(self) -> str:
        return self.sentence
