"""Two programs that take turns: machines are shared, so that only neighbouring measurements compare."""
import os
import statistics
import subprocess
import time


def our_environment(threads):
    """As the service runs its worker."""
    return {**os.environ, "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "1000"}


class Paced:
    """`popcorn bench --paced`: one repetition for each line, answered with its seconds."""

    def __init__(self, program, subject, *options, threads=2):
        self.process = subprocess.Popen(
            [program, "bench", "--paced", "--only", subject, *map(str, options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=our_environment(threads))

    def seconds(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def peak_mib(self):
        """The most memory that it was ever resident in, MiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def spread(values):
    return {"median": statistics.median(values), "low": min(values), "high": max(values), "count": len(values)}


def in_a_row(measure, count):
    """Mean seconds, after a pause: threads of the other spin for some milliseconds after its last piece of work."""
    time.sleep(0.05)
    return statistics.mean(measure() for _ in range(count))


def take_turns(theirs, ours, repetitions, warm=True):
    """Both alternately, after one uncounted turn where what is measured keeps something; each a function that answers
    seconds, called several times in a row where those are few. The ratio is theirs over ours, of neighbours: above 1 ours
    is faster."""
    count = 1
    if warm:
        theirs(), ours()
        count = max(1, min(20, int(0.3 / min(theirs(), ours()))))
    turns = [(in_a_row(theirs, count), in_a_row(ours, count)) for _ in range(repetitions)]
    return {"theirs": spread([t for t, _ in turns]), "ours": spread([u for _, u in turns]),
            "ratio": spread([t / u for t, u in turns])}
