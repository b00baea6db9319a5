"""What is said to readers, a package for each language; numbers, tables and code have none."""
