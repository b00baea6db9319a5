"""Texts that some language takes for its own; every door into one is tried with all of them."""

HOSTILE = (
    # HTML, and its script blocks
    '<img src=x onerror="document.title=\'taken\'">', "</script><script>alert(1)</script>", "<!--<script>", "a -->",
    "]]>", "100 % & more &amp; &lt;b&gt;", "&copy;", "<https://a.b>", "a<b>c", "</svg>", "</textarea>",
    # Markdown, as Pandoc and Quarto read it
    "{{< video a >}}", "{{< include /etc/passwd >}}", "`{python} 1+1`", "$x_1$ and $y$", "$", "`", "``` code",
    "| a | b",
    "*a* _b_ **c** ~~d~~", "^[note]", "[link](javascript:alert(1))", "![](x.png)", "@fig-a and [@knuth]", "(@ex)",
    "http://example.org/a?b=c", "mailto:a@b.org", "a@b.org", "1. one", "- item", "+ item", "# title", "::: {.x}", "---",
    "a -- b", "wait...", "==a==", "~sub~ ^sup^", "[x]{.y}", "{a}", "a_b_c", "\\", "a\\|b", "\\(x\\)", "term\n:   said",
    # Typst and TeX
    '#include "a"', "#set page(width: 1cm)", "= a", "\\textbf{a}", "/* c */ // d", "%PDF", "<label>", "#",
    # the shell, YAML, SQL
    "'; DROP TABLE x; --", "$(touch taken)", "a: b", "? a", "!!python/object:os.system", "jeu;echo X", "&a *a", "%s %d",
    # signs that are not what they look like
    "\u2028line", "\u202eabc", "a\u200bb", "\ufeffbom", "\u00a0x", "👩‍👩‍👧 🇫🇷", "é à ç — «»", "\x1b[31mred\x1b[0m",
    "\x07bell", "a\x9bb",
)  # fmt: skip
