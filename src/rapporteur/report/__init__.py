"""What the documents import (facts, tables, figures) and what turns them into HTML and PDF."""
