"""Captions to token ids: byte-level BPE in RoBERTa's layout, from tokenizer.json or vocab.json with merges.txt.

`<s>` = 0, `<pad>` = 1, `</s>` = 2, `<unk>` = 3, `<mask>` = 4; every caption is `<s> … </s>`, cut or padded to
`max_text_length`. Equal to BartTokenizerFast of transformers 4.25.1, which the official package uses:
tokenizer_config.json and special_tokens_map.json have the last word, and without them no space is put before a caption
(whatever tokenizer.json says) and `<mask>` swallows the spaces before it. Whether letters are lowered is the tokenizer
file's own affair; whether captions are normalised first (rapporteur.dalle.normaliser) is the model's,
`normalize_text`. Letters that Unicode gained after those packages were made may be cut otherwise; a normalised caption
holds none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from rapporteur.core.errors import BadInput
from rapporteur.dalle.normaliser import Normaliser

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
ROLES = ("bos_token", "pad_token", "eos_token", "unk_token", "mask_token")
FILE, PAIR = "tokenizer.json", ("vocab.json", "merges.txt")
SETTINGS = ("tokenizer_config.json", "special_tokens_map.json")  # the second overrides the first
FLAGS = ("lstrip", "rstrip", "single_word", "normalized")
MASK = AddedToken("<mask>", lstrip=True)


class CaptionTokenizer:
    """Encodes captions to ids and masks of one length, through a normaliser if it has one."""

    def __init__(self, tokenizer: Tokenizer, max_text_length: int, normaliser: Normaliser | None = None) -> None:
        self.tokenizer, self.max_text_length, self.normaliser = tokenizer, max_text_length, normaliser
        self.tokenizer.enable_truncation(max_text_length)
        self.tokenizer.enable_padding(length=max_text_length, pad_id=1, pad_token="<pad>")

    @classmethod
    def load(cls, folder: Path, max_text_length: int, normalise: bool = False) -> CaptionTokenizer:
        """From a model folder; BadInput where there is no tokenizer or its special tokens are elsewhere.

        `normalise` is the model's `normalize_text`; it needs the word frequencies that come with the checkpoint.
        """
        file = folder / FILE
        tokenizer = _read_json(file) if file.exists() else _read_pair(folder)
        for place, token in enumerate(SPECIAL):
            if tokenizer.token_to_id(token) != place:
                raise BadInput(f"{token} must be token {place}, not {tokenizer.token_to_id(token)}", file)
        _apply(_settings(folder), tokenizer)
        return cls(tokenizer, max_text_length, Normaliser.load(folder) if normalise else None)

    @classmethod
    def train(cls, captions: Iterable[str], words: int, max_text_length: int) -> CaptionTokenizer:
        """A new vocabulary of at most `words` tokens, lower-cased, from captions."""
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
        _roberta(tokenizer)
        trainer = trainers.BpeTrainer(
            vocab_size=words,
            special_tokens=[*SPECIAL[:-1], MASK],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator(captions, trainer)
        return cls(tokenizer, max_text_length)

    @property
    def words(self) -> int:
        """Tokens in the vocabulary."""
        return int(self.tokenizer.get_vocab_size())

    def save(self, folder: Path) -> None:
        """Write tokenizer.json, with merges as the official package's tokenizers 0.13 reads them ("a b")."""
        content = json.loads(self.tokenizer.to_str())
        content["model"]["merges"] = [" ".join(pair) for pair in content["model"]["merges"]]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    def __call__(self, captions: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Ids and mask, int32 [captions, max_text_length]; the mask is 1 on `<s>`, words and `</s>`."""
        return self._encode([self.normaliser(text) for text in captions] if self.normaliser else captions)

    def blank(self) -> tuple[np.ndarray, np.ndarray]:
        """The unconditional input, `<s></s>`: ids and mask, int32 [max_text_length]. Never normalised.

        The empty caption is not the same for a model that normalises: to it, "" is a space.
        """
        ids, mask = self._encode([""])
        return ids[0], mask[0]

    def _encode(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        found = self.tokenizer.encode_batch([_without_surrogates(text) for text in texts])
        ids = np.array([one.ids for one in found], np.int32).reshape(-1, self.max_text_length)
        mask = np.array([one.attention_mask for one in found], np.int32).reshape(-1, self.max_text_length)
        return ids, mask


def _without_surrogates(text: str) -> str:
    """Surrogate pairs joined and lone surrogates, which no UTF-8 can hold, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _roberta(tokenizer: Tokenizer) -> None:
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )


def _read_json(file: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises bare Exception for whatever is wrong with the file
        raise BadInput(f"can't be read as a tokenizer ({error}); fetch it again", file) from error


def _read_pair(folder: Path) -> Tokenizer:
    vocabulary, merges = (folder / name for name in PAIR)
    if not (vocabulary.exists() and merges.exists()):
        raise BadInput(f"no {FILE}, and no {PAIR[0]} with {PAIR[1]}, here", folder)
    try:
        # no unk_token: a byte that the vocabulary lacks is dropped, as the official converter has it
        tokenizer = Tokenizer(models.BPE.from_file(str(vocabulary), str(merges)))
    except Exception as error:  # as above
        raise BadInput(f"can't be read as a byte-pair vocabulary ({error}); fetch it again", vocabulary) from error
    _roberta(tokenizer)
    return tokenizer


def _settings(folder: Path) -> dict[str, Any]:
    """The settings beside the tokenizer, if there are any; BadInput for those that this layout excludes."""
    found: dict[str, Any] = {}
    for file in (folder / name for name in SETTINGS):
        found |= _read_settings(file) if file.exists() else {}
        for side in ("padding_side", "truncation_side"):
            if found.get(side, "right") != "right":
                raise BadInput(f"{side} must be right, not {found[side]}: the masks are made for it", file)
    return found


def _read_settings(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # of JSON or of UTF-8
        raise BadInput(f"isn't JSON ({error}); fetch it again", file) from error
    if not isinstance(found, dict):
        raise BadInput("must hold an object; fetch it again", file)
    return found


def _apply(settings: Mapping[str, Any], tokenizer: Tokenizer) -> None:
    """Set the space before the first word, and how special tokens typed in a caption take the spaces around them."""
    if isinstance(tokenizer.pre_tokenizer, pre_tokenizers.ByteLevel):
        tokenizer.pre_tokenizer.add_prefix_space = bool(settings.get("add_prefix_space", False))
    tokenizer.add_special_tokens(
        [_special(token, settings.get(role)) for role, token in zip(ROLES, SPECIAL, strict=True)]
    )


def _special(token: str, setting: object) -> AddedToken:
    """A special token with the flags of its setting; a setting that only names it leaves the defaults."""
    if isinstance(setting, dict):
        return AddedToken(token, **{flag: bool(setting[flag]) for flag in FLAGS if flag in setting})
    return MASK if token == MASK.content else AddedToken(token)
