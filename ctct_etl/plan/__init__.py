"""Plain data that stages, accounts, runs and reports hand to each other: snapshot, capabilities, plan."""
