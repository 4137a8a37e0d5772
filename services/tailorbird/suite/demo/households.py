"""The households as `customers`, with invented first names and e-mail addresses, and their `audiences`."""

from __future__ import annotations

import hashlib

import duckdb
import pyarrow as pa

from tailorbird.suite.demo.source import Source

__all__ = ["FIRST_NAMES", "audiences_table", "chance_of", "customers_table"]

FIRST_NAMES = (
    "Aaliyah", "Abigail", "Adam", "Agnes", "Aisha", "Alan", "Alejandro", "Alice", "Amara", "Amir", "Ana", "Andre",
    "Angela", "Anna", "Anthony", "Antonio", "Arjun", "Arthur", "Ava", "Beatriz", "Ben", "Bianca", "Brandon", "Brenda",
    "Brian", "Caleb", "Camila", "Carlos", "Caroline", "Carter", "Cecilia", "Charlotte", "Chen", "Chloe", "Clara",
    "Connor", "Cynthia", "Dana", "Daniel", "Darnell", "David", "Deborah", "Devin", "Diana", "Diego", "Dorothy", "Dylan",
    "Edith", "Eduardo", "Eleanor", "Elena", "Elijah", "Emily", "Emma", "Eric", "Esther", "Ethan", "Eva", "Faith",
    "Farah", "Felix", "Fiona", "Frances", "Frank", "Gabriel", "George", "Gloria", "Grace", "Greta", "Hannah", "Harold",
    "Hassan", "Hazel", "Helen", "Henry", "Hugo", "Ian", "Ibrahim", "Imani", "Ines", "Irene", "Isaac", "Isabel", "Ivan",
    "Jack", "Jada", "James", "Janet", "Jasmine", "Javier", "Jerome", "Joan", "Jordan", "Jose", "Joseph", "Joy", "Juan",
    "Judith", "Julia", "Kamal", "Karen", "Katherine", "Keith", "Kenji", "Kevin", "Kiara", "Kim", "Kofi", "Laila",
    "Lamar", "Laura", "Leah", "Leo", "Leticia", "Liam", "Lillian", "Lin", "Linda", "Logan", "Lucas", "Lucia", "Lucy",
    "Luis", "Luna", "Maeve", "Malik", "Manuel", "Marcus", "Margaret", "Maria", "Marie", "Mark", "Martha", "Martin",
    "Mateo", "Maya", "Megan", "Mei", "Mia", "Michael", "Miguel", "Mila", "Miriam", "Mohamed", "Molly", "Monica",
    "Nadia", "Naomi", "Nathan", "Nia", "Nicholas", "Nina", "Noah", "Nora", "Oliver", "Olivia", "Omar", "Oscar",
    "Owen", "Pamela", "Patricia", "Patrick", "Paul", "Pedro", "Peter", "Phoebe", "Priya", "Quinn", "Rachel", "Rafael",
    "Raj", "Ramona", "Rebecca", "Renee", "Ricardo", "Robert", "Rosa", "Rose", "Ruby", "Russell", "Ruth", "Ryan",
    "Sadie", "Samira", "Samuel", "Sandra", "Sara", "Sean", "Sergio", "Shanice", "Shirley", "Silvia", "Simon", "Sofia",
    "Stella", "Stephen", "Susan", "Sylvia", "Tamara", "Tara", "Teresa", "Terrence", "Thea", "Theo", "Thomas", "Tyler",
    "Uma", "Valeria", "Vera", "Victor", "Victoria", "Vincent", "Violet", "Walter", "Wanda", "Wei", "Wendy", "William",
    "Xavier", "Yara", "Yolanda", "Yusuf", "Zainab", "Zoe",
)  # fmt: skip
"""First names of many origins; which household gets which is decided by its id alone."""

_ALSO_REGISTERED = 30
"""Percent of the households without demographics that have an account all the same."""

_HOUSEHOLDS = """
    SELECT household_id, age, income, home_ownership, marital_status, household_size, household_comp, kids_count,
           age IS NOT NULL AS described
    FROM (
        SELECT DISTINCT household_id FROM read_parquet($transactions)
        UNION SELECT household_id FROM read_parquet($campaigns)
        UNION SELECT household_id FROM read_parquet($demographics)
    ) LEFT JOIN read_parquet($demographics) USING (household_id)
    ORDER BY household_id
"""


def customers_table(source: Source, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """One row a household. Those with demographics filled in a form once, so they have an account; some others too."""
    rows = connection.execute(
        _HOUSEHOLDS, {name: source.table(name) for name in ("transactions", "campaigns", "demographics")}
    ).fetchall()
    columns: dict[str, list[object]] = {name: [] for name in _SCHEMA.names}
    for household, age, income, ownership, marital, size, composition, kids, described in rows:
        chance = chance_of(household)
        registered = bool(described) or chance % 100 < _ALSO_REGISTERED
        name = FIRST_NAMES[chance // 100 % len(FIRST_NAMES)] if registered else None
        columns["customer_id"].append(str(household))
        columns["first_name"].append(name)
        columns["email"].append(f"{name.lower()}.{household}@example.org" if name else None)
        columns["registered"].append(registered)
        columns["age"].append(age)
        columns["income"].append(income)
        columns["home_ownership"].append(ownership)
        columns["marital_status"].append(marital)
        columns["household_size"].append(size)
        columns["household_composition"].append(composition)
        columns["kids_count"].append(kids)
    return pa.table(columns, schema=_SCHEMA)


def audiences_table(source: Source, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """The households that each campaign was sent to, as audience `campaign-13`."""
    rows = connection.execute(
        "SELECT campaign_id, household_id FROM read_parquet($campaigns) ORDER BY ALL",
        {"campaigns": source.table("campaigns")},
    ).fetchall()
    return pa.table(
        {
            "audience_id": [f"campaign-{campaign}" for campaign, _ in rows],
            "customer_id": [str(household) for _, household in rows],
        }
    )


def chance_of(household: int) -> int:
    """A number that is as good as drawn, and always the same for a household."""
    return int.from_bytes(hashlib.sha256(f"tailorbird demo {household}".encode()).digest()[:6])


_SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("first_name", pa.string()),
        ("email", pa.string()),
        ("registered", pa.bool_()),
        ("age", pa.string()),
        ("income", pa.string()),
        ("home_ownership", pa.string()),
        ("marital_status", pa.string()),
        ("household_size", pa.string()),
        ("household_composition", pa.string()),
        ("kids_count", pa.string()),
    ]
)
