"""Cuts a text into words: the twin of src/domain/matcher/segment.rs.

NFKC, lower case. Runs of Latin letters are words ("don't" is "do" and "not"; what else follows an apostrophe is dropped), numbers
are words, and runs of Han characters are cut into the known words that cost least together: log(rank + 20) each, 14 for a
character that is not known.
"""

import math
import re
import unicodedata

RUN = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+(?:\.[0-9]+)?|[\u4e00-\u9fff]+")
SHORT = {"ca": "can", "wo": "will", "sha": "shall"}
LONGEST, OFFSET, STRANGE = 6, 20.0, 14.0


def tokens(text: str, ranks: dict[str, int]) -> list[str]:
    """The words; `ranks` are those of the Chinese words that are known."""
    found = []
    for run in RUN.findall(unicodedata.normalize("NFKC", text).lower().replace("’", "'")):
        if "\u4e00" <= run[0] <= "\u9fff":
            found.extend(cut(run, ranks))
        elif run.endswith("n't"):
            found.extend([SHORT.get(run[:-3], run[:-3]), "not"])
        else:
            found.append(run.partition("'")[0])
    return found


def cut(run: str, ranks: dict[str, int]) -> list[str]:
    best = [(0.0, 0)]
    for end in range(1, len(run) + 1):
        choices = []
        for start in range(max(0, end - LONGEST), end):
            rank = ranks.get(run[start:end])
            if rank is not None:
                choices.append((best[start][0] + math.log(rank + OFFSET), start))
            elif end - start == 1:
                choices.append((best[start][0] + STRANGE, start))
        best.append(min(choices))
    words, end = [], len(run)
    while end > 0:
        start = best[end][1]
        words.append(run[start:end])
        end = start
    return words[::-1]
