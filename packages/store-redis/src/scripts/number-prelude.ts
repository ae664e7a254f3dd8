/**
 * Reads and writes numbers in scripts, as `addToNumber` of the store contract does, where Lua is exact: ints below 2^53
 * in magnitude, whose numbers are floats of 64 bits there, and floats.
 *
 * `number_in` answers a value and whether it is a float, or nil for all else: numbers that are not exact here, the form
 * `LONG4`, and what is no number. Then the node decides. `pickle_of` writes what CPython writes at protocol 4.
 */
export const numberFunctions = `
local exact = 9007199254740992
local function number_in(text, at)
  local protocol = string.byte(text, at + 1)
  if string.byte(text, at) ~= 128 or not protocol or protocol < 2 or protocol > 5 then return nil end
  at = at + 2
  if string.byte(text, at) == 149 then
    if #text < at + 8 then return nil end
    local length, high = struct.unpack('<I4I4', text, at + 1)
    if high ~= 0 or length ~= #text - at - 8 then return nil end
    at = at + 9
  end
  local op, length = string.byte(text, at), #text - at - 1
  if length < 1 or string.byte(text, #text) ~= 46 then return nil end
  if op == 75 and length == 1 then return string.byte(text, at + 1), false end
  if op == 77 and length == 2 then return (struct.unpack('<I2', text, at + 1)), false end
  if op == 74 and length == 4 then return (struct.unpack('<i4', text, at + 1)), false end
  if op == 71 and length == 8 then
    local value = struct.unpack('>d', text, at + 1)
    if value == value then return value, true end
    return nil
  end
  if op ~= 138 or length > 8 or string.byte(text, at + 1) ~= length - 1 then return nil end
  local value = 0
  -- From the most significant byte on, which has the sign.
  for place = at + length, at + 2, -1 do
    local byte = string.byte(text, place)
    if place == at + length and byte > 127 then byte = byte - 256 end
    value = value * 256 + byte
  end
  if value <= -exact or value >= exact then return nil end
  return value, false
end
local function framed(body)
  return '\\128\\4\\149' .. struct.pack('<I4I4', #body, 0) .. body
end
local function pickle_of(value, is_float)
  if is_float then return framed('G' .. struct.pack('>d', value) .. '.') end
  if value >= 0 and value < 256 then return '\\128\\4K' .. string.char(value) .. '.' end
  if value >= 0 and value < 65536 then return framed('M' .. struct.pack('<I2', value) .. '.') end
  if value >= -2147483648 and value < 2147483648 then
    return framed('J' .. struct.pack('<i4', value) .. '.')
  end
  local bytes = {}
  local rest, low, high = value, -128, 128
  repeat
    local byte = rest % 256
    bytes[#bytes + 1] = string.char(byte)
    rest = (rest - byte) / 256
    local fits = value >= low and value < high
    low, high = low * 256, high * 256
  until fits
  return framed('\\138' .. string.char(#bytes) .. table.concat(bytes) .. '.')
end
`;
