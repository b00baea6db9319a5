-- French spaces in the prose: no-break before : and », after «, before % and units; narrow before ; ! ?
-- Runs under Quarto and under the preview. Authors type plain spaces; addresses and code are left alone.
local NBSP, NARROW = "\u{00a0}", "\u{202f}"
local before = { [":"] = NBSP, ["»"] = NBSP, ["%"] = NBSP, ["–"] = nil, [";"] = NARROW, ["!"] = NARROW, ["?"] = NARROW }

local function is_space(inline)
  return inline and (inline.t == "Space" or inline.t == "SoftBreak")
end

local function first_sign(inline)
  if not inline or inline.t ~= "Str" then return nil end
  return inline.text:match("^" .. utf8.charpattern)
end

local function ends_with_guillemet(inline)
  return inline and inline.t == "Str" and inline.text:sub(-#"«") == "«"
end

local function spaced(inlines)
  local out = pandoc.Inlines({})
  for i, inline in ipairs(inlines) do
    local sign = first_sign(inlines[i + 1])
    if is_space(inline) and sign and before[sign] then
      out:insert(pandoc.Str(before[sign]))
    elseif is_space(inline) and ends_with_guillemet(inlines[i - 1]) then
      out:insert(pandoc.Str(NBSP))
    else
      out:insert(inline)
    end
  end
  return out
end

-- In French alone: a document says its language, and without a word of it is French.
function Pandoc(doc)
  local lang = doc.meta.lang and pandoc.utils.stringify(doc.meta.lang) or "fr"
  if lang:sub(1, 2):lower() ~= "fr" then return nil end
  return doc:walk({ Inlines = spaced })
end
