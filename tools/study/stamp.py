#!/usr/bin/env python3
"""Writes a result of the phantom study with the hash of the phantoms' parameters in it, else as it is.

  stamp.py COHORT/phantom.json RESULT OUT

RESULT is what `popcorn train --json` printed on that cohort; OUT may be the same file. Needs Python's own library only.
"""
import json
import os
import sys


def stamped(text, cohort_hash):
    result = json.loads(text)
    if result.get("phantomHash", cohort_hash) != cohort_hash:
        sys.exit("the result is of other phantoms: %s" % result["phantomHash"])
    if "phantomHash" in result:
        return text
    # Keys stand in order, one a line, so that the rest of the file stays as it was printed.
    lines = text.splitlines(keepends=True)
    at = next(index for index, line in enumerate(lines) if line.startswith('  "outcome" : '))
    lines.insert(at + 1, '  "phantomHash" : "%s",\n' % cohort_hash)
    text = "".join(lines)
    if json.loads(text) != dict(result, phantomHash=cohort_hash):
        sys.exit("the result is not as popcorn prints it")
    return text


def main():
    cohort, source, out = sys.argv[1:]
    with open(cohort) as file:
        cohort_hash = json.load(file)["hash"]
    with open(source) as file:
        text = stamped(file.read(), cohort_hash)
    # A result that is there is whole: the study does not repeat it.
    with open(out + ".partial", "w") as file:
        file.write(text)
    os.rename(out + ".partial", out)


if __name__ == "__main__":
    main()
