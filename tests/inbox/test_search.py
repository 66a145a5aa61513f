"""Search: what is found by which words."""

from collections.abc import Iterator

import pytest

from inbox.contributions import search_index
from inbox.models import Contribution
from inbox.storage.database import Store
from tests.fixtures_store import ON_SERVERS, store_folders
from tests.inbox import makers

FOUND = {
    "the word": ("un banc devant la mairie", "fr", "banc", True),
    "its plural": ("un banc devant la mairie", "fr", "bancs", True),
    "its singular": ("des arbres", "fr", "arbre", True),
    "without accents": ("l'éclairage de la place", "fr", "eclairage", True),
    "with accents": ("l'eclairage de la place", "fr", "éclairage", True),
    "capitals": ("UN BANC", "fr", "banc", True),
    "article stuck to it": ("l’éclairage", "fr", "éclairage", True),
    "query with an article": ("éclairage", "fr", "l'éclairage", True),
    "another form": ("les rues sont éclairées", "fr", "éclairée", True),
    "every word": ("un banc devant la mairie", "fr", "mairie banc", True),
    "not every word": ("un banc devant la mairie", "fr", "banc piscine", False),
    "part of a word": ("un banc devant la mairie", "fr", "mai", False),
    "English": ("more benches near the station", "en", "bench", True),
    "English, language unknown": ("more benches near the station", None, "bench", True),
    "French, language unknown": ("plusieurs bancs", None, "banc", True),
    "language not stemmed": ("bancoù e Brest", "br", "brest", True),
    "a number": ("le bus 12", "fr", "12", True),
    "a time": ("jusqu'à 22h30", "fr", "22h30", True),
    "other script": ("مرحبا بكم", "ar", "مرحبا", True),
    "Chinese, a word within a sentence": ("公园里的长椅太少，请加一张。", "zh", "长椅", True),
    "Chinese, at the beginning": ("公园里的长椅太少，请加一张。", "zh", "公园", True),
    "Chinese, one character": ("请把桥修好", "zh", "桥", True),
    "Chinese, one character as a text": ("桥", "zh", "桥", True),
    "Chinese, three characters": ("图书馆太远了", "zh", "图书馆", True),
    "Chinese, not there": ("公园里的长椅太少", "zh", "邮局", False),
    "Chinese, characters that are not neighbours": ("公园里的长椅太少", "zh", "公里", False),
    "Chinese, language unknown": ("公园里的长椅太少", None, "长椅", True),
    "Chinese, beyond the first plane": ("这里有𠮷野家", "zh", "𠮷野", True),
    "Chinese beside figures and letters": ("请让12路公交车停在IKEA门口", "zh", "12 公交 ikea", True),
    "Japanese, both kana and kanji": ("公園にベンチがあればいいです", "ja", "ベンチ", True),
    "Japanese, narrow kana": ("公園にベンチがあればいい", "ja", "ﾍﾞﾝﾁ", True),
    "Japanese, iterated": ("人々が佐々木駅で待つ", "ja", "佐々木", True),
    "Japanese, not there": ("公園にベンチ", "ja", "チベン", False),
    "Thai, within a sentence": ("อยากให้มีที่จอดรถจักรยานหน้าโรงเรียน", "th", "จักรยาน", True),
    "Thai, not there": ("อยากให้มีที่จอดรถ", "th", "โรงเรียน", False),
    "Lao": ("ຢາກໄດ້ສວນສາທາລະນະໃກ້ບ້ານ", "lo", "ສວນສາທາລະນະ", True),
    "Khmer": ("ខ្ញុំចង់បានសួនច្បារនៅជិតផ្ទះ", "km", "សួនច្បារ", True),
    "Khmer, with invisible spaces": ("ខ្ញុំ\u200bចង់បាន\u200bសួនច្បារ", "km", "បានសួន", True),
    "Burmese": ("ကျွန်တော်တို့ပန်းခြံလိုချင်တယ်", "my", "ပန်းခြံ", True),
    "Korean, with a particle": ("공원에서 쉬고 싶어요", "ko", "공원", True),
    "Hindi, with vowel signs": ("पार्क में बेंच चाहिए", "hi", "बेंच", True),
    "Hindi, with a joiner": ("क्\u200dया पार्क है", "hi", "क्या", True),
    "Persian, with a joiner": ("ما می\u200cخواهیم", "fa", "میخواهیم", True),
    "a soft hyphen": ("le sta\u00adtionnement", "fr", "stationnement", True),
    "the beginning of a word": ("un banc devant la mairie", "fr", "mai*", True),
    "the beginning of a longer word": ("la municipalité", "fr", "municipal*", True),
    "a whole word as its own beginning": ("un banc", "fr", "banc*", True),
    "another ending, by its beginning": ("le stationnement gêne", "fr", "stationnaire*", True),
    "the beginning of a word, with accents": ("l'éclairage", "fr", "écl*", True),
    "the beginning of a word, with an elision": ("l'éclairage", "fr", "l'écl*", True),
    "the beginning and another word": ("un banc devant la mairie", "fr", "mai* piscine", False),
    "two beginnings": ("un banc devant la mairie", "fr", "dev* mai*", True),
    "the beginning in Greek": ("θέλω πάρκο", "el", "πάρ*", True),
    "the beginning in Arabic": ("مرحبا بكم", "ar", "مرح*", True),
    "two letters are a word": ("un banc", "fr", "ba*", False),
    "the end of a word": ("un banc devant la mairie", "fr", "*irie", False),
    "the middle of a word": ("la municipalité", "fr", "nic*", False),
    "the beginning of a number": ("le 0612345678", "fr", "061*", False),
    "the whole number with a star": ("le bus 120", "fr", "120*", True),
    "operators are words": ("un banc", "fr", "banc OR piscine", False),
    "quotes": ("un banc", "fr", '"banc" \'', True),
    "syntax of the servers": ("un banc", "fr", "banc* & | ! : () \\ ^ -", True),
    "only signs": ("un banc", "fr", "%%% * '", False),
    "nothing": ("un banc", "fr", "", False),
    "a NUL": ("un banc", "fr", "banc\0", True),
}


@pytest.fixture(
    scope="module",
    params=ON_SERVERS,
)
def one_text(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, int]]:
    """A store with one text, whose words each test sets for itself."""
    for folders in store_folders(request.param, tmp_path_factory.mktemp("search"), request, template=True):
        store = Store.open(folders)
        yield store, makers.text_message(store, "?")
        store.close()


@pytest.mark.parametrize(("text", "language", "query", "found"), FOUND.values(), ids=FOUND)
def test_found(one_text: tuple[Store, int], text: str, language: str | None, query: str, found: bool):
    store, typed = one_text
    with store.write() as session:
        search_index.index_text(session, typed, text, language)
        assert list(session.scalars(search_index.matching_contributions(session, query))) == [typed] * found


def test_a_query_of_one_long_sentence_without_spaces(store: Store):
    typed = makers.text_message(store, "公园里的长椅太少，请在邮局前面加一张长椅，老人们都在那里等公共汽车。")
    with store.read() as session:
        for query in ("请在邮局前面加一张长椅", "老人们都在那里等公共汽车"):
            assert list(session.scalars(search_index.matching_contributions(session, query))) == [typed]


def test_very_long_query(store: Store):
    typed = makers.text_message(store, "un banc")
    with store.read() as session:
        assert list(session.scalars(search_index.matching_contributions(session, "banc " * 5_000))) == [typed]


def test_index_holds_the_text_in_force_only(store: Store):
    spoken = makers.heard(store, "un banc")
    with store.write() as session:
        search_index.index_text(session, spoken, "un arbre", "fr")
        assert list(session.scalars(search_index.matching_contributions(session, "banc"))) == []
        assert list(session.scalars(search_index.matching_contributions(session, "arbre"))) == [spoken]
        search_index.remove_from_index(session, spoken)
        assert list(session.scalars(search_index.matching_contributions(session, "arbre"))) == []
        assert session.get_one(Contribution, spoken).id == spoken


# PostgreSQL is the one that has a limit.
@pytest.mark.parametrize(
    "server",
    [pytest.param("sqlite", marks=pytest.mark.soak), pytest.param("postgresql", marks=pytest.mark.postgres)],
    indirect=True,
)
def test_a_very_long_text_is_found_by_its_beginning(store: Store):
    # Together more than the megabyte that PostgreSQL takes, in few words: each is stemmed.
    words = " ".join(f"{number:040d}" for number in range(28_000))
    made = makers.text_message(store, "?")
    with store.write() as session:
        search_index.index_text(session, made, f"banc {words}", "fr")
        assert session.scalars(search_index.matching_contributions(session, "banc")).all() == [made]
