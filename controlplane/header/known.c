/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "header/known.h"

#define ALL (1U << HEADER_PASS | 1U << HEADER_ADD | 1U << HEADER_REMOVE | 1U << HEADER_REPLACE)
#define DIALOG "belongs to the dialog or transaction, which is each leg's own"
#define BODY "describes the body"
#define ABILITY "says what the relay itself does with this request"
#define CREDENTIAL "is between two hops that share a secret"
#define EVENT "belongs to a subscription, which the relay answers itself"
#define SIGNED "is signed, or covered by a signature: it may only be removed"

#define NEVER(header, short_name, reason)                            \
	{                                                            \
		.name = header, .compact = short_name, .why = reason \
	}
#define FREE(header, short_name, what)                                           \
	{                                                                        \
		.name = header, .compact = short_name, .may = ALL, .tells = what \
	}

static const struct header_known headers[] = {
    NEVER("Via", 'v', DIALOG),
    NEVER("From", 'f', DIALOG),
    NEVER("To", 't', DIALOG),
    NEVER("Call-ID", 'i', DIALOG),
    NEVER("CSeq", 0, DIALOG),
    NEVER("Contact", 'm', DIALOG),
    NEVER("Route", 0, DIALOG),
    NEVER("Record-Route", 0, DIALOG),
    NEVER("Path", 0, DIALOG),
    NEVER("Service-Route", 0, DIALOG),
    NEVER("Max-Forwards", 0, DIALOG),
    NEVER("Max-Breadth", 0, DIALOG),
    NEVER("RSeq", 0, DIALOG),
    NEVER("RAck", 0, DIALOG),
    NEVER("Replaces", 0, DIALOG),
    NEVER("Join", 0, DIALOG),
    NEVER("Target-Dialog", 0, DIALOG),
    NEVER("Refer-To", 'r', DIALOG),
    NEVER("Refer-Sub", 0, DIALOG),
    NEVER("Session-Expires", 'x', DIALOG),
    NEVER("Min-SE", 0, DIALOG),
    NEVER("Expires", 0, DIALOG),
    NEVER("Min-Expires", 0, DIALOG),
    NEVER("Retry-After", 0, DIALOG),
    NEVER("Content-Length", 'l', BODY),
    NEVER("Content-Type", 'c', BODY),
    NEVER("Content-Encoding", 'e', BODY),
    NEVER("Content-Disposition", 0, BODY),
    NEVER("Content-ID", 0, BODY),
    NEVER("MIME-Version", 0, BODY),
    NEVER("Require", 0, ABILITY),
    NEVER("Proxy-Require", 0, ABILITY),
    NEVER("Supported", 'k', ABILITY),
    NEVER("Unsupported", 0, ABILITY),
    NEVER("Allow", 0, ABILITY),
    NEVER("Accept", 0, ABILITY),
    NEVER("Accept-Encoding", 0, ABILITY),
    NEVER("Authorization", 0, CREDENTIAL),
    NEVER("Proxy-Authorization", 0, CREDENTIAL),
    NEVER("WWW-Authenticate", 0, CREDENTIAL),
    NEVER("Proxy-Authenticate", 0, CREDENTIAL),
    NEVER("Authentication-Info", 0, CREDENTIAL),
    NEVER("Security-Client", 0, CREDENTIAL),
    NEVER("Security-Server", 0, CREDENTIAL),
    NEVER("Security-Verify", 0, CREDENTIAL),
    NEVER("Event", 'o', EVENT),
    NEVER("Allow-Events", 'u', EVENT),
    NEVER("Subscription-State", 0, EVENT),

    {.name = "Identity",
     .compact = 'y',
     .may = 1U << HEADER_REMOVE,
     .why = SIGNED,
     .relayed = true},
    {.name = "Date", .may = 1U << HEADER_REMOVE, .why = SIGNED, .relayed = true},
    {.name = "P-Asserted-Identity", .may = ALL, .tells = HEADER_TELLS_IDENTITY, .relayed = true},
    {.name = "Privacy", .may = ALL, .relayed = true, .shields = true},
    {.name = "Reason", .may = ALL, .tells = HEADER_TELLS_TOPOLOGY, .relayed = true},

    FREE("P-Preferred-Identity", 0, HEADER_TELLS_IDENTITY),
    FREE("Remote-Party-ID", 0, HEADER_TELLS_IDENTITY),
    FREE("Diversion", 0, HEADER_TELLS_IDENTITY),
    FREE("History-Info", 0, HEADER_TELLS_IDENTITY),
    FREE("Referred-By", 'b', HEADER_TELLS_IDENTITY),
    FREE("Reply-To", 0, HEADER_TELLS_IDENTITY),
    FREE("Call-Info", 0, HEADER_TELLS_IDENTITY),
    FREE("Geolocation", 0, HEADER_TELLS_IDENTITY),
    FREE("P-Called-Party-ID", 0, HEADER_TELLS_IDENTITY),
    FREE("P-Served-User", 0, HEADER_TELLS_IDENTITY),
    FREE("P-Associated-URI", 0, HEADER_TELLS_IDENTITY),
    FREE("P-Charge-Info", 0, HEADER_TELLS_IDENTITY),
    FREE("P-Profile-Key", 0, HEADER_TELLS_IDENTITY),
    FREE("P-User-Database", 0, HEADER_TELLS_IDENTITY),
    FREE("Identity-Info", 'n', HEADER_TELLS_IDENTITY),
    FREE("P-Access-Network-Info", 0, HEADER_TELLS_IDENTITY),

    FREE("User-Agent", 0, HEADER_TELLS_TOPOLOGY),
    FREE("Server", 0, HEADER_TELLS_TOPOLOGY),
    FREE("Organization", 0, HEADER_TELLS_TOPOLOGY),
    FREE("Warning", 0, HEADER_TELLS_TOPOLOGY),
    FREE("Alert-Info", 0, HEADER_TELLS_TOPOLOGY),
    FREE("Error-Info", 0, HEADER_TELLS_TOPOLOGY),
    FREE("In-Reply-To", 0, HEADER_TELLS_TOPOLOGY),
    FREE("Session-ID", 0, HEADER_TELLS_TOPOLOGY),
    FREE("P-Visited-Network-ID", 0, HEADER_TELLS_TOPOLOGY),
    FREE("P-Charging-Vector", 0, HEADER_TELLS_TOPOLOGY),
    FREE("P-Charging-Function-Addresses", 0, HEADER_TELLS_TOPOLOGY),

    FREE("Subject", 's', HEADER_TELLS_NOTHING),
    FREE("Accept-Contact", 'a', HEADER_TELLS_NOTHING),
    FREE("Reject-Contact", 'j', HEADER_TELLS_NOTHING),
    FREE("Request-Disposition", 'd', HEADER_TELLS_NOTHING),
};

bool header_is(const struct header_known *known, struct str name)
{
	if (name.len == 1)
		return known->compact && (name.ptr[0] | 0x20) == known->compact;
	return str_caseeq(name, str_of(known->name));
}

const struct header_known *header_known(struct str name)
{
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (header_is(&headers[i], name))
			return &headers[i];
	return NULL;
}
