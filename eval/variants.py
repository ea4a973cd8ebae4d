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
WITHOUT = {
    "titles": "our search, no titles path",
    "adapter": "our search, no adapter (nothing trained)",
}


def build_variants(guide: Guide, settings: IndexSettings, progress: Progress = silent) -> list[System]:
    """Return our search over indexes built without titles path and without trained parts.

    The first call builds them (half a minute each); later calls find them current.

    Raises:
        BaselineSystemError: one cannot be built.
    """
    from index.errors import SearchIndexError
    from index.search import SearchIndex

    def told(name: str) -> Progress:
        return lambda step, done, total: progress(f"{name}: {step}", done, total)

    systems: list[System] = []
    for part, name in WITHOUT.items():
        if part not in type(settings).model_fields or not getattr(settings, part):
            continue
        folder = settings.data_dir / FOLDER / f"no-{part}"
        changed = settings.model_copy(update={part: False, "data_dir": folder, "chroma_url": ""})
        try:
            folder.mkdir(parents=True, exist_ok=True)
            models = folder / "models"
            if not models.exists():
                models.symlink_to(settings.data_dir / "models", target_is_directory=True)
            index = SearchIndex.open(changed, told(name))
        except (SearchIndexError, OSError) as error:
            raise BaselineSystemError(f"{name} cannot be measured: {error}") from error
        systems.append(OurSearch(name, guide, cast("Index", index), family="ours, a part removed"))
    return systems
