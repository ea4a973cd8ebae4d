"""Fine-tuning the question side of the retrieval model by LoRA, on the bank.

Each class (passage, near miss, far, small talk) has a vector of its own that is learned with the
adapter; a question's loss is the cross-entropy of the softmax of cosines over all classes. Method and
settings start from the prototypes in the project's design; what was tried is in docs/training.md.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus import BankQuestion, in_context
from index.model.export import load_sentence_transformer, transformer_of
from index.progress import Progress, silent
from index.training.data import TrainingData, disturb

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

CLASSES_FILE = "classes.safetensors"
CHECKPOINT = "checkpoint.pt"
SETTINGS_FILE = "settings.json"


@dataclass(frozen=True, slots=True)
class LoraSettings:
    """What can be tuned in the training. `temperature` divides cosines before the softmax."""

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    epochs: int = 7
    batch: int = 32
    learning_rate: float = 1e-3
    class_learning_rate: float = 3e-3
    temperature: float = 0.05
    noise: float = 0.35
    max_tokens: int = 96
    seed: int = 7


def train_lora(
    base: str,
    data: TrainingData,
    rows: NDArray[np.int64],
    passage_vectors: NDArray[np.float32],
    question_vectors: NDArray[np.float32],
    folder: Path,
    settings: LoraSettings | None = None,
    progress: Progress = silent,
    step: str = "train",
) -> None:
    """Train on `rows` of the data; write the adapter and the class vectors into `folder`.

    `passage_vectors` (passages, width) and `question_vectors` (questions, width) are the base's: the
    class vectors start from them. A run that was stopped goes on after its last whole epoch.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from safetensors.torch import save_file

    settings = settings or LoraSettings()
    torch.manual_seed(settings.seed)
    model = load_sentence_transformer(base)
    tokenizer: Any = model.tokenizer
    config = LoraConfig(
        r=settings.rank, lora_alpha=settings.alpha, lora_dropout=settings.dropout,
        target_modules=["query", "key", "value", "dense"], bias="none",
    )  # fmt: skip
    encoder = get_peft_model(transformer_of(model), config)
    _replace_dropout(encoder)
    classes = torch.nn.Parameter(torch.from_numpy(_starting_vectors(data, rows, passage_vectors, question_vectors)))
    adapter_parameters = [parameter for parameter in encoder.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": adapter_parameters, "lr": settings.learning_rate, "weight_decay": 0.01},
            {"params": [classes], "lr": settings.class_learning_rate, "weight_decay": 0.0},
        ]
    )
    steps = settings.epochs * ((len(rows) + settings.batch - 1) // settings.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [settings.learning_rate, settings.class_learning_rate], total_steps=steps, pct_start=0.1
    )
    folder.mkdir(parents=True, exist_ok=True)
    first = _resume(folder, encoder, classes, optimizer, schedule)
    prefix = (model.prompts or {}).get("query", "")
    targets = torch.from_numpy(data.targets)
    done = first * (steps // settings.epochs)
    halved = bool(torch.cpu.get_capabilities().get("avx512_bf16"))  # A third less time where the processor can.
    encoder.train()
    for epoch in range(first, settings.epochs):
        source = random.Random(settings.seed * 1000 + epoch)
        torch.manual_seed(settings.seed * 1000 + epoch)
        texts = {int(row): _wording(data.questions[row], settings.noise, source) for row in rows}
        for batch in _batches(texts, settings.batch, source):
            encoded = tokenizer(
                [prefix + texts[row] for row in batch], padding=True, truncation=True,
                max_length=settings.max_tokens, return_tensors="pt",
            )  # fmt: skip
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=halved):
                vectors = mean_vectors(encoder, encoded["input_ids"], encoded["attention_mask"]).float()
            logits = vectors @ torch.nn.functional.normalize(classes, dim=1).T / settings.temperature
            loss = torch.nn.functional.cross_entropy(logits, targets[batch])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(adapter_parameters, 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            progress(f"{step} (epoch {epoch + 1}/{settings.epochs}, loss {loss.item():.2f})", done, steps)
        _save_checkpoint(folder, epoch + 1, encoder, classes, optimizer, schedule)
    encoder.save_pretrained(str(folder))
    normalised = torch.nn.functional.normalize(classes.detach(), dim=1)
    save_file({"classes": normalised.contiguous()}, str(folder / CLASSES_FILE))
    _halve(folder)
    facts = {**asdict(settings), "questions": len(rows)}
    (folder / SETTINGS_FILE).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    (folder / CHECKPOINT).unlink(missing_ok=True)


def mean_vectors(encoder: Any, input_ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the unit mean of the last hidden states, of shape (batch, width)."""
    import torch

    hidden = encoder(input_ids=input_ids, attention_mask=mask).last_hidden_state
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    vectors: torch.Tensor = (hidden * weights).sum(1) / weights.sum(1)
    return torch.nn.functional.normalize(vectors, dim=1)


def _replace_dropout(module: torch.nn.Module) -> None:
    """Draw dropout's masks from a pool made once: PyTorch draws them on one core, a third of a step's time.

    A mask is a slice of the pool at a random place, so each step drops other values, as often as before.
    """
    import torch

    class PooledDropout(torch.nn.Dropout):
        pool = torch.empty(0)

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            if not self.training or self.p == 0:
                return values
            if self.pool.numel() < 2 * values.numel():
                self.pool = torch.empty(2 * values.numel()).bernoulli_(1 - self.p) / (1 - self.p)
            at = int(torch.randint(self.pool.numel() - values.numel() + 1, (1,)))
            return values * self.pool[at : at + values.numel()].view(values.shape).to(values.dtype)

    for name, child in module.named_children():
        if type(child) is torch.nn.Dropout:
            setattr(module, name, PooledDropout(child.p))
        else:
            _replace_dropout(child)


def _starting_vectors(
    data: TrainingData,
    rows: NDArray[np.int64],
    passage_vectors: NDArray[np.float32],
    question_vectors: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Passages start from their own vectors; the other classes, from the mean of their questions'."""
    start = np.zeros((data.classes, passage_vectors.shape[1]), dtype=np.float32)
    start[: data.passages] = passage_vectors
    start[data.passages : 2 * data.passages] = passage_vectors
    weights = data.targets[rows][:, data.passages :]
    sums = weights.T @ question_vectors[rows]
    has = weights.sum(axis=0) > 0
    start[data.passages :][has] = sums[has]
    start[2 * data.passages :][~has[data.passages :]] = passage_vectors.mean(axis=0)
    unit: NDArray[np.float32] = start / np.linalg.norm(start, axis=1, keepdims=True)
    return unit


def _wording(question: BankQuestion, noise: float, source: random.Random) -> str:
    """Return what is embedded for a question, its own words at times written in a hurry."""
    if source.random() >= noise:
        return question.text
    return in_context(disturb(question.question, source), question.context)


def _batches(texts: dict[int, str], size: int, source: random.Random) -> list[list[int]]:
    """Return shuffled batches of questions of like length, which wastes less padding."""
    rows = list(texts)
    source.shuffle(rows)
    batches: list[list[int]] = []
    for start in range(0, len(rows), size * 16):
        chunk = sorted(rows[start : start + size * 16], key=lambda row: len(texts[row]))
        batches.extend(chunk[i : i + size] for i in range(0, len(chunk), size))
    source.shuffle(batches)
    return batches


def _resume(folder: Path, encoder: Any, classes: Any, optimizer: Any, schedule: Any) -> int:
    import torch

    path = folder / CHECKPOINT
    if not path.is_file():
        return 0
    state = torch.load(path, weights_only=True)
    encoder.load_state_dict(state["adapter"], strict=False)
    classes.data.copy_(state["classes"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return int(state["epoch"])


def _save_checkpoint(folder: Path, epoch: int, encoder: Any, classes: Any, optimizer: Any, schedule: Any) -> None:
    import torch

    state = {
        "epoch": epoch,
        "adapter": {name: value for name, value in encoder.state_dict().items() if "lora_" in name},
        "classes": classes.detach(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
    }
    staged = folder / f"{CHECKPOINT}.new"
    torch.save(state, staged)
    staged.replace(folder / CHECKPOINT)


def _halve(folder: Path) -> None:
    """Store the adapter in half precision: half the size in the repository, same answers."""
    from safetensors.torch import load_file, save_file

    path = folder / "adapter_model.safetensors"
    save_file({name: value.half().contiguous() for name, value in load_file(path).items()}, path)
