"""The clock of one process, ahead of everybody else's.

A library that is loaded before all others answers what asks for the time of day; the clock that only runs, by which waits
are measured, stays as it is. (libfaketime breaks Python's waits; a time namespace has no time of day of its own.)
"""

import shutil
import subprocess
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx

AHEAD_SECONDS = 90
TOLERANCE_SECONDS = 15
"""By so many seconds the dates of two answers may differ from what their clocks do: answers may take a while."""
SOURCE = f"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *at) {{
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int code = real(clock, at);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) at->tv_sec += {AHEAD_SECONDS};
    return code;
}}

int gettimeofday(struct timeval *at, void *zone) {{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}}

time_t time(time_t *at) {{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}}
"""


def why_not() -> str:
    """Why no clock can be moved here; '' where one can."""
    return "" if shutil.which("cc") else "there is no C compiler to move a process's clock with"


def ahead(folder: Path) -> dict[str, str]:
    """The variables of a process whose clock is ahead; what it needs for it is built into the folder."""
    library = folder / "clock.so"
    if not library.exists():
        command = ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library), "-ldl"]
        subprocess.run(command, input=SOURCE.encode(), check=True, capture_output=True)
    return {"LD_PRELOAD": str(library)}


async def seconds_apart(earlier: str, later: str) -> float:
    """How far the clock of the service at the second URL is ahead of that at the first, by the dates of their answers."""
    async with httpx.AsyncClient(timeout=TOLERANCE_SECONDS / 2, trust_env=False) as http:
        first, second = [_date(await http.get(f"{url}/healthz")) for url in (earlier, later)]
    return (second - first).total_seconds()


def _date(response: httpx.Response) -> datetime:
    return parsedate_to_datetime(response.headers["date"])
