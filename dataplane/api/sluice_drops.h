/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every reason for which the data plane drops a packet: one list that makes the counters, the text
 * of `sluicectl drops` and the manual. A packet that the data plane receives is relayed, handed to
 * the kernel, or counted under exactly one of these.
 *
 * X(SYMBOL, "name", "what it means to an operator")
 * Append only: the position of a reason is part of the media API.
 */
#pragma once

#define SLUICE_DROP_LIST(X)                                                                        \
	X(NONE, "none", "not dropped")                                                             \
	X(NOT_IP_UDP, "not-ip-udp", "not UDP over IPv4 or IPv6, or a fragment")                    \
	X(NOT_OURS, "not-ours", "not to a media address of this interface, or in another VLAN")    \
	X(TRUNCATED, "truncated", "shorter than its own headers say")                              \
	X(UNKNOWN_PORT, "unknown-port", "no call uses this media port")                            \
	X(NOT_RTP, "not-rtp", "neither RTP nor RTCP version 2, or malformed")                      \
	X(DIRECTION, "direction", "the SDP says that this leg does not send now (hold, inactive)") \
	X(SOURCE, "source", "not the address that was agreed or latched for this leg")             \
	X(RATE, "rate", "more packets than the leg's codec may send")                              \
	X(NO_KEY, "no-key", "the leg must be SRTP but its key is not there yet")                   \
	X(SSRC_LIMIT, "ssrc-limit", "more synchronisation sources than a leg may use")             \
	X(REPLAY, "replay", "SRTP index already seen (RFC 3711 3.3.2)")                            \
	X(REPLAY_OLD, "replay-old", "SRTP index older than the replay window")                     \
	X(AUTH, "auth", "authentication tag wrong: forged, or another key")                        \
	X(SRTCP_CLEAR, "srtcp-clear", "RTCP in clear where SRTCP was agreed")                      \
	X(KEY_LIFETIME, "key-lifetime",                                                            \
	  "master key used for as many packets as it may be; or kept over a restart, and another " \
	  "source wants it of which is not known what it had sent")                                \
	X(TX_INDEX, "tx-index",                                                                    \
	  "would use an SRTP index of our own key twice: repeated or "                             \
	  "rewound sequence number")                                                               \
	X(NO_PEER, "no-peer", "the other leg has no remote address yet")                           \
	X(NO_RTCP, "no-rtcp", "the other leg takes no RTCP")                                       \
	X(NO_ROUTE, "no-route", "no kernel route to the remote address")                           \
	X(NO_NEIGHBOUR, "no-neighbour", "the next hop does not answer ARP or neighbour discovery") \
	X(MTU, "mtu", "longer than the port's MTU once encrypted")                                 \
	X(TX_FULL, "tx-full", "the port's transmit queue was full")                                \
	X(NO_BUFFER, "no-buffer", "no packet buffer left")                                         \
	X(HANDOFF_FULL, "handoff-full", "the ring to the owning worker was full")                  \
	X(OWN_PACKET, "own-packet", "a packet that the host itself sent (AF_PACKET sees them)")    \
	X(SEQUENCE, "sequence",                                                                    \
	  "a far jump of the sequence number that the next packet has not confirmed: a stray, or " \
	  "the first one of a source that started again")                                          \
	X(MKI, "mki", "SRTP with a master key identifier (MKI) that the SDP did not name")         \
	X(PAYLOAD_TYPE, "payload-type",                                                            \
	  "a payload type that was not agreed, and that means another codec to the other leg")     \
	X(AUTH_RATE, "auth-rate",                                                                  \
	  "not checked: more forged packets come from the address of the leg's peer than are "     \
	  "worth an HMAC each")                                                                    \
	X(KEEP_ALIVE, "keep-alive", "no media: empty, a line end or STUN, which keeps a NAT open") \
	X(KERNEL_FULL, "kernel-full",                                                              \
	  "for the kernel, which did not take it fast enough (kind pci)")

enum sluice_drop {
#define SLUICE_DROP_ENUM(symbol, name, text) SLUICE_DROP_##symbol,
	SLUICE_DROP_LIST(SLUICE_DROP_ENUM)
#undef SLUICE_DROP_ENUM
	    SLUICE_DROP_COUNT
};
