/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strict, zero-copy SIP message parser (RFC 3261 7 and 25). libc only, no allocation: everything
 * points into the caller's buffer, which must outlive the message. Any thread; no state.
 *
 * Bounds: message 64 KiB, header line 8 KiB (its folds included), 128 header lines, URI 1 KiB, 70
 * Via values, 64 parameters a value. Refused with a verdict: NUL, bare CR or LF, other control
 * characters and bytes that are not UTF-8 in the head; %00 in a URI; a duplicate of a header that
 * may stand once; a Content-Length that is wrong; missing mandatory headers; CSeq method other than
 * the request's; numbers out of range; a Request-URI with headers.
 *
 * Stricter than RFC 3261 on purpose: control characters are refused after a backslash in a quoted
 * string too (they end up in logs and on terminals); a request whose topmost Via has no branch that
 * begins with z9hG4bK gets 400 (RFC 2543 peers choose no unique key, and the transaction table
 * would have to guess). More lenient: Max-Forwards may be absent (RFC 3261 16.3), a tel: URI may be
 * a local number without context, and a datagram may hold more than its Content-Length (18.3).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sip/str.h"

#define SIP_MESSAGE_MAX 65536U
#define SIP_HEADER_LINE_MAX 8192U
#define SIP_HEADERS_MAX 128U
#define SIP_URI_MAX 1024U
#define SIP_VIAS_MAX 70U   /* no request crosses more hops: RFC 3261's Max-Forwards */
#define SIP_PARAMS_MAX 64U /* of one URI or one header value */

/* X(SYMBOL, "TOKEN") */
#define SIP_METHOD_LIST(X)        \
	X(INVITE, "INVITE")       \
	X(ACK, "ACK")             \
	X(BYE, "BYE")             \
	X(CANCEL, "CANCEL")       \
	X(OPTIONS, "OPTIONS")     \
	X(REGISTER, "REGISTER")   \
	X(PRACK, "PRACK")         \
	X(UPDATE, "UPDATE")       \
	X(INFO, "INFO")           \
	X(MESSAGE, "MESSAGE")     \
	X(SUBSCRIBE, "SUBSCRIBE") \
	X(NOTIFY, "NOTIFY")       \
	X(REFER, "REFER")         \
	X(PUBLISH, "PUBLISH")

enum sip_method {
	SIP_METHOD_OTHER,
#define SIP_METHOD_ENUM(symbol, token) SIP_METHOD_##symbol,
	SIP_METHOD_LIST(SIP_METHOD_ENUM)
#undef SIP_METHOD_ENUM
};

/* Headers that the relay reads; all others are SIP_HDR_OTHER. X(SYMBOL, "Name", 'compact', once) */
#define SIP_HEADER_LIST(X)                                      \
	X(VIA, "Via", 'v', false)                               \
	X(FROM, "From", 'f', true)                              \
	X(TO, "To", 't', true)                                  \
	X(CALL_ID, "Call-ID", 'i', true)                        \
	X(CSEQ, "CSeq", 0, true)                                \
	X(MAX_FORWARDS, "Max-Forwards", 0, true)                \
	X(CONTACT, "Contact", 'm', false)                       \
	X(CONTENT_LENGTH, "Content-Length", 'l', true)          \
	X(CONTENT_TYPE, "Content-Type", 'c', true)              \
	X(CONTENT_ENCODING, "Content-Encoding", 'e', false)     \
	X(ROUTE, "Route", 0, false)                             \
	X(RECORD_ROUTE, "Record-Route", 0, false)               \
	X(REQUIRE, "Require", 0, false)                         \
	X(PROXY_REQUIRE, "Proxy-Require", 0, false)             \
	X(SUPPORTED, "Supported", 'k', false)                   \
	X(ALLOW, "Allow", 0, false)                             \
	X(ACCEPT, "Accept", 0, false)                           \
	X(REASON, "Reason", 0, false)                           \
	X(RSEQ, "RSeq", 0, true)                                \
	X(RACK, "RAck", 0, true)                                \
	X(RETRY_AFTER, "Retry-After", 0, true)                  \
	X(EXPIRES, "Expires", 0, true)                          \
	X(WARNING, "Warning", 0, false)                         \
	X(USER_AGENT, "User-Agent", 0, true)                    \
	X(SERVER, "Server", 0, true)                            \
	X(AUTHORIZATION, "Authorization", 0, false)             \
	X(PROXY_AUTHORIZATION, "Proxy-Authorization", 0, false) \
	X(WWW_AUTHENTICATE, "WWW-Authenticate", 0, false)       \
	X(PROXY_AUTHENTICATE, "Proxy-Authenticate", 0, false)   \
	X(SESSION_EXPIRES, "Session-Expires", 'x', true)        \
	X(MIN_SE, "Min-SE", 0, true)                            \
	X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", 0, false) \
	X(PRIORITY, "Priority", 0, true)                        \
	X(PRIVACY, "Privacy", 0, true)                          \
	X(IDENTITY, "Identity", 'y', false)                     \
	X(REFER_TO, "Refer-To", 'r', true)                      \
	X(REPLACES, "Replaces", 0, true)                        \
	X(DATE, "Date", 0, true)

enum sip_header_id {
	SIP_HDR_OTHER,
#define SIP_HEADER_ENUM(symbol, name, compact, once) SIP_HDR_##symbol,
	SIP_HEADER_LIST(SIP_HEADER_ENUM)
#undef SIP_HEADER_ENUM
	    SIP_HDR_COUNT
};

struct sip_header {
	enum sip_header_id id;
	struct str name;
	struct str value; /* without surrounding space; folded lines stay as they came */
};

enum sip_scheme { SIP_SCHEME_SIP, SIP_SCHEME_SIPS, SIP_SCHEME_TEL, SIP_SCHEME_OTHER };

struct sip_uri {
	struct str whole;
	enum sip_scheme scheme;
	struct str user; /* as written, escapes kept; absent if there is none; tel: the number */
	struct str password; /* after the user's ':'; absent if there is none; never log it */
	struct str host;     /* IPv6 without brackets; absent for tel and other schemes */
	uint16_t port;       /* 0: not given */
	struct str params;   /* after the host, from the first ';', without it */
	struct str headers;  /* after '?' */
};

struct sip_name_addr {      /* From, To, Contact, Route… */
	struct str display; /* as written: a quoted string keeps its quotes and escapes */
	struct sip_uri uri;
	struct str params; /* header parameters, from the first ';', without it */
	struct str tag;
	bool star; /* Contact: * */
};

struct sip_via {
	struct str whole;
	struct str protocol;  /* "SIP" */
	struct str version;   /* "2.0" */
	struct str transport; /* "UDP", "TCP", "TLS" */
	struct str host;
	uint16_t port;
	struct str params; /* after the sent-by, from the first ';', without it */
	struct str branch;
	struct str received;
	bool rport;           /* the parameter is there */
	uint16_t rport_value; /* 0: empty */
};

struct sip_message {
	bool request;
	enum sip_method method; /* of the request, or of the response's CSeq */
	struct str method_token;
	struct str request_uri_text;
	struct sip_uri request_uri;
	unsigned status; /* 100..699 of a response; 0 of a request */
	struct str reason;
	/* read once by the parser */
	struct sip_via via; /* the topmost */
	unsigned via_count; /* values, not lines */
	struct sip_name_addr from;
	struct sip_name_addr to;
	struct str call_id;
	uint32_t cseq;
	struct str cseq_method;
	int max_forwards; /* -1: absent */
	bool has_contact;
	struct sip_name_addr contact; /* the first */
	struct str content_type;      /* absent: none */
	struct str body;
	struct str raw; /* the whole message, as far as Content-Length says */
	unsigned header_count;
	/* last, so that a kept copy can end with the last header in use */
	struct sip_header header[SIP_HEADERS_MAX];
};

struct sip_parse_error {
	unsigned status; /* what to answer: 400, 413, 414, 505; 0: do not answer */
	char reason[96]; /* the reason phrase: what was wrong and the rule; no copy of the input */
};

/*
 * Parses one whole message: head and body, as the framer cut it (a datagram, or Content-Length
 * bytes of a stream). Returns 0; or -EBADMSG with error filled (error may be NULL): then message
 * holds what could be read, enough for sip_writer_response_to() when error.status is not 0.
 * Responses, ACKs and requests whose topmost Via cannot be read or that lack From, To, Call-ID or
 * CSeq have status 0: an answer could not reach anybody, or would make a loop. Request-URIs of
 * foreign schemes parse (SIP_SCHEME_OTHER): 416 is the caller's to say; so are 420, 483 and 501.
 */
int sip_message_parse(struct sip_message *message, const char *data, size_t length,
		      struct sip_parse_error *error);

/*
 * Told while a message is read, after each header line that is no fault: what has been read of the
 * message so far stands in it. No more than a hint of what will come: the verdict is not yet
 * spoken.
 */
struct sip_watch {
	void (*header)(struct sip_watch *watch, const struct sip_message *message);
};

/* sip_message_parse() with somebody who watches; NULL: nobody. */
int sip_message_parse_watched(struct sip_message *message, const char *data, size_t length,
			      struct sip_parse_error *error, struct sip_watch *watch);

/* Each takes the whole text; 0, -EMSGSIZE (a URI above SIP_URI_MAX) or -EINVAL. */
int sip_uri_parse(struct sip_uri *uri, struct str text);
/* With or without angle brackets; without them parameters belong to the header (RFC 3261 20). */
int sip_name_addr_parse(struct sip_name_addr *addr, struct str text);
int sip_via_parse(struct sip_via *via, struct str text);

#define SIP_BRANCH_COOKIE "z9hG4bK"
/* Whether the branch tells requests apart (RFC 3261 8.1.1.7). Of elements of RFC 2543 it does not,
 * and may be absent. */
bool sip_via_is_unique(const struct sip_via *via);

/* The next header of that id after previous (NULL: the first); NULL when there is none. */
const struct sip_header *sip_message_header(const struct sip_message *message,
					    enum sip_header_id id,
					    const struct sip_header *previous);
/*
 * Splits a comma-separated value, quotes and angle brackets respected; empty items are skipped and
 * space around an item is cut. False at the end. rest is used up.
 */
bool sip_list_next(struct str *rest, struct str *item);
/*
 * The value of a parameter ("tag", "lr") in params; absent .ptr NULL; present without value: len 0
 * and .ptr not NULL. As written: a quoted string keeps its quotes.
 */
struct str sip_param(struct str params, const char *name);
/* "text/plain" of a Content-Type "text/plain ; charset=UTF-8". */
struct str sip_media_type(struct str content_type);
/* Whether an option tag stands in any header of that id (Require, Supported). */
bool sip_message_has_option(const struct sip_message *message, enum sip_header_id id,
			    const char *option);

/* A decimal number of digits only, at most max. Returns 0 or -EINVAL. */
int sip_number_parse(uint32_t *number, struct str text, uint32_t max);

/*
 * RFC 3261 19.1.4 comparison of scheme, user, password, host and port; parameters and headers are
 * not looked at. A port that is not given differs from 5060, as the RFC says.
 */
bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b);

enum sip_method sip_method_of(struct str token);
const char *sip_method_name(enum sip_method method);
const char *sip_header_name(enum sip_header_id id);
/* The standard reason phrase: "Busy Here"; "Unknown" for codes that have none. */
const char *sip_reason_phrase(unsigned status);
