"""Pages of French text in many fonts and layouts, as copiers scan them and telephones photograph them; all seeded.

Each comes with the text that stands on it, in the order in which a person would read it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]
Random = np.random.Generator

_FONTS = Path("/usr/share/fonts/truetype")
FONTS = tuple(
    path
    for path in (
        _FONTS / "dejavu/DejaVuSans.ttf",
        _FONTS / "dejavu/DejaVuSerif.ttf",
        _FONTS / "dejavu/DejaVuSansMono.ttf",
        # Of packages that not every machine has.
        _FONTS / "liberation/LiberationSerif-Regular.ttf",
        _FONTS / "liberation/LiberationSans-Regular.ttf",
    )
    if path.exists()
)
SENTENCES = (
    "Les poubelles de la rue débordent tous les samedis après le marché.",
    "Il faudrait des bacs plus grands et un passage de plus en été.",
    "Ma mère ne peut plus traverser la place, car les pavés sont trop hauts.",
    "Nous demandons un banc à l'ombre devant la pharmacie.",
    "Le soir, l'éclairage du square s'éteint avant que les enfants ne rentrent.",
    "Pourquoi le bus de sept heures ne s'arrête-t-il plus devant l'école ?",
    "Je propose de fermer la rue aux voitures le dimanche matin.",
    "Les racines des platanes ont soulevé le trottoir sur vingt mètres.",
    "Une fontaine d'eau fraîche serait utile près du terrain de jeux.",
    "Beaucoup de voisins âgés n'osent plus sortir quand il pleut.",
    "La piste cyclable se termine au milieu du carrefour, c'est dangereux.",
    "Merci d'avoir réparé la rampe de la bibliothèque si vite.",
    "Les jardins partagés manquent d'outils et d'un abri fermé.",
    "Le bruit des livraisons à cinq heures du matin réveille tout l'immeuble.",
    "On pourrait planter des arbres fruitiers le long du canal.",
    "Les panneaux de la gare sont illisibles pour qui voit mal.",
    "J'aimerais que la piscine ouvre aussi le lundi pour les retraités.",
    "Le marché couvert mériterait un toit neuf et des toilettes propres.",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture (grey or RGB), what stands on it, and the kind it belongs to."""

    kind: str
    name: str
    picture: Picture
    says: str

    def write(self, folder: Path) -> Path:
        """As the file that arrives: a JPEG, as copiers and telephones make them."""
        path = folder / f"{self.name}.jpg"
        Image.fromarray(self.picture).save(path, quality=88)
        return path


def prose(rng: Random, sentences: int) -> str:
    return " ".join(SENTENCES[number] for number in rng.permutation(len(SENTENCES))[:sentences])


def font(rng: Random, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS[int(rng.integers(len(FONTS)))], pixels)


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, width: int, face: ImageFont.FreeTypeFont) -> int:
    """Set in lines of at most ``width`` pixels; gives back where the next line would stand."""
    per_line = max(8, int(width / (face.getlength("abcdefghijklmnopqrstuvwxyz ") / 27)))
    x, y = at
    for line in textwrap.wrap(text, per_line):
        draw.text((x, y), line, font=face, fill=25)
        y += round(face.size * 1.45)
    return y


def letter(rng: Random, size: tuple[int, int] = (1240, 1754)) -> tuple[Picture, str]:
    """A heading and paragraphs, A4 at 150 dpi by default."""
    page = Image.new("L", size, 252)
    draw = ImageDraw.Draw(page)
    face = font(rng, int(rng.integers(24, 34)))
    margin = size[0] // 10
    said = ["Madame la Maire,", *(prose(rng, int(rng.integers(3, 6))) for _ in range(int(rng.integers(2, 4))))]
    y = margin
    for paragraph in said:
        y = _write(draw, (margin, y), paragraph, size[0] - 2 * margin, face) + int(face.size)
    return np.asarray(page), "\n".join(said)


def columns(rng: Random, size: tuple[int, int] = (1654, 2339)) -> tuple[Picture, str]:
    """Two columns under a title, A4 at 200 dpi by default."""
    page = Image.new("L", size, 252)
    draw = ImageDraw.Draw(page)
    margin, gutter = size[0] // 12, int(size[0] * rng.uniform(0.035, 0.06))
    width = (size[0] - 2 * margin - gutter) // 2
    face = font(rng, int(rng.integers(26, 34)))
    title = "Le journal du quartier"
    draw.text((margin, margin), title, font=ImageFont.truetype(face.path, 54), fill=20)
    left, right = prose(rng, 8), prose(rng, 7)
    for x, text in ((margin, left), (margin + width + gutter, right)):
        _write(draw, (x, margin + 130), text, width, face)
    return np.asarray(page), f"{title}\n{left}\n{right}"


def beside(rng: Random, gap: int) -> tuple[Picture, str]:
    """Two pages of an open booklet, seen at once; ``gap`` pixels of shadow between them."""
    (left, first), (right, second) = letter(rng, (1100, 1556)), letter(rng, (1100, 1556))
    shadow = np.full((1556, gap), 150, np.uint8)
    return np.hstack([left, shadow, right]), f"{first}\n{second}"


def wood(rng: Random, size: tuple[int, int]) -> NDArray[np.float64]:
    """A table's grain."""
    width, height = size
    across = cv2.resize(rng.normal(0, 1, (height // 6 + 2, width // 80 + 2)), size, interpolation=cv2.INTER_CUBIC)
    veins = np.sin(np.arange(height)[:, None] / rng.uniform(9, 20) + across * 2.2)
    grain = 105 + 32 * veins + rng.normal(0, 5, (height, width))
    return np.dstack([grain, grain * 0.72, grain * 0.48])


def cloth(rng: Random, size: tuple[int, int]) -> NDArray[np.float64]:
    """A chequered cloth, pale and dark."""
    width, height = size
    step = int(rng.integers(50, 110))
    squares = (np.arange(height)[:, None] // step + np.arange(width)[None, :] // step) % 2
    grey = 60 + 110 * squares + rng.normal(0, 6, (height, width))
    return np.dstack([grey * 0.9, grey * 0.6, grey * 0.6])


def plain(rng: Random, size: tuple[int, int]) -> NDArray[np.float64]:
    """A table top of one colour."""
    colour = rng.uniform(30, 165)
    return np.full((size[1], size[0], 3), colour) + rng.normal(0, 4, (size[1], size[0], 1))


TABLES: tuple[Callable[[Random, tuple[int, int]], NDArray[np.float64]], ...] = (wood, cloth, plain)


def on_table(
    page: Picture,
    rng: Random,
    *,
    table: Callable[[Random, tuple[int, int]], NDArray[np.float64]] = wood,
    size: tuple[int, int] = (2400, 1800),
    cover: float = 0.8,
    tilt: float = 7.0,
    depth: float = 0.05,
) -> Picture:
    """A page lying on a table: turned by ``tilt`` degrees, its far corners nearer to each other by ``depth``.

    ``cover`` is how much of the picture's height or width the page takes.
    """
    height, width = page.shape
    scale = cover * min(size[0] / width, size[1] / height)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    angle = np.deg2rad(tilt)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    seen = (corners - (width / 2, height / 2)) @ turn.T * scale
    seen += np.array(size) / 2 + rng.uniform(-depth, depth, (4, 2)) * scale * min(width, height)
    lay = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    paper = cv2.warpPerspective(page, lay, size, flags=cv2.INTER_AREA).astype(np.float64)
    where = cv2.warpPerspective(np.full_like(page, 255), lay, size, flags=cv2.INTER_LINEAR)[..., None] / 255.0
    return (table(rng, size) * (1 - where) + paper[..., None] * where).clip(0, 255).astype(np.uint8)


def tilted(page: Picture, rng: Random, depth: float) -> Picture:
    """A page that fills the picture, photographed from one side: no edge of it is seen."""
    height, width = page.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    away = rng.uniform(0, depth, (4, 2)) * (width, height)
    inside = corners + away * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    lay = cv2.getPerspectiveTransform(inside.astype(np.float32), corners)
    lay = np.linalg.inv(lay)
    return np.asarray(
        cv2.warpPerspective(page, lay, (width, height), flags=cv2.INTER_AREA, borderValue=(252, 252, 252)), np.uint8
    )


def curled(page: Picture, height: float) -> Picture:
    """Lines that rise and fall by ``height`` pixels, as on a page that does not lie flat."""
    rows, across = page.shape[:2]
    x, y = np.meshgrid(np.arange(across, dtype=np.float32), np.arange(rows, dtype=np.float32))
    bend = height * np.sin(np.pi * x / across) * (0.6 + 0.4 * y / rows)
    return np.asarray(cv2.remap(page, x, (y - bend).astype(np.float32), cv2.INTER_CUBIC, borderValue=252), np.uint8)


def lit(page: Picture, rng: Random, least: float) -> Picture:
    """Light from one side, down to ``least`` of it at the other, and a soft shadow across."""
    height, width = page.shape[:2]
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle = rng.uniform(0, 2 * np.pi)
    slope = (x * np.cos(angle) + y * np.sin(angle)) / 1.5
    light = 1 - (1 - least) * (slope + 1) / 2
    shadow = 1 - 0.25 / (1 + np.exp(-(x * np.sin(angle) - y * np.cos(angle) - rng.uniform(-0.3, 0.3)) * 20))
    light = light * shadow
    return (page * (light[..., None] if page.ndim == 3 else light)).clip(0, 255).astype(np.uint8)


def soft(page: Picture, rng: Random, blur: float, grain: float) -> Picture:
    """Out of focus by ``blur`` pixels, with ``grain`` levels of noise."""
    seen = cv2.GaussianBlur(page, (0, 0), blur) if blur else page
    return (seen + rng.normal(0, grain, page.shape)).clip(0, 255).astype(np.uint8)


def _scanned(rng: Random) -> tuple[Picture, str]:
    page, says = letter(rng, (1654, 2339) if rng.random() < 0.5 else (1240, 1754))
    turn = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), rng.uniform(-2, 2), 1.0)
    page = np.asarray(cv2.warpAffine(page, turn, page.shape[::-1], borderValue=248), np.uint8)
    return soft(page, rng, 0.5, rng.uniform(0, 8)), says


def _scanned_columns(rng: Random) -> tuple[Picture, str]:
    page, says = columns(rng)
    turn = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), rng.uniform(-3, 3), 1.0)
    page = np.asarray(cv2.warpAffine(page, turn, page.shape[::-1], borderValue=248), np.uint8)
    return soft(page, rng, 0.5, rng.uniform(0, 8)), says


def _landscape(rng: Random) -> tuple[Picture, str]:
    page, says = letter(rng, (1754, 1240))
    table = TABLES[int(rng.integers(len(TABLES)))]
    seen = on_table(page, rng, table=table, cover=rng.uniform(0.6, 0.8), tilt=rng.uniform(-12, 12))
    return soft(lit(seen, rng, rng.uniform(0.5, 1)), rng, rng.uniform(0.3, 0.9), 4), says


def _portrait(rng: Random) -> tuple[Picture, str]:
    page, says = letter(rng)
    table = TABLES[int(rng.integers(len(TABLES)))]
    seen = on_table(
        page, rng, table=table, size=(1900, 2500), cover=rng.uniform(0.7, 0.92), tilt=rng.uniform(-9, 9), depth=0.06
    )
    return soft(lit(seen, rng, rng.uniform(0.4, 1)), rng, rng.uniform(0.3, 1.1), 5), says


def _tilted(rng: Random) -> tuple[Picture, str]:
    page, says = letter(rng, (1654, 2339))
    return soft(lit(tilted(page, rng, 0.1), rng, 0.6), rng, 0.6, 5), says


def _curled(rng: Random) -> tuple[Picture, str]:
    page, says = letter(rng, (1654, 2339))
    return soft(lit(curled(page, rng.uniform(-130, 130)), rng, 0.6), rng, 0.6, 5), says


def _columns_on_table(rng: Random) -> tuple[Picture, str]:
    page, says = columns(rng)
    seen = on_table(page, rng, table=plain, size=(2000, 2700), cover=0.9, tilt=rng.uniform(-7, 7), depth=0.04)
    return soft(seen, rng, 0.5, 4), says


def _columns_curled(rng: Random) -> tuple[Picture, str]:
    page, says = columns(rng)
    return soft(curled(page, rng.uniform(-90, 90)), rng, 0.5, 4), says


def _booklet(rng: Random) -> tuple[Picture, str]:
    spread, says = beside(rng, int(rng.integers(0, 14)))
    tilt = rng.uniform(-4, 4)
    return soft(on_table(spread, rng, size=(2600, 1900), cover=0.93, tilt=tilt, depth=0.02), rng, 0.4, 3), says


def _two_sheets(rng: Random) -> tuple[Picture, str]:
    """Two sheets side by side on one table, each lying as it fell."""
    (left, first), (right, second) = letter(rng), letter(rng)
    half = (1500, 2000)
    fallen = [
        on_table(page, np.random.default_rng(rng.integers(1 << 30)), table=plain_dark, size=half, cover=0.92, tilt=tilt)
        for page, tilt in ((left, rng.uniform(-5, 5)), (right, rng.uniform(-5, 5)))
    ]
    return soft(np.hstack(fallen), rng, 0.4, 4), f"{first}\n{second}"


def plain_dark(rng: Random, size: tuple[int, int]) -> NDArray[np.float64]:
    """A dark table top, the same wherever it is seen."""
    return np.full((size[1], size[0], 3), 70.0)


def _blurred(rng: Random) -> tuple[Picture, str]:
    page, says = letter(rng)
    seen = on_table(page, rng, table=plain, size=(1900, 2500), cover=0.9, tilt=rng.uniform(-4, 4))
    return soft(seen, rng, rng.uniform(1.5, 4.5), 4), says


def _small(rng: Random) -> tuple[Picture, str]:
    page, says = letter(rng)
    ratio = rng.uniform(0.2, 0.55)
    return np.asarray(cv2.resize(page, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)), says


def _turned(rng: Random) -> tuple[Picture, str]:
    page, says = letter(rng, (1654, 2339))
    return soft(np.ascontiguousarray(np.rot90(page, int(rng.integers(1, 4)))), rng, 0.5, 4), says


def pen(draw: ImageDraw.ImageDraw, rng: Random, at: tuple[float, float], width: float, size: float) -> None:
    """A line of scribble that looks like joined writing of this width and height (pixels) and is none."""
    x, words = at[0], []
    while x < at[0] + width:
        words.append((x, min(rng.uniform(2, 6) * size, at[0] + width - x)))
        x += words[-1][1] + size
    for start, long in words:
        t = np.linspace(0, 1, max(12, int(long / 2)))
        loops = 2 * np.pi * long / size * rng.uniform(0.7, 1.1)
        tall = np.where(np.sin(t * loops * 0.31 + rng.uniform(0, 6)) > 0.6, 1.9, 1.0)
        xs = start + t * long + np.cos(t * loops) * size * 0.28
        ys = at[1] - np.abs(np.sin(t * loops / 2 + rng.uniform(0, 6))) * size * tall * rng.uniform(0.8, 1.1)
        draw.line(list(zip(xs.tolist(), ys.tolist(), strict=True)), fill=70, width=max(2, int(size / 9)), joint="curve")


QUESTIONS = (
    "Que changeriez-vous en premier dans votre rue ?",
    "Qu'est-ce qui vous plaît dans le quartier ?",
    "Comment venez-vous au marché ?",
    "Que faudrait-il pour les enfants ?",
    "Avez-vous une autre idée ?",
)
CHOICES = ("Oui, tout à fait", "Plutôt oui", "Plutôt non", "Pas du tout", "Sans opinion")


def answered(rng: Random, answers: int = 4) -> Picture:
    """Printed questions with answers by hand below them, A4 at 150 dpi."""
    page = Image.new("L", (1240, 1754), 252)
    draw = ImageDraw.Draw(page)
    face = font(rng, 28)
    y = 150
    for number, question in enumerate(QUESTIONS):
        draw.text((120, y), f"{number + 1}. {question}", font=face, fill=25)
        if number < answers:
            pen(draw, rng, (150, y + 120), rng.uniform(250, 800), 22)
        y += 220
    return np.asarray(page)


MARKS: dict[str, Callable[[ImageDraw.ImageDraw, int, int], None]] = {
    "ticks": lambda draw, x, y: draw.line([(x - 4, y + 10), (x + 10, y + 26), (x + 40, y - 8)], fill=60, width=5),
    "crosses": lambda draw, x, y: (
        draw.line([(x + 2, y + 2), (x + 26, y + 26)], fill=60, width=4),
        draw.line([(x + 26, y + 2), (x + 2, y + 26)], fill=60, width=4),
    )[0],
    "filled": lambda draw, x, y: draw.rectangle((x + 4, y + 4, x + 24, y + 24), fill=70),
    "circles": lambda draw, x, y: draw.ellipse((x + 36, y - 12, x + 330, y + 42), outline=70, width=4),
    "struck": lambda draw, x, y: draw.line([(x + 44, y + 16), (x + 290, y + 12)], fill=60, width=4),
}


def ticked(rng: Random, mark: str) -> Picture:
    """Printed choices, one marked by hand in one of the ways of ``MARKS``, A4 at 150 dpi."""
    page = Image.new("L", (1240, 1754), 252)
    draw = ImageDraw.Draw(page)
    face = font(rng, 28)
    y = 150
    for question in QUESTIONS[:3]:
        draw.text((120, y), question, font=face, fill=25)
        chosen = int(rng.integers(len(CHOICES)))
        for number, choice in enumerate(CHOICES):
            y += 56
            if mark not in ("circles", "struck"):
                draw.rectangle((160, y, 188, y + 28), outline=30, width=2)
            draw.text((210, y - 2), choice, font=face, fill=25)
            if number == chosen:
                MARKS[mark](draw, 160, y)
        y += 110
    return np.asarray(page)


def _form(rng: Random) -> Picture:
    """Answered by hand, or marked in one of the ways of ``MARKS``."""
    ways = list(MARKS)
    way = int(rng.integers(len(ways) + 2))
    return ticked(rng, ways[way]) if way < len(ways) else answered(rng, int(rng.integers(1, 5)))


def _scanned_form(rng: Random) -> tuple[Picture, str]:
    page = _form(rng)
    turn = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), rng.uniform(-2, 2), 1.0)
    return soft(np.asarray(cv2.warpAffine(page, turn, page.shape[::-1], borderValue=248)), rng, 0.5, 5), BY_HAND


def _photographed_form(rng: Random) -> tuple[Picture, str]:
    table = TABLES[int(rng.integers(len(TABLES)))]
    seen = on_table(_form(rng), rng, table=table, size=(1900, 2500), cover=0.85, tilt=rng.uniform(-8, 8))
    return soft(lit(seen, rng, rng.uniform(0.6, 1)), rng, 0.5, 4), BY_HAND


BY_HAND = ""
"""What a form says is what was written on it by hand: a person must be told, however its print was read."""

KINDS: dict[str, Callable[[Random], tuple[Picture, str]]] = {
    "scanned letter": _scanned,
    "scanned, two columns": _scanned_columns,
    "scanned, turned": _turned,
    "photo on a table, landscape": _landscape,
    "photo on a table, portrait": _portrait,
    "photo, tilted": _tilted,
    "photo, curled": _curled,
    "photo, two columns": _columns_on_table,
    "photo, two columns curled": _columns_curled,
    "photo, two pages of a booklet": _booklet,
    "photo, two sheets": _two_sheets,
    "photo, blurred": _blurred,
    "too small": _small,
    "scanned form, filled in by hand": _scanned_form,
    "photo of a form, filled in by hand": _photographed_form,
}


def sheets(each: int, *, first_seed: int = 1, kinds: tuple[str, ...] = tuple(KINDS)) -> list[Sheet]:
    """``each`` pages of every kind; the same seed always gives the same picture."""
    made = []
    for kind in kinds:
        for number in range(each):
            rng = np.random.default_rng([first_seed + number, *kind.encode()])
            picture, says = KINDS[kind](rng)
            made.append(Sheet(kind, f"{kind.replace(', ', '-').replace(' ', '-')}-{number}", picture, says))
    return made
