"""The program's doings, one file each: what a command does between its arguments and its rendering."""
