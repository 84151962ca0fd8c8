"""What the doctor command says about the language data."""

from __future__ import annotations

from matcher.language.hunspell import compound_tables
from matcher.topics import load_thesaurus


def describe_language_data() -> str:
    """One Danish sentence with counts. Raises ThesaurusError when the thesaurus cannot be used."""
    tables, thesaurus = compound_tables(), load_thesaurus()
    words = sum(len(concept.words) + len(concept.weak) for concept in thesaurus.concepts.values())
    return (
        f"{len(thesaurus.concepts)} begreber med {words} ord; ordbogen kender {len(tables.begins)} begyndelser og "
        f"{len(tables.ends)} slutninger af sammensatte ord."
    )
