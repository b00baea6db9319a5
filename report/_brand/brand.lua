-- What report/_brand asks of Typst; in HTML it is CSS (common.css). And what Quarto's pages ask: the lighter picture.
local sizes = { small = "0.88em", lead = "1.08em" }

-- Quarto holds what a cell made in a block, and out of a block no figure goes to the top of a page: the floats of a
-- cell that made nothing else are taken out of theirs.
local function floats(div)
  local out = pandoc.Blocks({})
  for _, block in ipairs(div.content) do
    local float = block.t == "Div" and block.attributes.__quarto_custom_type == "FloatRefTarget"
    local output = block.t == "Div" and block.classes:includes("cell-output")
    local found = float and { block } or output and floats(block)
    if not found then return nil end
    out:extend(found)
  end
  return #out > 0 and out or nil
end

function Div(div)
  if not FORMAT:match("typst") then return nil end
  if div.classes:includes("notes") then return {} end -- the speaker's
  if div.classes:includes("cell") then return floats(div) end
  for class, size in pairs(sizes) do
    if div.classes:includes(class) then
      local out = pandoc.List({ pandoc.RawBlock("typst", "#block[#set text(size: " .. size .. ")") })
      out:extend(div.content)
      out:insert(pandoc.RawBlock("typst", "]"))
      return out
    end
  end
end

function Span(span)
  if FORMAT:match("typst") and span.classes:includes("nowrap") then
    local out = pandoc.List({ pandoc.RawInline("typst", "#box[") })
    out:extend(span.content)
    out:insert(pandoc.RawInline("typst", "]"))
    return out
  end
end

-- A term stays with what is said of it: Typst's own list of terms may leave it alone at the foot of a page.
function DefinitionList(list)
  if not FORMAT:match("typst") then return nil end
  local out = pandoc.List({})
  for _, item in ipairs(list.content) do
    local term = pandoc.List({ pandoc.RawInline("typst", "#block(sticky: true, above: 0.85em, below: 0.5em)[#strong[") })
    term:extend(item[1])
    term:insert(pandoc.RawInline("typst", "]]"))
    out:insert(pandoc.Plain(term))
    for _, said in ipairs(item[2]) do
      out:insert(pandoc.RawBlock("typst", "#block(inset: (left: 1.6em), above: 0.5em, below: 0.85em)["))
      out:extend(said)
      out:insert(pandoc.RawBlock("typst", "]"))
    end
  end
  return out
end

-- The figures stage writes each sheet twice. A page holds its pictures: it takes the lighter one.
function Image(img)
  if FORMAT:match("html") and img.src:match("artifacts/figures/.*/sheet%.jpg$") then
    img.src = img.src:gsub("%.jpg$", ".webp")
    return img
  end
end

-- A page's table scrolls within itself. In print a figure is centred, and a column without an alignment of its own would
-- be centred with it.
function Table(tbl)
  if FORMAT:match("^html") then return pandoc.Div({ tbl }, { class = "table-scroll" }) end
  if not FORMAT:match("typst") then return nil end
  tbl.colspecs = tbl.colspecs:map(function(spec)
    return { spec[1] == "AlignDefault" and "AlignLeft" or spec[1], spec[2] }
  end)
  return tbl
end

-- The words of the templates: another language adds its own.
local words = {
  fr = {
    ["skip-to-content"] = "Aller au contenu", search = "Rechercher dans la page",
    ["picture-enlarged"] = "Image agrandie", close = "Fermer", rows = "lignes", ["supervised-by"] = "Encadrement :",
  },
  en = {
    ["skip-to-content"] = "Skip to the text", search = "Search the page",
    ["picture-enlarged"] = "Picture, enlarged", close = "Close", rows = "rows", ["supervised-by"] = "Supervised by",
  },
}

local function read(name)
  local path = quarto and quarto.utils.resolve_path(name)
    or pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), name })
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

local function raw(...)
  local parts = pandoc.List({ ... }):map(read)
  return pandoc.MetaInlines({ pandoc.RawInline("html", table.concat(parts, "\n")) })
end

-- What the templates take: words, and those of pages their style and script.
function Meta(meta)
  if FORMAT:match("^html") then
    meta.style = raw("fonts/fonts.css", "common.css", meta.deck and "slides.css" or "page.css")
    meta.reader = raw("reader.js")
  end
  local language = pandoc.utils.stringify(meta.lang or "fr"):match("^%a+")
  for name, word in pairs(words[language] or words.en) do
    meta[name] = meta[name] or word
  end
  return meta
end
