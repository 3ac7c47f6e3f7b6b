"""What runs: the command, the crawl, the extraction pool and the Prefect flows that tie the stages together."""
