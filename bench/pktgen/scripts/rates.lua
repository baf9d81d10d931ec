-- SPDX-License-Identifier: GPL-2.0-or-later
-- Sends the same number of packets at rising rates, and prints what came back. For RTP in clear on
-- the sending side and a pcap made with --sequence-step, which may be sent again and again
-- (docs/pktgen.md). Settings: SENDER and RECEIVER port, percent of the link, seconds each.
package.path = package.path .. ";?.lua;../?.lua"
require "Pktgen"

local SENDER, RECEIVER = "0", os.getenv("RECEIVER") or "0"
local RATES = { 1, 2, 5, 10, 20, 40, 60, 80, 100 }
local SECONDS = 10
local SETTLE_MS = 2000

local function packets(port, field)
	return pktgen.portStats(port, "port")[tonumber(port)][field]
end

local function run(rate)
	pktgen.set(SENDER, "rate", rate)
	pktgen.clr()
	pktgen.delay(SETTLE_MS)
	local sent, received = packets(SENDER, "opackets"), packets(RECEIVER, "ipackets")
	pktgen.start(SENDER)
	pktgen.delay(SECONDS * 1000)
	pktgen.stop(SENDER)
	pktgen.delay(SETTLE_MS)
	sent = packets(SENDER, "opackets") - sent
	received = packets(RECEIVER, "ipackets") - received
	local lost = sent - received
	print(string.format("%6.1f %% %12d sent %12d back %9d lost  %.5f %%  %.3f Mpps", rate, sent, received, lost,
		sent > 0 and 100 * lost / sent or 0, sent / SECONDS / 1e6))
	return lost * 1000 <= sent
end

pktgen.screen("off")
pktgen.stop("all")
pktgen.set(SENDER, "count", 0)
pktgen.pcap(SENDER, "on")
for _, rate in ipairs(RATES) do
	if not run(rate) then
		print("more than 0.1 % lost: no higher rate is tried")
		break
	end
end
