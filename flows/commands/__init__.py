"""The subcommands of `broadsheet`, grouped by what a user wants: to work, to ask, to operate, to look at the demo."""
