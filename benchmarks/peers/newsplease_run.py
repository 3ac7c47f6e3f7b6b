"""news-please over a WARC file, one record after another as its documentation shows, to JSON lines.

usage: newsplease_run.py WARC FOLDER
"""

import json
import sys
from pathlib import Path

from newsplease import NewsPlease
from warcio.archiveiterator import ArchiveIterator

if __name__ == "__main__":
    count = 0
    with Path(sys.argv[1]).open("rb") as stream, (Path(sys.argv[2]) / "pages.jsonl").open("w", encoding="utf-8") as out:
        for record in ArchiveIterator(stream):
            if record.rec_type != "response":
                continue
            try:
                article = NewsPlease.from_warc(record, fetch_images=False)  # nothing from the network
            except Exception:  # noqa: BLE001 - a page that it cannot read is a page less
                continue
            if article is not None and article.maintext:
                count += 1
                out.write(json.dumps(article.get_serializable_dict(), ensure_ascii=False) + "\n")
    print("PAGES", count)
