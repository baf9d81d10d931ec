/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a request was refused or a call ended: one list that makes the status, the Reason header
 * (RFC 3326), the Retry-After, the counter and the words in logs and in `sluicectl stats`.
 */
#pragma once

#include <stddef.h>

/*
 * X(SYMBOL, "name", status, "Reason", retry_after_s, "text")
 * status: of the response to a request, or to the caller's INVITE while it has none; Reason: of BYE
 * and CANCEL that we send, NULL: none (the other side hung up); text: goes into Warning, so it
 * never holds any input.
 *
 * 503 means "this relay cannot", so that a caller takes another one. What only one dial plan or one
 * callee cannot is said with another status (RFC 3261 21.5.4, 16.7 step 6).
 */
#define CAUSE_LIST(X)                                                                              \
	X(NONE, "none", 200, NULL, 0, "no cause")                                                  \
	/* requests */                                                                             \
	X(MALFORMED, "malformed", 400, NULL, 0, "malformed message")                               \
	X(AUTH_REQUIRED, "auth-required", 401, NULL, 0, "credentials are needed")                  \
	X(AUTH_STALE, "auth-stale", 401, NULL, 0, "nonce is too old")                              \
	X(AUTH_REPLAYED, "auth-replayed", 401, NULL, 0, "nonce count was used before")             \
	X(AUTH_FAILED, "auth-failed", 401, NULL, 0, "user or password is wrong")                   \
	X(AUTH_IDENTITY, "auth-identity", 403, NULL, 0,                                            \
	  "the user of these credentials may not be who From or To says")                          \
	X(AUTH_URI, "auth-uri", 400, NULL, 0, "digest-uri is not the Request-URI")                 \
	X(AUTH_MALFORMED, "auth-malformed", 400, NULL, 0,                                          \
	  "credentials must be Digest with qop=auth and an algorithm that was offered")            \
	X(NO_DIALOG, "no-dialog", 481, NULL, 0, "no such dialog for this peer and these tags")     \
	X(OUT_OF_ORDER, "out-of-order", 500, NULL, 0, "CSeq is lower than one already seen")       \
	X(GLARE, "glare", 491, NULL, 0, "a re-INVITE of the other side is under way")              \
	X(OVERLAP, "overlap", 500, NULL, 3, "an INVITE of this dialog is still under way")         \
	X(STRAY_PRACK, "stray-prack", 481, NULL, 0,                                                \
	  "no provisional response waits for this PRACK")                                          \
	X(NO_UPDATE, "no-update", 488, NULL, 0, "the other side cannot change before its answer")  \
	X(NEEDS_100REL, "needs-100rel", 421, NULL, 0, "dial plan requires 100rel")                 \
	X(INTERVAL, "interval", 422, NULL, 0, "session interval is too small")                     \
	X(CONTACTS, "contacts", 403, NULL, 0, "one contact a REGISTER")                            \
	X(BINDINGS, "bindings", 403, NULL, 0, "address of record has as many contacts as it may")  \
	X(PEER_REGISTRATIONS, "peer-registrations", 403, NULL, 0,                                  \
	  "peer has as many registrations as it may")                                              \
	X(REGISTRATIONS, "registrations", 503, NULL, 60,                                           \
	  "relay has as many registrations as it may")                                             \
	X(REGISTERING, "registering", 500, NULL, 3, "a REGISTER of this contact is under way")     \
	X(NOT_REGISTERED, "not-registered", 480, NULL, 0, "phone is not registered any more")      \
	X(FLOW_LOST, "flow-lost", 480, NULL, 0,                                                    \
	  "connection by which the phone registered is gone")                                      \
	X(METHOD, "method", 405, NULL, 0, "method is not relayed")                                 \
	X(HOPS, "too-many-hops", 483, NULL, 0, "Max-Forwards is used up")                          \
	X(LOOP, "loop", 482, NULL, 0, "request was here before")                                   \
	X(EXTENSION, "extension", 420, NULL, 0, "a required extension is not supported")           \
	X(PRIVACY, "privacy", 500, NULL, 0, "critical privacy of a kind that is not known here")   \
	X(ACCEPT, "accept", 406, NULL, 0, "Accept does not name application/sdp")                  \
	X(SCHEME, "scheme", 416, NULL, 0, "Request-URI must be sip, sips or tel")                  \
	X(SIPS, "sips", 480, NULL, 0, "sips URI, but the next hop is not TLS")                     \
	X(BODY_TYPE, "body-type", 415, NULL, 0, "body must be application/sdp")                    \
	X(BODY_ENCODING, "body-encoding", 415, NULL, 0, "body must not be encoded")                \
	X(INFO_TYPE, "info-type", 415, NULL, 0, "INFO is relayed for DTMF only")                   \
	X(MESSAGE_TYPE, "message-type", 415, NULL, 0, "MESSAGE is relayed for plain text only")    \
	X(EVENT, "event", 489, NULL, 0, "NOTIFY is not relayed for this event")                    \
	X(REPLACES_ENDED, "replaces-ended", 603, NULL, 0, "the dialog to be replaced has ended")   \
	X(REPLACES_ANSWERED, "replaces-answered", 486, NULL, 0,                                    \
	  "the dialog to be replaced is answered, and early-only was asked for")                   \
	X(REPLACES_OFFER, "replaces-offer", 488, NULL, 0,                                          \
	  "an INVITE that replaces an early dialog needs an offer")                                \
	X(REFER_REFUSED, "refer-refused", 403, NULL, 0, "dial plan does not allow REFER")          \
	X(SDP, "sdp", 400, NULL, 0, "malformed SDP")                                               \
	X(NOT_ACCEPTABLE, "not-acceptable", 488, NULL, 0, "offer is not acceptable")               \
	X(CODEC, "codec", 488, NULL, 0, "Incompatible media format")                               \
	X(SIGNALLING, "signalling", 403, NULL, 0, "dial plan requires TLS signalling")             \
	X(NOT_ENCRYPTED, "not-encrypted", 488, "SIP;cause=488;text=\"signalling not encrypted\"",  \
	  0, "SRTP keys need encrypted signalling")                                                \
	X(DOWNGRADE, "downgrade", 488, NULL, 0,                                                    \
	  "the other side is less secure, and the dial plan forbids that")                         \
	X(NO_ROUTE, "no-route", 404, NULL, 0, "no route for this number")                          \
	X(ROUTE_REFUSED, "route-refused", 403, NULL, 0, "calls to this number are not allowed")    \
	X(TARGETS_FULL, "targets-full", 480, NULL, 10, "no line is free")                          \
	X(BAD_NUMBER, "bad-number", 484, NULL, 0, "number is not complete or not valid")           \
	X(CALL_LIMIT, "call-limit", 503, NULL, 10, "relay has as many calls as it may")            \
	X(CALL_RATE, "call-rate", 503, NULL, 1, "relay gets more calls a second than it may")      \
	X(INTERFACE_LIMIT, "interface-limit", 503, NULL, 10,                                       \
	  "media interface has as many calls as it may")                                           \
	X(INTERFACE_RATE, "interface-rate", 503, NULL, 1,                                          \
	  "media interface gets more calls a second than it may")                                  \
	X(PLAN_LIMIT, "plan-limit", 486, NULL, 10, "dial plan has as many calls as it may")        \
	X(PLAN_RATE, "plan-rate", 480, NULL, 1, "dial plan has more calls a second than it may")   \
	X(PEER_LIMIT, "peer-limit", 486, NULL, 10, "you have as many calls as you may")            \
	X(PEER_RATE, "peer-rate", 480, NULL, 1, "you make more calls a second than you may")       \
	X(CALLEE_LIMIT, "callee-limit", 486, NULL, 10, "next hop has as many calls as it may")     \
	X(CALLEE_RATE, "callee-rate", 480, NULL, 1,                                                \
	  "next hop gets more calls a second than it may")                                         \
	X(NUMBER_LIMIT, "number-limit", 403, NULL, 0, "too many calls to such numbers")            \
	X(NUMBER_RATE, "number-rate", 403, NULL, 0, "too many calls a minute to such numbers")     \
	X(CALLER_LIMIT, "caller-limit", 403, NULL, 0, "too many calls of this caller")             \
	X(CALLER_RATE, "caller-rate", 403, NULL, 0, "too many calls a minute of this caller")      \
	X(OVERLOAD, "overload", 503, NULL, 10, "too many transactions")                            \
	X(DRAINING, "draining", 503, "Q.850;cause=41;text=\"relay is stopping\"", 60,              \
	  "relay is stopping")                                                                     \
	X(NO_MEDIA, "no-media", 503, NULL, 5, "data plane is not there")                           \
	X(MEDIA_FULL, "media-full", 503, NULL, 10, "no media port left")                           \
	X(MEDIA_REFUSED, "media-refused", 500, "Q.850;cause=41;text=\"media not available\"", 0,   \
	  "media could not be set up")                                                             \
	X(UNREACHABLE, "unreachable", 503, "Q.850;cause=27;text=\"peer not reachable\"", 0,        \
	  "next hop cannot be reached")                                                            \
	X(NO_ANSWER, "no-answer", 408, "Q.850;cause=19;text=\"no answer\"", 0,                     \
	  "next hop does not answer")                                                              \
	X(DECLINED, "declined", 480, NULL, 0, "the called side declined")                          \
	X(BAD_ANSWER, "bad-answer", 488, "SIP;cause=488;text=\"answer not acceptable\"", 0,        \
	  "answer is not acceptable")                                                              \
	X(MEMORY, "memory", 500, "Q.850;cause=41;text=\"out of memory\"", 5, "out of memory")      \
	/* ends of calls */                                                                        \
	X(CANCELLED, "cancelled", 487, NULL, 0, "caller gave up")                                  \
	X(CALLER_GONE, "caller-gone", 487, NULL, 0, "connection of the side that asked was lost")  \
	X(CALLER_BYE, "caller-hung-up", 487, NULL, 0, "caller hung up")                            \
	X(CALLEE_BYE, "callee-hung-up", 487, NULL, 0, "callee hung up")                            \
	X(MEDIA_TIMEOUT, "media-timeout", 480, "Q.850;cause=102;text=\"media timeout\"", 0,        \
	  "no media for too long")                                                                 \
	X(SILENCE, "silence", 480, "Q.850;cause=102;text=\"media timeout\"", 0,                    \
	  "neither RTP nor RTCP for too long")                                                     \
	X(MEDIA_LOST, "media-lost", 503, "Q.850;cause=41;text=\"media lost\"", 0,                  \
	  "data plane could not take the call back")                                               \
	X(NO_ACK, "no-ack", 408, "Q.850;cause=102;text=\"no ACK\"", 0, "200 was not acknowledged") \
	X(NO_PRACK, "no-prack", 504, "Q.850;cause=102;text=\"no PRACK\"", 0,                       \
	  "provisional response was not acknowledged")                                             \
	X(SESSION_EXPIRED, "session-expired", 408, "Q.850;cause=102;text=\"session expired\"", 0,  \
	  "nobody refreshed the session")                                                          \
	X(DIALOG_GONE, "dialog-gone", 481, "Q.850;cause=41;text=\"other side lost the call\"", 0,  \
	  "the other side does not know the dialog any more")                                      \
	X(REPLACED, "replaced", 480, "SIP;cause=200;text=\"Call completed elsewhere\"", 0,         \
	  "another dialog took its place")                                                         \
	X(TRANSFERRED, "transferred", 480, NULL, 0, "the call was transferred")                    \
	X(TOO_LONG, "too-long", 480, "Q.850;cause=31;text=\"call too long\"", 0,                   \
	  "the call lasted as long as it may")                                                     \
	X(OPERATOR, "operator", 480, "Q.850;cause=16;text=\"ended by operator\"", 0,               \
	  "ended by the operator")

enum cause {
#define CAUSE_ENUM(symbol, name, status, reason, retry, text) CAUSE_##symbol,
	CAUSE_LIST(CAUSE_ENUM)
#undef CAUSE_ENUM
	    CAUSE_COUNT
};

/* A cause with what is particular to this time. */
struct verdict {
	enum cause cause;
	unsigned status;  /* 0: the cause's */
	char reason[64];  /* the peer's Reason for the other side (reason.h); empty: the cause's */
	char text[96];    /* empty: the cause's; for Warning: never input of the peer */
	char detail[256]; /* for log and record only: which rule, which value; empty: none */
};

struct cause_facts {
	const char *name;
	unsigned status;
	const char *reason;
	unsigned retry_after_s;
	const char *text;
};

const struct cause_facts *cause_facts(enum cause cause);
unsigned verdict_status(const struct verdict *verdict);
const char *verdict_text(const struct verdict *verdict);

/*
 * The status that the caller gets for a final status of the called side. What speaks of the request
 * that we wrote, not of the caller's, becomes 502: credentials asked of us, extensions that we did
 * not use. 3xx that is not followed (redirect.h): 480. 503 becomes 500, as it would
 * say that this relay is down (RFC 3261 16.7 step 6).
 */
unsigned cause_map_status(unsigned status);
