"""Rows of the table that script/bench prints: what is measured, beside what, and how it went."""

import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass, field


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Failed(Exception):
    pass


def run(command, codes=(0,), **options):
    """What the command printed; Failed when it ends with another code."""
    done = subprocess.run(
        list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, **options
    )
    if done.returncode not in codes:
        raise Failed(f"{command[0]} ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


@dataclass
class Contender:
    name: str
    # Returns the figure of one run.
    measure: callable
    # Programs that it needs; one that is missing makes the row say so.
    needs: tuple = ()
    # A slow one runs once.
    once: bool = False


@dataclass
class Row:
    name: str
    title: str
    unit: str
    freight: Contender
    peer: Contender = None
    # What must be reached and what is aimed at: of the ratio Freight / peer, or, with `absolute`,
    # of Freight's own figure; with `at_most` it must stay below.
    mark: float = None
    aim: float = None
    absolute: bool = False
    at_most: bool = False
    figures: dict = field(default_factory=dict)
    trouble: dict = field(default_factory=dict)

    def measure(self, runs):
        """In turns, so that what disturbs the machine disturbs both."""
        contenders = [self.freight] + ([self.peer] if self.peer else [])
        for contender in contenders:
            missing = [program for program in contender.needs if not shutil.which(program)]
            if missing and contender.name not in self.trouble:
                self.trouble[contender.name] = f"{', '.join(missing)} not installed"
        for number in range(1, runs + 1):
            for contender in contenders:
                if contender.name in self.trouble or (contender.once and number > 1):
                    continue
                try:
                    figure = contender.measure()
                except Failed as failed:
                    if contender is self.freight:
                        raise
                    self.trouble[contender.name] = str(failed).splitlines()[0]
                    say(f"{self.name}: {failed}")
                    continue
                self.figures.setdefault(contender.name, []).append(figure)
                say(f"{self.name}, run {number} of {runs}: {contender.name} {figure:,.4g} {self.unit}")

    def median(self, contender):
        figures = self.figures.get(contender.name) if contender else None
        return statistics.median(figures) if figures else None

    def reached(self):
        """What stands beside the mark: (median, lowest, highest), or None."""
        ours = self.figures.get(self.freight.name)
        if not ours:
            return None
        if self.absolute:
            return statistics.median(ours), min(ours), max(ours)
        theirs = self.figures.get(self.peer.name) if self.peer else None
        if not theirs:
            return None
        # A peer that ran once stands beside each run.
        pairs = [mine / theirs[min(index, len(theirs) - 1)] for index, mine in enumerate(ours)]
        return statistics.median(ours) / statistics.median(theirs), min(pairs), max(pairs)

    def holds(self, limit):
        reached = self.reached()
        if reached is None or limit is None:
            return None
        return reached[0] <= limit if self.at_most else reached[0] >= limit

    def as_json(self):
        reached = self.reached()
        return {
            "name": self.name,
            "title": self.title,
            "unit": self.unit,
            "figures": self.figures,
            "trouble": self.trouble,
            "reached": reached and {"median": reached[0], "minimum": reached[1], "maximum": reached[2]},
            "mark": self.mark,
            "aim": self.aim,
            "mark_holds": self.holds(self.mark),
            "aim_holds": self.holds(self.aim),
        }


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(rows):
    """In Markdown, columns aligned."""
    lines = [("work", "unit", "Freight", "beside", "peer", "reached (min - max)", "mark", "aim", "")]
    for row in rows:
        reached = row.reached()
        spread = f"{number(reached[0])} ({number(reached[1])} - {number(reached[2])})" if reached else "-"
        sign = "at most " if row.at_most else ""
        verdict = {None: "", True: "holds", False: "missed"}[row.holds(row.mark)]
        if row.holds(row.aim):
            verdict = "aim"
        peer = row.peer.name if row.peer else "-"
        theirs = number(row.median(row.peer))
        for name, why in row.trouble.items():
            if row.peer and name == row.peer.name:
                theirs = why
        lines.append((
            row.title, row.unit, number(row.median(row.freight)), peer, theirs, spread,
            sign + number(row.mark), sign + number(row.aim), verdict,
        ))  # fmt: skip
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)
