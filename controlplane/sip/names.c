/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of SIP: methods, headers, status codes (RFC 3261 20, 21, 27 and the IANA lists). */
#include "sip/names.h"
#include "sip/message.h"

/* With their lengths, which tell most of them apart. */
static const struct str method_name[] = {[SIP_METHOD_OTHER] = STR(""),
#define SIP_METHOD_NAME(symbol, token) [SIP_METHOD_##symbol] = STR(token),
					 SIP_METHOD_LIST(SIP_METHOD_NAME)};

static const struct {
	struct str name;
	char compact;
	bool once;
} header_table[SIP_HDR_COUNT] = {[SIP_HDR_OTHER] = {STR(""), 0, false},
#define SIP_HEADER_ROW(symbol, name, compact, once) \
	[SIP_HDR_##symbol] = {STR(name), (compact), (once)},
				 SIP_HEADER_LIST(SIP_HEADER_ROW)};

static const struct {
	unsigned status;
	const char *phrase;
} reason_table[] = {
    {100, "Trying"},
    {180, "Ringing"},
    {181, "Call Is Being Forwarded"},
    {182, "Queued"},
    {183, "Session Progress"},
    {199, "Early Dialog Terminated"},
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Notification"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Moved Temporarily"},
    {305, "Use Proxy"},
    {380, "Alternative Service"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {410, "Gone"},
    {412, "Conditional Request Failed"},
    {413, "Request Entity Too Large"},
    {414, "Request-URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Unsupported URI Scheme"},
    {420, "Bad Extension"},
    {421, "Extension Required"},
    {422, "Session Interval Too Small"},
    {423, "Interval Too Brief"},
    {428, "Use Identity Header"},
    {433, "Anonymity Disallowed"},
    {436, "Bad Identity Info"},
    {437, "Unsupported Credential"},
    {438, "Invalid Identity Header"},
    {480, "Temporarily Unavailable"},
    {481, "Call/Transaction Does Not Exist"},
    {482, "Loop Detected"},
    {483, "Too Many Hops"},
    {484, "Address Incomplete"},
    {485, "Ambiguous"},
    {486, "Busy Here"},
    {487, "Request Terminated"},
    {488, "Not Acceptable Here"},
    {489, "Bad Event"},
    {491, "Request Pending"},
    {493, "Undecipherable"},
    {494, "Security Agreement Required"},
    {500, "Server Internal Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Server Time-out"},
    {505, "Version Not Supported"},
    {513, "Message Too Large"},
    {580, "Precondition Failure"},
    {600, "Busy Everywhere"},
    {603, "Decline"},
    {604, "Does Not Exist Anywhere"},
    {606, "Not Acceptable"},
    {607, "Unwanted"},
    {608, "Rejected"},
};

enum sip_method sip_method_of(struct str token)
{
	for (unsigned i = 1; i < sizeof(method_name) / sizeof(method_name[0]); i++)
		if (str_eq(token, method_name[i]))
			return (enum sip_method)i;
	return SIP_METHOD_OTHER;
}

const char *sip_method_name(enum sip_method method)
{
	return method_name[method].ptr;
}

enum sip_header_id sip_header_id_of(struct str name)
{
	for (unsigned i = 1; i < SIP_HDR_COUNT; i++) {
		if (name.len == 1 && header_table[i].compact != 0) {
			if (str_caseeq(name, (struct str){&header_table[i].compact, 1}))
				return (enum sip_header_id)i;
		} else if (str_caseeq(name, header_table[i].name)) {
			return (enum sip_header_id)i;
		}
	}
	return SIP_HDR_OTHER;
}

const char *sip_header_name(enum sip_header_id id)
{
	return header_table[id].name.ptr;
}

bool sip_header_once(enum sip_header_id id)
{
	return header_table[id].once;
}

const char *sip_reason_phrase(unsigned status)
{
	for (unsigned i = 0; i < sizeof(reason_table) / sizeof(reason_table[0]); i++)
		if (reason_table[i].status == status)
			return reason_table[i].phrase;
	return "Unknown";
}
