"""How fast the product is on this machine: `python -m live.bench`, or `make bench`.

Measures the generator alone and the whole live path with every runtime of this machine, all in turn, and how far each
runtime is from what its device can do. Prints tables; writes a JSON report, and beside it a plot (SVG) and the tables
(Markdown).
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from engines.errors import EngineError
from live.bench import compare, plot, table
from live.bench.files import ReportError, check_writable, read_report, write, write_report
from live.bench.flags import parse, wanted
from live.bench.machine import busy, machine, title
from live.bench.report import Wanted, measure
from live.sources.base import SourceError


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module; returns the exit status."""
    flags = parse(arguments)
    try:
        if flags.compare:
            print(compare.told(*(read_report(path) for path in flags.compare)))
        elif flags.markdown:
            print(table.markdown(read_report(flags.markdown)), end="")
        elif flags.plot:
            write(flags.plot.with_suffix(".svg"), plot.svg(read_report(flags.plot)))
        else:
            run(wanted(flags, arguments), flags.output)
    except (EngineError, ReportError, SourceError) as error:
        print(f"live.bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("live.bench: stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


def run(measured: Wanted, output: Path) -> None:
    """Measure, print, and write the three files."""
    check_writable(output)
    found = machine()
    print("\n".join(line for line in (f"{title(found)}, {measured.graph.name}", busy(found)) if line), flush=True)
    report = measure(measured, progress)
    write_report(output, report)
    write(output.with_suffix(".svg"), plot.svg(report))
    write(output.with_suffix(".md"), table.markdown(report))
    print(f"\n{table.terminal(report)}\n\nWritten to {output}, {output.stem}.svg and {output.stem}.md beside it.")


@contextlib.contextmanager
def progress(label: str, steps: int) -> Iterator[Callable[[str], None]]:
    """A `live.bench.report.Phase` on standard error: a bar on a terminal, one line in a log."""
    if not sys.stderr.isatty():
        print(f"{label}: {steps} steps", file=sys.stderr, flush=True)
    with tqdm(total=steps, desc=label, unit="turn", disable=None, leave=False) as bar:

        def watch(done: str) -> None:
            bar.set_postfix_str(done, refresh=False)
            bar.update()

        yield watch


if __name__ == "__main__":
    sys.exit(main())
