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

    The first call builds them (half a minute each); later calls find them current.

    Raises:
        BaselineSystemError: one cannot be built.
    """
    from index.errors import SearchIndexError
    from index.search import SearchIndex

    def told(name: str) -> Progress:
        return lambda step, done, total: progress(f"{name}: {step}", done, total)

    systems: list[System] = []
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
            index = SearchIndex.open(changed, told(name))
        except (SearchIndexError, OSError) as error:
            raise BaselineSystemError(f"{name} cannot be measured: {error}") from error
        systems.append(OurSearch(name, guide, cast("Index", index), family="ours, a part removed"))
    return systems
