"""Our index built without one of its parts, for ablations. Kept in the data folder, apart from what answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from eval.baselines.base import System
from eval.baselines.passages import OurSearch
from eval.errors import BaselineSystemError
from eval.system import Index, Progress, silent

if TYPE_CHECKING:
    from corpus import Guide
    from index.settings import IndexSettings

FOLDER = "evaluation"
# Trained vectors of passages replace those of their words: the titles path shows what it is worth without them.
WITHOUT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("our search, no titles path", ("titles",)),
    ("our search, no adapter (untrained)", ("adapter",)),
    ("our search, untrained, no titles path", ("adapter", "titles")),
)


def build_variants(guide: Guide, settings: IndexSettings, progress: Progress = silent) -> list[System]:
    """Return our search over indexes built without some of its parts.

    The first call builds them, later calls find them current. Questions that a model has embedded for one
    index are not embedded again for another: one of the three builds takes its time, the others seconds.

    Raises:
        BaselineSystemError: one cannot be built.
    """
    from index.build import build_index, current_folder, indexes_folder, known_vectors
    from index.errors import SearchIndexError
    from index.model.store import model_key
    from index.search import SearchIndex
    from index.trained_parts import find_trained

    def told(name: str) -> Progress:
        return lambda step, done, total: progress(f"{name}: {step}", done, total)

    systems: list[System] = []
    built = [settings]
    for name, parts in WITHOUT:
        if not all(getattr(settings, part, False) for part in parts):
            continue
        folder = settings.data_dir / FOLDER / "-".join(("no", *parts))
        changed = settings.model_copy(update={**dict.fromkeys(parts, False), "data_dir": folder, "chroma_url": ""})
        try:
            folder.mkdir(parents=True, exist_ok=True)
            models = folder / "models"
            if not models.exists():
                models.symlink_to(settings.data_dir / "models", target_is_directory=True)
            trained = find_trained(changed)
            key = model_key(changed.model, trained.adapter if trained else None)
            known = (known_vectors(other, current_folder(indexes_folder(other)), key) for other in built)
            build_index(changed, told(name), known=next((vectors for vectors in known if vectors), None))
            built.append(changed)
            index = SearchIndex.open(changed, told(name))
        except (SearchIndexError, OSError) as error:
            raise BaselineSystemError(f"{name} cannot be measured: {error}") from error
        systems.append(OurSearch(name, guide, cast("Index", index), family="ours, a part removed"))
    return systems
