"""Training of a small VQGAN: an autoencoder first, then a codebook started by k-means and kept by moving averages.

In PyTorch with bfloat16 convolutions, because XLA's convolutions on a CPU are three times slower (27 against 8
pictures of 96 pixels a second on two cores); its weights run in `dalle/vqgan.py`, and a test holds the two
programs against each other. Reconstruction loss: square and absolute error of pixels and of picture
gradients (edges), and of the features of a perceptual network where its weights are given; no adversary. Codebook:
exponential moving averages and restart of dead codes (van den Oord et al. 2017, appendix A.1; Razavi et al. 2019).
A training that was killed goes on from its last checkpoint, and on the same machine ends with the same weights.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from rapporteur.core.errors import BadInput
from rapporteur.dalle.optimise import TrainState, load_state, save_state
from rapporteur.dalle.vqgan import GROUP_NORM_EPSILON, VqganConfig, parameter_shapes

Tree = dict[str, Any]
LogRow = dict[str, float]
DISTANCES = 2**26  # between points and codes that are computed at a time
VGG_LAYERS = (3, 8, 15, 22, 29)  # of VGG-16's features: the last ReLU of each of its five stages
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))  # mean and deviation by which VGG-16's pictures were scaled


@dataclass(frozen=True)
class VqganTraining:
    """How to train: `warm_steps` without a codebook, the rest with it; cosine rate after 50 steps of warm-up.

    crop, crop_steps: until `crop_steps` a batch is crops of `crop` pixels (a quarter of the work at half the side),
    afterwards whole pictures, half as many; crop must be a multiple of the pixels of a token.
    moving: decay of the code counts and sums; dead: a code used less often than this per batch, on average, restarts;
    perceptual: weight of the perceptual distance, where there is a network for it.
    """

    steps: int
    warm_steps: int
    learning_rate: float = 1e-3
    batch: int = 16
    seed: int = 0
    crop: int = 0
    crop_steps: int = 0
    commitment: float = 0.25
    edge: float = 1.0
    moving: float = 0.99
    dead: float = 0.03
    log_every: int = 100
    perceptual: float = 0.0


# ------------------------------------------------------------------------------------------------------ the model


def _conv(params: Tree, x: torch.Tensor, stride: int = 1, padding: int | None = None) -> torch.Tensor:
    kernel = params["kernel"]
    side = kernel.shape[-1] // 2 if padding is None else padding
    return functional.conv2d(x, kernel, params["bias"], stride, side)


def _norm(params: Tree, x: torch.Tensor, groups: int) -> torch.Tensor:
    return functional.group_norm(x, groups, params["scale"], params["bias"], GROUP_NORM_EPSILON)


def _res_block(params: Tree, x: torch.Tensor, groups: int) -> torch.Tensor:
    y = _conv(params["conv1"], functional.silu(_norm(params["norm1"], x, groups)))
    y = _conv(params["conv2"], functional.silu(_norm(params["norm2"], y, groups)))
    return y + (_conv(params["nin_shortcut"], x) if "nin_shortcut" in params else x)


def _attention(params: Tree, x: torch.Tensor, groups: int) -> torch.Tensor:
    y = _norm(params["norm"], x, groups)
    query, key, value = (_conv(params[name], y).flatten(2).transpose(1, 2) for name in ("q", "k", "v"))
    mixed = functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(x.shape)
    return x + _conv(params["proj_out"], mixed)


def _mid(params: Tree, x: torch.Tensor, groups: int) -> torch.Tensor:
    x = _attention(params["attn_1"], _res_block(params["block_1"], x, groups), groups)
    return _res_block(params["block_2"], x, groups)


def _level(params: Tree, x: torch.Tensor, blocks: int, groups: int) -> torch.Tensor:
    for block in range(blocks):
        x = _res_block(params[f"block_{block}"], x, groups)
        if f"attn_{block}" in params:
            x = _attention(params[f"attn_{block}"], x, groups)
    return x


def encode_features(params: Tree, config: VqganConfig, pixels: torch.Tensor) -> torch.Tensor:
    """Pictures [n, 3, H, W] in [0, 1] to continuous codes [n, embed_dim, grid, grid]."""
    encoder, groups = params["encoder"], config.norm_groups
    x = _conv(encoder["conv_in"], pixels)
    for level in range(config.levels):
        stage = encoder[f"down_{level}"]
        x = _level(stage, x, config.num_res_blocks, groups)
        if "downsample" in stage:
            x = _conv(stage["downsample"]["conv"], functional.pad(x, (0, 1, 0, 1)), stride=2, padding=0)
    x = functional.silu(_norm(encoder["norm_out"], _mid(encoder["mid"], x, groups), groups))
    return _conv(params["quant_conv"], _conv(encoder["conv_out"], x))


def decode_features(params: Tree, config: VqganConfig, codes: torch.Tensor) -> torch.Tensor:
    """Codes [n, embed_dim, grid, grid] to pictures [n, 3, H, W], meant for [0, 1] but not clipped."""
    decoder, groups = params["decoder"], config.norm_groups
    x = _mid(decoder["mid"], _conv(decoder["conv_in"], _conv(params["post_quant_conv"], codes)), groups)
    for level in reversed(range(config.levels)):
        stage = decoder[f"up_{level}"]
        x = _level(stage, x, config.num_res_blocks + 1, groups)
        if "upsample" in stage:
            x = _conv(stage["upsample"]["conv"], functional.interpolate(x, scale_factor=2, mode="nearest"))
    return _conv(decoder["conv_out"], functional.silu(_norm(decoder["norm_out"], x, groups)))


def nearest_code(codebook: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Index of the code nearest by squared Euclidean distance: [n, d] to [n]. Holds 256 MB of distances at most."""
    squares, rows = (codebook**2).sum(1), max(1, DISTANCES // len(codebook))
    return torch.cat([(squares - 2 * part @ codebook.T).argmin(1) for part in points.split(rows)])


# ------------------------------------------------------------------------------------------------------- weights


def to_torch(params: Mapping[str, Any], device: str = "cpu") -> Tree:
    """A checkpoint's tree (kernels HWIO) as leaf tensors (kernels OIHW, channels last)."""
    return {
        name: to_torch(value, device) if isinstance(value, Mapping) else _leaf(value, device)
        for name, value in params.items()
    }


def _leaf(value: np.ndarray, device: str) -> torch.Tensor:
    tensor = torch.tensor(np.asarray(value, np.float32), device=device)
    if tensor.ndim == 4:
        tensor = tensor.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
    return tensor.requires_grad_()


def to_numpy(params: Tree) -> Tree:
    """The opposite of `to_torch`."""
    return {name: to_numpy(value) if isinstance(value, dict) else _array(value) for name, value in params.items()}


def _array(value: torch.Tensor) -> np.ndarray:
    return np.ascontiguousarray((value.permute(2, 3, 1, 0) if value.ndim == 4 else value).detach().cpu().numpy())


def initial_parameters(config: VqganConfig, seed: int) -> Tree:
    """Kernels normal with variance 2 / fan-in for 3x3 and 1 / fan-in for 1x1, scales 1, biases 0, codes normal.

    The last kernel of a residual branch starts at a tenth of that, so that blocks begin close to the identity.
    """
    random = np.random.default_rng([seed, 1])

    def one(name: str, shape: tuple[int, ...], parent: str) -> np.ndarray:
        if name == "kernel":
            gain = (2.0 if shape[0] > 1 else 1.0) * (0.01 if parent in ("conv2", "proj_out") else 1.0)
            return random.normal(0, np.sqrt(gain / np.prod(shape[:-1])), shape).astype(np.float32)
        if name == "embedding":
            return random.normal(0, 1, shape).astype(np.float32)
        return np.full(shape, 1.0 if name == "scale" else 0.0, np.float32)

    def fill(shapes: Mapping[str, Any], parent: str) -> Tree:
        return {
            name: fill(value, name) if isinstance(value, Mapping) else one(name, value, parent)
            for name, value in shapes.items()
        }

    return fill(parameter_shapes(config), "")


def _leaves(params: Tree) -> Iterator[torch.Tensor]:
    """By name: in whatever order a tree was made, sums over its leaves are rounded alike."""
    for _, value in sorted(params.items()):
        yield from _leaves(value) if isinstance(value, dict) else (value,)


# ------------------------------------------------------------------------------------------------------ training


def reconstruction_loss(found: torch.Tensor, wanted: torch.Tensor, edge: float) -> torch.Tensor:
    """Square and absolute error of pixels, and `edge` times the absolute error of their differences in x and y."""
    error = found - wanted
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return 4 * error.square().mean() + error.abs().mean() + edge * edges


class Perceptual(torch.nn.Module):  # type: ignore[misc]
    """How far two pictures lie apart in the features of VGG-16 (Simonyan and Zisserman 2015), each position's features
    brought to unit length (Zhang et al. 2018, without the weights that they learnt from people's judgements).
    """

    def __init__(self, weights: Path) -> None:
        """From torchvision's state dict of VGG-16. Raises BadInput for a file that is none."""
        super().__init__()
        self.features = _vgg_features(weights).requires_grad_(False)
        for name, values in zip(("mean", "deviation"), IMAGENET, strict=True):
            self.register_buffer(name, torch.tensor(values)[None, :, None, None])

    def forward(self, found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """Pictures [n, 3, H, W] in [0, 1] twice to a mean distance."""
        x = (torch.cat([found, wanted]) - self.mean) / self.deviation
        total = x.new_zeros(())
        for place, layer in enumerate(self.features):
            x = layer(x)
            if place in VGG_LAYERS:
                one, other = functional.normalize(x.float(), dim=1, eps=1e-6).chunk(2)
                total = total + (one - other).square().sum(1).mean()
        return total


def _vgg_features(weights: Path) -> torch.nn.Module:
    from torchvision.models import vgg16

    told = "give torchvision's weights of VGG-16, such as vgg16-397923af.pth, or leave --perceptual out"
    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
        features: torch.nn.Module = vgg16(weights=None).features
        features.load_state_dict(
            {name.removeprefix("features."): value for name, value in state.items() if name.startswith("features.")}
        )
    except OSError as error:
        raise BadInput(f"can't be read ({error.strerror}); {told}", weights) from None
    except Exception as error:  # what altered bytes make of a pickle is anything; a state dict of another network
        raise BadInput(f"no weights of VGG-16 ({str(error).splitlines()[0][:200]}); {told}", weights) from None
    return features


def psnr(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of each picture, dB, for pixels in [0, 1]: [n, H, W, 3] twice to [n]."""
    error: np.ndarray = np.square(found - wanted).mean((1, 2, 3))
    return np.asarray(-10 * np.log10(np.maximum(error, 1e-10)))


def k_means(points: torch.Tensor, clusters: int, random: np.random.Generator, rounds: int = 15) -> torch.Tensor:
    """Lloyd's algorithm from random points: [n, d] to centres [clusters, d]; an empty cluster keeps its centre."""
    chosen = torch.from_numpy(random.choice(len(points), clusters, replace=len(points) < clusters))
    centres = points[chosen.to(points.device)]
    for _ in range(rounds):
        count, total = _code_sums(points, nearest_code(centres, points), clusters)
        centres = torch.where(count[:, None] > 0, total / count.clamp(min=1)[:, None], centres)
    return centres


def _code_sums(points: torch.Tensor, owner: torch.Tensor, codes: int) -> tuple[torch.Tensor, torch.Tensor]:
    """How many points each code owns [codes], and their sum [codes, d]."""
    count = torch.bincount(owner, minlength=codes).float()
    return count, torch.zeros(codes, points.shape[1], device=points.device).index_add_(0, owner, points)


class Codebook:
    """Codes as moving averages of the features they stand for."""

    def __init__(self, codes: torch.Tensor, training: VqganTraining) -> None:
        self.codes, self.training = codes, training
        self.count, self.total = torch.ones(len(codes), device=codes.device), codes.clone()

    def quantise(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features [n, d, h, w] to their codes, gradients passed straight through, and the commitment loss."""
        points = features.detach().permute(0, 2, 3, 1).reshape(-1, features.shape[1])
        owner = nearest_code(self.codes, points)
        shape = (features.shape[0], *features.shape[2:], -1)
        codes = self.codes[owner].reshape(shape).permute(0, 3, 1, 2)
        self.seen = (points, owner)
        return features + (codes - features).detach(), (features - codes).square().mean()

    def move(self, random: np.random.Generator) -> float:
        """Follow the last batch and restart dead codes at its features; returns the share of codes alive."""
        points, owner = self.seen
        count, total = _code_sums(points, owner, len(self.codes))
        keep = self.training.moving
        self.count, self.total = keep * self.count + (1 - keep) * count, keep * self.total + (1 - keep) * total
        dead = self.count < self.training.dead
        chosen = torch.from_numpy(random.integers(0, len(points), int(dead.sum())))
        self.total[dead] = points[chosen.to(points.device)]
        self.count[dead] = 1.0
        self.codes = self.total / self.count[:, None]
        return 1.0 - float(dead.float().mean())


def _to_pixels(pictures: np.ndarray) -> torch.Tensor:
    """uint8 [n, H, W, 3] to float [n, 3, H, W] in [0, 1], channels last in memory."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255


def _batch(pictures: np.ndarray, training: VqganTraining, step: int, random: np.random.Generator) -> torch.Tensor:
    """The pixels of a step: random crops of random pictures, later whole pictures."""
    if step >= training.crop_steps:
        size = training.batch // 2 if training.crop_steps else training.batch
        return _to_pixels(pictures[random.integers(0, len(pictures), size)])
    places = random.integers(0, len(pictures), training.batch)
    corners = random.integers(0, pictures.shape[1] - training.crop + 1, (training.batch, 2))
    side = training.crop
    parts = [pictures[at, y : y + side, x : x + side] for at, (y, x) in zip(places, corners, strict=True)]
    return _to_pixels(np.stack(parts))


def _rate(training: VqganTraining, step: int) -> float:
    done = max(step - 50, 0) / max(training.steps - 50, 1)
    fall = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))
    return training.learning_rate * min((step + 1) / 50, 1.0) * fall


def _first_codes(
    params: Tree, config: VqganConfig, pictures: np.ndarray, random: np.random.Generator, device: str
) -> torch.Tensor:
    chosen = pictures[random.integers(0, len(pictures), 512)]
    with torch.no_grad(), torch.autocast(device, torch.bfloat16):
        parts = [encode_features(params, config, _to_pixels(part).to(device)).float() for part in np.split(chosen, 32)]
    points = torch.cat(parts).permute(0, 2, 3, 1).reshape(-1, config.embed_dim)
    return k_means(points, config.n_embed, random)


def _losses(
    params: Tree,
    config: VqganConfig,
    training: VqganTraining,
    codebook: Codebook | None,
    pixels: torch.Tensor,
    perceptual: Perceptual | None = None,
) -> tuple[torch.Tensor, LogRow]:
    half = torch.autocast(pixels.device.type, torch.bfloat16)
    with half:
        features = encode_features(params, config, pixels)
    features = features.float()
    # Without a codebook a small penalty keeps the features near the origin, where k-means will find them.
    codes, extra = codebook.quantise(features) if codebook else (features, 1e-2 * features.square().mean())
    with half:
        found = decode_features(params, config, codes)
    found = found.float()
    loss = reconstruction_loss(found, pixels, training.edge) + training.commitment * extra
    if perceptual is not None:
        with half:
            loss = loss + training.perceptual * perceptual(found, pixels)
    error = float((found.detach() - pixels).square().mean())
    return loss, {"loss": float(loss.detach()), "psnr": -10 * np.log10(error), "commitment": float(extra.detach())}


def train_vqgan(
    config: VqganConfig,
    training: VqganTraining,
    pictures: np.ndarray,
    *,
    keep: Callable[[Tree, list[LogRow]], None] | None = None,
    advance: Callable[[int], None] | None = None,
    device: str = "cpu",
    perceptual: Perceptual | None = None,
    checkpoints: Path | None = None,
    identity: Mapping[str, Any] | None = None,
) -> tuple[Tree, list[LogRow]]:
    """Train from a seed on pictures uint8 [n, H, W, 3]; returns the weights (HWIO numpy) and the log.

    `keep(weights, log)` is called every `log_every` steps with what is there so far. PSNR in the log is of
    the training batches (dB), through the codebook after `warm_steps`. With `checkpoints`, the state is saved there as
    often, and a training of the same settings and `identity` goes on from it. `advance(1)` is called per step. Raises
    BadInput where the loss is no number.
    """
    whose = {"config": asdict(config), "training": asdict(training), "inputs": dict(identity or {})}
    run = _Run(config, training, device)
    log = run.resume(checkpoints, whose) if checkpoints else []
    start = int(log[-1]["step"]) if log else 0
    perceptual = perceptual.to(device) if perceptual is not None else None
    seen: list[LogRow] = []
    for step in range(start, training.steps):
        if step == training.warm_steps:
            run.codebook = Codebook(_first_codes(run.params, config, pictures, run.random, device), training)
        pixels = _batch(pictures, training, step, run.random).to(device)
        loss, figures = _losses(run.params, config, training, run.codebook, pixels, perceptual)
        if not math.isfinite(figures["loss"]):
            raise BadInput(f"the loss was {figures['loss']} in step {step + 1}; lower the learning rate")
        run.move(loss, _rate(training, step))
        seen.append(figures | {"codes_alive": run.codebook.move(run.random) if run.codebook else 0.0})
        if (step + 1) % training.log_every == 0 or step + 1 == training.steps:
            log.append({"step": step + 1} | {name: float(np.mean([row[name] for row in seen])) for name in seen[0]})
            seen = []
            if keep:
                keep(run.whole(), log)
            if checkpoints:
                run.save(checkpoints, whose, log)
        if advance:
            advance(1)
    return run.whole(), log


class _Run:
    """What a training carries from a step to the next."""

    def __init__(self, config: VqganConfig, training: VqganTraining, device: str) -> None:
        self.training, self.device = training, device
        self.random = np.random.default_rng([training.seed, 2])
        self.params = to_torch(initial_parameters(config, training.seed), device)
        self.first = self.params.pop("quantize")["embedding"]["embedding"].detach()
        self.optimiser = self._adam()
        self.codebook: Codebook | None = None

    def _adam(self) -> torch.optim.Adam:
        return torch.optim.Adam(list(_leaves(self.params)), betas=(0.9, 0.99), fused=True)

    def move(self, loss: torch.Tensor, rate: float) -> None:
        """Follow the gradient of a loss."""
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(_leaves(self.params)), 1.0)
        self.optimiser.param_groups[0]["lr"] = rate
        self.optimiser.step()

    def whole(self) -> Tree:
        """The weights as a checkpoint's tree."""
        return _whole(self.params, self.codebook.codes if self.codebook else self.first)

    def save(self, folder: Path, whose: Mapping[str, Any], log: list[LogRow]) -> None:
        save_state(folder, TrainState(int(log[-1]["step"]), self._arrays(), list(log)), whose)

    def resume(self, folder: Path, whose: Mapping[str, Any]) -> list[LogRow]:
        """Take up the state that the folder holds; the log so far, empty where it holds none."""
        state = load_state(folder, TrainState(0, self._arrays()), whose)
        if state is None:
            return []
        held = state.arrays
        self.random.bit_generator.state = json.loads(held["random"].tobytes())
        self.params = to_torch(held["params"], self.device)
        self.optimiser = self._adam()
        moments = [_leaves(to_torch(held[name], self.device)) for name in ("mean", "square")]
        for leaf, mean, square in zip(_leaves(self.params), *moments, strict=True):
            step = torch.tensor(float(state.step), device=self.device)
            self.optimiser.state[leaf] = {"step": step, "exp_avg": mean.detach(), "exp_avg_sq": square.detach()}
        if state.step > self.training.warm_steps:
            codes, count, total = (torch.tensor(held[name], device=self.device) for name in ("codes", "count", "total"))
            self.codebook = Codebook(codes, self.training)
            self.codebook.count, self.codebook.total = count, total
        return list(state.log)

    def _arrays(self) -> Tree:
        """The state as a tree of arrays, of one structure at every step."""
        book = self.codebook or Codebook(self.first, self.training)
        named = {"codes": book.codes, "count": book.count, "total": book.total}
        return {
            "params": to_numpy(self.params),
            "mean": to_numpy(self._moments(self.params, "exp_avg")),
            "square": to_numpy(self._moments(self.params, "exp_avg_sq")),
            "random": np.frombuffer(json.dumps(self.random.bit_generator.state).encode(), np.uint8),
            **{name: tensor.cpu().numpy() for name, tensor in named.items()},
        }

    def _moments(self, params: Tree, name: str) -> Tree:
        def of(leaf: torch.Tensor) -> torch.Tensor:
            held: torch.Tensor = self.optimiser.state.get(leaf, {}).get(name, torch.zeros_like(leaf))
            return held

        return {key: self._moments(one, name) if isinstance(one, dict) else of(one) for key, one in params.items()}


def _whole(params: Tree, codes: torch.Tensor) -> Tree:
    return to_numpy(params) | {"quantize": {"embedding": {"embedding": np.ascontiguousarray(codes.cpu().numpy())}}}
