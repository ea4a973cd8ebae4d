"""Pages of a PDF: fonts, a cursor that goes down and over to the next page, text, links and tables.

What a note says and how its parts look is `assistant.export.pdf`'s; here is how marks reach the paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import as_file, files

from fpdf import FPDF
from fpdf.fonts import TTFFont

from assistant.export.clean import REPLACEMENT
from assistant.export.lines import Line, Span, break_lines
from assistant.export.reading import Run, Runs, Table

FAMILY = "Lato"
STYLES = {"": "Regular", "B": "Bold", "I": "Italic", "BI": "BoldItalic"}
# Characters that the font lacks though they have a look-alike in it; they stay themselves when copied.
_ALIKE = {0x2011: 0x2010, 0xFFFD: 0x25A1}
Colour = tuple[int, int, int]
INK: Colour = (31, 42, 55)
QUIET: Colour = (91, 102, 115)
LINK: Colour = (29, 78, 137)
RULE: Colour = (190, 197, 204)
SHADE: Colour = (240, 243, 246)
_PER_POINT = 25.4 / 72
_CELL_PADDING = 1.6
# More characters than a third of a page holds: their lines need not be counted.
_LONG = 2500


@dataclass(frozen=True, slots=True)
class Look:
    """How a paragraph looks: size in points, line height as a multiple of it, spaces and indent in mm."""

    size: float = 10.5
    leading: float = 1.42
    colour: Colour = INK
    before: float = 0.0
    after: float = 2.4
    indent: float = 0.0

    @property
    def line(self) -> float:
        """Return the height of a line in mm."""
        return self.size * self.leading * _PER_POINT


class Sheet:
    """A4 pages, filled from top to bottom; lengths are in mm."""

    left, right, top, bottom = 24.0, 186.0, 22.0, 272.0
    # Up to this height, what belongs together is not broken over two pages.
    _short = (bottom - top) / 3

    def __init__(self) -> None:
        self.pdf = FPDF(format="A4")
        self.pdf.set_auto_page_break(False)
        # Its mark for the number of pages would be replaced in what people wrote, too.
        self.pdf.alias_nb_pages(None)  # type: ignore[arg-type]  # as its documentation says
        for style, name in STYLES.items():
            with as_file(files("fontpkg_lato") / "files" / f"Lato-{name}.ttf") as path:
                self.pdf.add_font(FAMILY, style, path)
        fonts = [font for font in self.pdf.fonts.values() if isinstance(font, TTFFont)]
        for font in fonts:
            for code, alike in _ALIKE.items():
                font.cmap.setdefault(code, font.cmap[alike])
                font.glyph_ids.setdefault(code, font.glyph_ids[alike])
                font.cw.setdefault(code, font.cw[alike])
        self._fonts = dict(zip(STYLES, fonts, strict=True))
        self._known = frozenset(fonts[0].cmap)
        self._widths: dict[tuple[str, str], float] = {}
        self._links: dict[str, int] = {}
        self.y = self.top
        self.pdf.add_page()

    def drawable(self, text: str) -> str:
        """Return a text with a visible mark for each character that the font lacks."""
        return "".join(char if ord(char) in self._known or char == "\n" else REPLACEMENT for char in text)

    def need(self, height: float) -> None:
        """Go to the next page unless a height is left on this one."""
        if self.y + height > self.bottom and self.y > self.top:
            self.pdf.add_page()
            self.y = self.top

    def skip(self, height: float) -> None:
        """Leave a space, none at the top of a page."""
        if self.y > self.top:
            self.y += height

    def outline(self, title: str, level: int) -> None:
        """List the cursor's place in the reader's table of contents."""
        self.pdf.set_y(self.y)
        self.pdf.start_section(title, level)

    def anchor(self, name: str) -> None:
        """Make the cursor's place the target of the links to a name."""
        self.pdf.set_link(self._link(name), y=max(self.y - 4, 0), page=self.pdf.page)

    def paragraph(
        self,
        runs: Sequence[Run],
        look: Look,
        *,
        hang: str = "",
        inset: float = 0.0,
        anchors: dict[int, str] | None = None,
    ) -> None:
        """Write a paragraph over as many pages as it needs; `hang` stands before its first line.

        All lines begin `inset` mm after the indent, to leave room for `hang`; without an inset it stands
        in the indent.
        """
        self.skip(look.before)
        left = self.left + look.indent + inset
        lines = self.lines(runs, look, self.right - left)
        # No first or last line of a paragraph alone on a page.
        self.need(look.line * (len(lines) if len(lines) <= 3 else 2))
        for index, line in enumerate(lines):
            if len(lines) - index == 2:
                self.need(look.line * 2)
            self.need(look.line)
            if index == 0 and hang:
                self._text(left - (inset or look.indent), self.y, (self._span(hang, "B"),), look, {})
            self._text(left, self.y, line, look, anchors or {})
            self.y += look.line
        self.y += look.after

    def keep(self, *parts: tuple[Sequence[Run], Look]) -> None:
        """Go to the next page unless these paragraphs fit on this one; long ones may be broken."""
        if sum(len(run.text) for runs, _ in parts for run in runs) > _LONG:
            self.need(self._short)
            return
        height = sum(
            len(self.lines(runs, look, self.right - self.left - look.indent)) * look.line + look.after
            for runs, look in parts
        )
        self.need(min(height, self._short) - parts[-1][1].after)

    def lines(self, runs: Sequence[Run], look: Look, width: float) -> list[Line]:
        """Return the lines of a paragraph of a width."""
        shown = [replace(run, text=self.drawable(run.text)) for run in runs]
        scale = look.size * _PER_POINT / 1000
        return break_lines(shown, width / scale, self._measure)

    def rule(self, space: float) -> None:
        """Draw a thin line over the whole width."""
        self.skip(space)
        self._stroke(self.y)
        self.y += space

    def table(self, table: Table, look: Look, anchors: dict[int, str]) -> None:
        """Draw a table; its first row is repeated on each page, rows go on over pages line by line."""
        widths = self._column_widths(table, look)
        header, *rows = [
            [self.lines(cell, look, width - 2 * _CELL_PADDING) for cell, width in zip(row, widths, strict=True)]
            for row in [_bold(table.rows[0]), *table.rows[1:]]
        ]
        header_height = max(map(len, header)) * look.line + 2 * _CELL_PADDING
        # A first row that fills a page could not be repeated: it goes on like any other.
        repeated = header if header_height < (self.bottom - self.top) / 4 else None
        if repeated is None:
            rows.insert(0, header)
        first = max(map(len, rows[0])) * look.line if rows else 0.0
        self.need(header_height + (first if first < self._short else 3 * look.line) + 4 * _CELL_PADDING)
        self._stroke(self.y)
        if repeated:
            self._row(repeated, widths, look, anchors, shade=True)
        for row in rows:
            height = max(map(len, row))
            done = 0
            while done < height:
                fitting = int((self.bottom - self.y - 2 * _CELL_PADDING) / look.line)
                # A short row stays whole, of a long one no single line is left behind.
                least = height if height * look.line < self._short else min(height - done, 2)
                if fitting < least:
                    self.need(self.bottom)
                    if repeated:
                        self._row(repeated, widths, look, anchors, shade=True)
                    continue
                self._row([cell[done : done + fitting] for cell in row], widths, look, anchors)
                done += fitting
        self.y += look.after + 1

    def footers(self, title: str) -> None:
        """Write title and page number at the foot of each page."""
        look = Look(size=8.5, colour=QUIET)
        pages = len(self.pdf.pages)
        shown = self.lines([Run(title)], look, self.right - self.left - 25)[0]
        for number in range(1, pages + 1):
            self.pdf.page = number
            # A font that seems to be set is not set again, though this page ended with another.
            self.pdf.set_font(FAMILY, "BI", 1)
            self._stroke(self.bottom + 4)
            self._text(self.left, self.bottom + 5.5, shown, look, {})
            count = self._span(f"{number} / {pages}", "")
            width = count.width * look.size * _PER_POINT / 1000
            self._text(self.right - width, self.bottom + 5.5, (count,), look, {})

    def _row(
        self,
        cells: Sequence[Sequence[Line]],
        widths: Sequence[float],
        look: Look,
        anchors: dict[int, str],
        *,
        shade: bool = False,
    ) -> None:
        height = max(map(len, cells)) * look.line + 2 * _CELL_PADDING
        if shade:
            self.pdf.set_fill_color(*SHADE)
            self.pdf.rect(self.left, self.y, sum(widths), height, style="F")
        x = self.left
        for cell, width in zip(cells, widths, strict=True):
            for index, line in enumerate(cell):
                self._text(x + _CELL_PADDING, self.y + _CELL_PADDING + index * look.line, line, look, anchors)
            x += width
        self.y += height
        self._stroke(self.y)

    def _column_widths(self, table: Table, look: Look) -> list[float]:
        """Share the width by the length of what columns hold; the longest word of each fits when it can."""
        whole = self.right - self.left
        scale = look.size * _PER_POINT / 1000
        columns = [["".join(run.text for run in cell) for cell in column] for column in zip(*table.rows, strict=True)]
        weights = [min(max(map(len, column)), 160) ** 0.6 + 4 for column in columns]
        least = []
        for column in columns:
            words = {word[:40] for text in column for word in self.drawable(text).split()}
            widest = max((self._span(word, "B").width * scale for word in words), default=0)
            least.append(min(widest + 2 * _CELL_PADDING + 0.5, 1.5 * whole / len(columns)))
        free = whole - sum(least)
        if free < 0:
            return [share * whole / sum(least) for share in least]
        return [share + free * weight / sum(weights) for share, weight in zip(least, weights, strict=True)]

    def _text(self, x: float, y: float, line: Line, look: Look, anchors: dict[int, str]) -> None:
        scale = look.size * _PER_POINT / 1000
        # The baseline lies so that the letters stand in the middle of the line's height.
        baseline = y + look.line / 2 + 0.35 * look.size * _PER_POINT
        for span in line:
            target = anchors.get(span.marker) if span.marker is not None else None
            self.pdf.set_text_color(*(LINK if target else look.colour))
            self.pdf.set_font(FAMILY, span.style, look.size)
            self.pdf.text(x, baseline, span.text)
            width = span.width * scale
            if target:
                self.pdf.link(x, y, width, look.line, self._link(target))
            x += width

    def _stroke(self, y: float) -> None:
        self.pdf.set_draw_color(*RULE)
        self.pdf.set_line_width(0.2)
        self.pdf.line(self.left, y, self.right, y)

    def _span(self, text: str, style: str) -> Span:
        return Span(text, style, sum(self._measure(char, style) for char in text))

    def _measure(self, char: str, style: str) -> float:
        width = self._widths.get((char, style))
        if width is None:
            width = self._widths[char, style] = float(self._fonts[style].cw[ord(char)])
        return width

    def _link(self, name: str) -> int:
        if name not in self._links:
            self._links[name] = int(self.pdf.add_link())
        return self._links[name]


def _bold(row: Sequence[Runs]) -> tuple[Runs, ...]:
    return tuple(tuple(replace(run, bold=True) for run in cell) for cell in row)
