-- The script of wrk's clients (https://github.com/wg/wrk/blob/master/SCRIPTING). Each client is a thread with one
-- connection, so a response always belongs to the last request of its thread. wrk itself does not separate request types.
local ffi = require("ffi")
ffi.cdef("struct timespec { long seconds; long nanoseconds; }; int clock_gettime(int clock, struct timespec *now);")
local MONOTONIC = 1
local timespec = ffi.new("struct timespec")
local threads = {}

local function microseconds()
  ffi.C.clock_gettime(MONOTONIC, timespec)
  return tonumber(timespec.seconds) * 1e6 + tonumber(timespec.nanoseconds) / 1e3
end

function setup(thread)
  thread:set("client", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  plan = dofile(arguments[1])
  position, number, counts, unexpected = plan.first[client + 1], 0, {}, {}
  name = string.format("%02d", client)
end

function request()
  number = number + 1
  current = plan.types[plan.order[position % #plan.order + 1] + 1]
  position = position + 1
  local text = current.text:gsub("@client", name):gsub("@number", string.format("%08d", number))
  start = microseconds()
  return text
end

function response(status, headers, body)
  local elapsed = math.max(microseconds() - start, 1)
  local bucket = math.floor(math.log(elapsed) / math.log(plan.bucket_factor))
  local key = table.concat({ current.name, status, bucket }, "\t")
  counts[key] = (counts[key] or 0) + 1
  if status ~= current.status and #unexpected == 0 then
    unexpected[1] = current.name .. "\t" .. status .. "\t" .. body:sub(1, 500):gsub("%c", " ")
  end
end

function done(summary)
  for _, thread in ipairs(threads) do
    for key, count in pairs(thread:get("counts")) do
      print("count\t" .. key .. "\t" .. count)
    end
    for _, line in ipairs(thread:get("unexpected")) do
      print("unexpected\t" .. line)
    end
  end
  for kind, count in pairs(summary.errors) do
    print("error\t" .. kind .. "\t" .. count)
  end
end
