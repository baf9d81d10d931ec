/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdicts on the torture messages of RFC 4475 and RFC 5118, one row each. The messages are
 * in tests/vectors/torture, as printed there; of RFC 5118 three have their Content-Length mended.
 */
#pragma once

enum torture_frame { /* what the framer makes of it on a stream */
		     WHOLE,
		     FIRST,  /* a message, and something behind it */
		     WAITS,  /* for more bytes */
		     CLOSES, /* the connection: not even its end can be told */
};

#define VALID (-1)   /* to the parser */
#define RELAYED (-1) /* the callee gets an INVITE */
#define SILENT 0     /* no answer */

struct torture {
	const char *name; /* of the file, and the RFC's */
	const char *section;
	enum torture_frame frame;
	int verdict; /* of the parser: VALID, or what it would answer */
	int answer;  /* of the relay: a status, RELAYED or SILENT */
	const char *why;
};

/* clang-format off */
static const struct torture tortures[] = {
	{"rfc4475/wsinv", "3.1.1.1", WHOLE, VALID, 481,
	 "folds, odd case, space wherever it may stand, and a branch of RFC 2543; its To "
	 "tag names a dialog that is not there"},
	{"rfc4475/intmeth", "3.1.1.2", CLOSES, SILENT, SILENT,
	 "the RFC says valid; NUL and DEL, even as quoted pairs, are not let in: a text "
	 "that ends early in one program and not in another is how filters are passed"},
	{"rfc4475/esc01", "3.1.1.3", WHOLE, VALID, RELAYED,
	 "escapes in users, parameter names and values"},
	{"rfc4475/escnull", "3.1.1.4", WHOLE, 400, 400,
	 "the RFC says valid; %00 in a user is not let in, for the same reason as NUL"},
	{"rfc4475/esc02", "3.1.1.5", WHOLE, VALID, 405,
	 "a percent sign is a character of a token; RE%47IST%45R is not REGISTER"},
	{"rfc4475/lwsdisp", "3.1.1.6", WHOLE, VALID, 200,
	 "no space between display name and <"},
	{"rfc4475/longreq", "3.1.1.7", WHOLE, VALID, RELAYED,
	 "long names and values, 34 Via values, the topmost without a branch"},
	{"rfc4475/dblreq", "3.1.1.8", FIRST, VALID, 405,
	 "bytes after Content-Length are the next message of a stream, and nothing in a "
	 "datagram"},
	{"rfc4475/semiuri", "3.1.1.9", WHOLE, VALID, 200,
	 "a semicolon in the user part"},
	{"rfc4475/transports", "3.1.1.10", WHOLE, VALID, 200,
	 "transports that nobody has built"},
	{"rfc4475/mpart01", "3.1.1.11", WHOLE, VALID, 405,
	 "a multipart body with NUL in it; MESSAGE is not relayed outside calls"},
	{"rfc4475/unreason", "3.1.1.12", WHOLE, VALID, SILENT,
	 "a reason phrase in UTF-8"},
	{"rfc4475/noreason", "3.1.1.13", WHOLE, VALID, SILENT,
	 "no reason phrase, but its space"},
	{"rfc4475/badinv01", "3.1.2.1", WHOLE, SILENT, SILENT,
	 "separators without values: no Via that an answer could follow"},
	{"rfc4475/clerr", "3.1.2.2", WAITS, 400, 400,
	 "Content-Length is larger than the datagram; a stream waits for the rest, no "
	 "longer than its deadline"},
	{"rfc4475/ncl", "3.1.2.3", CLOSES, 400, 400,
	 "a negative Content-Length: a stream cannot be read on"},
	{"rfc4475/scalar02", "3.1.2.4", WHOLE, 400, 400,
	 "CSeq and Max-Forwards beyond their ranges"},
	{"rfc4475/scalarlg", "3.1.2.5", WHOLE, SILENT, SILENT,
	 "CSeq of a response beyond its range: responses are not answered"},
	{"rfc4475/quotbal", "3.1.2.6", WHOLE, 400, 400,
	 "a display name whose quote never closes"},
	{"rfc4475/ltgtruri", "3.1.2.7", WHOLE, 400, 400,
	 "a Request-URI in angle brackets"},
	{"rfc4475/lwsruri", "3.1.2.8", WHOLE, 400, 400,
	 "space in the Request-URI"},
	{"rfc4475/lwsstart", "3.1.2.9", WHOLE, 400, 400,
	 "two spaces in the request line"},
	{"rfc4475/trws", "3.1.2.10", WHOLE, 400, 400,
	 "space behind the request line"},
	{"rfc4475/escruri", "3.1.2.11", WHOLE, 400, 400,
	 "a Request-URI that would have the relay add headers"},
	{"rfc4475/baddate", "3.1.2.12", WHOLE, VALID, RELAYED,
	 "a Date that is not GMT: nothing here depends on Date"},
	{"rfc4475/regbadct", "3.1.2.13", WHOLE, 400, 400,
	 "headers in a Contact without angle brackets"},
	{"rfc4475/badaspec", "3.1.2.14", WHOLE, 400, 400,
	 "space within angle brackets"},
	{"rfc4475/baddn", "3.1.2.15", WHOLE, 400, 400,
	 "characters in a display name that no token has"},
	{"rfc4475/badvers", "3.1.2.16", WHOLE, 505, 505,
	 "SIP/7.0"},
	{"rfc4475/mismatch01", "3.1.2.17", WHOLE, 400, 400,
	 "CSeq names another method"},
	{"rfc4475/mismatch02", "3.1.2.18", WHOLE, 400, 400,
	 "CSeq names another method, the request's is unknown"},
	{"rfc4475/bigcode", "3.1.2.19", WHOLE, SILENT, SILENT,
	 "a status of ten digits: responses are not answered"},
	{"rfc4475/badbranch", "3.2.1", WHOLE, 400, 400,
	 "a branch that is nothing but the cookie"},
	{"rfc4475/insuf", "3.3.1", WHOLE, SILENT, SILENT,
	 "neither From, To, Call-ID nor Max-Forwards: nothing to repeat in an answer"},
	{"rfc4475/unkscm", "3.3.2", WHOLE, VALID, 416,
	 "a scheme that nobody knows"},
	{"rfc4475/novelsc", "3.3.3", WHOLE, VALID, 416,
	 "a scheme that is known, but not to SIP"},
	{"rfc4475/unksm2", "3.3.4", WHOLE, VALID, 405,
	 "schemes in To, From and Contact are not looked at where nothing depends on "
	 "them"},
	{"rfc4475/bext01", "3.3.5", WHOLE, VALID, 420,
	 "Require and Proxy-Require of what nobody supports"},
	{"rfc4475/invut", "3.3.6", WHOLE, VALID, 415,
	 "a body of an unknown type"},
	{"rfc4475/regaut01", "3.3.7", WHOLE, VALID, 405,
	 "an authorization scheme that nobody knows"},
	{"rfc4475/multi01", "3.3.8", WAITS, 400, 400,
	 "two of what may stand once; Content-Length is as printed, two too large"},
	{"rfc4475/mcl01", "3.3.9", CLOSES, 400, 400,
	 "two Content-Length: a stream cannot be read on"},
	{"rfc4475/bcast", "3.3.10", WHOLE, VALID, SILENT,
	 "a response with more than our Via is not for us; 255.255.255.255 is not sent "
	 "to"},
	{"rfc4475/zeromf", "3.3.11", WHOLE, VALID, 483,
	 "Max-Forwards 0"},
	{"rfc4475/cparam01", "3.3.12", WHOLE, VALID, 405,
	 "an unknown parameter of Contact"},
	{"rfc4475/cparam02", "3.3.13", WHOLE, VALID, 405,
	 "an unknown parameter of the URI in Contact"},
	{"rfc4475/regescrt", "3.3.14", WHOLE, VALID, 405,
	 "an escaped Route in the URI of a Contact, in angle brackets"},
	{"rfc4475/sdp01", "3.3.15", WHOLE, VALID, 406,
	 "Accept without application/sdp"},
	{"rfc4475/inv2543", "3.4.1", CLOSES, 400, 400,
	 "no Contact, which RFC 3261 demands, and for a stream no Content-Length"},
	{"rfc5118/ipv6-good", "4.1", WHOLE, VALID, 405,
	 "an IPv6 reference"},
	{"rfc5118/ipv6-bad", "4.2", WHOLE, 400, 400,
	 "an IPv6 address without brackets"},
	{"rfc5118/port-ambiguous", "4.3", WHOLE, VALID, 405,
	 "the last group is no port: [2001:db8::10:5070]"},
	{"rfc5118/port-unambiguous", "4.4", WHOLE, VALID, 405,
	 "[2001:db8::10]:5070"},
	{"rfc5118/via-received-param-with-delim", "4.5", WHOLE, VALID, 481,
	 "received in brackets, which RFC 3261's grammar does not have"},
	{"rfc5118/via-received-param-no-delim", "4.5", WHOLE, VALID, 200,
	 "received without brackets"},
	{"rfc5118/ipv6-in-sdp", "4.6", WHOLE, VALID, RELAYED,
	 "IPv6 in o= and c="},
	{"rfc5118/mult-ip-in-header", "4.7", WHOLE, VALID, 481,
	 "IPv4 and IPv6 in Via"},
	{"rfc5118/mult-ip-in-sdp", "4.8", WHOLE, VALID, RELAYED,
	 "IPv4 for audio, IPv6 for video, each with its c="},
	{"rfc5118/ipv4-mapped-ipv6", "4.9", WHOLE, VALID, 488,
	 "IPv4-mapped addresses pass in SIP; as where media is to be sent they are "
	 "nothing that may be on a wire"},
	{"rfc5118/ipv6-bug-abnf-3-colons", "4.10", WHOLE, 400, 400,
	 "three colons, an error of RFC 3261's grammar; robust parsers may pass it, this "
	 "one need not"},
	{"rfc5118/ipv6-correct-abnf-2-colons", "4.10", WHOLE, VALID, 200,
	 "the same with two colons"},
};
/* clang-format on */

#define TORTURES (sizeof(tortures) / sizeof(tortures[0]))
