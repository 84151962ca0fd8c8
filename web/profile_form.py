"""The form in which an association says what it wants to hear of: what it offers, and how an answer is read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from config.profile_file import AssociationEntry, Contact, Email
from config.sign_up import ConceptGroup, read_sign_up_groups
from matcher.would_find import thesaurus
from storage.models import Association, Frequency, Municipality
from web.params import clean, holds_link

DESCRIPTION_AT_MOST = 1000
FREE_WORDS_AT_MOST = 30
SUGGESTED_AT_MOST = 20
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)

Group = tuple[str, Sequence[tuple[str, str]]]  # heading, and (id, label) of each choice


@dataclass
class ProfileForm:
    """What stands in the fields, and what is wrong with them, by field."""

    name: str = ""
    description: str = ""
    municipalities: list[str] = field(default_factory=list)
    everywhere: bool = False
    topics: list[str] = field(default_factory=list)
    target_groups: list[str] = field(default_factory=list)
    words: str = ""
    exclude: str = ""
    frequency: str = Frequency.IMMEDIATE.value
    person: str = ""
    email: str = ""
    deputy: str = ""
    deputy_email: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def add(self, word: str) -> None:
        """Adds a word that was suggested: as a tick where the form offers it, else among the free words."""
        number = concept_numbers().get(word.casefold(), "")
        if number in offered("topic"):
            self.topics.append(number) if number not in self.topics else None
        elif number in offered("target_group"):
            self.target_groups.append(number) if number not in self.target_groups else None
        elif word and word.casefold() not in {one.casefold() for one in free_words(self.words)}:
            self.words = f"{self.words}, {word}" if self.words else word

    def entry(self) -> AssociationEntry:
        """The answer as a profile. Only for a form without errors."""
        labels = concept_labels()
        contacts = [Contact(name=self.person, email=self.email)] if self.email else []
        if self.deputy_email:
            contacts.append(Contact(name=self.deputy, email=self.deputy_email, role="deputy"))
        return AssociationEntry(
            id="form",
            name=self.name,
            description=self.description,
            topics=list(dict.fromkeys([*(labels[one] for one in self.topics), *free_words(self.words)])),
            target_groups=[labels[one] for one in self.target_groups],
            municipalities=[] if self.everywhere else self.municipalities,
            exclude=free_words(self.exclude),
            frequency=Frequency(self.frequency).value,
            contacts=contacts,
        )


def read_form(answer: FormData, session: Session, *, with_people: bool) -> ProfileForm:
    """Reads a posted form; what is wrong stands in ``errors``. ``with_people``: an address is asked for too."""
    labels, known = concept_labels(), set(session.scalars(select(Municipality.code)))
    form = ProfileForm(
        name=_line(answer, "forening"),
        description=_long(answer, "beskrivelse"),
        municipalities=[one for one in _many(answer, "kommune") if one.isdecimal() and int(one) in known],
        everywhere=_line(answer, "hele_landet") == "ja",
        topics=[one for one in _many(answer, "emne") if one in labels],
        target_groups=[one for one in _many(answer, "maalgruppe") if one in labels],
        words=_long(answer, "ord"),
        exclude=_long(answer, "ikke"),
        frequency=_line(answer, "hyppighed") or Frequency.IMMEDIATE.value,
    )
    for word in _many(answer, "forslag")[:SUGGESTED_AT_MOST]:
        form.add(clean(word))
    if with_people:
        form.person, form.email = _line(answer, "navn"), _line(answer, "email", 254)
        form.deputy, form.deputy_email = _line(answer, "stedfortraeder"), _line(answer, "stedfortraeder_email", 254)
        _check_people(form)
    _check(form)
    return form


def form_of(association: Association) -> ProfileForm:
    """The form as it stands for an association; words that are no concept's label are its free words."""
    profile = association.profile
    form = ProfileForm(name=association.name, description=association.description)
    if profile is None:
        return form
    by_label = concept_numbers()
    loose: list[str] = []
    for word in profile.topics:
        number = by_label.get(word.casefold())
        form.topics.append(number) if number and number in offered("topic") else loose.append(word)
    for word in profile.target_groups:
        number = by_label.get(word.casefold())
        form.target_groups.append(number) if number and number in offered("target_group") else loose.append(word)
    form.words, form.exclude = ", ".join(loose), ", ".join(profile.exclude)
    form.municipalities = [str(code) for code in profile.municipality_codes]
    form.everywhere = not profile.municipality_codes
    return form


def is_address(text: str) -> bool:
    """Whether ``text`` can be a mail address."""
    try:
        _EMAIL.validate_python(text)
    except ValidationError:
        return False
    return True


def free_words(text: str) -> list[str]:
    """Words that people wrote with commas, semicolons or on lines of their own."""
    parts = [clean(one) for one in re.split(r"[,;\n]", text)]
    return list(dict.fromkeys(one for one in parts if one))[:FREE_WORDS_AT_MOST]


@lru_cache(maxsize=1)
def concept_labels() -> Mapping[str, str]:
    """The label of every concept, by id."""
    return {concept.id: concept.label for concept in thesaurus().concepts.values()}


@lru_cache(maxsize=1)
def concept_numbers() -> Mapping[str, str]:
    """The id of the concept with this folded label; of two with the same, the target group's."""
    return {label.casefold(): number for number, label in concept_labels().items()}


@lru_cache(maxsize=2)
def offered(kind: str) -> frozenset[str]:
    """The concepts of a kind that the form has a tick for."""
    return frozenset(number for group in groups(kind) for number, _ in group[1])


@lru_cache(maxsize=2)
def groups(kind: str) -> Sequence[Group]:
    """The concepts of a kind (``topic`` or ``target_group``) under their headings."""
    labels, found = concept_labels(), read_sign_up_groups()
    wanted: Sequence[ConceptGroup] = found.topic if kind == "topic" else found.target_group
    return [(one.heading, [(number, labels[number]) for number in one.concepts if number in labels]) for one in wanted]


def regions(session: Session) -> Sequence[Group]:
    """The municipalities under their regions."""
    rows = session.execute(
        select(Municipality.region, Municipality.code, Municipality.name).order_by(Municipality.name)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for region, code, name in rows:
        found.setdefault(region or "Kommuner", []).append((str(code), name))
    return sorted(found.items())


def _check(form: ProfileForm) -> None:
    if not form.name:
        form.errors["forening"] = "Skriv foreningens navn."
    elif holds_link(form.name):
        form.errors["forening"] = "Skriv foreningens navn uden adresser på nettet."
    if not form.municipalities and not form.everywhere:
        form.errors["kommune"] = "Vælg mindst én kommune, eller sæt kryds ved hele landet."
    if not (form.topics or form.target_groups or free_words(form.words)):
        form.errors["emne"] = "Vælg mindst ét emne eller én målgruppe, eller skriv jeres egne ord."
    if form.frequency not in set(Frequency):
        form.errors["hyppighed"] = "Vælg, hvor tit I vil have mails."


def _check_people(form: ProfileForm) -> None:
    if not form.person:
        form.errors["navn"] = "Skriv dit navn."
    elif holds_link(form.person):
        form.errors["navn"] = "Skriv dit navn uden adresser på nettet."
    if holds_link(form.deputy):
        form.errors["stedfortraeder"] = "Skriv stedfortræderens navn uden adresser på nettet."
    if not is_address(form.email):
        form.errors["email"] = "Skriv en mailadresse som navn@forening.dk."
    if form.deputy and not form.deputy_email:
        form.errors["stedfortraeder_email"] = "Skriv stedfortræderens mailadresse, eller slet navnet."
    if form.deputy_email and not is_address(form.deputy_email):
        form.errors["stedfortraeder_email"] = "Skriv en mailadresse som navn@forening.dk."
    elif form.deputy_email and form.deputy_email.casefold() == form.email.casefold():
        form.errors["stedfortraeder_email"] = "Stedfortræderen skal have en anden adresse end din."


def _line(answer: FormData, name: str, length: int = 100) -> str:
    value = answer.get(name)
    return clean(value, length) if isinstance(value, str) else ""


def _long(answer: FormData, name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str):
        return ""
    lines = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in value.replace("\r", ""))
    return lines.strip()[:DESCRIPTION_AT_MOST]


def _many(answer: FormData, name: str) -> list[str]:
    return list(dict.fromkeys(str(one) for one in answer.getlist(name) if isinstance(one, str)))
