"""The municipalities of the project's founding documents are read, each with the system that it uses."""

from config.catalogue import load_catalogue
from config.settings import Settings
from crawler.platforms import all_platforms

FOUNDING = {
    "Roskilde": "firstagenda",
    "Guldborgsund": "firstagenda",
    "Svendborg": "firstagenda",
    "Assens": "firstagenda",
    "Kolding": "firstagenda",
    "København": "kk_jsonapi",
    "Vallensbæk": "firstagenda",
    "Ringkøbing-Skjern": "rksk",
}


def test_the_eight_founding_municipalities_are_in_the_catalogue_with_their_systems() -> None:
    catalogue = {entry.name: entry for entry in load_catalogue(Settings())}
    assert len(catalogue) == 98
    assert {name: catalogue[name].platform for name in FOUNDING} == FOUNDING


def test_every_municipality_has_an_adapter_and_there_are_nine() -> None:
    platforms = {entry.platform for entry in load_catalogue(Settings())}
    assert platforms <= set(all_platforms())
    assert len(platforms) == 9
