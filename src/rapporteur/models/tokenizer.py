"""Captions to token ids: byte-level BPE in RoBERTa's layout, from tokenizer.json or vocab.json with merges.txt.

`<s>` = 0, `<pad>` = 1, `</s>` = 2, `<unk>` = 3, `<mask>` = 4; every caption is `<s> … </s>`, cut or padded to
`max_text_length`. Whether letters are lowered is the tokenizer file's own affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from rapporteur.core.errors import BadInput

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
FILE = "tokenizer.json"


class CaptionTokenizer:
    """Encodes captions to ids and masks of one length."""

    def __init__(self, tokenizer: Tokenizer, max_text_length: int) -> None:
        self.tokenizer, self.max_text_length = tokenizer, max_text_length
        self.tokenizer.enable_truncation(max_text_length)
        self.tokenizer.enable_padding(length=max_text_length, pad_id=1, pad_token="<pad>")

    @classmethod
    def load(cls, folder: Path, max_text_length: int) -> CaptionTokenizer:
        """From a model folder; BadInput where there is no tokenizer or its special tokens are elsewhere."""
        file = folder / FILE
        tokenizer = _read_json(file) if file.exists() else _read_pair(folder)
        for place, token in enumerate(SPECIAL):
            if tokenizer.token_to_id(token) != place:
                raise BadInput(f"{token} must be token {place}, not {tokenizer.token_to_id(token)}", file)
        return cls(tokenizer, max_text_length)

    @classmethod
    def train(cls, captions: Iterable[str], words: int, max_text_length: int) -> CaptionTokenizer:
        """A new vocabulary of at most `words` tokens, lower-cased, from captions."""
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
        _roberta(tokenizer)
        trainer = trainers.BpeTrainer(
            vocab_size=words,
            special_tokens=list(SPECIAL),
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
        """Write tokenizer.json."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(self.tokenizer.to_str(pretty=True) + "\n", encoding="utf-8")

    def __call__(self, captions: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Ids and mask, int32 [captions, max_text_length]; the mask is 1 on `<s>`, words and `</s>`."""
        found = self.tokenizer.encode_batch(list(captions))
        ids = np.array([one.ids for one in found], np.int32).reshape(-1, self.max_text_length)
        mask = np.array([one.attention_mask for one in found], np.int32).reshape(-1, self.max_text_length)
        return ids, mask


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
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    if not (vocabulary.exists() and merges.exists()):
        raise BadInput(f"no {FILE}, and no vocab.json with merges.txt, here", folder)
    try:
        tokenizer = Tokenizer(models.BPE.from_file(str(vocabulary), str(merges), unk_token="<unk>"))
    except Exception as error:  # as above
        raise BadInput(f"can't be read as a byte-pair vocabulary ({error}); fetch it again", vocabulary) from error
    tokenizer.add_special_tokens(list(SPECIAL))
    _roberta(tokenizer)
    return tokenizer
