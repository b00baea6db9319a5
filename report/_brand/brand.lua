-- What report/_brand asks of Typst; in HTML it is CSS (common.css). And what Quarto's pages ask: the lighter picture.
local sizes = { small = "0.88em", lead = "1.08em" }

function Div(div)
  if not FORMAT:match("typst") then return nil end
  if div.classes:includes("notes") then return {} end -- the speaker's
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

-- A figure is centred, and a column without an alignment of its own would be centred with it.
function Table(tbl)
  if not FORMAT:match("typst") then return nil end
  tbl.colspecs = tbl.colspecs:map(function(spec)
    return { spec[1] == "AlignDefault" and "AlignLeft" or spec[1], spec[2] }
  end)
  return tbl
end
