"""What many texts say together: sketched, grouped, sorted by kind and place, learned from, and quoted.

Goes on where it stopped: each text is looked at once for each of its versions, and groups change only where something
new has come. Nothing here decides anything; what is suggested waits for a person.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from config.enums import QuotationRole
from config.wording.consultation import Consultation
from config.wording.stems import stems
from inbox.consultations import consultation_versions
from inbox.reports import report_quotations, sense_rows
from inbox.reports.figures import OWN_WORDS, report_figures, unanswered_questions
from inbox.reports.report_quotations import QuotationPlace
from inbox.reports.sense_rows import SenseText, TextAnalysis
from inbox.storage.database import Store
from transcription.text import contribution_kinds, learned_themes, quoted_passages, text_likeness
from transcription.text.learned_themes import LearnedThemes
from transcription.text.place_names import PlaceIndex
from transcription.text.sounded_words import sound_keys
from transcription.text.text_likeness import same_sounded_wording
from workers.sensing.finding_topics import find_topics
from workers.sensing.theme_model_rows import as_learned, as_row, learned_from

log = logging.getLogger(__name__)

AT_ONCE = 1000
"""Texts in one transaction."""
LOOKED_THROUGH = 250
"""Texts among which a theme's quotations are chosen."""
_CAMPAIGN_MEMBERS_READ = 3
"""Of each campaign, the members that have most words of their own."""
_QUESTIONS = 12
_COMPARED_AT_ONCE = 4000
"""Texts that are in the clear in memory at once while they are compared."""
_NEW_DECISIONS = 10
"""So many more decisions, and a tenth more, and themes are learned anew."""


@dataclass
class SenseMaker:
    """Makes sense of one installation's texts, again and again; remembers only what it has seen changed."""

    store: Store
    places: PlaceIndex | None = None
    _history: int = -1
    _learned_from: Counter[int] = field(default_factory=Counter)
    _models: dict[int | None, LearnedThemes] = field(default_factory=dict)

    def run(self) -> int:
        """Bring everything up to date; how many texts were looked at."""
        looked = 0
        fresh: dict[int | None, set[int]] = {}
        while number := self._look(fresh):
            looked += number
        for consultation_id, new in fresh.items():
            self._group(consultation_id, new)
        with self.store.read() as session:
            history = sense_rows.newest_history(session)
            numbers = [version.consultation_id for version in consultation_versions.current_versions_by_slug(session)]
        if looked or history != self._history:
            for number in numbers:
                self._learn(number)
                self._quote(number)
                find_topics(self.store, number)
            self._history = history
        return looked

    # --- each text by itself ---

    def _look(self, fresh: dict[int | None, set[int]]) -> int:
        with self.store.read() as session:
            ids = sense_rows.unanalysed_texts(session, AT_ONCE)
            texts = sense_rows.texts_of(session, ids)
        if not ids:
            return 0
        sketcher = text_likeness.Sketcher(self.store.keyring.keyed_hash("likeness", b"sketches").encode())
        sensed = [self._sense(text, sketcher) for text in texts.values()]
        with self.store.write() as session:
            sense_rows.save_analyses(session, ids, sensed)
        for one in sensed:
            fresh.setdefault(one.text.consultation_id, set()).add(one.text.contribution_id)
        return len(ids)

    def _sense(self, text: SenseText, sketcher: text_likeness.Sketcher) -> TextAnalysis:
        kinds = contribution_kinds.suggest_kinds(text.body, text.language)
        places = self.places.find(text.body) if self.places else []
        themes = self._models_of(text.consultation_id).suggest(text.body)
        return TextAnalysis(
            text=text,
            sketch=sketcher.sketch(text.body),
            kinds=[(one.kind, one.cues) for one in kinds],
            places=[(one.place.name, one.place.quarter, one.exact) for one in places],
            themes=[(one.theme_key, one.words) for one in themes if one.words],
        )

    # --- who says the same ---

    def _group(self, consultation_id: int | None, new: set[int]) -> None:
        with self.store.read() as session:
            sketched = sense_rows.list_sketches(session, consultation_id)
        if not sketched:
            return
        numbers = [one.contribution_id for one in sketched]
        rows = text_likeness.load_sketches([one.sketch for one in sketched])
        likely = text_likeness.likely_pairs(rows, np.array([number in new for number in numbers]))
        before = {one.contribution_id: one.group_id for one in sketched if one.group_id is not None}
        groups = self._same([(numbers[one], numbers[other]) for one, other in likely], before)
        changed = {
            group: members
            for group, members in text_likeness.cluster_pairs(groups).items()
            if len(members) > 1 and any(before.get(one) != group or one in new for one in members)
        }
        placed: dict[int, int] = {}
        own: dict[int, int] = {}
        for group, members in changed.items():
            with self.store.read() as session:
                texts = sense_rows.texts_of(session, members)
            own |= text_likeness.own_words({number: text.body for number, text in texts.items()})
            placed |= dict.fromkeys(members, group)
            if len(placed) >= AT_ONCE:
                self._put_groups(placed, own)
                placed, own = {}, {}
        self._put_groups(placed, own)

    def _put_groups(self, groups: Mapping[int, int], own: Mapping[int, int]) -> None:
        if groups:
            with self.store.write() as session:
                sense_rows.save_groups(session, groups, own)

    def _same(self, pairs: Sequence[tuple[int, int]], before: Mapping[int, int]) -> dict[int, int]:
        """Each member of a group -> the lowest number in it, after comparing likely pairs.

        Compared are the firsts of the two groups, so that a chain of neighbours never joins what does not say the same.
        """
        root = dict(before)
        compared: set[tuple[int, int]] = set()
        for start in range(0, len(pairs), _COMPARED_AT_ONCE):
            some = pairs[start : start + _COMPARED_AT_ONCE]
            wanted = sorted({_root(root, number) for pair in some for number in pair})
            with self.store.read() as session:
                texts = {number: sound_keys(one.body) for number, one in sense_rows.texts_of(session, wanted).items()}
            for first, second in some:
                one, other = _root(root, first), _root(root, second)
                low, high = min(one, other), max(one, other)
                if low == high or (low, high) in compared or low not in texts or high not in texts:
                    continue
                compared.add((low, high))
                if same_sounded_wording(texts[low], texts[high]):
                    root[high] = low
        return {number: _root(root, number) for number in list(root)}

    # --- themes ---

    def _models_of(self, consultation_id: int | None) -> LearnedThemes:
        if consultation_id is None:
            return LearnedThemes([])
        if consultation_id not in self._models:
            with self.store.read() as session:
                rows = sense_rows.theme_models_of(session, consultation_id)
                self._models[consultation_id] = LearnedThemes([as_learned(row) for row in rows])
        return self._models[consultation_id]

    def _learn(self, consultation_id: int) -> None:
        with self.store.read() as session:
            decided = sense_rows.tag_decisions_by_theme(session, consultation_id)
            count = sum(len(one) for one in decided.values())
            before = self._learned_from[consultation_id] or max(
                (learned_from(row) for row in sense_rows.theme_models_of(session, consultation_id)), default=0
            )
            if count < before + max(_NEW_DECISIONS, before // 10):
                return
            ids = sorted({number for one in decided.values() for number in one})
            texts = sense_rows.texts_of(session, ids)
        at = {number: place for place, number in enumerate(texts)}
        placed = {key: {at[n]: kept for n, kept in one.items() if n in at} for key, one in decided.items()}
        bodies = [text.body for text in texts.values()]
        models = learned_themes.learn_themes(bodies, placed)
        shown = {model.theme: learned_themes.telling_words(model, bodies) for model in models}
        with self.store.write() as session:
            rows = [as_row(model, shown[model.theme], count) for model in models]
            sense_rows.save_theme_models(session, consultation_id, rows)
        self._learned_from[consultation_id] = count
        self._models[consultation_id] = LearnedThemes(models)

    # --- who is quoted ---

    def _quote(self, consultation_id: int) -> None:
        with self.store.read() as session:
            version = next(
                one
                for one in consultation_versions.current_versions_by_slug(session)
                if one.consultation_id == consultation_id
            )
            consultation = consultation_versions.as_consultation(version)
            by_theme = sense_rows.published_by_theme(session, consultation_id, LOOKED_THROUGH)
            refused = report_quotations.excluded_contributions(session, consultation_id)
            campaigns = report_figures(session, version).campaigns
            members = sense_rows.campaign_members(session, [one.group_id for one in campaigns], _CAMPAIGN_MEMBERS_READ)
            asked = list(session.scalars(unanswered_questions(consultation_id).limit(_QUESTIONS)))
        chosen: dict[tuple[str, QuotationRole], list[QuotationPlace]] = {}
        for theme, ids in by_theme.items():
            about = _words_of(consultation, theme)
            wanted = [number for number in ids if number not in refused]
            chosen |= self._quote_theme(theme, wanted, about, consultation.language)
        for group, voices in members.items():
            chosen |= self._quote_campaign(group, [one for one in voices if one[0] not in refused])
        with self.store.read() as session:
            texts = sense_rows.texts_of(session, [number for number in asked if number not in refused])
        chosen["", QuotationRole.QUESTION] = [_place(text) for text in texts.values()]
        with self.store.write() as session:
            report_quotations.replace_machine_quotations(session, consultation_id, chosen)

    def _quote_theme(
        self, theme: str, ids: Sequence[int], about: frozenset[str], language: str
    ) -> dict[tuple[str, QuotationRole], list[QuotationPlace]]:
        with self.store.read() as session:
            every = sense_rows.texts_of(session, ids)
        # Words of one language are unlike those of another, whatever is said.
        same = {number: text for number, text in every.items() if text.language in (language, None)}
        texts = same if 2 * len(same) >= len(every) else every
        places = {number: _place(text, about, language) for number, text in texts.items()}
        said = {number: texts[number].body[place.begin : place.end] for number, place in places.items()}
        choice = quoted_passages.choose_quotations(said, language)
        by_role = {
            QuotationRole.TYPICAL: choice.typical,
            QuotationRole.DIVERGENT: choice.divergent,
            QuotationRole.SINGLE: choice.single,
        }
        return {(theme, role): [places[number]] if number is not None else [] for role, number in by_role.items()}

    def _quote_campaign(
        self, group: int, members: Sequence[tuple[int, int]]
    ) -> dict[tuple[str, QuotationRole], list[QuotationPlace]]:
        with self.store.read() as session:
            texts = sense_rows.texts_of(session, [number for number, _words in members])
        plain = [number for number, _words in members[:1] if number in texts]
        own = [number for number, words in members[1:] if words >= OWN_WORDS and number in texts]
        common = texts[plain[0]].body if plain else ""
        return {
            (f"campaign:{group}", QuotationRole.CAMPAIGN): [_place(texts[number]) for number in plain],
            (f"campaign:{group}", QuotationRole.OWN_VOICE): [
                _own_place(texts[number], common) for number in dict.fromkeys(own) if number not in plain
            ],
        }


def _root(root: dict[int, int], one: int) -> int:
    while root.setdefault(one, one) != one:
        one = root[one]
    return one


def _words_of(consultation: Consultation, theme: str) -> frozenset[str]:
    """The stems of a theme's own words, in every language."""
    found = consultation.theme(theme)
    if found is None:
        return frozenset()
    return frozenset(one for language, words in found.words.items() for word in words for one in stems(word, language))


def _place(text: SenseText, about: frozenset[str] = frozenset(), language: str = "") -> QuotationPlace:
    passage = quoted_passages.passage_about(text.body, about, text.language or language)
    return QuotationPlace(text.contribution_id, text.number, passage.begin, passage.end)


def _own_place(text: SenseText, common: str) -> QuotationPlace:
    passage = quoted_passages.passage_beyond(text.body, common)
    return QuotationPlace(text.contribution_id, text.number, passage.begin, passage.end)
