"""The HTTP edge: client, address guard, robots, politeness and crawl, free of Prefect."""
