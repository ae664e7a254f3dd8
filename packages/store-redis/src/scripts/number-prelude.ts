/** Arithmetic with digits. Apart, because most numbers do without, and each function costs something where it begins. */
const digitFunctions = `
-- Takes off what only repeats the sign.
local function trimmed(digits)
  local count = #digits
  while count > 0 do
    local top, below = digits[count], digits[count - 1] or 0
    if not (top == 0 and below < 128 or top == 255 and below > 127) then break end
    digits[count] = nil
    count = count - 1
  end
  return digits
end
local function is_negative(digits)
  return #digits > 0 and digits[#digits] > 127
end
-- The value of trimmed digits, or nil if it is not exact.
local function value_of(digits)
  if #digits > 7 then return nil end
  local value = is_negative(digits) and -1 or 0
  for place = #digits, 1, -1 do value = value * 256 + digits[place] end
  return value > -exact and value < exact and value or nil
end
-- The digits of a whole value.
local function digits_of(value)
  local digits, rest = {}, value
  while rest ~= 0 and rest ~= -1 do
    local digit = rest % 256
    digits[#digits + 1] = digit
    rest = (rest - digit) / 256
  end
  digits[#digits + 1] = rest == 0 and 0 or 255
  return digits
end
local function added(one, other, carry)
  local one_sign, other_sign = is_negative(one) and 255 or 0, is_negative(other) and 255 or 0
  local sum = {}
  for place = 1, math.max(#one, #other) + 1 do
    local digit = (one[place] or one_sign) + (other[place] or other_sign) + carry
    carry = digit > 255 and 1 or 0
    sum[place] = digit % 256
  end
  return trimmed(sum)
end
local function inverted(digits)
  local inverse = { is_negative(digits) and 0 or 255 }
  for place, digit in ipairs(digits) do inverse[place] = 255 - digit end
  return inverse
end
-- The nearest float, of equally near ones the even one; infinite if there is none.
local function float_of(digits)
  local sign = 1
  if is_negative(digits) then
    digits = added(inverted(digits), { 1 }, 0)
    sign = -1
  end
  local top = #digits
  while digits[top] == 0 do top = top - 1 end
  -- Rounded once, where the halves are added. What is below them counts as one more bit.
  local high, low = 0, 0
  for place = top, math.max(top - 3, 1), -1 do high = high * 256 + digits[place] end
  for place = top - 4, top - 7, -1 do low = low * 256 + (digits[place] or 0) end
  for place = 1, top - 8 do
    if digits[place] ~= 0 and low % 2 == 0 then low = low + 1 end
  end
  return sign * (high * 4294967296 + low) * 2 ^ (8 * (top - 8))
end
local function is_less(one, one_digits, other, other_digits)
  -- One is an int from 2^53 on: a smaller number does not matter beside it.
  if not one_digits then
    if one < exact and one > -exact or one - one ~= 0 then
      return one == -1 / 0 or one ~= 1 / 0 and not is_negative(other_digits)
    end
    one_digits = digits_of(one)
  elseif not other_digits then
    if other < exact and other > -exact or other - other ~= 0 then
      return other == 1 / 0 or other ~= -1 / 0 and is_negative(one_digits)
    end
    other_digits = digits_of(other)
  end
  return is_negative(added(one_digits, inverted(other_digits), 1))
end
`;

/**
 * Adds to numbers in scripts, byte for byte as `addToNumber` of the store contract does.
 *
 * Lua's numbers are floats of 64 bits, which hold an int below 2^53 in magnitude exactly. Larger ones are calculated with
 * digits: their bytes in two's complement, the least significant first. So a number here is a value, a form (`f` float,
 * `i` int, `w` int in the form `LONG4`) and, if it is such an int, digits in place of the value.
 */
export const numberFunctions = `
local exact = 9007199254740992
local math_of_digits
local function digit_math()
  if math_of_digits then return math_of_digits end
  ${digitFunctions}
  math_of_digits = {
    trimmed = trimmed, value_of = value_of, digits_of = digits_of,
    added = added, is_less = is_less, float_of = float_of,
  }
  return math_of_digits
end
-- The number whose pickle begins at a place; nil if it is none.
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
  if op == 75 then return length == 1 and string.byte(text, at + 1) or nil, 'i' end
  if op == 77 then return length == 2 and struct.unpack('<I2', text, at + 1) or nil, 'i' end
  if op == 74 then return length == 4 and struct.unpack('<i4', text, at + 1) or nil, 'i' end
  if op == 71 then
    local value = length == 8 and struct.unpack('>d', text, at + 1) or nil
    return value == value and value or nil, 'f'
  end
  local form, first
  if op == 138 and string.byte(text, at + 1) == length - 1 then
    form, first = 'i', at + 2
  elseif op == 139 and length >= 4 and struct.unpack('<i4', text, at + 1) == length - 4 then
    form, first = 'w', at + 5
  end
  if not form or #text - first > 255 then return nil end
  local digits = digit_math().trimmed({ string.byte(text, first, #text - 1) })
  local value = digit_math().value_of(digits)
  return value or 0, form, not value and digits or nil
end
local function framed(body)
  return '\\128\\4\\149' .. struct.pack('<I4I4', #body, 0) .. body
end
-- The pickle of a number as CPython writes it at protocol 4.
local function pickle_of(value, form, digits)
  if form == 'f' then return framed('G' .. struct.pack('>d', value) .. '.') end
  if form == 'i' and not digits then
    if value >= 0 and value < 256 then return '\\128\\4K' .. string.char(value) .. '.' end
    if value >= 0 and value < 65536 then return framed('M' .. struct.pack('<I2', value) .. '.') end
    if value >= -2147483648 and value < 2147483648 then
      return framed('J' .. struct.pack('<i4', value) .. '.')
    end
  end
  digits = digits or digit_math().trimmed(digit_math().digits_of(value))
  local head = form == 'w' and '\\139' .. struct.pack('<I4', #digits) or '\\138' .. string.char(#digits)
  return framed(head .. string.char(unpack(digits)) .. '.')
end
local function is_less(one, one_digits, other, other_digits)
  if not one_digits and not other_digits then return one < other end
  return digit_math().is_less(one, one_digits, other, other_digits)
end
-- The pickle of a sum, or nil and the first letter of why there is none.
function add(present, at, by, initial, least, most)
  local more, more_form, more_digits = number_in(by, 1)
  local value, form, digits = 0, more_form == 'w' and 'w' or 'i', nil
  if present then
    value, form, digits = number_in(present, at)
  elseif initial ~= '' then
    value, form, digits = number_in(initial, 1)
  end
  if not value or not more then return nil, 'n' end
  local sum = value + more
  local sum_digits
  if form == 'f' or more_form == 'f' then
    form = 'f'
    if digits or more_digits then
      value = digits and digit_math().float_of(digits) or value
      more = more_digits and digit_math().float_of(more_digits) or more
      sum = value + more
      -- An int that no float can hold.
      if digits and value - value ~= 0 or more_digits and more - more ~= 0 then return nil, 'o' end
    end
    if sum ~= sum then return nil, 'o' end
  elseif digits or more_digits or sum >= exact or sum <= -exact then
    local by_digits = digit_math()
    sum_digits = by_digits.added(digits or by_digits.digits_of(value), more_digits or by_digits.digits_of(more), 0)
    if #sum_digits > 255 then return nil, 'o' end
    sum = by_digits.value_of(sum_digits)
    if sum then sum_digits = nil end
  end
  if least ~= '' then
    local limit, _, limit_digits = number_in(least, 1)
    if is_less(sum, sum_digits, limit, limit_digits) then return nil, 'o' end
  end
  if most ~= '' then
    local limit, _, limit_digits = number_in(most, 1)
    if is_less(limit, limit_digits, sum, sum_digits) then return nil, 'o' end
  end
  return pickle_of(sum, form, sum_digits)
end
`;
