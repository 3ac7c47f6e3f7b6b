"""A plain loop over a WARC file: trafilatura in two processes, text and metadata, to JSON lines. The floor of all.

usage: plain_loop.py WARC FOLDER
"""

import json
import sys
from multiprocessing import Pool
from pathlib import Path
from threading import Semaphore

from trafilatura import bare_extraction
from warcio.archiveiterator import ArchiveIterator

CHUNK = 16
AHEAD = 8 * CHUNK


def pages(path, room):
    with Path(path).open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response":
                room.acquire()  # else the pool reads the whole file into memory
                yield record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read()


def extract(page):
    url, body = page
    found = bare_extraction(body, url=url, with_metadata=True, include_comments=False)
    if found is None:
        return None
    names = ("url", "title", "author", "date", "hostname", "description", "sitename", "language", "text")
    return {name: getattr(found, name, None) for name in names}


if __name__ == "__main__":
    room, count = Semaphore(AHEAD), 0
    with Pool(2) as pool, (Path(sys.argv[2]) / "pages.jsonl").open("w", encoding="utf-8") as out:
        for row in pool.imap_unordered(extract, pages(sys.argv[1], room), chunksize=CHUNK):
            room.release()
            if row:
                count += 1
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print("PAGES", count)
