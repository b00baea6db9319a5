from __future__ import annotations

import numpy as np
import pytest
from skimage.color import rgb2lab

from drawn_world.decoys import DECOYS, Decoy, draw_decoy, random_decoy
from drawn_world.landscapes import KINDS, Scene, draw_scene, random_scene
from drawn_world.relief import Camera, look, view

EVERY = [(kind, light) for kind, lights in KINDS.items() for light in lights]


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_is_the_same_at_64_and_at_256_pixels(kind: str) -> None:
    for seed, light in enumerate(KINDS[kind][:2]):
        scene = random_scene(seed, kind, light)
        large, small = (draw_scene(scene, size).astype(float) for size in (256, 64))
        reduced = large.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
        assert np.corrcoef(reduced.ravel(), small.ravel())[0, 1] > 0.9, scene


@pytest.mark.parametrize(("kind", "light"), EVERY)
def test_every_kind_under_every_light_is_a_whole_picture(kind: str, light: str) -> None:
    picture = draw_scene(random_scene(11, kind, light), 48)
    assert picture.shape == (48, 48, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 8, "flat"
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 300, "clip-art"


def test_equal_scenes_give_equal_bytes_and_other_seeds_another_composition() -> None:
    scene = random_scene(5)
    assert draw_scene(scene, 64).tobytes() == draw_scene(random_scene(5), 64).tobytes()
    first, second = (draw_scene(random_scene(seed, "mountain", "day"), 64).astype(int) for seed in (1, 2))
    assert abs(first - second).mean() > 4


def test_random_scenes_cover_every_kind_and_light() -> None:
    scenes = [random_scene(seed) for seed in range(1500)]
    assert {(scene.kind, scene.light) for scene in scenes} == set(EVERY)


def _mean_lightness(light: str) -> float:
    kinds = [kind for kind, lights in KINDS.items() if light in lights]
    return float(np.mean([rgb2lab(draw_scene(random_scene(3, kind, light), 48))[..., 0].mean() for kind in kinds]))


def test_lights_look_as_they_are_called() -> None:
    lightness = {light: _mean_lightness(light) for light in ("day", "night", "snow", "storm")}
    assert lightness["night"] < lightness["storm"] < lightness["day"] < lightness["snow"]


def test_dusk_is_warm_and_the_sea_is_blue() -> None:
    dusk = rgb2lab(draw_scene(Scene("sea", "dusk", 1, sun=True), 64))[:24]
    day = rgb2lab(draw_scene(Scene("sea", "day", 1), 64))[40:]
    assert dusk[..., 1:].mean() > 5
    assert day[..., 2].mean() < -15


@pytest.mark.parametrize("light", ["day", "dusk"])
def test_a_lake_mirrors_the_sky_darker_than_it_is(light: str) -> None:
    picture = draw_scene(Scene("lake", light, 8), 96).astype(float)
    sky, water = picture[20:40].mean(), picture[70:82, 30:66].mean()
    assert 0.3 * sky < water < sky


def test_a_flat_ground_is_seen_up_to_the_horizon_and_no_further() -> None:
    camera = Camera(height=0.5, horizon=0.5, far=1000.0)
    seen = view(camera, 8)
    pixels = look(seen, np.zeros_like(seen.x), 100)
    assert pixels.top == pytest.approx(50, abs=1)
    assert pixels.ground.all()
    depth = pixels.gather(seen.z)[:, 4]
    assert (np.diff(depth) < 0).all()
    middle = 75 - pixels.top
    assert depth[middle] == pytest.approx(0.5 / (75.5 / 100 - 0.5), rel=0.02), "depth = camera height / slope"


def test_a_wall_hides_what_stands_behind_it() -> None:
    seen = view(Camera(height=0.5, horizon=0.5, far=20.0), 8)
    heights = np.where((seen.z > 2) & (seen.z < 2.2), np.float32(2), np.float32(0))
    hidden = heights + np.where((seen.z > 5) & (seen.z < 6), np.float32(3), np.float32(0))
    first, second = (look(seen, field.astype(np.float32), 100) for field in (heights, hidden))
    assert first.top == second.top
    assert (first.gather(seen.z)[first.ground] < 2.3).all()


@pytest.mark.parametrize("kind", DECOYS)
def test_decoys_are_drawn_the_same_at_every_size(kind: str) -> None:
    large, small = (draw_decoy(Decoy(kind, 4), size).astype(float) for size in (288, 96))
    reduced = large.reshape(96, 3, 96, 3, 3).mean(axis=(1, 3))
    assert np.corrcoef(reduced.ravel(), small.ravel())[0, 1] > 0.9
    assert draw_decoy(Decoy(kind, 4), 96).tobytes() == small.astype(np.uint8).tobytes()


def test_all_decoys_occur() -> None:
    assert {random_decoy(seed).kind for seed in range(200)} == set(DECOYS)
