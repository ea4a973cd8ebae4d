"""What a guide's bank has trained, kept beside the code: adapter, class vectors, ranking numbers.

Layout of `index/trained/<slug>/`: `adapter/` (PEFT LoRA), `classes.safetensors`, `ranking.json`,
`trained.json` (what made them), `card.md` (for people), `longest.safetensors` (vectors of the bank's longest
questions, which take half the time of a first build), `held_out/<part>/` (the adapters that missed a part of the
bank: what is fitted on evidence needs them, answering does not). Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import TrainingError
from index.model.store import model_identity
from index.settings import IndexSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BUNDLED_TRAINED = Path(__file__).parent / "trained"
FACTS_FILE = "trained.json"
RANKING_FILE = "ranking.json"
CLASSES_FILE = "classes.safetensors"
ADAPTER_FOLDER = "adapter"
HELD_OUT_FOLDER = "held_out"
# Evidence on two parts of three is enough to fit on, and spares a quarter of the time.
HELD_OUT = 2
ADAPTER_FILE = "adapter_model.safetensors"
ADAPTER_CONFIG_FILE = "adapter_config.json"
LONGEST_FILE = "longest.safetensors"
LONGEST_KEPT = 5_500


@dataclass(frozen=True)
class TrainedParts:
    """The trained parts in a folder, with the facts on what made them."""

    folder: Path
    facts: dict[str, Any]

    @property
    def adapter(self) -> Path:
        """Return the folder of the adapter."""
        return self.folder / ADAPTER_FOLDER

    def held_out(self, part: int) -> Path:
        """Return the folder of the adapter and class vectors that missed a part of the bank."""
        return self.folder / HELD_OUT_FOLDER / str(part)

    @property
    def has_held_out(self) -> bool:
        """Tell whether every adapter that missed a part is there, with its class vectors."""
        names = (ADAPTER_FILE, ADAPTER_CONFIG_FILE, CLASSES_FILE)
        return all((self.held_out(part) / name).is_file() for part in range(HELD_OUT) for name in names)

    @property
    def passage_ids(self) -> tuple[str, ...]:
        """Return the ids of the passages that the class vectors stand for, in order."""
        return tuple(self.facts["passages"])

    @cached_property
    def digest(self) -> str:
        """Return a digest of every trained number that answers."""
        state = hashlib.sha256()
        aside = self.folder / HELD_OUT_FOLDER
        for path in sorted(self.folder.rglob("*")):
            if path.suffix in (".json", ".safetensors") and aside not in path.parents:
                state.update(path.name.encode() + path.read_bytes())
        return state.hexdigest()

    def class_vectors(self) -> NDArray[np.float32]:
        """Return the learned unit vectors, of shape (2 * passages + 2, width).

        In order: passages, a near-miss class for each passage, far questions, small talk.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            vectors: NDArray[np.float32] = load_file(str(self.folder / CLASSES_FILE))["classes"]
        except (OSError, KeyError, SafetensorError) as error:
            raise self._damaged(error) from error
        return vectors

    def longest_vectors(self, texts: Sequence[str], model: str) -> dict[str, NDArray[np.float32]]:
        """Return the unit vectors that are kept for some of the texts, if a model (its key) gave them.

        They only save time: what cannot be read is computed again.
        """
        import numpy as np
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(str(self.folder / LONGEST_FILE), framework="numpy") as file:
                if (file.metadata() or {}).get("model") != model:
                    return {}
                names = [bytes(row) for row in file.get_tensor("texts")]
                vectors = file.get_tensor("vectors").astype(np.float32)
        except (OSError, SafetensorError, KeyError):
            return {}
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        kept = dict(zip(names, vectors, strict=True))
        return {text: kept[name] for text in texts if (name := _digest(text)) in kept}

    def _damaged(self, error: Exception) -> TrainingError:
        return TrainingError(
            f"The trained parts in {self.folder} are damaged ({error!r}). Run `python -m index train`."
        )

    def ranking(self) -> dict[str, Any]:
        """Return the trained ranking as plain numbers, empty when it was not trained."""
        path = self.folder / RANKING_FILE
        if not path.is_file():
            return {}
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self._damaged(error) from error
        return content


def write_longest_vectors(folder: Path, vectors: Mapping[str, NDArray[np.float32]], model: str) -> None:
    """Keep the vectors that a model (its key) gave to the longest texts, in half precision."""
    import numpy as np
    from safetensors.numpy import save_file

    longest = sorted(vectors, key=lambda text: (-len(text), text))[:LONGEST_KEPT]
    tensors = {
        "texts": np.array([list(_digest(text)) for text in longest], dtype=np.uint8),
        "vectors": np.array([vectors[text] for text in longest], dtype=np.float16),
    }
    save_file(tensors, str(folder / LONGEST_FILE), metadata={"model": model})


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:12]


def read_trained(folder: Path) -> TrainedParts | None:
    """Return the trained parts of a folder, None when there are none.

    Raises:
        TrainingError: the folder is damaged.
    """
    if not (folder / FACTS_FILE).is_file():
        return None
    try:
        facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
        return TrainedParts(folder, {**facts, "passages": list(facts["passages"]), "base": str(facts["base"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f"The trained parts in {folder} are damaged ({error!r}). Run `python -m index train`, or delete the folder."
        ) from error


def find_trained(settings: IndexSettings) -> TrainedParts | None:
    """Return the trained parts that fit the settings' guide and model, None when there are none.

    Parts trained in the data folder go before those that come with the project.
    """
    if not settings.adapter:
        return None
    for root in (settings.data_dir / "trained", BUNDLED_TRAINED):
        trained = read_trained(root / settings.guide)
        if trained is not None and trained.facts["base"] == model_identity(settings.model):
            return trained
    return None
