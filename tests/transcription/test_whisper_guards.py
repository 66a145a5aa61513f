"""What Whisper writes that nobody said is left out and counted; what may have been said stays, doubtful."""

from collections.abc import Sequence

import pytest

from transcription.audio.whisper_guards import DOUBTED, Segment, SegmentWord, guard_words, whole_words


def segment(text: str, *, pace: float = 0.3, sure: float = 0.9, logprob: float = -0.3, begins: float = 0.0) -> Segment:
    """A segment as the model gives it: pieces with a space in front, so many seconds a piece."""
    pieces = [f" {piece}" for piece in text.split()]
    return Segment(
        tuple(
            SegmentWord(piece, sure, begins + number * pace, begins + (number + 1) * pace)
            for number, piece in enumerate(pieces)
        ),
        logprob=logprob,
    )


def said(segments: Sequence[Segment]) -> str:
    return " ".join(word.text for word in guard_words(segments).words)


INVENTED = {
    "credits of subtitles": segment("Sous-titrage Société Radio-Canada"),
    "credits with an address": segment("Sous-titres réalisés par la communauté d'Amara.org", logprob=-0.2),
    "credits of another maker": segment("❤️ par SousTitreur.com"),
    "English credits": segment("Subtitles by the Amara.org community"),
    "the end of a film, unsure": segment("Merci d'avoir regardé cette vidéo !", logprob=-1.1),
    "an English end, unsure": segment("Thank you so much for watching!", logprob=-0.9),
    "an appeal, unsure": segment("Abonnez-vous à la chaîne", logprob=-0.8),
    "one word in itself": segment("Go-go-go-go-go-go-go"),
    "one letter for ever": segment("XAZZZZZZZZZZZZZZZZ"),
    "letters in a row": segment("N-L-N-L-N-L-N-L-N-L"),
    "a guess at no speech": segment("Jardin du soleil", sure=0.05),
}


@pytest.mark.parametrize("invented", INVENTED.values(), ids=INVENTED)
def test_what_nobody_said_is_left_out_and_counted(invented: Segment):
    kept = guard_words([segment("Il faudrait un banc."), invented])
    assert " ".join(word.text for word in kept.words) == "Il faudrait un banc."
    assert kept.left_out == 1


SAID = {
    "thanks": segment("Merci d'avoir écouté mon message"),
    "subtitles as a wish": segment("Il faudrait des films avec du texte"),
    "no, twice": segment("Non non c'est trop tard"),
    "no, five times": segment("Non non non non non"),
    "an elision": segment("C'est l'école d'à côté"),
    "many consonants": segment("Le Finistère et la Haute-Corrèze"),
    "a long word": segment("anticonstitutionnellement"),
}


@pytest.mark.parametrize("one", SAID.values(), ids=SAID)
def test_what_people_say_stays(one: Segment):
    kept = guard_words([one])
    assert " ".join(word.text for word in kept.words) == "".join(word.text for word in one.words).strip()
    assert kept.left_out == 0


def test_a_loop_at_a_pace_of_nobody_is_cut_to_its_first_turn():
    kept = guard_words([segment("je vous remercie " * 9, pace=0.02), segment("au revoir", begins=9)])
    assert " ".join(word.text for word in kept.words) == "je vous remercie au revoir"
    assert kept.left_out == 1


def test_a_refrain_at_a_persons_pace_stays_and_is_doubtful():
    kept = guard_words([segment("on veut des bus " * 4, pace=0.25)])
    assert len(kept.words) == 16
    assert [word.confidence <= DOUBTED for word in kept.words] == [False] * 4 + [True] * 12
    assert kept.left_out == 0


def test_words_of_another_script_are_left_out():
    kept = guard_words([segment("une place 公園 avec парк des arbres")])
    assert " ".join(word.text for word in kept.words) == "une place avec des arbres"
    assert kept.left_out == 1


def test_words_faster_than_anybody_speaks_are_doubtful():
    assert all(
        word.confidence <= DOUBTED for word in guard_words([segment("un deux trois quatre " * 5, pace=0.05)]).words
    )


def test_the_first_word_does_not_begin_with_the_silence_before_it():
    words = (SegmentWord(" Bonjour", 0.9, 0.0, 7.0), SegmentWord(" madame", 0.9, 7.0, 7.4))
    first, second = guard_words([Segment(words)]).words
    assert first.start > 5.5
    assert (first.end, second.start) == (7.0, 7.0)


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([" l", "'école"], ["l'école"]),
        ([" est", "-ce", " que"], ["est-ce", "que"]),
        ([" merci", "."], ["merci."]),
        ([" ...", " oui"], ["oui"]),
        ([" «", " bus", " »"], ["bus"]),
        ([], []),
    ],
)
def test_pieces_become_words(pieces: list[str], words: list[str]):
    found = whole_words(
        [SegmentWord(piece, 0.9 - number / 10, number, number + 1) for number, piece in enumerate(pieces)]
    )
    assert [word.text for word in found] == words


def test_a_word_is_as_sure_as_its_least_sure_piece_and_marks_count_for_nothing():
    pieces = [SegmentWord(" quart", 0.9, 0, 1), SegmentWord("ier", 0.4, 1, 2), SegmentWord(".", 0.1, 2, 3)]
    assert whole_words(pieces)[0].confidence == 0.4
