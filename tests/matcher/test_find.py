"""What an association is told of, and what it is spared."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.compiled import compile_profiles
from matcher.explain import by_concept, explain, say_together
from matcher.find import Found, find
from matcher.item import Attachment, ItemText, Section
from matcher.profile import Profile
from matcher.reading import Reading, read_item, text_of
from matcher.topics import load_thesaurus

VISITORS = Profile("besog", "Besøgsvennerne", topics=("ensomhed", "besøgsvenner"), target_groups=("ældre",))
HOMELESS = Profile("varme", "Varmestuen", topics=("hjemløshed", "misbrug", "værested"), target_groups=("hjemløse",))
LONG_TEXT = "Vejen asfalteres, og kloakken lægges om i samarbejde med forsyningen. " * 40


def item(title: str, text: str = "", **keys: object) -> ItemText:
    sections = (Section("presentation", "Sagsfremstilling", text),) if text else ()
    whole = ItemText(title, committee="Økonomiudvalget", municipality="Aarhus", sections=sections)
    return replace(whole, **keys)  # type: ignore[arg-type]


def found(one: ItemText, *profiles: Profile) -> list[Found]:
    return find(one, compile_profiles(profiles, load_thesaurus()))


def ids(one: ItemText, *profiles: Profile) -> list[str]:
    return [each.profile_id for each in found(one, *profiles)]


def test_everyday_words_find_official_ones() -> None:
    one = item("Handleplan for færre ensomme ældre", "Kommunen støtter besøgsvenneordninger med en pulje.")
    assert ids(one, VISITORS, HOMELESS) == ["besog"]


@pytest.mark.parametrize(
    "title", ["Godkendelse af dagsorden", "Eventuelt", "Underskriftsark", "Meddelelser", "Godkendelse af referat"]
)
def test_routine_items_are_silent_even_in_the_own_council(title: str) -> None:
    assert ids(item(title, committee="Ældrerådet"), replace(VISITORS, topics=("ældrepleje", "ældreråd"))) == []


def test_news_in_a_mixed_item_is_found() -> None:
    text = (
        "Borgmesteren orienterede om budgettet.\nVærestedet for hjemløse flytter, og herberget udvides med ti pladser."
    )
    [hit] = found(item("Gensidig orientering", text), HOMELESS)
    assert "herberget" in hit.passage


def test_a_passing_mention_in_a_long_text_is_not_enough() -> None:
    text = LONG_TEXT + "Der er taget hensyn til ældre. " + LONG_TEXT
    assert ids(item("Ombygning af Industrivej", text), VISITORS) == []


def test_one_line_of_a_budget_list_is_found_and_quoted() -> None:
    lines = [f"{n} Renovering af vej nummer {n}" for n in range(60)]
    lines[33] = "33 Flere pladser på herberget og i værestedet for hjemløse"
    [hit] = found(item("Budgetforslag", "\n".join(lines)), HOMELESS)
    assert hit.passage == lines[33]


def test_attachment_titles_speak_too() -> None:
    titles = ("Høringssvar", "44 Nyt værested for hjemløse", "45 Styrket herberg og misbrugsbehandling")
    hits = found(item("Budgetforslag på socialområdet", attachments=tuple(map(Attachment, titles))), HOMELESS)
    assert [hit.passage for hit in hits] == [titles[1]] or [hit.passage for hit in hits] == [titles[2]]


def test_the_passage_is_from_the_text_and_ends_where_the_sentence_does() -> None:
    text = "Efter § 17, stk. 4, kan byrådet nedsætte et udvalg. Herberget får fem pladser jf. § 110. Taget skiftes."
    [hit] = found(item("Nyt herberg til hjemløse", text), HOMELESS)
    assert hit.passage == "Herberget får fem pladser jf. § 110."
    [both] = found(
        item("Boliger til hjemløse", "Byrådet bygger 20 boliger. Blandt dem er et herberg. Taget er rødt."), HOMELESS
    )
    assert both.passage == "Byrådet bygger 20 boliger. Blandt dem er et herberg."
    [bare] = found(item("Nyt herberg til hjemløse"), HOMELESS)
    assert bare.passage == "", "the title is not said twice"


def test_reasons_name_each_place_once_and_no_word_twice() -> None:
    text = "Herberget og natherberget for hjemløse. Hjemløseherberget er nyt."
    [hit] = found(item("Nyt herberg", text), HOMELESS)
    for group in by_concept(hit.reasons):
        said = say_together(group)
        assert said.count("sagsfremstillingen") <= 1
        assert "Sagsfremstilling" not in said


def test_a_council_that_names_itself_tells_less_than_another_that_names_it() -> None:
    elderly = Profile("old", topics=("ældrepleje",))
    [own] = found(item("Brev om ældrerådets budget", committee="Ældrerådet"), elderly)
    [silent] = found(item("Brev om rådets budget", committee="Ældrerådet"), elderly)
    [other] = found(item("Brev om ældrerådets budget", committee="Seniorrådet"), elderly)
    assert silent.score < own.score < other.score


def test_a_field_at_the_start_of_a_sentence_is_no_council() -> None:
    [term] = read_item(item("Handicapområdet")).sources[0].terms
    assert term.mask == 0


def test_names_of_committees_are_no_topic() -> None:
    text = "Udvalget for Kultur, Fritid og Borgerservice og Kultur- og Fritidsforvaltningen har behandlet sagen."
    culture = Profile("kultur", topics=("kultur",))
    assert ids(item("Salg af grund", text), culture) == []


def test_heading_words_are_no_topic() -> None:
    one = item("Salg af grund", sections=(Section("other", "Handicapaspekter", "Ingen."),))
    assert ids(one, Profile("handicap", topics=("handicap",))) == []


def test_a_word_the_thesaurus_does_not_know_is_found_in_compounds() -> None:
    one = item("Nye petanquebaner ved klubhuset", "Foreningen søger om penge til petanquebanerne.")
    assert ids(one, Profile("kugler", topics=("petanque",))) == ["kugler"]


def test_an_unknown_inflected_word_is_found() -> None:
    one = item("Kolonihaverne ved åen", "Kolonihavernes lejeaftale forlænges.")
    assert ids(one, Profile("have", topics=("kolonihave",))) == ["have"]


def test_an_excluded_word_silences_the_item() -> None:
    one = item("Ensomhed blandt unge studerende", "Ensomhed blandt studerende er et problem.")
    assert ids(one, VISITORS) == ["besog"]
    assert ids(one, replace(VISITORS, exclude=("studerende",))) == []


def test_an_excluded_word_silences_only_its_own_line_of_a_list() -> None:
    text = "\n".join(["1 Besøgsvenner til ensomme ældre", *[f"{n} Vej {n}" for n in range(2, 9)], "9 Badminton"])
    assert ids(item("Budgetforslag", text), replace(VISITORS, exclude=("badminton",))) == ids(
        item("Budgetforslag", text), VISITORS
    )


def test_the_own_name_is_always_a_hit() -> None:
    profile = Profile("navn", topics=("skak",), own_names=("Fælles Fodslag",))
    [hit] = found(item("Vejbump", LONG_TEXT + "Huset lejes af Fælles Fodslag."), profile)
    assert (hit.grade, hit.score, hit.reasons[0].via) == ("strong", 1.0, "own_name")


def test_municipalities_and_committees_limit() -> None:
    one = item("Handleplan mod ensomhed blandt ældre", "Besøgsvenner mod ensomhed.", municipality_code=751)
    assert ids(one, replace(VISITORS, municipalities=("aarhus",))) == ["besog"]
    assert ids(one, replace(VISITORS, municipalities=("751",))) == ["besog"]
    assert ids(one, replace(VISITORS, municipalities=("Odense",))) == []
    assert ids(one, replace(VISITORS, committees=("Økonomiudvalget",))) == ["besog"]
    assert ids(one, replace(VISITORS, committees=("Socialudvalget",))) == []


def test_a_law_reference_is_a_reason() -> None:
    one = item("Fordeling af midler efter servicelovens §18", "Midlerne efter § 18 fordeles til foreninger.")
    [hit] = found(one, Profile("fc", topics=("paragraf 18", "frivillighed")))
    assert any(reason.via == "law" for reason in hit.reasons)


def test_a_kle_number_is_a_reason() -> None:
    one = item("Ansøgninger om frivilligt arbejde", case_number="27.15.12-Ø34-1-25")
    [hit] = found(one, Profile("fc", topics=("frivillighed",)))
    assert any(reason.via == "kle" for reason in hit.reasons)


def test_the_text_of_an_attachment_is_quoted_with_its_page() -> None:
    paper = Attachment("Bilag 1", ("Første side.", "Et nyt herberg for hjemløse og et værested åbner."))
    one = item("Nyt herberg", attachments=(paper,))
    [hit] = found(one, HOMELESS)
    assert any(reason.section_name == "»Bilag 1«, side 2" for reason in hit.reasons)


def test_reasons_are_said_in_danish() -> None:
    [hit] = found(item("Handleplan mod ensomhed", "Fællesspisning for ensomme ældre hver uge."), VISITORS)
    assert say_together(hit.reasons[:1]) == "Emnet ensomhed: »ensomhed« i overskriften"


def test_why_not_names_the_nearest_miss() -> None:
    compiled = compile_profiles([VISITORS], load_thesaurus())
    told = explain(item("Ombygning af Industrivej", LONG_TEXT + "Der er taget hensyn til ældre."), compiled, "besog")
    assert "passer ikke" in told[0]
    assert any("ældre" in line for line in told[1:])
    assert explain(item("Vej", "Asfalt."), compiled, "besog") == [
        "Punktet passer ikke: ingen af profilens ord, emner eller målgrupper står i det."
    ]


def test_a_matter_of_other_people_has_to_say_more() -> None:
    advice = Profile("unge", topics=("rådgivning",), target_groups=("unge",))
    for_all = replace(advice, id="alle", target_groups=())

    def scores(title: str) -> dict[str, float]:
        compiled = compile_profiles([advice, for_all], load_thesaurus())
        hits = find(item(title, "Tilbuddet fortsætter."), compiled, everything=True)
        return {hit.profile_id: hit.score for hit in hits}

    own, others, nobody = (scores(f"Rådgivning{whom}") for whom in (" til unge", " til ældre", ""))
    assert own["unge"] > nobody["unge"] > others["unge"]
    assert others["alle"] == pytest.approx(nobody["alle"])


def test_people_linked_to_the_own_are_no_others() -> None:
    clubs = Profile("klub", topics=("rådgivning",), target_groups=("foreninger",))
    compiled = compile_profiles([clubs], load_thesaurus())

    def score(title: str) -> float:
        [one] = find(item(title, "Tilbuddet fortsætter."), compiled, everything=True)
        return one.score

    assert score("Rådgivning til frivillige") == pytest.approx(score("Rådgivning"), abs=0.1)
    assert score("Rådgivning til ældre") < score("Rådgivning til frivillige")


def test_why_not_tells_whose_matter_it_is() -> None:
    compiled = compile_profiles([replace(VISITORS, topics=("værested",))], load_thesaurus())
    told = explain(item("Børn på tur", LONG_TEXT + "Et værested ligger ved vejen."), compiled, "besog")
    assert told[-1] == "Punktet nævner andre end profilens målgruppe: børn."


def test_several_words_of_a_field_stand_for_the_field() -> None:
    pensioners = Profile("pens", topics=("hjemmepleje", "madservice", "ældreboliger"))
    one = item("Budget for ældreområdet", "Udvalget drøfter ældreplejen og ældrepolitikken.")
    assert ids(one, pensioners) == ["pens"]
    assert ids(one, replace(pensioners, topics=("madservice",))) == []


def test_profiles_that_mean_the_same_are_weighed_once() -> None:
    twins = [replace(VISITORS, id=f"p{n}") for n in range(50)]
    compiled = compile_profiles(twins, load_thesaurus())
    assert len(compiled.audiences) == 1
    assert len(find(item("Handleplan mod ensomhed blandt ældre"), compiled)) == len(twins)


def test_a_stored_reading_finds_the_same() -> None:
    one = item("Handleplan for ensomme ældre", "Besøgsvenner efter servicelovens § 79.\nBørne- og ungeområdet.")
    compiled = compile_profiles([VISITORS, HOMELESS], load_thesaurus())
    stored = Reading.from_json(read_item(one).to_json())
    assert find(one, compiled, reading=stored) == find(one, compiled)


WORDS = st.sampled_from(
    [
        "ensomme",
        "ældre",
        "besøgsvenner",
        "hjemløse",
        "værested",
        "§",
        "18",
        "herberget,",
        "børne-",
        "og",
        "familieområdet.",
        "Udvalget",
        "\n",
        "Nye",
        "Ældrerådet",
    ]
)
TEXT = st.lists(WORDS | st.text(max_size=12), max_size=40).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(title=TEXT, first=TEXT, second=TEXT, attachment=TEXT)
def test_every_reason_quotes_what_stands_there(title: str, first: str, second: str, attachment: str) -> None:
    one = ItemText(
        title,
        committee="Ældrerådet",
        sections=(Section("summary", "Resume", first), Section("decision", "Beslutning", second)),
        attachments=(Attachment(attachment),),
    )
    for hit in find(one, COMPILED, everything=True):
        assert 0 <= hit.score <= 1
        for reason in hit.reasons:
            if reason.section_kind != "case_number":
                kind = reason.section_kind if reason.section_kind in {"title", "committee", "attachment"} else "section"
                assert text_of(one, kind, reason.position)[reason.start : reason.end] == reason.text
                assert reason.text.strip() in reason.quote or "…" in reason.quote or "\n" in reason.text


COMPILED = compile_profiles([VISITORS, HOMELESS], load_thesaurus())
