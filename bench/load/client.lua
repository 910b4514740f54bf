-- What wrk's callers do (https://github.com/wg/wrk/blob/master/SCRIPTING). Each is a thread with one connection: so an
-- answer is always the answer to the thread's last request, and its kind is known. wrk's own times are of all kinds.
local ffi = require("ffi")
ffi.cdef("struct moment { long seconds; long nanoseconds; }; int clock_gettime(int clock, struct moment *now);")
local MONOTONIC = 1
local moment = ffi.new("struct moment")
local threads = {}

local function microseconds()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.seconds) * 1e6 + tonumber(moment.nanoseconds) / 1e3
end

function setup(thread)
  thread:set("caller", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  plan = dofile(arguments[1])
  place, number, tally, odd = plan.first[caller + 1], 0, {}, {}
  name = string.format("%02d", caller)
end

function request()
  number = number + 1
  asked = plan.kinds[plan.deck[place % #plan.deck + 1] + 1]
  place = place + 1
  local text = asked.text:gsub("@caller", name):gsub("@number", string.format("%08d", number))
  began = microseconds()
  return text
end

function response(status, headers, body)
  local took = math.max(microseconds() - began, 1)
  local key = table.concat({ asked.name, status, math.floor(math.log(took) / math.log(plan.fineness)) }, "\t")
  tally[key] = (tally[key] or 0) + 1
  if status ~= asked.status and #odd == 0 then
    odd[1] = asked.name .. "\t" .. status .. "\t" .. body:sub(1, 500):gsub("%c", " ")
  end
end

function done(summary)
  for _, thread in ipairs(threads) do
    for key, count in pairs(thread:get("tally")) do
      print("tally\t" .. key .. "\t" .. count)
    end
    for _, one in ipairs(thread:get("odd")) do
      print("odd\t" .. one)
    end
  end
  for what, count in pairs(summary.errors) do
    print("errors\t" .. what .. "\t" .. count)
  end
end
