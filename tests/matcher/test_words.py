"""Some 300 compounds and inflections with their false friends: does a word in a text mean what somebody typed?

``words.tsv`` has a line for each: word in the text, word typed, yes or no, and why.
"""

import csv
from pathlib import Path

from matcher.compiled import compile_profiles
from matcher.evidence import gather
from matcher.features import FEATURES, features
from matcher.item import ItemText, Section
from matcher.profile import Profile
from matcher.reading import read_item
from matcher.topics import load_thesaurus

WORDS = Path(__file__).with_name("words.tsv")


def lines() -> list[dict[str, str]]:
    with WORDS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader((line.lstrip("# ") for line in file), delimiter="\t"))


def test_words_mean_what_was_typed_and_false_friends_do_not() -> None:
    every = lines()
    typed = sorted({line["typed"] for line in every})
    compiled = compile_profiles([Profile(word, topics=(word,)) for word in typed], load_thesaurus())
    wrong = []
    for line in every:
        item = ItemText("Punkt", sections=(Section("presentation", "Sagen", f"Udvalget drøfter {line['text']}."),))
        audiences, rows = features(gather(item, read_item(item), compiled), compiled)
        body = dict(zip(audiences.tolist(), rows[:, FEATURES.index("body")].tolist(), strict=True))
        found = any(
            body.get(number, 0.0) > 0 and line["typed"] in audience.ids
            for number, audience in enumerate(compiled.audiences)
        )
        if found != (line["found"] == "yes"):
            wrong.append(line)
    assert not wrong, "\n".join(f"{line['text']} / {line['typed']}: {line['why']}" for line in wrong)


def test_there_are_three_hundred_lines_each_different_and_both_kinds() -> None:
    every = lines()
    assert len(every) >= 300
    assert len({(line["text"], line["typed"]) for line in every}) == len(every)
    assert sum(line["found"] == "no" for line in every) >= 60
