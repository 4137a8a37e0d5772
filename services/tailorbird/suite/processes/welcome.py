"""What a person reads when the suite is ready: where to look, and three commands that work when pasted."""

from __future__ import annotations

from rich.console import Console

from tailorbird.suite.running import Running

__all__ = ["welcome"]


def welcome(running: Running, console: Console, *, demo: bool, password: str = "") -> None:
    """Prints it. The commands stand on lines of their own, unwrapped, key included.

    `password`: of the studio's first admin, where they were let in just now.
    """
    url = running.gateway_url
    lines = [""]
    if demo:
        lines.append(f"The shop              {url}/shop")
    entering = f"sign in as admin with {password}  (shown once)" if password else "sign in as admin, or as yourself"
    lines += [
        f"The studio            {url}/studio   {entering}",
        f"API documentation     {url}/schema",
        f"Server key            {running.server_key}",
        f"Write key             {running.write_key}   (collector, browsers)",
        "",
        "A page for a customer, a page for a visitor nobody knows, a weekly e-mail:",
        "",
        *(
            f"curl -s -H 'Authorization: Bearer {running.server_key}' {call}\n"
            for call in (
                f"'{url}/v1/pages/home?customer_id=1228'",
                f"""-d '{{"context": {{"referrer": "https://gadgets.example/"}}}}' {url}/v1/pages/home""",
                f"""-d '{{"customer": {{"customer_id": "1228"}}, "message_id": "week-47"}}' {url}/v1/emails/weekly""",
            )
        ),
        "Ctrl-C stops everything.",
    ]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
