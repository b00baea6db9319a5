"""Write tests/fixtures/text: captions, and what the official normaliser and tokenizer make of them.

    uv run --project reference python reference/make_text_fixtures.py            # write
    uv run --project reference python reference/make_text_fixtures.py --check    # redo elsewhere and compare

- `enwiki-words-frequency.txt`: the checkpoint's own list of that name (34 MB) is no part of this repository. This one
  counts the words of MS-COCO's captions of 2017 (validation; CC BY 4.0) and adds some that hashtags need.
- `tokenizer.json`, `vocab.json`, `merges.txt`: a byte-level BPE trained on that list.
- `official.json`: hand-written and drawn captions with their official outputs, and a digest over all emoji.
- `real.bin`: of 10,000 real captions, chosen by their SHA-256, 6 bytes of the SHA-256 of the normalised text and
  6 of that of the ids. The captions themselves are not ours to publish.

The list and `real.bin` need the real data (data/README.md, “Real data for tests”); without it both stay as they are.
The official normaliser draws what `<person>` becomes; here its `random.choices` takes the likeliest.
Cost: half a minute.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import os
import random
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import emoji
import numpy as np
from official import WORD_LIST, DalleBartTokenizer, TextNormalizer, text, use_word_list
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

import fixtures

COMMAND = "uv run --project reference python reference/make_text_fixtures.py"
PACKAGES = ("dalle-mini", "transformers", "tokenizers", "ftfy", "emoji", "unidecode")
REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = REPOSITORY / "tests" / "fixtures" / "text"
LENGTH = 64
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
SHARES = {"coco": 5000, "flickr30k": 4000, "prompts": 1000}  # real captions of each source
DRAWN = 400

HASHTAG_WORDS = (
    "star",
    "sunset", "photography", "nofilter", "love", "instagood", "travel", "foodie", "selfie", "weekend", "vibes",
    "throwback", "thursday", "monday", "motivation", "landscape", "artwork", "digital", "generative", "midjourney",
    "dalle", "robot", "dragon", "castle", "neon", "cyberpunk", "galaxy", "starwars", "astronaut", "avocado",
    "armchair", "hello", "world", "new", "york", "city", "paris", "eiffel", "tower", "covid", "vaccine",
)  # fmt: skip

CAPTIONS = (
    # plain, cased, punctuated
    "", " ", "  ", "a",
    "A red star on a blue background.", "A man riding a wave on top of a surfboard", "WHAT?! NO...",
    "Two dogs, one cat; three birds: four fish", "black & white", "50% off", "$5.00 *new*", "a/b", "and/or", "24/7",
    "1/2/2013", "12/24/2013", "1/2", "3.14", "1.2.3", "a.b.c", "U.S.A.",
    "www.example.com", "e.g. this", "v2.0.1-rc.1",
    "1,000", "1,000,000", "1,000,000,000,000", "12,34", "1,0,000", "1,2345", "in 1990,2000 people",
    "it's a dog's life", "don't, can't, I'm, we'll, they've, you're, he'd", "rock 'n' roll", "'quoted'", "the '90s",
    "dogs' toys", "o'clock", "y'all're", "it's.ok", "''s", "x-'s", "5'd/2", "I'd've", "l'été", "“curly” ‘quotes’",
    '"double" quotes', '""""', "`code`", '" , "', "a - b", "well-known", "a-b-c", "state-of-the-art", "--", "x--y",
    "sooo goooood", "VIII", "IIII", "aaaa", "1111", "!!!!", "....", "a    b", "-----", "((((a))))", "%%%%", "$$$$",
    ",a,", ",,a,,", " , a , ", "a,", ", ,", ".", "?!?!", "…", "---", "{[()]}", "a|b", "~a~", "a=b",
    "a+b", "x^2", "a@b.c",
    "back\\slash", "under_score", "__init__",
    "tab\tand\nnewline\r\nend", "\x00\x07bell\x1b[31mred\x1b[0m", "\x1c\x1d\x85",
    # hashtags
    "#sunset", "#redcar on the #beach!", "#NoFilter", "#love_photography", "#covid19", "#19covid",
    "#2021goals", "#", "##",
    "#_", "#__a__", "# a", "#a#b", "a#b", "#it's", "#1", "#12 34", "#a1b2", "#été", "#日本",
    "#star-wars", "#a.b.c", "#😀",
    "#throwbackthursday #mondaymotivation", "#zzzqqq", "#qstar", "#starq", "#isawastarinthesky", "#100% #50/50",
    # placeholders
    "<person> rides a horse",
    "<PERSON> and <PERSON>", "<person>, <person>, and <person> at a party", "<person><person>",
    "<person> with <person>", "<person> and and <person>", "<person>andand<person>", "<person>'s dog", "< person >",
    # references, tags, addresses
    "[1] a dog", "a dog [12]", "[1][2]", "a [3] dog", "[1]", " [1] [2] ", "[a] dog", "[1] dog [2] [3]",
    "<b>bold</b> text", "<br/>", "a < b > c", "<>", "<>>", "<<b>>", "<a href='x'>link</a>", "a <b",
    "a> b", "<b\n>c", "<3",
    "see http://example.com/a?b=c#d now", "https://example.com", "http",
    "http ", "httpfoo bar", "HTTP://EXAMPLE.COM x",
    "hthttp://x", "ftp://a.b/c", "<http://a>", "(http://a.b)", "user@example.com",
    # entities
    "<b>Tom</b> &amp;amp; Jerry", "&amp;amp;amp;amp; four", "<i>&amp;amp;amp;",
    "Tom &amp; Jerry", "Tom &amp;amp; Jerry", "&lt;b&gt;x&lt;/b&gt;", "&amp;lt;b&amp;gt;",
    "&quot;hi&quot;", "&#39;s", "&#x27;s",
    "a&nbsp;b", "&hearts;", "&#128512;", "&notin;", "&notit;", "&#0;", "&#xD800;", "&#1114112;", "&",
    "&;", "AT&T", "a&b",
    # alphabets, marks and spaces
    "été à la plage", "Größe", "naïve café", "Ångström", "Ærøskøbing", "Łódź",
    "中文字幕", "日本語のキャプション", "한국어",
    "Привет мир", "שלום עולם", "مرحبا بالعالم", "नमस्ते",
    "ไทย", "\u202eright to left\u202c", "a\u200bb\u200dc\ufeff",
    "e\u0301", "ﬁne ﬀ", "½ ¾ ²³", "①②", "ℌ𝔢𝔩𝔩𝔬", "ＦＵＬＬ", "a\u00a0b\u2003c\u3000d\u2028e", "–—―‐",
    "€£¥", "°C", "№ 5",
    "10×10", "© ® ™", "→ ←", "• one • two", "«guillemets»", "„low“", "5′ 6″", "ʼn ŉ", "İstanbul", "Kelvin K", "ß ẞ",
    "zalgo z̴̡̛a̷l̵g̸o̶", "\ufffd", "\U0010ffff", "\ue000", "𠜎𠜱", "🀄🂡",
    "Ã©tÃ©", "â€œmojibakeâ€\x9d", "Ð¿Ñ€Ð¸Ð²ÐµÑ‚",
    # emoji
    "😀", "I ❤️ NY", "👩‍👩‍👧‍👦 family", "🏳️‍🌈", "🇫🇷🇬🇧", "🇹🇷", "👍🏽", "1️⃣ 2️⃣", "🔥🔥🔥🔥🔥",
    ":smile:", ":red_heart:", "::",
    "a😀b", "©️", "🧑🏿‍🚀", "😡", "🫠", "🪿", "#️⃣",
    # lone surrogates, as JSON may hold them
    "\ud83d", "a\ude00b", "\ud83d\ude00", "x\ud83dy",
    # special tokens and the marks of the protection, typed by a user
    "<s>", "</s>", "a</s>b", "<pad> <unk>", "a <mask> b", "a  <mask>b", "<mask>", "<mask><mask>",
    "a<MASK>", " </S>", "<mask >",
    "xtokx", "axtokxdotxtokxb", "xtokxquotextokx", "xtokxslashxtokx",
    # code and injections
    "'; DROP TABLE captions; --", "{{7*7}}", "${HOME}", "%s %d %n",
    "\\n\\t", "../../etc/passwd", "<script>alert(1)</script>",
)  # fmt: skip

LONG = (
    "a red star ", "word ", "#redcar", "é", "😀", "中", "'", '"', ",", ", ", " ", "\t\n", "<",
    "<b>", "<person>", "<person> ,",
    "a.b", "1,", "1,000", "[1]", "&", "&lt;", "http", "-a", "a-", "_", "#", "x", "ab", "\u202e",
    "\u0301", "<mask>", "</s>",
)  # fmt: skip

PIECES = (
    *"abstdmx019 \t\n.,;:!?'\"`-/\\_#%&$*()[]{}<>=+~|@^", "<person>", "<PERSON>",
    " and ", "http", "https://a.b/c?d=e",
    "[1]", " [23]", "1,000", "000", "'s", "'ll", "re", "ve", "#star", "#redcar", "#123abc", "xtokx",
    "dot", "quote", "&amp;",
    "&lt;", "<b>", "</b>", "&#39;", "…", "—", "“", "’s", "é", "ß", "中", "😀", "❤️", "🇫🇷", "1️⃣",
    "\u202e", "\u200d", "\u00a0",
    "\u2028", "\x00", "\ud83d", "\ude00", "½", "²", "    ", "aaaa", "....", "----", "Ã©", "â€™",
    "red", "star", "people",
)  # fmt: skip

MASK = {"content": "<mask>", "lstrip": False, "rstrip": True, "single_word": False, "normalized": True}
VARIANTS: dict[str, dict[str, Any]] = {  # what lies in the model folder
    "json": {"files": ["tokenizer.json"]},
    "pair": {"files": ["vocab.json", "merges.txt"]},
    "json-spaced": {"files": ["tokenizer.json"], "tokenizer_config.json": {"add_prefix_space": True}},
    "pair-spaced": {"files": ["vocab.json", "merges.txt"], "tokenizer_config.json": {"add_prefix_space": True}},
    "json-mask": {"files": ["tokenizer.json"], "special_tokens_map.json": {"mask_token": MASK}},
    "pair-mask": {
        "files": ["vocab.json", "merges.txt"],
        "tokenizer_config.json": {"mask_token": {**MASK, "__type": "AddedToken", "rstrip": False}},
    },
    "named": {
        "files": ["tokenizer.json", "vocab.json", "merges.txt"],
        "tokenizer_config.json": {"model_max_length": 1024, "mask_token": {**MASK, "__type": "AddedToken"}},
        "special_tokens_map.json": {"bos_token": "<s>", "mask_token": "<mask>"},
    },
}


# ------------------------------------------------------------------------------------ words and vocabulary


def word_list(data: Path) -> str:
    """The 2,000 commonest words of MS-COCO's captions and the hashtags' words: "word count", by falling count."""
    counts = Counter(re.findall(r"[a-z]+(?:'[a-z]+)?", "\n".join(coco(data)).lower()))
    chosen = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:2000]
    extra = [(word, 1) for word in HASHTAG_WORDS if word not in dict(chosen)]
    return "".join(f"{word} {number}\n" for word, number in chosen + extra)


def write_vocabulary(words: str, folder: Path) -> None:
    """Train 2,000 tokens on each word as often as it is counted, at most 100 times, in lower case and as a name."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, False)
    trainer = trainers.BpeTrainer(
        vocab_size=2000, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    pairs = [line.split() for line in words.splitlines()]
    sentences = [" ".join([word.title(), *[word] * min(int(number), 100)]) for word, number in pairs]
    tokenizer.train_from_iterator(sentences, trainer)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    tokenizer.model.save(str(folder))


# ------------------------------------------------------------------------------------------ real captions


def coco(data: Path) -> list[str]:
    """MS-COCO 2017, validation."""
    content = json.loads((data / "coco/annotations/captions_val2017.json").read_text(encoding="utf-8"))
    return [one["caption"] for one in content["annotations"]]


def flickr30k(data: Path) -> list[str]:
    """Flickr30k, all splits."""
    content = json.loads(gzip.decompress((data / "flickr30k/dataset_flickr30k.json.gz").read_bytes()))
    return [sentence["raw"] for image in content["images"] for sentence in image["sentences"]]


def prompts(data: Path) -> list[str]:
    """PartiPrompts and T2I-CompBench."""
    with (data / "prompts/PartiPrompts.tsv").open(encoding="utf-8", newline="") as file:
        found = [row["Prompt"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    for file in sorted((data / "prompts/t2i_compbench").glob("*.txt")):
        found += file.read_text(encoding="utf-8").splitlines()
    return found


def chosen(captions: Iterable[str], number: int) -> list[str]:
    """Of the different captions, the `number` with the smallest SHA-256."""
    return sorted(set(captions), key=lambda one: hashlib.sha256(one.encode()).digest())[:number]


def real_captions(data: Path) -> list[str]:
    """10,000 captions, by source."""
    sources = {"coco": coco, "flickr30k": flickr30k, "prompts": prompts}
    return [caption for name, number in SHARES.items() for caption in chosen(sources[name](data), number)]


# --------------------------------------------------------------------------------------- official outputs


class Official:
    """The official normaliser, and one official tokenizer for each variant of a model folder."""

    def __init__(self, folder: Path) -> None:
        use_word_list(folder / WORD_LIST)
        text.random = SimpleNamespace(choices=lambda names, weights: [names[weights.index(max(weights))]])
        self.normalise = TextNormalizer()
        self.tokenizers = {name: self._tokenizer(folder, variant) for name, variant in VARIANTS.items()}

    @staticmethod
    def _tokenizer(folder: Path, variant: dict[str, Any]) -> DalleBartTokenizer:
        with tempfile.TemporaryDirectory() as model:
            for name in variant["files"]:
                shutil.copy(folder / name, model)
            for name in variant.keys() - {"files"}:
                (Path(model) / name).write_text(json.dumps(variant[name]), encoding="utf-8")
            return DalleBartTokenizer.from_pretrained(model)

    def ids(self, variant: str, caption: str) -> list[int]:
        """Without the padding, which is checked here."""
        found = self.tokenizers[variant](caption, padding="max_length", truncation=True, max_length=LENGTH)
        ids, length = found["input_ids"], sum(found["attention_mask"])
        assert found["attention_mask"] == [1] * length + [0] * (LENGTH - length)
        assert ids[length:] == [1] * (LENGTH - length)
        return ids[:length]

    def row(self, piece: str, times: int = 1) -> dict[str, Any]:
        """A caption with its normalised text and its ids: of that text, and of the caption itself."""
        caption = piece * times
        normalised = self.normalise(caption)
        row: dict[str, Any] = {"piece": piece, "times": times, "normalised": short(normalised)}
        row["ids"] = self.ids("json", normalised)
        row["raw"] = {}
        if encodable(caption):
            ids = {name: self.ids(name, caption) for name in VARIANTS}
            row["raw"] = {name: one for name, one in ids.items() if name == "json" or one != ids["json"]}
        return row

    def digests(self, caption: str) -> bytes:
        """6 bytes for the normalised text, 6 for the ids: of that text in both layouts, and of the caption itself."""
        normalised = self.normalise(caption)
        ids = self.ids("json", normalised), self.ids("pair", normalised), self.ids("json", caption)
        padded = np.array([one + [1] * (LENGTH - len(one)) for one in ids], "<i4")
        return hashlib.sha256(normalised.encode()).digest()[:6] + hashlib.sha256(padded.tobytes()).digest()[:6]


def short(normalised: str) -> str:
    """The text, or of a long one its SHA-256."""
    return normalised if len(normalised) < 400 else "sha256:" + hashlib.sha256(normalised.encode()).hexdigest()


def encodable(caption: str) -> bool:
    """Whether it is without lone surrogates, at which the official tokenizer fails."""
    return not any("\ud800" <= letter <= "\udfff" for letter in caption)


def drawn_captions() -> list[str]:
    """Nonsense of the pieces that the normaliser's rules act on."""
    source = random.Random(0)
    return ["".join(source.choices(PIECES, k=source.randint(2, 25))) for _ in range(DRAWN)]


# ------------------------------------------------------------------------------------------------- writing


def write(folder: Path, data: Path) -> None:
    """All files."""
    folder.mkdir(parents=True, exist_ok=True)
    real = data.is_dir()
    words = word_list(data) if real else (FOLDER / WORD_LIST).read_text(encoding="utf-8")
    (folder / WORD_LIST).write_text(words, encoding="utf-8")
    write_vocabulary(words, folder)
    official = Official(folder)
    (folder / "official.json").write_text(as_json(official), encoding="utf-8")
    digests = b"".join(map(official.digests, real_captions(data))) if real else (FOLDER / "real.bin").read_bytes()
    (folder / "real.bin").write_bytes(digests)
    fixtures.write_manifest(folder, COMMAND, PACKAGES)


def as_json(official: Official) -> str:
    """One caption per line. ASCII, for lone surrogates have no UTF-8."""
    rows = [official.row(caption) for caption in CAPTIONS]
    rows += [official.row(piece, 10_000 // len(piece)) for piece in LONG]
    drawn = [{"piece": one, "normalised": official.normalise(one)} for one in drawn_captions()]
    lines = ",\n".join(json.dumps(row) for row in rows), ",\n".join(json.dumps(row) for row in drawn)
    head = f'"variants": {json.dumps(VARIANTS)},\n"emoji": {json.dumps(emoji_names(official))}'
    return f'{{{head},\n"captions": [\n{lines[0]}\n],\n"drawn": [\n{lines[1]}\n]}}\n'


def emoji_names(official: Official) -> dict[str, Any]:
    """How many sequences this version of `emoji` names, and one SHA-256 over all of them, normalised."""
    normalised = "\n".join(official.normalise(one) for one in sorted(emoji.EMOJI_DATA))
    digest = hashlib.sha256(normalised.encode()).hexdigest()
    return {"version": emoji.__version__, "sequences": len(emoji.EMOJI_DATA), "sha256": digest}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="redo in a temporary folder and compare")
    default = os.environ.get("RAPPORTEUR_DATA", REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default), help="folder of the real data")
    options = parser.parse_args()
    if not options.check:
        write(FOLDER, options.data)
        return
    with tempfile.TemporaryDirectory() as temporary:
        write(Path(temporary), options.data)
        fixtures.finish(FOLDER, Path(temporary))


if __name__ == "__main__":
    main()
