"""What the machine can do: the same PDFs through plain PyMuPDF, one process a core, nothing else."""

import multiprocessing
import os
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pymupdf

CORES = os.cpu_count() or 1


def documents_per_second(files: list[Path], processes: int = CORES) -> float:
    """Texts of all pages of all files, by `processes` processes that have started and wait for the signal."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Barrier(processes + 1), context.Barrier(processes + 1)
    shares = [[str(file) for file in files[n::processes]] for n in range(processes)]
    workers = [context.Process(target=_read, args=(share, ready, done)) for share in shares]
    for worker in workers:
        worker.start()
    ready.wait(60)
    began = time.perf_counter()
    done.wait(600)
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return len(files) / seconds


def _read(files: list[str], ready: Barrier, done: Barrier) -> None:
    ready.wait(60)
    for file in files:
        with pymupdf.open(file) as pdf:
            "".join(page.get_text() for page in pdf)
    done.wait(600)
