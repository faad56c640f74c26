"""The users of the simulated product and their personal data, in several scripts and spellings."""

from __future__ import annotations

from dataclasses import dataclass

from liveeval_assets.shared.hashing import uniform
from liveeval_assets.simulation.render import pick
from liveeval_assets.simulation.schedule import normal

_FIRST_NAMES = """
Amélie Søren Zofia Jürgen Xiomara Łukasz Ingrid Rajesh Priyanka Tomasz Beatriz Ngozi Chukwuemeka Aoife Siobhán Hiroshi Yuki Leilani
Дмитрий Ольга Ελένη Γιώργος فاطمة يوسف 美咲 志强 민준 서연 Thandiwe Bjørn Matteo Giulia Dragana Željko Kamala Anneliese
"""
_LAST_NAMES = """
Lindqvist Kowalczyk Fernández Okonkwo Müller Ó'Dálaigh Nakamura Papadopoulos Иванова Kravchenko Bianchi Haraldsson Mukherjee Nguyễn Çelik
Meulenbelt Grzegorz Okafor Achterberg Szymański Dubois Venkataraman Øvergård Castellanos Petrović 王 김 山本 الحسن
"""
_TOWN_NAMES = "Bergen Kraków Thessaloniki Eindhoven Malmö Gdańsk Lucerne Tampere Maribor Coimbra Braşov Aarhus"
_FIRST, _LAST, _TOWNS = (tuple(names.split()) for names in (_FIRST_NAMES, _LAST_NAMES, _TOWN_NAMES))
_MAIL_DOMAINS = ("mailbox.example", "briefkasten.example.org", "inbox.example.net")
_WAYS = ("Lindenallee {n}", "{n} Kungsgatan", "Rua Augusta {n}", "ul. Długa {n}", "{n} Rue Lepic", "Via Garibaldi {n}")


@dataclass(frozen=True)
class User:
    """A user: the record as the product keeps it, and the latent effect that outcomes and answering share."""

    name: str
    customer: dict[str, str]
    effect: float
    attributes: dict[str, str | float]


def user(seed: int, number: int) -> User:
    """User `number` of the world: name, contact data, standardised effect (the attribute `tenure`), segment attributes."""
    first, last = pick(_FIRST, seed, "first name", number), pick(_LAST, seed, "last name", number)
    mail = f"{_ascii(first)}.{_ascii(last)}{number}@{pick(_MAIL_DOMAINS, seed, 'mail', number)}"
    account = f"{_digits(seed, 'account', number, 8)}"
    customer = {
        "name": f"{first} {last}",
        "email": mail,
        "phone": f"+{pick(('44 20', '48 22', '46 8', '351 21'), seed, 'prefix', number)} {_digits(seed, 'phone', number, 7)}",
        "address": f"{pick(_WAYS, seed, 'way', number).format(n=1 + int(uniform(seed, 'house', number) * 180))}, {pick(_TOWNS, seed, 'town', number)}",
        "account": f"AC-{account[:4]}-{account[4:]}",
    }
    effect = round(normal(seed, "user effect", number), 3)
    attributes: dict[str, str | float] = {
        "tenure": effect,
        "tier": pick(("free", "free", "plus", "pro"), seed, "tier", number),
        "language": pick(("en", "en", "en", "sv", "pl", "pt"), seed, "language", number),
        "channel": pick(("web", "web", "app", "mail"), seed, "channel", number),
    }
    return User(f"user-{number:05d}", customer, effect, attributes)


def spoken(seed: int, person: User, where: tuple[object, ...]) -> dict[str, str]:
    """The person's data as users type them: other spacing, other case, full-width digits, a card number."""
    customer = person.customer
    name, phone, mail = customer["name"], customer["phone"], customer["email"]
    compact = phone.replace(" ", "")
    names = (name, name, name.upper(), name.lower(), name.split()[0])
    phones = (phone, compact, compact.replace("+", "00"), phone.replace(" ", "-"), _full_width(compact))
    return {
        "name": pick(names, seed, "spelt name", *where),
        "email": pick((mail, mail, mail.upper(), mail.capitalize()), seed, "spelt mail", *where),
        "phone": pick(phones, seed, "spelt phone", *where),
        "address": customer["address"],
        "account": pick((customer["account"], customer["account"].replace("-", " ")), seed, "spelt account", *where),
        "card": _card(seed, where),
    }


def _card(seed: int, where: tuple[object, ...]) -> str:
    """A card number that passes the Luhn check, in groups of four."""
    body = "4" + _digits(seed, "card", where, 14)
    total = sum(d if i % 2 else sum(divmod(2 * d, 10)) for i, d in enumerate(map(int, body)))
    number = body + str(-total % 10)
    return " ".join(number[i : i + 4] for i in range(0, 16, 4))


def _digits(seed: int, purpose: str, ids: object, n: int) -> str:
    return f"{int(uniform(seed, purpose, ids) * 10**n):0{n}d}"


def _full_width(text: str) -> str:
    return text.translate({ord(str(d)): 0xFF10 + d for d in range(10)})


def _ascii(text: str) -> str:
    plain = "".join(c for c in text.lower() if "a" <= c <= "z")
    return plain or "x" + str(sum(map(ord, text)) % 1000)
