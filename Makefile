# Everything a fresh machine needs is Python 3.11 to 3.13 and the network: each target makes .venv first.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || echo python3)
BIN := .venv/bin
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.PHONY: run notebook test test-long setup serve lint types imports unit conformance eval bench bench-crawl bench-warehouse bench-overhead bench-scale bench-workers soak lake test-scale clean

run: setup            ## scrape the demo press and show what came of it
	$(BIN)/broadsheet demo

serve: setup          ## Prefect server, schedules, worker and the demo press, until Ctrl-C
	$(BIN)/broadsheet serve --demo

notebook: setup       ## charts over what is loaded, in marimo
	$(BIN)/marimo edit notebooks/press.py

test: setup lint types imports unit  ## everything that must hold

setup: .venv/ready    ## .venv with the broadsheet command

.venv/ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports

unit:
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not long"

test-long: setup      ## what `make test` leaves out: more seeds, more kills
	$(BIN)/pytest -n 2 --dist loadfile -m long

conformance: setup    ## public cases of other projects; CONFORMANCE_DIR names the folder that holds them
	$(BIN)/pytest -rs tests/conformance

bench: setup          ## beside datatrove, news-please, plain trafilatura: PAGES=pages.warc.gz, else the demo press; REPORT=
	$(BIN)/python benchmarks/bench.py $(if $(PAGES),--pages $(PAGES)) $(if $(REPORT),--report $(REPORT))

bench-crawl: setup    ## pages/s and CPU beside Scrapy, crawlee and a bare aiohttp loop, on loopback
	$(BIN)/python benchmarks/crawl.py

bench-warehouse: setup ## build, upsert and queries on synthetic articles
	$(BIN)/python benchmarks/bench_warehouse.py

bench-scale: setup    ## what a stage, a worker and a shard cost, and a billion pages: docs/scale.md
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dask]'
	$(BIN)/python benchmarks/scale.py --report docs/scale.md

bench-workers: setup  ## one and two workers on one crawl, over a PostgreSQL of its own
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[postgres]'
	$(BIN)/python benchmarks/workers.py

bench-overhead: setup ## CPU that Prefect adds over 2,000 pages
	$(BIN)/python benchmarks/overhead.py

soak: setup           ## an hour of `serve` with faults on purpose: FOLDER=/var/tmp/soak
	@test -n "$(FOLDER)" || { echo "make soak needs FOLDER=new-folder"; exit 2; }
	$(BIN)/python benchmarks/soak.py --minutes 60 --folder $(FOLDER) --report docs/soak.md

lake: .venv-lake/ready ## an environment for warehouse = "ducklake": its extensions need an earlier DuckDB

.venv-lake/ready: pyproject.toml constraints.txt constraints-lake.txt
	test -x .venv-lake/bin/python || $(PYTHON) -m venv .venv-lake
	grep -v '^duckdb==' constraints.txt > .venv-lake/constraints.txt
	.venv-lake/bin/python -m pip install --quiet --disable-pip-version-check -c .venv-lake/constraints.txt pip
	.venv-lake/bin/python -m pip install --quiet --disable-pip-version-check -c .venv-lake/constraints.txt -c constraints-lake.txt --editable '.[dev,lake,dask,s3,postgres,s3-server]'
	touch $@

test-scale: lake      ## what `make test` skips: Dask, ledger on PostgreSQL, S3, DuckLake, and all of them at once
	.venv-lake/bin/pytest -rs tests/scale tests/lake

eval: setup           ## extraction beside plain trafilatura: GOLD=gold.jsonl PAGES=pages.warc.gz
	@test -n "$(GOLD)" -a -n "$(PAGES)" || { echo "make eval needs GOLD=gold.jsonl PAGES=pages.warc.gz"; exit 2; }
	$(BIN)/python benchmarks/eval.py $(GOLD) $(PAGES)

clean:                ## removes .venv and caches, never data/
	rm -rf .venv .venv-lake .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
