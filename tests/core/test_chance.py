from rapporteur.core.chance import picture_bits
from rapporteur.dalle.generator import key_words
from rapporteur.draw.engines.diffusion import picture_seed


def test_caption_seed_and_model_each_change_the_bits_and_nothing_else_does() -> None:
    asked = [("a lake", 0, "m"), ("a like", 0, "m"), ("a lake", 1, "m"), ("a lake", 0, "n")]
    assert len({picture_bits(*one) for one in asked}) == 4
    assert picture_bits("a lake", 0, "m") == picture_bits("a lake", 0, "m")


def test_the_bits_are_those_that_published_pictures_were_drawn_with() -> None:
    assert picture_bits("a lake", 3, "d").hex() == "2c505bf92c34aab2"  # another value would redraw every study
    assert key_words("a lake", 3, "d").tolist() == [0x2C505BF9, 0x2C34AAB2]
    assert picture_seed("a lake", 3, "d") == 0x2C505BF92C34AAB2 >> 1


def test_a_lone_surrogate_has_bits_too() -> None:
    assert len(picture_bits("\ud800", 0, "m")) == 8
