/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strict, zero-copy SIP message parser (RFC 3261 7 and 25). libc only, no allocation: everything
 * points into the caller's buffer, which must outlive the message.
 *
 * Bounds: message 64 KiB, header line 8 KiB, 128 headers, URI 1 KiB. Refused with a verdict: NUL
 * anywhere in the head, %00 in a user part, bare CR or LF, a duplicate of a header that may stand
 * once, Content-Length that is wrong, missing mandatory headers, CSeq method other than the
 * request's, numbers out of range.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sip/str.h"

#define SIP_MESSAGE_MAX	    65536U
#define SIP_HEADER_LINE_MAX 8192U
#define SIP_HEADERS_MAX	    128U
#define SIP_URI_MAX	    1024U
#define SIP_VIAS_MAX	    32U

/* X(SYMBOL, "TOKEN") */
#define SIP_METHOD_LIST(X)                                                                         \
	X(INVITE, "INVITE")                                                                        \
	X(ACK, "ACK")                                                                              \
	X(BYE, "BYE")                                                                              \
	X(CANCEL, "CANCEL")                                                                        \
	X(OPTIONS, "OPTIONS")                                                                      \
	X(REGISTER, "REGISTER")                                                                    \
	X(PRACK, "PRACK")                                                                          \
	X(UPDATE, "UPDATE")                                                                        \
	X(INFO, "INFO")                                                                            \
	X(MESSAGE, "MESSAGE")                                                                      \
	X(SUBSCRIBE, "SUBSCRIBE")                                                                  \
	X(NOTIFY, "NOTIFY")                                                                        \
	X(REFER, "REFER")                                                                          \
	X(PUBLISH, "PUBLISH")

enum sip_method {
	SIP_METHOD_OTHER,
#define SIP_METHOD_ENUM(symbol, token) SIP_METHOD_##symbol,
	SIP_METHOD_LIST(SIP_METHOD_ENUM)
#undef SIP_METHOD_ENUM
};

/* Headers that the relay reads; all others are SIP_HDR_OTHER. X(SYMBOL, "Name", 'compact', once) */
#define SIP_HEADER_LIST(X)                                                                         \
	X(VIA, "Via", 'v', false)                                                                  \
	X(FROM, "From", 'f', true)                                                                 \
	X(TO, "To", 't', true)                                                                     \
	X(CALL_ID, "Call-ID", 'i', true)                                                           \
	X(CSEQ, "CSeq", 0, true)                                                                   \
	X(MAX_FORWARDS, "Max-Forwards", 0, true)                                                   \
	X(CONTACT, "Contact", 'm', false)                                                          \
	X(CONTENT_LENGTH, "Content-Length", 'l', true)                                             \
	X(CONTENT_TYPE, "Content-Type", 'c', true)                                                 \
	X(CONTENT_ENCODING, "Content-Encoding", 'e', false)                                        \
	X(ROUTE, "Route", 0, false)                                                                \
	X(RECORD_ROUTE, "Record-Route", 0, false)                                                  \
	X(REQUIRE, "Require", 0, false)                                                            \
	X(PROXY_REQUIRE, "Proxy-Require", 0, false)                                                \
	X(SUPPORTED, "Supported", 'k', false)                                                      \
	X(ALLOW, "Allow", 0, false)                                                                \
	X(ACCEPT, "Accept", 0, false)                                                              \
	X(REASON, "Reason", 0, false)                                                              \
	X(RSEQ, "RSeq", 0, true)                                                                   \
	X(RACK, "RAck", 0, true)                                                                   \
	X(RETRY_AFTER, "Retry-After", 0, true)                                                     \
	X(EXPIRES, "Expires", 0, true)                                                             \
	X(WARNING, "Warning", 0, false)                                                            \
	X(USER_AGENT, "User-Agent", 0, true)                                                       \
	X(SERVER, "Server", 0, true)                                                               \
	X(AUTHORIZATION, "Authorization", 0, false)                                                \
	X(PROXY_AUTHORIZATION, "Proxy-Authorization", 0, false)                                    \
	X(WWW_AUTHENTICATE, "WWW-Authenticate", 0, false)                                          \
	X(PROXY_AUTHENTICATE, "Proxy-Authenticate", 0, false)                                      \
	X(SESSION_EXPIRES, "Session-Expires", 'x', true)                                           \
	X(MIN_SE, "Min-SE", 0, true)                                                               \
	X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", 0, false)                                    \
	X(PRIVACY, "Privacy", 0, true)                                                             \
	X(IDENTITY, "Identity", 'y', false)                                                        \
	X(REFER_TO, "Refer-To", 'r', true)                                                         \
	X(REPLACES, "Replaces", 0, true)                                                           \
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
	struct str host; /* IPv6 without brackets */
	uint16_t port;	 /* 0: not given */
	struct str params;  /* after the host, from the first ';', without it */
	struct str headers; /* after '?' */
};

struct sip_name_addr { /* From, To, Contact, Route… */
	struct str display;
	struct sip_uri uri;
	struct str params; /* header parameters, from the first ';', without it */
	struct str tag;
	bool star; /* Contact: * */
};

struct sip_via {
	struct str whole;
	struct str transport; /* "UDP", "TCP", "TLS" */
	struct str host;
	uint16_t port;
	struct str branch;
	struct str received;
	bool rport;	     /* the parameter is there */
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
	unsigned header_count;
	struct sip_header header[SIP_HEADERS_MAX];
	/* read once by the parser */
	struct sip_via via; /* the topmost */
	unsigned via_count; /* values, not lines */
	struct sip_name_addr from;
	struct sip_name_addr to;
	struct str call_id;
	uint32_t cseq;
	int max_forwards; /* -1: absent */
	bool has_contact;
	struct sip_name_addr contact; /* the first */
	struct str content_type;      /* absent: none */
	struct str body;
};

struct sip_parse_error {
	unsigned status; /* what to answer: 400, 413, 414, 416, 483, 505…; 0: do not answer */
	char reason[96]; /* the reason phrase: what was wrong and the rule; no copy of the input */
};

/*
 * Parses one whole message: head and body, as the framer cut it (a datagram, or Content-Length
 * bytes of a stream). Returns 0; or -EBADMSG with error filled: then message holds what could be
 * read (Via, From, To, Call-ID, CSeq if they were good), enough to answer when error.status is not 0.
 */
int sip_message_parse(struct sip_message *message, const char *data, size_t length,
		      struct sip_parse_error *error);

int sip_uri_parse(struct sip_uri *uri, struct str text);
int sip_name_addr_parse(struct sip_name_addr *addr, struct str text);
int sip_via_parse(struct sip_via *via, struct str text);

/* The next header of that id after previous (NULL: the first); NULL when there is none. */
const struct sip_header *sip_message_header(const struct sip_message *message,
					    enum sip_header_id id,
					    const struct sip_header *previous);
/* Splits a comma-separated value, quotes and angle brackets respected. False at the end. */
bool sip_list_next(struct str *rest, struct str *item);
/* The value of a parameter ("tag", "lr") in params; absent .ptr NULL; present without value: len 0. */
struct str sip_param(struct str params, const char *name);
/* Whether an option tag stands in any header of that id (Require, Supported). */
bool sip_message_has_option(const struct sip_message *message, enum sip_header_id id,
			    const char *option);

/* RFC 3261 19.1.4 comparison of scheme, user, host and port. */
bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b);

enum sip_method sip_method_of(struct str token);
const char *sip_method_name(enum sip_method method);
const char *sip_header_name(enum sip_header_id id);
/* The standard reason phrase: "Busy Here"; "Unknown" for codes that have none. */
const char *sip_reason_phrase(unsigned status);
