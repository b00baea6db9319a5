"""Words of the drawn world: random shape captions for training, five captions of a landscape.

Every sentence here is made by grammar from what the picture shows, so a caption is true unless it is
misleading on purpose (see `decoys`).
"""

from __future__ import annotations

import numpy as np

from drawn_world import phrases
from drawn_world.landscapes import Scene
from drawn_world.paint import generator, seed_from
from drawn_world.shapes import COLOURS, SHAPES, TEXTURES, Shape

_TEXTURE_ODDS = {"striped": 3, "dotted": 3, "chequered": 2, "glossy": 2, "woven": 2, "rough": 1, "plain": 1}
HELD_OUT_SHARE = 20  # one description in twenty is never trained on


def is_held_out(shape: Shape) -> bool:
    """Whether this description is kept out of training, decided by a hash of its words: about one in twenty."""
    words = (shape.size, shape.texture, shape.colour, shape.shape, shape.background)
    return seed_from("held out", *words) % HELD_OUT_SHARE == 0


def random_shape(random: np.random.Generator) -> Shape:
    """A description as varied as data/shapes/captions.csv: half textured, six in ten with a background."""
    colour = str(random.choice(list(COLOURS)))
    texture = background = size = None
    if random.random() < 0.5:
        odds = np.array([_TEXTURE_ODDS[name] for name in TEXTURES if name in _TEXTURE_ODDS], dtype=float)
        texture = str(random.choice([name for name in TEXTURES if name in _TEXTURE_ODDS], p=odds / odds.sum()))
    if random.random() < 0.6:
        background = str(random.choice([name for name in COLOURS if name != colour]))
    if random.random() < 0.15:
        size = str(random.choice(["small", "large"]))
    return Shape(str(random.choice(SHAPES)), colour, texture, background, size)


def shape_caption(shape: Shape) -> str:
    """The plain caption of a description: "a large striped green circle on a blue background"."""
    words = [word for word in (shape.size, shape.texture, shape.colour, shape.shape) if word]
    text = f"{_article(words[0])} {' '.join(words)}"
    if shape.background:
        text += f" on {_article(shape.background)} {shape.background} background"
    return text


def shape_captions(shape: Shape, random: np.random.Generator) -> tuple[str, ...]:
    """The plain caption first, then other ways to say the same, for a text model that should survive them."""
    words = [word for word in (shape.size, shape.colour, shape.texture, shape.shape) if word]
    turned = f"{_article(words[0])} {' '.join(words)}"
    pattern = {"striped": "stripes", "dotted": "dots", "chequered": "checks"}.get(shape.texture or "")
    if pattern:
        plain = [word for word in (shape.size, shape.colour, shape.shape) if word]
        turned = str(random.choice([turned, f"{_article(plain[0])} {' '.join(plain)} with {pattern}"]))
    if shape.background:
        ground = str(random.choice(["background", "background", "backdrop", "surface"]))
        where = str(random.choice(["on", "on", "against"]))
        turned += f" {where} {_article(shape.background)} {shape.background} {ground}"
    return (shape_caption(shape), turned)


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def scene_captions(scene: Scene, seed: int) -> tuple[str, ...]:
    """Five captions of a landscape, as five people would write them: each of another make, all true."""
    random = generator("captions", scene.kind, scene.light, seed)
    makes = [_plain, _viewed, _light_first, _short, _detailed]
    if scene.extras:
        makes += [_with_thing, _thing_first]
    order = random.permutation(len(makes))[:5]
    captions: list[str] = []
    for make in (makes[place] for place in order):
        caption = make(scene, random)
        while caption in captions:
            caption = make(scene, random)
        captions.append(caption)
    return tuple(captions)


def _pick(random: np.random.Generator, phrases_: tuple[str, ...]) -> str:
    return phrases_[int(random.integers(len(phrases_)))]


def _noun(scene: Scene, random: np.random.Generator) -> tuple[str, bool]:
    """What the scene is called and whether that is plural; nothing green under snow or in autumn."""
    fitting = phrases.NOUNS[scene.kind]
    if scene.light in ("snow", "autumn"):
        fitting = tuple(noun for noun in fitting if not any(word in noun[0] for word in phrases.GREEN_WORDS))
    if scene.kind == "mountain" and scene.light in ("day", "autumn"):
        fitting = (*fitting, ("snow-capped peaks", True), ("snow-capped mountains", True))
    return fitting[int(random.integers(len(fitting)))]


def _light(scene: Scene, random: np.random.Generator) -> str:
    """Words for the light or weather, of what the sky shows: a sun, clouds, or neither."""
    known = phrases.LIGHT[scene.light]
    if scene.clouds:
        known = tuple(phrase for phrase in known if "clear" not in phrase and "starry" not in phrase)
        known += phrases.CLOUDY.get(scene.light, ())
    if scene.sun:
        known += phrases.SUNNY.get(scene.light, ())
    return _pick(random, known)


def _sentence(text: str, random: np.random.Generator) -> str:
    """A capital first; a full stop as often as people write one."""
    return text[0].upper() + text[1:] + ("." if random.random() < 0.6 else "")


def _plain(scene: Scene, random: np.random.Generator) -> str:
    return _sentence(f"{_noun(scene, random)[0]} {_light(scene, random)}", random)


def _viewed(scene: Scene, random: np.random.Generator) -> str:
    mood = _pick(random, phrases.MOODS[scene.light])
    what = _pick(random, ("view of", "picture of", "photo of", "scene with"))
    return _sentence(f"{_article(mood)} {mood} {what} {_noun(scene, random)[0]} {_light(scene, random)}", random)


def _light_first(scene: Scene, random: np.random.Generator) -> str:
    noun, plural = _noun(scene, random)
    verb = _pick(random, ("stretch out", "can be seen") if plural else ("stretches out", "can be seen"))
    return _sentence(f"{_light(scene, random)}, {noun} {verb}", random)


def _short(scene: Scene, random: np.random.Generator) -> str:
    return f"{_pick(random, phrases.SHORT_LIGHT[scene.light])} {_pick(random, phrases.SHORT[scene.kind])}".capitalize()


def _detailed(scene: Scene, random: np.random.Generator) -> str:
    noun, plural = _noun(scene, random)
    known = phrases.DETAILS[scene.kind]
    if scene.light == "snow":
        known = tuple(detail for detail in known if not any(word in detail for word in ("meadow", "grass")))
    detail = _pick(random, known)
    thing = f" {_thing(scene, random)[0]}" if scene.extras else ""
    start = "there are" if plural else "there is"
    return _sentence(f"{start} {noun}{thing} {_light(scene, random)}, and {detail}", random)


def _thing(scene: Scene, random: np.random.Generator) -> tuple[str, str]:
    name = _pick(random, scene.extras)
    return phrases.EXTRAS[name][int(random.integers(len(phrases.EXTRAS[name])))]


def _with_thing(scene: Scene, random: np.random.Generator) -> str:
    return _sentence(f"{_noun(scene, random)[0]} {_thing(scene, random)[0]} {_light(scene, random)}", random)


def _thing_first(scene: Scene, random: np.random.Generator) -> str:
    clause = _thing(scene, random)[1]
    if "sail" in clause and scene.kind in phrases.ON_WATER:
        clause = phrases.ON_WATER[scene.kind]
    return _sentence(f"{clause.format(scene=_noun(scene, random)[0])} {_light(scene, random)}", random)
