"""datatrove's own way from WARC to Parquet: reader, Trafilatura extractor, writer, with its settings as they are.

It divides its work by files, so it gets as many as it may use cores.

usage: datatrove_run.py FOLDER-OF-WARC-FILES FOLDER
"""

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.readers import WarcReader
from datatrove.pipeline.writers import ParquetWriter

if __name__ == "__main__":
    given, folder = Path(sys.argv[1]), Path(sys.argv[2])
    count = len(list(given.glob("*.warc.gz")))
    steps = [WarcReader(str(given), glob_pattern="*.warc.gz"), Trafilatura(), ParquetWriter(str(folder / "out"))]
    LocalPipelineExecutor(pipeline=steps, tasks=count, workers=count, logging_dir=str(folder / "logs")).run()

    import pyarrow.parquet as pq

    print("PAGES", sum(pq.read_metadata(path).num_rows for path in (folder / "out").glob("*.parquet")))
