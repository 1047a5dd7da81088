-- For wrk: asks for one after another of the paths in the file that PATHS names.
local requests = {}
local at = 0

function init(_)
  for path in io.lines(os.getenv("PATHS")) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
