"""Where rows come from: workbooks and delimited text, as files, globs or web addresses, read as text."""
